"""Read a file of known failures, and tell every mistake in it before a packet is sent.

A misspelt id that was passed over would expect a failure that nobody ever finds, so nothing unknown is passed over: not
a key, not a law, not a clause. The file is TOML: one table `[[expect]]` for each entry. Its JSON Schema for editors is
`reports/expectations.schema.json`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.contract.suggestion import closest
from assay.errors import UsageError
from assay.expectations.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from assay.rate import Rate

__all__ = ["read_expectations"]

_TABLE: Final = "expect"
_KEYS: Final = (
    *("law", "clause", "finding", "also", "reason", "link", "owner", "expires"),
    *("target", "service", "edition", "program", "shows"),
)
_RATE: Final = re.compile("([0-9]{1,4}) of ([0-9]{1,4})", re.ASCII)
_FINDING: Final = re.compile(r"(?P<law>.+)-[0-9a-f]{8}")
_LARGEST: Final = 4_000_000
_EXAMPLE: Final = '[[expect]], then law = "connection.name.unique" and reason = "names are not checked yet"'


def read_expectations(place: str, laws: Mapping[str, Collection[str]]) -> tuple[Entry, ...]:
    """The entries of a file; `laws` has the clauses of each law of every edition, as one file can serve them all.

    Raises:
        UsageError: the file cannot be read, is not TOML, or says something that assay does not know.

    """
    whole = _parsed(place)
    for key in whole:
        if key != _TABLE:
            raise UsageError(f"{place}: there is no key {key!r}", hint=f"an entry reads: {_EXAMPLE}")
    rows = whole.get(_TABLE, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{place}: {_TABLE} is no list of tables", hint=f"an entry reads: {_EXAMPLE}")
    entries = tuple(_entry(row, f"{place}: entry {number}", laws) for number, row in enumerate(rows, start=1))
    seen: dict[tuple[object, ...], int] = {}
    for number, entry in enumerate(entries, start=1):
        same = (entry.what, entry.target, entry.service, entry.edition)
        if same in seen:
            message = f"{place}: entry {number}: {entry.what} is listed by entry {seen[same]} already"
            raise UsageError(message, hint="leave out one of the two, or give them different conditions")
        seen[same] = number
    return entries


def _parsed(place: str) -> Mapping[str, Any]:
    hint = "--expect names a file; `assay run --write-expect FILE` makes the first one"
    try:
        with Path(place).open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise UsageError(f"{place}: is larger than {_LARGEST / 1e6:g} MB, and is not read", hint=hint)
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}", hint=hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{place}: is not UTF-8", hint=hint) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(
            f"{place}: is not TOML: {ascii(str(error))[1:120]}", hint=f"an entry reads: {_EXAMPLE}"
        ) from error


def _entry(row: Mapping[str, Any], place: str, laws: Mapping[str, Collection[str]]) -> Entry:
    for key in row:
        if key not in _KEYS:
            raise UsageError(f"{place}: there is no key {key!r}", hint=_guess(key, _KEYS, "the keys are"))
    texts = {
        key: _text(row[key], f"{place}: {key}")
        for key in _KEYS
        if key in row and key not in ("also", "expires", "program", "shows")
    }
    if "reason" not in texts:
        raise UsageError(f"{place}: has no reason", hint='say why the failure is accepted: reason = "…"')
    law = _law(texts, place, laws)
    clause = texts.get("clause")
    if clause is not None and clause not in laws[law]:
        known = laws[law]
        raise UsageError(
            f"{place}: {law} has no clause {clause!r}",
            hint=_guess(clause, known, "its clauses are") if known else "it has none at all: leave out clause",
        )
    return Entry(
        **{**texts, "law": law},
        also=_also(row.get("also", []), place, law, texts.get("finding")),
        expires=_day(row.get("expires"), f"{place}: expires"),
        program=_program(row.get("program"), f"{place}: program"),
        shows=_rate(row.get("shows", "1 of 1"), f"{place}: shows"),
    )


def _law(texts: Mapping[str, str], place: str, laws: Mapping[str, Collection[str]]) -> str:
    """The law that an entry speaks of, by its id or by that of a finding."""
    law, finding = texts.get("law"), texts.get("finding")
    if finding is not None:
        named = _FINDING.fullmatch(finding)
        if named is None:
            hint = "it is a law's id, a hyphen and eight hexadecimal digits, as a report shows it"
            raise UsageError(f"{place}: finding: {finding!a} is no id of a finding", hint=hint)
        if law not in (None, named["law"]):
            raise UsageError(f"{place}: {finding} is no finding of {law}", hint="leave out law")
        if "clause" in texts:
            raise UsageError(f"{place}: a finding is of one clause anyway", hint="leave out clause")
        law = named["law"]
    if law is None:
        raise UsageError(f"{place}: names neither a law nor a finding", hint=f"an entry reads: {_EXAMPLE}")
    if law not in laws:
        raise UsageError(f"{place}: there is no law {law!r}", hint=_guess(law, laws, "`assay laws` names them all", 0))
    return law


def _also(value: Any, place: str, law: str, finding: str | None) -> tuple[str, ...]:
    """The ids of other findings of the same law."""
    if value and finding is None:
        raise UsageError(
            f"{place}: also goes with a finding", hint="leave out also: all findings of the law are listed"
        )
    if not isinstance(value, list):
        raise UsageError(f"{place}: also is no list", hint=f'a list reads: also = ["{finding}"]')
    for each in value:
        named = _FINDING.fullmatch(each) if isinstance(each, str) else None
        if named is None or named["law"] != law:
            message = f"{place}: also: {ascii(each)[:80]} is no finding of {law}"
            raise UsageError(message, hint="give each fault an entry of its own")
    return tuple(value)


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{place}: is no text, or an empty one", hint="put some words into quotes")
    return value


def _day(value: Any, place: str) -> dt.date | None:
    """A day, as TOML has it or as a text."""
    if value is None or type(value) is dt.date:
        return value
    if isinstance(value, dt.datetime):
        return value.date()
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{place}: {ascii(value)[:60]} is no day", hint="a day reads: expires = 2027-03-31") from error


def _program(value: Any, place: str) -> tuple[Mapping[str, Any], ...] | None:
    """The steps of a program, kept as JSON text because TOML knows no null."""
    from assay.program_json import from_json  # noqa: PLC0415 - few entries have one

    if value is None:
        return None
    try:
        steps = json.loads(value)
        from_json(steps)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{place}: is no program: {ascii(str(error))[1:100]}"
        raise UsageError(message, hint="leave it out, or write the file anew with --write-expect") from error
    return tuple(steps)


def _rate(value: Any, place: str) -> Rate:
    """How often the program shows the finding."""
    found = _RATE.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError(f"{place}: {ascii(value)[:60]} is no rate", hint='it reads: shows = "7 of 20"')
    return int(found[1]), int(found[2])


def _guess(word: str, known: Iterable[str], otherwise: str, listed: int = 20) -> str:
    guess = closest(word, known)
    if guess is not None:
        return f"did you mean {guess!r}?"
    return f"{otherwise} {', '.join(known)}" if listed else otherwise
