"""Does a contract file say what its schema demands? Where it does not, the answer is one line: file, key, what is
wrong, what to write.

The schemas stand in `specs/schemas/` beside what they describe. What is checked is a file together with those that it
extends, since a file alone may be a fragment, and the blame goes to the most special file that has the key. Only the
first mistake is told: the second one is often a consequence.
"""

from __future__ import annotations

from typing import Any

from assay.contract.answer import authority, compiled
from assay.contract.document import Document, Library, key_path
from assay.contract.suggestion import closest
from assay.errors import ContractError

__all__ = ["check"]

_TYPES = {
    "object": "a table",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
}


def check(document: Document, library: Library, schema_file: str) -> None:
    """Raise a ContractError where a document breaks the schema of its kind."""
    schema = library.json(schema_file)
    fast = compiled(schema)
    if fast is not None and fast(document.whole):
        return
    errors = list(authority(schema, {schema["$id"]: schema}).iter_errors(document.whole))
    if errors:
        # A broken value says more than the table around it that is incomplete, so the deepest comes first.
        first = min(errors, key=lambda error: (-len(error.absolute_path), [str(step) for step in error.absolute_path]))
        path, trouble, remedy = _told(first)
        raise ContractError(f"{document.file_of(path)}: {key_path(path)}: {trouble}; {remedy}")


def _told(error: Any) -> tuple[tuple[str | int, ...], str, str]:
    """Where, what is wrong, and what to do about it."""
    path = tuple(error.absolute_path)
    keyword, wanted, found = error.validator, error.validator_value, error.instance
    told = f"{str(found)[:60]!r}"
    if keyword == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = next(key for key in found if key not in known)
        guess = closest(extra, known)
        remedy = f"write {guess!r}" if guess else f"use one of {', '.join(known)}"
        return (*path, extra), "unknown key", remedy
    if keyword == "required":
        missing = next(key for key in wanted if key not in found)
        return (*path, missing), "missing", "add it"
    if keyword == "oneOf":  # laws: since or pending
        keys = " or ".join(key for choice in wanted for key in choice.get("required", ()))
        return path, f"both or neither of {keys}", f"give {keys}, one of them"
    if keyword == "enum":
        return path, f"{told} is none of them", f"write one of {', '.join(map(str, wanted))}"
    if keyword == "type":
        return path, f"{told} is of the wrong type", f"write {_TYPES.get(wanted, wanted)}"
    if "propertyNames" in error.absolute_schema_path:
        return (*path, found), f"{told} is no id", f"write {error.schema['description']}"
    described = error.schema.get("description")
    return path, error.message[:160], f"write {described}" if described else "see the schema beside the file"
