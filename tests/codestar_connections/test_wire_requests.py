"""Requests on the wire: what must be served although it looks odd, and what must be refused without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Get, List, Name, Program, Send, Walk
from assay.recipe import Recipe
from strategies import raw_programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


def _sent(recipe: Recipe) -> Program:
    """A connection, the request, and a look at what it left behind."""
    return Program((Create(0), Send(name=Name(1), arn=Arn(0), recipe=recipe), Walk(), Get(Arn(0)), List()))


@pytest.mark.law("wire.target")
@given(program=raw_programs("wire.target"))
@example(program=_sent(Recipe("create", target="<short>.<operation>")))
@example(program=_sent(Recipe("get", target="<long>.<operation>")))
@example(program=_sent(Recipe("list", headers=(("x-amz-target", "<short>.<operation>"),))))
@example(program=Program((Create(0), Send(arn=Arn(0), recipe=Recipe("delete", target="<short>.<operation>")), List())))
@example(program=_sent(Recipe("list", headers=(("x-aMz-tArGeT", "<target>"), ("cOnTeNt-TyPe", "<type>")))))
def test_both_spellings_of_the_target_are_served(endpoint: Endpoint, program: Program) -> None:
    """X-Amz-Target reaches its operation with the namespace and without."""
    endpoint.check(program)


@pytest.mark.law("wire.unknown-operation")
@given(program=raw_programs("wire.unknown-operation"))
@example(program=_sent(Recipe("create", target="Nobody_20191201.<operation>")))
@example(program=_sent(Recipe("create", without_headers=("X-Amz-Target",))))
@example(program=_sent(Recipe("list", target="<prefix>.NobodyKnowsThis")))
@example(program=_sent(Recipe("list", target="<prefix>.<lower>")))
@example(program=_sent(Recipe("list", target="<prefix>.<operation>s")))
def test_a_target_that_nobody_has_is_refused(endpoint: Endpoint, program: Program) -> None:
    """A request with an unknown or a missing target is refused, and nothing changes."""
    endpoint.check(program)


@pytest.mark.law("wire.malformed-json")
@given(program=raw_programs("wire.malformed-json"))
@example(program=_sent(Recipe("create", body="{<members>,}")))
@example(program=_sent(Recipe("create", body="[<object>]")))
@example(program=_sent(Recipe("list", body="null")))
@example(program=_sent(Recipe("list", body='{"Unknown":NaN}')))
@example(program=_sent(Recipe("list", body="<object>{}")))
@example(program=_sent(Recipe("list", body="<object>", encoding="utf-16")))
def test_a_body_that_is_no_json_object_is_refused(endpoint: Endpoint, program: Program) -> None:
    """A body that is not JSON, or is not an object, is refused, and nothing changes."""
    endpoint.check(program)


@pytest.mark.law("wire.wrong-type")
@given(program=raw_programs("wire.wrong-type"))
@example(program=_sent(Recipe("create", members={"ConnectionName": 5})))
@example(program=_sent(Recipe("list", members={"MaxResults": "10"})))
@example(program=_sent(Recipe("list", members={"MaxResults": True})))
@example(program=_sent(Recipe("create", members={"ConnectionName": True})))
@example(program=_sent(Recipe("create", members={"ProviderType": ["Bitbucket"]})))
def test_a_member_of_a_wrong_type_is_refused(endpoint: Endpoint, program: Program) -> None:
    """A member of the wrong JSON type is refused, and nothing is created."""
    endpoint.check(program)


@pytest.mark.law("wire.unknown-members")
@given(program=raw_programs("wire.unknown-members"))
@example(program=_sent(Recipe("create", members={"NobodyKnowsThis": "x"})))
@example(program=_sent(Recipe("get", members={"": {"a": [None]}})))
@example(program=_sent(Recipe("list", members={"constructor": 1})))
@example(program=_sent(Recipe("get", body='{"connectionarn":<arn>}')))
def test_an_unknown_member_is_ignored(endpoint: Endpoint, program: Program) -> None:
    """Members that the operation does not know change nothing."""
    endpoint.check(program)


@pytest.mark.law("wire.null-members")
@given(program=raw_programs("wire.null-members"))
@example(program=_sent(Recipe("list", members={"MaxResults": None, "NextToken": None})))
@example(program=_sent(Recipe("list", members={"ProviderTypeFilter": None})))
@example(program=_sent(Recipe("get", members={"ConnectionArn": None})))
@example(program=_sent(Recipe("create", members={"ConnectionName": None})))
def test_a_null_member_counts_as_absent(endpoint: Endpoint, program: Program) -> None:
    """A member that is null is one that was not sent."""
    endpoint.check(program)


@pytest.mark.law("wire.charset")
@given(program=raw_programs("wire.charset"))
@example(program=_sent(Recipe("create", headers=(("Content-Type", "<type>; charset=utf-8"),))))
@example(program=_sent(Recipe("list", headers=(("Content-Type", "<type>;charset=UTF-8"),))))
@example(program=_sent(Recipe("get", headers=(("Content-Type", '<type>; charset="utf-8"'),))))
def test_a_charset_behind_the_content_type_changes_nothing(endpoint: Endpoint, program: Program) -> None:
    """`; charset=utf-8` is a parameter, and servers ignore it."""
    endpoint.check(program)


@pytest.mark.law("wire.readable")
@given(program=raw_programs("wire.target"))
@example(program=_sent(Recipe("list", headers=(("Accept-Encoding", "identity"),))))
@example(program=_sent(Recipe("list", headers=(("Connection", "close"),))))
@example(program=_sent(Recipe("list", method="HEAD")))
@example(program=Program((Create(0, Name(0, after="\u00e9\U0001f4a5")), Get(Arn(0)), Get(Arn(0)), Walk(1))))
def test_an_answer_is_what_its_header_says(endpoint: Endpoint, program: Program) -> None:
    """An answer has the length and the encoding that its headers say."""
    endpoint.check(program)
