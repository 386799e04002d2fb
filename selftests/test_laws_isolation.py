"""The law between accounts on trial, and what all others may not say of two accounts in one history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.accounts import worlds_of
from assay.history import SECOND, History
from assay.laws import JUDGES, Breach
from selftests.histories import PREFIX, arn, contract_of, create, delete, get, item, known, listing, made, story, walk

if TYPE_CHECKING:
    from assay.knowledge import Knowledge
    from selftests.histories import Step

_LAW = "isolation.account"
_OTHER = "210987654321"


def _theirs(short: str) -> str:
    return arn(short, account=_OTHER)


def _made_there(short: str, name: str | None = None) -> Step:
    """The Create of the second account that made a connection."""
    return create(f"{PREFIX}{short}" if name is None else name).ok(_theirs(short))


def _acts(*steps: tuple[str, Step | list[Step]]) -> History:
    """A history of two accounts: each step with `1` or `2` for whose it is."""
    whose = [who for who, step in steps for _ in (step if isinstance(step, list) else [step])]
    history = story(*(step for _, step in steps))
    return History(
        tuple(replace(call, caller=SECOND) if who == "2" else call for who, call in zip(whose, history, strict=True))
    )


def _judged(history: History, law: str = _LAW, knowledge: Knowledge | None = None) -> tuple[int, list[Breach]]:
    """How often a law was kept in the worlds of a history, and its breaches."""
    worlds = worlds_of(history, contract_of(), known() if knowledge is None else knowledge)
    rulings = [ruling for world in worlds for ruling in JUDGES[law](world)]
    breaches = [ruling for ruling in rulings if isinstance(ruling, Breach)]
    return len(rulings) - len(breaches), breaches


_HERS = ("1", made("1")), ("2", _made_there("2"))

_GOOD = {
    "a Get is answered with not found": ("2", get(arn("1")).not_found()),
    "a Get is answered with an access denied": ("2", get(arn("1")).refused("AccessDeniedException", 403)),
    "a Delete is refused": ("2", delete(arn("1")).not_found()),
    "a list shows what is its own": ("2", listing().shows(item("2", given=_theirs("2")))),
    "the other way round": ("1", get(_theirs("2")).not_found()),
    "a name is free in the other account": ("2", _made_there("3", f"{PREFIX}1")),
}


@pytest.mark.parametrize("step", _GOOD.values(), ids=_GOOD)
def test_two_accounts_that_know_nothing_of_each_other_keep_the_law(step: tuple[str, Step]) -> None:
    """It is kept, and not only by saying nothing; and nobody else finds fault with it either."""
    history = _acts(*_HERS, step)
    kept, breaches = _judged(history)
    assert kept
    assert not breaches
    assert not [law for law in JUDGES if _judged(history, law)[1]]


_BAD = {
    "GetConnection": ("2", get("1")),
    "DeleteConnection": ("2", delete(arn("1")).ok()),
    "ListConnections": ("2", listing().shows("1", item("2", given=_theirs("2")))),
    "CreateConnection": ("2", create(f"{PREFIX}1").refused("InvalidInputException")),
}


@pytest.mark.parametrize("step", _BAD.values(), ids=_BAD)
def test_whatever_crosses_over_breaks_it(step: tuple[str, Step], request: pytest.FixtureRequest) -> None:
    """What another account made is described, deleted, shown, or in the way; it is this law's alone to say so."""
    history = _acts(*_HERS, step)
    _, breaches = _judged(history)
    assert [breach.call.operation for breach in breaches] == [request.node.callspec.id]
    others = [law for law in JUDGES if law != _LAW and _judged(history, law)[1]]
    assert not [law for law in others if law not in contract_of().laws[_LAW].implied_by]


_SILENT = {
    "nobody says which account the second one is": [("1", made("1")), ("2", get("1"))],
    "both access keys are of one account": [("1", made("1")), ("2", made("2")), ("2", get("1"))],
    "an ARN that names no account": [
        ("1", create(f"{PREFIX}1").ok("arn:aws:x:y::connection/1")),
        ("2", _made_there("2")),
        ("2", get("arn:aws:x:y::connection/1")),
    ],
    "nobody knows what became of the Get": [*_HERS, ("2", get(arn("1")).unknown())],
    "the connection was deleted long ago": [*_HERS, ("1", delete("1")), ("2", delete(arn("1")).ok())],
    "the list is not complete": [("1", made("1")), ("2", _made_there("2")), ("2", listing().unknown())],
    "the account is full": [*_HERS, ("2", create(f"{PREFIX}1").refused("LimitExceededException"))],
    "the name was its own before": [
        *_HERS,
        ("2", create(f"{PREFIX}2").refused("InvalidInputException")),
    ],
    "the name is odd": [
        ("1", create(f"{PREFIX}\x07").ok("1")),
        ("2", _made_there("2")),
        ("2", create(f"{PREFIX}\x07").refused()),
    ],
    "the Get tells of another connection": [*_HERS, ("2", get(arn("1")).tells("9"))],
}


@pytest.mark.parametrize("steps", _SILENT.values(), ids=_SILENT)
def test_where_nobody_can_be_accused_it_finds_no_breach(steps: list[tuple[str, Step]]) -> None:
    """An endpoint without accounts, weather, and what has another reason."""
    assert not _judged(_acts(*steps))[1]


def test_what_the_run_knows_of_an_account_counts_in_a_history_in_which_it_makes_nothing() -> None:
    """So the smallest history is one Create and one look."""
    knowledge = known(prefixes={SECOND: _theirs("").rstrip("0")})
    assert len(_judged(_acts(("1", made("1")), ("2", get("1"))), knowledge=knowledge)[1]) == 1


def test_what_is_done_in_another_account_breaks_no_law_of_this_one() -> None:
    """Gets that find nothing, a name in both, walks that show the own alone, a delete that frees nothing there."""
    name = f"{PREFIX}1"
    history = _acts(
        ("1", made("1")),
        ("2", _made_there("2", name)),
        ("1", walk(1).pages(["1"])),
        ("2", walk(1).pages([item("2", name=name, given=_theirs("2"), owner=_OTHER)])),
        ("2", get(arn("1")).not_found()),
        ("2", delete(arn("1")).not_found()),
        ("1", get("1")),
        ("2", delete(_theirs("2")).ok()),
        ("1", create(name).refused("InvalidInputException")),
        ("1", get("1")),
        ("1", delete("1")),
        ("2", create(name).ok(_theirs("3"))),
    )
    assert not [(law, broken) for law in JUDGES if (broken := _judged(history, law)[1])]


def test_what_overlaps_in_two_accounts_needs_no_common_order() -> None:
    """Creates of one name at once are both accepted, and a Get beside a Delete of its own account's is judged there."""
    history = _acts(
        ("1", made("1").during(0, 2)),
        ("2", _made_there("2", f"{PREFIX}1").during(1, 3)),
        ("1", delete("1").during(4, 6)),
        ("2", get(arn("1")).not_found().during(5, 7)),
        ("1", get("1").during(5, 7)),
    )
    assert not [(law, broken) for law in JUDGES if (broken := _judged(history, law)[1])]


def test_a_delete_from_elsewhere_leaves_the_owner_in_doubt() -> None:
    """What it may have deleted is neither surely there nor surely gone: the owner's own laws say nothing."""
    history = _acts(*_HERS, ("2", delete(arn("1")).ok()), ("1", get(arn("1")).not_found()), ("1", walk().pages([])))
    broken = [law for law in JUDGES if _judged(history, law)[1]]
    assert broken == [_LAW]


def test_the_past_of_one_account_is_not_that_of_another() -> None:
    """What was deleted in the one does not count as gone in the other, and no name comes back there."""
    knowledge = known()
    contract = contract_of()
    for number, world in enumerate(worlds_of(_acts(*_HERS, ("2", delete(_theirs("2")).ok())), contract, knowledge)):
        world.leave_facts(number)
    first, second = worlds_of(_acts(*_HERS), contract, knowledge)
    assert first.past(_theirs("2")) is None
    assert set(knowledge.past) == {arn("1")}
    assert set(second.knowledge.past) == {_theirs("2")}
