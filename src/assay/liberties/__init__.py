"""Liberties: the reference server with one choice each that the contract leaves open; no law may object to any.

A module a noun; importing this package registers them all. `ALL` is the catalogue by name, `named` looks up those that
a person names, in the order in which they are taken.
"""

from __future__ import annotations

import difflib
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay.errors import UsageError
from assay.liberties import accounts, arns, fronts, gates, headers, lists, refusals, shapes, threads, transfer, weather
from assay.liberties.catalogue import REGISTERED, Liberty, liberty, taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ALL",
    "Liberty",
    "accounts",
    "arns",
    "fronts",
    "gates",
    "headers",
    "liberty",
    "lists",
    "named",
    "refusals",
    "shapes",
    "threads",
    "transfer",
    "weather",
]

ALL: Mapping[str, Liberty] = MappingProxyType(dict(sorted(REGISTERED.items())))


def named(names: Iterable[str]) -> tuple[Liberty, ...]:
    """The liberties of these names, in the order in which they are taken.

    Raises:
        UsageError: there is no such liberty, one is named twice, or two contradict each other.

    """
    chosen = []
    for name in names:
        if name not in ALL:
            near = difflib.get_close_matches(name, ALL, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else "`assay serve --list-liberties` names them all"
            raise UsageError(f"there is no liberty {name!r}", hint=hint)
        chosen.append(ALL[name])
    return taken(chosen)
