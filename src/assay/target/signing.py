"""Signature Version 4, as light as it can be: what botocore computes, in a twelfth of its time.

A run signs tens of thousands of requests that differ in body and second only. So what stays the same is computed once:
the key of a day, the canonical form of a request's fixed header fields. What is left per request is two SHA-256 and one
HMAC. A selftest holds the result equal to botocore's `SigV4Auth`, which is the authority; this module knows no more of
the algorithm than the requests of assay need: a POST with a body, without a query.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from time import gmtime, strftime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.target.credentials import Credentials

__all__ = ["Signable", "Signer"]

_UNSIGNED: Final = frozenset(
    {
        # botocore's list: what a proxy may change on the way.
        *("baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"),
    }
)


class Signer:
    """Signs for one caller, Region and service; keeps the key of the day."""

    def __init__(self, credentials: Credentials, region: str, signing_name: str) -> None:
        self.credentials = credentials
        self._access_key_id = credentials.access_key_id
        self._scope_tail = f"{region}/{signing_name}/aws4_request"
        self._region, self._signing_name = region, signing_name
        self._secret = f"AWS4{credentials.secret_access_key}".encode()
        self._day, self._key, self._scope = "", b"", ""

    def prepare(self, host: str, path: str, headers: Iterable[tuple[str, str]]) -> Signable:
        """A request of which everything is known but its body and its second; a session token is added here."""
        return Signable(self, host, path, headers)

    def scope(self, day: str) -> str:
        """What a signature of a day is good for: the day, the Region, the service."""
        return f"{day}/{self._scope_tail}"

    def sign(self, day: str, amz_date: str, canonical: bytes) -> tuple[str, str]:
        """The scope and the signature of a canonical request."""
        if day != self._day:
            key = self._secret
            for part in (day, self._region, self._signing_name, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._day, self._key, self._scope = day, key, self.scope(day)
        text = f"AWS4-HMAC-SHA256\n{amz_date}\n{self._scope}\n{sha256(canonical).hexdigest()}"
        return self._scope, hmac.digest(self._key, text.encode(), "sha256").hex()


class Signable:
    """A request to be signed again and again, with other bodies at other times."""

    def __init__(self, signer: Signer, host: str, path: str, headers: Iterable[tuple[str, str]]) -> None:
        self._signer = signer
        fields: dict[str, list[str]] = {"host": [host]}
        for name, value in headers:
            if name.lower() not in _UNSIGNED:
                fields.setdefault(name.lower(), []).append(" ".join(value.split()))
        fields["x-amz-date"] = [""]
        if signer.credentials.session_token is not None:
            fields["x-amz-security-token"] = [signer.credentials.session_token]
        names = sorted(fields)
        lines = [f"{name}:{','.join(fields[name])}\n" for name in names]
        at = names.index("x-amz-date")
        before, after = "".join(lines[:at]), "".join(lines[at + 1 :])
        signed = ";".join(names)
        self._before = f"POST\n{quote(path, safe='/~')}\n\n{before}x-amz-date:"
        self._after = f"\n{after}\n{signed}\n"
        self._authorization = f"AWS4-HMAC-SHA256 Credential={signer.credentials.access_key_id}/"
        self._signed = f", SignedHeaders={signed}, Signature="
        self._second, self._amz_date = -1, ""

    def sign(self, body: bytes, now: float, *, digest: str | None = None) -> tuple[str, str]:
        """The values of X-Amz-Date and Authorization for this body, at this time (seconds since 1970).

        `digest` is what is signed in the place of the body's hash, as with `UNSIGNED-PAYLOAD`.
        """
        second = int(now)
        if second != self._second:
            self._second, self._amz_date = second, strftime("%Y%m%dT%H%M%SZ", gmtime(second))
        amz_date = self._amz_date
        canonical = f"{self._before}{amz_date}{self._after}{digest or sha256(body).hexdigest()}".encode()
        scope, signature = self._signer.sign(amz_date[:8], amz_date, canonical)
        return amz_date, f"{self._authorization}{scope}{self._signed}{signature}"
