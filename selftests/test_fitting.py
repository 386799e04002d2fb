"""What programs cost in an account that is full of others', and how their walks are fitted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.fitting import gentle, queued, snug, worst_case
from assay.history import SECOND
from assay.program import Arn, Create, Delete, Fill, Get, Name, Program, Walk

if TYPE_CHECKING:
    from collections.abc import Callable


def _of(count: int) -> Callable[[str | None], int]:
    """So many connections of every kind, as a driver tells it."""
    return lambda _: count


def _sizes(program: Program) -> list[int | None]:
    return [step.page_size for step in program.steps if isinstance(step, Walk)]


def test_a_program_costs_at_the_most_what_its_steps_and_their_clean_up_cost() -> None:
    assert worst_case(Program((Create(0), Get(Arn(0)), Delete(Arn(0))))) == 3
    assert worst_case(Program((Create(0), Get(Arn(0)), Delete(Arn(0)), Delete(Arn(0))))) == 4
    assert worst_case(Program((Fill(100, 3), Walk(2)))) == 3 + 2 + 3
    both = (Create(0), Create(1, Name(1), caller=SECOND))
    assert worst_case(Program((*both, Delete(Arn(0)), Delete(Arn(1), caller=SECOND)))) == 4
    assert worst_case(Program((*both, Delete(Arn(1)), Delete(Arn(0), caller=SECOND)))) == 6, "not theirs to delete"
    assert worst_case(Program((Walk(50),)), lambda _: 150) == 4


def test_walks_pass_by_what_belongs_to_others_in_a_few_pages() -> None:
    program = Program((Walk(1), Walk(), Walk(80)))
    assert gentle(program, lambda _: 0, 100) == program
    assert gentle(program, lambda _: 150, 100) == Program((Walk(80), Walk(100), Walk(80)))
    assert gentle(Program((Walk(), Walk(None, "GitHub"))), lambda kind: 9 if kind else 150, 100) == Program(
        (Walk(80), Walk(None, "GitHub"))
    )
    assert gentle(program, lambda _: 4, 100) == Program((Walk(2), Walk(), Walk(80))), "nobody is crowded by a few"


def test_of_walks_that_differ_in_their_sizes_alone_one_is_left_in_a_crowd() -> None:
    sizes = Program((Walk(2), Walk(1), Walk(3), Get(None), Walk(2), Walk(2)))
    assert gentle(sizes, lambda _: 150, 100) == Program((Walk(80), Get(None), Walk(80), Walk(80)))
    assert gentle(sizes, lambda _: 0, 100) == sizes


def test_the_cheapest_program_of_each_test_is_wished_for_before_the_next_of_any() -> None:
    cheap, dear, other = Program((Walk(),)), Program((Fill(1, 5),)), Program((Create(0),))
    assert queued([[dear, cheap], [other], [cheap]], worst_case) == ([cheap, other], [dear])


def test_pages_are_counted_by_what_lives_when_they_are_shown() -> None:
    """Not by all that was ever made, nor by Creates that are to be refused, as their name is taken."""
    crowd = _of(150)
    assert worst_case(Program((Fill(100, 9), Walk(80))), crowd) == 9 + 2 + 9
    assert worst_case(Program((Fill(100, 10), Walk(80))), crowd) == 10 + 3 + 10, "two full pages, and a token"
    gone = (Fill(100, 9), Delete(Arn(100)), Create(0, Name(0)), Walk(80))
    assert worst_case(Program(gone), crowd) == 10 + 2 + 10
    taken = (Fill(100, 9), Create(0, Name(-101)), Create(1, Name(-101)), Walk(80))
    assert worst_case(Program(taken), crowd) == 11 + 2 + 11
    again = (Fill(100, 9), Delete(Arn(100)), Create(0, Name(-101)), Create(1, Name(1)), Walk(80))
    assert worst_case(Program(again), crowd) == 11 + 3 + 11, "its name is free again"


def test_a_walk_that_is_broken_off_costs_what_it_may_show_and_keeps_its_size() -> None:
    glance = Program((Walk(1, news=2), Walk(1)))
    assert worst_case(Program((Walk(1, news=2),)), lambda _: 150) == 2
    assert gentle(glance, lambda _: 150, 100) == Program((Walk(1, news=2), Walk(80)))
    assert snug(Program((Walk(80, news=2),)), 151, lambda _: 150, 100) == Program((Walk(80, news=2),))


def test_walks_through_a_crowd_come_out_even() -> None:
    """The last page is just full; of those that have one connection too many, the first leaves it for a third page."""
    crowd = _of(158)  # the most that was seen, ours among them
    program = Program((Fill(100, 2), Walk(84), Create(0), Walk(84), Delete(Arn(0)), Create(1, Name(1)), Walk(84)))
    assert _sizes(snug(program, 150, crowd, 100)) == [76, 76, 77]
    odd = Program((Create(0), Walk(84), Walk(84), Get(Arn(0)), Walk(100), Walk(None)))
    assert _sizes(snug(odd, 150, crowd, 100)) == [75, 76, 100, None]


def test_no_page_is_larger_than_may_be_asked_for_and_nobody_is_crowded_by_a_few() -> None:
    walks = Program((Walk(100), Walk(100)))
    assert snug(walks, 299, lambda _: 299, 100) == Program((Walk(100), Walk(100)))
    assert snug(walks, 301, lambda _: 301, 100) == Program((Walk(75), Walk(76)))
    few = Program((Walk(25), Walk(3)))
    assert snug(few, 40, lambda _: 40, 100) == few
