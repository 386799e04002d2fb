"""The ledger: whatever is alive at any moment stands in it, and nothing that could not be read back."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.budget import Budget, BudgetSpentError
from assay.errors import UsageError
from assay.history import Accepted, Unknown
from assay.in_force import put_in_force
from assay.ledger import FOLDER, Heading, Ledger, Owed, Watched, broken_off, fingerprint, ledgers_in
from assay.program import Arn, Create, Delete, Fill, Name, Parallel, Program
from assay.recipe import Recipe
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import LOST, Account, driver_for
from strategies import programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

put_in_force(contract_of(NEWEST))
HEADING = Heading(
    run="k3f9q1",
    prefix="ask3f9q1",
    started="2026-11-22T18:00:00+00:00",
    endpoint_url="http://127.0.0.1:4566",
    service=NEWEST[0],
    edition=NEWEST[1],
    region="us-east-1",
)


class Killed(BaseException):
    """What SIGKILL is to a process, as far as a test can have it: nothing of ours runs after it."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / FOLDER, HEADING)
    yield opened
    opened.end()


def watched(account: Account, ledger: Ledger) -> Watched:
    return Watched(account, ledger, account.contract)


def test_a_name_is_written_down_before_its_create_is_sent(ledger: Ledger) -> None:
    account = Account()
    seen: list[Owed] = []

    def look(operation: str, members: Mapping[str, Any]) -> None:
        seen.append(Owed.read(ledger.place))

    account.before = look
    watched(account, ledger).call("CreateConnection", {"ConnectionName": "é\ud800\n"})
    assert seen[0].open == {"é\ud800\n": 1}
    assert not seen[0].made


def test_the_arn_is_written_down_and_then_the_deletion(ledger: Ledger) -> None:
    account = Account()
    caller = watched(account, ledger)
    caller.call("CreateConnection", {"ConnectionName": "mine"})
    arn = next(iter(account.ours))
    assert Owed.read(ledger.place).made == {arn: "mine"}
    assert not Owed.read(ledger.place).open
    caller.call("DeleteConnection", {"ConnectionArn": arn})
    assert Owed.read(ledger.place).is_empty


def test_a_create_of_unknown_fate_stays_open_and_a_refused_one_does_not(ledger: Ledger) -> None:
    account = Account()
    caller = watched(account, ledger)
    caller.call("CreateConnection", {"ConnectionName": "twice"})
    caller.call("CreateConnection", {"ConnectionName": "twice"})
    account.after = lambda operation, members, outcome: LOST
    caller.call("CreateConnection", {"ConnectionName": "lost"})
    account.after = lambda operation, members, outcome: Accepted({})
    caller.call("CreateConnection", {"ConnectionName": "untold"})
    assert Owed.read(ledger.place).open == {"lost": 1, "untold": 1}


def test_an_attempt_without_an_answer_stays_open_whatever_the_next_one_says(ledger: Ledger) -> None:
    account = Account()
    once = account.call

    def twice(operation: str, members: Mapping[str, Any], **how: Any) -> tuple[Any, ...]:
        account.after = lambda operation, members, outcome: Unknown("server-error", "503", throttled=True)
        first = once(operation, members, **how)
        account.after = lambda operation, members, outcome: Accepted({"ConnectionArn": "arn:2"})
        return first + once(operation, members, **how)

    account.call = twice  # type: ignore[method-assign]
    watched(account, ledger).call("CreateConnection", {"ConnectionName": "mine"})
    owed = Owed.read(ledger.place)
    assert (owed.made, owed.open) == ({"arn:2": "mine"}, {"mine": 1})


def test_a_create_without_a_name_is_written_down_as_well(ledger: Ledger) -> None:
    account = Account()
    caller = watched(account, ledger)
    caller.call("CreateConnection", {})
    caller.call("CreateConnection", {"ConnectionName": 42})
    assert set(Owed.read(ledger.place).made.values()) == {None}


def test_a_raw_request_for_a_create_is_written_down_by_what_it_says(ledger: Ledger) -> None:
    account = Account()
    seen: list[Mapping[str | None, int]] = []

    def send(recipe: Recipe, members: Mapping[str, Any], **how: Any) -> tuple[Any, ...]:
        seen.append(Owed.read(ledger.place).open)
        return account.call("CreateConnection", members)

    account.send = send  # type: ignore[method-assign]
    caller = watched(account, ledger)
    caller.send(Recipe(base="create"), {"ConnectionName": "plain"})
    caller.send(Recipe(base="create", members={"ConnectionName": "own"}), {"ConnectionName": "plain"})
    caller.send(Recipe(base="create", without=("ConnectionName",)), {"ConnectionName": "plain"})
    caller.send(Recipe(base="list"), {})
    assert seen == [{"plain": 1}, {"own": 1}, {None: 1}, {}]


PARALLEL = Program(
    (
        Create(0, Name(0)),
        Parallel(((Create(1, Name(1)),), (Create(2, Name(2)),), (Delete(Arn(of=0)),))),
        Parallel(((Create(3, Name(3)), Delete(Arn(of=3))), (Create(4, Name(4)), Fill(10, 3)))),
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=programs("names") | programs("arns") | st.just(PARALLEL), moment=st.integers(0, 30), late=st.booleans())
def test_whatever_is_alive_when_a_run_is_killed_is_owed(
    *, program: Program, moment: int, late: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At any call, before it had its effect or after; from then on nothing more is done."""
    account = Account()
    ledger = Ledger(tmp_path_factory.mktemp("run") / FOLDER, HEADING)

    def kill() -> None:
        if len(account.made) >= moment:
            raise Killed

    def before(operation: str, members: Mapping[str, Any]) -> None:
        if not late:
            kill()

    def after(operation: str, members: Mapping[str, Any], outcome: Any) -> Any:
        if late:
            kill()
        return outcome

    account.before, account.after = before, after
    driver = driver_for(account)
    driver.target = watched(account, ledger)
    with suppress(Killed, BudgetSpentError):
        driver.run(program, Budget(now=account.clock, max_calls=200))
    owed = Owed.read(ledger.place)
    for arn, name in account.ours.items():
        told = name if isinstance(name, str) else None
        assert owed.made.get(arn, ...) == told or told in owed.open
    ledger.end(is_clean=True)


def test_a_ledger_that_is_cut_off_anywhere_is_read_as_far_as_it_goes(ledger: Ledger, tmp_path: Path) -> None:
    account = Account()
    caller = watched(account, ledger)
    for number in range(3):
        caller.call("CreateConnection", {"ConnectionName": f"ask3f9q1000{number}"})
    caller.call("DeleteConnection", {"ConnectionArn": next(iter(account.ours))})
    whole = ledger.place.read_bytes()
    names = {f"ask3f9q1000{number}" for number in range(3)}
    cut = tmp_path / "cut.jsonl"
    for length in range(whole.index(b"\n") + 1, len(whole)):
        cut.write_bytes(whole[:length])
        owed = Owed.read(cut)
        assert owed.heading == HEADING
        assert owed.is_cut_off == (whole[length - 1 : length] != b"\n")
        assert not owed.unreadable
        assert {*owed.made.values(), *owed.open} <= names
    cut.write_bytes(whole[: whole.index(b"\n")])
    assert Owed.read(cut).heading is None


def test_lines_that_say_nothing_are_counted_and_hide_no_others(ledger: Ledger, tmp_path: Path) -> None:
    watched(Account(), ledger).call("CreateConnection", {"ConnectionName": "mine"})
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_bytes(b"\xff\x00{\n[1]\n" + ledger.place.read_bytes() + b'{"made": 3, "name": null}\n\n')
    owed = Owed.read(spoilt)
    assert owed.unreadable == 4
    assert set(owed.made.values()) == {"mine"}


def test_a_long_run_has_a_short_ledger(ledger: Ledger) -> None:
    account = Account()
    caller = watched(account, ledger)
    longest = 0
    for number in range(2_000):
        caller.call("CreateConnection", {"ConnectionName": f"ask3f9q1{number}"})
        caller.call("DeleteConnection", {"ConnectionArn": next(iter(account.ours))})
        longest = max(longest, ledger.place.stat().st_size)
    assert longest < 70_000
    caller.call("CreateConnection", {"ConnectionName": "last"})
    owed = Owed.read(ledger.place)
    assert owed.heading == HEADING
    assert set(owed.made.values()) == {"last"}


def test_what_is_found_out_later_belongs_to_the_heading(ledger: Ledger) -> None:
    ledger.know(spelling="short", account="123456789012")
    heading = Owed.read(ledger.place).heading
    assert heading is not None
    assert (heading.spelling, heading.account, heading.run) == ("short", "123456789012", HEADING.run)


def test_a_run_that_leaves_nothing_leaves_no_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / FOLDER, HEADING)
    watched(Account(), ledger).call("CreateConnection", {"ConnectionName": "mine"})
    ledger.end()
    assert ledgers_in(tmp_path) == [ledger.place], "what was created is there still"
    ledger = Ledger(tmp_path / "other" / FOLDER, HEADING)
    ledger.end()
    assert ledgers_in(tmp_path / "other") == []


def test_the_ledger_of_a_living_run_is_told_from_that_of_a_broken_off_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / FOLDER, HEADING)
    ledger.creating(["mine"])
    assert broken_off(tmp_path) == []
    ledger.end()
    assert broken_off(tmp_path) == [ledger.place]


def test_what_cannot_be_written_down_is_not_created(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(UsageError, match="the ledger of this run cannot be written"):
        Ledger(tmp_path / FOLDER, HEADING)
    account = Account()
    ledger = Ledger(tmp_path / "other", HEADING)
    caller = watched(account, ledger)
    caller.call("CreateConnection", {"ConnectionName": "mine"})
    arn = next(iter(account.ours))
    os.close(ledger._file)
    caller.call("DeleteConnection", {"ConnectionArn": arn})
    with pytest.raises(UsageError, match="Bad file descriptor"):
        caller.call("CreateConnection", {"ConnectionName": "yours"})
    assert account.ours == {}


def test_the_ledger_names_no_access_key() -> None:
    key = "AKIAPLANTEDPLANTED00"
    assert fingerprint("k3f9q1", key) == fingerprint("k3f9q1", key)
    assert fingerprint("k3f9q1", key) != fingerprint("k3f9q2", key)
    assert len(fingerprint("k3f9q1", key)) == 8
