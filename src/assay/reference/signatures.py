"""Signature Version 4, header form: is this request signed by a key that we know, now, and unaltered?

Written from AWS's description of the algorithm, for a server's side of it; the self-tests sign with botocore, which is
the authority. Beyond the arithmetic, a server must insist on three things: that `host` and every `x-amz-*` header is
among the signed ones (or the target could be exchanged under a valid signature), that the time is near (a caught
request is worthless tomorrow), and that the scope names the day of that time and one of our services. Codes and their
order follow what AWS's awsJson services were seen to answer: no token, unreadable header, unknown key, wrong signature,
all with status 400.

Not here: presigned URLs, chunk signatures and SigV4A, which no SDK uses for this service. A session token is accepted
unread.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from assay.reference.editions import SERVICES
from assay.reference.refusals import (
    Refusal,
    incomplete_signature,
    invalid_signature,
    missing_authentication_token,
    unrecognized_client,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["SignatureCheck", "Signed"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_SPACES = re.compile(r" +")
_SLASHES = re.compile(r"/+")
_SCOPE_PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request as its signature sees it: path, query, header fields in canonical form, body."""

    path: str
    query: bytes
    given: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """The keys that are known, the clock that times are held against, and the steps of the check.

    `secret_of` finds the secret of a key, `digest` hashes the body of a request, `is_equal` compares two signatures.
    """

    credentials: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tolerance: timedelta = timedelta(minutes=15)
    services: tuple[str, ...] = SERVICES
    digest: Callable[[Signed], str] = lambda signed: hashlib.sha256(signed.body).hexdigest()
    is_equal: Callable[[str, str], bool] = lambda expected, given: hmac.compare_digest(
        expected.encode(), given.encode("latin-1")
    )
    canonical_value: Callable[[str], str] = lambda value: _SPACES.sub(" ", value.strip())
    canonical_path: Callable[[str], str] = lambda path: quote(_SLASHES.sub("/", path), safe="/-_.~")

    def __call__(self, *, path: str, query: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Return where the POST is signed as it should be; refuse it otherwise."""
        given = self._by_name(headers)
        if "authorization" not in given:
            raise missing_authentication_token()
        credential, signed_names, signature = _read_authorization(given["authorization"])
        scope = credential.split("/")
        if len(scope) != _SCOPE_PARTS:
            raise incomplete_signature("Credential must have exactly 5 slash-delimited elements")
        key_id, day, _, service, terminator = scope
        secret = self.credentials.get(key_id)
        if secret is None:
            raise unrecognized_client()
        self._check_time(given.get("x-amz-date"), day)
        if service not in self.services or terminator != "aws4_request":
            raise invalid_signature(f"Credential should be scoped to correct service: '{SERVICES[0]}'.")
        _check_signed_names(signed_names, given)
        expected = self._expected(Signed(path=path, query=query, given=given, body=body), secret, scope, signed_names)
        if not self.is_equal(expected, signature):
            raise invalid_signature(
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            )

    def _expected(self, signed: Signed, secret: str, scope: Sequence[str], signed_names: Sequence[str]) -> str:
        given = signed.given
        canonical = "\n".join(
            (
                "POST",
                self.canonical_path(signed.path),
                _canonical_query(signed.query) if signed.query else "",
                *(f"{name}:{given[name]}" for name in signed_names),
                "",
                ";".join(signed_names),
                self.digest(signed),
            ),
        )
        digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
        to_sign = f"{_ALGORITHM}\n{given['x-amz-date']}\n{'/'.join(scope[1:])}\n{digest}"
        return hmac.digest(_key(secret, *scope[1:]), to_sign.encode("latin-1"), "sha256").hex()

    def _by_name(self, headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
        """Headers in canonical form: names small, spaces single, values of one name joined in order."""
        given: dict[str, str] = {}
        for raw_name, raw_value in headers:
            name = raw_name.decode("latin-1").lower()
            value = self.canonical_value(raw_value.decode("latin-1"))
            given[name] = f"{given[name]},{value}" if name in given else value
        return given

    def _check_time(self, stamp: str | None, day: str) -> None:
        try:
            signed_at = datetime.strptime(stamp or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise incomplete_signature(
                "Authorization header requires existence of a valid 'X-Amz-Date' header."
            ) from None
        assert stamp is not None
        if not stamp.startswith(day + "T"):
            raise invalid_signature(
                f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: {stamp}"
            )
        now = self.now()
        if signed_at < now - self.tolerance:
            raise invalid_signature(
                f"Signature expired: {stamp} is now earlier than {now - self.tolerance:%Y%m%dT%H%M%SZ}"
            )
        if signed_at > now + self.tolerance:
            raise invalid_signature(
                f"Signature not yet current: {stamp} is still later than {now + self.tolerance:%Y%m%dT%H%M%SZ}"
            )


@lru_cache(maxsize=64)
def _key(secret: str, *scope: str) -> bytes:
    """The key of a day, Region and service; few are in use at a time."""
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode("latin-1"), "sha256")
    return key


def _read_authorization(header: str) -> tuple[str, list[str], str]:
    algorithm, _, rest = header.partition(" ")
    if algorithm != _ALGORITHM:
        raise incomplete_signature(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not fields.get(name)]
    if missing:
        raise _lacking(missing)
    return fields["Credential"], fields["SignedHeaders"].split(";"), fields["Signature"]


def _lacking(names: list[str]) -> Refusal:
    return incomplete_signature(" ".join(f"Authorization header requires '{name}' parameter." for name in names))


def _check_signed_names(signed_names: list[str], given: Mapping[str, str]) -> None:
    must = {"host", *(name for name in given if name.startswith("x-amz-"))}
    if signed_names != sorted(set(signed_names)) or not must <= set(signed_names) <= set(given):
        raise invalid_signature("SignedHeaders must be sorted, sent, and hold 'host' and every 'x-amz-' header")


def _canonical_query(query: bytes) -> str:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    encoded = (
        (quote(name, safe="-_.~", encoding="latin-1"), quote(value, safe="-_.~", encoding="latin-1"))
        for name, value in pairs
    )
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))
