"""Races: programs in which several calls are under way at once, where a check and a write that are two steps give way.

A race is a round: what is there to begin with, what happens at once, and what is read afterwards. A program is a few
rounds, one after the other, each with names and connections of its own, because a window of microseconds is not met
every time. Most rounds are bursts (a branch is one call); walks that go on while others come and go need workers.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from assay.in_force import contract_in_force
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Token, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.program import Branch, SingleStep, Step

__all__ = ["RACES", "races"]

_MOST: Final = 8  # calls in a burst


def races(about: str = "anything", *, max_rounds: int = 3) -> st.SearchStrategy[Program]:
    """Programs of one to `max_rounds` rounds about a kind of race, one of `RACES`.

    Raises:
        ValueError: there is no such kind, or no room for a round.

    """
    if about not in RACES:
        raise ValueError(f"no race about {about!r}; there are {', '.join(RACES)}")
    if max_rounds < 1:
        raise ValueError(f"max_rounds must be at least 1, not {max_rounds}")
    return st.deferred(lambda: st.lists(st.one_of(RACES[about]()), min_size=1, max_size=max_rounds).map(_joined))


def _joined(rounds: list[Program]) -> Program:
    return reduce(Program.followed_by, rounds)


def _burst(*steps: SingleStep) -> Parallel:
    return Parallel(tuple((step,) for step in steps))


def _kinds() -> tuple[str, ...]:
    contract = contract_in_force()
    return tuple(kind for kind in contract.kinds if kind not in contract.resource.hosted_kinds)


# -- rounds


def same_names() -> st.SearchStrategy[Program]:
    """Creates of one name, of one provider or of several; what is there afterwards is read back, and made once more."""
    kinds = _kinds()

    def of(width: int, several: bool, again: bool) -> Program:  # noqa: FBT001 - drawn
        creates = [Create(n, Name(0), kinds[n % len(kinds)] if several else kinds[0]) for n in range(width)]
        return Program((_burst(*creates), Walk(), *((Create(width, Name(0)),) if again else ())))

    return st.builds(of, st.integers(2, _MOST), st.booleans(), st.booleans())


def freed_names() -> st.SearchStrategy[Program]:
    """A Delete beside Creates of the name that it frees; who holds the name then is looked at, and asked for again."""

    def of(before: int, after: int) -> Program:
        creates = [Create(n, Name(0)) for n in range(1, 1 + before + after)]
        burst = _burst(*creates[:before], Delete(Arn(0)), *creates[before:])
        looks = (Get(Arn(create.label)) for create in creates)
        return Program((Create(0, Name(0)), burst, *looks, Create(9, Name(0)), Get(Arn(0)), Walk()))

    return st.builds(of, st.integers(0, 2), st.integers(1, 4))


def same_deletes() -> st.SearchStrategy[Program]:
    """Deletes of one connection, which is looked for afterwards."""
    return st.integers(2, _MOST).map(
        lambda width: Program((Create(0, Name(0)), _burst(*([Delete(Arn(0))] * width)), Get(Arn(0)), Walk()))
    )


def read_deletes() -> st.SearchStrategy[Program]:
    """Deletes beside Gets and Lists of what they delete, and of what stays; both are looked at afterwards."""

    def of(reads: list[SingleStep], place: int, looks: int) -> Program:
        place %= len(reads) + 1
        burst = _burst(*reads[:place], Delete(Arn(100)), *reads[place:])
        again = (Get(Arn(100)), Get(Arn(101))) * looks
        return Program((Fill(100, 3), burst, *again, Walk()))

    reads = st.sampled_from((Get(Arn(100)), Get(Arn(100)), Get(Arn(101)), List(), List(1), Delete(Arn(102))))
    return st.builds(of, st.lists(reads, min_size=1, max_size=_MOST - 1), st.integers(0, _MOST), st.integers(1, 2))


def many_names() -> st.SearchStrategy[Program]:
    """Creates of as many names, some beside Lists and Deletes; none is lost, and each has an ARN of its own.

    What was made is read back one by one or at once: an answer that went to another caller shows only at once.
    """
    kinds = _kinds()

    def of(width: int, several: bool, beside: list[SingleStep], size: int, reads_at_once: bool) -> Program:  # noqa: FBT001 - drawn
        creates = [Create(n, Name(n), kinds[n % len(kinds)] if several else kinds[0]) for n in range(width)]
        looks = [Get(Arn(create.label)) for create in creates]
        back: tuple[Step, ...] = (_burst(*looks),) if reads_at_once else tuple(looks)
        return Program((Fill(100, 3), _burst(*creates, *beside), *back, Get(Arn(102)), Walk(size), Get(Arn(100))))

    beside = st.sampled_from((List(), Delete(Arn(100)), Delete(Arn(101)), Get(Arn(102))))
    return st.builds(
        of,
        st.integers(2, _MOST - 2),
        st.booleans(),
        st.lists(beside, max_size=2, unique_by=repr),
        st.integers(1, 4),
        st.booleans(),
    )


def churned_walks() -> st.SearchStrategy[Program]:
    """Walks while others create and delete: what existed throughout is on every one of them."""

    def of(count: int, sizes: list[int], comers: int, goers: list[int]) -> Program:
        walks: list[Branch] = [(Walk(size), Walk(size)) for size in sizes]
        come = tuple(Create(n, Name(n)) for n in range(comers))
        come_and_go: Branch = tuple(step for create in come for step in (create, Delete(Arn(create.label))))
        go: Branch = tuple(Delete(Arn(100 + goer % count)) for goer in goers)
        return Program((Fill(100, count), Parallel((*walks, come_and_go, go)), Walk(sizes[0])))

    sizes = st.lists(st.integers(1, 3), min_size=1, max_size=2)
    return st.builds(
        of, st.integers(3, 9), sizes, st.integers(1, 3), st.lists(st.integers(0, 8), min_size=1, max_size=3)
    )


def churned_pages() -> st.SearchStrategy[Program]:
    """A whole list on one page, beside Deletes and Creates in one burst, several times over."""

    def of(count: int, goers: int) -> Program:
        goers = min(goers, count - 1)
        deletes = [Delete(Arn(100 + 2 * n % count)) for n in range(goers)]
        return Program((Fill(100, count), _burst(List(), *deletes, List(), Create(0, Name(0)), List()), Walk()))

    return st.builds(of, st.integers(3, 12), st.integers(1, 4))


def shared_tokens() -> st.SearchStrategy[Program]:
    """Two or three clients that walk the same list at the same time."""

    def of(count: int, sizes: list[int]) -> Program:
        return Program((Fill(100, count), Parallel(tuple((Walk(size),) for size in sizes))))

    return st.builds(of, st.integers(2, 8), st.lists(st.integers(1, 3), min_size=2, max_size=3))


def one_token() -> st.SearchStrategy[Program]:
    """One token that several clients use at once, beside lists of others; in an empty account it leads to the end."""

    def of(size: int, users: int, others: int) -> Program:
        burst = [List(size, token=Token()) for _ in range(users)]
        burst[1:1] = [List() for _ in range(others)]
        return Program((Fill(100, 2 * size), List(size), _burst(*burst)))

    return st.builds(of, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


#: What a race can be about, and its rounds.
RACES: Final[Mapping[str, Callable[[], tuple[st.SearchStrategy[Program], ...]]]] = {
    "names": lambda: (same_names(), same_names(), freed_names()),
    "deletes": lambda: (same_deletes(), read_deletes()),
    "arns": lambda: (many_names(),),
    "lists": lambda: (churned_walks(), churned_pages(), churned_pages(), shared_tokens(), one_token()),
    "anything": lambda: tuple(race for about, races_of in RACES.items() if about != "anything" for race in races_of()),
}
