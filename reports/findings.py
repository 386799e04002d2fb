"""A finding as a person reads it: what is required, what was seen, and the calls that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports import timeline
from reports.quotation import legible
from reports.sheet import STYLES, counted
from reports.transcript import Nicknames, transcript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports.sheet import Sheet

__all__ = ["INDENT", "named", "seen", "write_finding"]

INDENT: Final = 3
_LONGEST: Final = 600
_MARGIN: Final = 9
_ABOUT_ARNS: Final = ".arn."


def named(finding: Mapping[str, Any]) -> str:
    """The law of a finding, with the clause where it is not the sentence itself."""
    clause = f" ({finding['clause']})" if finding["clause"] else ""
    return f"{finding['law']}{clause}"


def write_finding(
    sheet: Sheet, heading: str, finding: Mapping[str, Any], law: Mapping[str, Any], *, verbose: bool
) -> None:
    """The heading, the requirement with its source, what was seen, and the history."""
    sheet.line(heading, STYLES[finding["force"]])
    sheet.line(finding["sentence"], indent=INDENT)
    names = Nicknames(finding["history"])
    source = law["source"][0] + (f" and {len(law['source']) - 1} more" if len(law["source"]) > 1 else "")
    sheet.table(
        [
            ("why", f"{finding['force']}, {law['evidence']}: {source}"),
            ("expected", legible(names.put_into(finding["expected"]), _LONGEST)),
            ("actual", legible(names.put_into(finding["actual"]), _LONGEST)),
        ],
        indent=INDENT,
    )
    rows = []
    for line in transcript(finding["history"], names, breaks_at=finding["breaks_at"], every_call=verbose):
        came = f" → {line.came}" if line.came else ""
        if len(line.asked) + len(came) > sheet.width - _MARGIN:
            came = f"\n{came[1:]}"
        mark = "> " if line.breaks else "  "
        rows.append((mark + line.number, line.asked + came, STYLES[finding["force"]] if line.breaks else ""))
    is_about_arns = _ABOUT_ARNS in finding["law"]
    rows += [("", f"{name} is {arn}", "") for name, arn in names.legend(everything=verbose or is_about_arns)]
    sheet.numbered(rows, indent=INDENT)
    for row in timeline.lines(finding, width=sheet.width - INDENT, plain=sheet.plain, everything=verbose):
        sheet.line(row, indent=INDENT)


def seen(finding: Mapping[str, Any]) -> str:
    """When it first showed itself, how surely, and how far it was shrunk."""
    shows, found, shrunk = finding["shows"], finding["found_at"], finding["shrunk"]
    parts = [f"first at call {found['call']:,}, second {found['second']:.1f}"]
    if not shows["times"]:
        parts.append(f"not again in {counted(shows['of'], 'repetition')}")
    elif shows["of"] > 1:
        parts.append(f"in {shows['times']} of {shows['of']} repetitions")
    if shrunk["to_steps"] < shrunk["from_steps"]:
        parts.append(f"shrunk from {shrunk['from_steps']} to {counted(shrunk['to_steps'], 'step')}")
    if finding["left_over"]:
        left_over = counted(finding["left_over"], "connection")
        parts.append(f"{left_over} of earlier programs could not be deleted and lived on")
    return "; ".join(parts)
