"""Lists: how long a page is, in which order, how it says that it is the last, and what a token looks like."""

from __future__ import annotations

import re
import string
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from assay.contract import Contract
    from assay.history import Call
    from assay.observations.inputs import Inputs
    from assay.observations.values import Values

__all__ = ["Pages", "writing"]

_TELLING: Final = range(3, 41)  # connections on a page whose order is looked at
_ENOUGH: Final = 300  # such pages; an order that outlives them is one
_FEWEST: Final = 10  # and with less than these it may be luck
_LENGTHS: Final = (16, 64, 256, 1_024)
_WRITINGS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("digits", re.compile(r"[0-9]+")),
    ("a UUID", re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")),
    ("hexadecimal digits", re.compile(r"[0-9a-f]+|[0-9A-F]+")),
    ("an ARN", re.compile(r"arn:.*", re.DOTALL)),
    ("JSON", re.compile(r"[\[{].*", re.DOTALL)),
)
_MOST_SIGNS: Final = 12


def writing(text: str) -> str:
    """How a word that an endpoint made up is written: `digits`, `a UUID`, or the characters that occur in it."""
    return next((word for word, pattern in _WRITINGS if pattern.fullmatch(text)), alphabet(text))


def alphabet(characters: Iterable[str]) -> str:
    """The characters of a text in words: `letters, digits and + / =`."""
    occurring = set(characters)
    kinds = {"letters": string.ascii_letters, "digits": string.digits}
    words = [word for word, kind in kinds.items() if occurring.intersection(kind)]
    signs = sorted(occurring.difference(*kinds.values()))
    if signs:
        words.append("many signs" if len(signs) > _MOST_SIGNS else " ".join(signs))
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "nothing"


class Pages:
    """The pages so far; which connection is older than which is known from `inputs`."""

    def __init__(self, contract: Contract, values: Values, inputs: Inputs) -> None:
        paging, resource = contract.pagination, contract.resource
        self._operation, self._made = contract.list.name, inputs.made
        self._token_in, self._token_out = paging.token_in, paging.token_out
        self._size, self._items = paging.page_size, paging.items
        self._name, self._arn = resource.name, resource.identity
        self._largest = contract.page_sizes.maximum or 0
        self._note = values.note
        self._orders: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "creation, the oldest first": lambda item: self._made[item[self._arn]],
            "creation, the newest first": lambda item: -self._made[item[self._arn]],
            "names": lambda item: str(item.get(self._name)),
            "ARNs": lambda item: str(item[self._arn]),
        }
        self._ordered = 0
        self._is_undisturbed = False
        self._uncut = 0
        self._uncut_calls = 0
        self._has_cut = False
        self._tokens = 0
        self._writings: set[str] = set()
        self._characters: set[str] = set()

    def add(self, call: Call, *, is_plain: bool) -> None:
        """Look at a page of a List that asked for nothing unusual."""
        if call.operation != self._operation:
            self._is_undisturbed = False
            return
        if not is_plain or not isinstance(call.outcome, Accepted):
            return
        output, asked = call.outcome.output, call.input
        raw, token = output.get(self._items), output.get(self._token_out)
        items = raw if isinstance(raw, list) else []
        is_first, size = asked.get(self._token_in) is None, asked.get(self._size)
        if token:
            self._cut(token, len(items), size)
        else:
            self._last(output, raw, items, is_first=is_first)
            if size is None:
                self._uncut = max(self._uncut, len(items))
                self._uncut_calls += 1
        if self._ordered < _ENOUGH and len(self._orders) and len(items) in _TELLING:
            self._look_at_order(items)

    def summary(self) -> dict[str, tuple[str, int]]:
        """What only all pages together tell: their order, the alphabet of tokens, that no page was ever cut."""
        told: dict[str, tuple[str, int]] = {}
        if self._ordered >= _FEWEST or (self._ordered and not self._orders):
            told["list.order"] = (" or ".join(self._orders) or "nothing that is plain", self._ordered)
        if not self._has_cut and self._uncut > self._largest:
            told["list.default-page-size"] = (f"more than {self._largest}", self._uncut_calls)
        if self._writings:
            # What a token happens to be made of is luck; what all of them are made of is their alphabet.
            one = len(self._writings) == 1
            told["list.token-form"] = (*self._writings,)[0] if one else alphabet(self._characters), self._tokens
        return told

    def _cut(self, token: Any, length: int, size: Any) -> None:
        if size is None:
            self._has_cut = True
            self._note("list.default-page-size", str(length))
        else:
            self._note("list.page-fill", "full" if length >= size else "shorter" if length else "empty")
        self._is_undisturbed = True
        self._tokens += 1
        if self._tokens <= _ENOUGH or self._tokens % 32 == 0:
            if not isinstance(token, str):
                self._writings.add("no text")
                return
            self._writings.add(writing(token))
            self._characters.update(token)
            lower = 1
            for limit in _LENGTHS:
                if len(token) <= limit:
                    self._note("list.token-length", f"{lower} to {limit:,}")
                    return
                lower = limit + 1
            self._note("list.token-length", f"more than {_LENGTHS[-1]:,}")

    def _last(self, output: Mapping[str, Any], raw: Any, items: list[Any], *, is_first: bool) -> None:
        word = "absent" if self._token_out not in output else "null"
        self._note("list.last-token", word if output.get(self._token_out) is None else "an empty text")
        if not is_first and self._is_undisturbed:
            self._note("list.last-page", "with connections on it" if items else "empty")
        if is_first and not items:
            absent = "null" if self._items in output else f"no member {self._items}"
            self._note("list.empty", "an empty list" if isinstance(raw, list) else absent)

    def _look_at_order(self, items: list[Any]) -> None:
        texts = (item for item in items if isinstance(item, dict) and isinstance(item.get(self._arn), str))
        ours = [item for item in texts if item[self._arn] in self._made]
        if len(ours) not in _TELLING:
            return
        self._ordered += 1
        for word, key in list(self._orders.items()):
            keys = [key(item) for item in ours]
            if any(one > other for one, other in pairwise(keys)):
                del self._orders[word]
