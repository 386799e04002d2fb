"""`assay plan`: the worst case of a run at AWS, and what its policy has to allow. Nothing is sent for it."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING, Any, Final

from assay.cli.configuration import read_configuration
from assay.cli.options import OPTIONS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Mapping

    from assay.contract import Contract

__all__ = ["add_parser", "main", "told"]

_SHARED: Final = (
    *("service", "edition", "profile", "second-profile", "region", "second-region", "max-calls", "rate", "staleness"),
    "handshake",
)
_SERVICE: Final = "codestar-connections"

_EPILOG: Final = """\
examples:
  assay plan
      what `assay run --target aws` would do at the most; sends nothing
  assay plan --policy > assay-policy.json
      the least IAM policy for it, for the accounts that assay.toml lists

docs/aws.md says what IAM cannot limit.
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `plan` to the command line."""
    parser = subparsers.add_parser(
        "plan",
        help="the worst case of a run at AWS",
        description="Say what `assay run --target aws` may do at the most: calls, connections, time, permissions.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    known = {option.name: option for option in OPTIONS}
    for name in _SHARED:
        option = known[name]
        parser.add_argument(f"--{name}", metavar=option.metavar, dest=option.key, help=option.help.replace("%", "%%"))
    parser.add_argument("--policy", action="store_true", help="print the least IAM policy, as JSON")
    parser.add_argument("--json", action="store_true", help="print the plan as JSON")
    parser.add_argument("--config", metavar="FILE", help="read this file in the place of assay.toml")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Print the plan, or its policy."""
    configuration = read_configuration(getattr(args, "config", None))
    known = {option.name: option for option in OPTIONS}
    given = dict(configuration.values)
    for name in _SHARED:
        key = known[name].key
        if hasattr(args, key):
            given[key] = known[name].value(getattr(args, key), f"--{name}")
    contract = _contract(given)
    region = _region(given)
    if getattr(args, "policy", False):
        from botocore.session import Session  # noqa: PLC0415 - a fifth of a second

        from assay.plan import policy  # noqa: PLC0415 - `--help` needs none

        partition = Session().get_partition_for_region(region)
        found = policy(
            contract,
            region=region,
            partition=partition,
            accounts=configuration.accounts,
            also_seen_through=given.get("second_region"),
        )
        print(json.dumps(found, indent=2))  # noqa: T201 - what was asked for
        return 0
    plan = _plan(given, contract, region)
    print(json.dumps(plan.as_json(), indent=2) if getattr(args, "json", False) else told(given))  # noqa: T201
    return 0


def told(given: Mapping[str, Any]) -> str:
    """The plan of a run with these options, in lines for people."""
    contract = _contract(given)
    lines = _plan(given, contract, _region(given)).lines()
    return "\n".join(f"{word:<8}{text}" for word, text in lines)


def _contract(given: Mapping[str, Any]) -> Contract:
    from assay.contract import load_contract  # noqa: PLC0415 - as above
    from assay.suite import specs_root  # noqa: PLC0415

    return load_contract(given.get("service", _SERVICE), given.get("edition"), specs=specs_root())


def _region(given: Mapping[str, Any]) -> str:
    from assay.target.credentials import find_region  # noqa: PLC0415 - as above

    return find_region(given.get("region"), given.get("profile"), os.environ)


def _plan(given: Mapping[str, Any], contract: Contract, region: str) -> Any:
    from assay.handshakes import said_of  # noqa: PLC0415 - as above
    from assay.pace import AWS_RATE  # noqa: PLC0415
    from assay.plan import AWS_STALENESS, Plan  # noqa: PLC0415
    from assay.target.credentials import second_from_environment  # noqa: PLC0415

    has_second = "second_profile" in given or second_from_environment(os.environ) is not None
    return Plan.of(
        contract,
        max_calls=given.get("max_calls"),
        rate=given.get("rate", AWS_RATE),
        region=region,
        accounts=2 if has_second else 1,
        staleness=given.get("staleness", AWS_STALENESS),
        handshakes=said_of(given.get("handshake")),
    )
