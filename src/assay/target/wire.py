"""One connection to an endpoint: bytes out, one answer back, before a deadline that nothing moves.

What an endpoint may do to a connection is decided here. It may refuse, reset, hang, or trickle a byte now and then;
each ends as an `Unknown` with its reason, within the time that the caller gave, and never as an exception. (What bytes
it may send is the business of `assay.target.answer`.) It may close the connection between two exchanges, too: an idle
one is looked at just before it is used again, so that such a request goes out on a new one (before its second use for
five milliseconds, since an endpoint may close after every answer). What cannot be seen before sending is not repeated:
a Create may have had its effect. An endpoint that closes after every answer without saying so is given one connection
per request from then on.

Still unlovely: a name is looked up without a deadline, as the system's resolver has none.
"""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from assay.errors import UsageError
from assay.history import Response, Unknown
from assay.target.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.target.endpoint import Endpoint

__all__ = ["Connection"]

_CHUNK: Final = 256 * 1024
_SLACK: Final = 0.001  # seconds that sending may take before the socket's timeout is set anew
_SECOND_LOOK: Final = 5  # ms that an endpoint is given to close, before its connection is used a second time
_ACKNOWLEDGE: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


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
        self._answer = Answer()

    def exchange(self, request: bytes, timeout: float) -> tuple[Response | None, Unknown | None]:
        """Send a request, header and all, and read the answer.

        What comes back is the answer, or why there is none; both, where there is one whose body nobody can decode, or
        one that broke off.
        """
        deadline = self._clock() + timeout
        if self._socket is not None and not self._is_silent(_SECOND_LOOK if self._exchanges == 1 else 0):
            self.close()
        reused = self._socket is not None
        answer = Answer()
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
        return self._heard(answer, reused=reused)

    # -- an exchange in three steps, for whoever has several under way

    def prepare(self, deadline: float) -> Unknown | None:
        """Open it, or see that it is still open, so that a request can go out at once; or say why it cannot."""
        if self._socket is not None and not self._is_silent(_SECOND_LOOK if self._exchanges == 1 else 0):
            self.close()
        self._is_reused = self._socket is not None
        self._answer = Answer()
        return self._tried(lambda: self._socket or self._open(deadline))

    def post(self, request: bytes, deadline: float) -> Unknown | None:
        """Send a request on the prepared connection, or say why it cannot be sent."""
        return self._tried(lambda: self._put(request, deadline))

    def fetch(self, deadline: float) -> tuple[Response | None, Unknown | None]:
        """Read the answer to what was posted; the answer, or why there is none, or both as `exchange` has it."""
        unknown = self._tried(lambda: self._take(deadline))
        if unknown is not None:
            return None, unknown
        return self._heard(self._answer, reused=self._is_reused)

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
        answer = Answer(without_body=without_body)
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
        return answer.response()

    def _hears(self, sock: socket.socket, answer: Answer, until: float) -> bool:
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

    def _heard(self, answer: Answer, *, reused: bool) -> tuple[Response | None, Unknown | None]:
        """What came of an exchange that is over; the connection is kept where it can be used again."""
        if answer.fault is not None:
            self._closed(reused=reused, answer=answer)
        else:
            self._exchanges += 1
            if not answer.keep_alive or not self._is_reusable:
                self.close()
        return answer.response()

    def _closed(self, *, reused: bool, answer: Answer) -> None:
        """Forget a broken connection, and whether it broke as one does that is closed after its first answer."""
        if reused and self._exchanges == 1 and answer.received == 0:
            self._is_reusable = False
        self.close()


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
