"""How a law is written: a pure function from a `World` to rulings, registered under the law's id.

A judge yields one ruling for each thing that the law spoke about: the `Call` where it was kept, a `Breach`, or that it
is `Undecided`. A law that yields nothing was not exercised, and a law that was never exercised has not passed. Beside
rulings there are remarks: what is legal and still worth telling, once in a run. A judge says nothing of force,
sentences or sources: those are data (`specs/`), so the same judge serves every edition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from assay.history import Accepted, Call, Refused, Unknown
from assay.world import World

__all__ = ["JUDGES", "Breach", "Judge", "Remark", "Ruling", "Undecided", "judge", "said", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A law broken at a call: what was expected and what was seen, in words.

    `clause` is the part of the law that is broken, where it is not the sentence itself.

    `aspect` tells one way of breaking the law from another where operation and answer do not: a word that no run and
    no rewording changes (see `assay.identity`). `is_general` says that the law is about any answer,
    whatever was asked.

    `earlier` is the program of this run that made what the breach speaks of, where it was not made in this history.
    """

    call: Call
    expected: str
    actual: str
    clause: str | None = None
    aspect: str | None = None
    is_general: bool = False
    earlier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A law that could not be judged at a call within the steps that it may take; the run says so and why."""

    call: Call
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that a reader should know of a call, and that breaks nothing."""

    call: Call
    text: str


Ruling: TypeAlias = Call | Breach | Undecided | Remark
Judge: TypeAlias = Callable[[World], Iterator[Ruling]]

JUDGES: Final[dict[str, Judge]] = {}


def judge(law: str) -> Callable[[Judge], Judge]:
    """Register a function as the judge of a law."""

    def register(function: Judge) -> Judge:
        if law in JUDGES:
            raise ValueError(f"{law} has a judge already: {JUDGES[law].__qualname__}")
        JUDGES[law] = function
        return function

    return register


def shown(value: Any, limit: int = 200) -> str:
    """A value from an endpoint as one line of printable ASCII, cut to `limit` characters."""
    text = json.dumps(value, ensure_ascii=True, default=repr)
    text = "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def said(call: Call) -> str:
    """What an endpoint answered, in a few words."""
    match call.outcome:
        case Accepted(output):
            return f"accepted: {shown(output)}" if output else "accepted"
        case Refused(code, status, message):
            name = code if code is not None else "no error type"
            seen = f", HTTP {status}" if status else ""
            return f"refused: {shown(name, 80)[1:-1]}{seen}" + (f", {shown(message, 120)}" if message else "")
        case Unknown(reason, detail):
            return f"no clear answer: {reason}" + (f" ({detail})" if detail else "")
