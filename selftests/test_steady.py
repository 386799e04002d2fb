"""The way back from a smallest program that shows nothing to one that shows its finding every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.program import Create, Program
from assay.steady import steadiest

if TYPE_CHECKING:
    from assay.rate import Rate

WAY = [Program((Create(number),)) for number in range(20)]


def walked(rates: dict[int, Rate]) -> tuple[tuple[Program, Rate] | None, list[int]]:
    """What is chosen where programs of the way have these rates, and others (0, 3); and which were asked for."""
    asked: list[int] = []

    def rated(program: Program) -> Rate:
        asked.append(WAY.index(program))
        return rates.get(asked[-1], (0, 3))

    return steadiest(WAY, rated), asked


def test_the_first_that_shows_every_time_is_taken() -> None:
    """In strides that double, so that a long way costs little."""
    assert walked({16: (3, 3), 12: (3, 3)}) == ((WAY[16], (3, 3)), [19, 18, 16])


def test_the_first_program_of_all_is_tried_last() -> None:
    """It showed the finding once, whatever else it is."""
    found, asked = walked({0: (1, 3)})
    assert found == (WAY[0], (1, 3))
    assert asked == [19, 18, 16, 12, 4, 0]


def test_where_none_shows_every_time_the_one_that_shows_most_often_is_taken() -> None:
    """And of those that show as often, the smaller."""
    assert walked({18: (1, 3), 12: (2, 3), 4: (2, 3)})[0] == (WAY[12], (2, 3))


def test_nothing_is_taken_where_nothing_shows_or_there_was_no_way() -> None:
    """The smallest program stays."""
    assert walked({})[0] is None
    assert steadiest([], lambda _: (3, 3)) is None


def test_the_walk_ends_where_no_more_can_be_run() -> None:
    """With the best that was met by then."""
    assert walked({19: (1, 3), 18: (0, 0), 16: (3, 3)}) == ((WAY[19], (1, 3)), [19, 18])
