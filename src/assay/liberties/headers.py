"""Choices about the header of an answer: which fields there are, how they are spelt, what stands in the way.

Names of fields have no case, their order means nothing, and unknown ones are ignored. uvicorn writes all names small,
so the reference is itself the server with small names; other spellings are put in as the head goes over the wire.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from assay.liberties.catalogue import liberty

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.liberties.answers import Answer, Question

_NO_CASE = "names of header fields have no case (RFC 9110)"
_IGNORED = "unknown header fields are ignored (RFC 9110)"
_NAME = re.compile(rb"(?m)^[^:\r\n ]+(?=:)")
_DATE = re.compile(rb"(?mi)^date: *[^\r\n]*")


def _respelt(head: bytes, spell: Callable[[bytes], bytes]) -> bytes:
    status_line, _, fields = head.partition(b"\r\n")
    return status_line + b"\r\n" + _NAME.sub(lambda found: spell(found[0]), fields)


@liberty("header.title-case", because=_NO_CASE, to="head", excludes=("header.*-case",))
def title_case(head: bytes) -> bytes:
    """Spell names of header fields as `Content-Type`."""
    return _respelt(head, bytes.title)


@liberty("header.upper-case", because=_NO_CASE, to="head", excludes=("header.*-case",))
def upper_case(head: bytes) -> bytes:
    """Spell names of header fields as `CONTENT-TYPE`."""
    return _respelt(head, bytes.upper)


@liberty("header.odd-case", because=_NO_CASE, to="head", excludes=("header.*-case",))
def odd_case(head: bytes) -> bytes:
    """Spell names of header fields as `cOnTeNt-tYpE`."""

    def spell(name: bytes) -> bytes:
        odd = bytearray(name)
        odd[1::2] = odd[1::2].upper()
        return bytes(odd)

    return _respelt(head, spell)


@liberty("header.many", because=_IGNORED, to="answer")
def many(_: Question, answer: Answer) -> Answer:
    """Send forty fields that nobody asked for: empty ones, a long one, one that comes three times."""
    odd = (
        (b"access-control-allow-origin", b"*"),
        (b"set-cookie", b"a=1; Path=/"),
        (b"set-cookie", b"b=2; HttpOnly"),
        (b"set-cookie", b"c=3"),
        (b"x-empty", b""),
        (b"x-long", b"l" * 4000),
        (b"x-amz-crc32", b"0"),
        (b"cache-control", b"no-store"),
    )
    return answer.with_headers(*odd, *((b"x-field-%d" % number, b"value %d" % number) for number in range(32)))


@liberty("header.proxy", because="proxies may stand between, and say so in the header", to="answer")
def proxy(_: Question, answer: Answer) -> Answer:
    """Answer as through two proxies and a cache that had nothing."""
    return answer.with_headers(
        (b"via", b"1.1 balancer.example (squid), 1.0 edge"),
        (b"x-forwarded-for", b"203.0.113.9, 198.51.100.7"),
        (b"x-forwarded-proto", b"https"),
        (b"forwarded", b"for=203.0.113.9;proto=https"),
        (b"x-cache", b"MISS from balancer.example"),
        (b"age", b"0"),
        (b"server", b"envoy"),
        (b"x-envoy-upstream-service-time", b"3"),
    )


@liberty("header.charset", because="a media type may have parameters", to="answer")
def charset(_: Question, answer: Answer) -> Answer:
    """Name the charset behind the content type."""
    fields = tuple(
        (name, value + b"; charset=utf-8" if name == b"content-type" else value) for name, value in answer.headers
    )
    return replace(answer, headers=fields)


@liberty("clock.ahead", because="clocks differ, and a signature's time may be off by five minutes", to="head")
def ahead(head: bytes) -> bytes:
    """Send the date of two minutes from now."""
    then = datetime.now(UTC) + timedelta(minutes=2)
    return _DATE.sub(b"date: " + format_datetime(then, usegmt=True).encode(), head)
