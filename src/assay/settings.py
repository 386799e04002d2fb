"""What a caller may choose for a run, and how hard an effort looks. Nothing here knows where the words came from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from assay.contract import Contract, load_contract
from assay.errors import UsageError
from assay.pace import AWS_RATE
from assay.plan import AWS_STALENESS
from assay.suite import specs_root
from assay.target import resolve_endpoint_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["EFFORTS", "Effort", "Settings", "endpoint_from_environment", "matching_laws", "open_contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard a run looks: programs drawn for each test, and the seconds after which it ends at the latest.

    `is_planned` is one that is held to a plan; `staleness` is in seconds, and what it lets reads lag.
    """

    examples: int
    seconds: float
    is_planned: bool = False
    staleness: float = 0.0


EFFORTS: Final[Mapping[str, Effort]] = {
    "quick": Effort(examples=5, seconds=60.0),
    "standard": Effort(examples=36, seconds=300.0),
    "deep": Effort(examples=600, seconds=3_600.0),
    "aws": Effort(examples=1, seconds=1_800.0, is_planned=True, staleness=AWS_STALENESS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a caller may choose. Times are in seconds; None leaves it to the effort, the environment or chance.

    `second_region` is a Region that a connection of another is looked for in, or `REGION=URL` where its endpoint is
    another. With `is_aws`, AWS is judged, and `accounts` are those that may be used; `hosts` are public ones that
    may be. `handshake` is `door`, `ask`, `nobody` or a command; None is the door of a reference that the run started
    itself.
    """

    endpoint_url: str | None = None
    is_aws: bool = False
    accounts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    service: str = "codestar-connections"
    edition: str | None = None
    effort: str = "standard"
    laws: tuple[str, ...] = ()
    seed: int = 0
    max_calls: int | None = None
    time_limit: float | None = None
    timeout: float = 10.0
    staleness: float = 0.0
    strict: bool = False
    auth: bool = False
    profile: str | None = None
    second_profile: str | None = None
    region: str | None = None
    second_region: str | None = None
    ca_bundle: str | None = None
    spelling: str | None = None
    mutant: str | None = None
    liberties: tuple[str, ...] = ()
    impostor: str | None = None
    report_dir: str = ".assay"
    forces: Mapping[str, str] = field(default_factory=dict)
    rate: float | None = None
    concurrent: bool = False
    handshake: str | None = None

    @property
    def is_planned(self) -> bool:
        """Is the run held to a plan? At AWS, always."""
        return self.is_aws or EFFORTS[self.effort].is_planned

    @property
    def calls_a_second(self) -> float | None:
        """The rate that the run keeps to; None where nothing slows it down."""
        return self.rate if self.rate is not None else AWS_RATE if self.is_aws else None

    @property
    def seconds(self) -> float:
        """When the run ends at the latest."""
        return self.time_limit if self.time_limit is not None else EFFORTS[self.effort].seconds


def matching_laws(contract: Contract, globs: Iterable[str]) -> tuple[str, ...]:
    """The ids of the laws that any of the globs matches, in the contract's order; all where there is no glob."""
    patterns = tuple(globs)
    return tuple(law for law in contract.laws if not patterns or any(fnmatchcase(law, pattern) for pattern in patterns))


def open_contract(settings: Settings) -> Contract:
    """The contract that the settings name."""
    if settings.effort not in EFFORTS:
        raise UsageError(f"there is no effort {settings.effort!r}", hint=f"choose one of {', '.join(EFFORTS)}")
    return load_contract(settings.service, settings.edition, specs=specs_root())


def endpoint_from_environment(option: str | None, service: str) -> str | None:
    """The endpoint that the caller names, by the option or in the environment as boto3's users do; None for none."""
    return resolve_endpoint_url(option, os.environ, service=service)
