"""GetConnection: what it tells, and how it says that there is nothing to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Fill, Get, Name, Program
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("connection.get.unknown")
@given(program=programs("arns"))
@example(program=Program((Get(Arn(None, "fresh")),)))
@example(program=Program((Create(0), Get(Arn(None, "fresh")), Delete(Arn(0)), Get(Arn(0)))))
@example(
    program=Program(
        (Create(0), Get(Arn(None, "other-account")), Get(Arn(None, "other-region")), Get(Arn(None, "other-type")))
    )
)
def test_an_arn_that_names_nothing_is_not_found(endpoint: Endpoint, program: Program) -> None:
    """Get of an ARN that was deleted, or never given, is a ResourceNotFoundException."""
    endpoint.check(program)


@pytest.mark.law("connection.get.details")
@given(program=programs("anything"))
@example(program=Program((Create(0), Create(1, Name(1), "GitHub"), Get(Arn(0)), Get(Arn(1)))))
@example(program=Program((Create(0, leg="sdk"), Get(Arn(0), leg="sdk"), Delete(Arn(0), leg="sdk"))))
@example(program=Program((Fill(100, 55), Get(Arn(100)), Get(Arn(101)), Get(Arn(154)))))
def test_get_tells_the_details_of_a_connection(endpoint: Endpoint, program: Program) -> None:
    """Get returns the name, the ARN, the provider type and the status."""
    endpoint.check(program)
