"""The raw leg: exactly the bytes of a message, signed over exactly what is sent, each on a connection of its own.

Nothing here repairs. A length that lies is sent, a header that comes twice comes twice, and a signature covers what the
message says, be it as odd as it may. What cannot be whole is hardly waited for: the sending side is closed, so that a
server that waits for more learns that nothing will come, and one that goes on waiting is within its rights. With
`Expect: 100-continue` the body is held back for a moment, as the client of that field has to. What met with silence
once is waited for less long when a request with the same fields is sent again, though several times as long as any
answer took: three silences of three would take a run half a minute else.

Not signed is what a proxy may change on the way; the session's token and Authorization are written down as stars.
"""

from __future__ import annotations

import re
from hashlib import sha256
from time import gmtime, perf_counter, strftime, time
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote

from assay import __version__
from assay.asked import is_unfinished, may_be_dropped
from assay.history import Request, Response, Unknown, without_secrets
from assay.target.light import without_echo
from assay.target.signing import Signer
from assay.target.wire import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.recipe import Message
    from assay.target.credentials import Credentials
    from assay.target.endpoint import Endpoint

__all__ = ["RawLeg"]

_SIGNED: Final = re.compile(r"host|content-type|x-amz-.*")
_HELD_BACK: Final = 0.25  # seconds that the body waits for `100 Continue`
_IN_VAIN: Final = 2.0  # seconds to wait for an answer that nobody owes
_UNFINISHED: Final = 0.3  # and where the endpoint may rightly wait for more
_TIMES_THE_SLOWEST: Final = 5.0
_STARS: Final = "***"


class RawLeg:
    """Sends messages as they are."""

    def __init__(  # noqa: PLR0913 - what a request is made of
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        region: str,
        signing_name: str,
        *,
        ca_bundle: str | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._endpoint, self._credentials = endpoint, credentials
        self._signer = Signer(credentials, region, signing_name)
        self._connection = Connection(endpoint, ca_bundle=ca_bundle, clock=clock)
        self._clock = clock
        self._slowest = 0.0
        self._silences: set[tuple[str, ...]] = set()

    def exchange(self, message: Message, timeout: float) -> tuple[Request, Response | None, Unknown | None]:
        """Send a message; the request as it is written down, and the answer or why there is none."""
        if message.is_literal:
            head, found, body = message.literal.partition(b"\r\n\r\n")
            sent = shown = head + found
            signature = ""
        else:
            fields, signature = self._signed(message)
            sent, shown, body = _head(message, fields), _head(message, _starred(fields)), message.body
        request = Request(self._endpoint.url, _fields(shown), body, shown)
        hopeless, unfinished = may_be_dropped(request), is_unfinished(request)
        holds_back = b"\r\nexpect:" in sent.lower()
        form = (message.method, *sorted(name.lower() for name, _ in request.headers))
        patience = _UNFINISHED if unfinished else _IN_VAIN if hopeless else None
        if patience is None and form in self._silences:
            patience = max(_IN_VAIN, _TIMES_THE_SLOWEST * self._slowest)
        began = self._clock()
        response, unknown = self._connection.converse(
            [sent, body] if holds_back else [sent + body],
            timeout,
            pause=_HELD_BACK,
            patience=patience,
            ends=hopeless,
            without_body=message.method == "HEAD",
        )
        if unknown is None:
            self._slowest = max(self._slowest, self._clock() - began)
        elif unknown.reason == "timeout" and patience is None:
            self._silences.add(form)
        if response is not None:
            secrets = (*self._credentials.secrets, *((signature.encode(),) if signature else ()))
            response = without_echo(response, secrets)
        elif unfinished and unknown is not None:
            said = "the endpoint waited for more" if unknown.reason == "timeout" else "the endpoint closed"
            unknown = Unknown("unfinished", f"the request never became whole: {said}")
        return request, response, unknown

    def close(self) -> None:
        """There is nothing to close between two messages."""
        self._connection.close()

    def _signed(self, message: Message) -> tuple[list[tuple[str, str]], str]:
        """The fields of a message with those of its signature, and the signature."""
        amz_date = strftime("%Y%m%dT%H%M%SZ", gmtime(time()))
        fields = [*message.headers, ("User-Agent", f"assay/{__version__}"), ("X-Amz-Date", amz_date)]
        if self._credentials.session_token is not None:
            fields.append(("X-Amz-Security-Token", self._credentials.session_token))
        known: dict[str, list[str]] = {}
        for name, value in fields:
            if _SIGNED.fullmatch(name.lower()):
                known.setdefault(name.lower(), []).append(" ".join(value.split()))
        known.setdefault("host", [self._endpoint.authority])
        names = sorted(known)
        path, _, query = message.path.partition("?")
        canonical = "\n".join(
            (
                message.method,
                quote(path, safe="/~%"),
                _query(query),
                *(f"{name}:{','.join(known[name])}" for name in names),
                "",
                ";".join(names),
                sha256(message.content).hexdigest(),
            )
        )
        scope, signature = self._signer.sign(amz_date[:8], amz_date, canonical.encode("utf-8", "replace"))
        credential = f"{self._credentials.access_key_id}/{scope}"
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return [*fields, ("Authorization", authorization)], signature


def _query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)


def _head(message: Message, fields: list[tuple[str, str]]) -> bytes:
    lines = [f"{message.method} {message.path} {message.version}", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _starred(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    public = set(without_secrets(fields))
    return [field if field in public else (field[0], _STARS) for field in fields]


def _fields(head: bytes) -> tuple[tuple[str, str], ...]:
    """The header fields of a head as far as it has any, for readers; the bytes are what counts."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return without_secrets((name, value.strip()) for name, _, value in pairs)
