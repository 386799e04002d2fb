"""The proxy that stands between here and an endpoint, as AWS users have one: HTTPS_PROXY, HTTP_PROXY, NO_PROXY.

It is looked for where botocore looks, in the environment (and, where the system has a setting of its own, there), so
that every leg of a run goes the same way. To an https endpoint it is asked for a tunnel (CONNECT), in which TLS is
spoken with the endpoint itself, so that it sees neither requests nor answers; to an http one it is handed the request,
with the whole URL in its first line. This machine is always reached directly.

What is between the user name and the @ of a proxy's URL is a password: it stands in the one header that the proxy
reads, and in nothing else.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from assay.errors import UsageError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from assay.target.endpoint import Endpoint

__all__ = ["Proxy", "proxied"]

_PORT: Final = 80  # as urllib3 has it
_MOST: Final = 64 * 1024  # bytes of an answer to CONNECT
_HINT: Final = "name it like http://proxy.example.org:3128; NO_PROXY names hosts that are reached directly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where it listens; `url` is what boto3 is given, and holds the password as the caller wrote it."""

    host: str
    port: int
    url: str = field(repr=False)
    authorization: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """The proxy that a URL names; a bare host and port mean http.

        Raises:
            UsageError: it is none that can be spoken to.

        """
        whole = url if "://" in url else f"http://{url}"
        try:
            parts = urlsplit(whole)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError("the proxy in the environment is no URL", hint=_HINT) from error
        if parts.scheme != "http" or not host:
            kind = ascii(parts.scheme)[1:-1][:20]
            raise UsageError(f"the proxy in the environment is spoken to by {kind}, not by http", hint=_HINT)
        authorization = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        return cls(host=host, port=port or _PORT, url=whole, authorization=authorization)

    def address(self, request: bytes, endpoint: Endpoint) -> bytes:
        """A request to an http endpoint as the proxy wants it; one without a path in its first line stays as it is."""
        method, _, rest = request.partition(b" ")
        line, found, more = rest.partition(b"\r\n")
        if not line.startswith(b"/"):
            return request
        return b"%s http://%s%s%s%s%s" % (method, endpoint.authority.encode(), line, found, self._header(), more)

    def open_tunnel(self, sock: socket.socket, endpoint: Endpoint, *, wait: Callable[[], None]) -> None:
        """Have the proxy connect to the endpoint; `wait` is called before each read, and keeps the deadline.

        Raises:
            OSError: it does not.

        """
        named = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        place = f"{named}:{endpoint.port}".encode()
        sock.sendall(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (place, place, self._header()))
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            wait()
            more = sock.recv(1)  # what follows is the endpoint's
            if not more or len(answer) > _MOST:
                raise ConnectionError(f"the proxy {self.host} closed the tunnel before it was open")
            answer += more
        status = answer.split(b"\r\n", 1)[0].split(b" ", 2)[1:2]
        if not status or not status[0].startswith(b"2"):
            said = ascii(b" ".join(status).decode("latin-1"))[1:-1][:20]
            raise ConnectionError(f"the proxy {self.host} opens no tunnel to {endpoint.host}: {said}")

    def _header(self) -> bytes:
        return b"" if self.authorization is None else f"Proxy-Authorization: {self.authorization}\r\n".encode()


def proxied(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with the proxy by which it is reached where the environment names one.

    Raises:
        UsageError: the environment names one that cannot be spoken to.

    """
    if endpoint.is_loopback:
        return endpoint
    url = getproxies().get(endpoint.scheme)
    if not url or proxy_bypass(f"{endpoint.host}:{endpoint.port}") or proxy_bypass(endpoint.host):
        return endpoint
    return endpoint.through(Proxy.parse(url))
