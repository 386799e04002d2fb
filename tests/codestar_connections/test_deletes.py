"""DeleteConnection: it removes one connection, that one only, at once and for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Fill, Get, Name, Program, Walk
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("connection.delete.removes")
@given(program=programs("removals"))
@example(program=Program((Create(0), Delete(Arn(0)), Get(Arn(0)), Walk())))
@example(
    program=Program(
        (Fill(100, 3), Walk(), Get(Arn(101)), Delete(Arn(101)), Get(Arn(101)), Walk(), Walk(1), Get(Arn(101)))
    )
)
@example(program=Program((Create(0), Delete(Arn(0)), Create(1, Name(0)), Get(Arn(0)), Walk())))
@example(program=Program((Create(0), Get(Arn(0)), Get(Arn(0)), Delete(Arn(0)), Get(Arn(0)), Get(Arn(0)), Walk())))
@example(program=Program((Fill(100, 55), Delete(Arn(154)), Get(Arn(154)), Delete(Arn(100)), Get(Arn(100)), Walk())))
def test_a_deleted_connection_is_gone(endpoint: Endpoint, program: Program) -> None:
    """After Delete neither Get nor List shows the connection, at once and for good."""
    endpoint.check(program)


@pytest.mark.law("connection.delete.only")
@given(program=programs("removals"))
@example(program=Program((Fill(100, 3), Delete(Arn(101)), Get(Arn(100)), Get(Arn(102)), Walk())))
@example(program=Program((Create(0, Name(0, after="a")), Create(1, Name(0, after="ab")), Delete(Arn(0)), Get(Arn(1)))))
@example(program=Program((Create(0, Name(0, after="a")), Create(1, Name(0, after="A")), Delete(Arn(0)), Get(Arn(1)))))
@example(program=Program((Create(0, Name(0, after=" ")), Create(1, Name(0)), Delete(Arn(1)), Get(Arn(0)), Walk())))
def test_a_delete_removes_nothing_else(endpoint: Endpoint, program: Program) -> None:
    """Every other connection is still there after a Delete."""
    endpoint.check(program)


@pytest.mark.law("connection.delete.unknown")
@given(program=programs("removals"))
@example(program=Program((Delete(Arn(None, "fresh")),)))
@example(program=Program((Create(0), Delete(Arn(0)), Delete(Arn(0)), Delete(Arn(None, "fresh")))))
@example(
    program=Program((Create(0), Delete(Arn(None, "other-account")), Delete(Arn(None, "other-service")), Get(Arn(0))))
)
def test_deleting_what_is_not_there_is_not_found(endpoint: Endpoint, program: Program) -> None:
    """Delete of an ARN that was deleted, or never given, is a ResourceNotFoundException."""
    endpoint.check(program)


@pytest.mark.law("connection.delete.empty")
@given(program=programs("removals"))
@example(program=Program((Create(0), Delete(Arn(0)))))
def test_a_delete_answers_with_nothing(endpoint: Endpoint, program: Program) -> None:
    """The answer to Delete is an empty body or an object without documented members."""
    endpoint.check(program)
