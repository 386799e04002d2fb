"""What was under way at once, as a picture: text for a terminal, SVG for a page.

Both show the same: one bar a call, with the number that the transcript gives it, calls that followed each other on one
line, calls that overlapped above each other, and a mark at the call that breaks the law. Distances mean nothing, the
order of beginnings and ends means everything. A call that got no clear answer has an open end.

The SVG stands by itself: no script, no style sheet and no id, so that many fit on one page; it takes its colour from
the text around it, in light and in dark; the marked call is told apart by a thicker frame and by words, not by colour
alone; and it says in its title and description what it shows. Text that came from an endpoint is escaped.
"""

from __future__ import annotations

import itertools
from html import escape
from typing import TYPE_CHECKING, Any, Final

from reports.lanes import Bar, Place, bars_of, placed
from reports.quotation import legible
from reports.transcript import Nicknames, transcript

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["lines", "render_svg", "render_text", "svg"]

_BREAKS: Final = "the law breaks here"
_REASONS: Final[Mapping[str, str]] = {"concurrent.linearizable": "no order of the calls explains this answer"}
_NARROWEST: Final = 20

_UNIT, _CHARACTER, _PADDING = 6, 7, 16  # pixels: a column, a character, what a frame needs around its words
_BAR, _LANE, _MARGIN, _CAPTION = 36, 52, 8, 20
_MARK: Final = "#e5484d"  # legible on white and on black


def lines(finding: Mapping[str, Any], *, width: int = 60, plain: bool = False, everything: bool = False) -> list[str]:
    """The picture of a finding's history as lines of text; none where no calls overlapped."""
    return render_text(
        finding["history"],
        finding["breaks_at"],
        width=width,
        plain=plain,
        everything=everything,
        mark=_REASONS.get(finding["law"], _BREAKS),
    )


def svg(finding: Mapping[str, Any]) -> str:
    """The picture of a finding's history as an SVG element; empty where no calls overlapped."""
    return render_svg(finding["history"], finding["breaks_at"], mark=_REASONS.get(finding["law"], _BREAKS))


def render_text(  # noqa: PLR0913 - how wide, how plain, how much
    history: Sequence[Mapping[str, Any]],
    marked: int,
    *,
    width: int = 60,
    plain: bool = False,
    everything: bool = False,
    mark: str = _BREAKS,
) -> list[str]:
    """The picture as lines of at most `width` characters, with `plain` in ASCII; no lines where no calls overlapped.

    `marked` is the `index` of the marked call, `mark` what is said of it. What does not fit goes below; of a long
    history only the part around the marked call is shown, but for `everything`.
    """
    bars = bars_of(history, marked)
    if not bars:
        return []
    width = max(width, _NARROWEST)
    places = placed(bars, lambda bar: len(str(bar.number)) + 2)
    rows = _rows(bars, places, plain=plain)
    cuts = _cuts(bars, places, width)
    bands = list(itertools.pairwise(cuts))
    kept = bands if everything else _around_the_mark(bands, bars, places)
    numbers = sorted(bar.number for bar in bars)
    text = [f"calls {numbers[0]} to {numbers[-1]}, by beginnings and ends, not to scale:"]
    if len(kept) < len(bands):
        text.append("(only what is near the marked call; -v shows all)")
    for first, last in kept:
        band = [row[first:last].rstrip() for row in rows]
        text += [*([""] if len(kept) > 1 else []), *(row for row in band if row)]
    return [*text, f"^ {mark}"] if any(bar.is_marked for bar in bars) else text


def render_svg(history: Sequence[Mapping[str, Any]], marked: int, *, mark: str = _BREAKS) -> str:
    """The picture as an SVG element, to be put into a page or a file; empty where no calls overlapped.

    `history` are the calls as `results.json` has them, `marked` the `index` of the call that breaks the law.
    """
    bars = bars_of(history, marked)
    if not bars:
        return ""
    names = Nicknames(history)
    told = transcript(history, names, breaks_at=marked, every_call=True)
    words = {bar.number: (told[bar.number - 1].asked, told[bar.number - 1].came) for bar in bars}
    labels = {bar.number: (_short_question(bar, names), _short_answer(bar)) for bar in bars}
    places = placed(bars, lambda bar: -(-(max(map(len, labels[bar.number])) * _CHARACTER + _PADDING) // _UNIT))
    width = 2 * _MARGIN + _UNIT * (1 + max(place.end for place in places))
    height = 2 * _MARGIN + _CAPTION + _LANE * (1 + max(bar.lane for bar in bars))
    body = "".join(
        _svg_bar(bar, place, labels[bar.number], ": ".join(words[bar.number]), mark)
        for bar, place in zip(bars, places, strict=True)
    )
    title = f"Calls {min(words)} to {max(words)}, from left to right by their beginnings and ends"
    story = "; ".join(
        f"call {bar.number} in line {bar.lane + 1}: {' → '.join(filter(None, words[bar.number]))}"
        + (f" ({mark})" if bar.is_marked else "")
        for bar in bars
    )
    caption = "".join(
        f'<text x="{_MARGIN}" y="{height - _MARGIN}" fill="{_MARK}">{escape(f"{bar.number}: {mark}")}</text>'
        for bar in bars
        if bar.is_marked
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" style="max-width:100%;height:auto" font-family="ui-monospace, monospace" font-size="11" '
        f'fill="currentColor" color-scheme="light dark"><title>{escape(title)}</title><desc>{escape(story)}</desc>'
        f"{body}{caption}</svg>"
    )


def _rows(bars: Sequence[Bar], places: Sequence[Place], *, plain: bool) -> list[str]:
    """Two rows for each lane, its bars and the marks below them."""
    left, line, right, open_end = "|-|?" if plain else "├─┤?"
    whole = 1 + max(place.end for place in places)
    rows = [[" "] * whole for _ in range(2 * (1 + max(bar.lane for bar in bars)))]
    for bar, place in zip(bars, places, strict=True):
        number = str(bar.number)
        inner = number + line * (place.end - place.start - 1 - len(number))
        row = 2 * bar.lane
        rows[row][place.start : place.end + 1] = left + inner + (right if bar.has_end else open_end)
        if bar.is_marked:
            rows[row + 1][place.start : place.end + 1] = "^" * (place.end + 1 - place.start)
    return ["".join(row) for row in rows]


def _cuts(bars: Sequence[Bar], places: Sequence[Place], width: int) -> list[int]:
    """Columns at which the picture is cut to fit, so that no number is cut in two."""
    numbers = {
        column
        for bar, place in zip(bars, places, strict=True)
        for column in range(place.start + 1, place.start + 1 + len(str(bar.number)))
    }
    whole = 1 + max(place.end for place in places)
    cuts = [0]
    while cuts[-1] + width < whole:
        cut = cuts[-1] + width
        cuts.append(next((column for column in range(cut, cuts[-1], -1) if column not in numbers), cut))
    return [*cuts, whole]


def _around_the_mark(
    bands: Sequence[tuple[int, int]], bars: Sequence[Bar], places: Sequence[Place]
) -> Sequence[tuple[int, int]]:
    """The bands that hold the marked call, and the one before them."""
    marked = [place for bar, place in zip(bars, places, strict=True) if bar.is_marked]
    near = [n for n, (first, last) in enumerate(bands) for place in marked if place.start < last and place.end >= first]
    return bands[max(0, near[0] - 1) : near[-1] + 1] if near else bands


def _short_question(bar: Bar, names: Nicknames) -> str:
    """`5 Get arn#1`: the number, the verb, and the ARN or name that it is about."""
    verb = bar.call["operation"].removesuffix("Connection").removesuffix("Connections")
    texts = [value for member, value in bar.call["input"].items() if member in {"ConnectionArn", "ConnectionName"}]
    about = legible(names.shown(texts[0]), 14) if texts and isinstance(texts[0], str) else ""
    return f"{bar.number} {legible(verb, 14)} {about}".rstrip()


def _short_answer(bar: Bar) -> str:
    outcome = bar.call["outcome"]
    match outcome["kind"]:
        case "accepted":
            return "accepted"
        case "refused":
            return legible(str(outcome.get("code") or "refused").removesuffix("Exception"), 18)
        case _:
            return "no clear answer"


def _svg_bar(bar: Bar, place: Place, labels: tuple[str, str], story: str, mark: str) -> str:
    x, y = _MARGIN + _UNIT * place.start, _MARGIN + _LANE * bar.lane
    width = _UNIT * (place.end - place.start + 1) - 2
    frame = f'stroke="{_MARK}" stroke-width="3"' if bar.is_marked else 'stroke="currentColor"'
    dashes = "" if bar.has_end else ' stroke-dasharray="4 3"'
    tip = f"{bar.number}: {story}" + (f" ({mark})" if bar.is_marked else "")
    return (
        f'<g><title>{escape(tip)}</title><rect x="{x}" y="{y}" width="{width}" height="{_BAR}" rx="4" '
        f'fill="currentColor" fill-opacity="0.08" {frame}{dashes}/>'
        f'<text x="{x + 7}" y="{y + 15}">{escape(labels[0])}</text>'
        f'<text x="{x + 7}" y="{y + 29}" fill-opacity="0.75">{escape(labels[1])}</text></g>'
    )
