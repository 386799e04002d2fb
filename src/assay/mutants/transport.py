"""Below the server: what becomes of the bytes of an answer, and of the names of a request's header fields.

A careful server of HTTP cannot be made to break HTTP: it counts what it sends, and complains where the sum is wrong. So
a fault of framing gives an answer an order, in a header field that nobody else sees, and the transport obeys it. The
server above believes to have sent a whole answer.

    cut          the first half of the body, and then the end of the connection
    length=N     the whole body under a Content-Length of N
    unended      the body in chunks without the last one, which says that it ends, and then the end of the connection
    nothing      the end of the connection, and not one byte

No mutant stands here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from assay.reference.answers import Answer

__all__ = ["ORDER", "ProtocolType", "obedient", "ordered", "strict_about_names"]

ProtocolType: TypeAlias = "type[asyncio.Protocol]"

ORDER: Final = b"x-order"

_ORDER_LINE: Final = re.compile(rb"(?m)^x-order: ([^\r\n]*)\r\n")
_LENGTH_LINE: Final = re.compile(rb"(?m)^content-length: [0-9]+\r\n")
_KNOWN_NAMES: Final = (b"X-Amz-Target", b"x-amz-target", b"X-AMZ-TARGET")


def ordered(answer: Answer, order: str) -> Answer:
    """An answer with an order for the transport."""
    return replace(answer, headers=(*answer.headers, (ORDER, order.encode())))


class _Obeying:
    """A transport that obeys orders and is otherwise the one that it was given."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._order = ""

    def __getattr__(self, name: str) -> Any:
        """Whatever else a transport can do."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write what the order makes of it: a head, or the body behind it."""
        if data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1"):
            found = _ORDER_LINE.search(data)
            self._order = found[1].decode() if found else ""
            self._write(self._head(_ORDER_LINE.sub(b"", data)))
        else:
            self._write(self._body(data))
            if self._order in {"cut", "unended", "nothing"}:
                self._transport.close()

    def _write(self, data: bytes) -> None:
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _head(self, head: bytes) -> bytes:
        order, _, number = self._order.partition("=")
        match order:
            case "nothing":
                return b""
            case "length":
                return _LENGTH_LINE.sub(b"content-length: %s\r\n" % number.encode(), head)
            case "unended":
                return _LENGTH_LINE.sub(b"transfer-encoding: chunked\r\n", head)
        return head

    def _body(self, body: bytes) -> bytes:
        match self._order:
            case "nothing":
                return b""
            case "cut":
                return body[: len(body) // 2]
            case "unended":
                return b"%x\r\n%s\r\n" % (len(body), body)
        return body


def obedient(protocol: ProtocolType) -> ProtocolType:
    """A protocol of the server's whose answers are sent as they are ordered to be."""

    class _Obedient(protocol):  # type: ignore[misc,valid-type]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(_Obeying(transport))

    return _Obedient


def strict_about_names(protocol: ProtocolType) -> ProtocolType:
    """A protocol of the server's to which X-Amz-Target has just the three spellings that one thinks of."""
    on_header: Callable[[Any, bytes, bytes], None] = protocol.on_header  # type: ignore[attr-defined]

    class _Strict(protocol):  # type: ignore[misc,valid-type]
        def on_header(self, name: bytes, value: bytes) -> None:
            if name.lower() != b"x-amz-target" or name in _KNOWN_NAMES:
                on_header(self, name, value)

    return _Strict
