"""What a run tells about its surroundings: whom it talked to, and what it left behind. Facts, no judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Cleanup", "SettingsLike", "TargetFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """Who was asked.

    `account` is the account that its ARNs name, where they were seen. `fingerprint` is what it told of itself: its
    Server header, the spellings of X-Amz-Target that it serves. `credentials_source` says where the credentials were
    found, and never what they are. `mutant` is the fault that the background reference was given, `liberties` are the
    choices that it took, and `impostor` is what stood in its place.
    """

    endpoint_url: str
    region: str
    account: str | None = None
    is_reference: bool = False
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    credentials_source: str = "given"
    mutant: str | None = None
    liberties: tuple[str, ...] = ()
    impostor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleanup:
    """What became of the connections of the run; `left_behind` are the ARNs and names of those that still live."""

    created: int = 0
    deleted: int = 0
    left_behind: tuple[tuple[str, str | None], ...] = ()


class SettingsLike(Protocol):
    """The settings of a run as far as its results tell them; `report_dir`, where there is one, says where they lie."""

    @property
    def effort(self) -> str:
        """How much was asked for."""

    @property
    def seed(self) -> int | None:
        """What the programs were drawn from."""

    @property
    def strict(self) -> bool:
        """Does a broken `should` fail the run?"""

    @property
    def max_calls(self) -> int | None:
        """The limit of calls."""

    @property
    def time_limit(self) -> float | None:
        """The limit of seconds."""

    @property
    def staleness(self) -> float:
        """How many seconds a read may lag."""
