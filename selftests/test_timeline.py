"""The picture of what was under way at once: every call in its place, nothing else in it, and nothing obeyed."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import runs
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.history import as_record
from assay.suite import import_reports
from selftests.histories import create, delete, get, listing, made, story

reports = import_reports()
timeline = reports.timeline
SVG = "{http://www.w3.org/2000/svg}"

RACE = [
    as_record(call)
    for call in story(
        made("1"),
        delete("1").during(1, 9),
        get("1").not_found().during(2, 3),
        get("1").during(4, 5),
        get("1").unknown().during(4.5, 8),
        listing().during(20, 21),
    )
]


def record(index: int, start: float, end: float, **input_: Any) -> dict[str, Any]:
    (call,) = story(create(**input_).ok(str(index)).during(start, end))
    return {**as_record(call), "index": index}


def test_calls_that_overlapped_stand_above_each_other_and_the_marked_one_is_marked() -> None:
    """What came before the first overlap and after the last is left out."""
    assert timeline.render_text(RACE, 3) == [
        "calls 2 to 5, by beginnings and ends, not to scale:",
        "├2───────┤",
        " ├3┤ ├4┤",
        "     ^^^",
        "      ├5?",
        "^ the law breaks here",
    ]


def test_the_picture_has_a_form_in_ascii() -> None:
    """For terminals that know nothing else."""
    text = "\n".join(timeline.render_text(RACE, 3, plain=True))
    assert text.isascii()
    assert "|2-------|" in text


def test_a_history_without_overlaps_has_no_picture() -> None:
    """Nor has an empty one."""
    calm = [as_record(call) for call in story(made("1"), get("1"), get("1").during(4.5, 5), get("1").during(5, 5))]
    for history in (calm, []):
        assert timeline.render_text(history, 1) == []
        assert timeline.render_svg(history, 1) == ""


def test_the_svg_is_an_accessible_picture_that_stands_by_itself() -> None:
    """A title, a description that tells the story, a colour that comes from the text around it, no ids, no scripts."""
    text = timeline.render_svg(RACE, 3)
    root = ET.fromstring(text)
    assert (root.tag, root.get("role"), root.get("fill")) == (f"{SVG}svg", "img", "currentColor")
    title, described = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert title == "Calls 2 to 5, from left to right by their beginnings and ends"
    assert described is not None
    assert "call 4 in line 2: GetConnection ConnectionArn=arn#1 → accepted" in described
    assert described.count("the law breaks here") == 1
    assert len(root.findall(f"{SVG}g")) == 4
    assert not re.search(r"<script|<style|\bid=|href|url\(", text)


def test_text_from_an_endpoint_is_data_in_the_svg() -> None:
    """Whatever a name, an error or a detail holds."""
    evil = '"><script>alert(1)</script>&\x00\x1b\u202e\ud800'
    history = [
        as_record(call)
        for call in story(
            create(evil).refused(evil).during(0, 3),
            create(name=evil).ok("1").during(1, 2),
            get(evil).unknown().during(1, 4),
        )
    ]
    history[2]["outcome"]["detail"] = evil
    root = ET.fromstring(timeline.render_svg(history, 0, mark=evil.replace("\x00\x1b\u202e\ud800", "")))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "desc", "g", "rect", "text"}


intervals = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=14
)


@settings(deadline=None)  # a busy machine is no fault
@given(intervals, st.integers(20, 70), st.booleans(), st.integers(0, 14))
def test_every_order_of_beginnings_and_ends_is_drawn_and_fits(
    times: list[tuple[int, int]], width: int, plain: Any, marked: int
) -> None:
    """Before is left of, at once is above each other, no line is too long."""
    history = [record(index, start, end) for index, (start, end) in enumerate(sorted(times))]
    bars = reports.lanes.bars_of(history, marked)
    places = reports.lanes.placed(bars, lambda bar: 3)
    for bar, place in zip(bars, places, strict=True):
        assert place.end - place.start >= 2
        for other, there in zip(bars, places, strict=True):
            if bar.call["end"] < other.call["start"]:
                assert place.end < there.start
            if bar.call["start"] < other.call["end"] and other.call["start"] < bar.call["end"]:
                assert place.start < there.end
                assert bar is other or bar.lane != other.lane
    lines = timeline.render_text(history, marked, width=width, plain=plain, everything=True)
    assert bool(lines) == reports.lanes.overlaps(history)
    drawn = "".join(lines[1:])
    assert all(len(line) <= width or line == lines[0] or line == lines[-1] for line in lines)
    assert drawn.count("|" if plain else "├") == (2 if plain else 1) * len(bars)


@pytest.mark.parametrize("width", [60, 100])
def test_the_console_shows_it_below_the_calls(width: int) -> None:
    """In the words of the law that is broken, and not for a finding without overlaps."""
    calls = story(
        made("1"), delete("1").during(1, 9), get("1").not_found().during(2, 3), get("1").during(4, 5)
    ).calls
    found = runs.finding("connection.get.details", calls=calls)
    text = reports.console.render(runs.results(runs.book(found)), width=width)
    assert "   ├2──────┤\n    ├3┤ ├4┤\n        ^^^\n   ^ the law breaks here\n" in text
    assert "├" not in reports.console.render(runs.results(runs.book(runs.finding("connection.get.details"))))
    assert reports.console.render(runs.results(runs.book(found)), width=width, plain=True).count("|2------|") == 1
