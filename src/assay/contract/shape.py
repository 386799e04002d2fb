"""The shapes of an edition: JSON Schemas, one a file, found in the edition's folder or in one that it extends.

References are late: `ConnectionList` of the first edition refers to `Connection`, and in a later edition that means the
later connection. So a schema is never resolved where its file lies but in the edition that asks. Shapes do not refer to
themselves, so a resolved schema is a finite tree with every reference written out, which is what strategies and the
fast validator want.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract.document import Library

__all__ = ["Bounds", "Shapes", "enumerated"]

#: What a file says about itself and a part of a schema must not repeat.
_ABOUT_THE_FILE = frozenset({"$schema", "$id", "$comment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The least and the greatest permitted figure; lengths are counted in code points."""

    minimum: int
    maximum: int

    @property
    def below(self) -> int:
        """The figure just under the permitted ones."""
        return self.minimum - 1

    @property
    def above(self) -> int:
        """The figure just over the permitted ones."""
        return self.maximum + 1

    def __contains__(self, figure: int) -> bool:
        """Is the figure permitted?"""
        return self.minimum <= figure <= self.maximum

    @classmethod
    def from_schema(cls, schema: Mapping[str, Any]) -> Bounds:
        """The bounds of a string's length or of an integer."""
        least, most = ("minLength", "maxLength") if schema.get("type") == "string" else ("minimum", "maximum")
        if not isinstance(schema.get(least), int) or not isinstance(schema.get(most), int):
            raise ContractError(
                f"shape {schema.get('title', '?')}: {least}, {most}: not given; the contract counts on both"
            )
        return cls(minimum=schema[least], maximum=schema[most])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The shapes that an edition sees; `folders` are its own and those that it extends, the most special first."""

    library: Library
    folders: tuple[str, ...]
    _resolved: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def file(self, name: str, *, wanted_by: str) -> str:
        """The file of a shape, relative to the specs folder."""
        for folder in self.folders:
            if self.library.has(file := f"{folder}/shapes/{name}.schema.json"):
                return file
        missing = self.library.called(f"{self.folders[0]}/shapes/{name}.schema.json")
        raise ContractError(f"{wanted_by}: there is no shape {name!r}; write {missing} or name another shape")

    def raw(self, name: str, *, wanted_by: str) -> Mapping[str, Any]:
        """A shape as its file has it, references and all."""
        file = self.file(name, wanted_by=wanted_by)
        schema = self.library.json(file)
        if schema.get("$id") != f"{name}.schema.json":
            raise ContractError(f"{self.library.called(file)}: $id: not the file's own name; write {name}.schema.json")
        return schema

    def resolved(self, name: str, *, wanted_by: str) -> Mapping[str, Any]:
        """A shape with every reference written out."""
        if name not in self._resolved:
            self._resolved[name] = self._written_out(self.raw(name, wanted_by=wanted_by), above=(name,))
        return self._resolved[name]

    def closure(self, name: str, *, wanted_by: str) -> dict[str, Mapping[str, Any]]:
        """A shape and all that it refers to, as their files have them, by `$id`."""
        found: dict[str, Mapping[str, Any]] = {}
        ahead = [(name, wanted_by)]
        while ahead:
            each, wanted_by = ahead.pop()
            schema = self.raw(each, wanted_by=wanted_by)
            if schema["$id"] not in found:
                found[schema["$id"]] = schema
                file = self.library.called(self.file(each, wanted_by=wanted_by))
                ahead.extend((reference, file) for reference in _references(schema))
        return found

    def _written_out(self, schema: Any, *, above: tuple[str, ...]) -> Any:
        if isinstance(schema, list):
            return [self._written_out(each, above=above) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            name = _named_by(schema["$ref"])
            wanted_by = self.library.called(self.file(above[-1], wanted_by=above[-1]))
            if name in above:
                raise ContractError(f"{wanted_by}: $ref: {name} refers to itself; cut the circle")
            return self._written_out(self.raw(name, wanted_by=wanted_by), above=(*above, name))
        return {
            key: self._written_out(value, above=above) for key, value in schema.items() if key not in _ABOUT_THE_FILE
        }


def enumerated(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of an enumeration, in its order; none where the schema enumerates nothing."""
    return tuple(schema.get("enum", ()))


def _references(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {name for each in schema for name in _references(each)}
    if isinstance(schema, dict):
        below = {name for key, value in schema.items() if key != "$ref" for name in _references(value)}
        return below | ({_named_by(schema["$ref"])} if "$ref" in schema else set())
    return set()


def _named_by(reference: str) -> str:
    return reference.removesuffix(".schema.json")
