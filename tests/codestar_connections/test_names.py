"""Names: unique, exact, reusable, preserved, and between 1 and 32 characters long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Fill, Get, Name, Program, Walk
from strategies import programs, roll_call

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("connection.name.unique")
@given(program=programs("names"))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0)))))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0), "GitHub"))))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0)), Create(2, Name(0)))))
@example(program=Program((Create(0, Name(0)), Create(1, Name(1)), Delete(Arn(1)), Create(2, Name(0)))))
@example(program=Program((Fill(100, 24), Create(0, Name(0)), Create(1, Name(0)), Create(2, Name(-101)))))
@example(program=Program((Create(0, Name(0, after="é 💥")), Create(1, Name(0, after="é 💥")))))
def test_a_second_connection_of_the_same_name_is_refused(endpoint: Endpoint, program: Program) -> None:
    """While a connection exists, another of exactly its name is refused."""
    endpoint.check(program)


@pytest.mark.law("connection.name.exact")
@given(program=programs("names"))
@example(program=Program((Create(0, Name(0, after="a")), Create(1, Name(0, after="A")))))
@example(program=Program((Create(0, Name(0, after="é")), Create(1, Name(0, after="e\u0301")))))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0, after=" ")))))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0, before=" ")))))
def test_names_that_nearly_agree_are_different_names(endpoint: Endpoint, program: Program) -> None:
    """Names that differ in case, spaces or Unicode normal form can exist side by side."""
    endpoint.check(program)


@pytest.mark.law("connection.name.reusable")
@given(program=programs("names"))
@example(program=Program((Create(0, Name(0)), Delete(Arn(0)), Create(1, Name(0)), Get(Arn(1)))))
@example(program=Program((Create(0, Name(0)), Delete(Arn(0)), Create(1, Name(0)), Delete(Arn(1)), Create(2, Name(0)))))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0)), Delete(Arn(0)), Create(2, Name(0)))))
def test_the_name_of_a_deleted_connection_can_be_used_again(endpoint: Endpoint, program: Program) -> None:
    """Once a connection is deleted, its name is free."""
    endpoint.check(program)


@pytest.mark.law("connection.name.preserved")
@given(program=programs("names"))
@example(program=Program((Create(0, Name(0, before=" ", after=" ")), Get(Arn(0)), Walk())))
@example(program=Program((Create(0, Name(0, after="Éﬁ💥")), Get(Arn(0)), Walk())))
@example(program=Program((Create(0, Name(0, after="e\u0301")), Get(Arn(0)), Walk())))
@example(program=Program((Create(0, Name(0, after="<b>&amp;\\\"'", length=32)), Get(Arn(0)), Walk())))
@example(program=Program((Create(0, Name(0, after="+%41%20&#65;")), Get(Arn(0)), Walk())))
@example(program=roll_call("confusable"))
@example(program=roll_call("awkward"))
@example(program=roll_call("control"))
def test_a_name_is_shown_as_it_was_given(endpoint: Endpoint, program: Program) -> None:
    """Get and List show the name character by character as Create was given it."""
    endpoint.check(program)


@pytest.mark.law("connection.name.length")
@given(program=programs("inputs"))
@example(program=Program((Create(0, Name(0, length=32)), Create(1, Name(1, length=33)), Create(2, Name(2, length=0)))))
@example(program=Program((Create(0, Name(0, length=1)), Create(1, Name(1, length=1)), Create(2, Name(2, length=2)))))
@example(program=Program((Create(0, Name(0, before="0")),)))
@example(program=Program((Create(0, Name(0, length=1)), Create(1, Name(1, length=1)))))
@example(program=Program((Create(0, Name(0, after="é", length=32)), Create(1, Name(1, after="é", length=33)))))
@example(
    program=Program((Create(0, Name(0, after="\t")), Create(1, Name(1, after="\n")), Create(2, Name(2, after="\x00"))))
)
def test_a_name_has_a_certain_length(endpoint: Endpoint, program: Program) -> None:
    """Names of 1 to 32 characters are accepted, empty and longer ones are refused."""
    endpoint.check(program)
