"""One execution: which of the programs that were woven into it, and which step by itself, a call is of."""

from __future__ import annotations

from assay.execution import Execution
from assay.program import Arn, Create, Fill, Get, List, Program
from assay.weaving import Part
from selftests.histories import delete, get, listing, made, story

SHORT = Program((Create(0), List()))
LONG = Program((Create(0), Fill(100, 2), Get(Arn(0))))
WOVEN = Program((Create(0), Fill(100, 2), Get(Arn(0)), List()))
PARTS = (Part(LONG, frozenset({0, 1, 2})), Part(SHORT, frozenset({0, 3})))
HISTORY = story(made("a"), made("b"), made("c"), get("a"), listing(), delete("a"), delete("b"), delete("c"))
FIRST, _, SECOND_OF_FILL, LOOK, LISTED, *_, CLEANED = HISTORY


def test_a_call_is_of_the_parts_that_share_its_step_the_shortest_first() -> None:
    """A Fill is many calls of one step, and clean-up counts as the last step."""
    execution = Execution(WOVEN, HISTORY, PARTS, begun=(0, 1, 3, 4))
    assert execution.likely(FIRST) == (SHORT, LONG)
    assert execution.likely(SECOND_OF_FILL) == execution.likely(LOOK) == (LONG,)
    assert execution.likely(LISTED) == execution.likely(CLEANED) == (SHORT,)


def test_a_step_by_itself_is_offered_where_it_is_less_than_the_program() -> None:
    """With the Creates of what it speaks of; a program of nothing else is no shorter."""
    execution = Execution(WOVEN, HISTORY, begun=(0, 1, 3, 4))
    assert execution.alone(LOOK) == (Program((Create(0), Get(Arn(0)))),)
    assert execution.alone(SECOND_OF_FILL) == ()
    own = Program((Create(0), Get(Arn(0))))
    look = story(made("a"), get("a"), delete("a"))
    assert Execution(own, look, begun=(0, 1)).alone(look.calls[1]) == ()


def test_where_nobody_knows_when_its_steps_began_a_call_is_of_none() -> None:
    """The same for a call that is not in its history."""
    assert Execution(WOVEN, HISTORY, PARTS).likely(LOOK) == ()
    others = story(*[get("z")] * 20).calls[-1]
    assert Execution(WOVEN, HISTORY, PARTS, begun=(0, 1, 3, 4)).alone(others) == ()
