"""What another Region shows is told, whatever it is, and nothing is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget
from assay.errors import UsageError
from assay.history import Accepted, Refused, Unknown
from assay.naming import Naming
from assay.observations import Observations
from assay.plan import policy
from assay.reach import second_region
from assay.regions import look_across
from selftests.in_memory import Account, driver_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.history import Outcome


class _Elsewhere(Account):
    """Another Region, which shows what the first one has, or nothing."""

    def __init__(self, first: Account, *, shows: bool) -> None:
        super().__init__()
        if shows:
            self.ours = first.ours


def _told(observations: Observations) -> dict[str, Any]:
    return {each["id"]: each["value"] for each in observations.as_json() if each["id"].startswith("region.")}


@pytest.mark.parametrize(
    ("shows", "got", "listed"),
    [(True, "seen", "seen"), (False, "not seen (ResourceNotFoundException 400)", "not seen")],
)
def test_a_connection_is_looked_for_elsewhere_and_deleted_at_home(got: str, listed: str, *, shows: bool) -> None:
    home = Account()
    elsewhere = _Elsewhere(home, shows=shows)
    observations = Observations(home.contract)
    calls = look_across(driver_for(home, Naming()), elsewhere, Budget(), observations)
    assert _told(observations) == {"region.get": got, "region.list": listed}
    assert not home.ours
    assert {call.operation for call in elsewhere.made} == {"GetConnection", "ListConnections"}
    assert len(calls) == len(home.made) + len(elsewhere.made) == 4


@pytest.mark.parametrize(
    ("answer", "got"),
    [(Unknown("timeout"), "no clear answer"), (Refused("AccessDeniedException", 400), "AccessDeniedException 400")],
)
def test_what_is_no_answer_is_not_told_as_not_seen(answer: Outcome, got: str) -> None:
    home = Account()
    elsewhere = _Elsewhere(home, shows=False)

    def answered(operation: str, members: Mapping[str, Any]) -> Outcome | None:
        return answer

    elsewhere.before = answered
    observations = Observations(home.contract)
    look_across(driver_for(home, Naming()), elsewhere, Budget(), observations)
    assert _told(observations) == {"region.get": got, "region.list": got}
    assert not home.ours


def test_a_list_elsewhere_that_never_ends_is_left() -> None:
    home = Account()
    elsewhere = _Elsewhere(home, shows=False)
    elsewhere.before = lambda operation, members: Accepted({"Connections": [], "NextToken": "again"})
    observations = Observations(home.contract)
    look_across(driver_for(home, Naming()), elsewhere, Budget(), observations)
    assert len(elsewhere.sent("ListConnections")) == 20
    assert _told(observations)["region.list"] is None


def test_without_a_budget_nothing_is_told_and_nothing_is_left() -> None:
    home = Account()
    observations = Observations(home.contract)
    look_across(driver_for(home, Naming()), _Elsewhere(home, shows=True), Budget(max_calls=3), observations)
    assert not home.ours
    assert _told(observations)["region.list"] is None


def test_the_words_name_a_region_and_perhaps_its_endpoint() -> None:
    name, endpoint = second_region("eu-west-2=http://127.0.0.1:1")
    assert endpoint is not None
    assert (name, endpoint.url) == ("eu-west-2", "http://127.0.0.1:1")
    assert second_region("eu-west-2") == ("eu-west-2", None)
    with pytest.raises(UsageError):
        second_region("=http://127.0.0.1:1")


def test_the_policy_lets_another_region_be_read_and_nothing_else() -> None:
    contract = Account().contract
    how = {"region": "eu-west-1", "partition": "aws", "accounts": ("123456789012",)}
    plain = policy(contract, **how)["Statement"]  # type: ignore[arg-type]
    *same, lists, reads = policy(contract, **how, also_seen_through="us-east-1")["Statement"]  # type: ignore[arg-type]
    assert same == plain
    assert all(each["Condition"] == {"StringEquals": {"aws:RequestedRegion": "us-east-1"}} for each in (lists, reads))
    assert {action.partition(":")[2] for each in (lists, reads) for action in each["Action"]} == {
        "ListConnections",
        "GetConnection",
    }
    assert all(":eu-west-1:123456789012:" in arn for arn in reads["Resource"])
