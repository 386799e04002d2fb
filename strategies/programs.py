"""Programs: lists of symbolic steps, biased to where faults live.

A theme says what a program is about: how it opens (what is there to begin with) and which steps are likely. Labels are
given after the draw, by counting: a drawn reference is taken modulo the connections made so far, so that every drawn
list of steps makes a program, and a shorter list a shorter program.

Walks come in threes now and then (all, by pages, all again), because some laws are certain only where the walks around
a walk agree.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from assay.in_force import contract_in_force
from assay.program import Arn, Create, Delete, Fill, Get, Handshake, List, Name, Program, Step, Token, Walk
from strategies.arns import arns, changed_arns, malformed_arns, unknown_arns
from strategies.members import more_members, unknown_hosts
from strategies.names import FAMILIES, connection_names, improper_lengths
from strategies.page_sizes import page_sizes, walk_sizes
from strategies.provider_types import provider_types, unknown_provider_types
from strategies.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["THEMES", "programs", "roll_call"]

_FILL_LABEL: Final = 100
_KIND_SLOT: Final = 60  # the first of the names that only _every_kind gives
_ENDINGS: Final = ("", "a", "A", "b", "B", "é", "e\u0301", " ", "z", "aa")
_FEW: Final = (0, 1, 2, 2, 3, 3, 4, 5, 6, 7)
_MANY: Final = (9, 10, 11, 19, 20, 21, 24, 25, 26)
_PAGES: Final = (49, 50, 51, 99, 100, 101)


def programs(about: str = "anything", *, max_steps: int = 10) -> st.SearchStrategy[Program]:
    """Programs about a theme, one of `THEMES`, of at most `max_steps` steps behind the opening.

    Raises:
        ValueError: there is no such theme, or no room for a step.

    """
    if about not in THEMES:
        raise ValueError(f"no theme {about!r}; there are {', '.join(THEMES)}")
    if max_steps < 1:
        raise ValueError(f"max_steps must be at least 1, not {max_steps}")
    return st.deferred(lambda: _programs(about, max_steps, contract_in_force().service, contract_in_force().edition))


def roll_call(family: str) -> Program:
    """A program that leaves no text of a family of names to chance: each around one stem, shown by Get and by List.

    Raises:
        ValueError: there is no such family.

    """
    if family not in FAMILIES:
        raise ValueError(f"no family of names {family!r}; there are {', '.join(FAMILIES)}")
    each = ((Create(n, Name(0, text, text)), Get(Arn(n))) for n, text in enumerate(FAMILIES[family]))
    return Program((*(step for steps in each for step in steps), Walk()))


@cache
def _programs(about: str, max_steps: int, _service: str, _edition: str) -> st.SearchStrategy[Program]:
    """One strategy for all tests of a theme: Hypothesis looks through each that it meets, which takes its time."""
    opening, steps = THEMES[about]()
    return st.builds(_assembled, opening, st.lists(steps, min_size=1, max_size=max_steps))


def _assembled(opening: Sequence[Step], steps: Sequence[Any]) -> Program:
    """Steps with their labels: Creates counted from 0, references taken modulo what was made before them."""
    made: list[int] = []
    for step in opening:
        made.extend(_labels(step))
    flat: list[Step] = []
    created = 0
    for group in steps:
        for step in group if isinstance(group, tuple) else (group,):
            placed = _placed(step, made, created)
            if isinstance(placed, Create):
                created += 1
                made.append(placed.label)
            flat.append(placed)
    return Program((*opening, *flat))


def _placed(step: Any, made: Sequence[int], created: int) -> Any:
    match step:
        case Create():
            return replace(step, label=created)
        case (
            Get(arn=Arn(of=int(of)) as arn)
            | Delete(arn=Arn(of=int(of)) as arn)
            | Handshake(arn=Arn(of=int(of)) as arn)
        ) if made:
            # Counted from the newest: what was made last is what a program is usually about.
            return replace(step, arn=replace(arn, of=made[-1 - of % len(made)]))
        case Walk(between=between):
            return replace(step, between=tuple((page, _placed(inner, made, created + 90)) for page, inner in between))
        case _:
            return step


def _labels(step: Step) -> range:
    return range(step.label, step.label + step.count) if isinstance(step, Fill) else range(0)


# -- openings: what is there to begin with


def _fills(counts: Sequence[int], kinds: Sequence[str] = ("Bitbucket",)) -> st.SearchStrategy[tuple[Step, ...]]:
    return st.sampled_from(counts).map(lambda count: (Fill(_FILL_LABEL, count, tuple(kinds)),) if count else ())


def _nothing() -> st.SearchStrategy[tuple[Step, ...]]:
    return st.just(())


# -- steps


def _creates(*, slots: int = 3, plain: bool = False) -> st.SearchStrategy[Create]:
    return st.builds(Create, st.just(0), connection_names(slots=slots, plain=plain), provider_types())


def _gets() -> st.SearchStrategy[Get]:
    return st.builds(Get, arns())


def _oldest() -> st.SearchStrategy[Step]:
    """Looks at what was made first, which much was made after."""
    return st.sampled_from((Get(Arn(-1)), Get(Arn(-2)), Delete(Arn(-1))))


def _deletes() -> st.SearchStrategy[Delete]:
    return st.builds(Delete, arns())


def _walks(items: int = 6) -> st.SearchStrategy[Walk]:
    return st.builds(Walk, walk_sizes(items))


def _disturbed_walks(items: int = 6) -> st.SearchStrategy[Walk]:
    inner = st.builds(Delete, arns()) | _creates(plain=True, slots=40) | st.builds(Delete, arns())
    between = st.lists(st.tuples(st.integers(1, 3), inner), min_size=1, max_size=3).map(tuple)
    return st.builds(Walk, walk_sizes(items), between=between)


def _three_walks(items: int = 6) -> st.SearchStrategy[tuple[Walk, ...]]:
    return walk_sizes(items).map(lambda size: (Walk(), Walk(size), Walk()))


def _filtered_walks(items: int = 6) -> st.SearchStrategy[Walk]:
    return st.builds(Walk, walk_sizes(items), provider_types())


def _every_kind() -> st.SearchStrategy[tuple[Step, ...]]:
    """A connection of each provider type, and a walk by each: it is those that begin alike that get mixed up."""
    kinds = contract_in_force().kinds
    creates = tuple(Create(0, Name(_KIND_SLOT + number), kind) for number, kind in enumerate(kinds))
    return st.sampled_from((None, 1, 2)).map(lambda size: (*creates, *(Walk(size, kind) for kind in kinds)))


def _seen_again(
    walks: st.SearchStrategy[Walk], changes: st.SearchStrategy[Step]
) -> st.SearchStrategy[tuple[Step, ...]]:
    """The same walk before and after a change: what remembers an answer for too long gives the old one."""
    return st.tuples(walks, changes).map(lambda drawn: (drawn[0], drawn[1], drawn[0]))


def _families() -> st.SearchStrategy[tuple[Step, ...]]:
    """Names that a careless order confuses, and walks by pages so small that the order decides where each begins."""
    beginnings = st.sampled_from(("", "a", "A", "b", "B", "Z", "é"))
    member = st.builds(Name, st.just(0), beginnings, st.sampled_from(_ENDINGS))
    return st.tuples(st.lists(member, min_size=2, max_size=5, unique=True), st.integers(1, 3)).map(
        lambda drawn: (*(Create(0, name) for name in drawn[0]), Walk(drawn[1]), Walk(1))
    )


def _twins() -> st.SearchStrategy[tuple[Step, ...]]:
    """Two names that nearly agree; one connection is deleted, the other looked at."""
    endings = st.lists(st.sampled_from(_ENDINGS), min_size=2, max_size=2, unique=True)
    return st.tuples(endings, st.integers(0, 1)).map(
        lambda drawn: (
            *(Create(0, Name(0, after=after)) for after in drawn[0]),
            Delete(Arn(drawn[1])),
            Get(Arn(1 - drawn[1])),
            Walk(),
        )
    )


def _changing_pages() -> st.SearchStrategy[tuple[Step, ...]]:
    """A page of one size and the next of another."""
    sizes = st.lists(st.integers(1, 4), min_size=2, max_size=2, unique=True)
    return sizes.map(lambda drawn: (List(drawn[0]), List(drawn[1], None, Token("last"))))


def _two_filters() -> st.SearchStrategy[Walk]:
    """A walk with every filter that the edition has, where it has more than one."""
    contract = contract_in_force()
    others = [name for name, filtered in contract.pagination.filters.items() if filtered != contract.resource.kind]
    host = f"arn:aws:{contract.service}:us-east-1:123456789012:host/nobody-0badc0de"
    return st.builds(Walk, walk_sizes(6), provider_types(), members=st.just(dict.fromkeys(others, host)))


# -- themes


def _names() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    again = _creates(slots=1)
    steps = st.one_of(
        _creates(slots=2), again, _creates(slots=2, plain=True), _deletes(), _gets(), _walks(), _creates()
    )
    return _fills((0, 0, 0, *_MANY)), steps


def _arns() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    strange = st.one_of(changed_arns(), unknown_arns(), malformed_arns())
    steps = st.one_of(
        _creates(plain=True),
        _deletes(),
        _creates(slots=1, plain=True),
        _gets(),
        st.builds(Get, strange | st.none()),
        st.builds(Delete, strange | st.none()),
    )
    return _fills((0, 1, 2, 6, 8)), steps


def _statuses() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    tagged = st.builds(Create, st.just(0), connection_names(plain=True), provider_types(), more_members())
    return _fills((0, 1, 2), _kinds()), st.one_of(
        _creates(), _gets(), _walks(), _gets(), _deletes(), st.builds(List), tagged
    )


def _handshakes() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """What a handshake changes, and what it must leave alone: looks around it, and changes to what lies beside."""
    shaken = st.builds(Handshake, st.builds(Arn, st.integers(0, 2)))
    steps = st.one_of(
        _gets(), shaken, st.builds(Walk), _creates(plain=True, slots=40), _walks(3), _gets(), _deletes(), _oldest()
    )
    return _fills((1, 2, 3), _kinds()), steps


def _inputs() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    fresh = connection_names(plain=True, slots=40)
    steps = st.one_of(
        st.builds(Create, st.just(0), connection_names(slots=6), provider_types(hosted=True)),
        st.builds(Create, st.just(0), improper_lengths(), provider_types()),
        st.builds(Create, st.just(0), fresh, unknown_provider_types()),
        st.builds(Create, st.just(0), fresh, st.sampled_from(sorted(contract_in_force().every_kind))),
        st.builds(Create, st.just(0), fresh | st.none(), provider_types() | st.none()),
        st.builds(Create, st.just(0), fresh, provider_types(), more_members()),
        st.builds(Create, st.just(0), fresh, st.none(), unknown_hosts()),
        st.builds(Create, st.just(0), improper_lengths(), unknown_provider_types()),
        st.builds(List, page_sizes(proper=False) | page_sizes()),
        st.builds(List, st.none() | page_sizes(), provider_types() | unknown_provider_types()),
        _gets(),
        _walks(),
    )
    return _nothing(), steps


def _pages() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    def about(items: int) -> st.SearchStrategy[Any]:
        return st.one_of(
            _walks(items), _three_walks(items), _disturbed_walks(items), _walks(items), _deletes(), _gets()
        )

    special = st.one_of(_families(), _changing_pages())

    counts = st.sampled_from((*_FEW, *_FEW, *_FEW, *_MANY, *_PAGES))
    return counts.map(lambda n: (Fill(_FILL_LABEL, n),) if n else ()), st.one_of(
        about(3), about(6), about(20), about(50), special
    )


def _filters() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    opening = _fills((*_FEW, *_FEW, *_MANY), _kinds())
    hosted = st.builds(Create, st.just(0), connection_names(plain=True, slots=40), provider_types(hosted=True))
    return opening, st.one_of(
        _filtered_walks(),
        _filtered_walks(3),
        _walks(),
        _creates(plain=True),
        hosted,
        _two_filters(),
        _deletes(),
        _every_kind(),
        _seen_again(_filtered_walks(3), _deletes()),
    )


def _tokens() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    paged = st.builds(List, st.integers(1, 3))
    given = st.builds(List, st.integers(1, 3), st.none(), tokens())
    forged = st.builds(List, st.integers(1, 3) | st.none(), st.none(), tokens(forged=True))
    return _fills((3, 5, 8)), st.one_of(paged, given, forged, _changing_pages(), _deletes())


def _removals() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    twice = arns().map(lambda arn: (Delete(arn), Delete(arn)))
    seen = arns().map(lambda arn: (Delete(arn), Get(arn), Walk()))
    steps = st.one_of(
        _deletes(),
        _gets(),
        _walks(),
        _creates(slots=2, plain=True),
        twice,
        seen,
        _twins(),
        _oldest(),
        st.builds(Delete, unknown_arns()),
    )
    return _fills((0, 1, 2, 3, 5, 12, 25, 55), _kinds()), steps


def _anything() -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    parts = [theme()[1] for name, theme in THEMES.items() if name != "anything"]
    return _fills((*_FEW, *_MANY), _kinds()), st.one_of(parts)


def _kinds() -> tuple[str, ...]:
    """Two or three ProviderTypes in turn, where the edition has so many."""
    contract = contract_in_force()
    return tuple(kind for kind in contract.kinds if kind not in contract.resource.hosted_kinds)[:3]


#: What a program can be about: the theme's name to its opening and its steps.
THEMES: Final[Mapping[str, Callable[[], tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]]]] = {
    "names": _names,
    "arns": _arns,
    "statuses": _statuses,
    "handshakes": _handshakes,
    "inputs": _inputs,
    "pages": _pages,
    "filters": _filters,
    "tokens": _tokens,
    "removals": _removals,
    "anything": _anything,
}
