"""Where the requests go, and where they must never go.

A URL becomes an `Endpoint` once, here, and what comes out is plain: a lower-case host without user names, percent
signs, exotic dots or a trailing dot. So nothing later can be fooled about where it connects, and `refuse_real_aws` can
decide by the host alone, before a packet is sent or a name looked up. An endpoint under a name of AWS is let through
only where it names the account that was confirmed (`with_account`), which `aws` does and nobody else.

A name of one's own may lead to AWS, too. So `refuse_public` looks a name up, and takes whatever has a public address
for real unless the caller lists it. Still unlovely: who connects looks the name up once more, and a resolver may have
changed its mind by then.

A path is kept (an emulator may live below one, and boto3 sends it too); a query or a fragment has no place in an
endpoint.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urlsplit

from assay.errors import UnsafeTargetError, UsageError
from assay.target.profile import open_profile

if TYPE_CHECKING:
    from assay.target.proxies import Proxy

__all__ = ["Endpoint", "refuse_public", "refuse_real_aws", "resolve_endpoint_url"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*", re.ASCII)
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*/?", re.ASCII)
_MAX_URL: Final = 2048
_HINT: Final = "give it like http://127.0.0.1:4566"

_AWS_DOMAINS: Final = (
    # The DNS suffixes of all partitions (botocore's partitions.json and endpoints.json), and AWS' other homes.
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.cn",
    "amazonaws.eu",
    "amazonwebservices.com",
    "amazonwebservices.com.cn",
    "amazonwebservices.eu",
    "amazon.com",
    "amazonaws-china.com",
    "awsapps.com",
    "awsapps.cn",
    "awsstatic.com",
    "awsglobalaccelerator.com",
    "awstrack.me",
    "cloudfront.net",
    "elasticbeanstalk.com",
    "aws",  # the whole top-level domain is Amazon's: api.aws, on.aws
    "aws.dev",
    "a2z.com",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "aws.ic.gov",
    "aws.scloud",
    "aws.hci.ic.gov",
    "csp.hci.ic.gov",
    "adc-e.uk",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A base URL, taken apart; `url` is its plain form, without user name, trailing slash or default port.

    `account` are the twelve digits of the AWS account that the caller confirmed: what has one is taken for AWS itself,
    wherever it lies; None for everything else. `proxy` is what stands between here and it.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    is_loopback: bool
    account: str | None = None
    proxy: Proxy | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """The endpoint that a URL names.

        A user name in the URL is dropped: the service knows signatures, and an endpoint is printed in reports.

        Raises:
            UsageError: it is empty, has no scheme or an unsupported one, or names no host.

        """
        if not url.strip():
            raise UsageError("the endpoint URL is empty", hint=f"{_HINT}, or leave it out")
        shown = _shown(url)
        if len(url) > _MAX_URL or any(c.isspace() or not c.isprintable() or c == "\\" for c in url):
            raise UsageError(f"the endpoint URL {shown!r} holds characters that no URL has", hint=_HINT)
        if "://" not in url:
            raise UsageError(f"the endpoint URL {shown!r} has no scheme", hint=_HINT)
        try:
            parts = urlsplit(url)
            scheme, port = parts.scheme.lower(), parts.port
        except ValueError as error:
            raise UsageError(f"the endpoint URL {shown!r} cannot be read: {error}", hint=_HINT) from error
        if scheme not in _DEFAULT_PORTS:
            raise UsageError(f"the endpoint URL {shown!r} is neither http nor https", hint=_HINT)
        if parts.query or parts.fragment or "?" in url or "#" in url:
            raise UsageError(f"the endpoint URL {shown!r} has a query or a fragment", hint=_HINT)
        if port == 0 or not _PATH.fullmatch(parts.path) or {".", ".."} & set(parts.path.split("/")):
            raise UsageError(f"the endpoint URL {shown!r} has an impossible port or path", hint=_HINT)
        host = _plain_host(parts.hostname or "", shown)
        port = port or _DEFAULT_PORTS[scheme]
        path = parts.path.rstrip("/")
        named = f"[{host}]" if ":" in host else host
        authority = named if port == _DEFAULT_PORTS[scheme] else f"{named}:{port}"
        return cls(
            url=f"{scheme}://{authority}{path}",
            scheme=scheme,
            host=host,
            port=port,
            path=path or "/",
            is_loopback=_is_loopback(host),
        )

    @property
    def authority(self) -> str:
        """The value of the Host header: the host, and the port where it is not the scheme's own."""
        named = f"[{self.host}]" if ":" in self.host else self.host
        return named if self.port == _DEFAULT_PORTS[self.scheme] else f"{named}:{self.port}"

    @property
    def is_named_aws(self) -> bool:
        """Does its host lie under a domain of AWS?"""
        return any(self.host == domain or self.host.endswith(f".{domain}") for domain in _AWS_DOMAINS)

    def with_account(self, account: str) -> Self:
        """The same endpoint, taken for AWS: the account was confirmed, and requests to it may be sent."""
        return replace(self, account=account)

    def through(self, proxy: Proxy) -> Self:
        """The same endpoint, reached by a proxy."""
        return replace(self, proxy=proxy)


def refuse_real_aws(endpoint: Endpoint) -> None:
    """Stop before a packet is sent or a name is looked up, if the host is one of AWS and no account was confirmed.

    Raises:
        UnsafeTargetError: the host lies under a domain of AWS.

    """
    if endpoint.account is None and endpoint.is_named_aws:
        raise UnsafeTargetError(
            f"{endpoint.url} is AWS itself: it is never judged by its URL",
            hint="--target aws judges AWS, once its account is confirmed; --endpoint-url is for emulators",
        )


def refuse_public(
    endpoint: Endpoint, listed: Collection[str] = (), *, look_up: Callable[..., Any] = socket.getaddrinfo
) -> None:
    """Stop before a packet is sent to it, if the host has a public address and the caller does not list it.

    A name that nobody can look up is let through: nothing can be sent to it, and the probe says so. But a proxy may
    know it, so that behind one it counts as public.

    Raises:
        UnsafeTargetError: it may be AWS under another name, or anybody's.

    """
    refuse_real_aws(endpoint)
    if endpoint.is_loopback or endpoint.account is not None or endpoint.host in listed:
        return
    try:
        found = look_up(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if endpoint.proxy is None:
            return
        raise UnsafeTargetError(
            f"only the proxy knows where {endpoint.url} is: it may be AWS, or not yours", hint=_listing(endpoint)
        ) from error
    for *_, address in found:
        if _is_public(str(address[0])):
            raise UnsafeTargetError(
                f"{endpoint.url} has a public address, {address[0]}: it may be AWS, or not yours",
                hint=_listing(endpoint),
            )


def resolve_endpoint_url(
    option: str | None,
    environ: Mapping[str, str],
    *,
    service: str = "codestar-connections",
    profile: str | None = None,
) -> str | None:
    """The endpoint URL that the caller asked for, where boto3 would look for it; None where nothing was said.

    Raises:
        UsageError: a place that names the endpoint is there and empty: it must never mean "use something else".

    """
    if option is not None:
        return _said(option, "--endpoint-url")
    if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").strip().lower() == "true":
        return None
    key = service.replace("-", "_")
    for variable in (f"AWS_ENDPOINT_URL_{key.upper()}", "AWS_ENDPOINT_URL"):
        if variable in environ:
            return _said(environ[variable], variable)
    configured = open_profile(profile, environ, if_mentions="endpoint_url")
    return None if configured is None else _configured(configured.scoped, configured.full, key)


def _configured(scoped: Mapping[str, object], full: Mapping[str, object], key: str) -> str | None:
    """The `endpoint_url` of a profile: first in its section of services, then its own."""
    if str(scoped.get("ignore_configured_endpoint_urls", "")).lower() == "true":
        return None
    sections = full.get("services")
    section = sections.get(scoped.get("services")) if isinstance(sections, Mapping) else None
    own = section.get(key) if isinstance(section, Mapping) else None
    for place in (own, scoped):
        if isinstance(place, Mapping) and "endpoint_url" in place:
            return _said(str(place["endpoint_url"]), "endpoint_url in the AWS configuration file")
    return None


def _said(url: str, place: str) -> str:
    if not url.strip():
        raise UsageError(f"{place} is empty", hint=f"{_HINT}, or leave it out")
    return url


def _plain_host(host: str, shown: str) -> str:
    """The host in the one form in which it is compared and connected to."""
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).compressed
        except ValueError as error:
            raise UsageError(f"the endpoint URL {shown!r} names no host: {error}", hint=_HINT) from error
    plain = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").lower().removesuffix(".")
    if not _HOST.fullmatch(plain):
        raise UsageError(f"the endpoint URL {shown!r} names no host", hint=_HINT)
    return plain


def _listing(endpoint: Endpoint) -> str:
    return f'if it is yours to test, list it in assay.toml, under [allow]: hosts = ["{endpoint.host}"]'


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _is_public(word: str) -> bool:
    address = ipaddress.ip_address(word.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return bool((mapped or address).is_global)


def _shown(url: str) -> str:
    """A URL as it may be printed: cut, and without what stands before an @, which may be a password."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return (
        f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"[:120]
        if separator
        else url[:120].rpartition("@")[2]
    )
