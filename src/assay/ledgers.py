"""The ledgers of one run: one for each account that it acts from, opened before a Create is sent and closed at its end.

What a ledger is and says, `assay.ledger` knows. Here is decided who gets one, and what a run has to tell of them. The
reference server of a run ends with it and takes everything along, so nothing is written down of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from assay.history import FIRST, SECOND
from assay.ledger import FOLDER, Heading, Ledger, Watched, broken_off, fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from assay.caller import Caller
    from assay.contract import Contract
    from assay.driver import Driver
    from assay.naming import Naming
    from assay.reach import Reach
    from assay.settings import Settings

__all__ = ["Ledgers", "notes_of_earlier"]


class Ledgers:
    """What a run writes down of the connections that it makes, by the caller whose they are."""

    def __init__(self, settings: Settings, contract: Contract, reach: Reach) -> None:
        self._contract, self._reach, self._settings = contract, reach, settings
        self._report_dir = Path(settings.report_dir)
        self._by_caller: dict[str, Ledger] = {}

    def open(self, naming: Naming, started: datetime) -> None:
        """Open the first account's; without it, nothing is written down.

        Raises:
            UsageError: it cannot be written; then nothing may be created.

        """
        settings, contract, reach = self._settings, self._contract, self._reach
        self._open(
            FIRST,
            Heading(
                run=naming.run_id,
                prefix=naming.prefix,
                started=started.isoformat(timespec="seconds"),
                endpoint_url=reach.endpoint.url,
                service=contract.service,
                edition=contract.edition,
                region=reach.region,
                account=reach.endpoint.account,
                profile=settings.profile or os.environ.get("AWS_PROFILE"),
                ca_bundle=reach.ca_bundle,
                caller=fingerprint(naming.run_id, reach.credentials.access_key_id),
            ),
        )

    def watched(self, caller: Caller) -> Caller:
        """A caller with the first account's credentials, whose Creates and Deletes are written down."""
        return self._watched(FIRST, caller)

    def watched_second(self, caller: Caller, access_key_id: str) -> Caller:
        """The same for the second account, in a ledger of its own."""
        if FIRST in self._by_caller:
            heading = self._by_caller[FIRST].heading.for_the_second(self._settings.second_profile, access_key_id)
            self._open(SECOND, heading)
        return self._watched(SECOND, caller)

    def know(self, caller: str, **facts: str | None) -> None:
        """Add to the heading of a caller's ledger what was found out: `spelling`, `account`; None is nothing new."""
        ledger = self._by_caller.get(caller)
        if ledger is not None and (new := {name: fact for name, fact in facts.items() if fact is not None}):
            ledger.know(**new)

    def end(self, drivers: Mapping[str, Driver]) -> list[str]:
        """Close the ledgers at the end of a run; what is to be told of them."""
        notes = []
        for caller, ledger in self._by_caller.items():
            driver = drivers.get(caller)
            is_clean = driver is not None and not (driver.holdings.left_behind or driver.holdings.maybe_created)
            ledger.end(is_clean=is_clean)
            if driver is not None and not is_clean:
                notes.append(f"`assay sweep` tries again to remove what is left: {_shown(ledger.place)} knows of it")
        return notes

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, in their folder."""
        return tuple(ledger.place.name for ledger in self._by_caller.values())

    def notes_of_others(self) -> list[str]:
        """Say that earlier runs left something behind, where they have a ledger beside these."""
        return notes_of_earlier(self._report_dir, self.names)

    def _open(self, caller: str, heading: Heading) -> None:
        is_forced = not self._reach.endpoint.is_loopback
        self._by_caller[caller] = Ledger(self._report_dir / FOLDER, heading, is_forced=is_forced)

    def _watched(self, whose: str, caller: Caller) -> Caller:
        ledger = self._by_caller.get(whose)
        return caller if ledger is None else Watched(caller, ledger, self._contract)


def notes_of_earlier(report_dir: Path, own: Collection[str]) -> list[str]:
    """Say that earlier runs left something behind; `own` are the ledgers of this run, if it has any."""
    others = [other for other in broken_off(report_dir) if other.name not in own] if own else []
    if not others:
        return []
    what = "an earlier run has" if len(others) == 1 else f"{len(others)} earlier runs have"
    return [f"{what} left connections behind: `assay sweep` removes them"]


def _shown(place: Path) -> str:
    return ascii(str(place))[1:-1]
