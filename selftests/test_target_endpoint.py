"""Where requests go, and where they never go."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from assay.errors import UnsafeTargetError, UsageError
from assay.target import HARMLESS, Endpoint, Target, probe, refuse_real_aws, resolve_endpoint_url

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "plain", "authority", "is_loopback"),
    [
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566", "127.0.0.1:4566", True),
        ("HTTP://LocalHost:80/", "http://localhost", "localhost", True),
        ("https://localhost.:443", "https://localhost", "localhost", True),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]:8000", True),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]", "[::1]", True),
        ("http://127.9.9.9", "http://127.9.9.9", "127.9.9.9", True),
        ("http://a.localhost:1", "http://a.localhost:1", "a.localhost:1", True),
        ("http://localhost.example.org", "http://localhost.example.org", "localhost.example.org", False),
        ("http://emulator:4566/below/", "http://emulator:4566/below", "emulator:4566", False),
        ("http://user:secret@10.0.0.1", "http://10.0.0.1", "10.0.0.1", False),
    ],
)
def test_a_url_has_one_plain_form(url: str, plain: str, authority: str, is_loopback: object) -> None:
    endpoint = Endpoint.parse(url)
    assert (endpoint.url, endpoint.authority, endpoint.is_loopback) == (plain, authority, is_loopback)
    assert Endpoint.parse(endpoint.url) == endpoint
    assert "secret" not in repr(endpoint)


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "localhost:4566", "127.0.0.1", "ftp://localhost", "http://", "http:///path", "http://:80", "://x"),
        *(
            "http://localhost:99999",
            "http://localhost:0",
            "http://localhost:x",
            "http://[::1",
            "http://[zz]",
            "http://a..b",
        ),
        *("http://localhost?x=1", "http://localhost#x", "http://local host", "http://localhost\\@x", "http://a/../b"),
        *("http://localhost/\r\nX: y", "http://%zz", "http://" + "a" * 3000, "http://-", "http://user:secret@"),
    ],
)
def test_nonsense_is_a_usage_error_of_one_line_with_a_hint(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Endpoint.parse(url)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert "secret" not in caught.value.message


_AWS = [
    "https://codestar-connections.us-east-1.amazonaws.com",
    "https://CodeStar-Connections.US-EAST-1.AmazonAWS.com.",
    "http://x@codestar-connections.us-east-1.amazonaws.com",
    "http://127.0.0.1@codestar-connections.us-east-1.amazonaws.com",
    "http://x:127.0.0.1@codestar-connections.us-east-1.amazonaws.com:80/x",
    "http://codestar-connections.us-east-1.amazonaws%2Ecom",
    "http://codestar-connections.us-east-1.%61mazonaws.com",
    "http://codestar-connections.us-east-1.amazonaws\u3002com",
    "http://codestar-connections.us-east-1.\uff41mazonaws.com",
    "https://codeconnections-fips.us-east-1.amazonaws.com:443",
    "https://codestar-connections.cn-north-1.amazonaws.com.cn",
    "https://codeconnections.us-east-1.api.aws",
    "https://api.us-east-1.codeconnections.aws.dev",
    "https://x.lambda-url.us-east-1.on.aws",
    "https://codeconnections.eusc-de-east-1.amazonaws.eu",
    "https://codeconnections.us-iso-east-1.c2s.ic.gov",
    "https://codeconnections.us-isob-east-1.sc2s.sgov.gov",
    "https://codeconnections.eu-isoe-west-1.cloud.adc-e.uk",
    "https://codeconnections.us-isof-south-1.csp.hci.ic.gov",
    "https://x.awsapps.com",
    "https://console.aws.amazon.com",
    "https://amazonaws.com",
]


@pytest.mark.parametrize("url", _AWS)
def test_aws_is_refused_before_a_packet_or_a_lookup(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: object, **options: object) -> None:
        pytest.fail("the network was touched")

    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    monkeypatch.setattr(socket.socket, "connect", forbidden)
    endpoint = Endpoint.parse(url)
    with pytest.raises(UnsafeTargetError) as caught:
        refuse_real_aws(endpoint)
    assert caught.value.hint
    with pytest.raises(UnsafeTargetError):
        Target(endpoint, None, HARMLESS, "us-east-1")  # type: ignore[arg-type]
    with pytest.raises(UnsafeTargetError):
        probe(endpoint, {}, "codestar-connections", credentials=HARMLESS, region="us-east-1")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:4566",
        "http://amazonaws.com.example.org",
        "http://notamazonaws.com",
        "http://laws",
        "http://10.0.0.1",
    ],
)
def test_what_is_not_aws_is_let_through(url: str) -> None:
    refuse_real_aws(Endpoint.parse(url))


def test_the_endpoint_is_found_where_boto3_looks_for_it(tmp_path: Path) -> None:
    own, other, every = "http://own", "http://other", "http://every"
    environ = {
        "AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS": own,
        "AWS_ENDPOINT_URL_CODECONNECTIONS": other,
        "AWS_ENDPOINT_URL": every,
        "HOME": str(tmp_path),
    }
    assert resolve_endpoint_url("http://said", environ) == "http://said"
    assert resolve_endpoint_url(None, environ) == own
    assert resolve_endpoint_url(None, environ, service="codeconnections") == other
    del environ["AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS"]
    assert resolve_endpoint_url(None, environ) == every
    assert resolve_endpoint_url(None, {**environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}) is None
    assert resolve_endpoint_url(None, {"HOME": str(tmp_path)}) is None


@pytest.mark.parametrize(
    ("option", "environ"),
    [
        ("", {}),
        (None, {"AWS_ENDPOINT_URL": ""}),
        (None, {"AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS": " ", "AWS_ENDPOINT_URL": "http://every"}),
    ],
)
def test_an_empty_endpoint_never_means_another_one(option: str | None, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        resolve_endpoint_url(option, environ)


def test_a_profile_may_name_the_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile here]\nendpoint_url = http://profile\nservices = mine\n"
        "[profile there]\nendpoint_url = http://there\n"
        "[profile empty]\nendpoint_url =\n"
        "[services mine]\ncodestar_connections =\n  endpoint_url = http://section\n"
    )
    environ = {"AWS_CONFIG_FILE": str(config), "HOME": str(tmp_path)}
    assert resolve_endpoint_url(None, environ, profile="here") == "http://section"
    assert resolve_endpoint_url(None, environ, profile="here", service="codeconnections") == "http://profile"
    assert resolve_endpoint_url(None, {**environ, "AWS_PROFILE": "there"}) == "http://there"
    with pytest.raises(UsageError):
        resolve_endpoint_url(None, environ, profile="empty")
    with pytest.raises(UsageError):
        resolve_endpoint_url(None, environ, profile="nowhere")
