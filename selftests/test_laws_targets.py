"""The laws of a request's header on trial: targets that are served, targets that nobody has, and a charset."""

from __future__ import annotations

import pytest

from selftests.histories import arn, is_kept, is_silent, item, made, no_breach, the_breach
from selftests.recipes import Sent, sent, told

TARGET, UNKNOWN, CHARSET = "wire.target", "wire.unknown-operation", "wire.charset"
UTF8 = (("Content-Type", "<type>; charset=utf-8"),)
NO_TARGET = ("X-Amz-Target",)


# -- both spellings are served


@pytest.mark.parametrize("target", ["<long>.<operation>", "<short>.<operation>"])
@pytest.mark.parametrize("base", ["create", "get", "list"])
@pytest.mark.parametrize("code", ["UnknownOperationException", None, "NoSuchTarget"])
def test_a_spelling_that_is_turned_away_is_a_breach(target: str, base: str, code: str | None) -> None:
    """By an error that only whoever looks for the operation gives, or by none."""
    refused = sent(base, target=target).refused(code, 404)
    breach = the_breach(TARGET, told(made("1"), refused))
    assert "is served, as both spellings are" in breach.expected


def test_a_spelling_that_reaches_the_operation_is_kept() -> None:
    """Accepted, or refused by a word that the operation has."""
    shown = sent("list", target="<short>.<operation>").ok(Connections=[item("1")])
    assert is_kept(TARGET, told(made("1"), shown))
    refused = sent("create", target="<short>.<operation>").refused("ResourceUnavailableException")
    assert no_breach(TARGET, told(made("1"), refused))


@pytest.mark.parametrize(
    "step",
    [
        sent("create", target="<short>.<operation>").refused("LimitExceededException"),
        sent("create", target="<short>.<operation>").lost(),
        sent("list", target="<short>.<operation>", method="GET").refused(None, 405),
        sent("list", target="<short>.<operation>", framing="chunked").refused(None, 411),
        sent("list", target="<short>.<operation>", headers=(("Expect", "100-continue"),)).refused(None, 417),
        sent("list", target="<short>.<operation>", path="elsewhere").refused(None, 404),
        sent("list", target="<short>.<operation>", headers=(("Content-Type", "text/plain"),)).refused(None, 415),
        sent("list", target="<short>.<operation>", members={"MaxResults": 1000}).refused("ValidationException"),
        sent("create", target="<short>.<operation>", members={"ConnectionName": "x" * 33}).refused(None),
        sent("get", target="<short>.<operation>", members={"ConnectionArn": arn("9")}).refused(None, 404),
    ],
)
def test_what_may_be_refused_says_nothing_of_its_target(step: Sent) -> None:
    """Quotas, odd HTTP, odd types, input that is wrong, connections that nobody knows."""
    assert no_breach(TARGET, told(made("1"), step))


# -- nobody's targets are not


@pytest.mark.parametrize(
    "step",
    [
        sent("create", without_headers=NO_TARGET),
        sent("create", target=""),
        sent("list", target="<prefix>"),
        sent("list", target="<prefix>."),
        sent("list", target="<prefix>.<operation>s"),
        sent("list", target="<short>1.<operation>"),
        sent("list", target="Nobody_20191201.<operation>"),
        sent("list", target="<operation>"),
    ],
)
def test_a_target_that_nobody_has_is_refused(step: Sent) -> None:
    """Accepted it is a breach, refused with 400 or 404 it is kept, and with another status a breach of a clause."""
    breach = the_breach(UNKNOWN, told(made("1"), step))
    assert breach.clause is None
    assert "X-Amz-Target" in breach.expected
    assert is_kept(UNKNOWN, told(made("1"), step.refused("UnknownOperationException")))
    assert is_kept(UNKNOWN, told(made("1"), step.refused(None, 404)))
    assert the_breach(UNKNOWN, told(made("1"), step.refused(None, 403))).clause == "status"
    assert is_silent(UNKNOWN, told(made("1"), step.lost()))


def test_another_case_is_a_matter_of_its_own() -> None:
    """Nobody has published what AWS makes of it."""
    assert the_breach(UNKNOWN, told(made("1"), sent("list", target="<prefix>.<lower>"))).clause == "case"


@pytest.mark.parametrize(
    "step",
    [
        sent("list", target="AnotherService_20200101.ListConnections"),
        sent("list", target="<prefix>.ListHosts"),
        sent("list", target="<long>.<operation>"),
        sent("list", more_headers=(("X-Amz-Target", "nobody.knows"),)),
        sent("list", target="nobody", method="GET"),
        sent("list", target="nobody", path="?a=b"),
        sent("list", without_headers=NO_TARGET, framing="chunked"),
    ],
)
def test_what_another_service_may_have_is_not_judged(step: Sent) -> None:
    """Nor is a target that comes twice, or in a request that never reaches a service."""
    assert is_silent(UNKNOWN, told(made("1"), step))


# -- a charset changes nothing


@pytest.mark.parametrize("base", ["create", "get", "list"])
@pytest.mark.parametrize("value", ["<type>; charset=utf-8", "<type>;charset=UTF-8", '<type>; charset="utf-8"'])
def test_a_charset_that_is_refused_is_a_breach(base: str, value: str) -> None:
    """Whatever the refusal says; what is accepted is kept."""
    step = sent(base, headers=(("Content-Type", value),))
    assert "charset" in the_breach(CHARSET, told(made("1"), step.refused(None, 415))).expected
    assert "charset" in the_breach(CHARSET, told(made("1"), step.refused("UnknownOperationException"))).expected
    assert is_kept(CHARSET, told(made("1"), step))


@pytest.mark.parametrize(
    "step",
    [
        sent("list", headers=(("Content-Type", "<type>; charset=latin-1"),)).refused(None, 415),
        sent("list", headers=(("Content-Type", "text/plain; charset=utf-8"),)).refused(None, 415),
        sent("list", headers=(("Content-Type", "<type>; charset=utf-8; a=b"),)).refused(None, 415),
        sent("list", headers=UTF8, method="PUT").refused(None, 405),
        sent("list", headers=UTF8, members={"MaxResults": 0}).refused(),
        sent("create", headers=UTF8).refused("LimitExceededException"),
        sent("list").refused(),
    ],
)
def test_another_charset_or_another_cause_is_not_judged(step: Sent) -> None:
    """Other parameters, other types, odd HTTP, input that may be refused, a quota, and no charset at all."""
    assert is_silent(CHARSET, told(made("1"), step))
