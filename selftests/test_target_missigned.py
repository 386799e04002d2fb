"""Each word of `assay.signings` is put on the wire as it says, and what let the caller in is kept nowhere."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from assay.history import Accepted, Refused, dump
from assay.reference import BackgroundReference
from assay.reference.refusals import Refusal
from assay.reference.signatures import SignatureCheck
from assay.signings import PROPER, SIGNINGS, TOLD, VALID
from assay.target import Credentials, Endpoint, Target
from assay.target.missigned import Missigned, Plain, missigned
from selftests.histories import contract_of

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "planted-secret-of-the-key", "planted+session/token=="
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
INVALID = "InvalidSignatureException"
#: What AWS was seen to say to each.
CODES = {
    "missing": "MissingAuthenticationTokenException",
    "presigned-query": "MissingAuthenticationTokenException",
    "unknown-key": "UnrecognizedClientException",
}


def plain(body: bytes = b"{}", path: str = "/", token: str | None = TOKEN) -> Plain:
    return Plain(
        host="localhost:1",
        path=path,
        fields=(("X-Amz-Target", "a.List"), ("Content-Type", "application/x-amz-json-1.0"), ("User-Agent", "x")),
        body=body,
        another_target="a.Get",
        credentials=Credentials(access_key_id=KEY, secret_access_key=SECRET, session_token=token),
        region="us-east-1",
        signing_name="codestar-connections",
        now=NOW.timestamp(),
    )


def verdict(made: Missigned) -> str | None:
    """The error of a server that checks signatures; None where it lets the request in."""
    check = SignatureCheck(credentials={KEY: SECRET}, now=lambda: NOW)
    path, _, query = made.path.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in made.fields]
    try:
        check(path=path, query=query.encode(), headers=headers, body=made.body)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("word", [word for word in SIGNINGS if word != VALID])
def test_a_word_is_refused_or_let_in_as_it_says(word: str, token: str | None) -> None:
    """By a check that was written from AWS's description, and tried with botocore."""
    made = missigned(word, plain(token=token))
    let_in = word in {*PROPER, "foreign-token"}
    assert verdict(made) == (None if let_in else CODES.get(word, INVALID))
    assert made.body == b"{}"


@pytest.mark.parametrize("word", PROPER)
def test_what_is_written_oddly_differs_from_what_is_usual(word: str) -> None:
    """The path, the order, the names or the values."""
    usual = [name for name, _ in missigned("unsigned-payload", plain()).fields]
    made = missigned(word, plain())
    names = [name for name, _ in made.fields]
    shown = {
        "odd-spaces": any("  " in value for _, value in made.fields),
        "odd-order": names[2] == "Authorization",
        "odd-case": "X-AMZ-TARGET" in names,
        "odd-empty": ("X-Amz-Meta-Assay", "") in made.fields,
        "odd-path": made.path == "//",
    }
    assert shown[word]
    assert "X-AMZ-TARGET" not in usual


def test_the_key_of_nobody_is_another_each_time() -> None:
    """So that no attempts are counted against anybody, and it begins as no key of AWS does."""
    keys = {dict(missigned("unknown-key", plain()).fields)["Authorization"].split("/")[0] for _ in range(5)}
    assert len(keys) == 5
    assert all(key.partition("Credential=")[2].startswith("ASSAY") for key in keys)


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_signature_in_the_query_equals_botocores(token: str | None) -> None:
    """Of a request without a body, which is all that botocore signs so."""
    url = f"http://localhost:1/{missigned('presigned-query', plain(b'', token=token)).path[1:]}"
    request = AWSRequest("POST", "http://localhost:1/", headers={"X-Amz-Target": "a.List"})
    signer = SigV4QueryAuth(BotocoreCredentials(KEY, SECRET, token), "codestar-connections", "us-east-1", expires=60)
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        signer.add_auth(request)
    assert dict(parse_qsl(urlsplit(url).query)) == dict(parse_qsl(urlsplit(request.url).query))


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundReference]:
    with BackgroundReference(verify_signatures=True, credentials={KEY: SECRET}) as started:
        yield started
        assert started.complaints() == ""


@pytest.fixture
def target(server: BackgroundReference) -> Iterator[Target]:
    credentials = Credentials(access_key_id=KEY, secret_access_key=SECRET, session_token=TOKEN)
    target = Target(Endpoint.parse(server.endpoint_url), contract_of(), credentials, "us-east-1")
    yield target
    target.close()


@pytest.mark.parametrize("word", SIGNINGS)
def test_a_call_says_how_it_was_signed_and_keeps_no_secret(target: Target, word: str) -> None:
    """Over a real connection; the history is written down as it would be shared."""
    (call,) = target.call("ListConnections", {}, signing=word)
    assert call.signing == word
    assert isinstance(call.outcome, Accepted if word in {VALID, *PROPER, "foreign-token"} else Refused)
    assert word not in TOLD or not call.is_retried
    stream = io.StringIO()
    dump((call,), stream)
    written = stream.getvalue()
    for secret in (SECRET, TOKEN, "Signature=", "Authorization", "X-Amz-Signature"):
        assert secret.lower() not in written.lower(), secret


def test_what_is_signed_oddly_goes_over_the_light_leg(target: Target) -> None:
    """boto3 signs well or not at all."""
    (call,) = target.call("ListConnections", {}, leg="sdk", signing="wrong-secret")
    assert (call.leg, call.sdk) == ("light", None)
