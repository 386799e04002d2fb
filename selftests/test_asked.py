"""What a request asks is read from its bytes: is it HTTP, is it JSON, are its types right, whom does it call?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assay.asked import asked, is_lost, is_unfinished, misfit, plain_call, read_body
from assay.history import Accepted, Call, Request, Response, Unknown
from selftests.histories import contract_of

if TYPE_CHECKING:
    from assay.history import Outcome

TARGET = "X-Amz-Target: CodeStar_connections_20191201.ListConnections"
TYPE = "Content-Type: application/x-amz-json-1.0"


def raw(*lines: str, body: bytes = b"{}", first: str = "POST / HTTP/1.1", outcome: Outcome | None = None) -> Call:
    """A raw call of these header fields; those that every request has stand before them."""
    head = "\r\n".join((first, "Host: localhost", *lines, "", "")).encode("latin-1")
    request = Request("http://localhost:1", (), body, head)
    return Call(0, "", {}, 0.0, 1.0, outcome or Accepted({}), request, leg="raw")


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


KINDS = {
    "object": [b"{}", b' {"a": [1, 2.5e3, "\\u00e9", null]} ', b'{"a":"\\ud83d\\ude00"}'],
    "value": [b"null", b"[]", b'"x"', b"1", b"false"],
    "malformed": [b"{", b'{"a":1,}', b'{"a"', b"hello", b"{a:1}", b"<a/>", b"a=1", b"\xff\xfe\x00", b'{"a" 1}'],
    "lenient": [b'{"a":NaN}', b"-Infinity", b'{"a":1}{}', b'{/* x */"a":1}', b'{"a":"\n"}', b"{'a':1}", b"{}]"],
    "recoded": ['{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32-le"), b'{"a":"\xff"}'],
    "disputed": [b"", b" \n", b"\xef\xbb\xbf{}", b'{"a":1,"a":1}', b'{"a":"\\ud800"}', b"[" * 300 + b"]" * 300],
}


@pytest.mark.parametrize(("kind", "body"), [(kind, body) for kind, bodies in KINDS.items() for body in bodies])
def test_a_body_is_what_parsers_agree_that_it_is(kind: str, body: bytes) -> None:
    """And where they may legally differ, it is disputed."""
    assert read_body(body).kind == kind


@pytest.mark.parametrize(
    ("call", "http"),
    [
        (raw(TARGET, TYPE, length(b"{}")), "usual"),
        (raw("x-AMZ-target: a", "Content-Length:2"), "usual"),
        (raw(TARGET, length(b"{}"), "Connection: close"), "usual"),
        (raw(TARGET, "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n"), "legal"),
        (raw(TARGET, length(b"{}"), "Expect: 100-continue"), "legal"),
        (raw(TARGET, length(b"{}"), first="PUT / HTTP/1.1"), "legal"),
        (raw(TARGET, length(b"{}"), first="POST /elsewhere HTTP/1.1"), "legal"),
        (raw(TARGET, length(b"{}"), first="POST /?a=b HTTP/1.1"), "legal"),
        (raw(TARGET, length(b"{}"), f"X-Long: {'x' * 9000}"), "legal"),
        (raw(TARGET, length(b" " * 70_000), body=b" " * 70_000), "legal"),
        (raw(TARGET, "Content-Length: 9"), "broken"),
        (raw(TARGET, "Content-Length: 1"), "broken"),
        (raw(TARGET, length(b"{}"), "Content-Length: 3"), "broken"),
        (raw(TARGET, length(b"{}"), "Transfer-Encoding: chunked"), "broken"),
        (raw(TARGET, length(b"{}"), first="BREW / HTTP/1.1"), "broken"),
        (raw(TARGET, length(b"{}"), first="hello"), "broken"),
    ],
)
def test_http_is_usual_legal_or_broken(call: Call, http: str) -> None:
    """Usual is what every SDK sends; legal is what a server may turn away without asking the service."""
    assert asked(call, contract_of()).http == http


@pytest.mark.parametrize(
    ("members", "lines", "called"),
    [
        ({}, [TARGET, TYPE], True),
        ({"MaxResults": 5}, [TARGET, TYPE + "; charset=utf-8"], True),
        ({"MaxResults": None}, [TARGET, TYPE], False),
        ({"MaxResults": "5"}, [TARGET, TYPE], False),
        ({"Unknown": 5}, [TARGET, TYPE], False),
        ({}, [TARGET, TARGET, TYPE], False),
        ({}, [TARGET + "s", TYPE], False),
        ({}, [TARGET, "Content-Type: application/json"], False),
        ({}, [TARGET, TYPE + "; a=b"], False),
        ({}, [TARGET], False),
    ],
)
def test_a_request_plainly_calls_an_operation_or_none(
    members: dict[str, Any], lines: list[str], *, called: bool
) -> None:
    """The laws of connections see it only where an SDK could have sent it."""
    body = json.dumps(members).encode()
    read = asked(raw(*lines, length(body), body=body), contract_of())
    assert plain_call(read, contract_of()) == (("ListConnections", members) if called else ("", {}))


@pytest.mark.parametrize(
    ("schema", "value", "wrong"),
    [
        ({"type": "string"}, "x", ""),
        ({"type": "string"}, None, ""),
        ({"type": "string"}, 5, "a number for a string"),
        ({"type": "string"}, True, "a Boolean for a string"),
        ({"type": "integer"}, 5, ""),
        ({"type": "integer"}, 5.5, ""),
        ({"type": "integer"}, 2**80, ""),
        ({"type": "integer"}, "5", "a string for an integer"),
        ({"type": "integer"}, False, "a Boolean for an integer"),
        ({"type": "array", "items": {"type": "string"}}, ["x", 5], "a number for a string"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": [], "b": 1}, "a list for a string"),
        ({}, 5, ""),
    ],
)
def test_a_wrong_type_is_told_and_what_nobody_knows_is_not(schema: dict[str, Any], value: object, wrong: str) -> None:
    """A null, a float for an integer and an unknown member are not judged."""
    assert misfit(schema, value) == wrong


CUT = Unknown("connection", "closed")


@pytest.mark.parametrize(
    ("call", "lost"),
    [
        (raw(TARGET, length(b"{}"), outcome=CUT), True),
        (raw(TARGET, "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n", outcome=CUT), True),
        (raw(TARGET, "Content-Length: 9", outcome=CUT), False),
        (raw(TARGET, length(b" " * 70_000), body=b" " * 70_000, outcome=CUT), False),
        (raw(TARGET, length(b"{}"), outcome=Accepted({})), False),
    ],
)
def test_whoever_closes_on_what_is_no_http_owes_no_answer(call: Call, *, lost: bool) -> None:
    """And whoever closes on what is, does."""
    assert is_lost(call) is lost


@pytest.mark.parametrize(("status", "lost"), [(500, True), (501, False), (505, False), (502, True)])
def test_a_server_may_not_know_a_verb_but_must_not_break(status: int, *, lost: bool) -> None:
    """501 and 505 are answers to odd HTTP; 500 is none."""
    call = raw(TARGET, length(b"{}"), first="PUT / HTTP/1.1", outcome=Unknown("server-error", str(status)))
    answered = Call(0, "", {}, 0.0, 1.0, call.outcome, call.request, Response(status, (), b""), "raw")
    assert is_lost(answered) is lost


@pytest.mark.parametrize(
    ("call", "is_so"),
    [
        (raw(TARGET, "Content-Length: 9"), True),
        (raw("Transfer-Encoding: chunked", body=b"2\r\n{}\r\n"), True),
        (Call(0, "", {}, 0, 1, Accepted({}), Request("http://h", (), b"", b"POST / HTTP/1.1\r\nHos")), True),
        (raw(TARGET, length(b"{}")), False),
        (raw(TARGET, "Content-Length: x"), False),
        (raw(TARGET, "Content-Length: 1"), False),
        (Call(0, "", {}, 0, 1, Accepted({}), Request("http://h", (), b"{")), False),
    ],
)
def test_a_request_that_breaks_off_is_unfinished(call: Call, *, is_so: bool) -> None:
    """Whoever reads it waits for more; what is no HTTP, and what is whole, is waited for by nobody."""
    assert is_unfinished(call.request) is is_so
