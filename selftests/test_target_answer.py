"""One answer as it arrives: whatever the bytes, and in whatever pieces, it is read or there is a reason."""

from __future__ import annotations

import gzip
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.history import Response, Unknown
from assay.target.answer import MAX_BODY, MAX_HEAD, Answer
from selftests.misbehaving import answer

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n"
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
_WHOLE = (
    answer(b'{"a":1}'),
    _CHUNKED,
    _INTERIM + answer(b"{}", "404 Not Found"),
    answer(gzip.compress(b"{}", mtime=0), "200 OK", "Content-Encoding: gzip"),
    b"HTTP/1.0 200 OK\r\n\r\n{}",
    b"HTTP/1.1 204 No Content\r\n\r\n",
)


def _heard(pieces: Iterable[bytes]) -> tuple[Response | None, Unknown | None]:
    """What comes of an answer whose pieces arrive one after the other, and then the end of the connection."""
    arriving = Answer()
    any(map(arriving.feed, (*filter(None, pieces), b"")))
    return arriving.response()


@given(raw=st.sampled_from(_WHOLE), cuts=st.sets(st.integers(1, 150)))
@settings(max_examples=50, deadline=None, database=None)
@example(raw=_CHUNKED, cuts=set(range(1, 150)))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(raw: bytes, cuts: set[int]) -> None:
    """A network may cut it anywhere, between the two bytes of a line's end too."""
    ends = [0, *sorted(cuts), len(raw)]
    response, unknown = _heard(raw[start:end] for start, end in pairwise(ends))
    assert (response, unknown) == _heard([raw])
    assert unknown is None
    assert response is not None
    assert response.flaw == ""


@given(st.lists(st.binary(max_size=40) | st.sampled_from((*_WHOLE, b"HTTP/1.1 200 OK\r\n", b"\r\n")), max_size=5))
@settings(max_examples=100, deadline=None, database=None)
def test_no_bytes_make_it_raise(pieces: list[bytes]) -> None:
    """There is an answer, or a reason, or both; a reason has one line."""
    response, unknown = _heard(pieces)
    assert response is not None or unknown is not None
    assert unknown is None or "\n" not in unknown.detail


def test_what_breaks_off_is_kept_with_the_reason_and_what_is_too_long_is_not() -> None:
    """Of what broke off, a law wants to know that it said how long it would be."""
    broken_off, why = _heard([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"])
    assert why is not None
    assert why.reason == "connection"
    assert broken_off is not None
    assert (broken_off.body, "ends after 2 bytes" in broken_off.flaw) == (b"{}", True)
    header = b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * (MAX_HEAD // 8)
    for endless in ([header], [b"HTTP/1.1 200 OK\r\n\r\n", bytes(MAX_BODY + MAX_HEAD)]):
        response, why = _heard(endless)
        assert response is None
        assert why is not None
        assert why.reason == "unreadable"


def test_headers_keep_their_order_spelling_and_repetition() -> None:
    """A report shows them as they came."""
    response, _ = _heard([b"HTTP/1.1 200 OK\r\nx-b: 1\r\nX-A: 2\r\nx-b: \xe9\r\nContent-Length: 0\r\n\r\n"])
    assert response == Response(200, (("x-b", "1"), ("X-A", "2"), ("x-b", "\xe9"), ("Content-Length", "0")), b"")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"{}", "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-3], "gzip"),
        (b"{}", "br"),
        (b"\xff\xff", "deflate"),
        (gzip.compress(bytes(MAX_BODY + 1), mtime=0), "gzip"),
    ],
)
def test_a_body_that_is_not_what_its_encoding_says_is_kept_and_unreadable(body: bytes, encoding: str) -> None:
    """It inflates to no more than can be meant, whatever it says."""
    response, unknown = _heard([answer(body, "200 OK", f"Content-Encoding: {encoding}")])
    assert response is not None
    assert response.body == body
    assert unknown is not None
    assert unknown.reason == "unreadable"


def test_a_large_answer_within_the_bound_is_read() -> None:
    """Of nearly the size that ends it."""
    body = b'{"a":"' + b"x" * (MAX_BODY - 100) + b'"}'
    response, unknown = _heard([answer(body)])
    assert unknown is None
    assert response is not None
    assert len(response.body) == len(body)
    assert MAX_HEAD < MAX_BODY
