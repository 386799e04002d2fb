"""The SDK leg: a plain boto3 client, every attempt of which is written down.

What users call an endpoint with is part of the contract, so a part of every run goes through boto3: its serialiser, its
signer, its user agent, its HTTP stack. It is told to check no parameters (the server shall refuse) and to try once (the
target repeats, for both legs alike). The event `before-send` is where an attempt is seen: there it is sent by
botocore's own session, and the raw answer noted before boto3 makes anything of it. The outcome is read from that, as on
the light leg; what boto3 then returns or raises is noted beside it, for the law that asks what an SDK makes of answers.

Two things botocore's session does not do are added: a limit to the size of an answer, and a deadline for the whole
exchange (its timeouts start anew at each byte), after which a watchdog shuts the socket.

Importing this module imports boto3, which takes 0.4 s: the target does so at the first call that asks for this leg.
"""

from __future__ import annotations

import socket
from threading import Timer
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import boto3
from botocore import xform_name
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSResponse,
)
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError

from assay.errors import UsageError
from assay.history import Raised, Request, Response, Returned, SdkView, Unknown, without_secrets
from assay.target.answer import MAX_BODY, decode_content
from assay.target.light import without_echo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from assay.contract import Contract
    from assay.target.credentials import Credentials
    from assay.target.endpoint import Endpoint

__all__ = ["Attempt", "SdkLeg"]

Attempt: TypeAlias = tuple[tuple[float, float], tuple[Request, Response | None, Unknown | None]]
"""When it was sent, when it was answered, and the exchange."""

_LONGEST_CODE: Final = 200
_CHUNK: Final = 256 * 1024
_NOT_HTTP: Final = ("BadStatusLine", "LineTooLong", "got more than", "UnknownProtocol")  # what http.client raises


class SdkLeg:
    """Calls through boto3."""

    def __init__(  # noqa: PLR0913 - what a client is made of
        self,
        endpoint: Endpoint,
        contract: Contract,
        credentials: Credentials,
        region: str,
        *,
        ca_bundle: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._endpoint, self._credentials, self._clock = endpoint, credentials, clock
        self._verify = True if ca_bundle is None else ca_bundle
        self._proxies = {} if endpoint.proxy is None else {endpoint.scheme: endpoint.proxy.url}
        self._session = _BoundedSession(self._verify, 1.0, self._proxies)
        self._attempts: list[Attempt] = []
        self._echoes: list[bytes] = []
        self._timeout = 0.0
        try:
            self._client: Any = boto3.session.Session().client(
                contract.sdk,
                endpoint_url=endpoint.url,
                region_name=region,
                aws_access_key_id=credentials.access_key_id,
                aws_secret_access_key=credentials.secret_access_key,
                aws_session_token=credentials.session_token,
                config=Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1, "mode": "standard"},
                    defaults_mode="legacy",  # "auto" would ask the instance metadata
                ),
            )
        except BotoCoreError as error:
            raise UsageError(
                f"boto3 makes no client of {contract.sdk}: {error}", hint="pip install -U boto3"
            ) from error
        self._client.meta.events.register("before-send", self._send)

    def attempts(
        self, operation: str, given: Mapping[str, Any], timeout: float
    ) -> tuple[list[Attempt], SdkView | None]:
        """Call an operation; what was sent and answered, and what boto3 made of it.

        There is no attempt where boto3 cannot even say such an input.
        """
        self._attempts, self._echoes, self._timeout = [], list(self._credentials.secrets), timeout
        method = getattr(self._client, xform_name(operation), None)
        view: SdkView | None = None
        if method is not None:
            try:
                view = _returned(method(**given), self._echoes)
            except ClientError as error:
                code = _without_echo(error.response.get("Error", {}).get("Code"), self._echoes)
                view = Raised(type(error).__name__, str(code)[:_LONGEST_CODE] if code else None)
            except Exception as error:  # noqa: BLE001 - whatever it makes of an answer, or of an input, is the finding
                view = Raised(type(error).__name__)
        return self._attempts, view

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._client.close()

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        """Send an attempt, as botocore would have, and note what came of it; botocore goes on with what is returned."""
        if self._session.seconds != self._timeout:
            self._session.close()
            self._session = _BoundedSession(self._verify, self._timeout, self._proxies)
        start = self._clock()
        answer, body, unknown = self._session.exchange(request)
        end = self._clock()
        response = None
        if unknown is None:
            assert answer is not None
            headers = tuple((str(name), str(value)) for name, value in answer.raw.headers.iteritems())
            decoded, unknown = decode_content(headers, body)
            echoed = _text(request.headers.get("Authorization", ""))[-64:].encode()
            response = Response(answer.status_code, headers, decoded)
            response = without_echo(response, (*self._credentials.secrets, echoed))
            self._echoes.append(echoed)
        self._attempts.append(((start, end), (self._noted(request), response, unknown)))
        if answer is None or response is None:
            raise HTTPClientError(error=None if unknown is None else unknown.detail)
        return AWSResponse(request.url, answer.status_code, answer.headers, _Body(body))

    def _noted(self, request: Any) -> Request:
        sent = tuple((str(name), _text(value)) for name, value in request.headers.items())
        # http.client puts these two first.
        headers = (("Host", self._endpoint.authority), ("Accept-Encoding", "identity"), *sent)
        body = request.body or b""
        return Request(self._endpoint.url, without_secrets(headers), body.encode() if isinstance(body, str) else body)


def _returned(answer: Mapping[str, Any], secrets: Sequence[bytes]) -> SdkView:
    """What boto3 returned, as JSON values: what the four operations answer holds none but those."""
    output = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return Returned(_without_echo(output, secrets))


def _without_echo(value: Any, secrets: Sequence[bytes]) -> Any:
    """A value with stars in the place of any secret of ours that an endpoint put into it, as in the answer itself."""
    match value:
        case str():
            for secret in secrets:
                word = secret.decode("latin-1")
                if word and word in value:
                    value = value.replace(word, "*" * len(word))
            return value
        case dict():
            return {_without_echo(key, secrets): _without_echo(each, secrets) for key, each in value.items()}
        case list():
            return [_without_echo(each, secrets) for each in value]
        case _:
            return value


_SOCKET_OPTIONS: Final = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]  # as boto3 sets them: 40 ms less for each call


class _BoundedSession(URLLib3Session):  # type: ignore[misc] # botocore has no types
    """botocore's HTTP session, with an end to every exchange."""

    def __init__(self, verify: bool | str, seconds: float, proxies: Mapping[str, str]) -> None:  # noqa: FBT001 - botocore's parameter
        super().__init__(
            verify=verify,
            timeout=(seconds, seconds),
            max_pool_connections=1,
            proxies=dict(proxies),
            socket_options=_SOCKET_OPTIONS,
        )
        self.seconds = seconds
        self._sockets: list[socket.socket] = []
        self._is_late = False
        self._pool_classes_by_scheme = {
            "http": _watched(AWSHTTPConnectionPool, AWSHTTPConnection, self._opened),
            "https": _watched(AWSHTTPSConnectionPool, AWSHTTPSConnection, self._opened),
        }
        self._manager.pool_classes_by_scheme = self._pool_classes_by_scheme

    def exchange(self, request: Any) -> tuple[AWSResponse | None, bytes, Unknown | None]:
        """The answer and its body, or why there is none."""
        self._is_late = False
        watchdog = Timer(self.seconds, self._shut)
        watchdog.daemon = True
        watchdog.start()
        try:
            request.stream_output = True  # the body is read here, bounded
            answer = self.send(request)
            body, unknown = self._read(answer)
        except BotoCoreError as error:
            answer, body, unknown = None, b"", _explained(error)
        except (HTTPError, OSError, ValueError) as error:
            answer, body, unknown = None, b"", Unknown("connection", str(error)[:200])
        finally:
            watchdog.cancel()
        if self._is_late:
            return None, b"", Unknown("timeout", f"no whole answer within {self.seconds:g} s")
        return answer, body, unknown

    def _read(self, answer: AWSResponse) -> tuple[bytes, Unknown | None]:
        body = bytearray()
        for chunk in answer.raw.stream(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > MAX_BODY:
                answer.raw.close()
                return b"", Unknown("unreadable", f"it is longer than {MAX_BODY} bytes")
        promised = answer.headers.get("content-length", "")
        if promised.isdecimal() and "transfer-encoding" not in answer.headers and len(body) < int(promised[:19]):
            return b"", Unknown("connection", "closed before the answer was complete")
        return bytes(body), None

    def _opened(self, opened: socket.socket) -> None:
        self._sockets = [each for each in self._sockets if each.fileno() >= 0]
        self._sockets.append(opened)
        if self._is_late:
            self._shut()

    def _shut(self) -> None:
        self._is_late = True
        for each in self._sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Body:
    """A body that was read already, in the form in which botocore reads one."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        """The body, once."""
        yield self._body


def _watched(pool: type, connection: type, opened: Callable[[socket.socket], None]) -> type:
    """A pool of connections that tell when they have been opened."""

    def connect(self: Any) -> None:
        connection.connect(self)  # type: ignore[attr-defined]
        opened(self.sock)

    return type(
        pool.__name__, (pool,), {"ConnectionCls": type(connection.__name__, (connection,), {"connect": connect})}
    )


def _explained(error: BotoCoreError) -> Unknown:
    """What botocore's error is, in the history's words."""
    cause = str(error.kwargs.get("error", ""))
    text = f"{error} {cause}".replace("\n", " ")[:300]
    if "Timeout" in type(error).__name__:
        return Unknown("timeout", text)
    return Unknown("unreadable" if any(word in cause for word in _NOT_HTTP) else "connection", text)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
