"""The trial of the suite for a terminal: the matrix, and below it, where a reader's eye is, what came of it all.

The end begins with one line that says it all; then come the mutants that lived, what they do and who should have caught
them, the false alarms with what was said, the laws that no mutant tries alone, and where the files lie. The matrix
stands one law to a column where the terminal is wide enough, and is a list of laws for each mutant where it is not.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from reports.quotation import legible
from reports.sheet import Sheet, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["render", "summary"]

_MARKS: Final = {"named": "●", "warned": "◐", "besides": "○", "follows": "·", "missed": "✗"}
_PLAIN: Final = {"named": "#", "warned": "w", "besides": "o", "follows": ".", "missed": "x"}
_WORDS: Final = {
    "named": "named by the mutant, and caught it",
    "warned": "named, and only warned though it is a must",
    "besides": "caught it besides",
    "follows": "follows from another law that caught it",
    "missed": "named, and did not catch it",
}
_BAD: Final = "bold red"
_GOOD: Final = "bold green"
_INDENT: Final = 3


def render(  # noqa: PLR0913 - one for each thing that a terminal may be
    document: Mapping[str, Any],
    *,
    places: Sequence[str] = (),
    width: int = 80,
    color: bool = False,
    plain: bool = False,
    is_quiet: bool = False,
) -> str:
    """The report as text; `plain` keeps to ASCII, `is_quiet` leaves out the matrix and what is well."""
    sheet = Sheet(width=width, color=color)
    if not is_quiet:
        _write_matrix(sheet, document, _PLAIN if plain else _MARKS)
    sheet.line(summary(document), _GOOD if document["verdict"] == "strong" else _BAD)
    if document["interrupted"]:
        left = sum(document["summary"][kind]["not_run"] for kind in ("mutants", "legal", "impostors"))
        sheet.line(f"it was stopped: {counted(left, 'server')} of these not tried")
    for title, entries in _troubles(document):
        sheet.gap()
        sheet.line(f"{title} ({len(entries)})", _BAD)
        for name, rows in entries:
            sheet.line(name, indent=_INDENT)
            if not is_quiet:
                sheet.table(rows, indent=2 * _INDENT)
    if not is_quiet:
        sheet.gap()
        sheet.table(list(_numbers(document, places)))
    return str(sheet)


def summary(document: Mapping[str, Any]) -> str:
    """What came of it, in one line: of each kind of server that was tried, how many were judged rightly."""
    mutants, legal, impostors = (document["summary"][kind] for kind in ("mutants", "legal", "impostors"))
    parts = []
    if mutants["total"]:
        later = f" ({mutants['killed_again']} of them only in {document['again']})" if mutants["killed_again"] else ""
        parts.append(f"{mutants['killed']} of {counted(mutants['total'], 'mutant')} killed{later}")
    if legal["total"]:
        parts.append(f"{counted(legal['alarms'], 'false alarm')} in {counted(legal['total'], 'legal server')}")
    if impostors["total"]:
        parts.append(f"{impostors['refused']} of {counted(impostors['total'], 'impostor')} refused")
    return ", ".join(parts)


# -- what is wrong


def _troubles(document: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, list[tuple[str, str]]]]]]:
    """Everything that is wrong, by its kind: a title, and for each server its name and what to know of it."""
    for verdict, title in (
        ("survived", "survived: no law objected"),
        ("misnamed", "misnamed: only other laws objected"),
        ("unfinished", "mutants without a verdict"),
    ):
        entries = [
            (mutant["name"], list(_about(mutant))) for mutant in document["mutants"] if mutant["verdict"] == verdict
        ]
        if entries:
            yield title, entries
    accused = [server for server in document["legal"] if server["verdict"] == "accused"]
    if accused:
        yield "false alarms", [(server["name"], list(_alarms(server))) for server in accused]
    for kind, verdict, title in (
        ("legal", "unfinished", "legal servers without a verdict"),
        ("impostors", "believed", "impostors that conform"),
        ("impostors", "unfinished", "impostors without a verdict"),
    ):
        entries = [
            (server["name"], [("what it does", legible(server["story"])), *_reasons(server)])
            for server in document[kind]
            if server["verdict"] == verdict
        ]
        if entries:
            yield title, entries


def _about(mutant: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "what it does", legible(mutant["story"])
    yield "to be caught by", " or ".join(mutant["caught_by"])
    yield from _reasons(mutant)


def _reasons(server: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """In which runs it went wrong, and why; seeds with the same reason share a line."""
    wrong: dict[str, list[str]] = {}
    for run in server["runs"]:
        if run["verdict"] not in {"killed", "clean", "refused"}:
            words = f"{run['verdict']}: {legible(run['reason'])}" if run["reason"] else run["verdict"]
            wrong.setdefault(words, []).append(str(run["seed"]))
    for words, seeds in wrong.items():
        yield f"seed {', '.join(seeds)}" if len(seeds) == 1 else f"seeds {', '.join(seeds)}", words


def _alarms(server: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "what it does", legible(server["story"])
    for alarm in server["alarms"]:
        law = f"{alarm['law']} ({alarm['verdict']}, seed {alarm['seed']})"
        yield law, f"expected {legible(alarm['expected'], 300)}"
        yield "", f"actual {legible(alarm['actual'], 300)}"
        if alarm["steps"]:
            yield "", legible("; ".join(alarm["steps"]), 400)


# -- what there is to know besides


def _numbers(document: Mapping[str, Any], places: Sequence[str]) -> Iterator[tuple[str, str]]:
    not_alone = document["not_alone"]
    if not_alone:
        yield "not tried alone", _listed(not_alone)
    elif not_alone is None and document["mutants"] and not document["interrupted"]:
        yield "not tried alone", "runs ended at the first finding of a named law; with --whole, this is told"
    yield from _left_open(document["legal"])
    yield from _pace(document["mutants"])
    for each in document["not_runnable"]:
        yield "not runnable here", f"{legible(each['name'])}: {legible(each['reason'])}"
    seeds = ", ".join(map(str, document["seeds"]))
    word = "seed" if len(document["seeds"]) == 1 else "seeds"
    late = [mutant["name"] for mutant in document["mutants"] if any(run["missed_in"] for run in mutant["runs"])]
    if late:
        yield f"missed in {document['effort']}", ", ".join(late)
    then = f", then {document['again']}" if document["again"] else ""
    runs = f"{counted(document['summary']['runs'], 'run')} in {document['duration_s']:.0f} s"
    yield "trial", f"{runs}, {document['jobs']} at a time; effort {document['effort']}{then}, {word} {seeds}"
    for place in places:
        yield "reports", legible(place)


def _left_open(servers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Laws that had nothing to say of some legal server; what the reference itself leaves open says nothing."""
    for word in ("indeterminate", "vacuous"):
        always = {law for server in servers if server["kind"] == "reference" for law in server["open"][word]}
        times = Counter(law for server in servers for law in server["open"][word] if law not in always)
        if times:
            laws = (f"{law} (of {counted(number, 'server')})" for law, number in times.items())
            yield f"left {word}", ", ".join(laws)


def _pace(mutants: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """How soon the mutants were caught, and how small the findings became."""
    found = sorted(
        (mutant["calls_to_first"], mutant["name"]) for mutant in mutants if mutant["calls_to_first"] is not None
    )
    if found:
        half, (most, name) = found[(len(found) - 1) // 2][0], found[-1]
        words = f"half of the mutants within {half:,.0f} calls, the last ({name}) after {most:,.0f}"
        yield "first violation", words
    shrunk = [run["shrunk"] for mutant in mutants for run in mutant["runs"] if run["shrunk"]]
    if shrunk:
        sizes = sorted(each["calls"] for each in shrunk)
        words = f"half of the findings to {sizes[(len(sizes) - 1) // 2]} calls, the largest to {sizes[-1]}; "
        spent = max(each["spent_calls"] for each in shrunk), max(each["spent_seconds"] for each in shrunk)
        yield "shrunk", f"{words}at most {spent[0]:,} calls and {spent[1]:.1f} s were spent on one"


def _listed(laws: Iterable[str]) -> str:
    """Laws by their group: `connection.name: unique, exact; wire: schema`."""
    return "; ".join(
        f"{group}: {', '.join(law.rpartition('.')[2] for law in members)}"
        for group, members in groupby(laws, lambda law: law.rpartition(".")[0])
    )


# -- the matrix


def _write_matrix(sheet: Sheet, document: Mapping[str, Any], marks: Mapping[str, str]) -> None:
    mutants = [mutant for mutant in document["mutants"] if mutant["verdict"] != "not-run"]
    if not mutants:
        return
    spoken = {law for mutant in mutants for law in mutant["cells"]}
    laws = [law for law in document["laws"] if law["id"] in spoken]
    groups = [(group, list(members)) for group, members in groupby(laws, lambda law: law["group"])]
    used = [mark for mark in marks if any(c["mark"] == mark for mutant in mutants for c in mutant["cells"].values())]
    sheet.line("; ".join(f"{marks[mark]} {_WORDS[mark]}" for mark in used))
    if not document["whole"]:
        sheet.line("runs ended at the first finding of a law that the mutant names: what else it breaks is not known")
    name_room = max(len(mutant["name"]) for mutant in mutants) + 2
    calls_room = 8
    is_wide = sheet.width >= name_room + len(laws) + len(groups) + calls_room
    if is_wide:
        _write_columns(sheet, mutants, groups, marks, name_room)
    else:
        _write_lists(sheet, mutants, marks)
    sheet.gap()


def _write_columns(
    sheet: Sheet,
    mutants: Sequence[Mapping[str, Any]],
    groups: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
    marks: Mapping[str, str],
    name_room: int,
) -> None:
    numbers = {law["id"]: number for number, law in enumerate((law for _, laws in groups for law in laws), start=1)}
    legend = {
        group: "  ".join(f"{numbers[law['id']]} {law['id'].rpartition('.')[2]}" for law in laws)
        for group, laws in groups
    }
    sheet.table(list(legend.items()))
    sheet.gap()
    for place in (10, 1):
        digits = " ".join(
            "".join(str(numbers[law["id"]] // place % 10) if numbers[law["id"]] >= place else " " for law in laws)
            for _, laws in groups
        )
        if digits.strip():
            sheet.line(" " * name_room + digits + ("  calls" if place == 1 else ""))
    for noun, members in groupby(mutants, lambda mutant: mutant["noun"]):
        for number, mutant in enumerate(members):
            if not number:
                sheet.line(noun)
            shown = {law: marks[cell["mark"]] for law, cell in mutant["cells"].items()}
            cells = " ".join("".join(shown.get(law["id"], " ") for law in laws) for _, laws in groups)
            name = mutant["name"].partition(".")[2]
            calls = "" if mutant["calls_to_first"] is None else f"{mutant['calls_to_first']:,.0f}"
            sheet.line(f"{_flag(mutant)} {name:<{name_room - 2}}{cells} {calls:>6}", _style(mutant))


def _write_lists(sheet: Sheet, mutants: Sequence[Mapping[str, Any]], marks: Mapping[str, str]) -> None:
    for _, members in groupby(mutants, lambda mutant: mutant["noun"]):
        sheet.gap()
        for mutant in members:
            laws = ", ".join(f"{marks[cell['mark']]} {law}" for law, cell in mutant["cells"].items())
            sheet.line(f"{_flag(mutant)} {mutant['name']}", _style(mutant))
            sheet.line(laws or "nothing objected", indent=2 * _INDENT)


def _flag(mutant: Mapping[str, Any]) -> str:
    return " " if mutant["verdict"] == "killed" else "!"


def _style(mutant: Mapping[str, Any]) -> str:
    return "" if mutant["verdict"] == "killed" else _BAD
