"""The light leg: a signed request over one keep-alive connection, at a twentieth of what boto3 costs.

The volume of a run goes this way. A request is what boto3 would send but for its user agent and invocation id: the same
header fields, in the same order. What does not change between two requests of an operation is put together once.
"""

from __future__ import annotations

from time import perf_counter, time
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay import __version__
from assay.history import Request, Response, Unknown, without_secrets
from assay.target.missigned import Plain, missigned
from assay.target.signing import Signer
from assay.target.wire import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.contract import Contract
    from assay.target.credentials import Credentials
    from assay.target.endpoint import Endpoint

__all__ = ["SPELLINGS", "LightLeg", "Spelling", "without_echo"]

Spelling: TypeAlias = Literal["long", "short"]

SPELLINGS: Final[tuple[Spelling, ...]] = ("long", "short")
"""The two legitimate spellings of X-Amz-Target: boto3's, and that of the newer SDKs."""

_USER_AGENT: Final = f"assay/{__version__}"


class LightLeg:
    """Sends what it is given, signed, and hands back the exchange."""

    def __init__(  # noqa: PLR0913 - what a request is made of
        self,
        endpoint: Endpoint,
        contract: Contract,
        credentials: Credentials,
        region: str,
        *,
        spelling: Spelling = "long",
        ca_bundle: str | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._endpoint, self._contract, self._spelling = endpoint, contract, spelling
        self._region, self._renewed = region, credentials.renewed
        self._sign_as(credentials)
        self._connection = Connection(endpoint, ca_bundle=ca_bundle, clock=clock)

    def exchange(
        self, operation: str, payload: bytes, timeout: float
    ) -> tuple[Request, Response | None, Unknown | None]:
        """Send an operation's input; the request, without secrets, and the answer or why there is none."""
        sent, request, authorization = self.signed(operation, payload)
        response, unknown = self._connection.exchange(sent, timeout)
        return request, self.without_echo(response, authorization), unknown

    def signed(self, operation: str, payload: bytes) -> tuple[bytes, Request, str]:
        """The bytes of a request, what a history may know of it, and what no history may: its Authorization."""
        self._renew()
        template = self._templates.get(operation)
        if template is None:
            template = self._templates[operation] = self._template(operation)
        amz_date, authorization = template.signable.sign(payload, time())
        length = str(len(payload))
        head = f"{template.head}{amz_date}{template.middle}{authorization}\r\nContent-Length: {length}\r\n\r\n"
        request = Request(
            self._endpoint.url, (*template.headers, ("X-Amz-Date", amz_date), ("Content-Length", length)), payload
        )
        return head.encode("latin-1") + payload, request, authorization

    def without_echo(self, response: Response | None, authorization: str) -> Response | None:
        """The answer without any secret of ours that it echoes."""
        if response is None:
            return None
        return without_echo(response, (*self._secrets, authorization[-64:].encode()))

    def exchange_missigned(
        self, operation: str, payload: bytes, timeout: float, signing: str
    ) -> tuple[Request, Response | None, Unknown | None]:
        """The same with an odd signature; `signing` is a word of `assay.signings`."""
        self._renew()
        other = next(name for name in self._contract.operations if name != operation)
        plain = Plain(
            host=self._endpoint.authority,
            path=self._endpoint.path,
            fields=self._fields(operation),
            body=payload,
            another_target=f"{self._contract.targets[self._spelling]}.{other}",
            credentials=self._signer.credentials,
            region=self._region,
            signing_name=self._contract.signing_name,
            now=time(),
        )
        made = missigned(signing, plain)
        lines = "".join(f"{name}: {value}\r\n" for name, value in made.fields)
        head = f"POST {made.path} HTTP/1.1\r\n{lines}\r\n"
        response, unknown = self._connection.exchange(head.encode("latin-1") + made.body, timeout)
        request = Request(self._endpoint.url, without_secrets(made.fields), made.body)
        return request, None if response is None else without_echo(response, made.secrets), unknown

    def close(self) -> None:
        """Close the connection; the next exchange opens it again."""
        self._connection.close()

    def _renew(self) -> None:
        if self._renewed is not None and (current := self._renewed()) is not self._credentials:
            self._sign_as(current)

    def _sign_as(self, credentials: Credentials) -> None:
        """Sign with these from now on; what was prepared with others is prepared anew."""
        self._credentials, self._secrets = credentials, credentials.secrets
        self._signer = Signer(credentials, self._region, self._contract.signing_name)
        self._templates: dict[str, _Template] = {}

    def _template(self, operation: str) -> _Template:
        return _Template(self._endpoint, self._signer, self._fields(operation))

    def _fields(self, operation: str) -> tuple[tuple[str, str], ...]:
        target = f"{self._contract.targets[self._spelling]}.{operation}"
        return (("X-Amz-Target", target), ("Content-Type", self._contract.content_type), ("User-Agent", _USER_AGENT))


class _Template:
    """What all requests of one operation share."""

    __slots__ = ("head", "headers", "middle", "signable")

    def __init__(self, endpoint: Endpoint, signer: Signer, headers: tuple[tuple[str, str], ...]) -> None:
        self.signable = signer.prepare(endpoint.authority, endpoint.path, headers)
        self.headers = without_secrets((("Host", endpoint.authority), ("Accept-Encoding", "identity"), *headers))
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        token = signer.credentials.session_token
        self.head = f"POST {endpoint.path} HTTP/1.1\r\n{lines}X-Amz-Date: "
        self.middle = "\r\n" + (f"X-Amz-Security-Token: {token}\r\n" if token else "") + "Authorization: "


def without_echo(response: Response, secrets: tuple[bytes, ...]) -> Response:
    """The answer, with stars in the place of any secret of ours that it echoes, so that lengths stay what they were."""
    body, headers = response.body, response.headers
    for secret in secrets:
        if secret in body:
            body = body.replace(secret, b"*" * len(secret))
        word = secret.decode("latin-1")
        for _, value in headers:
            if word in value:
                headers = tuple((name, each.replace(word, "*" * len(word))) for name, each in headers)
                break
    return (
        response
        if body is response.body and headers is response.headers
        else Response(response.status, headers, body, response.flaw)
    )
