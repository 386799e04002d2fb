"""The driver: whom Delete is sent, what is cleaned up whatever happens, and what symbols come to stand for.

The first promise is the one that matters: an account holds connections that are not ours, with ids that were chosen to
be confused with ours, and none of them is ever touched.
"""

from __future__ import annotations

import contextlib
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.budget import Budget, BudgetSpentError
from assay.cleaning import tidy
from assay.errors import TargetError
from assay.history import Accepted, Outcome, Refused, Unknown
from assay.in_force import put_in_force
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Program, Token, Walk
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import Account, Reference, arns_deleted, driver_for, refused
from strategies import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.driver import Driver

put_in_force(contract_of(NEWEST))

HEAD = "arn:aws:codestar-connections:us-east-1:123456789012:connection/"
RANDOM_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

MINTS: dict[str, Callable[[int], str]] = {
    "random": lambda number: f"{HEAD}{uuid.uuid4()}",
    "random-upper-case": lambda number: f"{HEAD}{uuid.uuid4()}".upper().replace(HEAD.upper(), HEAD),
    "counted": lambda number: f"{HEAD}{number + 8}",
    "counted-behind-a-word": lambda number: f"{HEAD}my-own-emulators-connection-{number + 8}",
    "counted-padded": lambda number: f"{HEAD}{number + 8:032d}x",
    "letters": lambda number: f"{HEAD}{'no' * number}",  # none is ever taken for random hexadecimal digits
    "numbers-alone": lambda number: str(number + 8),
    "words-alone": lambda number: f"connection-{number + 8}",
}


class Crowd(Account):
    """An account full of strangers: every ARN that we are given has twins around it, wherever one is possible."""

    def __init__(self, mint: str) -> None:
        super().__init__(mint=MINTS[mint])
        self.is_random = mint.startswith("random")
        self.strangers = {text: f"stranger {number}" for number, text in enumerate(self._first())}

    def _first(self) -> list[str]:
        chosen = {f"{HEAD}{number}" for number in range(9)} | {f"{HEAD}{'ab' * 3}x", f"{HEAD}{uuid.uuid4()}"}
        return sorted(
            chosen | ({"0", "1", "x", "", "arn", "a"} if "alone" in self.mint(1) or not self._has_head() else set())
        )

    def _has_head(self) -> bool:
        return self.mint(1).startswith("arn:")

    def _create(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        status, answer = super()._create(members)
        arn = answer.get("ConnectionArn")
        if isinstance(arn, str) and not self.is_random:
            for twin in (arn[:-1], arn + "0", arn + "1", _swapped(arn)):
                if twin not in self.ours and twin != arn and twin:
                    self.strangers.setdefault(twin, f"a twin of {arn}")
        while self.mint(self.minted + 1) in self.strangers and not self.is_random:
            self.minted += 1
        return status, answer


def _swapped(arn: str) -> str:
    head, slash, id_ = arn.rpartition("/")
    return head + slash + id_.swapcase()


def spent(driver: Driver, program: Program, **limits: Any) -> Budget:
    """Run a program that does not come to its end."""
    budget = Budget(**limits)
    with pytest.raises(BudgetSpentError):
        driver.run(program, budget)
    return budget


# -- whom Delete is sent


@pytest.mark.parametrize("mint", MINTS)
@settings(max_examples=20, deadline=None, database=None)
@given(
    drawn=st.lists(st.sampled_from(("arns", "arns", "removals", "anything")).flatmap(programs), min_size=1, max_size=2)
)
def test_no_strangers_connection_is_ever_deleted(mint: str, drawn: list[Program]) -> None:
    """Whatever the program, whatever the ids: Delete is sent ours, what cannot exist, or what is no ARN."""
    crowd = Crowd(mint)
    driver = driver_for(crowd)
    for program in drawn:
        driver.run(program, Budget())
    given_to_us = {
        call.outcome.output["ConnectionArn"]
        for call in crowd.made
        if call.operation == "CreateConnection" and isinstance(call.outcome, Accepted)
    }
    made_up = driver.knowledge.invented | driver.knowledge.elsewhere
    for arn in arns_deleted(crowd):
        if arn in given_to_us or arn in made_up:
            continue
        assert arn not in crowd.strangers
        origins = {arn[:-1], _swapped(arn), *(arn + last for last in "0123456789abcdefABCDEF")} & given_to_us
        ours_but_for_the_id = any(RANDOM_ID.fullmatch(origin.rpartition("/")[2]) for origin in origins)
        is_forbidden = crowd.contract.identity_pattern.fullmatch(arn) is None or len(arn) > 256
        assert ours_but_for_the_id or is_forbidden, arn
    touched = [
        call for call in crowd.made if call.operation == "DeleteConnection" and isinstance(call.outcome, Accepted)
    ]
    assert {call.input["ConnectionArn"] for call in touched} <= given_to_us
    assert not crowd.ours


@settings(max_examples=20, deadline=None, database=None)
@given(
    drawn=st.lists(st.sampled_from(("arns", "arns", "removals", "anything")).flatmap(programs), min_size=1, max_size=2)
)
def test_the_references_other_connections_outlive_every_program(drawn: list[Program]) -> None:
    """The same against the reference: what was there is there, and nothing else."""
    reference = Reference()
    for number in range(60):
        reference.add_stranger(f"{HEAD}{uuid.uuid4()}", f"stranger {number}")
    before = reference.everything
    driver = driver_for(reference)
    for program in drawn:
        driver.run(program, Budget())
    assert reference.everything == before


def test_made_up_arns_have_128_random_bits_each() -> None:
    """Under our prefix, or under another account, Region, service or type; never one twice."""
    account = Account()
    driver = driver_for(account)
    changes = ("fresh", "other-account", "other-region", "other-service", "other-type")
    driver.run(Program((Create(0), *(Delete(Arn(None, change)) for change in changes * 4))), Budget())
    (own, *_), sent = [*account.sent("CreateConnection")], arns_deleted(account)
    made_up = sent[:-1]
    assert own
    assert len(set(made_up)) == 20
    assert all(RANDOM_ID.fullmatch(arn.rpartition("/")[2]) for arn in made_up)
    given_head = sent[-1].rpartition("/")[0]
    for number, arn in enumerate(made_up):
        assert (arn.rpartition("/")[0] == given_head) is (changes[number % 5] == "fresh")


def test_a_nearly_right_arn_is_deleted_only_where_the_id_is_random() -> None:
    """Where ids are counted, ours without its last character is the neighbour's."""
    program = Program((Create(0), *(Delete(Arn(0, change)) for change in ("cut", "extended", "case"))))
    for mint, sent in (
        ("random", 3),
        ("counted", 0),
        ("counted-behind-a-word", 0),
        ("letters", 0),
        ("numbers-alone", 0),
    ):
        account = Account(
            mint=MINTS[mint] if mint != "random" else lambda number: f"{HEAD}aaaaaaaa-bbbb-4ccc-8ddd-{number:012d}"
        )
        driver_for(account).run(program, Budget())
        assert len(arns_deleted(account)) == sent + 1, mint


def test_what_is_no_arn_is_deleted_only_where_it_cannot_be_one() -> None:
    """A text that the pattern allows is never sent, and none where this endpoint's own ARNs are forbidden by it."""
    literals = ("", "x", "8", f"{HEAD}00000000-0000-4000-8000-000000000000", "arn:aws:s3:::bucket", HEAD + "0" * 300)
    program = Program((Create(0), *(Delete(Arn(literal=text)) for text in literals)))
    account = Account()
    driver_for(account).run(program, Budget())
    assert arns_deleted(account)[:-1] == ["", "x", "8", "arn:aws:s3:::bucket", HEAD + "0" * 300]
    plain = Account(mint=MINTS["numbers-alone"])
    driver_for(plain).run(program, Budget())
    assert arns_deleted(plain) == ["9"]
    unknown = Account()
    driver_for(unknown).run(Program(program.steps[1:]), Budget())
    assert arns_deleted(unknown) == []
    listed = Account()
    listed.strangers["x"] = "whose ARN is a letter"
    driver_for(listed).run(Program((List(), *program.steps)), Budget())
    assert len(arns_deleted(listed)) == 1


def test_an_arn_that_was_listed_before_it_was_given_is_not_deleted() -> None:
    """An endpoint that answers Create with somebody's connection makes it no less somebody's."""
    theirs = f"{HEAD}{uuid.uuid4()}"
    account = Account(mint=lambda number: theirs)
    account.strangers[theirs] = "theirs"
    driver = driver_for(account)
    driver.run(Program((List(), Create(0), Delete(Arn(0)), Delete(Arn(0, "cut")), Get(Arn(0)))), Budget())
    assert theirs not in arns_deleted(account)
    assert driver.holdings.disputed.keys() == {theirs}
    assert not driver.holdings.left_behind


# -- clean-up


def test_what_a_program_made_is_deleted_behind_it() -> None:
    """The history holds the clean-up, too."""
    account = Account()
    driver = driver_for(account)
    history = driver.run(Program((Fill(100, 3), Create(0), Delete(Arn(101)), Walk(2))), Budget())
    assert not account.everything
    assert (driver.holdings.created, driver.holdings.deleted, driver.holdings.left_behind) == (4, 4, {})
    assert list(history.calls) == account.made


@given(st.integers(1, 40))
@settings(max_examples=40, deadline=None, database=None)
def test_no_more_calls_are_made_than_were_given(most: int) -> None:
    """A program that is cut off anywhere leaves nothing behind and spends no call too many."""
    account = Account()
    program = Program((Fill(100, 4), Create(0), Walk(2, between=((1, Create(1, Name(1))),)), Get(), Delete(), Walk(1)))
    budget = Budget(max_calls=most)
    with contextlib.suppress(BudgetSpentError):
        driver_for(account).run(program, budget)
    assert budget.spent == len(account.made) <= most
    assert not account.everything


def test_a_budget_within_another_spends_both() -> None:
    """What the inner one has left is of no use where the outer one is spent."""
    account = Account()
    whole = Budget(max_calls=6)
    part = spent(driver_for(account), Program((Fill(100, 9),)), max_calls=100, within=whole)
    assert part.spent == whole.spent == len(account.made) == 6
    assert not account.everything


def test_a_deadline_ends_a_program_and_not_its_clean_up() -> None:
    """Deletes are sent although the time is over."""
    account = Account()
    budget = spent(driver_for(account), Program((Fill(100, 50),)), deadline=0.0095, now=account.clock)
    assert 10 <= account.minted <= 11
    assert not account.everything
    assert budget.spent == 2 * account.minted


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), TargetError("it fell over"), RuntimeError("ours")])
def test_an_exception_in_the_middle_leaves_nothing_behind(trouble: BaseException) -> None:
    """Ctrl-C, an endpoint that cannot be asked, a bug of ours."""
    account = Account()
    raised = iter([trouble])

    def fall(operation: str, members: Mapping[str, Any]) -> Outcome | None:
        if operation == "GetConnection":
            raise next(raised)
        return None

    account.before = fall
    driver = driver_for(account)
    with pytest.raises(type(trouble)):
        driver.run(Program((Fill(100, 3), Get(Arn(100)), Fill(200, 3))), Budget())
    assert account.minted == 3
    assert not account.everything
    assert not driver.holdings.left_behind


def test_a_connection_deleted_between_pages_is_not_undead() -> None:
    """The page that showed it was asked for before."""
    account = Account()
    driver = driver_for(account)
    between = tuple((page, Delete(Arn(99 + page))) for page in (1, 2, 3))
    driver.run(Program((Fill(100, 4), Walk(1, between=between))), Budget())
    assert driver.holdings.deleted == 4
    assert not driver.holdings.undead


def test_the_probes_connections_are_taken_over() -> None:
    """What it made and did not delete is ours to delete."""
    account = Account()
    first = account.call("CreateConnection", {"ConnectionName": "one"})
    second = account.call("CreateConnection", {"ConnectionName": "two"})
    gone = first[-1].outcome
    assert isinstance(gone, Accepted)
    third = account.call("DeleteConnection", {"ConnectionArn": gone.output["ConnectionArn"]})
    driver = driver_for(account)
    driver.hearing.adopt((*first, *second, *third))
    tidy(driver, [], Budget())
    assert (driver.holdings.created, driver.holdings.deleted) == (2, 2)
    assert not account.everything


# -- weather


def test_a_full_account_shrinks_the_workload() -> None:
    """After the first LimitExceededException, a program begins with fewer connections and leaves room for its own."""
    account = Account(quota=10)
    account.strangers = {f"{HEAD}{uuid.uuid4()}": f"stranger {number}" for number in range(4)}
    driver = driver_for(account)
    driver.run(Program((Fill(100, 20), Create(0))), Budget())
    assert driver.hearing.room == 6
    before = len(account.made)
    history = driver.run(Program((Fill(100, 20), Create(0), Create(1, Name(1)))), Budget())
    assert len(account.made) - before == len(history)
    assert all(isinstance(call.outcome, Accepted) for call in history)
    assert len(account.everything) == 4


def test_a_walk_without_end_stops_at_the_patience() -> None:
    """So many pages in a row without anything new, whatever the tokens."""
    account = Account()
    account.strangers = {f"{HEAD}{uuid.uuid4()}": f"stranger {number}" for number in range(5)}
    driver = driver_for(account)
    driver.knowledge.patience = 7
    account.after = lambda operation, members, outcome: (
        Accepted({**outcome.output, "NextToken": "0"}) if isinstance(outcome, Accepted) else outcome
    )
    history = driver.run(Program((Walk(1),)), Budget())
    assert len(history) == 1 + 7
    account.after = lambda operation, members, outcome: Accepted(
        {"Connections": [], "NextToken": str(len(account.made))}
    )
    assert len(driver.run(Program((Walk(1),)), Budget())) == 7


def test_a_walk_is_broken_off_when_so_many_pages_have_shown_something_new() -> None:
    """Pages that show nothing are passed, up to the patience; a walk that ends before has ended."""
    account = Account()
    account.strangers = {f"{HEAD}{uuid.uuid4()}": f"stranger {number}" for number in range(5)}
    driver = driver_for(account)
    driver.knowledge.patience = 7
    assert len(driver.run(Program((Walk(1, news=2),)), Budget())) == 2
    assert len(driver.run(Program((Walk(3, news=4),)), Budget())) == 2
    account.after = lambda operation, members, outcome: Accepted(
        {"Connections": [], "NextToken": str(len(account.made))}
    )
    assert len(driver.run(Program((Walk(1, news=2),)), Budget())) == 7


def test_strangers_are_counted_by_the_latest_walk_to_a_last_page() -> None:
    account = Account()
    account.strangers = {f"{HEAD}{uuid.uuid4()}": f"stranger {number}" for number in range(5)}
    driver = driver_for(account)
    driver.run(Program((Fill(100, 3), Walk(2))), Budget())
    assert (driver.strangers, driver.crowd()) == (5, 8)
    account.strangers.popitem()
    driver.run(Program((Fill(100, 3), Walk(1, news=2))), Budget())
    assert driver.strangers == 5, "it did not come to the end"
    driver.run(Program((Fill(100, 3), Walk(4))), Budget())
    assert (driver.strangers, driver.crowd()) == (4, 8)


@pytest.mark.parametrize(
    ("token", "goes_on"), [("", False), (None, False), (7, True), ({"a": [1]}, True), (False, True)]
)
def test_a_token_may_be_anything_but_empty(token: Any, *, goes_on: bool) -> None:
    """What an endpoint gives for a token is sent back as it came; an empty one and null are none."""
    account = Account()
    driver = driver_for(account)
    answers = iter([Accepted({"Connections": [{"ConnectionArn": "x"}], "NextToken": token})])
    account.before = lambda operation, members: next(answers, Accepted({})) if operation == "ListConnections" else None
    history = driver.run(
        Program((Walk(), List(token=Token("last")), List(token=Token("used")), List(token=Token("altered")))), Budget()
    )
    sent = [call.input.get("NextToken", "none") for call in history]
    assert sent == (["none", token, token, token] if goes_on else ["none"])


def test_a_step_whose_connection_was_never_made_is_passed_over() -> None:
    """The symbols of a refused Create stand for nothing."""
    account = Account()
    account.before = lambda operation, members: (
        refused("ValidationException") if operation == "CreateConnection" else None
    )
    history = driver_for(account).run(
        Program((Create(0), Get(), Delete(), Get(Arn(7)), Delete(Arn(0, "cut")), List())), Budget()
    )
    assert [call.operation for call in history] == ["CreateConnection", "ListConnections"]


def test_one_slot_is_one_name_within_a_program_and_another_in_the_next() -> None:
    """Equal shapes of a slot are equal names; no later program meets them."""
    account = Account()
    driver = driver_for(account)
    program = Program((Create(0), Create(1), Create(2, Name(1)), Create(3, Name(0, after="x"))))
    names = []
    for _ in range(2):
        before = len(account.made)
        driver.run(program, Budget())
        names.append([call.input["ConnectionName"] for call in account.made[before : before + 4]])
    for first, again, other, twin in names:
        assert first == again != other
        assert twin == first + "x"
    assert not set(names[0]) & set(names[1])


def test_a_refusal_for_the_rate_is_no_riddle_and_a_503_is() -> None:
    """A 503 before the answer may have made a connection that the answer knows nothing of."""
    account = Account()
    driver = driver_for(account)
    account.before = lambda operation, members: Refused("ThrottlingException", 400, throttled=True)
    driver.run(Program((Create(0),)), Budget())
    assert not driver.holdings.maybe_created
    account.before = lambda operation, members: None
    lost = account.call("CreateConnection", {"ConnectionName": "x"})[0]

    def with_a_503_before(operation: str, members: Mapping[str, Any], **how: Any) -> Any:
        answer = Account.call(account, operation, members, **how)
        from dataclasses import replace

        attempt = replace(lost, outcome=Unknown("server-error", "503", throttled=True), input=members)
        return (attempt, *answer) if operation == "CreateConnection" else answer

    account.call = with_a_503_before  # type: ignore[method-assign]
    driver.run(Program((Create(0),)), Budget())
    assert len(driver.holdings.maybe_created) == 1
