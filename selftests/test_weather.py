"""Weather accuses nobody, and what comes again every time is no weather.

The endpoint is the reference, called in this process, with weather between it and us.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget, BudgetSpentError
from assay.cleaning import look_for_leftovers, settle, tidy
from assay.errors import TargetError
from assay.history import Outcome, Unknown
from assay.in_force import put_in_force
from assay.program import Arn, Create, Delete, Get, List, Name, Program, Send, Walk
from assay.recipe import Recipe
from assay.weather import READABLE, SERVER_ERRORS, without_other_requests
from assay.weaving import Part
from selftests.drawing import drawn
from selftests.histories import NEWEST, contract_of, made
from selftests.in_memory import LOST, Account, Reference, finding_of, search_for
from selftests.recipes import sent, told
from selftests.searches import BUSY, examined
from strategies import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from assay.history import Response


@pytest.fixture(autouse=True)
def _newest_edition() -> None:
    put_in_force(contract_of(NEWEST))


def failing(operation: str, *, when: Callable[[Mapping[str, Any]], bool], outcome: Outcome = LOST) -> Any:
    """A hook that loses an operation's calls of certain inputs."""
    return lambda name, members: outcome if name == operation and when(members) else None


@pytest.mark.parametrize("lost", [LOST, Unknown("server-error", "HTTP 500"), Unknown("connection", "reset")])
@pytest.mark.parametrize("dice", range(3))
def test_weather_accuses_nobody(lost: Outcome, dice: int) -> None:
    """One answer in ten is lost, before or after its effect: no law is found broken, and nothing is left behind."""
    reference = Reference()
    rng = random.Random(dice)
    reference.before = lambda operation, members: lost if rng.random() < 0.05 else None
    reference.after = lambda operation, members, outcome: lost if rng.random() < 0.05 else outcome
    search = search_for(reference)
    examined(search, *drawn(programs("anything"), 25, seed=20261122))
    assert not search.book.findings
    search.explain()
    reference.before = lambda operation, members: None
    reference.after = lambda operation, members, outcome: outcome
    driver = search.driver
    settle(driver, [], Budget())
    tidy(driver, [], Budget(), thorough=True)
    look_for_leftovers(driver, [], Budget())
    nameless = [name for name in reference.everything.values() if driver.naming.prefix in name]
    assert nameless == []


def test_an_input_that_breaks_the_server_every_time_is_found() -> None:
    """Three times of three, while plain Lists are served: the smallest history is the input alone."""
    reference = Reference()
    reference.before = failing("GetConnection", when=lambda members: not members.get("ConnectionArn", "x").isascii())
    bad = Arn(literal="💥")
    search = examined(
        search_for(reference), BUSY, Program((Create(0), Get(Arn(0)), Get(bad), Create(1, Name(1)), Walk()))
    )
    finding = finding_of(search, SERVER_ERRORS)
    search.explain()
    assert str(finding.program) == f"get {bad}"
    assert len(finding.calls) == 1


def test_an_input_that_breaks_the_server_alone_is_found_too() -> None:
    """A program of nothing else is no dead endpoint."""
    reference = Reference()
    reference.before = failing("GetConnection", when=lambda members: "ConnectionArn" in members)
    search = search_for(reference)
    for _ in range(5):
        examined(search, Program((Get(Arn(None, "fresh")),)))
    assert finding_of(search, SERVER_ERRORS)


def test_what_a_shorter_program_loses_is_looked_for_in_no_other_part_of_the_woven_one() -> None:
    """Its calls are not those of the whole, so nobody can say by their number which part they are of."""
    reference = Reference()
    reference.before = failing("GetConnection", when=lambda members: not members.get("ConnectionArn", "x").isascii())
    bad, other = Program((Get(Arn(literal="💥")),)), Program((Create(0), Walk()))
    parts = (Part(other, frozenset({0, 1})), Part(bad, frozenset({2})))
    search = search_for(reference)
    search.examine(Program((*other.steps, *bad.steps)), Budget(), parts)
    finding = finding_of(search, SERVER_ERRORS)
    assert finding.program == bad
    assert finding.likely == ()


def test_a_raw_request_that_was_lost_is_asked_again_without_the_others() -> None:
    """Each of seventy may cost seconds: what was lost first is tried alone, with what it needs."""
    verbs = ("GET", "PUT", "PATCH")
    sends = [Send(number, Name(number), recipe=Recipe("list", method=verb)) for number, verb in enumerate(verbs, 200)]
    program = Program((Create(0), sends[0], Walk(), *sends[1:], Delete(Arn(0)), List()))
    asked = [sent("list", method=verb) for verb in verbs]
    history = told(made("1"), asked[0], asked[1].lost("timeout"), asked[2].lost("timeout"))
    (alone,) = without_other_requests(program, history)
    assert alone.steps == (Create(0), sends[1], Delete(Arn(0)))
    assert list(without_other_requests(alone, told(made("1"), asked[1].lost("timeout")))) == []
    assert list(without_other_requests(program, told(made("1"), *asked))) == []
    passed_over = told(made("1"), asked[1].lost("timeout"))
    assert list(without_other_requests(program, passed_over)) == []


def test_a_run_whose_time_is_over_says_nothing_of_the_endpoint() -> None:
    """Silence in the last moment is not an endpoint that stopped answering."""
    reference = Reference()
    search = search_for(reference)
    reference.before = lambda operation, members: LOST
    search.budget.max_calls = search.budget.spent
    with pytest.raises(BudgetSpentError):
        examined(search, *[BUSY] * 20)
    assert search.lost is None


def test_what_an_earlier_program_left_undeletable_hides_no_input_that_breaks_the_server() -> None:
    """A second Delete under a name fails for good: the program that sends it is found out, and at once."""
    reference = Reference("held.delete.second-burial")
    again = Program((Create(0, Name(0)), Delete(Arn(0)), Create(1, Name(0)), Delete(Arn(1))))
    search = examined(search_for(reference), again)
    finding = finding_of(search, SERVER_ERRORS)
    assert search.driver.holdings.left_behind
    search.explain()
    assert finding.calls[-1].operation == "DeleteConnection"
    assert [call.operation for call in finding.calls].count("CreateConnection") == 2


def test_an_undeletable_connection_of_before_is_no_step_of_a_program() -> None:
    """Its Delete fails behind every program from now on, and none of them is repeated for it."""
    reference = Reference()
    search = examined(search_for(reference, [SERVER_ERRORS]), Program((Create(0),)))
    search.driver.holdings.left_behind["arn:aws:codestar-connections:us-east-1:123456789012:connection/stuck"] = "stuck"
    reference.before = failing("DeleteConnection", when=lambda members: members["ConnectionArn"].endswith("/stuck"))
    made = len(reference.made)
    examined(search, *[Program((Create(0), Get(Arn(0))))] * 5)
    assert not search.book.findings
    assert len(reference.made) - made == 5 * 4


def test_what_fails_twice_and_not_a_third_time_is_weather() -> None:
    """Three of three, or nothing."""
    for failures in (1, 2, 3):
        reference = Reference()
        remaining = iter(range(failures))
        reference.before = failing("GetConnection", when=lambda members, left=remaining: next(left, None) is not None)  # type: ignore[misc]
        search = examined(search_for(reference), Program((Create(0), Get(Arn(0)))))
        assert not search.book.findings, failures


def test_an_endpoint_that_is_down_for_everything_breaks_no_law() -> None:
    """Plain Lists are not served either: it is lost, and the error says at which call."""
    reference = Reference()
    search = examined(search_for(reference), BUSY)
    reference.before = lambda operation, members: LOST
    with pytest.raises(TargetError, match="stopped answering: "):
        examined(search, *[BUSY] * 20)
    assert not search.book.findings


def test_an_endpoint_that_comes_back_in_time_is_not_lost() -> None:
    """A restart of half a second is weather."""
    reference = Reference()
    search = search_for(reference)
    until = reference.now + 0.5
    reference.before = lambda operation, members: LOST if reference.now < until else None
    examined(search, *[Program((Create(0), Walk()))] * 10)
    assert not search.book.findings


@pytest.mark.parametrize(("spoilt", "is_found"), [({1}, False), ({1, 3, 7}, False), (range(100), True)])
def test_an_answer_with_too_many_bytes_is_the_networks_until_it_comes_again(
    *, spoilt: Collection[int], is_found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, or now and then, is weather; the same call three times of three is the endpoint."""
    account = Account()
    plain = account.answer

    def answer(operation: str, members: Any) -> Response:
        said = plain(operation, members)
        is_spoilt = operation == "GetConnection" and len(account.sent(operation)) in spoilt
        return replace(said, flaw="more bytes follow than its header says") if is_spoilt else said

    monkeypatch.setattr(account, "answer", answer)
    search = search_for(account, {READABLE})
    for _ in range(3):
        search.examine(Program((Create(0, Name(0)), Get(Arn(of=0)))), search.budget)
    assert (search.book.broken(READABLE) is not None) == is_found


class _CutForAWhile(Account):
    """Its first answers end too soon, but for those of Lists, as behind a proxy that goes down."""

    def answer(self, operation: str, members: Mapping[str, Any]) -> Response:
        answered = super().answer(operation, members)
        is_cut = len(self.made) < 6 and operation != "ListConnections"
        return replace(answered, flaw="the body ends after 5 of 100 bytes") if is_cut else answered


def test_answers_that_are_cut_in_a_row_are_weather_though_one_came_whole_in_between() -> None:
    """An outage is not over for one answer: between each two of them there has to be one that came whole."""
    creates = [Create(number, Name(number)) for number in range(5)]
    search = search_for(_CutForAWhile(), ["wire.readable"])
    search.examine(Program((*creates[:3], List(), *creates[3:])), search.budget)
    assert not search.book.findings
