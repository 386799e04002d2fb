"""Spans of time that cover a stretch, against a look at each of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.spans import Spans

_MOMENTS = st.integers(0, 8).map(float)
_SPANS = st.lists(st.tuples(_MOMENTS, st.one_of(_MOMENTS, st.just(float("inf")))), max_size=20)


@given(_SPANS, _MOMENTS, _MOMENTS)
def test_covering_finds_what_a_look_at_each_finds(spans: list[tuple[float, float]], start: float, end: float) -> None:
    found = Spans((place, *span) for place, span in enumerate(spans)).covering(start, end)
    assert found == [place for place, (first, last) in enumerate(spans) if first <= start and last >= end]


@given(_SPANS, _MOMENTS, _MOMENTS)
def test_touching_leaves_out_what_only_meets_the_border(
    spans: list[tuple[float, float]], start: float, end: float
) -> None:
    found = Spans((place, *span) for place, span in enumerate(spans)).touching(start, end)
    assert found == [place for place, (first, last) in enumerate(spans) if first < end and last > start]


def test_one_that_lasts_is_found_among_thousands_that_are_over() -> None:
    """More than one level of branches, a number that is a power of two, and an end that never comes."""
    spans = Spans((number, float(number), float("inf") if number == 77 else number + 0.5) for number in range(4096))
    assert spans.covering(4000.75, 4000.8) == [77]
    assert spans.covering(4000.25, 4000.3) == [77, 4000]
