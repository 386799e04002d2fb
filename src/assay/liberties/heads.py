"""The head of an answer, rewritten as it goes over the wire: status line and header fields, which ASGI cannot spell.

uvicorn writes the whole head at once, with names in small letters and always as HTTP/1.1. What stands here sits between
its protocol and the transport and looks at nothing but the first bytes of a write: no body of ours begins like a status
line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

__all__ = ["protocol_with"]

_END = b"\r\n\r\n"


class _Rewriting:
    """A transport that rewrites heads and is otherwise the one that it was given."""

    def __init__(self, transport: asyncio.Transport, heads: Sequence[Callable[[bytes], bytes]]) -> None:
        self._transport = transport
        self._heads = heads

    def __getattr__(self, name: str) -> Any:
        """Whatever else a transport can do."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, the head of an answer as it is to be."""
        if data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1"):
            head, end, rest = data.partition(_END)
            head += b"\r\n"
            for rewrite in self._heads:
                head = rewrite(head)
            data = head + end.removeprefix(b"\r\n") + rest
        self._transport.write(data)


def protocol_with(
    heads: Sequence[Callable[[bytes], bytes]], protocol: type[asyncio.Protocol]
) -> type[asyncio.Protocol]:
    """A protocol of uvicorn's for HTTP, whose heads are rewritten one after the other."""

    class _Protocol(protocol):  # type: ignore[misc,valid-type]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(_Rewriting(transport, heads))

    return _Protocol
