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
    from collections.abc import Callable, Mapping

__all__ = ["SignatureCheck"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_TOLERANCE = timedelta(minutes=15)
_SPACES = re.compile(r" +")
_SCOPE_PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """The keys that are known, and the clock that times are held against."""

    credentials: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, *, path: str, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Return where the POST is signed as it should be; refuse it otherwise."""
        given = _by_name(headers)
        if "authorization" not in given:
            raise missing_authentication_token()
        credential, signed_names, signature = _read_authorization(given["authorization"])
        scope = credential.split("/")
        if len(scope) != _SCOPE_PARTS:
            raise incomplete_signature("Credential must have exactly 5 slash-delimited elements")
        key_id, day, region, service, terminator = scope
        secret = self.credentials.get(key_id)
        if secret is None:
            raise unrecognized_client()
        self._check_time(given.get("x-amz-date"), day)
        if service not in SERVICES or terminator != "aws4_request":
            raise invalid_signature(f"Credential should be scoped to correct service: '{SERVICES[0]}'.")
        _check_signed_names(signed_names, given)
        canonical = "\n".join(
            (
                "POST",
                quote(path, safe="/-_.~"),
                _canonical_query(query),
                *(f"{name}:{given[name]}" for name in signed_names),
                "",
                ";".join(signed_names),
                hashlib.sha256(body).hexdigest(),
            ),
        )
        digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
        to_sign = f"{_ALGORITHM}\n{given['x-amz-date']}\n{day}/{region}/{service}/{terminator}\n{digest}"
        key = f"AWS4{secret}".encode()
        for part in (day, region, service, terminator):
            key = hmac.digest(key, part.encode("latin-1"), "sha256")
        expected = hmac.digest(key, to_sign.encode("latin-1"), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), signature.encode("latin-1")):
            raise invalid_signature(
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            )

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
        if signed_at < now - _TOLERANCE:
            raise invalid_signature(f"Signature expired: {stamp} is now earlier than {now - _TOLERANCE:%Y%m%dT%H%M%SZ}")
        if signed_at > now + _TOLERANCE:
            raise invalid_signature(
                f"Signature not yet current: {stamp} is still later than {now + _TOLERANCE:%Y%m%dT%H%M%SZ}"
            )


def _by_name(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers in canonical form: names small, spaces single, values of one name joined in order."""
    given: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        value = _SPACES.sub(" ", raw_value.decode("latin-1").strip())
        given[name] = f"{given[name]},{value}" if name in given else value
    return given


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
