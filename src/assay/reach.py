"""Where the requests of a run go, and as whom: one account, or two.

Whoever started the run has looked already; here it is decided. At AWS, the account behind each set of credentials is
asked of STS in the session of botocore that signs with them, and has to be among those that were confirmed. Second
credentials count there only where the caller named them: nothing is tried at AWS.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import UsageError
from assay.target import Endpoint, find_credentials, find_region, find_second_credentials, proxied, refuse_public

if TYPE_CHECKING:
    from assay.settings import Settings
    from assay.target import Credentials

__all__ = ["Reach", "reached", "second_region"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """An endpoint and who may act there; `second_account` is what STS calls it, None where nobody was asked.

    `second_region` is an endpoint and the Region that it is of, where the run is to look there as well.
    `ca_bundle` is the file of the authorities that the endpoint's certificate is held against; None for botocore's.
    """

    endpoint: Endpoint
    region: str
    ca_bundle: str | None
    credentials: Credentials
    second: Credentials | None = None
    second_account: str | None = None
    second_region: tuple[Endpoint, str] | None = None


def reached(settings: Settings, sdk: str, own_url: str | None, region: str, ca_bundle: str | None) -> Reach:
    """Where a run with these settings goes; `own_url` is that of a server which it started itself.

    `sdk` is what botocore calls the service.

    Raises:
        AssayError: the endpoint must not be touched, or there are no credentials for it.

    """
    if settings.is_aws:
        return _reached_aws(settings, sdk, region, ca_bundle)
    url = settings.endpoint_url or own_url
    if url is None:
        raise UsageError("there is no endpoint", hint="give one with --endpoint-url")
    endpoint = proxied(Endpoint.parse(url))
    refuse_public(endpoint, settings.hosts)
    return Reach(
        endpoint=endpoint,
        region=region,
        ca_bundle=ca_bundle,
        credentials=find_credentials(settings.profile, endpoint, os.environ),
        second=find_second_credentials(settings.second_profile, endpoint, os.environ),
        second_region=_second_region(settings, endpoint, region),
    )


def second_region(words: str) -> tuple[str, Endpoint | None]:
    """The Region that `REGION` or `REGION=URL` names, and its endpoint where it is told.

    Raises:
        UsageError: it is neither.

    """
    name, _, url = words.partition("=")
    return find_region(name, None, {}), proxied(Endpoint.parse(url)) if url else None


def _second_region(settings: Settings, endpoint: Endpoint, region: str) -> tuple[Endpoint, str] | None:
    if settings.second_region is None:
        return None
    name, other = second_region(settings.second_region)
    if name == region:
        raise UsageError(f"--second-region {name} is the Region of the run itself", hint="name another")
    if other is not None:
        refuse_public(other, settings.hosts)
    return endpoint if other is None else other, name


def _reached_aws(settings: Settings, sdk: str, region: str, ca_bundle: str | None) -> Reach:
    from assay.target.aws import Aws, refuse_unlisted  # noqa: PLC0415 - it needs botocore

    found = Aws.found(sdk, region, settings.profile, ca_bundle=ca_bundle)
    identity = found.identity()
    refuse_unlisted(identity.account, settings.accounts)
    other = Aws.found_second(sdk, region, settings.second_profile, os.environ, ca_bundle=ca_bundle)
    through = None
    if settings.second_region is not None:
        through, url = second_region(settings.second_region)
        if url is not None or through == region:
            raise UsageError(
                f"--second-region {settings.second_region[:80]!r} is no other Region of AWS",
                hint="give its name alone: botocore knows the endpoint",
            )
    other_identity = None if other is None else other.identity()
    if other_identity is not None:
        refuse_unlisted(other_identity.account, settings.accounts)
    return Reach(
        endpoint=found.service.with_account(identity.account),
        region=region,
        ca_bundle=ca_bundle,
        credentials=found.credentials(),
        second=None if other is None else other.credentials(),
        second_account=None if other_identity is None else other_identity.account,
        second_region=None if through is None else (_at(sdk, through, settings, ca_bundle), through),
    )


def _at(sdk: str, region: str, settings: Settings, ca_bundle: str | None) -> Endpoint:
    """Where the service is in another Region of AWS."""
    from assay.target.aws import Aws  # noqa: PLC0415 - as above

    return Aws.found(sdk, region, settings.profile, ca_bundle=ca_bundle).service
