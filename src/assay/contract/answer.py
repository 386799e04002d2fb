"""The judgement of `wire.schema`: is an accepted answer what the contract says it is?

jsonschema is the authority. It is also slow to load and slow to run, and nearly every answer is right, so a compiled
validator is asked first where it can be imported: only its "no" is a question to the authority, whose word stands, and
a selftest holds the two equal. Members that are null count as absent. Members that no shape knows are nobody's business
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.contract.shape import Shapes

__all__ = ["OutputValidator", "Problem", "authority", "compiled", "without_nulls"]

#: An answer may hold megabytes where a word belongs; a report wants neither them nor a pattern tried on them.
_LONGEST_MESSAGE = 240

#: What stands behind the `$` of a pattern, because Python's `$` also matches before a last line feed.
_GUARD = r"(?!\n)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way in which an answer is not what its schema says: where, what, and the schema's keyword that says so."""

    path: tuple[str | int, ...]
    message: str
    keyword: str


class OutputValidator:
    """The answers of one operation; what it needs is built when the first answer comes."""

    def __init__(self, shapes: Shapes, output: str, *, wanted_by: str) -> None:
        self._shapes = shapes
        self._output = output
        self._wanted_by = wanted_by

    def problems(self, document: object) -> list[Problem]:
        """What is wrong with an answer; nothing where the list is empty."""
        if self.passes_fast(document):
            return []
        return self.explained(document)

    def passes_fast(self, document: object) -> bool:
        """Does the compiled validator accept it? Without one, nothing passes fast."""
        if self._fast is None:
            return False
        try:
            return self._fast(document)
        except (ValueError, RecursionError):  # lone surrogates and bottomless nesting: the authority can read them
            return False

    def explained(self, document: object) -> list[Problem]:
        """The authority's word, in the order of the places that it speaks of."""
        problems = [
            Problem(path=tuple(error.absolute_path), message=_short(error.message), keyword=str(error.validator))
            for error in self._authority.iter_errors(without_nulls(document))
        ]
        return sorted(problems, key=lambda problem: ([str(step) for step in problem.path], problem.keyword))

    @cached_property
    def _fast(self) -> Callable[[object], bool] | None:
        return compiled(self._shapes.resolved(self._output, wanted_by=self._wanted_by))

    @cached_property
    def _authority(self) -> Any:
        files = self._shapes.closure(self._output, wanted_by=self._wanted_by)
        return authority(files[f"{self._output}.schema.json"], files)


def compiled(schema: Mapping[str, Any]) -> Callable[[object], bool] | None:
    """A fast yes or no for a schema without references, where the compiled validator can be imported."""
    try:
        import jsonschema_rs  # noqa: PLC0415  # a dependency, but one that not every platform has a wheel of
    except ImportError:
        return None
    # The engine without look-around takes time in proportion to the text, whatever an endpoint sends.
    options = jsonschema_rs.RegexOptions()
    is_valid: Callable[[object], bool] = jsonschema_rs.Draft202012Validator(
        _without_guards(schema), pattern_options=options
    ).is_valid
    return is_valid


def _without_guards(schema: Any) -> Any:
    """The schema without the guards behind `$`: the compiled engine needs none, and knows no look-ahead."""
    if isinstance(schema, list):
        return [_without_guards(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: value.removesuffix(_GUARD) if key == "pattern" and isinstance(value, str) else _without_guards(value)
        for key, value in schema.items()
    }


def authority(schema: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> Any:
    """The validator of jsonschema for a schema whose references are `$id`s of the given files."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415  # 0.1 s that a conforming endpoint never costs
    from referencing import Registry  # noqa: PLC0415
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

    def pattern(validator: Any, wanted: str, instance: object, schema: Mapping[str, Any]) -> Iterator[Any]:
        # What is too long is told so once; trying a pattern on a megabyte of colons would take minutes.
        if not (isinstance(instance, str) and len(instance) > schema.get("maxLength", len(instance))):
            yield from Draft202012Validator.VALIDATORS["pattern"](validator, wanted, instance, schema)

    # A referenced schema that names its dialect would be handed to that dialect's own class, and our pattern be lost.
    undeclared = {name: _undeclared(content) for name, content in files.items()}
    registry: Any = Registry().with_resources(
        (name, DRAFT202012.create_resource(content)) for name, content in undeclared.items()
    )
    return validators.extend(Draft202012Validator, {"pattern": pattern})(_undeclared(schema), registry=registry)


def _undeclared(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "$schema"}


def without_nulls(document: object) -> object:
    """The document without its null members; a null in a list stays. No recursion: depth is the endpoint's choice."""
    top: list[object] = [document]
    ahead: list[Any] = [top]
    while ahead:
        holder = ahead.pop()
        for key, value in list(enumerate(holder)) if isinstance(holder, list) else list(holder.items()):
            if isinstance(value, dict):
                holder[key] = {name: each for name, each in value.items() if each is not None}
                ahead.append(holder[key])
            elif isinstance(value, list):
                holder[key] = list(value)
                ahead.append(holder[key])
    return top[0]


def _short(message: str) -> str:
    if len(message) <= _LONGEST_MESSAGE:
        return message
    half = _LONGEST_MESSAGE // 2
    return f"{message[:half]} … {message[-half:]}"
