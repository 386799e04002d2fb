"""Proxies as AWS users have them: found where botocore finds them, and gone through by every leg."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assay.errors import UnsafeTargetError, UsageError
from assay.history import Accepted, Unknown
from assay.recipe import Recipe
from assay.reference import BackgroundReference
from assay.target import HARMLESS, Endpoint, Target, proxied, refuse_public
from assay.target.proxies import Proxy
from assay.target.wire import Connection
from selftests.histories import NEWEST, contract_of
from selftests.pretend_aws import NAMES, pretend_aws
from selftests.proxying import small_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "emulator.example.org"
URL = f"http://{HOST}:8080"


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the developer's."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server


def _port(url: str) -> int:
    return Endpoint.parse(url).port


def _target(endpoint: Endpoint, **more: Any) -> Target:
    return Target(endpoint, contract_of(NEWEST), HARMLESS, "us-east-1", timeout=5.0, **more)


# -- found


@pytest.mark.parametrize(
    ("named", "url", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:3128"}, "https://a.example.org", ("p", 3128)),
        ({"https_proxy": "p:3128"}, "https://a.example.org", ("p", 3128)),
        ({"HTTPS_PROXY": "http://p"}, "https://a.example.org", ("p", 80)),
        ({"HTTPS_PROXY": "http://p"}, "http://a.example.org", None),
        ({"http_proxy": "http://p:1"}, "http://a.example.org", ("p", 1)),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example.org"}, "https://a.example.org", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "a.example.org:8443"}, "https://a.example.org:8443", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, "https://a.example.org", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "b.example.org"}, "https://a.example.org", ("p", 80)),
        ({"HTTPS_PROXY": "http://p"}, "https://127.0.0.1:4566", None),  # this machine is reached directly
        ({"ALL_PROXY": "http://p"}, "https://a.example.org", None),  # botocore does not read it either
        ({}, "https://a.example.org", None),
    ],
)
def test_a_proxy_is_found_where_botocore_finds_it(
    named: dict[str, str], url: str, proxy: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    found = proxied(Endpoint.parse(url)).proxy
    assert (None if found is None else (found.host, found.port)) == proxy


@pytest.mark.parametrize("url", ["https://p:3128", "socks5://p:1080", "http://", "http://p:port"])
def test_a_proxy_that_cannot_be_spoken_to_is_told_without_what_it_holds(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url.replace("://", "://me:hidden@"))
    with pytest.raises(UsageError) as caught:
        proxied(Endpoint.parse("https://a.example.org"))
    assert "hidden" not in str(caught.value)


def test_a_password_is_in_the_header_and_in_no_repr() -> None:
    proxy = Proxy.parse("http://me:p%40ss@p:3128")
    assert proxy.authorization == "Basic bWU6cEBzcw=="
    assert "p%40ss" not in repr(proxy)
    assert "bWU6" not in repr(Endpoint.parse(URL).through(proxy))


def test_a_name_that_only_the_proxy_knows_counts_as_public() -> None:
    def look_up(*_: object, **__: object) -> Any:
        raise OSError("nobody knows it here")

    direct = Endpoint.parse("https://nobody.example.org")
    refuse_public(direct, look_up=look_up)
    behind = direct.through(Proxy.parse("http://p:3128"))
    refuse_public(behind, ["nobody.example.org"], look_up=look_up)
    with pytest.raises(UnsafeTargetError, match="only the proxy knows"):
        refuse_public(behind, look_up=look_up)


# -- gone through


@pytest.mark.parametrize("password", [None, "Basic bWU6aGlkZGVu"])
def test_every_leg_goes_through_the_proxy(reference: BackgroundReference, password: str | None) -> None:
    """To an http endpoint, with the whole URL in the first line."""
    with small_proxy({f"{HOST}:8080": _port(reference.endpoint_url)}, password=password) as proxy:
        url = proxy.url if password is None else proxy.url.replace("://", "://me:hidden@")
        target = _target(Endpoint.parse(URL).through(Proxy.parse(url)))
        made = target.call("CreateConnection", {"ConnectionName": "through-it", "ProviderType": "GitHub"})[-1]
        assert isinstance(made.outcome, Accepted), made.outcome
        given = {"ConnectionArn": made.outcome.output["ConnectionArn"]}
        calls = [
            target.call("GetConnection", given, leg="sdk")[-1],
            target.send(Recipe(base="get"), given)[-1],
            *(attempts[-1] for attempts in target.burst([("GetConnection", given), ("ListConnections", {})])),
            target.call("DeleteConnection", given)[-1],
        ]
        target.close()
        assert [type(call.outcome) for call in calls] == [Accepted] * 5
        assert len(proxy.first_lines) >= 5
        assert {line.split(" ")[1].rstrip("/") for line in proxy.first_lines} == {URL}
        assert len(proxy.let_in) == (0 if password is None else len(proxy.first_lines))
        assert all("hidden" not in repr(call) and "bWU6" not in repr(call) for call in (made, *calls))


def test_tls_is_spoken_with_the_endpoint_itself_in_a_tunnel() -> None:
    """Light leg and boto3 alike; what the proxy hears is a name and a port."""
    with pretend_aws(others=0, throttles=False) as aws, small_proxy({f"{NAMES[0]}:443": _port(aws.url)}) as proxy:
        endpoint = Endpoint.parse(f"https://{NAMES[0]}").with_account("123456789012").through(Proxy.parse(proxy.url))
        target = _target(endpoint, ca_bundle=str(aws.ca_bundle))
        for leg in ("light", "sdk"):
            outcome = target.call("ListConnections", {}, leg=leg)[-1].outcome  # type: ignore[arg-type] # one of them
            assert not isinstance(outcome, Unknown), outcome
        target.close()
        assert set(proxy.first_lines) == {f"CONNECT {NAMES[0]}:443"}
        stranger = _target(endpoint).call("ListConnections", {})[-1].outcome
        assert isinstance(stranger, Unknown)
        assert "certificate" in stranger.detail, "the proxy vouches for nobody"


@pytest.mark.parametrize(
    ("places", "password", "said"), [({}, None, "502"), ({"a.example.org:443": 9}, "right", "407")]
)
def test_a_proxy_that_opens_no_tunnel_is_named(places: dict[str, int], password: str | None, said: str) -> None:
    with small_proxy(places, password=password) as proxy:
        endpoint = Endpoint.parse("https://a.example.org").through(
            Proxy.parse(proxy.url.replace("://", "://me:hidden@"))
        )
        _, unknown = Connection(endpoint).exchange(b"POST / HTTP/1.1\r\n\r\n", 5.0)
    assert unknown is not None
    assert unknown.reason == "connection"
    assert said in unknown.detail
    assert "hidden" not in unknown.detail


def test_a_proxy_that_says_nothing_costs_no_more_than_the_time_that_there_is() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = Proxy.parse(f"http://127.0.0.1:{silent.getsockname()[1]}")
        _, unknown = Connection(Endpoint.parse("https://a.example.org").through(proxy)).exchange(b"x", 0.3)
    assert unknown is not None
    assert unknown.reason == "timeout"
