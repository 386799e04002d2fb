"""What a mutant is, and how one enters the catalogue.

A mutant is the reference with one fault: a function that takes the careful parts and hands them back with one replaced.
Its name says the fault, its docstring how it lies and why a real emulator might (the catalogue is rendered from it),
and `caught_by` names the laws that must find it. Everything that is not the fault stays as the reference has it: a law
that objects to more is wrong.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from assay.mutants.transport import ProtocolType
    from assay.reference.parts import Parts
    from assay.reference.wire import Application

__all__ = ["REGISTERED", "Mutant", "mutant"]

_NAME = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+")
_F = TypeVar("_F", bound=Callable[..., Any])


def _same(parts: Parts) -> Parts:
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: its name, the laws that must catch it (any one of them will do), its story, and how it is put in.

    Where the fault breaks no sentence but a clause of it, which may have a force of its own, `clause` is its id. A
    fault that shows only where handlers run side by side is served `in_threads`. One of what stands before all parts,
    or sends what they say, is put `around` the application; one of the bytes themselves makes another `protocol` of the
    server's.
    """

    name: str
    caught_by: tuple[str, ...]
    description: str
    apply: Callable[[Parts], Parts]
    clause: str | None = None
    in_threads: bool = False
    around: Callable[[Application], Application] | None = None
    protocol: Callable[[ProtocolType], ProtocolType] | None = None


REGISTERED: dict[str, Mutant] = {}


def mutant(  # noqa: PLR0913 - one for each thing that a fault can be about
    name: str,
    *,
    caught_by: tuple[str, ...],
    clause: str | None = None,
    in_threads: bool = False,
    to: Literal["parts", "application"] = "parts",
    protocol: Callable[[ProtocolType], ProtocolType] | None = None,
) -> Callable[[_F], _F]:
    """Enter a function into the catalogue; `to` says what it is handed and hands back."""
    if _NAME.fullmatch(name) is None or name in REGISTERED:
        raise ValueError(f"{name!r} is no name for a new mutant: words like 'list.token-loops', each once")

    def enter(function: _F) -> _F:
        description = inspect.getdoc(function)
        if not description or not caught_by:
            raise ValueError(f"the mutant {name!r} needs a docstring and a law")
        REGISTERED[name] = Mutant(
            name=name,
            caught_by=caught_by,
            description=description,
            apply=function if to == "parts" else _same,
            clause=clause,
            in_threads=in_threads,
            around=function if to == "application" else None,
            protocol=protocol,
        )
        return function

    return enter
