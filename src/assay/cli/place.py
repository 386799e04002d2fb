"""Where a sweep looks, and as whom: the endpoint of a ledger, with the credentials of the account that it is of."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from assay.cli.configuration import read_configuration
from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.gate import Gate
    from assay.ledger import Heading
    from assay.sweep import Sweeper
    from assay.target import Credentials, Endpoint, Target

__all__ = ["Place", "reach"]

_NO_SECOND: Final = "this is the ledger of a run's second account, and there are no second credentials"
_SECOND_HINT: Final = "--second-profile names them, or ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sweep looks, and whether it is where the ledger says, as whom it says."""

    target: Target
    sweeper: Sweeper
    is_same: bool


def reach(heading: Heading, given: Mapping[str, Any], gone: Callable[[str], None] | None = None) -> Place:
    """The endpoint of a ledger, unless the command line says otherwise.

    Raises:
        AssayError: it must not be touched, or there are no credentials.

    """
    from assay.contract import load_contract  # noqa: PLC0415 - no usage error needs it
    from assay.ledger import fingerprint  # noqa: PLC0415
    from assay.suite import specs_root  # noqa: PLC0415
    from assay.sweep import Sweeper  # noqa: PLC0415
    from assay.target import Endpoint, Target, find_ca_bundle, proxied, refuse_public  # noqa: PLC0415

    contract = load_contract(heading.service, heading.edition, specs=specs_root())
    gate = None
    if "target" in given:
        endpoint, credentials, gate = _reach_aws(heading, given, contract.sdk)
    else:
        endpoint = proxied(Endpoint.parse(given.get("endpoint_url", heading.endpoint_url)))
        refuse_public(endpoint, read_configuration(None).hosts)
        credentials = _credentials(heading, given, endpoint)
    target = Target(
        endpoint,
        contract,
        credentials,
        given.get("region", heading.region),
        spelling="short" if heading.spelling == "short" else "long",
        timeout=given.get("timeout", 10.0),
        ca_bundle=find_ca_bundle(
            given.get("ca_bundle", heading.ca_bundle), given.get("profile", heading.profile), os.environ
        ),
        gate=gate,
    )
    is_of_the_account = endpoint.account is not None and endpoint.account == heading.account
    is_same = endpoint.url == heading.endpoint_url and (
        is_of_the_account
        or heading.caller is None
        or fingerprint(heading.run, credentials.access_key_id) == heading.caller
    )
    return Place(target, Sweeper(target, contract, is_dry="dry_run" in given, told=gone), is_same)


def _credentials(heading: Heading, given: Mapping[str, Any], endpoint: Endpoint) -> Credentials:
    """What signs for the account that a ledger is of: the run's first, or its second."""
    from assay.target import find_credentials, find_second_credentials  # noqa: PLC0415 - as above

    if heading.account_of is None:
        return find_credentials(given.get("profile", heading.profile), endpoint, os.environ)
    found = find_second_credentials(given.get("second_profile", heading.profile), endpoint, os.environ)
    if found is None:
        raise UsageError(_NO_SECOND, hint=_SECOND_HINT)
    return found


def _reach_aws(heading: Heading, given: Mapping[str, Any], service: str) -> tuple[Endpoint, Credentials, Gate]:
    """AWS, where its account is listed, at the pace of a run.

    Raises:
        AssayError: it cannot be reached, or the account is not listed.

    """
    from assay.budget import Meter  # noqa: PLC0415 - only this target needs it
    from assay.gate import Gate  # noqa: PLC0415
    from assay.pace import AWS_RATE, Pace  # noqa: PLC0415
    from assay.target.aws import Aws, refuse_unlisted  # noqa: PLC0415

    if "endpoint_url" in given:
        raise UsageError("--target and --endpoint-url both say where to look", hint="give one of them")
    is_second = heading.account_of is not None
    profile = given.get("second_profile" if is_second else "profile", heading.profile)
    region, bundle = given.get("region", heading.region), given.get("ca_bundle", heading.ca_bundle)
    if is_second:
        found = Aws.found_second(service, region, profile, os.environ, ca_bundle=bundle)
    else:
        found = Aws.found(service, region, profile, ca_bundle=bundle)
    if found is None:
        raise UsageError(_NO_SECOND, hint=_SECOND_HINT)
    account = found.identity().account
    refuse_unlisted(account, read_configuration(None).accounts)
    gate = Gate(meter=Meter(sys.maxsize, {}), pace=Pace(AWS_RATE))
    return found.service.with_account(account), found.credentials(), gate
