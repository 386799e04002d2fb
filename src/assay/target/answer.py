"""One HTTP answer as it arrives: bytes in, a `Response` out, or why there is none.

Nothing that comes makes it raise, and nothing that comes is without end: what is no HTTP, what is longer than anybody
can mean, and what is not encoded as it says ends as an `Unknown` with its reason. What was heard of an answer that
broke off is kept beside the reason. What a whole answer means is for `assay.target.reading`.

The parser is llhttp (httptools), which is strict: two lengths that contradict each other are `unreadable`, not a guess.
"""

from __future__ import annotations

import zlib
from typing import Final

import httptools

from assay.history import Response, Unknown

__all__ = ["MAX_BODY", "MAX_HEAD", "Answer", "decode_content"]

MAX_HEAD: Final = 64 * 1024
"""How long the header of an answer may be."""

MAX_BODY: Final = 8 * 1024 * 1024
"""How long an answer's body may be, before and after its content encoding is undone."""

_SWITCHING, _OK = 101, 200


class Answer:
    """What has come of an answer so far; the parser's callbacks are its methods."""

    __slots__ = (
        "_body", "_complete", "_framed", "_goes_on", "_head_done", "_headers", "_is_cut", "_parser", "_without_body",
        "fault", "keep_alive", "received",
    )  # fmt: skip

    def __init__(self, *, without_body: bool = False) -> None:
        self._headers: list[tuple[str, str]] = []
        self._without_body = without_body
        self._goes_on = self._is_cut = False
        self._body: list[bytes] = []
        self._head_done = self._complete = self._framed = False
        self._parser = httptools.HttpResponseParser(self)
        self.keep_alive = False
        self.received = 0
        self.fault: Unknown | None = None

    def feed(self, data: bytes) -> bool:
        """Take what was received (nothing: the other side closed); is the answer complete, or broken?"""
        if not data:
            if self._head_done and not self._framed:
                return True  # HTTP/1.0: the body ends where the connection does
            self.fault = Unknown("connection", f"closed before the answer was complete{self.progress}")
            self._is_cut = self._head_done
            return True
        self.received += len(data)
        self._parse(data)
        if self._without_body and self._head_done:
            self._complete, self.keep_alive, self._goes_on = True, False, False
        if self._complete or self.fault is not None:
            return True
        if not self._head_done and self.received > MAX_HEAD:
            self.fault = Unknown("unreadable", f"its header is longer than {MAX_HEAD} bytes")
        elif self.received > MAX_BODY + MAX_HEAD:
            self.fault = Unknown("unreadable", f"it is longer than {MAX_BODY} bytes")
        return self.fault is not None

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.fault = Unknown("unreadable", "it switches to another protocol")
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None  # it came in one of the methods below, and the parser wrapped it up
            # What follows a complete answer is not an answer to anything: the answer stands, the connection does not.
            self.keep_alive = False
            self._goes_on = self._complete
            if not self._complete:
                self.fault = Unknown("unreadable", f"not HTTP: {error}"[:200])

    @property
    def progress(self) -> str:
        """How far the answer came, for people."""
        return f", after {self.received} bytes of it" if self.received else ""

    def response(self) -> tuple[Response | None, Unknown | None]:
        """The answer, its content encoding undone; why there is none; or both, as `Connection.exchange` has it."""
        if self.fault is not None:
            return self._broken_off(), self.fault
        headers, body = tuple(self._headers), b"".join(self._body)
        body, fault = decode_content(headers, body)
        flaw = "more bytes follow than its header says" if self._goes_on else ""
        return Response(self._parser.get_status_code(), headers, body, flaw), fault

    def _broken_off(self) -> Response | None:
        """What came of an answer that the other side ended before its header said; None for any other fault."""
        if not self._is_cut:
            return None
        body = b"".join(self._body)
        flaw = f"it ends after {len(body)} bytes of its body, before its header says"
        return Response(self._parser.get_status_code(), tuple(self._headers), body, flaw)

    def on_message_begin(self) -> None:
        """The parser has a message, or a second one."""
        if self._complete:
            self._goes_on, self.keep_alive = True, False

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser has a header field, or a trailer."""
        if not self._head_done:
            self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """The parser is through the header: is it known where the body ends?"""
        status = self._parser.get_status_code()
        if status < _OK and status != _SWITCHING:
            return
        self._head_done = True
        for name, _ in self._headers:
            if len(name) in (14, 17) and name.lower() in {"content-length", "transfer-encoding"}:
                self._framed = True

    def on_body(self, data: bytes) -> None:
        """The parser has a piece of the body."""
        if not self._complete:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """The parser is through the message; an interim one (1xx) is forgotten."""
        if not self._head_done:
            self._headers.clear()
        elif not self._complete:
            self._complete = True
            self.keep_alive = self._parser.should_keep_alive()


def decode_content(headers: tuple[tuple[str, str], ...], body: bytes) -> tuple[bytes, Unknown | None]:
    """The body with its Content-Encoding undone; as it came, and a reason, where that cannot be done."""
    value = ""
    for name, said in headers:
        if len(name) == 16 and name.lower() == "content-encoding":  # noqa: PLR2004 - its length; cheaper than lower()
            value = said
            break
    if not value:
        return body, None
    encodings = [word.strip().lower() for word in value.split(",")]
    decoded = body
    try:
        for encoding in reversed(encodings):
            if encoding in {"gzip", "x-gzip"}:
                decoded = _inflate(decoded, 16 + zlib.MAX_WBITS)
            elif encoding == "deflate":
                # Both readings of "deflate" are met: the standard's (zlib), and the bare stream.
                looks_like_zlib = decoded[:1] == b"\x78"
                decoded = _inflate(decoded, zlib.MAX_WBITS if looks_like_zlib else -zlib.MAX_WBITS)
            elif encoding not in {"", "identity", "aws-chunked"}:
                return body, Unknown(
                    "unreadable", f"Content-Encoding {encoding[:40]!r} was not asked for and is not known"
                )
    except (zlib.error, ValueError) as error:
        return body, Unknown("unreadable", f"Content-Encoding says {value[:40]!r}, the body does not: {error}")
    return decoded, None


def _inflate(data: bytes, window: int) -> bytes:
    if not data:
        return data
    stream = zlib.decompressobj(window)
    inflated = stream.decompress(data, MAX_BODY + 1)
    if len(inflated) > MAX_BODY:
        message = f"it inflates to more than {MAX_BODY} bytes"
        raise ValueError(message)
    if not stream.eof:
        message = "it ends too soon"
        raise ValueError(message)
    return inflated
