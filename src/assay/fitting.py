"""What programs cost where every call counts, and how they are fitted to an account that is full of others'.

A crowd makes every look dear: a walk goes through all that is there, whosever it is. So walks take few and large pages
(`gentle`), pages that come out even, as their edges are where faults are (`snug`), and what tells most for its calls
comes first (`queued`). What a program comes to at the most (`worst_case`) decides whether there is room for it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.history import FIRST
from assay.plan import ALIVE
from assay.program import Arn, Create, Delete, Fill, Handshake, Name, Parallel, Program, Send, Walk, steps_within
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.program import Step

__all__ = ["gentle", "queued", "snug", "worst_case"]

_PAGES: Final = 2  # that a walk takes through what belongs to others, at the most
_UNSAID_SIZE: Final = 20  # connections that a page is taken to hold where no MaxResults is given

Crowd: TypeAlias = "Callable[[str | None], int]"
"""How many connections others have of a provider type, or of all where it is None."""


Lives: TypeAlias = "Callable[[Create | Send], bool]"
"""Does a request make a connection?"""


def _nobody(_: str | None) -> int:
    return 0


def _every_create(step: Create | Send) -> bool:
    return isinstance(step, Create) or step.recipe.base == "create"


def gentle(program: Program, crowd: Crowd, largest: int) -> Program:
    """A program as it is run where every call counts: its walks pass by what belongs to others in a few pages.

    `crowd` says how many connections there are beside those of the run, `largest` is the largest page. Pages without a
    size are as large as others have to be, unless the program is about several sizes. Of walks in a row that differ in
    nothing else than their sizes, and come to the same pages here, one is left.
    """
    is_about_sizes = len({step.page_size for step in program.steps if isinstance(step, Walk) and not step.news}) > 1

    def calmed(step: Step) -> Step:
        match step:
            case Walk(news=int()):
                return step
            case Walk(page_size=None, kind=kind) if crowd(kind) > _PAGES * _UNSAID_SIZE:
                return replace(step, page_size=largest if is_about_sizes else _least(crowd(kind), largest))
            case Walk(page_size=int(size), kind=kind) if 0 < size < (least := _least(crowd(kind), largest)):
                return replace(step, page_size=least)
            case _:
                return step

    steps: list[Step] = []
    for number, step in enumerate(program.steps):
        calm = calmed(step)
        was_other = step != program.steps[number - 1] and isinstance(step, Walk) and not step.between
        steps += [] if was_other and steps and calm == steps[-1] else [calm]
    return program.with_steps(tuple(steps))


def snug(program: Program, strangers: int, crowd: Crowd, largest: int, lives: Lives = _every_create) -> Program:
    """The program with walks through a crowd that come out even, if there are so many `strangers` as there were.

    Where pages go wrong is at their edges, and a crowd does not leave the calls to try one size after the other. So the
    last page of a walk is full wherever a size makes it so; and where one connection is too many for that, the first of
    such walks leaves it for a page of its own.
    """
    if strangers <= _PAGES * _UNSAID_SIZE:
        return program
    living = _Living(lives)
    is_left_over = False
    steps: list[Step] = []
    for step in program.steps:
        for each in steps_within(Program((step,))):
            living.take(each)
        match step:
            case Walk(page_size=int(size), kind=None, between=(), news=None) if size == _least(crowd(None), largest):
                there = strangers + living.count
                pages = max(_PAGES, -(-there // largest))
                has_one_more = there % pages == 1 and not is_left_over
                is_left_over |= has_one_more
                steps.append(replace(step, page_size=there // pages if has_one_more else -(-there // pages)))
            case _:
                steps.append(step)
    return program.with_steps(tuple(steps))


def _least(crowd: int, largest: int) -> int:
    """The size of the pages of which a few show a crowd, and those of this run beside it where others are many."""
    return min(largest, -(-(crowd + (ALIVE if crowd > _PAGES * ALIVE else 0)) // _PAGES))


def queued(
    named: Sequence[Sequence[Program]], cost_of: Callable[[Program], int]
) -> tuple[list[Program], list[Program]]:
    """Of the programs that tests name, the cheapest of each test, and then all others, the next of each test first.

    A program that several tests name is there once: every law judges it.
    """
    queues = [sorted({str(each): each for each in programs}.values(), key=cost_of) for programs in named]
    turns = [
        sorted((queue[turn] for queue in queues if turn < len(queue)), key=cost_of)
        for turn in range(max(map(len, queues), default=0))
    ]
    every = list({str(each): each for each in chain.from_iterable(turns)}.values())
    first = len({str(each) for each in turns[0]}) if turns else 0
    return every[:first], every[first:]


def worst_case(program: Program, crowd: Crowd = _nobody, lives: Lives = _every_create) -> int:
    """The calls that a program takes at the most, the Deletes behind it included, where nothing is tried again.

    `lives` says which requests make a connection.
    """
    calls = made = 0
    owners: dict[int, str] = {}  # of what others than the first caller made
    deleted: set[int] = set()
    living = _Living(lives)
    for step in steps_within(program):
        living.take(step)
        match step:
            case Create(label=label, caller=caller):
                owners[label] = caller
                made += lives(step)
                calls += 1
            case Fill(count=count):
                made += count
                calls += count
            case Walk(news=int(news)):
                calls += news
            case Walk(page_size=size, kind=kind):
                shown = size if isinstance(size, int) and size > 0 else _UNSAID_SIZE
                calls += 1 + (crowd(kind) + living.count) // shown
            case Parallel() | Handshake():
                pass
            case Send():
                made += lives(step)
                calls += 1
            case Delete(arn=Arn(of=int(of), change="exact"), signing=signing, caller=caller) if signing == VALID:
                is_clean_up = of not in deleted and owners.get(of, FIRST) == caller  # which sends it otherwise
                calls += not is_clean_up
                deleted |= {of} if is_clean_up else set()
            case _:
                calls += 1
    return calls + made


class _Living:
    """Counts the connections of a program that live, while each answer is the one that is to be expected."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self._names: dict[int, Name | None] = {}

    @property
    def count(self) -> int:
        """How many live by now."""
        return len(self._names)

    def take(self, step: Step) -> None:
        """Go on by a step."""
        match step:
            case Fill(label=label, count=count):
                self._names |= {each: Name(-1 - each) for each in range(label, label + count)}
            case Create(label=label, name=name) | Send(label=label, name=name):
                is_taken = isinstance(step, Create) and name is not None and name in self._names.values()
                if self._lives(step) and not is_taken:
                    self._names[label] = name
            case Delete(arn=Arn(of=int(of), change="exact"), signing=signing) if signing == VALID:
                self._names.pop(of, None)
            case _:
                pass
