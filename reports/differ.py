"""What two endpoints do differently, for a terminal: each difference with its smallest program, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports.quotation import legible
from reports.sheet import STYLES, Sheet, counted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["facts", "render", "sentence"]

_LONGEST: Final = 300
_ROWS: Final = 24
_NOTHING: Final = "(not sent)"


def render(document: Mapping[str, Any], *, width: int = 100, color: bool = False, plain: bool = False) -> str:
    """The report as text."""
    sheet = Sheet(width=width, color=color, plain=plain)
    differences = document["differences"]
    laws = any(each["kind"] == "law" for each in differences)
    sheet.line(sentence(document), STYLES["broken" if laws else "label"] if differences else "")
    sheet.gap()
    for side in document["sides"]:
        sheet.table([(side["letter"], legible(side["endpoint_url"], _LONGEST))])
    for number, each in enumerate(differences, start=1):
        sheet.gap()
        _difference(sheet, number, each)
    if document["observations"]:
        sheet.gap()
        sheet.line("observed, and neither right nor wrong", STYLES["label"])
        for row in document["observations"]:
            sheet.line(f"{row['id']}: {row['sentence']}", indent=2)
            sheet.table([("A", legible(row["a"], _LONGEST)), ("B", legible(row["b"], _LONGEST))], indent=4)
    sheet.gap()
    sheet.table(facts(document))
    return str(sheet)


def sentence(document: Mapping[str, Any]) -> str:
    """What came of it, in a few words."""
    differences = len(document["differences"])
    laws = sum(each["kind"] == "law" for each in document["differences"])
    if not differences:
        return "the two did the same"
    if not laws:
        return f"{counted(differences, 'difference')}, none that a law objects to"
    if differences == laws == 1:
        return "1 difference, and it is about a law"
    return f"{counted(differences, 'difference')}, {laws} of them about laws"


def _difference(sheet: Sheet, number: int, each: Mapping[str, Any]) -> None:
    style = STYLES["must"] if each["kind"] == "law" else STYLES["should"]
    sheet.line(f"{number}. {legible(each['operation'])}: {legible(each['aspect'])}", style)
    sheet.table([("A", legible(each["a"], _LONGEST)), ("B", legible(each["b"], _LONGEST))], indent=3)
    for law in each["laws"]:
        who = " and ".join(law["broken_by"])
        sheet.line(
            f"{who} {'break' if len(law['broken_by']) > 1 else 'breaks'} {law['id']}: {law['sentence']}", indent=3
        )
    if not each["laws"]:
        sheet.line("the contract leaves it open, or no law speaks of it", STYLES["label"], indent=3)
    rows = each["rows"][-_ROWS:]
    if len(rows) < len(each["rows"]):
        sheet.line(f"{counted(len(each['rows']) - len(rows), 'call')} before", STYLES["label"], indent=3)
    sheet.columns(
        ("", "asked of both", "A", "B"),
        [
            (
                [
                    ">" if row["differs"] else " ",
                    legible(row["asked"], _LONGEST),
                    legible(row["a"] or _NOTHING, _LONGEST),
                    "the same" if row["a"] == row["b"] else legible(row["b"] or _NOTHING, _LONGEST),
                ],
                "",
            )
            for row in rows
        ],
    )


def facts(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a reader should know of the run: calls, clean-up, how it ended; pairs of a word and a text."""
    calls = " and ".join(f"{side['calls']:,}" for side in document["sides"])
    told = [("calls", f"{calls} in {document['duration_s']:.1f} s, of {counted(document['programs'], 'program')}")]
    for side in document["sides"]:
        cleanup = side["cleanup"]
        left = len(cleanup["left_behind"])
        made = f"{cleanup['created']:,} created, {cleanup['deleted']:,} deleted, {left or 'nothing'} left behind"
        told.append(("clean-up", f"{side['letter']}: {made}"))
    if document["unsteady"]:
        told.append(("note", f"{counted(document['unsteady'], 'difference')} did not show again, and is not told"))
    told += [("ended", f"by {legible(reason)}") for reason in document["limits_reached"]]
    if document["trouble"]:
        told.append(("ended", legible(document["trouble"], _LONGEST)))
    told.append(("run", f"effort {document['effort']}, seed {document['seed']}"))
    return told
