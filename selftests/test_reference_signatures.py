"""The reference checks Signature Version 4 as botocore makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from assay.errors import UsageError
from assay.reference import BackgroundReference
from assay.reference.refusals import Refusal
from assay.reference.signatures import SignatureCheck
from selftests.raw_client import LONG, RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # AWS's own example key


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundReference]:
    with BackgroundReference(verify_signatures=True, credentials={KEY: SECRET, "OTHER": "other"}) as started:
        yield started
        assert started.complaints() == ""


def sign(  # noqa: PLR0913 - one for each thing that can be signed
    url: str,
    body: bytes = b"{}",
    *,
    key: str = KEY,
    secret: str = SECRET,
    token: str | None = None,
    service: str = "codestar-connections",
    query: str = "",
    more: Mapping[str, str] | tuple[()] = (),
) -> dict[str, str]:
    """Headers as an SDK would send them."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"{LONG['codestar-connections']}.ListConnections",
        **dict(more),
    }
    request = AWSRequest("POST", f"{url}/{query}", headers=headers, data=body)
    SigV4Auth(Credentials(key, secret, token), service, "eu-west-1").add_auth(request)
    return dict(request.headers)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"key": "OTHER", "secret": "other"},
        {"token": "a session/token+=="},
        {"service": "codeconnections"},
        {"body": '{"x": "ä🦊"}'.encode()},
        {"body": b""},
        {"more": {"X-Amz-Meta": "  a   b  ", "X-Other": "c"}},
        {"query": "?b=2&a=%20x&a=1&c"},
    ],
    ids=str,
)
def test_what_botocore_signs_is_accepted(server: BackgroundReference, options: dict[str, Any]) -> None:
    """Keys, session tokens, services, bodies, odd headers, a query."""
    headers = sign(server.endpoint_url, **options)
    path = "/" + options.get("query", "")
    answer = RawClient(server.endpoint_url).send(options.get("body", b"{}"), headers, path=path)
    assert (answer.status, answer.members) == (200, {"Connections": []})


def test_a_request_without_signature_is_refused(server: BackgroundReference) -> None:
    """MissingAuthenticationTokenException."""
    headers = sign(server.endpoint_url)
    del headers["Authorization"]
    answer = RawClient(server.endpoint_url).send(b"{}", headers)
    assert (answer.status, answer.code) == (400, "MissingAuthenticationTokenException")


def test_an_unknown_key_is_refused(server: BackgroundReference) -> None:
    """UnrecognizedClientException."""
    answer = RawClient(server.endpoint_url).send(b"{}", sign(server.endpoint_url, key="NOBODY"))
    assert (answer.status, answer.code) == (400, "UnrecognizedClientException")


def test_a_wrong_secret_is_refused(server: BackgroundReference) -> None:
    """InvalidSignatureException."""
    answer = RawClient(server.endpoint_url).send(b"{}", sign(server.endpoint_url, secret="wrong"))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")


def test_what_was_changed_after_signing_is_refused(server: BackgroundReference) -> None:
    """Body, target, host, time, scope and signature, each alone."""
    client = RawClient(server.endpoint_url)
    good = sign(server.endpoint_url)
    authorization = good["Authorization"]
    changed = [
        (b'{"MaxResults": 5}', {}),
        (b"{}", {"X-Amz-Target": f"{LONG['codestar-connections']}.GetConnection"}),
        (b"{}", {"Host": "elsewhere.example"}),
        (b"{}", {"X-Amz-Added": "unsigned"}),
        (b"{}", {"X-Amz-Date": good["X-Amz-Date"][:-2] + ("1Z" if good["X-Amz-Date"][-2] != "1" else "2Z")}),
        (b"{}", {"Authorization": authorization.replace("eu-west-1", "eu-west-2")}),
        (b"{}", {"Authorization": authorization.replace("/codestar-connections/", "/s3/")}),
        (b"{}", {"Authorization": authorization.replace(";x-amz-target", "")}),
        (b"{}", {"Authorization": authorization[:-1] + ("0" if authorization[-1] != "0" else "1")}),
        (b"{}", {"Authorization": authorization.replace(KEY, "OTHER")}),
        (b"{}", {"Authorization": authorization[:-64] + "é".encode("latin-1").decode("latin-1")}),
    ]
    for body, headers in changed:
        answer = client.send(body, {**good, **headers})
        assert (answer.status, answer.code) == (400, "InvalidSignatureException"), headers
    assert client.send(b"{}", good).status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "nonsense",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=x",
        "Bearer x",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d",
    ],
)
def test_an_unreadable_authorization_is_refused(server: BackgroundReference, authorization: str) -> None:
    """IncompleteSignatureException."""
    headers = {**sign(server.endpoint_url), "Authorization": authorization}
    answer = RawClient(server.endpoint_url).send(b"{}", headers)
    assert (answer.status, answer.code) == (400, "IncompleteSignatureException")


@pytest.mark.parametrize(
    ("minutes", "is_accepted"), [(-14, True), (14, True), (-16, False), (16, False), (60 * 24, False)]
)
def test_a_signature_is_good_for_a_quarter_of_an_hour(minutes: int, *, is_accepted: bool) -> None:
    """Before and after the server's own time."""
    headers = {**sign("http://localhost"), "Host": "localhost"}
    check = SignatureCheck(credentials={KEY: SECRET}, now=lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if is_accepted:
        check(path="/", query=b"", headers=raw, body=b"{}")
    else:
        with pytest.raises(Refusal, match="InvalidSignatureException"):
            check(path="/", query=b"", headers=raw, body=b"{}")


def test_secrets_are_not_shown() -> None:
    """Not even in a repr."""
    assert SECRET not in repr(SignatureCheck(credentials={KEY: SECRET}))


def test_signatures_need_keys() -> None:
    """Asked to verify without a key, the server says so."""
    with pytest.raises(UsageError, match="without keys"):
        assert BackgroundReference(verify_signatures=True).start().endpoint_url
