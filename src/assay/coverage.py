"""What a run really exercised, counted call by call: operations, errors, enumerated values, page sizes, kinds of names.

A green run is worth as much as what it looked at, so what the contract enumerates is told also where its count is
zero: an error that never came, a provider type that nobody sent. Everything here is a fold over calls, whoever made
them, and can be worked out again from a recorded history.

An endpoint may answer with a new error at every call; so many different ones are kept, and the rest is counted as one.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from assay.contract.shape import enumerated
from assay.history import Accepted, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.contract import Contract
    from assay.history import Call

__all__ = ["NAME_CLASSES", "Counts", "Coverage", "name_classes"]

Counts: TypeAlias = Mapping[str, Any]
"""What a coverage counted, as plain values: they can be sent to another process."""

_MOST_ERRORS: Final = 200
_MOST_VALUES: Final = 60
_LONGEST_WORD: Final = 100
_OTHERS: Final = "(others)"
_MANY: Final = 10
_COUNTERS: Final = ("_outcomes", "_errors", "_values", "_sizes", "_pages", "_names")
_BASIC_PLANE: Final = "\uffff"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})

NAME_CLASSES: Final = (
    "plain",
    "shortest",
    "longest",
    "empty",
    "too long",
    "upper case",
    "space at an end",
    "space within",
    "punctuation",
    "markup",
    "control character",
    "beyond ASCII",
    "not in normal form C",
    "beyond the basic plane",
    "right to left",
    "lone surrogate",
    "no text",
)
"""Kinds of names, in the order in which they are told; a name may be of several."""


class Coverage:
    """What the calls so far exercised of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        resource, paging = contract.resource, contract.pagination
        self._create, self._list = contract.create.name, contract.list.name
        self._name, self._size = resource.name, paging.page_size
        self._sent = {
            operation.name: [member for member, schema in operation.members.items() if enumerated(schema)]
            for operation in contract.operations.values()
        }
        self._described = [member for member, schema in contract.described.items() if enumerated(schema)]
        self._holder, self._items = contract.get.holder, paging.items
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._errors: Counter[tuple[str, str | None, int]] = Counter()
        self._values: dict[tuple[str, str, str], Counter[str]] = {}
        self._sizes: Counter[int | str] = Counter()
        self._pages: Counter[str] = Counter()
        self._names: Counter[str] = Counter()

    def add(self, call: Call) -> None:
        """Count a call."""
        operation, outcome, given = call.operation, call.outcome, call.input
        word = "throttled" if call.is_retried else type(outcome).__name__.lower()
        self._outcomes[operation, word] += 1
        for member in self._sent.get(operation, ()):
            if member in given:
                self._value(operation, "request", member, given[member])
        if operation == self._create:
            self._names.update(name_classes(given.get(self._name), self._contract) if self._name in given else ())
        elif operation == self._list:
            self._sizes[self._size_of(given)] += 1
        if isinstance(outcome, Accepted):
            self._shown(operation, outcome.output)
        elif isinstance(outcome, Refused) and word == "refused":
            self._refusal(operation, outcome)

    def counts(self) -> Counts:
        """What was counted so far."""
        return {name: getattr(self, name) for name in _COUNTERS}

    def add_counts(self, counts: Counts) -> None:
        """Add what another process counted of the same run."""
        for name in _COUNTERS:
            own = getattr(self, name)
            for key, value in counts[name].items():
                if isinstance(value, Counter):
                    own.setdefault(key, Counter()).update(value)
                else:
                    own[key] += value

    def as_json(self) -> dict[str, Any]:
        """The counts as JSON values; what the contract enumerates is there with a zero where it never occurred."""
        contract = self._contract
        return {
            "operations": [
                {
                    "operation": name,
                    **{word: self._outcomes[name, word] for word in ("accepted", "refused", "unknown", "throttled")},
                }
                for name in dict.fromkeys([*contract.operations, *(name for name, _ in self._outcomes)])
            ],
            "errors": list(self._told_errors()),
            "values": list(self._told_values()),
            "page_sizes": [{"size": size, "calls": self._sizes[size]} for size in sorted(self._sizes, key=_size_order)],
            "pages": [{"items": word, "calls": self._pages[word]} for word in _PAGES],
            "names": [{"class": word, "calls": self._names[word]} for word in NAME_CLASSES],
        }

    # -- counting

    def _shown(self, operation: str, output: Mapping[str, Any]) -> None:
        held = output.get(self._holder) if self._holder is not None else None
        items = output.get(self._items)
        if isinstance(items, list):
            self._pages[_page_of(len(items))] += 1
        shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        if isinstance(held, dict):
            shown.append(held)
        for member in self._described if shown else ():
            # A page may hold a hundred items: they are counted by value first, and then value by value.
            values = Counter([value if isinstance(value := item.get(member), str) else _typed(value) for item in shown])
            for value, times in values.items():
                if value is not None:
                    self._value(operation, "answer", member, value, times)

    def _value(self, operation: str, where: str, member: str, value: Any, times: int = 1) -> None:
        counts = self._values.setdefault((operation, where, member), Counter())
        word = _kept(value if isinstance(value, str) else _typed(value) or "(null)")
        counts[word if word in counts or len(counts) < _MOST_VALUES else _OTHERS] += times

    def _size_of(self, given: Mapping[str, Any]) -> int | str:
        size, bounds = given.get(self._size), self._contract.page_sizes
        if size is None:
            return "absent"
        if not isinstance(size, int) or isinstance(size, bool):
            return "no number"
        if size > bounds.maximum:
            return "above"
        return "below" if size < bounds.minimum else size

    def _refusal(self, operation: str, outcome: Refused) -> None:
        error = operation, None if outcome.code is None else _kept(outcome.code), outcome.status
        is_kept = error in self._errors or len(self._errors) < _MOST_ERRORS
        self._errors[error if is_kept else (operation, _OTHERS, 0)] += 1

    # -- telling

    def _told_errors(self) -> Iterator[dict[str, Any]]:
        contract = self._contract
        for operation in dict.fromkeys([*contract.operations, *(name for name, _, _ in self._errors)]):
            known = contract.operations[operation].errors if operation in contract.operations else {}
            seen = {error: calls for error, calls in self._errors.items() if error[0] == operation}
            for (_, code, status), calls in sorted(seen.items(), key=lambda item: (-item[1], str(item[0]))):
                yield _error(operation, code, status, calls, is_modelled=code in known)
            for code, status in known.items():
                if not any(code == each for _, each, _ in seen):
                    yield _error(operation, code, status, 0, is_modelled=True)

    def _told_values(self) -> Iterator[dict[str, Any]]:
        contract = self._contract
        places = [
            *((name, "request", member) for name, members in self._sent.items() for member in members),
            *((name, "answer", member) for name in (contract.get.name, self._list) for member in self._described),
        ]
        for operation, where, member in dict.fromkeys([*places, *self._values]):
            counts = self._values.get((operation, where, member), Counter())
            schema = contract.operations[operation].members if where == "request" else contract.described
            known = enumerated(schema[member])
            for value in dict.fromkeys([*known, *sorted(counts)]):
                yield {
                    "operation": operation,
                    "where": where,
                    "member": member,
                    "value": value,
                    "calls": counts[value],
                    "is_known": value in known,
                }


def name_classes(name: Any, contract: Contract) -> list[str]:
    """The classes that a name belongs to."""
    if not isinstance(name, str):
        return ["no text"]
    bounds, found = contract.name_length, []
    length = len(name)
    if not name:
        found.append("empty")
    elif length == bounds.minimum:
        found.append("shortest")
    elif length == bounds.maximum:
        found.append("longest")
    elif length > bounds.maximum:
        found.append("too long")
    if name.isascii() and name.isalnum():
        return [*found, "upper case" if name != name.lower() else "plain"]
    return [*found, *(word for word, holds in _LOOKS.items() if holds(name))]


def _has_lone_surrogate(name: str) -> bool:
    return any("\ud800" <= each <= "\udfff" for each in name)


_LOOKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "upper case": lambda name: name != name.lower(),
    "space at an end": lambda name: name != name.strip(),
    "space within": lambda name: any(each.isspace() for each in name.strip()),
    "punctuation": lambda name: any("!" <= each <= "~" and not each.isalnum() for each in name),
    "markup": lambda name: any(each in "<>&\"'`" for each in name),
    "control character": lambda name: any(unicodedata.category(each) == "Cc" for each in name),
    "beyond ASCII": lambda name: not name.isascii(),
    "not in normal form C": lambda name: not unicodedata.is_normalized("NFC", name),
    "beyond the basic plane": lambda name: any(each > _BASIC_PLANE for each in name),
    "right to left": lambda name: any(unicodedata.bidirectional(each) in _RIGHT_TO_LEFT for each in name),
    "lone surrogate": _has_lone_surrogate,
}
_ODD_SIZES: Final = ("absent", "below", "", "above", "no number")  # where the empty word stands, there are figures
_PAGES: Final = ("empty", "one", "a few", "many")


def _page_of(items: int) -> str:
    return "empty" if not items else "one" if items == 1 else "a few" if items < _MANY else "many"


def _typed(value: Any) -> str | None:
    """What stands for a value that is no text; nothing for none."""
    return None if value is None else f"({type(value).__name__})"


def _kept(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…"


def _size_order(size: int | str) -> tuple[int, int]:
    return (_ODD_SIZES.index(size), 0) if isinstance(size, str) else (_ODD_SIZES.index(""), size)


def _error(operation: str, code: str | None, status: int, calls: int, *, is_modelled: bool) -> dict[str, Any]:
    return {"operation": operation, "code": code, "status": status, "calls": calls, "is_modelled": is_modelled}
