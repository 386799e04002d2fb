"""ARNs: given once, agreed on by every operation, and of no use to whoever gets one wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Fill, Get, Name, Program, Walk
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("connection.arn.never-reused")
@given(program=programs("arns"))
@example(program=Program((Create(0), Delete(Arn(0)), Fill(100, 7))))
@example(program=Program((Create(0), Delete(Arn(0)), Create(1, Name(0)))))
@example(program=Program((Fill(100, 3), Delete(Arn(102)), Create(0), Delete(Arn(101)), Create(1, Name(1)))))
def test_an_arn_is_given_once(endpoint: Endpoint, program: Program) -> None:
    """No Create is given an ARN that another was given, whether that connection lives or was deleted."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.well-formed")
@given(program=programs("statuses"))
@example(program=Program((Create(0), Get(Arn(0)), Walk())))
def test_every_arn_matches_the_pattern_of_the_model(endpoint: Endpoint, program: Program) -> None:
    """An ARN matches the model's pattern and is no longer than 256 characters, wherever it appears."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.form")
@given(program=programs("statuses"))
@example(program=Program((Create(0), Get(Arn(0)), Walk())))
def test_every_arn_has_the_form_that_aws_gives_it(endpoint: Endpoint, program: Program) -> None:
    """An ARN names a partition, the service, a Region, twelve digits and connection/<id>."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.stable")
@given(program=programs("anything"))
@example(program=Program((Fill(100, 3), Get(Arn(100)), Walk(), Walk(1), Get(Arn(102)), Get(Arn(100)))))
def test_a_connection_has_one_arn_for_every_operation(endpoint: Endpoint, program: Program) -> None:
    """Create, Get and List give one connection one and the same ARN."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.exact")
@given(program=programs("arns"))
@example(program=Program((Create(0), Get(Arn(0, "cut")), Get(Arn(0, "extended")), Get(Arn(0, "case")))))
@example(program=Program((Create(0), Delete(Arn(0, "cut")), Get(Arn(0)), Delete(Arn(0, "case")), Get(Arn(0)))))
def test_an_arn_that_is_nearly_right_does_not_find_the_connection(endpoint: Endpoint, program: Program) -> None:
    """Get of an ARN that is cut, extended or in another case does not answer with the connection."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.required")
@given(program=programs("arns"))
@example(program=Program((Create(0), Get(None), Delete(None), Get(Arn(0)))))
@example(program=Program((Get(None), Delete(None))))
def test_an_arn_must_be_given(endpoint: Endpoint, program: Program) -> None:
    """Get and Delete without ConnectionArn are refused."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.malformed")
@given(program=programs("arns"))
@example(program=Program((Create(0), Get(Arn(literal="")), Delete(Arn(literal="")), Get(Arn(0)))))
@example(program=Program((Create(0), Get(Arn(literal="arn:aws:x")), Delete(Arn(literal="*")), Get(Arn(0)))))
@example(program=Program((Create(0), Get(Arn(0, "bare")), Delete(Arn(0, "bare")), Get(Arn(0)))))
def test_what_is_no_arn_is_refused(endpoint: Endpoint, program: Program) -> None:
    """Get and Delete of a text that the model forbids are refused, and nothing is deleted."""
    endpoint.check(program)
