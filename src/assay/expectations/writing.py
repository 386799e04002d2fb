"""Make a file of known failures from the results of a run, or bring an old one up to date.

Each finding gets an entry of its own, with the program that shows it; what people wrote into an old file (reason, link,
owner, the day, the conditions) is kept for every failure that is still there. What passed is left out, and what the run
could not tell of stays.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from assay.expectations.entry import Entry
from assay.expectations.matching import Matched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["as_toml", "updated"]

_TO_DO: Final = "not yet explained"
_HEAD: Final = """\
# Known failures: what `assay run --expect` lets pass, and tells when it is gone.
# `expires = 2027-03-31`, `owner`, `link`, and the conditions `target`, `service` and `edition` can be added.
"""
_ORDER: Final = ("law", "clause", "finding", "reason", "link", "owner", "expires", "target", "service", "edition")


def updated(entries: Sequence[Entry], results: Mapping[str, Any]) -> tuple[Entry, ...]:
    """The entries that stay, and one for every finding that nobody expects.

    `results` are those of a run that was held against `entries`.
    """
    gone = {_key(each) for each in results.get("expectations", ()) if each["status"] == "stale"}
    kept = [entry for entry in entries if _key(Matched(entry=entry, status="stale").as_json()) not in gone]
    found = {finding["id"]: finding for law in results["laws"] for finding in law["findings"]}
    new = [
        Entry(
            law=finding["law"],
            finding=finding["id"],
            also=tuple(finding.get("also", ())),
            reason=_TO_DO,
            program=tuple(finding["program"]),
            shows=(finding["shows"]["times"], finding["shows"]["of"]),
        )
        for finding in (found[each] for each in results["findings"])
        if not finding.get("expected_by")
    ]
    return (*kept, *new)


def as_toml(entries: Iterable[Entry]) -> str:
    """The file's text; `read_expectations` reads the same entries from it."""
    tables = []
    for entry in entries:
        lines = ["[[expect]]"]
        for key in _ORDER:
            value = getattr(entry, key)
            if value is None or (key == "law" and entry.finding is not None):
                continue
            lines.append(f"{key} = {value.isoformat() if key == 'expires' else _quoted(value)}")
            if key == "finding" and entry.also:
                lines.append(f"also = [{', '.join(map(_quoted, entry.also))}]")
        if entry.program is not None:
            lines.append(f"program = {_quoted(json.dumps(entry.program))}")
        shown, tried = entry.shows
        if shown < tried:
            lines.append(f'shows = "{shown} of {tried}"')
        tables.append("\n".join(lines) + "\n")
    return "\n".join([_HEAD, *tables])


def _key(expectation: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells an entry from every other one of its file."""
    return *(expectation[key] for key in ("law", "clause", "finding")), *sorted(expectation["conditions"].items())


def _quoted(text: str) -> str:
    """A text as TOML has it: literal where that is possible, so that a person can read the JSON in it."""
    if "'" not in text and text.isprintable():
        return f'"{text}"' if '"' not in text and "\\" not in text else f"'{text}'"
    # JSON's escapes are TOML's, but for the halves of characters beyond the first plane and for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
