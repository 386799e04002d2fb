"""Ways to put a fault in: how connections are shown, what is taken for given, by which rules, and what goes out.

No mutant stands here. Each function takes careful parts and a change, and hands back parts in which one thing is
wrapped; what the change leaves alone stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.answers import Answer, Outcome
    from assay.reference.connections import Connection
    from assay.reference.constraints import Integer, Member, Members, TagList, Text
    from assay.reference.parts import Handler, Parts

    Change = Callable[[dict[str, object]], dict[str, object]]
    Rule = Text | Integer | TagList

__all__ = [
    "admitted_by",
    "gate_with",
    "given_as",
    "handled_as",
    "in_get",
    "in_list",
    "in_views",
    "refused_as",
    "ruled_as",
    "sent_as",
]


def admitted_by(parts: Parts, admit: Callable[..., None]) -> Parts:
    """Put a gate before the careful one, which it is handed; nothing where signatures are not looked at."""
    careful = parts.admit
    return parts if careful is None else replace(parts, admit=partial(admit, careful))


def gate_with(parts: Parts, **changed: Any) -> Parts:
    """Change steps of the careful check of signatures; nothing where signatures are not looked at."""
    return parts if parts.admit is None else replace(parts, admit=replace(parts.admit, **changed))  # type: ignore[type-var]


def in_get(parts: Parts, change: Change) -> Parts:
    """Change what Get shows of a connection."""

    def get_view(connection: Connection) -> dict[str, object]:
        return change(parts.get_view(connection))

    return replace(parts, get_view=get_view)


def in_list(parts: Parts, change: Change) -> Parts:
    """Change what List shows of a connection."""

    def list_view(connection: Connection) -> dict[str, object]:
        return change(parts.list_view(connection))

    return replace(parts, list_view=list_view)


def in_views(parts: Parts, change: Change) -> Parts:
    """Change what Get and List show of a connection."""
    return in_list(in_get(parts, change), change)


def given_as(parts: Parts, operation: str, change: Change) -> Parts:
    """Take other members of an operation for given, before they are checked."""

    def check(asked: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        return parts.check(asked, table, change(dict(given)) if asked == operation else given)

    return replace(parts, check=check)


def ruled_as(parts: Parts, operations: tuple[str, ...], name: str, change: Callable[[Member], Member]) -> Parts:
    """Check one member of some operations by another row of the table."""

    def check(asked: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        if asked in operations:
            table = tuple(change(member) if member.name == name else member for member in table)
        return parts.check(asked, table, given)

    return replace(parts, check=check)


def handled_as(parts: Parts, operation: str, change: Callable[[Handler], Handler]) -> Parts:
    """Put a handler around the careful one of an operation."""
    return replace(parts, handlers=parts.handlers_with(**{operation: change(parts.handlers[operation])}))


def refused_as(parts: Parts, change: Callable[[str, Refusal], Outcome]) -> Parts:
    """Answer with something else where something is refused; the change is told the operation."""

    def answer(operation: str, outcome: Outcome) -> Answer:
        return parts.answer(operation, change(operation, outcome) if isinstance(outcome, Refusal) else outcome)

    return replace(parts, answer=answer)


def sent_as(parts: Parts, change: Callable[[Outcome, Answer], Answer]) -> Parts:
    """Change an answer after it was rendered; the change is told what it was rendered from."""

    def answer(operation: str, outcome: Outcome) -> Answer:
        return change(outcome, parts.answer(operation, outcome))

    return replace(parts, answer=answer)
