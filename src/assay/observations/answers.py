"""The form of what comes back: members, ARNs, header fields, and how an error says what it is.

Form seldom changes, and looking at header fields is dear: of each kind of answer the first are looked at, and then one
of many.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted, Refused
from assay.observations.pages import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Contract
    from assay.history import Call, Response
    from assay.observations.values import Values

__all__ = ["Answers"]

_FIRST: Final = 24
_ONE_OF: Final = 64
_MOST_ITEMS: Final = 3
_ERROR_TYPE: Final = "x-amzn-errortype"
_REQUEST_ID: Final = ("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id")


class Answers:
    """The answers so far, a sample of them."""

    def __init__(self, contract: Contract, values: Values) -> None:
        self._create, self._get, self._delete = contract.create.name, contract.get.name, contract.delete.name
        self._list, self._items = contract.list.name, contract.pagination.items
        self._holder, self._arn = contract.get.holder, contract.resource.identity
        self._note = values.note
        self._seen: Counter[tuple[str, str | None, int]] = Counter()

    def add(self, call: Call) -> None:
        """Look at an answer."""
        outcome = call.outcome
        if isinstance(outcome, Accepted):
            kind: tuple[str, str | None, int] = (call.operation, None, 0)
        elif isinstance(outcome, Refused):
            kind = (call.operation, outcome.code, outcome.status)
        else:
            return
        number = self._seen[kind] = self._seen[kind] + 1
        if number > _FIRST and number % _ONE_OF:
            return
        if isinstance(outcome, Accepted):
            self._accepted(call.operation, call.input, outcome.output)
        else:
            self._note("error.status", str(outcome.status))
        if call.response is not None:
            self._form(call.operation, call.response, is_error=not isinstance(outcome, Accepted))

    def _accepted(self, operation: str, asked: Mapping[str, Any], output: Mapping[str, Any]) -> None:
        nulls = [member for member, value in output.items() if value is None]
        if operation == self._create:
            self._note("create.members", ", ".join(sorted(output.keys() - asked.keys())) or "none")
            if asked.get("Tags"):
                self._note("create.tags", "told again" if "Tags" in output else "not told again")
            self._arn_form(output.get(self._arn))
        elif operation == self._get and self._holder is not None:
            held = output.get(self._holder)
            if isinstance(held, dict):
                self._note("get.members", _members(held))
                self._note("get.owner", _owner(held, held.get(self._arn)))
                nulls += [member for member, value in held.items() if value is None]
        elif operation == self._list:
            items = output.get(self._items)
            for item in items[:_MOST_ITEMS] if isinstance(items, list) else ():
                if isinstance(item, dict):
                    self._note("list.item-members", _members(item))
                    nulls += [member for member, value in item.items() if value is None]
        self._note("answer.null-members", ", ".join(sorted(set(nulls))) or "none")

    def _arn_form(self, arn: Any) -> None:
        if not isinstance(arn, str):
            return
        self._note("arn.head", ":".join(arn.split(":")[:3]))
        self._note("arn.id", writing(arn.rpartition("/")[2]))

    def _form(self, operation: str, response: Response, *, is_error: bool) -> None:
        fields = {name.lower(): value for name, value in response.headers}
        self._note("error.content-type" if is_error else "answer.content-type", fields.get("content-type", "absent"))
        found = next((name for name in _REQUEST_ID if name in fields), None)
        self._note("answer.request-id", "nothing" if found is None else f"{found}, {writing(fields[found])}")
        framing = "Content-Length" if "content-length" in fields else None
        framing = "chunks" if "chunked" in fields.get("transfer-encoding", "").lower() else framing
        self._note("answer.framing", framing or "the end of the connection")
        if is_error:
            self._error(fields, response.body)
        elif operation == self._delete:
            self._note("delete.body", "empty" if not response.body else _shape(response.body))

    def _error(self, fields: Mapping[str, str], body: bytes) -> None:
        value = _read(body)
        told = value if isinstance(value, dict) else {}
        types = [f"__type{' with a namespace' if '#' in str(told['__type']) else ''}"] if "__type" in told else []
        types += [_ERROR_TYPE] if _ERROR_TYPE in fields else []
        self._note("error.type", " and ".join(types) or "nothing")
        messages = [member for member in ("message", "Message") if member in told]
        self._note("error.message", " and ".join(messages) or "nothing")


def _members(value: Mapping[str, Any]) -> str:
    return ", ".join(sorted(value)) or "none"


def _owner(held: Mapping[str, Any], arn: Any) -> str:
    owner = held.get("OwnerAccountId")
    if owner is None:
        return "not told"
    return "the account that the ARN names" if f":{owner}:" in str(arn) else "another account than the ARN names"


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _shape(body: bytes) -> str:
    value = _read(body)
    if value == {}:
        return "{}"
    return f"an object with {_members(value)}" if isinstance(value, dict) else "something else"
