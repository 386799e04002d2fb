"""Requests whose signature is odd on purpose: one function for each word of `assay.signings`.

What is sent is always the request that the caller asked for; what is changed is what was signed, or how it is written.
So whoever lets such a request in has done what it says, and it can be seen that it was done. The arithmetic is
`Signer`'s; the fields of a request are those of the light leg.

No session token, key or signature leaves this module but in the bytes that are sent, and in `secrets`, which names what
must be blotted out of an answer that echoes it. The key that nobody has is made up anew for each request: it begins as
no AWS key does, so it is nobody's, and nobody's attempts are counted against it.
"""

from __future__ import annotations

import secrets as chance
from dataclasses import dataclass, replace
from hashlib import sha256
from time import gmtime, strftime
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

from assay.target.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.target.credentials import Credentials

__all__ = ["Fields", "Missigned", "Plain", "missigned"]

Fields: TypeAlias = tuple[tuple[str, str], ...]

_OLD_S: Final = 20 * 60.0
_ANOTHER_BODY: Final = b'{"Signed":"another body"}'
_UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
_HASH: Final = "X-Amz-Content-Sha256"
_META: Final = "X-Amz-Meta-Assay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A request as it would be signed by anybody; `fields` are those beside Host, X-Amz-Date and Content-Length."""

    host: str
    path: str
    fields: Fields
    body: bytes
    another_target: str
    credentials: Credentials
    region: str
    signing_name: str
    now: float

    def signer(
        self, *, credentials: Credentials | None = None, region: str | None = None, service: str | None = None
    ) -> Signer:
        """A signer for this caller, Region and service, or for others."""
        return Signer(credentials or self.credentials, region or self.region, service or self.signing_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missigned:
    """What is sent: the path, the header fields in their order, the body; and what no answer may be kept with."""

    path: str
    fields: Fields
    body: bytes
    secrets: tuple[bytes, ...]


def missigned(signing: str, plain: Plain) -> Missigned:
    """The request of a word of `assay.signings` other than `valid`.

    Raises:
        KeyError: there is no such word.

    """
    return _MAKERS[signing](plain)


def _sent(plain: Plain, given: Fields, *, path: str | None = None, extra: Fields = ()) -> Missigned:
    """A request with these header fields, Host before and Content-Length behind them."""
    fields = (("Host", plain.host), ("Accept-Encoding", "identity"), *given, *extra)
    length = ("Content-Length", str(len(plain.body)))
    words = [value[-64:].encode() for name, value in given if name.lower() == "authorization"]
    secrets = (*plain.credentials.secrets, *words)
    return Missigned(path=path or plain.path, fields=(*fields, length), body=plain.body, secrets=secrets)


def _signed(  # noqa: PLR0913 - each thing that can be signed otherwise than it is sent
    plain: Plain,
    *,
    signer: Signer | None = None,
    path: str | None = None,
    fields: Fields | None = None,
    body: bytes | None = None,
    digest: str | None = None,
    now: float | None = None,
) -> Fields:
    """The date, the session token and the authorization of a request, of which some things may differ from the sent."""
    signer = plain.signer() if signer is None else signer
    signable = signer.prepare(plain.host, path or plain.path, plain.fields if fields is None else fields)
    date, authorization = signable.sign(
        plain.body if body is None else body, plain.now if now is None else now, digest=digest
    )
    token = signer.credentials.session_token
    return (
        ("X-Amz-Date", date),
        *((("X-Amz-Security-Token", token),) if token else ()),
        ("Authorization", authorization),
    )


def _with(fields: Fields, name: str, value: str) -> Fields:
    return (*(field for field in fields if field[0] != name), (name, value))


# -- signed badly


def _missing(plain: Plain) -> Missigned:
    date = strftime("%Y%m%dT%H%M%SZ", gmtime(int(plain.now)))
    return _sent(plain, (*plain.fields, ("X-Amz-Date", date)))


def _wrong_secret(plain: Plain) -> Missigned:
    other = replace(plain.credentials, secret_access_key=chance.token_urlsafe(30))
    return _sent(plain, (*plain.fields, *_signed(plain, signer=plain.signer(credentials=other))))


def _altered_signature(plain: Plain) -> Missigned:
    *others, (name, authorization) = _signed(plain)
    last = "0" if authorization[-1] != "0" else "1"
    return _sent(plain, (*plain.fields, *others, (name, authorization[:-1] + last)))


def _wrong_region(plain: Plain) -> Missigned:
    other = "eu-central-1" if plain.region != "eu-central-1" else "us-west-2"
    *others, (name, authorization) = _signed(plain)
    scoped = f"/{plain.region}/{plain.signing_name}/"
    return _sent(
        plain,
        (*plain.fields, *others, (name, authorization.replace(scoped, f"/{other}/{plain.signing_name}/", 1))),
    )


def _wrong_service(plain: Plain) -> Missigned:
    return _sent(plain, (*plain.fields, *_signed(plain, signer=plain.signer(service="s3"))))


def _unknown_key(plain: Plain) -> Missigned:
    nobody = replace(
        plain.credentials,
        access_key_id=f"ASSAY{chance.token_hex(8).upper()}",
        secret_access_key=chance.token_urlsafe(30),
        session_token=None,
    )
    return _sent(plain, (*plain.fields, *_signed(plain, signer=plain.signer(credentials=nobody))))


def _tampered_body(plain: Plain) -> Missigned:
    return _sent(plain, (*plain.fields, *_signed(plain, body=_ANOTHER_BODY)))


def _tampered_declared(plain: Plain) -> Missigned:
    fields = (*plain.fields, (_HASH, sha256(_ANOTHER_BODY).hexdigest()))
    return _sent(plain, (*fields, *_signed(plain, fields=fields, body=_ANOTHER_BODY)))


def _tampered_header(plain: Plain) -> Missigned:
    signed = _signed(plain, fields=(*plain.fields, (_META, "signed")))
    return _sent(plain, (*plain.fields, (_META, "sent"), *signed))


def _tampered_target(plain: Plain) -> Missigned:
    signed = _signed(plain, fields=_with(plain.fields, "X-Amz-Target", plain.another_target))
    return _sent(plain, (*plain.fields, *signed))


def _old_date(plain: Plain) -> Missigned:
    return _sent(plain, (*plain.fields, *_signed(plain, now=plain.now - _OLD_S)))


# -- signed well, written oddly


def _odd_spaces(plain: Plain) -> Missigned:
    signed = _signed(plain, fields=(*plain.fields, (_META, "one two")))
    return _sent(plain, (*plain.fields, (_META, "  one   two  "), *signed))


def _odd_order(plain: Plain) -> Missigned:
    return _sent(plain, tuple(reversed((*plain.fields, *_signed(plain)))))


def _odd_case(plain: Plain) -> Missigned:
    fields = (*plain.fields, *_signed(plain))
    return _sent(plain, tuple((name.upper(), value) for name, value in fields))


def _odd_empty(plain: Plain) -> Missigned:
    fields = (*plain.fields, (_META, ""))
    return _sent(plain, (*fields, *_signed(plain, fields=fields)))


def _odd_path(plain: Plain) -> Missigned:
    """Signed with the path that SigV4 makes of it: two slashes are one."""
    return _sent(plain, (*plain.fields, *_signed(plain)), path=f"/{plain.path}")


# -- sent and told


def _unsigned_payload(plain: Plain) -> Missigned:
    fields = (*plain.fields, (_HASH, _UNSIGNED_PAYLOAD))
    return _sent(plain, (*fields, *_signed(plain, fields=fields, digest=_UNSIGNED_PAYLOAD)))


def _foreign_token(plain: Plain) -> Missigned:
    other = replace(plain.credentials, session_token=chance.token_urlsafe(60))
    return _sent(plain, (*plain.fields, *_signed(plain, signer=plain.signer(credentials=other))))


def _presigned_query(plain: Plain) -> Missigned:
    """Everything that is signed stands in the query, the signature too; only Host and the target are signed fields."""
    signer, credentials = plain.signer(), plain.credentials
    date = strftime("%Y%m%dT%H%M%SZ", gmtime(int(plain.now)))
    target = dict(plain.fields)["X-Amz-Target"]
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key_id}/{signer.scope(date[:8])}",
        "X-Amz-Date": date,
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host;x-amz-target",
    }
    if credentials.session_token is not None:
        query["X-Amz-Security-Token"] = credentials.session_token
    text = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))
    canonical = "\n".join(
        (
            *("POST", quote(plain.path, safe="/~"), text),
            *(f"host:{plain.host}", f"x-amz-target:{target}", ""),
            *("host;x-amz-target", sha256(plain.body).hexdigest()),
        )
    )
    _, signature = signer.sign(date[:8], date, canonical.encode())
    made = _sent(plain, plain.fields, path=f"{plain.path}?{text}&X-Amz-Signature={signature}")
    return replace(made, secrets=(*made.secrets, signature.encode()))


_MAKERS: Final[Mapping[str, Callable[[Plain], Missigned]]] = {
    "missing": _missing,
    "wrong-secret": _wrong_secret,
    "altered-signature": _altered_signature,
    "wrong-region": _wrong_region,
    "wrong-service": _wrong_service,
    "unknown-key": _unknown_key,
    "tampered-body": _tampered_body,
    "tampered-declared": _tampered_declared,
    "tampered-header": _tampered_header,
    "tampered-target": _tampered_target,
    "old-date": _old_date,
    "odd-spaces": _odd_spaces,
    "odd-order": _odd_order,
    "odd-case": _odd_case,
    "odd-empty": _odd_empty,
    "odd-path": _odd_path,
    "unsigned-payload": _unsigned_payload,
    "presigned-query": _presigned_query,
    "foreign-token": _foreign_token,
}
