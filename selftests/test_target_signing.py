"""The light signer computes what botocore computes."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.errors import UsageError
from assay.target import Credentials
from assay.target.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
_NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(str.strip)
_MOMENTS = st.integers(946_684_800, 4_102_444_799).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC))


_PATHS = st.sampled_from(["/", "/pre", "/a/b~c/d.e"]) | st.from_regex(r"(/[A-Za-z0-9_~-]{1,8}){1,3}", fullmatch=True)
_FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["X-Amz-Target", "X-Amz-Meta-A", "x-amz-meta-b", "X-AMZ-META-B", "Cache-Control", "Z"])
        | st.sampled_from(["User-Agent", "Expect", "Connection", "TE", "X-Amzn-Trace-Id", "Transfer-Encoding"]),
        _VALUES | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
    ),
    max_size=6,
)


def _botocore(  # noqa: PLR0913, PLR0917 - a request has so many parts
    key: str,
    secret: str,
    token: str | None,
    region: str,
    service: str,
    host: str,
    path: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    moment: dt.datetime,
) -> tuple[str, str]:
    request = AWSRequest("POST", f"http://{host}{path}", data=body)
    for name, value in headers:
        request.headers.add_header(name, value)
    signer = SigV4Auth(BotocoreCredentials(key, secret, token), service, region)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment.replace(tzinfo=None)):
        signer.add_auth(request)
    return request.headers["X-Amz-Date"], request.headers["Authorization"]


@given(
    key=_WORDS,
    secret=_WORDS,
    token=st.none() | _WORDS,
    region=_NAMES,
    service=_NAMES,
    host=st.sampled_from(["127.0.0.1:4566", "localhost", "[::1]:8000", "emulator.example.org"]),
    path=_PATHS,
    fields=_FIELDS,
    body=st.binary(max_size=300) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    moment=_MOMENTS,
)
@example(
    "a",
    "b",
    None,
    "eu-west-1",
    "codeconnections",
    "localhost",
    "/",
    [("X-Amz-Target", "a  b"), ("Z", ""), ("X-Amz-Meta-A", "\u00a0\u00e9\t "), ("X-Amz-Meta-A", "twice")],
    b"",
    dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)
@settings(deadline=None, max_examples=200)
def test_a_signature_equals_botocores(  # noqa: PLR0913, PLR0917 - a request has so many parts
    key: str,
    secret: str,
    token: str | None,
    region: str,
    service: str,
    host: str,
    path: str,
    fields: list[tuple[str, str]],
    body: bytes,
    moment: dt.datetime,
) -> None:
    """Odd header fields, empty, doubled and not signed ones, any path of an endpoint, any body, any credentials."""
    headers = (("Content-Type", "application/x-amz-json-1.0"), *fields)
    signer = Signer(Credentials(access_key_id=key, secret_access_key=secret, session_token=token), region, service)
    signed = signer.prepare(host, path, headers).sign(body, moment.timestamp())
    assert signed == _botocore(key, secret, token, region, service, host, path, headers, body, moment)


@given(body=st.binary(max_size=50), moment=_MOMENTS)
@settings(deadline=None, max_examples=20)
def test_an_unsigned_body_is_signed_as_botocore_does_it(body: bytes, moment: dt.datetime) -> None:
    """A word stands in the place of its hash."""
    headers = (("X-Amz-Target", "a"), ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"))
    signer = Signer(Credentials(access_key_id="k", secret_access_key="s"), "us-east-1", "codeconnections")
    signed = signer.prepare("localhost", "/", headers).sign(body, moment.timestamp(), digest="UNSIGNED-PAYLOAD")
    assert signed == _botocore(
        "k", "s", None, "us-east-1", "codeconnections", "localhost", "/", headers, body, moment
    )


def test_a_kept_key_is_the_key_of_its_day() -> None:
    """Signing over midnight and back is signing afresh."""
    credentials = Credentials(access_key_id="AKID", secret_access_key="secret")
    kept = Signer(credentials, "us-east-1", "codestar-connections").prepare("localhost", "/", ())
    midnight = dt.datetime(2026, 11, 23, tzinfo=dt.UTC).timestamp()
    for moment in (midnight - 1, midnight, midnight - 0.5, midnight + 86_400):
        fresh = Signer(credentials, "us-east-1", "codestar-connections").prepare("localhost", "/", ())
        assert kept.sign(b"{}", moment) == fresh.sign(b"{}", moment)


@pytest.mark.parametrize("value", ["", "a\r\nX-Evil: 1", "schlüssel", "a b"])
def test_credentials_that_no_header_can_hold_are_a_usage_error(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        Credentials(access_key_id="AKID", secret_access_key=value)
    assert not value or value not in str(caught.value)


def test_the_target_is_imported_without_an_sdk() -> None:
    """They take half a second that a run may not need."""
    program = "import sys, assay.target; sys.exit(any(name.startswith(('boto', 'urllib3')) for name in sys.modules))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False, env=environ).returncode == 0
