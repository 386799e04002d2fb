"""What became of findings that were replayed: each still breaks, has changed, is fixed, or is unclear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.findings import write_finding
from reports.quotation import legible
from reports.sheet import STYLES, Sheet, counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["render"]


def render(  # noqa: PLR0913 - as many as a terminal has sides
    replayed: Sequence[Mapping[str, Any]],
    *,
    target: str,
    width: int = 80,
    color: bool = False,
    verbose: bool = False,
    plain: bool = False,
) -> str:
    """The report as text.

    Each of `replayed` has a `word`, the `finding` (the fresh one, where it still breaks) and its `law`, and a
    `detail` where the word alone does not say why. `was` is the id that was replayed, where it has changed.
    """
    sheet = Sheet(width=width, color=color, plain=plain)
    words = [each["word"] for each in replayed]
    counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    sheet.line(f"{counted(len(words), 'finding')} replayed against {legible(target)}: {counts}")
    for each in replayed:
        sheet.gap()
        heading = f"{each['word']}: {legible(each.get('was') or each['finding']['id'])}"
        if "was" in each:
            heading += f" is now {legible(each['finding']['id'])}"
        if "history" in each["finding"]:
            write_finding(sheet, heading, each["finding"], each["law"], verbose=verbose)
        else:
            sheet.line(heading, STYLES.get(each["word"], "bold yellow"))
            sheet.line(each["finding"]["sentence"], indent=3)
            sheet.line(legible(each["detail"]), indent=3)
    return str(sheet)
