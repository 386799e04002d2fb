"""Who the requests are signed as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.errors import UsageError
from assay.target import HARMLESS, Credentials, Endpoint, find_ca_bundle, find_credentials, find_region

if TYPE_CHECKING:
    from pathlib import Path

_LOOPBACK = Endpoint.parse("http://127.0.0.1:4566")
_ELSEWHERE = Endpoint.parse("http://10.9.9.9:4566")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without anything of the developer's, in which botocore finds no network to ask."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
    ):
        monkeypatch.delenv(name, raising=False)
    environ = {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def test_the_environment_comes_first(home: dict[str, str]) -> None:
    environ = {**home, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
    found = find_credentials(None, _LOOPBACK, environ)
    assert found == Credentials(
        access_key_id="AKID", secret_access_key="secret", session_token="token", source="environment"
    )


def test_harmless_credentials_are_for_loopback_alone(home: dict[str, str]) -> None:
    assert find_credentials(None, _LOOPBACK, home) is HARMLESS
    with pytest.raises(UsageError) as caught:
        find_credentials(None, _ELSEWHERE, home)
    assert "AWS_ACCESS_KEY_ID" in (caught.value.hint or "")


def test_half_of_the_credentials_is_a_usage_error(home: dict[str, str]) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        with pytest.raises(UsageError):
            find_credentials(None, _LOOPBACK, {**home, name: "planted"})


def test_profiles_are_read_as_botocore_reads_them(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s1\n"
        "[mine]\naws_access_key_id = MINE\naws_secret_access_key = s2\naws_session_token = t2\n"
    )
    (tmp_path / "config").write_text("[profile mine]\nregion = eu-west-3\n")
    environment = {**home, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
    assert find_credentials(None, _LOOPBACK, home).access_key_id == "DEFAULT"
    assert find_credentials("mine", _LOOPBACK, home).session_token == "t2"
    assert find_credentials("mine", _ELSEWHERE, environment).access_key_id == "MINE"
    assert find_region(None, "mine", home) == "eu-west-3"
    with pytest.raises(UsageError):
        find_credentials("absent", _LOOPBACK, home)


def test_on_loopback_no_profile_means_no_network(
    home: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's or an instance's role would be asked over the network; a role to assume as well."""
    (tmp_path / "config").write_text(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
    )
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    assert find_credentials(None, _LOOPBACK, home) is HARMLESS


def test_the_region_is_the_first_that_is_said(home: dict[str, str]) -> None:
    environ = {**home, "AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert find_region("ap-south-1", None, environ) == "ap-south-1"
    assert find_region(None, None, environ) == "eu-north-1"
    del environ["AWS_REGION"]
    assert find_region(None, None, environ) == "eu-west-1"
    assert find_region(None, None, home) == "us-east-1"
    for nonsense in ("", "us east", "us-east-1\r\n", "Ü"):
        with pytest.raises(UsageError):
            find_region(nonsense, None, home)


def test_secrets_show_in_no_repr() -> None:
    shown = repr(Credentials(access_key_id="AKID", secret_access_key="planted-1", session_token="planted-2"))
    assert "planted" not in shown


def test_certificates_are_found_where_the_aws_cli_looks(tmp_path: Path) -> None:
    """The option's, AWS_CA_BUNDLE's, the profile's, in this order."""
    config = tmp_path / "config"
    config.write_text("[profile mine]\nca_bundle = /of/the/profile.pem\n", encoding="utf-8")
    environ = {"HOME": str(tmp_path), "AWS_CONFIG_FILE": str(config)}
    said = {**environ, "AWS_CA_BUNDLE": "/of/the/environment.pem"}
    assert find_ca_bundle("given.pem", "mine", said) == "given.pem"
    assert find_ca_bundle(None, "mine", said) == "/of/the/environment.pem"
    assert find_ca_bundle(None, "mine", environ) == "/of/the/profile.pem"
    assert find_ca_bundle(None, None, environ) is None
