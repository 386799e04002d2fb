"""The wire: what every answer looks like, whatever was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis.strategies import just

from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Program, Send, Walk
from assay.recipe import Recipe
from strategies import programs, raw_programs, sdk_programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint

EVERYTHING = Program(
    (Create(0), Get(Arn(0)), Walk(1), Create(1, Name(0)), Get(Arn(None, "fresh")), Get(None), List(-1), Delete(Arn(0)))
)
BY_THE_SDK = Program(
    (
        Create(0, leg="sdk"),
        Get(Arn(0), leg="sdk"),
        Fill(100, 3),
        Walk(2, leg="sdk"),
        Delete(Arn(0), leg="sdk"),
        Get(Arn(0), leg="sdk"),
    )
)
BY_THE_CLI = Program(
    (
        Create(0, leg="cli"),
        *(Get(Arn(0)), Get(Arn(0), leg="cli"), Get(Arn(0))),
        *(List(1), List(1, leg="cli"), List(1)),
        Delete(Arn(0), leg="cli"),
        *(Get(Arn(0)), Get(Arn(0), leg="cli"), Get(Arn(0))),
    )
)


def _sent(recipe: Recipe) -> Program:
    """A request that is odd and can be read, and a plain one behind it."""
    return Program((Send(name=Name(0), recipe=recipe), List()))


@pytest.mark.law("wire.schema")
@given(program=programs("anything"))
@example(program=EVERYTHING)
@example(program=BY_THE_SDK)
def test_every_answer_validates_against_its_schema(endpoint: Endpoint, program: Program) -> None:
    """An accepted answer has the members, types and lengths of its schema."""
    endpoint.check(program)


@pytest.mark.law("wire.sdk")
@given(program=sdk_programs())
@example(program=BY_THE_SDK)
@example(program=Program((Fill(100, 5), Walk(leg="sdk"), Walk(2, leg="sdk"), Delete(Arn(None, "fresh"), leg="sdk"))))
def test_boto3_can_call_and_read_it_all(endpoint: Endpoint, program: Program) -> None:
    """boto3 calls, reads every member, raises the modelled exceptions, and comes to the end of a list."""
    endpoint.check(program)


@pytest.mark.law("wire.sdk")
@pytest.mark.least_effort("deep")
@pytest.mark.needs_command("aws")
@given(program=just(BY_THE_CLI))
def test_the_aws_cli_can_call_and_print_it_all(endpoint: Endpoint, program: Program) -> None:
    """The commands of the AWS CLI are answered as equal calls before and after them are."""
    endpoint.check(program)


@pytest.mark.law("wire.no-server-error")
@given(program=raw_programs("wire.no-server-error") | programs("anything") | programs("inputs") | programs("names"))
@example(program=EVERYTHING)
@example(program=Program((List(2**31 - 1), List(-(2**31)))))
@example(program=Program((Create(0, Name(0, length=1000)),)))
@example(program=Program((Create(0, Name(0, after="\x00\u202e💥'\"\\;--")),)))
@example(program=_sent(Recipe("list", body='{"Unknown":<deep:1000>}')))
@example(program=_sent(Recipe("list", body='{"Unknown":"\\ud800"}')))
@example(program=_sent(Recipe("list", body='{"Unknown":1<zeros:5000>}')))
@example(program=_sent(Recipe("list", body="")))
@example(program=_sent(Recipe("list", framing="chunked")))
@example(program=_sent(Recipe("list", headers=(("Expect", "100-continue"),))))
@example(program=_sent(Recipe("list", path="?Action=ListConnections&x")))
@example(program=_sent(Recipe("list", without_headers=("Content-Type",))))
def test_nothing_that_a_client_sends_breaks_the_server(endpoint: Endpoint, program: Program) -> None:
    """No input is answered with a 5xx, a cut connection or silence."""
    endpoint.check(program)


@pytest.mark.law("wire.content-type")
@given(program=programs("anything"))
@example(program=EVERYTHING)
def test_every_answer_says_that_it_is_aws_json(endpoint: Endpoint, program: Program) -> None:
    """An answer with a body has the content type of AWS JSON 1.0."""
    endpoint.check(program)


@pytest.mark.law("wire.request-id")
@given(program=programs("anything"))
@example(program=EVERYTHING)
def test_every_answer_has_a_request_id_of_its_own(endpoint: Endpoint, program: Program) -> None:
    """x-amzn-RequestId is there, and no two answers share one."""
    endpoint.check(program)


@pytest.mark.law("wire.error-shape")
@given(program=programs("inputs"))
@example(program=EVERYTHING)
@example(program=Program((Create(0, Name(0, length=33), "Gitea"),)))
def test_every_error_names_its_type(endpoint: Endpoint, program: Program) -> None:
    """A refusal names its error in __type or in x-amzn-errortype."""
    endpoint.check(program)


@pytest.mark.law("wire.error-status")
@given(program=programs("arns"))
@example(program=EVERYTHING)
def test_a_modelled_error_has_its_documented_status(endpoint: Endpoint, program: Program) -> None:
    """A modelled error has HTTP status 400."""
    endpoint.check(program)
