"""Which servers are put on trial, and with what words `assay run` is told of each.

A pure function of the catalogues and of what the caller wishes: the same wish gives the same cases, pairs of liberties
included, which are drawn from the seed. Naming some mutants or some liberties leaves out every other kind, because
whoever names one is after that one.
"""

from __future__ import annotations

import importlib
import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from assay.contract.suggestion import closest
from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["KINDS", "PAIRS", "Case", "Catalogues", "Kind", "Wish", "planned"]

Kind: TypeAlias = Literal["reference", "liberty", "pair", "impostor", "mutant"]

KINDS: Final = ("mutants", "liberties", "pairs", "impostors", "reference")
"""What `--only` may name; liberties go alone and in pairs, unless it is pairs that are asked for."""

PAIRS: Final[Mapping[str, int]] = {"quick": 10, "standard": 20, "deep": 40}
"""How many pairs of liberties are drawn for a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One server, judged once: its story, what must catch it (laws or a clause), seed, words for `assay run`.

    `obstacle` says why it cannot be had on this machine; None where it can.
    """

    kind: Kind
    name: str
    story: str = ""
    caught_by: tuple[str, ...] = ()
    clause: str | None = None
    options: tuple[str, ...] = ()
    seed: int = 1
    obstacle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogues:
    """The servers that there are: mutants, liberties and impostors by name, and the editions of each service."""

    mutants: Mapping[str, Any] = field(default_factory=dict)
    liberties: Mapping[str, Any] = field(default_factory=dict)
    impostors: Mapping[str, Any] = field(default_factory=dict)
    editions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of_this_release(cls) -> Catalogues:
        """Everything that the wheel carries."""
        from assay.contract import available  # noqa: PLC0415 - no usage error needs it
        from assay.suite import specs_root  # noqa: PLC0415 - as above

        return cls(
            mutants=_catalogue("mutants"),
            liberties=_catalogue("liberties"),
            impostors=_catalogue("impostors"),
            editions=available(specs_root()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller wants to be tried; `pairs` is a number for each seed, None leaves it to the effort."""

    effort: str = "standard"
    seeds: tuple[int, ...] = (1,)
    mutants: tuple[str, ...] = ()
    liberties: tuple[str, ...] = ()
    only: str | None = None
    pairs: int | None = None

    def wants(self, kind: str) -> bool:
        """Is a kind of servers, as `--only` calls it, to be tried?"""
        if self.only is not None:
            return kind == self.only or (kind, self.only) == ("pairs", "liberties")
        if not (self.mutants or self.liberties):
            return True
        return bool({"mutants": self.mutants, "liberties": self.liberties, "pairs": self.liberties}.get(kind))

    @property
    def pairs_of_a_seed(self) -> int:
        """How many pairs are drawn for each seed: none where liberties were named, unless a number was."""
        if self.pairs is not None:
            return self.pairs
        return 0 if self.liberties and self.only != "pairs" else PAIRS[self.effort]


def planned(wish: Wish, catalogues: Catalogues) -> tuple[Case, ...]:
    """The cases in the order in which they are started.

    The reference comes first, because if it is accused nothing else means anything; then whatever may be slow, so that
    no long case is left alone at the end.

    Raises:
        UsageError: a pattern matches nothing, or nothing is left.

    """
    mutants = _matching("--mutant", wish.mutants, catalogues.mutants)
    liberties = _matching("--liberty", wish.liberties, catalogues.liberties)
    cases: list[Case] = []
    for seed in wish.seeds:
        if wish.wants("reference"):
            cases += _references(catalogues.editions, seed)
        if wish.wants("liberties"):
            cases += [_of_liberties((each,), seed) for each in liberties]
        if wish.wants("pairs"):
            cases += [_of_liberties(pair, seed) for pair in _drawn(liberties, wish.pairs_of_a_seed, seed)]
        if wish.wants("impostors"):
            cases += [
                Case(
                    kind="impostor",
                    name=name,
                    story=_story(each),
                    options=("--impostor", name),
                    seed=seed,
                )
                for name, each in catalogues.impostors.items()
            ]
        if wish.wants("mutants"):
            cases += [
                Case(
                    kind="mutant",
                    name=each.name,
                    story=_story(each),
                    caught_by=tuple(each.caught_by),
                    clause=each.clause,
                    options=("--mutant", each.name),
                    seed=seed,
                )
                for each in mutants
            ]
    if not cases:
        raise UsageError("there is nothing to try", hint=f"--only names one of {', '.join(KINDS)}")
    ranks = {"reference": 0, "liberty": 1, "pair": 1, "impostor": 2, "mutant": 3}
    return tuple(sorted(cases, key=lambda case: ranks[case.kind]))


def _references(editions: Mapping[str, Sequence[str]], seed: int) -> Iterator[Case]:
    for service, days in editions.items():
        for day in days:
            yield Case(
                kind="reference",
                name=f"{service} {day}",
                story="The reference server, which keeps the contract.",
                options=("--service", service, "--edition", day),
                seed=seed,
            )


def _of_liberties(liberties: Sequence[Any], seed: int) -> Case:
    names = tuple(each.name for each in liberties)
    return Case(
        kind="liberty" if len(names) == 1 else "pair",
        name=" + ".join(names),
        story=" And: ".join(_story(each) for each in liberties),
        options=tuple(word for name in names for word in ("--liberty", name)),
        seed=seed,
        obstacle=next((each.obstacle for each in liberties if each.obstacle is not None), None),
    )


def _drawn(liberties: Sequence[Any], number: int, seed: int) -> list[tuple[Any, Any]]:
    """Pairs of liberties that do not exclude each other, drawn from the seed."""
    possible = [pair for pair in combinations(liberties, 2) if not pair[0].contradicts(pair[1])]
    rng = random.Random(f"pairs/{seed}")  # noqa: S311 - no secret, the same pairs each time
    return rng.sample(possible, min(number, len(possible)))


def _matching(option: str, globs: Iterable[str], catalogue: Mapping[str, Any]) -> list[Any]:
    """Everything in a catalogue that one of the patterns matches; all of it where there is no pattern."""
    patterns = list(globs)
    for glob in patterns:
        if not any(fnmatchcase(name, glob) for name in catalogue):
            guess = closest(glob, catalogue)
            raise UsageError(
                f"{option} {glob!r} matches nothing",
                hint=f"did you mean {guess}?" if guess else f"there are {', '.join(list(catalogue)[:3]) or 'none'} …",
            )
    return [
        each
        for name, each in catalogue.items()
        if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _catalogue(name: str) -> Mapping[str, Any]:
    """The servers of one kind."""
    found: Mapping[str, Any] = importlib.import_module(f"assay.{name}").ALL
    return found


def _story(server: Any) -> str:
    """What a server does, in one paragraph after the other."""
    return " ".join(str(server.description).split())
