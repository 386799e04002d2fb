"""The constraints of the four operations as of two days, and the names they go by: the reference's own tables.

They were written from the service models, not loaded from the contract that judges: a slip in either shows as a
disagreement between the two, which is what the self-tests are for. 2019-12-19 is the first release (Bitbucket alone,
both members of Create required, pages of 1 to 50). 2026-11-10 is today: a page size of 0 is legal and means the
default, and provider types differ by service, since only codeconnections learnt AzureDevOps.

Also here: the spellings of X-Amz-Target. Half of the SDKs send the long one, half the short one, so both are served,
for both services.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay.reference.constraints import Integer, Member, TagList, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_EDITION", "EDITIONS", "SERVICES", "STATUSES", "TARGETS", "Edition", "find_operation"]

SERVICES = ("codestar-connections", "codeconnections")
STATUSES = ("PENDING", "AVAILABLE", "ERROR")
DEFAULT_EDITION = "2026-11-10"

OPERATIONS = ("CreateConnection", "GetConnection", "ListConnections", "DeleteConnection")

_TARGET_PREFIXES = (
    ("codestar-connections", "com.amazonaws.codestar.connections.CodeStar_connections_20191201"),
    ("codestar-connections", "CodeStar_connections_20191201"),
    ("codeconnections", "com.amazonaws.codeconnections.CodeConnections_20231201"),
    ("codeconnections", "CodeConnections_20231201"),
)

#: The value of X-Amz-Target, as bytes: which service, which operation.
TARGETS: Mapping[bytes, tuple[str, str]] = MappingProxyType(
    {
        f"{prefix}.{operation}".encode(): (service, operation)
        for service, prefix in _TARGET_PREFIXES
        for operation in OPERATIONS
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The contract as of a day: the members of each operation's input, and what an absent page size means."""

    day: str
    inputs: Mapping[tuple[str, str], tuple[Member, ...]]
    default_page_size: int = 50

    def members(self, service: str, operation: str) -> tuple[Member, ...]:
        """The table that an operation's input is read by."""
        return self.inputs[service, operation]


# Java's `\w` and `.` are narrower than Python's: ASCII words, and any character but a line terminator.
_ANY = "[^\n\r\x85\u2028\u2029]"
_CONNECTION_ARN = Text(maximum=256, pattern=re.compile(r"arn:aws(-[\w]+)*:.+:.+:[0-9]{12}:.+", re.ASCII))
_NAME = Text(minimum=1, maximum=32)
_GET = (Member(name="ConnectionArn", rule=_CONNECTION_ARN, required=True),)


def _first_release() -> Edition:
    bitbucket = Text(maximum=32, values=("Bitbucket",))
    # The model's own pattern lacks `+`, though AWS's tokens hold it.
    token = Text(minimum=1, maximum=1024, pattern=re.compile(r"[a-zA-Z0-9=\-\\/+]+"))
    create = (
        Member(name="ProviderType", rule=bitbucket, required=True),
        Member(name="ConnectionName", rule=_NAME, required=True),
    )
    listing = (
        Member(name="ProviderTypeFilter", rule=bitbucket),
        Member(name="MaxResults", rule=Integer(minimum=1, maximum=50)),
        Member(name="NextToken", rule=token),
    )
    inputs = {(service, name): rows for service in SERVICES for name, rows in _inputs(create, listing).items()}
    return Edition(day="2019-12-19", inputs=MappingProxyType(inputs))


def _today() -> Edition:
    shared = ("Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged")
    providers = {"codestar-connections": shared, "codeconnections": (*shared, "AzureDevOps")}
    hosts = {
        "codestar-connections": "codestar-connections",
        "codeconnections": "(codestar-connections|codeconnections)",
    }
    line = re.compile(f"{_ANY}*")
    tags = TagList(
        maximum=200,
        key=Text(minimum=1, maximum=128, pattern=line),
        value=Text(maximum=256, pattern=line),
    )
    inputs: dict[tuple[str, str], tuple[Member, ...]] = {}
    for service in SERVICES:
        provider = Text(maximum=32, values=providers[service])
        host_pattern = rf"arn:aws(-[\w]+)*:{hosts[service]}:.+:[0-9]{{12}}:host\/.+"
        host = Text(maximum=256, pattern=re.compile(host_pattern, re.ASCII))
        create = (
            Member(name="ProviderType", rule=provider),
            Member(name="ConnectionName", rule=_NAME, required=True),
            Member(name="Tags", rule=tags),
            Member(name="HostArn", rule=host),
        )
        listing = (
            Member(name="ProviderTypeFilter", rule=provider),
            Member(name="HostArnFilter", rule=host),
            Member(name="MaxResults", rule=Integer(minimum=0, maximum=100)),
            Member(name="NextToken", rule=Text(minimum=1, maximum=1024, pattern=line)),
        )
        inputs |= {(service, name): rows for name, rows in _inputs(create, listing).items()}
    return Edition(day="2026-11-10", inputs=MappingProxyType(inputs))


def _inputs(create: tuple[Member, ...], listing: tuple[Member, ...]) -> dict[str, tuple[Member, ...]]:
    tables = (create, _GET, listing, _GET)
    return dict(zip(OPERATIONS, tables, strict=True))


EDITIONS: Mapping[str, Edition] = MappingProxyType({edition.day: edition for edition in (_first_release(), _today())})


def find_operation(target: bytes | None) -> tuple[str, str] | None:
    """The service and the operation of an X-Amz-Target; None where there is none."""
    return None if target is None else TARGETS.get(target)
