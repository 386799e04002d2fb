"""Contract files held to the schema of their kind; a breach is told in one line: file, key, trouble, remedy.

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
    wanted, found = error.validator_value, error.instance
    quoted = repr(str(found)[:60])
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            extra = next(key for key in found if key not in known)
            guess = closest(extra, known)
            told = (*path, extra), "unknown key", f"write {guess!r}" if guess else f"use one of {', '.join(known)}"
        case "required":
            told = (*path, next(key for key in wanted if key not in found)), "missing", "add it"
        case "oneOf":  # of a law: since or pending
            keys = [key for choice in wanted for key in choice.get("required", ())]
            told = path, f"both or neither of {', '.join(keys)}", f"give one of {', '.join(keys)}"
        case "enum":
            told = path, f"{quoted} is none of the known words", f"write one of {', '.join(map(str, wanted))}"
        case "type":
            told = path, f"{quoted} is of the wrong type", f"write {_TYPES.get(wanted, wanted)}"
        case _ if "propertyNames" in error.absolute_schema_path:
            told = (*path, found), "no id", f"write {error.schema['description']}"
        case _:
            described = error.schema.get("description")
            told = path, error.message[:160], f"write {described}" if described else "see the schema of the file"
    return told
