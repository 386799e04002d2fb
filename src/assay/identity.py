"""What makes two findings the same one: an id that a fault keeps from run to run.

A finding is tracked by its id: a known failure is listed under it, a replay asks for it, a comparison follows it over
weeks. So the id must not hang on luck. The program that shows a fault does: what a seed draws, and where shrinking
under a budget comes to rest, differ from run to run (a fault of pages shows with 2 connections here and with 26 there,
and both are as small as their run could make them). Measured over a sample of the mutants, ids made of the whole
smallest program agree between seeds for three mutants of four.

What does not differ is the last line of the smallest history: the law and the clause, the operation at which they are
broken, how it was answered (accepted; refused, and with which error; not answered, and why), and what the law itself
says of it in a word or two (`Breach.aspect`: which member differs, which side of a bound). That is the *shape* of a
finding. Names, ARNs, lengths, counts and tokens are not in it, nor is any sentence, which may be reworded; and of a law
that is about any answer (its headers, its error's form) neither is the operation. Which of two reads shows what is
stored wrong is luck, too: where Get shows what a List showed, the finding is of Get (`assay.looking`). Shrinking and
replaying keep the shape: a program that breaks the same law in another way shows another finding.

One systematic fault is still one finding: of each law and clause a run reports the shape that it met first, mutes the
rest, and lists the ids of the rest beside it (`also`). Only what is expected by its id mutes nothing but itself, so
that what is known hides nothing that is new.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from assay.history import Accepted, Refused

if TYPE_CHECKING:
    from assay.laws import Breach

__all__ = ["Fault", "Shape", "finding_id", "shape_of"]

Shape: TypeAlias = tuple[str, ...]

_LENGTH = 8  # hexadecimal digits; a contract has some hundreds of shapes, and an id holds its law besides


def shape_of(breach: Breach) -> Shape:
    """What is the same about a breach whoever meets it: the operation, how it was answered, the law's own word."""
    outcome = breach.call.outcome
    aspect = [breach.aspect] if breach.aspect is not None else []
    if breach.is_general:
        return ("any operation", *aspect)
    match outcome:
        case Accepted():
            answer = "accepted"
        case Refused(code=code):
            answer = f"refused {code or ''}"
        case _:
            answer = f"unknown {outcome.reason}"
    return (breach.call.operation, answer, *aspect)


def finding_id(law: str, breach: Breach) -> str:
    """The id of a finding: its law, and eight digits for clause and shape."""
    text = json.dumps([law, breach.clause, shape_of(breach)], ensure_ascii=True)
    return f"{law}-{hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is looked for when a program is run again: a law broken in one clause, in one shape or (None) in any."""

    law: str
    clause: str | None = None
    shape: Shape | None = None

    @classmethod
    def of(cls, law: str, breach: Breach) -> Fault:
        """The fault that a breach shows."""
        return cls(law, breach.clause, shape_of(breach))

    def is_shown_by(self, breach: Breach) -> bool:
        """Does a breach of the law show this fault?"""
        return breach.clause == self.clause and (self.shape is None or shape_of(breach) == self.shape)
