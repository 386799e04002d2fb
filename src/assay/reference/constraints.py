"""What a member may hold: its JSON type first, then its constraints, in the order and the words of the framework.

AWS reads a request in two passes. The first turns JSON into typed members and knows nothing of limits: a number for a
name is a `SerializationException`, whatever else is wrong. The second looks at every member and gathers all that is
broken into one `ValidationException`. Both passes are here; which members an operation has stands in `editions`.

Chosen where AWS's own way is unknown: lengths count Unicode code points, a lone surrogate is no string (it has no UTF-8
form, so it could never be answered), and a float stands for an integer where it is one. A pattern is only tried on a
value of legal length: its backtracking grows with the square of the length, and the length is already a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.reference.refusals import Refusal, broken_constraints, not_serializable

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

__all__ = ["Integer", "Member", "Members", "TagList", "Text", "check", "read_members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string: how long, which pattern, which values."""

    minimum: int = 0
    maximum: int
    pattern: re.Pattern[str] | None = None
    values: tuple[str, ...] = ()

    def read(self, value: object) -> str:
        """The string that JSON gave."""
        if not isinstance(value, str):
            raise _unconvertible(value, "String")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise not_serializable("Unpaired surrogate in a string") from None
        return value

    def complaints(self, value: object, path: str) -> list[str]:
        """What is wrong with it."""
        assert isinstance(value, str)
        if self.values:
            if value in self.values:
                return []
            return [_complaint(value, path, f"Member must satisfy enum value set: [{', '.join(self.values)}]")]
        if len(value) < self.minimum:
            return [_complaint(value, path, f"Member must have length greater than or equal to {self.minimum}")]
        if len(value) > self.maximum:
            return [_complaint(value, path, f"Member must have length less than or equal to {self.maximum}")]
        if self.pattern is not None and self.pattern.fullmatch(value) is None:
            return [_complaint(value, path, f"Member must satisfy regular expression pattern: {self.pattern.pattern}")]
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """A whole number between two others."""

    minimum: int
    maximum: int

    def read(self, value: object) -> int:
        """The integer that JSON gave; 5.0 is one."""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _unconvertible(value, "Integer")
        return value

    def complaints(self, value: object, path: str) -> list[str]:
        """What is wrong with it."""
        assert isinstance(value, int)
        if value < self.minimum:
            return [_complaint(value, path, f"Member must have value greater than or equal to {self.minimum}")]
        if value > self.maximum:
            return [_complaint(value, path, f"Member must have value less than or equal to {self.maximum}")]
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class TagList:
    """A list of structures that have two members each, `Key` and `Value`."""

    maximum: int
    key: Text
    value: Text

    def read(self, value: object) -> list[dict[str, str | None] | None]:
        """The tags that JSON gave: unknown members left out, missing ones None."""
        if not isinstance(value, list):
            raise not_serializable("Expected list or null")
        return [None if tag is None else self._read_tag(tag) for tag in value]

    def _read_tag(self, tag: object) -> dict[str, str | None]:
        if not isinstance(tag, dict):
            raise not_serializable("Expected null")
        key, value = tag.get("Key"), tag.get("Value")
        return {
            "key": None if key is None else self.key.read(key),
            "value": None if value is None else self.value.read(value),
        }

    def complaints(self, value: object, path: str) -> list[str]:
        """What is wrong with the list and with each of its tags."""
        assert isinstance(value, list)
        found = []
        if len(value) > self.maximum:
            found.append(_complaint(value, path, f"Member must have length less than or equal to {self.maximum}"))
        for position, tag in enumerate(value[: self.maximum], start=1):
            where = f"{path}.{position}.member"
            if tag is None:
                found.append(_complaint(None, where, "Member must not be null"))
                continue
            for name, rule in (("key", self.key), ("value", self.value)):
                inner = f"{where}.{name}"
                if tag[name] is None:
                    found.append(_complaint(None, inner, "Member must not be null"))
                else:
                    found.extend(rule.complaints(tag[name], inner))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of an input: what it may hold, and whether it may be absent."""

    name: str
    rule: Text | Integer | TagList
    required: bool = False

    @property
    def path(self) -> str:
        """Its name as complaints spell it: `connectionName`."""
        return self.name[0].lower() + self.name[1:]


class Members:
    """The members of one request that are present, known and legal; each accessor says its type."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """A string that the table requires."""
        value = self._values[name]
        assert isinstance(value, str)
        return value

    def optional_text(self, name: str) -> str | None:
        """A string that may be absent."""
        value = self._values.get(name)
        assert value is None or isinstance(value, str)
        return value

    def optional_integer(self, name: str) -> int | None:
        """An integer that may be absent."""
        value = self._values.get(name)
        assert value is None or isinstance(value, int)
        return value

    def tags(self, name: str) -> dict[str, str]:
        """Tags by key; of two with one key the later holds."""
        value = self._values.get(name, ())
        assert isinstance(value, list | tuple)
        return {tag["key"]: tag["value"] for tag in value}


def read_members(table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
    """Type everything, then complain of everything; null is absent, and what the table lacks is ignored."""
    values: dict[str, object] = {}
    for member in table:
        value = given.get(member.name)
        if value is not None:
            values[member.name] = member.rule.read(value)
    found: list[str] = []
    for member in table:
        if member.name in values:
            found += member.rule.complaints(values[member.name], member.path)
        elif member.required:
            found.append(_complaint(None, member.path, "Member must not be null"))
    if found:
        raise broken_constraints(found)
    return Members(values)


def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:  # noqa: ARG001 - for mutants
    """Read the input of an operation; a mutant's check looks at which one it is, the careful one has the table."""
    return read_members(table, given)


def _complaint(value: object, path: str, constraint: str) -> str:
    quoted = "null" if value is None else f"'{value}'"
    return f"Value {quoted} at '{path}' failed to satisfy constraint: {constraint}"


def _unconvertible(value: object, wanted: str) -> Refusal:
    if isinstance(value, list):
        return not_serializable("Start of list found where not expected")
    if isinstance(value, dict):
        return not_serializable("Start of structure or map found where not expected.")
    if isinstance(value, bool):
        return not_serializable(f"{str(value).upper()}_VALUE can not be converted to {_article(wanted)}")
    kind = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    return not_serializable(f"{kind} can not be converted to {_article(wanted)}")


def _article(wanted: str) -> str:
    return f"an {wanted}" if wanted == "Integer" else f"a {wanted}"
