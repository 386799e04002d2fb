"""Mutants: the reference server with one fault each, to try the laws with.

A module a noun; importing this package imports every one of them, and so registers all mutants: a new module is
entered nowhere. `ALL` is the catalogue by name, `named` looks one up for people.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay.errors import UsageError
from assay.mutants.catalogue import REGISTERED, Mutant, mutant

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALL", "Mutant", "mutant", "named"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

ALL: Mapping[str, Mutant] = MappingProxyType(dict(sorted(REGISTERED.items())))


def named(name: str) -> Mutant:
    """The mutant of this name."""
    if name not in ALL:
        near = difflib.get_close_matches(name, ALL, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else "`assay serve --list-mutants` names them all"
        raise UsageError(f"there is no mutant {name!r}", hint=hint)
    return ALL[name]
