"""Handshakes: what they lead to, and what they leave alone. Nobody is asked where nobody completes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Get, Handshake, Name, Program, Walk
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("connection.handshake.completes")
@given(program=programs("handshakes", max_steps=8))
@example(
    program=Program(
        (Create(0), Handshake(Arn(0)), *(Get(Arn(0)),) * 4, Create(1, Name(1)), Walk(), Delete(Arn(1)), Get(Arn(0)))
    )
)
@example(
    program=Program(
        (
            *(Create(0), Create(1, Name(1)), Handshake(Arn(0)), *(Get(Arn(0)),) * 4, Create(2, Name(2))),
            *(Walk(), Get(Arn(0)), Get(Arn(1))),
        )
    )
)
def test_a_completed_connection_is_available_for_good(endpoint: Endpoint, program: Program) -> None:
    """Once its handshake is completed, a connection is AVAILABLE and never PENDING again."""
    endpoint.check(program)


@pytest.mark.law("connection.handshake.only")
@given(program=programs("handshakes", max_steps=8))
@example(
    program=Program(
        (Create(0, kind="GitLab"), Get(Arn(0)), Walk(), Handshake(Arn(0)), Get(Arn(0)), Walk(), Delete(Arn(0)), Walk())
    )
)
def test_a_handshake_changes_nothing_but_the_status(endpoint: Endpoint, program: Program) -> None:
    """What is shown of a connection behind its handshake is what was shown before it, but for the status."""
    endpoint.check(program)
