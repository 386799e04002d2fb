"""Cleaning up: what a program made goes behind it, what nobody told of is found, and what stays is listed.

Every account here is in memory; what it holds is looked at from beside, and not asked of the driver.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget
from assay.cleaning import look_for_leftovers, settle, tidy
from assay.history import Accepted, Outcome, Unknown
from assay.in_force import put_in_force
from assay.program import Arn, Create, Delete, Fill, List, Name, Program
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import LOST, Account, arns_deleted, driver_for, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.driver import Driver

put_in_force(contract_of(NEWEST))

HEAD = "arn:aws:codestar-connections:us-east-1:123456789012:connection/"


def test_a_create_that_was_interrupted_is_found_by_its_name() -> None:
    """The endpoint made the connection, and Ctrl-C came before its answer."""
    account = Account()

    def interrupt(operation: str, members: Mapping[str, Any], outcome: Outcome) -> Outcome:
        if operation == "CreateConnection":
            raise KeyboardInterrupt
        return outcome

    account.after = interrupt
    driver = driver_for(account)
    with pytest.raises(KeyboardInterrupt):
        driver.run(Program((Create(0, Name(0, before="<")),)), Budget())
    assert len(account.ours) == 1
    account.after = lambda operation, members, outcome: outcome
    settle(driver, [], Budget())
    tidy(driver, [], Budget())
    assert not account.everything


def test_a_create_that_waits_its_turn_is_told_of_until_the_last_look() -> None:
    """Ctrl-C came before the endpoint had made the connection; it does so between two looks."""
    account = Account()

    def interrupt(operation: str, members: Mapping[str, Any]) -> Outcome | None:
        if operation == "CreateConnection":
            raise KeyboardInterrupt
        return None

    account.before = interrupt
    driver = driver_for(account)
    with pytest.raises(KeyboardInterrupt):
        driver.run(Program((Create(0, Name(0)),)), Budget())
    (name,) = driver.holdings.maybe_created
    settle(driver, [], Budget())
    assert driver.holdings.maybe_created == {name}, "who breaks off the clean-up now is told the name"
    account.ours[f"{HEAD}{uuid.uuid4()}"] = name
    look_for_leftovers(driver, [], Budget())
    assert not account.everything
    assert not driver.holdings.maybe_created
    assert not driver.holdings.left_behind


@pytest.mark.parametrize("answer", [LOST, Unknown("server-error", "500"), Accepted({}), Accepted({"ConnectionArn": 7})])
def test_a_create_without_an_answer_is_settled_by_exactly_its_name(answer: Outcome) -> None:
    """A stranger's name that is longer, shorter or in another case is not taken for it."""
    account = Account()
    driver = driver_for(account)
    account.after = lambda operation, members, outcome: answer if operation == "CreateConnection" else outcome
    driver.run(
        Program((Create(0, Name(0, before=" ", after="é")), Create(1, Name(1)), Create(2, Name(2, length=3)))), Budget()
    )
    assert len(account.ours) == 3
    names = list(account.ours.values())
    short = next(arn for arn, name in account.ours.items() if name == names[2])
    for number, twin in enumerate((names[0] + "x", names[0].upper(), names[0].strip(), names[0][:-1], names[1][:-1])):
        account.strangers[f"{HEAD}{uuid.uuid4()}"] = twin if twin != names[1] else f"{number}"
    strangers = dict(account.strangers)
    settle(driver, [], Budget())
    tidy(driver, [], Budget())
    assert account.strangers == strangers
    assert list(account.ours) == [short], "a name too short for our prefix may be anybody's"


def test_settling_asks_nothing_where_every_create_was_answered() -> None:
    """A refusal is an answer."""
    account = Account(quota=1)
    driver = driver_for(account)
    driver.run(Program((Create(0), Create(1), Create(2, Name(2)))), Budget())
    calls: list[Any] = []
    settle(driver, calls, Budget())
    assert calls == []


def test_settling_reads_whatever_a_list_may_hold() -> None:
    """Names that are lists, items that are numbers, no list at all."""
    account = Account()
    driver = driver_for(account)
    account.before = lambda operation, members: LOST if operation == "CreateConnection" else None
    driver.run(Program((Create(0),)), Budget())
    strange = [7, None, {}, {"ConnectionName": [], "ConnectionArn": {}}, {"ConnectionName": {}, "ConnectionArn": "x"}]
    for value in (strange, {}, None, "x"):
        account.before = lambda operation, members, value=value: Accepted({"Connections": value})  # type: ignore[misc]
        driver.holdings.maybe_created.add(driver.naming.prefix)
        settle(driver, [], Budget())
        driver.holdings.created = 1
        look_for_leftovers(driver, [], Budget())
        assert not driver.holdings.left_behind


def test_what_a_refused_create_left_is_deleted_at_the_end() -> None:
    """Its name is this run's alone, so it is ours whatever the endpoint said."""
    account = Account()
    driver = driver_for(account)
    account.after = lambda operation, members, outcome: (
        refused("ValidationException") if operation == "CreateConnection" and account.minted > 1 else outcome
    )
    driver.run(Program((Create(0), Create(1, Name(1)))), Budget())
    assert len(account.ours) == 1
    look_for_leftovers(driver, [], Budget())
    assert not account.everything
    assert not driver.holdings.left_behind


def test_one_connection_that_cannot_be_deleted_keeps_no_other_alive() -> None:
    """It is listed with its ARN and its name, tried last, and not tried for ever."""
    account = Account()
    driver = driver_for(account)
    driver.run(Program((Create(0),)), Budget())
    account.before = lambda operation, members: (
        Unknown("server-error", "500")
        if operation == "DeleteConnection" and str(account.ours.get(members["ConnectionArn"])).endswith("bad")
        else None
    )
    for _ in range(3):
        driver.run(Program((Create(0, Name(0, after="bad")), Fill(100, 4))), Budget())
        assert all(name.endswith("bad") for name in account.ours.values())
    assert len(account.ours) == 3
    assert driver.holdings.left_behind == account.ours


def test_an_endpoint_that_deletes_nothing_is_not_asked_without_end() -> None:
    """A few times after a program, once for each at the end of the run, and all is listed."""
    account = Account()
    driver = driver_for(account)
    account.before = lambda operation, members: refused("AccessDenied") if operation == "DeleteConnection" else None
    driver.run(Program((Fill(100, 20),)), Budget())
    assert len(arns_deleted(account)) == 3
    tidy(driver, [], Budget(), thorough=True)
    assert set(arns_deleted(account)[3:]) == set(account.ours)
    assert driver.holdings.left_behind == account.ours
    account.before = lambda operation, members: LOST if operation == "DeleteConnection" else None
    before = len(account.made)
    tidy(driver, [], Budget(), thorough=True)
    assert len(account.made) - before == 3, "every timeout costs seconds"


def test_what_is_listed_although_it_was_deleted_is_left_behind() -> None:
    """An endpoint that says yes to Delete and does nothing is found out by looking once more."""
    account = Account()
    driver = driver_for(account)
    account.before = lambda operation, members: Accepted({}) if operation == "DeleteConnection" else None
    driver.run(Program((Fill(100, 3),)), Budget())
    assert not driver.holdings.left_behind
    look_for_leftovers(driver, [], Budget())
    assert driver.holdings.left_behind == account.ours


@pytest.mark.parametrize(("staleness", "are_undead"), [(5.0, False), (0.0, True)])
def test_what_a_late_read_may_show_still_is_not_undead(staleness: float, *, are_undead: bool) -> None:
    """Where reads may lag, a List just after a Delete proves nothing, neither on the way nor at the end."""
    account = Account()
    driver = driver_for(account)
    driver.knowledge.staleness = staleness
    account.before = lambda operation, members: Accepted({}) if operation == "DeleteConnection" else None
    driver.run(Program((Create(0), Delete(Arn(0)), List())), Budget())
    look_for_leftovers(driver, [], Budget())
    assert bool(driver.holdings.undead) == bool(driver.holdings.left_behind) == are_undead
    account.now += 6
    look_for_leftovers(driver, [], Budget())
    assert driver.holdings.left_behind == account.ours


def test_what_goes_at_the_last_look_is_not_listed() -> None:
    """A Delete failed on the way; the last look finds another, and this one goes with it."""
    account = Account()
    driver = driver_for(account)
    answers = {"CreateConnection": LOST, "DeleteConnection": Unknown("server-error", "500")}
    account.after = lambda operation, members, outcome: (
        answers.get(operation, outcome) if account.minted > 1 or operation == "DeleteConnection" else outcome
    )
    account.before = lambda operation, members: answers[operation] if operation == "DeleteConnection" else None
    driver.run(Program((Create(0), Create(1, Name(1)))), Budget())
    assert len(account.ours) == 2
    assert len(driver.holdings.left_behind) == 1
    account.before = lambda operation, members: None
    account.after = lambda operation, members, outcome: outcome
    look_for_leftovers(driver, [], Budget())
    assert not account.everything
    assert not driver.holdings.left_behind


def test_what_comes_back_at_the_last_look_is_listed_as_well() -> None:
    """Tombstones wear out: the Delete of one that lives on brings back another, which was gone by then."""
    account = Account()
    driver = driver_for(account)
    driver.run(Program((Fill(100, 2),)), Budget())
    first, second = arns_deleted(account)
    account.ours.update({first: "lives on"})

    def bring_back(operation: str, _: object) -> None:
        if operation == "DeleteConnection":
            account.ours.update({second: "is back"})

    account.before = bring_back
    look_for_leftovers(driver, [], Budget())
    assert driver.holdings.left_behind == account.ours == {second: "is back"}


def test_what_a_look_that_was_cut_off_did_not_show_is_listed() -> None:
    """Whether a second Delete helped is on a page for which there is no call left."""
    account = Account()
    account.strangers.update({f"{HEAD}{uuid.UUID(int=number)}": f"theirs {number}" for number in range(150)})
    driver = driver_for(account)
    driver.run(Program((Fill(100, 1),)), Budget())
    (arn,) = arns_deleted(account)
    account.ours.update({arn: "lives on"})
    pages = 2
    look_for_leftovers(driver, [], Budget(max_calls=pages + 1 + pages - 1))
    assert driver.holdings.left_behind == {arn: "lives on"}
    assert not account.ours


@pytest.mark.parametrize("answer", [Accepted({}), refused("ResourceNotFoundException")])
def test_what_may_live_on_counts_as_alive(answer: Outcome) -> None:
    """Delete says yes and does nothing, or cannot find what was given: no more is made than may live at once."""
    account = Account()
    driver = driver_for(account, most_alive=4)
    account.before = lambda operation, members: answer if operation == "DeleteConnection" else None
    for _ in range(10):
        driver.run(Program((List(), Create(0))), Budget())
    assert len(account.ours) == 4


def test_a_connection_whose_delete_was_lost_is_not_counted_for_ever() -> None:
    """The answer was lost and the deed done: that the next Delete finds nothing is no wonder."""
    account = Account()
    driver = driver_for(account, most_alive=4)
    account.after = lambda operation, members, outcome: (
        LOST if operation == "DeleteConnection" and isinstance(outcome, Accepted) else outcome
    )
    for _ in range(10):
        driver.run(Program((Create(0), Delete(Arn(0)), List())), Budget())
        tidy(driver, [], Budget())
    assert driver.holdings.created == 10
    assert driver.holdings.alive == 0


def test_a_connection_that_is_deleted_twice_counts_once() -> None:
    """The first Delete was accepted and did nothing; the second one, at the last look, does it."""
    account = Account()
    driver = driver_for(account)
    account.before = lambda operation, members: Accepted({}) if operation == "DeleteConnection" else None
    driver.run(Program((Fill(100, 3),)), Budget())
    account.before = lambda operation, members: None
    look_for_leftovers(driver, [], Budget())
    assert not account.everything
    assert (driver.holdings.created, driver.holdings.deleted, driver.holdings.left_behind) == (3, 3, {})


def test_a_connection_with_the_arn_of_one_that_was_deleted_counts_as_one_more() -> None:
    """It was created and deleted like any other, whatever a law says of its ARN."""
    account = Account(mint=lambda _: f"{HEAD}{uuid.UUID(int=1)}")
    driver = driver_for(account)
    for _ in range(3):
        driver.run(Program((Create(0),)), Budget())
    assert (driver.holdings.created, driver.holdings.deleted) == (3, 3)


def _with_a_lost_create() -> tuple[Account, Driver]:
    """An account that holds what a Create made whose answer was lost, and answers from there on."""
    account = Account()
    account.after = lambda operation, members, outcome: LOST if operation == "CreateConnection" else outcome
    driver = driver_for(account)
    driver.run(Program((Create(0),)), Budget())
    account.after = lambda operation, members, outcome: outcome
    return account, driver


def test_what_a_lost_create_has_made_goes_as_soon_as_any_page_shows_it() -> None:
    """Left to the end of the run, it would stand in for a step in every program."""
    account, driver = _with_a_lost_create()
    assert len(account.ours) == 1
    history = driver.run(Program((List(),)), Budget())
    assert [call.operation for call in history] == ["ListConnections", "GetConnection", "DeleteConnection"]
    assert not account.everything
    assert not driver.holdings.maybe_created
    assert driver.holdings.created == driver.holdings.deleted == 1


def test_what_was_listed_before_is_not_taken_for_what_a_lost_create_has_made() -> None:
    """It bears the name now, but was there: a list that mixes names up must not have strangers deleted."""
    account = Account()
    account.strangers = {f"{HEAD}{uuid.uuid4()}": "theirs"}
    (stranger,) = account.strangers
    driver = driver_for(account)
    driver.run(Program((List(),)), Budget())
    account.before = lambda operation, members: LOST if operation == "CreateConnection" else None
    driver.run(Program((Create(0),)), Budget())
    (name,) = driver.holdings.maybe_created
    account.strangers[stranger] = name
    driver.run(Program((List(),)), Budget())
    assert not arns_deleted(account)
    assert name in driver.holdings.maybe_created


def test_nothing_is_deleted_that_a_list_alone_calls_by_the_name_of_a_lost_create() -> None:
    """A stranger's connection that was on no page before, and that Get knows by another name."""
    account = Account()
    driver = driver_for(account)
    account.before = lambda operation, members: LOST if operation == "CreateConnection" else None
    driver.run(Program((Create(0),)), Budget())
    (name,) = driver.holdings.maybe_created
    stranger = f"{HEAD}{uuid.uuid4()}"
    account.strangers[stranger] = "theirs"
    mixed = {"ConnectionArn": stranger, "ConnectionName": name}
    account.after = lambda operation, members, outcome: (
        Accepted({"Connections": [mixed]}) if operation == "ListConnections" else outcome
    )
    for _ in range(2):
        driver.run(Program((List(),)), Budget())
    assert not arns_deleted(account)
    assert len(account.sent("GetConnection")) == 1, "it was asked once"
    assert driver.holdings.maybe_created == {name}


def test_calls_that_are_held_back_for_the_end_are_not_spent_on_asking() -> None:
    """What could not be asked about is taken in by the last look; until then it is among what may be left."""
    account, driver = _with_a_lost_create()
    driver.run(Program((List(),)), Budget(max_calls=15, kept=14))
    assert not account.sent("GetConnection")
    (arn,) = account.ours
    assert list(driver.holdings.may_be_left) == [arn]
    look_for_leftovers(driver, [], Budget(max_calls=14))
    assert not account.ours
    assert not driver.holdings.may_be_left


def test_what_was_disputed_and_is_claimed_is_counted_once() -> None:
    """Its Create gave it after a List had shown it; that a lost Create asked for its name says whose it is."""
    driver = driver_for(Account())
    arn = f"{HEAD}{uuid.uuid4()}"
    held = driver.holdings
    held._strangers.add(arn)
    held.note_created(arn, "x")
    held.claim({"x"}, [("x", arn)])
    assert held.created == 1
    assert not held.disputed


def test_nothing_is_recognized_by_a_name_that_is_not_the_runs_alone() -> None:
    """A name too short for the run's prefix may be somebody else's."""
    account = Account()
    account.after = lambda operation, members, outcome: LOST if operation == "CreateConnection" else outcome
    driver = driver_for(account)
    driver.run(Program((Create(0, Name(0, length=1)),)), Budget())
    account.after = lambda operation, members, outcome: outcome
    driver.run(Program((List(),)), Budget())
    assert not arns_deleted(account)
