"""Known failures as words: what every report says of an entry, of a finding that one covers, of one that is gone.

An entry may cover several findings, and a finding may be covered by several entries; what an entry says of itself
(reason, owner, link, day) was written by whoever keeps the file, and is data like anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.quotation import legible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["as_line", "covering", "entries", "is_expected", "unexpected", "what", "words"]


def entries(results: Mapping[str, Any], law: str | None = None) -> Sequence[Mapping[str, Any]]:
    """The entries of a run, or those of one law."""
    return [each for each in results.get("expectations", ()) if law is None or each["law"] == law]


def covering(results: Mapping[str, Any], finding: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The entries by which a finding is expected."""
    return [
        each for each in entries(results) if each["status"] == "expected-fail" and finding["id"] in each["findings"]
    ]


def is_expected(finding: Mapping[str, Any]) -> bool:
    """Is a finding a known failure?"""
    return bool(finding.get("expected_by"))


def unexpected(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The findings that nobody listed."""
    return [each for each in findings if not is_expected(each)]


def what(entry: Mapping[str, Any]) -> str:
    """What an entry is about: a finding's id, a law, a clause of one."""
    return legible(entry["finding"] or entry["law"] + (f" ({entry['clause']})" if entry["clause"] else ""))


def words(entry: Mapping[str, Any], *, with_reason: bool = True) -> str:
    """What there is to know of an entry: what became of it, or why it is accepted; who looks after it, how long."""
    told = [legible(entry["detail"] or entry["reason"])] if with_reason else []
    told += [legible(f"{word} {entry[key]}") for key, word in (("owner", "owner"), ("link", "see")) if entry[key]]
    if entry["expires"] and entry["status"] == "expected-fail":
        told.append(f"until {legible(entry['expires'])}")
    return "; ".join(told)


def as_line(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The status of an entry, and the rest in a line."""
    return entry["status"], f"{what(entry)}: {words(entry)}"
