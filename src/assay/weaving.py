"""Programs woven into one that asks what each of them asks, in a fraction of their calls.

Most programs make a connection or two, do something odd, and look: at the connections, and at a list of them all. Where
every call counts, several such programs share what they have in common:

    what they begin with   one connection serves every program that begins with one of its kind and leaves it alone;
    their looks            stand behind the doings of all of them, and what several would look at is looked at once.

So a woven program has four layers: Creates; what is done beside them; looks; and then what is done *to* them, which
spoils them for others (a Delete, a handshake), with the looks at that. Each part keeps the order of its own steps, and
no two parts spoil one connection. Laws judge whole histories, so nothing of this asks for their consent.

What a part would show by itself may be hidden by what stands beside it, and more often comes to light through it. A
part knows which steps of the whole are its own: what is found among those is tried with it alone first.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypeGuard

from assay.history import FIRST
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
    Walk,
    steps_within,
)
from assay.recipe import Recipe
from assay.signings import PROPER, VALID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from assay.program import Step

__all__ = ["Frame", "Part", "alive", "parts_with", "woven"]

_LONGEST: Final = 180  # calls of a woven program, beyond which nothing is added: what comes between is all of it
_MUCH: Final = 2  # calls more than expected
_Own: TypeAlias = "tuple[Step, frozenset[int]]"  # a step, and the numbers of the parts that it is of


@dataclass(frozen=True, slots=True)
class Part:
    """A program within a woven one: as it is by itself, and the places of its steps in the whole."""

    program: Program
    steps: frozenset[int]


@dataclass(frozen=True, slots=True)
class Frame:
    """A woven program in its layers; a frame of none is empty, and one that `is_closed` takes in no more.

    `spoilt` are the labels that a part spoils, `held` those that a part of the last two layers counts on, and `shaken`
    those that one part has for itself: what several delete they share, but a handshake is nothing to share, nor is the
    one Delete that is sent raw. `doubted` are those that are spoilt for the laws alone, by Deletes that are to be
    refused for how they are signed: such parts share them with each other.
    """

    programs: tuple[Program, ...] = ()
    made: tuple[_Own, ...] = ()
    doings: tuple[_Own, ...] = ()
    looks: tuple[_Own, ...] = ()
    spoilings: tuple[_Own, ...] = ()
    last_looks: tuple[_Own, ...] = ()
    spoilt: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()
    shaken: frozenset[int] = frozenset()
    doubted: frozenset[int] = frozenset()
    is_closed: bool = False

    @property
    def steps(self) -> tuple[_Own, ...]:
        """All steps, each with the numbers of the parts that it is of."""
        return self.made + self.doings + self.looks + self.spoilings + self.last_looks

    @property
    def program(self) -> Program:
        """The whole of it."""
        return Program(tuple(step for step, _ in self.steps))

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it was woven of."""
        steps = list(enumerate(self.steps))
        return tuple(
            Part(program, frozenset(place for place, (_, whose) in steps if number in whose))
            for number, program in enumerate(self.programs)
        )

    def with_program(self, program: Program) -> Frame:
        """With one more program woven in.

        Raises:
            ValueError: the frame takes in no more.

        """
        if self.is_closed:
            raise ValueError("the frame is closed")
        return _Weft(self, _Piece.of(program)).whole()


def parts_with(parts: Iterable[Part], step: int) -> tuple[Program, ...]:
    """The programs that a step of a woven one is of, the shortest first."""
    return tuple(part.program for part in sorted(parts, key=lambda part: len(part.steps)) if step in part.steps)


def alive(program: Program, lives: Callable[[Create | Send], bool]) -> int:
    """How many connections of a program live at the most, before any is deleted; `lives` says which requests make one.

    Of Creates of one name only the first does.
    """
    names: set[Name | None] = set()
    count = 0
    for step in steps_within(program):
        match step:
            case Fill(count=more):
                count += more
            case Send():
                count += lives(step)
            case Create(name=name) if lives(step) and name not in names:
                count += 1
                names.add(name)
            case _:
                pass
    return count


@dataclass(frozen=True, slots=True)
class _Piece:
    """A program taken apart: the Creates that it begins with, what it does, and the looks that it ends with."""

    program: Program
    opening: tuple[Create, ...]
    doings: tuple[Step, ...]
    looks: tuple[Step, ...]
    spoilt: frozenset[int]
    shaken: frozenset[int]
    doubted: frozenset[int]

    @classmethod
    def of(cls, program: Program) -> Self:
        """Take a program apart."""
        steps = [each for step in program.steps for each in (_creates(step) if isinstance(step, Fill) else (step,))]
        opening = tuple(itertools.takewhile(lambda step: isinstance(step, Create), steps))
        last = len(steps)
        while last > len(opening) and _is_look(steps[last - 1]):
            last -= 1
        doings = tuple(steps[len(opening) : last])
        made = {step.label for step in opening if isinstance(step, Create)}
        ended = made.intersection(_spoilt(doings))
        doubted = made.intersection(_doubted(doings)) - ended
        shaken = frozenset(ended).intersection(s.arn.of for s in doings if isinstance(s, Handshake | Send))
        looks = tuple(steps[last:])
        return cls(program, opening, doings, looks, frozenset(ended | doubted), shaken, frozenset(doubted))  # type: ignore[arg-type] # Creates

    @property
    def names(self) -> list[Name]:
        """The names in its Creates and requests, as often as they are there."""
        steps = (*self.opening, *self.doings)
        return [step.name for step in steps if isinstance(step, Create | Send) and step.name is not None]

    def texts_of(self, slot: int) -> set[Name]:
        """The texts around the stem of a slot, in all Creates but for the slot's first."""
        return {replace(name, slot=0) for name in [each for each in self.names if each.slot == slot][1:]}


class _Weft:
    """One piece on its way into a frame: what its labels and slots are called there."""

    def __init__(self, frame: Frame, piece: _Piece) -> None:
        self.frame, self.piece, self.number = frame, piece, len(frame.programs)
        self.labels: dict[int, int] = {}
        self.slots: dict[int, int] = {}
        every = list(steps_within(frame.program))
        self._next_label = 1 + max((each.label for each in every if isinstance(each, Create | Send)), default=-1)
        names = [each.name for each in every if isinstance(each, Create | Send) and each.name is not None]
        self._next_slot = 1 + max((name.slot for name in names), default=-1)
        self._texts: dict[int, list[Name]] = {}
        for name in names:
            self._texts.setdefault(name.slot, []).append(replace(name, slot=0))

    def whole(self) -> Frame:
        """The frame with the piece in it."""
        frame, piece, own = self.frame, self.piece, frozenset({self.number})
        made = list(frame.made)
        for create in piece.opening:
            place = self._place_of(create)
            if place is None:
                made.append((self._moved(create), own))
            else:
                step, whose = made[place]
                assert isinstance(step, Create), "what stands first are Creates"
                self.labels[create.label] = step.label
                if create.name is not None and step.name is not None:
                    self.slots[create.name.slot] = step.name.slot
                made[place] = (step, whose | own)
        doings = tuple((self._moved(step), own) for step in piece.doings)
        looks = tuple((self._moved(step), own) for step in piece.looks)
        frame = replace(frame, programs=(*frame.programs, piece.program), made=tuple(made))
        if not piece.spoilt:
            return replace(frame, doings=_together(frame.doings, doings), looks=_together(frame.looks, looks))
        spoilt = {self.labels[label] for label in piece.spoilt}
        return replace(
            frame,
            spoilings=_together(frame.spoilings, doings),
            last_looks=_together(frame.last_looks, looks),
            spoilt=frame.spoilt | spoilt,
            held=frame.held | ({self.labels[each.label] for each in piece.opening} - spoilt),
            shaken=frame.shaken | {self.labels[label] for label in piece.shaken},
            doubted=frame.doubted | {self.labels[label] for label in piece.doubted},
        )

    def _place_of(self, create: Create) -> int | None:
        """The place of a Create of the frame that will do for one of the piece's; None where there is none."""
        if create.name is None:
            return None
        frame, mine = self.frame, set(self.labels.values())
        out_of_reach = self._out_of_reach(create.label)
        seen: set[Name | None] = set()
        for place, (step, _) in enumerate(frame.made):
            assert isinstance(step, Create), "what stands first are Creates"
            is_first = step.name not in seen
            seen.add(step.name)
            if is_first and step.label not in mine | out_of_reach and _are_alike(create, step):
                assert step.name is not None, "what is alike has a name"
                if self._may_be(create.name.slot, step.name):
                    return place
        return None

    def _out_of_reach(self, label: int) -> frozenset[int]:
        """The labels of the frame that one of the piece's cannot be, for what becomes of either."""
        frame, piece = self.frame, self.piece
        if label not in piece.spoilt:
            return frame.spoilt if piece.spoilt else frozenset()
        if label in piece.doubted:
            return frame.held | (frame.spoilt - frame.doubted)
        return frame.held | (frame.spoilt if label in piece.shaken else frame.shaken | frame.doubted)

    def _may_be(self, slot: int, name: Name) -> bool:
        """May a slot of the piece be that of a name of the frame?

        Not where one goes on to use it for other texts and the other goes on to use it at all: what is refused then may
        be so for either reason.
        """
        if slot in self.slots:
            return self.slots[slot] == name.slot
        if name.slot in self.slots.values():
            return False
        shared = replace(name, slot=0)
        here, later = set(self._texts.get(name.slot, ())) - {shared}, self.piece.texts_of(slot)
        is_asked_again = self._texts.get(name.slot, []).count(shared) > 1
        if self._is_made_alike(slot, name.slot):
            return True
        return not (later and here) and not (later - {shared} and is_asked_again)

    def _is_made_alike(self, slot: int, known: int) -> bool:
        """Do piece and frame begin with the same Creates of a name, all within reach, and use it for nothing else?"""
        theirs = [step for step, _ in self.frame.made if _is_of(step, known)]
        mine = [step for step in self.piece.opening if _is_of(step, slot)]
        texts = {step.name for step in mine}
        uses = sum(name.slot == slot for name in self.piece.names)
        if not len(mine) == len(texts) == uses == len(theirs) == len(self._texts.get(known, ())):
            return False
        return all(
            any(_are_alike(own, step) and step.label not in self._out_of_reach(own.label) for step in theirs)
            for own in mine
        )

    def _moved(self, step: Any) -> Any:
        """A step with the labels and slots that it has in the frame."""
        match step:
            case Create(label=label, name=name):
                moved = step if name is None else replace(step, name=self._name(name))
                known = self._known(moved) if self.piece.spoilt else None
                if known is not None:
                    self.labels[label] = known
                return replace(moved, label=self._new_label(label) if known is None else known)
            case Send(label=label, name=name, arn=arn):
                return replace(step, label=self._new_label(label), name=self._name(name), arn=self._arn(arn))
            case Get(arn=Arn() as arn) | Delete(arn=Arn() as arn) | Handshake(arn=arn):
                return replace(step, arn=self._arn(arn))
            case Walk(between=between) if between:
                return replace(step, between=tuple((page, self._moved(inner)) for page, inner in between))
            case _:
                return step

    def _known(self, create: Create) -> int | None:
        """The label of a Create among the spoilings that asks for just this, and that the piece has not met yet."""
        for step, _ in self.frame.spoilings:
            is_free = isinstance(step, Create) and step.label not in self.labels.values()
            if isinstance(step, Create) and is_free and replace(step, label=create.label) == create:
                return step.label
        return None

    def _new_label(self, label: int) -> int:
        self.labels[label] = self._next_label
        self._next_label += 1
        return self.labels[label]

    def _name(self, name: Name) -> Name:
        if name.slot not in self.slots:
            self.slots[name.slot] = self._next_slot
            self._next_slot += 1
        return replace(name, slot=self.slots[name.slot])

    def _arn(self, arn: Arn) -> Arn:
        if arn.of is None:
            return arn
        return replace(arn, of=self.labels[arn.of] if arn.of in self.labels else self._new_label(arn.of))


def woven(  # noqa: PLR0913 - what a choice hangs on, by name
    wishes: Iterable[Program],
    cost_of: Callable[[Program], int],
    calls: float = math.inf,
    *,
    most_alive: int,
    lives: Callable[[Create | Send], bool],
    expected: Mapping[str, int] | None = None,
) -> tuple[list[Frame], dict[str, int]]:
    """As many of the programs as there are calls for, the first ones first, woven into as few calls as can be.

    Each goes to where it costs the least more, and is left out where that is more than there is; how much it was is
    told as well. `cost_of` says what a program costs, `lives` which requests make a connection; no more than
    `most_alive` live in what is woven together, and what makes more of them by itself is left out. What costs much more
    than was `expected` of it is put off: others are to have their turn first.
    """
    expected, late = expected or {}, set[str]()
    queue = deque(wishes)
    frames: list[Frame] = []
    costs: list[int] = []
    extras: dict[str, int] = {}
    while queue:
        program = queue.popleft()
        alone = _alone(program)
        if str(program) in extras or alive(program, lives) > most_alive:
            continue
        places: list[tuple[int, int, Frame]] = [(cost_of(alone.program), len(frames), alone)]
        for number, frame in enumerate(frames) if not alone.is_closed else ():
            if frame.is_closed or costs[number] >= _LONGEST:
                continue
            more = frame.with_program(program)
            if alive(more.program, lives) <= most_alive:
                places.append((cost_of(more.program) - costs[number], number, more))
        extra, number, frame = min(places, key=lambda place: place[:2])
        word = str(program)
        if word not in late and extra > expected.get(word, extra) + _MUCH:
            late.add(word)
            queue.append(program)
            continue
        if extra > calls:
            continue
        calls -= extra
        extras[str(program)] = extra
        frames[number : number + 1] = [frame]
        costs[number : number + 1] = [extra + sum(costs[number : number + 1])]
    return frames, extras


def _alone(program: Program) -> Frame:
    """A frame of one program: closed, where it sends at once, or speaks of more than one caller."""
    steps = list(steps_within(program))
    if not any(isinstance(step, Parallel) or getattr(step, "caller", FIRST) != FIRST for step in steps):
        return Frame().with_program(program)
    return Frame((program,), doings=tuple((step, frozenset({0})) for step in program.steps), is_closed=True)


def _creates(fill: Fill) -> Iterator[Create]:
    """The Creates of a Fill, under the names that it gives them."""
    for number in range(fill.count):
        label = fill.label + number
        yield Create(label, Name(-1 - label), fill.kinds[number % len(fill.kinds)] if fill.kinds else None)


def _is_look(step: Step) -> bool:
    """Does a step change nothing, and hang on nothing but what is there?"""
    match step:
        case Walk(between=between):
            return not between
        case List(token=token):
            return token is None
        case _:
            return isinstance(step, Get)


def _spoilt(steps: Iterable[Step]) -> Iterator[int]:
    """The labels of connections that are other ones after these steps, or none any more."""
    for step in steps_within(Program(tuple(steps))):
        match step:
            case Delete(arn=Arn(of=int(of), change="exact"), signing=signing) if signing in {VALID, *PROPER}:
                yield of
            case Handshake(arn=Arn(of=int(of))) | Send(arn=Arn(of=int(of)), recipe=Recipe(base="delete")):
                yield of
            case _:
                pass


def _doubted(steps: Iterable[Step]) -> Iterator[int]:
    """The labels of connections that a Delete names which is to be refused: laws count on no such connection again."""
    for step in steps:
        match step:
            case Delete(arn=Arn(of=int(of), change="exact")):
                yield of
            case _:
                pass


def _is_of(step: Step, slot: int) -> TypeGuard[Create]:
    """Is a step a Create of a name of this slot?"""
    return isinstance(step, Create) and step.name is not None and step.name.slot == slot


def _are_alike(first: Create, second: Create) -> bool:
    """Do two Creates ask for the same, whatever the stems of their names?"""
    if first.name is None or second.name is None:
        return False
    return replace(first, label=0, name=replace(first.name, slot=0)) == replace(
        second, label=0, name=replace(second.name, slot=0)
    )


def _together(first: tuple[_Own, ...], second: tuple[_Own, ...]) -> tuple[_Own, ...]:
    """The shortest row of steps that has both rows in it, each in its order."""
    length = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]  # of what the rest of both has in common
    for here in range(len(first) - 1, -1, -1):
        for there in range(len(second) - 1, -1, -1):
            is_same = first[here][0] == second[there][0]
            further = max(length[here + 1][there], length[here][there + 1])
            length[here][there] = 1 + length[here + 1][there + 1] if is_same else further
    both: list[_Own] = []
    here = there = 0
    while here < len(first) and there < len(second):
        if first[here][0] == second[there][0]:
            both.append((first[here][0], first[here][1] | second[there][1]))
            here, there = here + 1, there + 1
        elif length[here + 1][there] >= length[here][there + 1]:
            both.append(first[here])
            here += 1
        else:
            both.append(second[there])
            there += 1
    return (*both, *first[here:], *second[there:])
