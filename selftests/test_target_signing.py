"""The light signer computes what botocore computes."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
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

_WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
_NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(str.strip)
_MOMENTS = st.integers(946_684_800, 4_102_444_799).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC))


def _botocore(  # noqa: PLR0913, PLR0917 - a request has so many parts
    key: str,
    secret: str,
    token: str | None,
    region: str,
    service: str,
    host: str,
    path: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    moment: dt.datetime,
) -> tuple[str, str]:
    request = AWSRequest("POST", f"http://{host}{path}", headers=dict(headers), data=body)
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
    path=st.sampled_from(["/", "/pre", "/a/b~c/d.e"]),
    target=_VALUES,
    body=st.binary(max_size=300),
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
    "a  b",
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
    target: str,
    body: bytes,
    moment: dt.datetime,
) -> None:
    headers = (("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.0"), ("User-Agent", "assay"))
    signer = Signer(Credentials(access_key_id=key, secret_access_key=secret, session_token=token), region, service)
    signed = signer.prepare(host, path, headers).sign(body, moment.timestamp())
    assert signed == _botocore(key, secret, token, region, service, host, path, headers, body, moment)


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
