"""What an answer means."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.history import Accepted, Call, Outcome, Refused, Request, Response, Unknown, dump, load
from assay.target import read


def _read(body: bytes | str, status: int = 200, **headers: str) -> Outcome:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return read("ListConnections", Response(status, fields, body.encode() if isinstance(body, str) else body))


@pytest.mark.parametrize(
    ("body", "output"),
    [
        (b"", {}),
        ("{}", {}),
        ("null", {}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf{"a": null}', {"a": None}),
        ('{"a": "\\ud800"}', {"a": "\ud800"}),
        ('{"a": 1e999}', {"a": 1.7976931348623157e308}),
        ('{"__type": "x#ListConnectionsOutput", "a": 1}', {"__type": "x#ListConnectionsOutput", "a": 1}),
    ],
)
def test_an_object_is_accepted(body: bytes | str, output: dict) -> None:
    assert _read(body, content_type="text/plain") == Accepted(output)


@pytest.mark.parametrize(
    "body",
    [
        *(
            "<html></html>",
            "[]",
            '"x"',
            "3",
            "{",
            '{"a": NaN}',
            '{"a": -Infinity}',
            '{"a": 1' + "0" * 9000 + "}",
        ),
        *(
            b"\xff\xfe",
            b"\x00",
            "[" * 100_000,
            '{"a":' * 100_000,
            '{"a":' * 150 + "1" + "}" * 150,
            b'{"a": "\xed\xa0\x80"}',
        ),
    ],
)
def test_what_is_no_object_under_200_is_unknown(body: bytes | str) -> None:
    outcome = _read(body)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == "unreadable"
    assert len(outcome.detail) <= 200


@pytest.mark.parametrize(
    ("body", "headers", "code", "message"),
    [
        ('{"__type": "com.amazonaws.codestar.connections#X", "Message": "m"}', {}, "X", "m"),
        ('{"__type": "X:http://internal.amazon.com/x/", "message": "m"}', {}, "X", "m"),
        ('{"errorMessage": "m"}', {"X_Amzn_ErrorType": "a.b#X:http://x/"}, "X", "m"),
        ('{"code": "X"}', {}, "X", None),
        ('{"Code": "X"}', {}, "X", None),
        ('{"Error": {"Code": "X", "Message": "m"}}', {}, "X", "m"),
        ("<ErrorResponse><Error><Code>X</Code><Message>m</Message></Error></ErrorResponse>", {}, "X", "m"),
        ('{"Output": {"__type": "a#X"}, "Version": "1.0"}', {}, "X", None),
        ("<html>", {}, None, None),
        ("[1]", {}, None, None),
        ('{"__type": 5, "message": ["m"]}', {}, None, None),
        ("[" * 100_000, {}, None, None),
        (b"\xff", {}, None, None),
    ],
)
def test_a_4xx_is_refused_and_its_name_is_found(body: Any, headers: Any, code: str | None, message: str | None) -> None:
    assert _read(body, 400, **headers) == Refused(code, 400, message)


def test_an_error_under_200_is_refused() -> None:
    assert _read('{"__type": "a#ValidationException", "message": "m"}') == Refused("ValidationException", 200, "m")
    assert _read('{"Output": {"__type": "a#X"}, "Version": "1.0"}') == Refused("X", 200)


def test_a_message_is_bounded() -> None:
    outcome = _read(json.dumps({"message": "x" * 10**6}), 400)
    assert isinstance(outcome, Refused)
    assert len(outcome.message or "") == 1000


@pytest.mark.parametrize(
    ("status", "body", "headers", "is_throttled"),
    [
        (400, '{"__type": "ThrottlingException"}', {}, True),
        (400, '{"__type": "Throttling"}', {}, True),
        (400, '{"__type": "a#TooManyRequestsException"}', {}, True),
        (400, '{"__type": "RequestLimitExceeded"}', {}, True),
        (400, '{"__type": "ProvisionedThroughputExceededException"}', {}, True),
        (429, "", {}, True),
        (429, '{"__type": "LimitExceededException"}', {}, False),
        (503, "", {"Retry_After": "1"}, True),
        (503, '{"__type": "SlowDown"}', {}, True),
        (503, "", {}, False),
        (400, '{"__type": "LimitExceededException"}', {}, False),
        (500, "", {}, False),
    ],
)
def test_throttling_is_told_from_quotas(status: int, body: Any, headers: Any, is_throttled: object) -> None:
    outcome = _read(body, status, **headers)
    assert not isinstance(outcome, Accepted)
    assert outcome.throttled is is_throttled


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "server-error"), (503, "server-error"), (302, "unreadable"), (999, "unreadable")]
)
def test_a_server_error_or_a_redirect_is_unknown(status: int, reason: str) -> None:
    outcome = _read('{"Connections": []}', status)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == reason


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["__type", "Error", "Output", "message", "code"]), inner)
    ),
    max_leaves=8,
)


@given(
    body=st.binary(max_size=60) | _JSON.map(lambda value: json.dumps(value).encode()),
    status=st.integers(100, 700),
    headers=st.lists(st.tuples(st.sampled_from(["x-amzn-errortype", "Retry-After"]), st.text(max_size=9)), max_size=2),
)
@settings(deadline=None, max_examples=300)
def test_no_answer_makes_the_reader_raise_or_cannot_be_written_down(body: Any, status: int, headers: Any) -> None:
    response = Response(status, tuple(headers), body)
    outcome = read("ListConnections", response)
    stream = io.StringIO()
    dump([Call(0, "ListConnections", {}, 0.0, 1.0, outcome, Request("http://x", (), b""), response)], stream)
    json.loads(stream.getvalue(), parse_constant=pytest.fail)
    assert load(stream.getvalue().splitlines()).calls[0].outcome == outcome
