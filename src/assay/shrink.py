"""Make a failing program small, as plain data and under a budget, without Hypothesis.

`shrunk` is given a program that fails, and a way to try another; it tries fewer steps first, then simpler ones, and
keeps whatever still fails with fewer calls, or as many and simpler ones. It knows no law and no endpoint. Whoever gives
it `attempt` decides what failing is and when to stop, by raising.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from assay.budget import BudgetSpentError
from assay.history import FIRST, Call
from assay.program import (
    Arn,
    Create,
    Delete,
    Fill,
    Get,
    Handshake,
    List,
    Name,
    Parallel,
    Program,
    Send,
    Step,
    Walk,
    steps_within,
)
from assay.program_json import to_json
from assay.signings import VALID
from assay.untangling import one_after_another

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["shrunk"]

_Shown = TypeVar("_Shown")
Failure: TypeAlias = tuple[tuple[Call, ...], _Shown]
_HANDFUL: Final = 6  # connections of a Fill that are looked at one by one
_DEAR: Final = 16  # connections that a Fill makes
_PLAIN_KIND: Final = "Bitbucket"


def shrunk(
    program: Program,
    failure: Failure[_Shown],
    attempt: Callable[[Program], Failure[_Shown] | None],
    *,
    way: list[Program] | None = None,
) -> tuple[Program, tuple[Call, ...], _Shown]:
    """The smallest program that was found to fail, the calls with which it does, and what they show.

    `attempt` runs a program and returns how it fails, or None where it passes; it ends the search by raising
    `BudgetSpentError`. The programs on the way to the smallest, large ones first, are put into `way`.
    """
    best, (best_calls, best_breach) = program, failure
    tried: set[str] = set()
    try:
        moved = True
        while moved:
            moved = False
            for candidate in _smaller(best):
                key = repr(to_json(candidate))
                if key in tried:
                    continue
                tried.add(key)
                failing = attempt(candidate)
                if failing is not None and (len(failing[0]), _weight(candidate)) < (len(best_calls), _weight(best)):
                    if way is not None:
                        way.append(best)
                    (best_calls, best_breach), best, moved = failing, candidate, True
                    break
    except BudgetSpentError:
        pass
    return best, best_calls, best_breach


def _smaller(program: Program) -> Iterator[Program]:
    """Smaller programs, the boldest first: without runs of steps, then without single ones, then with simpler ones."""
    steps = program.steps
    yield from _cheaper(program)
    size = len(steps) // 2
    while size >= 1:
        for start in range(0, len(steps), size):
            yield program.with_steps(steps[:start] + steps[start + size :])
        size //= 2
    for number, step in enumerate(steps):
        for simpler in _simpler(step):
            yield program.with_steps((*steps[:number], *simpler, *steps[number + 1 :]))
    for first, step in enumerate(steps):
        for second in range(first + 1, len(steps)):
            if isinstance(step, Walk | List) and isinstance(steps[second], Walk | List):
                yield program.with_steps((*steps[:first], *steps[first + 1 : second], *steps[second + 1 :]))
    yield from _plainer(program)
    yield from _renamed(program)
    yield from _miniatures(program)


def _miniatures(program: Program) -> Iterator[Program]:
    """The same with one, two or three connections on pages of one or two, all at once.

    A fault of pages often shows only where the number of connections and the page size fit: taken down one by one they
    fit no more, and shrinking would rest at whatever numbers it began with. Steps that name a connection which is gone
    then name the first, or one in turn.
    """
    fills = [step for step in program.steps if isinstance(step, Fill)]
    if len(fills) != 1 or fills[0].count <= _HANDFUL:
        return
    fill = fills[0]
    for count, size, is_first in itertools.product((1, 2, 3), (1, 2), (True, False)):
        yield program.with_steps(tuple(_miniature(step, fill, count, size, is_first) for step in program.steps))


def _miniature(step: Any, fill: Fill, count: int, size: int, is_first: bool) -> Any:  # noqa: FBT001 - one of the two ways
    match step:
        case Fill():
            return replace(step, count=count)
        case Get(arn=Arn(of=int(of)) as arn) | Delete(arn=Arn(of=int(of)) as arn):
            number = of - fill.label
            if not count <= number < fill.count:
                return step
            return replace(step, arn=replace(arn, of=fill.label + (0 if is_first else number % count)))
        case Walk(page_size=int(), between=between):
            inner = tuple((page, _miniature(each, fill, count, size, is_first)) for page, each in between)
            return replace(step, page_size=size, between=inner)
        case List(page_size=int()):
            return replace(step, page_size=size)
        case _:
            return step


def _cheaper(program: Program) -> Iterator[Program]:
    """The program with many connections fewer, where it makes many: every other attempt costs less for it."""
    for number, step in enumerate(program.steps):
        if isinstance(step, Fill) and step.count > _DEAR:
            for fewer in (step.count // 2, step.count * 3 // 4):
                less = replace(step, count=fewer)
                yield program.with_steps((*program.steps[:number], less, *program.steps[number + 1 :]))


def _simpler(step: Step) -> Iterator[tuple[Step, ...]]:  # noqa: C901, PLR0912 - one branch for each kind of step
    match step:
        case Fill(label=label, count=count, kinds=kinds):
            for fewer in (1, count // 2, count - 5, count - 1):
                if 0 < fewer < count:
                    yield (replace(step, count=fewer),)
                    yield (replace(step, label=label + count - fewer, count=fewer),)  # the last of them
            if 1 < count <= _HANDFUL:  # any one of them may be the one too many
                yield from _one_fewer(step)
            if len(kinds) > 1:
                yield (replace(step, kinds=kinds[:1]),)
                yield (replace(step, kinds=(_PLAIN_KIND,)),)
            if count == 1:
                yield (Create(label, Name(-1 - label), kinds[0] if kinds else None),)  # the name that a Fill gives it
        case Create(name=name, kind=kind, members=members):
            if members:
                yield (replace(step, members={}),)
            if kind not in (None, _PLAIN_KIND):
                yield (replace(step, kind=_PLAIN_KIND),)
            if name is not None:
                yield from ((replace(step, name=simple),) for simple in _simpler_names(name))
        case Walk():
            yield from _simpler_walks(step)
        case List(page_size=size, kind=kind, members=members):
            if members:
                yield (replace(step, members={}),)
            yield from ((replace(step, page_size=other),) for other in _simpler_sizes(size))
            if kind is not None:
                yield (replace(step, kind=None),)
        case Get(arn=Arn(of=int(), change=change) as arn) | Delete(arn=Arn(of=int(), change=change) as arn) if (
            change != "exact"
        ):
            yield (replace(step, arn=replace(arn, change="exact")),)
        case Send(recipe=recipe):
            yield from ((replace(step, recipe=plainer, case=None),) for plainer in recipe.plainer())
        case _:
            pass
    if isinstance(step, Parallel):
        yield from _fewer_at_once(step)
    if getattr(step, "leg", "light") != "light":
        yield (_on_the_light_leg(step),)
    if getattr(step, "caller", FIRST) != FIRST:
        yield (_of_the_first(step),)
    if getattr(step, "signing", VALID) != VALID:
        yield (_signed_well(step),)


def _simpler_walks(walk: Walk) -> Iterator[tuple[Step, ...]]:
    between = walk.between
    if walk.members:
        yield (replace(walk, members={}),)
    if walk.news is not None:
        yield (replace(walk, news=None),)
    for number in range(len(between)):
        yield (replace(walk, between=between[:number] + between[number + 1 :]),)
    if not between:
        yield (List(walk.page_size, walk.kind, members=walk.members),)
    for number, (page, inner) in enumerate(between):
        if page > 1:
            yield (replace(walk, between=(*between[:number], (page - 1, inner), *between[number + 1 :])),)
    yield from ((replace(walk, page_size=other),) for other in _simpler_sizes(walk.page_size))
    if walk.kind is not None:
        yield (replace(walk, kind=None),)


def _fewer_at_once(step: Parallel) -> Iterator[tuple[Step, ...]]:
    """Nothing at once; fewer branches, half of them first; then shorter ones; then simpler steps in them."""
    branches = step.branches
    yield from one_after_another(branches)
    size = len(branches) // 2
    while size >= 1:
        for start in range(0, len(branches), size):
            yield (Parallel(branches[:start] + branches[start + size :]),)
        size //= 2
    for number, branch in enumerate(branches):
        before, after = branches[:number], branches[number + 1 :]
        for place, inner in enumerate(branch):
            if len(branch) > 1:
                yield (Parallel((*before, branch[:place] + branch[place + 1 :], *after)),)
            for simpler in _simpler(inner):
                yield (Parallel((*before, (*branch[:place], *simpler, *branch[place + 1 :]), *after)),)  # type: ignore[arg-type] # of its kind
    if len(branches) == 1:
        yield branches[0]


def _one_fewer(step: Fill) -> Iterator[tuple[Step, ...]]:
    """The Creates of a Fill, without one of them."""
    creates = [
        Create(label, Name(-1 - label), step.kinds[number % len(step.kinds)] if step.kinds else None)
        for number, label in enumerate(range(step.label, step.label + step.count))
    ]
    for left_out in creates:
        yield tuple(create for create in creates if create is not left_out)


def _of_the_first(step: Any) -> Step:
    plain: Step = replace(step, caller=FIRST)
    return plain


def _on_the_light_leg(step: Any) -> Step:
    plain: Step = replace(step, leg="light")
    return plain


def _signed_well(step: Any) -> Step:
    plain: Step = replace(step, signing=VALID)
    return plain


def _simpler_names(name: Name) -> Iterator[Name]:
    plain = Name(name.slot)
    if name != plain:
        yield plain
    if name.before:
        yield replace(name, before="")
    if name.after:
        yield replace(name, after="")
        for number in range(len(name.after)):
            yield replace(name, after=name.after[:number] + name.after[number + 1 :])
    if name.length is not None:
        yield replace(name, length=None)


def _simpler_sizes(size: Any) -> Iterator[Any]:
    """Without a page size; or with a small one, which makes the same fault show with fewer connections."""
    if size is None:
        return
    yield None
    if isinstance(size, int):
        yield from (smaller for smaller in (1, 2, 3, size // 2, size - 1) if 0 < smaller < size)


def _plainer(program: Program) -> Iterator[Program]:
    """Names that several Creates share, made simpler in all of them at once, so that they stay the same."""

    def replaced(step: Any, name: Name, simple: Name) -> Any:
        match step:
            case Create(name=shape) if shape == name:
                return replace(step, name=simple)
            case Walk(between=between):
                return replace(step, between=tuple((page, replaced(inner, name, simple)) for page, inner in between))
            case Parallel(branches=branches):
                return Parallel(tuple(tuple(replaced(each, name, simple) for each in branch) for branch in branches))
            case _:
                return step

    shared = Counter(step.name for step in steps_within(program) if isinstance(step, Create) and step.name is not None)
    for name, uses in shared.items():
        if uses > 1:
            for simple in _simpler_names(name):
                yield program.with_steps(tuple(replaced(step, name, simple) for step in program.steps))


def _renamed(program: Program) -> Iterator[Program]:
    """The same program with labels and slots counted from 0: one shape for what differs in numbers only."""
    labels: dict[int, int] = {}
    slots: dict[int, int] = {}

    def renamed(step: Any) -> Any:
        match step:
            case Create(label=label, name=name):
                new = labels.setdefault(label, len(labels))
                slot = None if name is None else slots.setdefault(name.slot, len(slots))
                return replace(step, label=new, name=None if name is None or slot is None else replace(name, slot=slot))
            case (
                Get(arn=Arn(of=int(of)) as arn)
                | Delete(arn=Arn(of=int(of)) as arn)
                | Handshake(arn=Arn(of=int(of)) as arn)
            ):
                return replace(step, arn=replace(arn, of=labels.get(of, of)))
            case Send(label=label, name=name, arn=arn):
                meant = arn if arn.of is None else replace(arn, of=labels.get(arn.of, arn.of))
                slot = slots.setdefault(name.slot, len(slots))
                return replace(
                    step, label=labels.setdefault(label, len(labels)), name=replace(name, slot=slot), arn=meant
                )
            case Walk(between=between):
                return replace(step, between=tuple((page, renamed(inner)) for page, inner in between))
            case Parallel(branches=branches):
                return Parallel(tuple(tuple(renamed(each) for each in branch) for branch in branches))
            case _:
                return step

    if not any(isinstance(step, Fill) for step in program.steps):
        candidate = program.with_steps(tuple(renamed(step) for step in program.steps))
        if candidate != program:
            yield candidate


def _weight(program: Program) -> tuple[int, int, int, str]:
    """How much there is to read: steps, races, steps that stand for several, and what is unusual about them."""
    text = repr(to_json(program))
    at_once = [sum(map(len, step.branches)) for step in program.steps if isinstance(step, Parallel)]
    return len(program.steps) + sum(at_once), sum(isinstance(step, Fill) for step in program.steps), len(text), text
