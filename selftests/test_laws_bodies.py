"""The laws of a request's body on trial: what is no JSON, has a wrong type, is unknown, or is null."""

from __future__ import annotations

import pytest

from selftests.histories import create, is_kept, is_silent, listing, made, no_breach, the_breach
from selftests.recipes import Sent, sent, told

MALFORMED, WRONG, UNKNOWN, NULL = "wire.malformed-json", "wire.wrong-type", "wire.unknown-members", "wire.null-members"
SERIALIZATION = "SerializationException"


# -- a body that is no JSON object


@pytest.mark.parametrize(
    ("body", "clause"),
    [
        ("{", None),
        ("{<members>,}", None),
        ("{<members>", None),
        ("[<object>]", None),
        ('"x"', None),
        ("null", None),
        ("hello", None),
        ('{<members>,"x":NaN}', "extensions"),
        ("{/* x */<members>}", "extensions"),
        ("<object><object>", "extensions"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body: str, clause: str | None) -> None:
    """Accepted it is a breach, of a clause of its own where some parsers read it."""
    step = sent("create", body=body)
    assert the_breach(MALFORMED, told(step)).clause == clause
    assert is_kept(MALFORMED, told(step.refused(SERIALIZATION)))
    assert is_silent(MALFORMED, told(step.lost()))


def test_another_encoding_is_a_clause_of_its_own() -> None:
    """UTF-16 is no UTF-8, but some parsers look for it."""
    assert the_breach(MALFORMED, told(sent("create", encoding="utf-16"))).clause == "encoding"


def test_the_code_of_a_refusal_is_judged_where_nobody_reads_the_body() -> None:
    """A refusal without any code is wire.error-shape's."""
    assert the_breach(MALFORMED, told(sent("list", body="{").refused("ValidationException"))).clause == "code"
    assert is_kept(MALFORMED, told(sent("list", body="{").refused(None)))
    assert is_kept(MALFORMED, told(sent("list", body="<object>NaN").refused("ValidationException")))


@pytest.mark.parametrize(
    "step",
    [
        sent("list", body=""),
        sent("list", body=" "),
        sent("list", body="\ufeff<object>"),
        sent("list", body='{"a":1,"a":2}'),
        sent("list", body='{"a":"\\ud800"}'),
        sent("list", body='{"a":<deep:500>}'),
        sent("list", body="{", method="PUT"),
        sent("list", body="{", headers=(("Content-Type", "text/plain"),)),
        sent("list", body="{", target="Another_1.ListConnections"),
        sent("list", body="{").refused("ThrottlingException"),
    ],
)
def test_what_parsers_differ_about_is_not_judged(step: Sent) -> None:
    """Nor what never reaches the operation, nor what was turned away for its rate."""
    assert no_breach(MALFORMED, told(step))


# -- a member of a wrong type


@pytest.mark.parametrize(
    ("base", "members", "what"),
    [
        ("create", {"ConnectionName": 5}, "a number for a string"),
        ("create", {"ConnectionName": ["x"]}, "a list for a string"),
        ("create", {"ProviderType": True}, "for a string"),
        ("create", {"Tags": "x"}, "a string for a list"),
        ("get", {"ConnectionArn": {"a": "b"}}, "for a string"),
        ("list", {"MaxResults": "10"}, "a string for an integer"),
        ("list", {"MaxResults": True}, "for an integer"),
    ],
)
def test_a_member_of_a_wrong_type_is_refused(base: str, members: dict[str, object], what: str) -> None:
    """Accepted it is a breach that says what is wrong; refused it is kept, by whatever code."""
    step = sent(base, members=members)
    assert what in the_breach(WRONG, told(made("1"), step)).expected
    assert is_kept(WRONG, told(made("1"), step.refused()))


def test_a_wrong_type_in_an_ordinary_call_is_judged_as_well() -> None:
    """Whoever sent it."""
    assert the_breach(WRONG, told(create(7).ok("1"))).expected
    assert the_breach(WRONG, told(listing(by="10").shows())).expected


@pytest.mark.parametrize(
    "step",
    [
        sent("list", members={"MaxResults": 10.5}),
        sent("list", members={"MaxResults": None}),
        sent("list", members={"Unknown": [1]}),
        sent("list", members={"MaxResults": 10}),
        sent("list", members={"MaxResults": "10"}).lost(),
        sent("list", members={"MaxResults": "10"}, path="x"),
    ],
)
def test_a_float_null_and_the_unknown_have_no_wrong_type(step: Sent) -> None:
    """Nor is judged what may never have reached the operation."""
    assert is_silent(WRONG, told(step))


# -- unknown members


@pytest.mark.parametrize("base", ["create", "get", "list"])
def test_an_unknown_member_that_is_refused_is_a_breach(base: str) -> None:
    """The operation is served as if it were not there."""
    step = sent(base, members={"NobodyKnowsThis": "x"})
    assert "as if NobodyKnowsThis" in the_breach(UNKNOWN, told(made("1"), step.refused())).expected.replace('"', "")
    assert is_kept(UNKNOWN, told(made("1"), step))


def test_a_member_in_another_case_is_none() -> None:
    """The required one is missing then."""
    step = sent("create", body='{"connectionName":<name>,"ProviderType":"Bitbucket"}')
    assert the_breach(UNKNOWN, told(step)).clause == "case"
    assert is_kept(UNKNOWN, told(step.refused()))


@pytest.mark.parametrize(
    "step",
    [
        sent("create", members={"X": 1}).refused("LimitExceededException"),
        sent("create", members={"X": 1, "ConnectionName": 5}).refused(),
        sent("create", members={"X": 1, "ConnectionName": "x" * 40}).refused(),
        sent("create", members={"X": 1}, without=("ProviderType",)).refused(),
        sent("list", members={"X": 1, "MaxResults": 0}).refused(),
        sent("list", members={"X": 1}, framing="chunked").refused(None, 411),
        sent("list", members={"X": 1}).lost(),
        sent("list").refused(),
    ],
)
def test_another_cause_of_a_refusal_is_not_laid_at_the_unknown_members(step: Sent) -> None:
    """A quota, other faults of the input, odd HTTP."""
    assert no_breach(UNKNOWN, told(step))


# -- null


@pytest.mark.parametrize("members", [{"MaxResults": None}, {"NextToken": None, "ProviderTypeFilter": None}])
def test_a_null_that_is_refused_is_a_breach(members: dict[str, None]) -> None:
    """Where the member may be absent."""
    step = sent("list", members=members)
    assert "null" in the_breach(NULL, told(step.refused())).expected
    assert is_kept(NULL, told(step))


def test_a_required_member_that_is_null_is_missing() -> None:
    """Accepted it is a breach."""
    step = sent("create", members={"ConnectionName": None})
    assert "ConnectionName null is refused" in the_breach(NULL, told(step)).expected
    assert is_kept(NULL, told(step.refused()))


@pytest.mark.parametrize(
    "step",
    [
        sent("create", members={"ConnectionName": None, "ProviderType": 5}).refused(),
        sent("list", members={"MaxResults": None, "Unknown": 1}).refused(),
        sent("list", members={"MaxResults": None, "NextToken": "x"}).refused(),
        sent("list", members={"MaxResults": None}).refused("ThrottlingException"),
        sent("list", members={"MaxResults": None}).lost(),
        sent("list").refused(),
    ],
)
def test_another_cause_of_a_refusal_is_not_laid_at_null(step: Sent) -> None:
    """Wrong types, unknown members, a token, throttling."""
    assert no_breach(NULL, told(step))
