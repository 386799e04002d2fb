"""Programs as JSON, to be kept in results, replayed and drawn again: a list of steps, each without its defaults."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from assay.history import CALLERS
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
    Token,
    Walk,
)
from assay.recipe import Recipe
from assay.signings import SIGNINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.program import Branch, Step

__all__ = ["from_json", "to_json"]

_KINDS: Final = (Create, Fill, Get, Delete, List, Walk, Parallel, Send, Handshake)
_STEPS: Final[Mapping[str, type[Step]]] = {kind.verb: kind for kind in _KINDS}
_IN_BRANCHES: Final = (Create, Get, Delete, List, Walk)


def to_json(program: Program) -> list[dict[str, Any]]:
    """The program as JSON values; what equals its default is left out."""
    return [_step_to_json(step) for step in program.steps]


def from_json(document: Any) -> Program:
    """The program that `to_json` wrote.

    Raises:
        ValueError: the document is not a program; the message says which step.

    """
    if not isinstance(document, list):
        raise ValueError("a program is a list of steps")  # noqa: TRY004 - what was read is wrong, not how it was called
    steps = []
    for number, record in enumerate(document):
        try:
            steps.append(_step_from_json(record))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"step {number} is not a step: {error!r}") from error
    return Program(tuple(steps))


def _step_to_json(step: Step) -> dict[str, Any]:
    plain = type(step)()
    record: dict[str, Any] = {"do": step.verb}
    for item in fields(step):
        value = getattr(step, item.name)
        if value != getattr(plain, item.name):
            record[item.name] = _value_to_json(value)
    return record


def _value_to_json(value: Any) -> Any:
    if isinstance(value, Recipe):
        return value.as_json()
    if isinstance(value, Name | Arn | Token):
        plain = type(value)()
        pairs = ((item.name, getattr(value, item.name)) for item in fields(value))
        return {key: each for key, each in pairs if each != getattr(plain, key)}
    if isinstance(value, tuple):
        return [_value_to_json(each) for each in value]
    if isinstance(value, _KINDS):
        return _step_to_json(value)
    return value


def _step_from_json(record: Mapping[str, Any]) -> Step:
    kind = _STEPS[record["do"]]
    values = {key: _READERS.get(key, _same)(value) for key, value in record.items() if key != "do"}
    return kind(**values)


def _same(value: Any) -> Any:
    return value


def _between_from_json(value: Any) -> tuple[tuple[int, Any], ...]:
    return tuple((int(page), _step_from_json(step)) for page, step in value)


def _branches_from_json(value: Any) -> tuple[Branch, ...]:
    branches = tuple(tuple(_step_from_json(step) for step in branch) for branch in value)
    for branch in branches:
        for step in branch:
            if not isinstance(step, _IN_BRANCHES):
                raise ValueError(f"{step.verb} cannot stand in a branch")  # noqa: TRY004 - of what was read
    return branches  # type: ignore[return-value] # as was just seen


def _caller_from_json(value: Any) -> str:
    if value not in CALLERS:
        message = f"there is no caller {value!r}"
        raise ValueError(message)
    return str(value)


def _signing_from_json(value: Any) -> str:
    if value not in SIGNINGS:
        message = f"there is no signing {value!r}"
        raise ValueError(message)
    return str(value)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "signing": _signing_from_json,
    "caller": _caller_from_json,
    "name": lambda value: None if value is None else Name(**value),
    "arn": lambda value: None if value is None else Arn(**value),
    "token": lambda value: None if value is None else Token(**value),
    "recipe": Recipe.from_json,
    "kinds": tuple,
    "between": _between_from_json,
    "branches": _branches_from_json,
}
