"""Statuses: one of three words, PENDING at first, and the same whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Fill, Get, Name, Program, Walk
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("connection.status.enum")
@given(program=programs("statuses"))
@example(program=Program((Create(0), Get(Arn(0)), Walk())))
def test_a_status_is_one_of_three_words(endpoint: Endpoint, program: Program) -> None:
    """A status is PENDING, AVAILABLE or ERROR, wherever it appears."""
    endpoint.check(program)


@pytest.mark.law("connection.status.pending")
@given(program=programs("statuses"))
@example(program=Program((Create(0), Get(Arn(0)), Walk(), Create(1, Name(1)), Get(Arn(0)), Get(Arn(1)), Walk(1))))
@example(program=Program((Create(0), *(Get(Arn(0)),) * 7, Walk(), Walk())))
@example(program=Program((Create(0), *(Get(Arn(0)),) * 6)))
def test_a_new_connection_is_pending(endpoint: Endpoint, program: Program) -> None:
    """A connection is PENDING until somebody completes its handshake."""
    endpoint.check(program)


@pytest.mark.law("connection.status.agrees")
@given(program=programs("statuses"))
@example(program=Program((Fill(100, 3), Get(Arn(100)), Get(Arn(102)), Walk(2), Get(Arn(101)))))
def test_get_and_list_agree_on_a_status(endpoint: Endpoint, program: Program) -> None:
    """Get and List say the same of one connection's status."""
    endpoint.check(program)
