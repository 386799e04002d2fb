"""The checker on trial: stories written by hand, histories that were drawn, and a second opinion on all of them."""

from __future__ import annotations

import random
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
import runs
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.laws import JUDGES, Undecided, linearizable
from assay.laws.linearizable import has_reason
from assay.linearizability import EVERYTHING, Claim, Promises, by_arn, by_name, claims_of, explained, search
from assay.linearizability.model import EMPTY, after, is_read
from assay.linearizability.notation import PREFIX, history_from, text_of
from assay.session import Session
from assay.settings import Settings
from selftests.exhaustive import has_an_order, has_an_order_among_all
from selftests.histories import contract_of, judged, known, world_of
from selftests.racing import altered, raced
from selftests.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.history import History

LAW = "concurrent.linearizable"
LEVELS = (
    EVERYTHING,
    Promises(explained_refusals=False),
    Promises(explained_refusals=False, unique_names=False),
)


def told(picture: str) -> History:
    return history_from(textwrap.dedent(picture), contract_of())


def claims(history: History, **facts: Any) -> list[Claim]:
    world = world_of(history, knowledge=known(prefix=PREFIX, **facts))
    return claims_of(world, has_reason=has_reason)


def word(history: History, **facts: Any) -> str:
    """What the law says of a history."""
    kept, broken = judged(LAW, history, knowledge=known(prefix=PREFIX, **facts))
    assert len(broken) <= 1
    return (broken[0].clause or "broken") if broken else "kept" if kept else "silent"


def is_explained(history: History, promises: Promises) -> bool:
    """What the search says of the whole, in its parts and in one; it must be the same."""
    whole = search(claims(history), promises, max_steps=500_000).word
    cut = by_name if promises.unique_names or promises.explained_refusals else by_arn
    parts = cut(claims(history))
    words = {search(part, promises).word for part in parts}
    assert whole in {"explained", "stuck"}
    assert (words <= {"explained"}) == (whole == "explained")
    return whole == "explained"


@pytest.mark.parametrize("sentence", STORIES)
def test_a_story_is_judged_as_its_author_says(sentence: str) -> None:
    """Good ones, bad ones, and what is no matter of order."""
    wanted, picture = STORIES[sentence]
    assert word(told(picture)) == wanted


def test_there_are_stories_enough() -> None:
    """Of both kinds."""
    words = [wanted for wanted, _ in STORIES.values()]
    assert len(words) >= 40
    assert words.count("kept") >= 15
    assert len(words) - words.count("kept") - words.count("silent") >= 15


@pytest.mark.parametrize("sentence", [each for each, (wanted, _) in STORIES.items() if "ARN" not in each])
def test_a_story_is_judged_as_every_order_of_its_calls_says(sentence: str) -> None:
    """Two other ways to try orders, the simplest of them by all permutations, come to the same."""
    history = told(STORIES[sentence][1])
    if STORIES[sentence][0] == "silent":
        return  # what follows each other is no matter of this law
    for promises in LEVELS:
        how = {"unique": promises.unique_names, "reasons": promises.explained_refusals}
        wanted = has_an_order(history, **how)
        assert wanted is not None
        assert is_explained(history, promises) == wanted
        if len(history) <= 6:
            assert has_an_order_among_all(history, **how) == wanted


@pytest.mark.parametrize("sentence", STORIES)
def test_a_story_can_be_written_down_again(sentence: str) -> None:
    """The picture that is written says the same, and is written the same way again."""
    history = told(STORIES[sentence][1])
    text = text_of(history, contract_of())
    again = history_from(text, contract_of())
    assert text_of(again, contract_of()) == text
    assert [(call.operation, call.input, call.outcome) for call in again] == [
        (call.operation, call.input, call.outcome) for call in history
    ]
    for before, after_ in zip(_orders(history), _orders(again), strict=True):
        assert before == after_


def _orders(history: History) -> list[tuple[bool, bool]]:
    return [(one.end < other.start, other.end < one.start) for one in history for other in history]


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("a |create x = 1|", "line 1 is not a branch"),
        ("a: |create x = 1| |get", "line 1 is not a branch"),
        ("a: |create x|", "line 1, column 3: 'create x' is not a call"),
        ("\na: |get 1 = ok|", "line 2, column 3: 'get 1 = ok' is not a call: the answer is found or one of"),
        ("a: |delete = ok|", "delete is about one word and has one answer"),
        ("a: |burn 1 = ok|", "ask and answer are"),
    ],
)
def test_a_mistake_in_a_picture_is_told_with_its_place(picture: str, message: str) -> None:
    """Line and column."""
    with pytest.raises(ValueError, match=re.escape(message)):
        history_from(picture, contract_of())


# -- drawn


class _Drawn:
    """Hypothesis, where a `random.Random` is expected: it shrinks."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def randrange(self, stop: int, /) -> int:
        return int(self._draw(st.integers(0, stop - 1)))

    def choice(self, options: Any, /) -> Any:
        return self._draw(st.sampled_from(list(options)))


@st.composite
def races(draw: Callable[[Any], Any], *, most: int = 12) -> History:
    return raced(_Drawn(draw), calls=draw(st.integers(2, most)), branches=draw(st.integers(1, 4)))


@settings(deadline=None, max_examples=60)
@given(races())
def test_what_a_sequential_service_did_is_always_explained(history: History) -> None:
    """Under every promise, in parts and as a whole."""
    for promises in LEVELS:
        assert is_explained(history, promises)
    assert word(history) in {"kept", "silent"}


@settings(deadline=None, max_examples=100)
@given(races(), st.data())
def test_one_altered_answer_is_explained_only_where_another_search_explains_it(
    history: History, data: st.DataObject
) -> None:
    """And what is not explained is explained by its reason: freed of the calls that matter, it has an order."""
    other = altered(_Drawn(data.draw), history)
    for promises in LEVELS:
        wanted = has_an_order(other, unique=promises.unique_names, reasons=promises.explained_refusals)
        if wanted is not None:
            assert is_explained(other, promises) == wanted


@settings(deadline=None, max_examples=40)
@given(races(most=5), st.data())
def test_the_smallest_are_judged_as_all_permutations_say(history: History, data: st.DataObject) -> None:
    """No backtracking, no state kept, no cleverness."""
    other = altered(_Drawn(data.draw), history)
    for promises in LEVELS:
        wanted = has_an_order_among_all(other, unique=promises.unique_names, reasons=promises.explained_refusals)
        assert is_explained(other, promises) == wanted


def test_hundreds_of_long_histories_agree_with_the_second_opinion() -> None:
    """40 calls in 8 branches; `bench/linearizability.py` does ten thousand."""
    decided = {True: 0, False: 0}
    for seed in range(40):
        chance = random.Random(seed)
        history = raced(chance, calls=40, branches=8)
        assert is_explained(history, EVERYTHING)
        other = altered(chance, history)
        wanted = has_an_order(other)
        if wanted is not None:
            decided[wanted] += 1
            assert is_explained(other, EVERYTHING) == wanted
    assert min(decided.values()) >= 5, decided


@settings(deadline=None, max_examples=60)
@given(races())
def test_the_order_that_is_found_is_one(history: History) -> None:
    """Within the calls' own times, and as the model says."""
    found = search(claims(history)).order
    state = EMPTY
    for position, claim in enumerate(found):
        assert not any(later.end < claim.start for later in found[position + 1 :])
        new = after(state, claim)
        assert new is not None
        assert (new == state) == is_read(claim)
        state = new
    assert {id(claim.call) for claim in found} >= {
        id(claim.call) for claim in claims(history) if not claim.may_be_idle
    }


# -- bounded, and explained


def test_a_search_that_spends_its_steps_decides_nothing() -> None:
    """Not even where an order is there."""
    history = raced(random.Random(3), calls=40, branches=8)
    answer = search(claims(history), max_steps=2)
    assert (answer.word, answer.steps, answer.order) == ("undecided", 2, ())


def test_a_law_that_is_undecided_is_indeterminate_and_no_pass() -> None:
    """Also where other histories were judged; a breach stands all the same."""
    book = runs.book()
    book.tally(LAW).undecided = "no order was found or ruled out in 20,000 steps"
    (law,) = [law for law in runs.results(book)["laws"] if law["id"] == LAW]
    assert (law["verdict"], law["reason"]) == ("indeterminate", "no order was found or ruled out in 20,000 steps")
    assert runs.results(book)["exit_code"] == 4
    broken = runs.book(runs.finding(LAW))
    broken.tally(LAW).undecided = "as above"
    (law,) = [law for law in runs.results(broken)["laws"] if law["id"] == LAW]
    assert law["verdict"] == "fail"


def test_the_law_gives_up_where_the_search_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says at which call, and why."""
    monkeypatch.setattr(linearizable, "search", lambda part, promises: search(part, promises, max_steps=1))
    world = world_of(told(STORIES["two deletes, one of them accepted"][1]), knowledge=known(prefix=PREFIX))
    (ruling,) = JUDGES[LAW](world)
    assert isinstance(ruling, Undecided)
    assert ruling.reason == "no order was found or ruled out in 1 steps"


def test_a_name_has_one_holder_as_surely_as_in_the_law_of_names() -> None:
    """Whoever relaxes the one relaxes the other: the two never contradict each other."""
    for force in ("must", "should"):
        session = Session(Settings(forces={"connection.name.unique": force}), contract_of())
        assert session.force(LAW, "names") == force
        assert session.force(LAW, "refusal") == "should"
        assert session.force(LAW, None) == "must"


def test_a_history_of_hundreds_of_calls_takes_no_deep_stack() -> None:
    """The search keeps its own."""
    lines = [f"a: {' ' * (14 * number)}|get 1 = found|" for number in range(2, 500)]
    history = told("\n".join(["a: |create x = 1|", *lines]))
    assert search(claims(history)).word == "explained"


@pytest.mark.parametrize(
    ("sentence", "stuck", "because"),
    [
        ("what was gone comes back while the delete runs", 3, {0, 2}),
        ("two deletes, both accepted", 2, {1}),
        ("two deletes, and nobody did it", 2, {0, 1}),
        ("two creates of a name, both accepted", 1, {0}),
        ("the name is free, and its holder is still found", 3, {0, 2}),
        ("what a list had shown is missing while its create runs", 2, {0, 1}),
    ],
)
def test_the_answer_that_no_order_explains_is_named(sentence: str, stuck: int, because: set[int]) -> None:
    """And so are the calls that forbid it; whoever has nothing to do with it is left out."""
    history = told(STORIES[sentence][1])
    level = LEVELS[1] if STORIES[sentence][0] == "names" else LEVELS[2]
    explanation = explained(claims(history), level)
    assert explanation.stuck.call is history.calls[stuck]
    assert {claim.call.index for claim in explanation.because} - {0} == because - {0}


def test_a_breach_is_told_in_words() -> None:
    """What came, what had been answered before it, what was under way."""
    history = told(STORIES["what was gone comes back while the delete runs"][1])
    _, (breach,) = judged(LAW, history, knowledge=known(prefix=PREFIX))
    assert breach.call is history.calls[3]
    assert breach.expected.startswith('some order of the calls about "arn:aws:')
    assert breach.actual.startswith("GetConnection accepted; answered before it: ")
    assert "GetConnection refused as ResourceNotFoundException" in breach.actual


def test_staleness_lets_reads_lag_and_nothing_else() -> None:
    """A read may see any state of so many seconds ago; a write is a write."""
    back = told(STORIES["what was gone comes back while the delete runs"][1])
    assert word(back) == word(back, staleness=1.0) == "broken"
    assert word(back, staleness=30.0) == "kept"
    twice = told(STORIES["two deletes, both accepted"][1])
    assert word(twice, staleness=60.0) == "broken"
    assert word(told(STORIES["two creates of a name, both accepted"][1]), staleness=60.0) == "names"


def test_only_names_of_ours_need_a_reason_for_a_refusal() -> None:
    """A stranger may hold any other."""
    history = told(STORIES["two creates of a name, both refused"][1])
    assert word(history) == "refusal"
    _, broken = judged(LAW, history, knowledge=known(prefix=None))
    assert not broken


def test_the_model_says_what_a_connection_that_lives_allows() -> None:
    """Every kind of claim, before and after the connection lives, with and without the contested promises."""
    history = told("a: |create x = 1||create x = no||delete 1 = ok||get 1 = found||get 1 = gone|")
    made, taken, deleted, found, missed = claims(history)
    assert [claim.kind for claim in (made, taken, deleted, found, missed)] == [
        "creates",
        "taken",
        "deletes",
        "finds",
        "misses",
    ]
    lives = after(EMPTY, made)
    assert lives is not None
    assert [after(EMPTY, each) for each in (taken, deleted, found, missed)] == [None, None, None, EMPTY]
    assert [after(lives, each) for each in (made, taken, deleted, found, missed)] == [None, lives, EMPTY, lives, None]
    assert after(EMPTY, taken, Promises(explained_refusals=False)) == EMPTY
