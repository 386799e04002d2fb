"""A run's pace, its meter, and credentials that are renewed: on a clock that nobody waits for."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from assay.budget import Budget, BudgetSpentError, Meter
from assay.errors import TargetError
from assay.pace import Pace
from assay.target import Endpoint
from assay.target.credentials import renewable
from assay.target.light import LightLeg
from selftests.histories import NEWEST, contract_of


class Frozen(NamedTuple):
    """What botocore hands out."""

    access_key: str
    secret_key: str
    token: str


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _pace(rate: float) -> tuple[Pace, Clock]:
    clock = Clock()
    return Pace(rate, clock=clock.read, sleep=clock.sleep), clock


def test_calls_keep_to_the_rate() -> None:
    pace, clock = _pace(2.0)
    moments = []
    for _ in range(5):
        pace.wait()
        moments.append(clock.now - 100.0)
    assert moments == [0.0, 0.5, 1.0, 1.5, 2.0]
    clock.now += 60.0  # a rest is not saved up: one token is all that the bucket holds
    pace.wait()
    pace.wait()
    assert clock.now == pytest.approx(162.5)


def test_being_turned_away_halves_the_rate_and_being_served_wins_it_back() -> None:
    pace, _ = _pace(2.0)
    pace.heard(is_throttled=True)
    assert pace.now_at == 1.0
    for _ in range(5):
        pace.heard(is_throttled=False)
    assert pace.now_at == pytest.approx(2.0)
    assert pace.trouble is None


def test_below_the_floor_it_is_no_use() -> None:
    pace, _ = _pace(2.0)
    for _ in range(4):
        pace.heard(is_throttled=True)
    assert (pace.now_at, pace.trouble) == (0.125, None)
    pace.heard(is_throttled=True)
    assert pace.now_at == 0.125
    assert pace.trouble is not None
    assert pace.trouble.exit_code == 4


def test_pauses_are_those_of_the_sdks_standard_mode() -> None:
    pace, _ = _pace(2.0)
    assert [pace.pause(attempt) for attempt in range(7)] == [1, 2, 4, 8, 16, 20, 20]
    assert _pace(200.0)[0].pause(0) == pytest.approx(0.01)


def test_a_meter_lets_nothing_pass_beyond_the_plan() -> None:
    meter = Meter(4, {"CreateConnection": 1})
    meter.count("CreateConnection")
    with pytest.raises(BudgetSpentError):
        meter.count("CreateConnection")
    for _ in range(3):
        meter.count("anything")
    with pytest.raises(BudgetSpentError):
        meter.count("anything")
    assert meter.made.total() == 4


def test_a_meter_holds_calls_of_an_operation_back_until_the_end() -> None:
    """Else a run that has listed as often as it may could not look at what it left."""
    meter = Meter(9, {"ListConnections": 3}, kept={"ListConnections": 2})
    meter.count("ListConnections")
    with pytest.raises(BudgetSpentError):
        meter.count("ListConnections")
    meter.begin_the_end()
    meter.count("ListConnections")
    meter.count("ListConnections")
    with pytest.raises(BudgetSpentError):
        meter.count("ListConnections")


def test_calls_for_the_end_are_held_back() -> None:
    whole = Budget(max_calls=10, kept=4)
    part = Budget(within=whole)
    for _ in range(6):
        part.take(0)
    with pytest.raises(BudgetSpentError):
        part.take(0)
    assert whole.calls_left == 4


class _Found:
    """Credentials of botocore that are renewed when somebody says so."""

    method = "assume-role"

    def __init__(self) -> None:
        self.now = Frozen("FIRST", "secret-1", "token-1")
        self.error: Exception | None = None

    def refresh_needed(self) -> bool:
        return False

    def get_frozen_credentials(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.now


def test_renewed_credentials_sign_from_there_on_and_the_old_ones_show_nowhere() -> None:
    from botocore.exceptions import SSOTokenLoadError

    found = _Found()
    credentials = renewable(found)
    assert credentials.current() is credentials.current()
    leg = LightLeg(Endpoint.parse("http://127.0.0.1:9"), contract_of(NEWEST), credentials, "us-east-1")
    assert b"FIRST" in leg.signed("ListConnections", b"{}")[0]
    found.now = Frozen("SECOND", "secret-2", "token-2")
    sent = leg.signed("ListConnections", b"{}")[0]
    assert b"SECOND" in sent
    assert b"token-2" in sent
    assert b"token-1" not in sent
    found.error = SSOTokenLoadError(error_msg="it is over: secret-2")
    with pytest.raises(TargetError) as caught:
        leg.signed("ListConnections", b"{}")
    assert "secret-2" not in str(caught.value)
    assert "sweep" in (caught.value.hint or "")
