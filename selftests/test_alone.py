"""One step of a program by itself."""

from __future__ import annotations

import pytest

from assay.alone import step_alone
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Program, Send, Token, Walk
from assay.recipe import Recipe

MADE = (Create(0), Create(1, Name(0, after="\x00")), Delete(Arn(0)))


@pytest.mark.parametrize(
    ("step", "alone"),
    [
        (Create(2, Name(2)), "create #2 name2"),
        (List(5), "list by 5"),
        (Get(None), "get without an ARN"),
        (Get(Arn(1, "cut")), "create #1 name0+'\\x00'; get #1 cut"),
        (Delete(Arn(None, "fresh")), "delete a fresh ARN"),
        (Send(recipe=Recipe("list", body="")), 'send list with body ""'),
        (Send(recipe=Recipe("get", body="")), 'create #0 name0; send get with body ""'),
    ],
)
def test_a_step_stands_behind_the_creates_of_what_it_speaks_of(step: Get, alone: str) -> None:
    assert str(step_alone(Program((*MADE, step)), 3)) == alone


@pytest.mark.parametrize("step", [Walk(), Fill(3, 2), List(1, None, Token()), Get(Arn(7))])
def test_what_hangs_on_more_than_creates_is_not_taken_out(step: Walk) -> None:
    assert step_alone(Program((*MADE, step)), 3) is None


def test_what_is_made_behind_a_step_is_no_help_to_it() -> None:
    assert step_alone(Program((Get(Arn(0)), Create(0))), 0) is None
