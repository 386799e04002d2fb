"""One known failure, and the run that it is held against.

An entry names a finding, or a law (or one clause of it) and then all of its findings. A finding is the better choice:
another failure of the same law is then new, and fails the run. Conditions keep one file for several targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from assay.rate import Rate

__all__ = ["Entry", "Standing", "Surroundings"]

Standing: TypeAlias = Literal["in force", "expired", "for another target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the conditions of entries ask about: the day, and what the target is called, service and edition.

    `names` are the endpoint's URL, its host with and without the port, what its Server header says, and `reference`
    for the reference server.
    """

    today: date
    names: tuple[str, ...]
    service: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A known failure: what is expected to fail, why, where that is told, who looks after it, until which day.

    `also` are the ids of other findings that the same fault shows itself in. `target`, `service` and `edition` are
    globs; `program` is the one that shows the finding, as JSON values, and `shows` how often it does: a run that did
    not meet the failure by chance runs it, as often as that asks for, before it says that the failure is gone.
    """

    law: str
    finding: str | None = None
    also: tuple[str, ...] = ()
    clause: str | None = None
    reason: str
    link: str | None = None
    owner: str | None = None
    expires: date | None = None
    target: str | None = None
    service: str | None = None
    edition: str | None = None
    program: tuple[Mapping[str, Any], ...] | None = None
    shows: Rate = (1, 1)

    @property
    def what(self) -> str:
        """What is expected to fail, as it is called everywhere."""
        return self.finding or (f"{self.law} ({self.clause})" if self.clause else self.law)

    def standing(self, run: Surroundings) -> Standing:
        """Does the entry count in a run? It counts on the day that it expires, and no longer."""
        conditions = ((self.service, (run.service,)), (self.edition, (run.edition,)), (self.target, run.names))
        for glob, words in conditions:
            if glob is not None and not any(fnmatchcase(word.lower(), glob.lower()) for word in words):
                return "for another target"
        return "expired" if self.expires is not None and run.today > self.expires else "in force"

    def covers(self, finding: str, law: str, clause: str | None) -> bool:
        """Is a finding, of this id, law and clause, what the entry speaks of?"""
        if self.finding is not None:
            return finding == self.finding or finding in self.also
        return law == self.law and self.clause in (None, clause)
