"""The findings of a run held against the known failures, and what that does to the verdicts of laws."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assay.expectations import Matched, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from assay.contract import Contract
    from assay.results.facts import TargetFacts
    from assay.results.verdicts import Verdict

__all__ = ["held_against", "surroundings"]


def surroundings(target: TargetFacts, contract: Contract, started: datetime) -> Surroundings:
    """What the conditions of known failures are held against."""
    parts = urlsplit(target.endpoint_url)
    server = target.fingerprint.get("server")
    names = [target.endpoint_url, parts.netloc, parts.hostname, server, "reference" if target.is_reference else None]
    return Surroundings(
        today=started.date(),
        names=tuple(name for name in names if isinstance(name, str) and name),
        service=contract.service,
        edition=contract.edition,
    )


def held_against(
    law: str, verdict: tuple[Verdict, str | None], *, is_broken: bool, matched: Iterable[Matched]
) -> tuple[Verdict, str | None]:
    """The verdict of a law in the light of the known failures.

    `verdict` is what it would be without the findings that are expected; `is_broken` says whether there are any at all.
    A failure that nobody listed comes first, then an entry whose failure is gone, then the expected.
    """
    own = [each for each in matched if each.entry.law == law]
    if verdict[0] == "fail":
        return verdict
    stale = [each.entry.what for each in own if each.status == "stale"]
    if stale:
        return "stale", f"expected to fail, and did not: {', '.join(stale)}"
    if verdict[0] == "warn" or not is_broken:
        return verdict
    return "expected-fail", "; ".join(
        dict.fromkeys(each.entry.reason for each in own if each.status == "expected-fail")
    )
