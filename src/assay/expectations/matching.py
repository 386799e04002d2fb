"""What the findings of a run make of the known failures: the four-way rule.

| | listed | not listed |
|---|---|---|
| **fails** | expected-fail: told, does not fail the run | fails the run |
| **passes** | stale: fails the run, so that the entry is taken away | passes |

An entry counts only while it is in force: expired, or made for another target, it is told and has no effect. A law that
the run never exercised has neither failed nor passed, and that is told as well. And an entry that names a finding hides
no other one: where the law breaks in another way, that is a failure which nobody listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from assay.expectations.entry import Entry, Surroundings

__all__ = ["Matched", "Status", "match"]

Status: TypeAlias = Literal["expected-fail", "stale", "not-exercised", "hidden", "expired", "for another target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What became of one entry: its status, why (where that word does not say it), and the findings that it covers."""

    entry: Entry
    status: Status
    detail: str | None = None
    findings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As `results.json` has it."""
        entry = self.entry
        return {
            "law": entry.law,
            "clause": entry.clause,
            "finding": entry.finding,
            "reason": entry.reason,
            "link": entry.link,
            "owner": entry.owner,
            "expires": None if entry.expires is None else entry.expires.isoformat(),
            "conditions": {
                key: value for key in ("target", "service", "edition") if (value := getattr(entry, key)) is not None
            },
            "status": self.status,
            "detail": self.detail,
            "findings": list(self.findings),
        }


def match(
    entries: Iterable[Entry],
    findings: Sequence[tuple[str, str, str | None]],
    verdict_of: Callable[[str], tuple[str, str | None]],
    run: Surroundings,
) -> tuple[tuple[Matched, ...], Mapping[str, tuple[Matched, ...]]]:
    """What became of each entry, and the entries that cover each finding, by its id.

    `findings` are (id, law, clause). `verdict_of` tells the verdict of a law as if nothing were expected, with its
    reason; `absent` is that of a law which was not asked for, or which the edition does not have.
    """
    entries = tuple(entries)
    listed = {
        finding
        for entry in entries
        if entry.standing(run) == "in force"
        for finding, law, clause in findings
        if entry.covers(finding, law, clause)
    }
    unlisted = [(finding, law) for finding, law, _ in findings if finding not in listed]
    matched = []
    for entry in entries:
        standing = entry.standing(run)
        covered = tuple(finding for finding, law, clause in findings if entry.covers(finding, law, clause))
        if standing == "expired":
            assert entry.expires is not None
            detail = f"it expired on {entry.expires.isoformat()}, and counts no more"
            matched.append(Matched(entry=entry, status="expired", detail=detail, findings=covered))
        elif standing == "for another target":
            matched.append(Matched(entry=entry, status=standing))
        elif covered:
            matched.append(Matched(entry=entry, status="expected-fail", findings=covered))
        else:
            others = [finding for finding, law in unlisted if law == entry.law]
            matched.append(_unmet(entry, others, *verdict_of(entry.law)))
    by_finding: dict[str, tuple[Matched, ...]] = {}
    for each in matched:
        if each.status == "expected-fail":
            for finding in each.findings:
                by_finding[finding] = (*by_finding.get(finding, ()), each)
    return tuple(matched), by_finding


def _unmet(entry: Entry, others: Sequence[str], verdict: str, reason: str | None) -> Matched:
    """An entry of which nothing was found: gone, hidden behind other failures of its law, or never looked for."""
    if verdict in {"pass", "fail", "warn"}:
        if entry.finding is not None and others:
            detail = f"the law fails in another way: {', '.join(others)}"
            return Matched(entry=entry, status="hidden", detail=detail)
        return Matched(entry=entry, status="stale", detail="it did not fail: take the entry away")
    if verdict == "absent":
        return Matched(
            entry=entry, status="not-exercised", detail="the law was not asked for, or is of another edition"
        )
    return Matched(
        entry=entry, status="not-exercised", detail=f"the law is {verdict}" + (f": {reason}" if reason else "")
    )
