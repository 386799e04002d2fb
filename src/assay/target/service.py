"""What a target must know of a contract: how the service is called by those who send to it.

The rest of a contract (shapes, limits, laws) is none of a target's business: it sends what it is given and writes down
what came of it. So this is a protocol of six read-only members, not the class of `assay.contract`, and a selftest can
stand in with ten lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol, TypeAlias

__all__ = ["SPELLINGS", "Service", "Spelling"]

Spelling: TypeAlias = Literal["long", "short"]

SPELLINGS: tuple[Spelling, ...] = ("long", "short")
"""The two legitimate spellings of X-Amz-Target: boto3's, and that of the newer SDKs."""


class Service(Protocol):
    """The part of a contract that addresses the service."""

    @property
    def service(self) -> str:
        """The service's name, as `--service` says it."""
        ...

    @property
    def signing_name(self) -> str:
        """The service's name in a credential scope."""
        ...

    @property
    def sdk(self) -> str:
        """The name of boto3's client."""
        ...

    @property
    def targets(self) -> Mapping[str, str]:
        """For each spelling, what stands before the operation's name in X-Amz-Target."""
        ...

    @property
    def operations(self) -> Mapping[str, Any]:
        """The operations by name."""
        ...
