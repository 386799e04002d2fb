"""One connection to an endpoint: bytes out, one answer back, before a deadline that nothing moves.

What an endpoint may do to us is decided here. It may refuse, reset, hang, trickle a byte now and then, answer with
something that is not HTTP, or never stop answering; each ends as an `Unknown` with its reason, within the time that the
caller gave, and never as an exception. It may close the connection between two exchanges, too: an idle connection is
looked at just before it is used again, so that such a request goes out on a new one (before its second use for five
milliseconds, since an endpoint may close after every answer). What cannot be seen before sending is not repeated: a
Create may have had its effect. An endpoint that closes after every answer without saying so is given one connection per
request from then on.

The parser is llhttp (httptools), which is strict: two lengths that contradict each other are `unreadable`, not a guess.

Still unlovely: a name is looked up without a deadline, as the system's resolver has none.
"""

from __future__ import annotations

import select
import socket
import ssl
import zlib
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import httptools

from assay.errors import UsageError
from assay.history import Response, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.target.endpoint import Endpoint

__all__ = ["MAX_BODY", "MAX_HEAD", "Connection", "decode_content"]

MAX_HEAD: Final = 64 * 1024
"""How long the header of an answer may be."""

MAX_BODY: Final = 8 * 1024 * 1024
"""How long an answer's body may be, before and after its content encoding is undone."""

_CHUNK: Final = 256 * 1024
_SLACK: Final = 0.001  # seconds that sending may take before the socket's timeout is set anew
_SECOND_LOOK: Final = 5  # ms that an endpoint is given to close, before its connection is used a second time
_ACKNOWLEDGE: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_CONTINUE, _SWITCHING, _OK = 100, 101, 200


class Connection:
    """A keep-alive connection that is opened when it is needed; not for two threads at once."""

    def __init__(
        self, endpoint: Endpoint, *, ca_bundle: str | None = None, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._tls = _tls_context(ca_bundle) if endpoint.scheme == "https" else None
        self._socket: socket.socket | None = None
        self._is_silent: Callable[[int], bool] = bool
        self._timeout = 0.0
        self._exchanges = 0
        self._is_reusable = True
        self._is_reused = False
        self._answer = _Answer()

    def exchange(self, request: bytes, timeout: float) -> tuple[Response | None, Unknown | None]:
        """Send a request, header and all, and read the answer.

        What comes back is the answer, or why there is none; both, where there is one whose body nobody can decode, or
        one that broke off.
        """
        deadline = self._clock() + timeout
        if self._socket is not None and not self._is_silent(_SECOND_LOOK if self._exchanges == 1 else 0):
            self.close()
        reused = self._socket is not None
        answer = _Answer()
        try:
            sock = self._socket or self._open(deadline)
            remaining = deadline - self._clock()
            if abs(remaining - self._timeout) > _SLACK:
                self._set_timeout(sock, remaining)
            sock.sendall(self._addressed(request))
            remaining = deadline - self._clock()
            if self._timeout - remaining > _SLACK:
                self._set_timeout(sock, remaining)
            while not answer.feed(sock.recv(_CHUNK)):
                self._wants_more(sock, deadline)
        except TimeoutError:
            self.close()
            return None, Unknown("timeout", f"no whole answer within {timeout:g} s{answer.progress}")
        except OSError as error:
            self._closed(reused=reused, answer=answer)
            return None, Unknown("connection", _described(error) + answer.progress)
        except BaseException:
            self.close()  # whoever was interrupted must not read this answer as that to the next request
            raise
        if answer.fault is not None:
            self._closed(reused=reused, answer=answer)
            return answer.broken_off(), answer.fault
        self._exchanges += 1
        if not answer.keep_alive or not self._is_reusable:
            self.close()
        return answer.response()

    # -- an exchange in three steps, for whoever has several under way

    def prepare(self, deadline: float) -> Unknown | None:
        """Open it, or see that it is still open, so that a request can go out at once; or say why it cannot."""
        if self._socket is not None and not self._is_silent(_SECOND_LOOK if self._exchanges == 1 else 0):
            self.close()
        self._is_reused = self._socket is not None
        self._answer = _Answer()
        return self._tried(lambda: self._socket or self._open(deadline))

    def post(self, request: bytes, deadline: float) -> Unknown | None:
        """Send a request on the prepared connection, or say why it cannot be sent."""
        return self._tried(lambda: self._put(request, deadline))

    def fetch(self, deadline: float) -> tuple[Response | None, Unknown | None]:
        """Read the answer to what was posted; the answer, or why there is none, or both as `exchange` has it."""
        unknown = self._tried(lambda: self._take(deadline))
        if unknown is not None:
            return None, unknown
        answer = self._answer
        if answer.fault is not None:
            self._closed(reused=self._is_reused, answer=answer)
            return answer.broken_off(), answer.fault
        self._exchanges += 1
        if not answer.keep_alive or not self._is_reusable:
            self.close()
        return answer.response()

    @property
    def open_socket(self) -> socket.socket | None:
        """The open socket, to wait for; None where it is closed."""
        return self._socket

    def _put(self, request: bytes, deadline: float) -> None:
        assert self._socket is not None
        self._set_timeout(self._socket, deadline - self._clock())
        self._socket.sendall(self._addressed(request))

    def _take(self, deadline: float) -> None:
        assert self._socket is not None
        self._set_timeout(self._socket, deadline - self._clock())
        while not self._answer.feed(self._socket.recv(_CHUNK)):
            self._wants_more(self._socket, deadline)

    def _tried(self, step: Callable[[], object]) -> Unknown | None:
        try:
            step()
        except TimeoutError:
            self.close()
            return Unknown("timeout", f"no whole answer in time{self._answer.progress}")
        except OSError as error:
            self._closed(reused=self._is_reused, answer=self._answer)
            return Unknown("connection", _described(error) + self._answer.progress)
        except BaseException:
            self.close()
            raise
        return None

    def converse(  # noqa: PLR0913 - each in words of its own
        self,
        parts: Sequence[bytes],
        timeout: float,
        *,
        pause: float,
        patience: float | None = None,
        ends: bool = False,
        without_body: bool = False,
    ) -> tuple[Response | None, Unknown | None]:
        """Send the parts of a request on a connection of their own, read the answer, and close.

        Between two parts an interim answer is waited for, for `pause` seconds; a final one ends the sending. `patience`
        are the seconds from the last part to the end of the answer, where they are fewer than what is left of
        `timeout`. `ends`: our side is closed behind the last part. `without_body`: the answer ends with its header, as
        that to a HEAD.
        """
        deadline = self._clock() + timeout
        parts = [self._addressed(part) if number == 0 else part for number, part in enumerate(parts)]
        self.close()
        answer = _Answer(without_body=without_body)
        try:
            sock = self._open(deadline)
            is_over = False
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it closed
                for number, part in enumerate(parts):
                    if number:
                        is_over = self._hears(sock, answer, min(deadline, self._clock() + pause))
                    if is_over:
                        break
                    self._set_timeout(sock, deadline - self._clock())
                    sock.sendall(part)
                if ends:
                    socket.socket.shutdown(sock, socket.SHUT_WR)  # of TLS, too: only its answers are still read
            if patience is not None and self._clock() + patience < deadline:
                deadline, timeout = self._clock() + patience, patience
            self._set_timeout(sock, deadline - self._clock())
            while not (is_over or answer.feed(sock.recv(_CHUNK))):
                self._wants_more(sock, deadline)
        except TimeoutError:
            return None, Unknown("timeout", f"no whole answer within {timeout:g} s{answer.progress}")
        except OSError as error:
            return None, Unknown("connection", _described(error) + answer.progress)
        finally:
            self.close()
        return answer.response() if answer.fault is None else (answer.broken_off(), answer.fault)

    def _hears(self, sock: socket.socket, answer: _Answer, until: float) -> bool:
        """Take what comes until then, if anything does; is the answer over?"""
        try:
            self._set_timeout(sock, until - self._clock())
            return answer.feed(sock.recv(_CHUNK))
        except TimeoutError:
            return False

    def close(self) -> None:
        """Close it; the next exchange opens it again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self, deadline: float) -> socket.socket:
        endpoint, proxy = self._endpoint, self._endpoint.proxy
        # Names below localhost are loopback by RFC 6761, whatever a resolver says.
        host = "localhost" if endpoint.is_loopback and endpoint.host.endswith(".localhost") else endpoint.host
        place = (host, endpoint.port) if proxy is None else (proxy.host, proxy.port)
        raw = self._connected(socket.getaddrinfo(*place, 0, socket.SOCK_STREAM), deadline)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if proxy is not None and self._tls is not None:
                proxy.open_tunnel(raw, endpoint, wait=lambda: self._set_timeout(raw, deadline - self._clock()))
            opened = raw if self._tls is None else self._tls.wrap_socket(raw, server_hostname=endpoint.host)
        except BaseException:
            raw.close()
            raise
        self._socket, self._exchanges = opened, 0
        self._is_silent = _silence(opened)
        self._timeout = opened.gettimeout() or 0.0
        return opened

    def _addressed(self, request: bytes) -> bytes:
        """A request as whoever it is sent to wants it."""
        proxy = self._endpoint.proxy
        return request if proxy is None or self._tls is not None else proxy.address(request, self._endpoint)

    def _connected(self, places: list[Any], deadline: float) -> socket.socket:
        """A connection to the first of a name's addresses that takes one, all of them within the deadline."""
        failure: OSError = ConnectionRefusedError("the name has no address")
        for family, kind, protocol, _, address in places:
            raw = socket.socket(family, kind, protocol)
            try:
                self._set_timeout(raw, deadline - self._clock())
                raw.connect(address)
                self._set_timeout(raw, deadline - self._clock())
            except TimeoutError:
                raw.close()
                raise
            except OSError as error:
                raw.close()
                failure = error
            else:
                return raw
        raise failure

    def _wants_more(self, sock: socket.socket, deadline: float) -> None:
        """Get ready for the rest of an answer.

        What came is acknowledged at once: a server that writes header and body one after the other, as Python's own
        does, would wait 40 ms for that in every answer (Nagle's algorithm meets delayed acknowledgements).
        """
        self._set_timeout(sock, deadline - self._clock())
        if _ACKNOWLEDGE is not None:
            sock.setsockopt(socket.IPPROTO_TCP, _ACKNOWLEDGE, 1)

    def _set_timeout(self, sock: socket.socket, remaining: float) -> None:
        if remaining <= 0:
            raise TimeoutError
        sock.settimeout(remaining)
        self._timeout = remaining

    def _closed(self, *, reused: bool, answer: _Answer) -> None:
        """Forget a broken connection, and whether it broke as one does that is closed after its first answer."""
        if reused and self._exchanges == 1 and answer.received == 0:
            self._is_reusable = False
        self.close()


class _Answer:
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
        """The answer, its content encoding undone."""
        headers, body = tuple(self._headers), b"".join(self._body)
        body, fault = decode_content(headers, body)
        flaw = "more bytes follow than its header says" if self._goes_on else ""
        return Response(self._parser.get_status_code(), headers, body, flaw), fault

    def broken_off(self) -> Response | None:
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


def _silence(sock: socket.socket) -> Callable[[int], bool]:
    """A question to ask before a socket is used again: is it silent for so many milliseconds, as it must be?

    Whatever can be read then is an end, a reset, or an answer to nothing. TLS is the exception: its own messages (new
    session tickets) come at any time, so there the layer itself is asked.
    """
    if isinstance(sock, ssl.SSLSocket):
        return lambda milliseconds: _is_tls_silent(sock, milliseconds)
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return lambda milliseconds: not poll.poll(milliseconds)
    return lambda milliseconds: not select.select([sock], [], [], milliseconds / 1000)[0]


def _is_tls_silent(sock: ssl.SSLSocket, milliseconds: int) -> bool:
    before = sock.gettimeout()
    sock.settimeout(milliseconds / 1000)
    try:
        sock.recv(1)
    except (ssl.SSLWantReadError, TimeoutError):
        return True
    except OSError:
        return False
    finally:
        sock.settimeout(before)
    return False


def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"the CA bundle {ca_bundle} cannot be read: {error}", hint="it holds certificates in PEM form"
        ) from error


def _described(error: OSError) -> str:
    """What the system says, in one line, without the address that it could not reach."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, socket.gaierror):
        return f"the name cannot be looked up: {error.strerror}"
    return (error.strerror or str(error) or type(error).__name__).lower()
