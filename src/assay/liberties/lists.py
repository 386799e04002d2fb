"""Choices about lists: their order, the size of their pages, and what a token looks like.

AWS promises of a walk that it shows everything and ends. It says nothing of the order, may give fewer items than asked
for, an empty page among them, and calls a token opaque. Orders other than the reference's need more of a cursor than a
number, so the cursors are kept here and their numbers are sealed like any position.
"""

from __future__ import annotations

import hashlib
import random
import secrets
from base64 import b64encode
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.liberties.catalogue import liberty
from assay.reference.constraints import Members
from assay.reference.lists import Page
from assay.reference.refusals import VALIDATION, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.connections import Connection
    from assay.reference.lists import PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

_UNORDERED = "no order of a list is documented"
_SHORTER = "MaxResults is a maximum, and a client asks until there is no NextToken"
_OPAQUE = "NextToken has 1 to 1,024 characters, and is opaque"
_LONGEST_TOKEN = 1024
_MORE_THAN_ALL = 1_000_000_000


# -- order


def _ordered(parts: Parts, key: Callable[[Connection, str], Any]) -> Parts:
    """Parts whose lists are in the order of a key, which may depend on the walk; the ARN decides between equals.

    A page is what stands behind the last one shown, in that order: deletes leave no gap, and what is made meanwhile
    comes where it belongs.
    """
    cursors: list[tuple[str, tuple[Any, str]]] = []

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        walk, last = secrets.token_hex(4), None
        if wanted.token is not None:
            walk, last = cursors[parts_now.tokens.open(wanted.token, wanted.binding)]
        found = sorted(
            ((key(item, walk), item.arn), item)
            for item in parts_now.listed(parts_now, wanted.account, 0)
            if wanted.admits(item)
        )
        first = 0 if last is None else bisect_right(found, last, key=lambda entry: entry[0])
        shown = found[first : first + wanted.size]
        token = None
        if len(found) > first + len(shown):
            cursors.append((walk, shown[-1][0]))
            token = parts_now.tokens.seal(len(cursors) - 1, wanted.binding)
        return Page(connections=tuple(item for _, item in shown), next_token=token)

    return replace(parts, page=page)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


@liberty("order.by-name", because=_UNORDERED, excludes=("order.*",))
def by_name(parts: Parts) -> Parts:
    """List connections by name, so that new ones come in the middle of a walk."""
    return _ordered(parts, lambda item, _: item.name)


@liberty("order.newest-first", because=_UNORDERED, excludes=("order.*",))
def newest_first(parts: Parts) -> Parts:
    """List the newest connection first."""
    return _ordered(parts, lambda item, _: -item.sequence)


@liberty("order.by-hash", because=_UNORDERED, excludes=("order.*",))
def by_hash(parts: Parts) -> Parts:
    """List connections in the order of a hash of their ARNs: no order that one can see, and always the same."""
    return _ordered(parts, lambda item, _: _digest(item.arn))


@liberty("order.shuffled", because=_UNORDERED, excludes=("order.*",))
def shuffled(parts: Parts) -> Parts:
    """Shuffle the list afresh for each walk, and keep to the order until the walk ends."""
    return _ordered(parts, lambda item, walk: _digest(walk + item.arn))


# -- pages


@liberty("page.shorter", because=_SHORTER)
def shorter(parts: Parts) -> Parts:
    """Show on a page any number of items between one and what was asked for."""
    rng = random.Random(0)  # noqa: S311 - it cuts pages

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return parts.page(parts_now, replace(wanted, size=rng.randint(1, min(wanted.size, 100))))

    return replace(parts, page=page)


def _with_empty_pages(parts: Parts, name: bytes, *, is_last: bool) -> Parts:
    """Parts that put an empty page between any two, or behind the last one."""
    after: list[str | None] = []

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        binding = name + wanted.binding
        if wanted.token is not None:
            try:
                number = parts_now.tokens.open(wanted.token, binding)
            except Refusal:
                pass  # it leads to a page that is not ours
            else:
                return Page(connections=(), next_token=after[number])
        careful = parts.page(parts_now, wanted)
        if (careful.next_token is None) is not is_last or not careful.connections:
            return careful
        after.append(careful.next_token)
        return replace(careful, next_token=parts_now.tokens.seal(len(after) - 1, binding))

    return replace(parts, page=page)


@liberty("page.empty-between", because=_SHORTER)
def empty_between(parts: Parts) -> Parts:
    """Put an empty page between any two pages of a walk."""
    return _with_empty_pages(parts, b"between\0", is_last=False)


@liberty("page.empty-last", because=_SHORTER)
def empty_last(parts: Parts) -> Parts:
    """Give the page with the last items a token, which leads to an empty page without one."""
    return _with_empty_pages(parts, b"last\0", is_last=True)


# -- tokens


class _Dressed:
    """A sealer whose tokens look otherwise; which is which is kept in a table, so that none can be made up."""

    def __init__(self, parts: Parts, look: Callable[[str], str], *, is_for_once: bool = False) -> None:
        self._tokens = parts.tokens
        self._look = look
        self._is_for_once = is_for_once
        self._inside: dict[str, str] = {}

    def seal(self, position: int, binding: bytes) -> str:
        """The token below, dressed up."""
        inside = self._tokens.seal(position, binding)
        token = self._look(inside)
        self._inside[token] = inside
        return token

    def open(self, token: str, binding: bytes) -> int:
        """What the token below leads to; a refusal where nobody was given such a token."""
        if token not in self._inside:
            raise Refusal("ValidationException", "The NextToken is not valid for this request", namespace=VALIDATION)
        position = self._tokens.open(self._inside[token], binding)
        if self._is_for_once:
            del self._inside[token]
        return position


def _dressed(parts: Parts, look: Callable[[str], str], *, is_for_once: bool = False) -> Parts:
    return replace(parts, tokens=_Dressed(parts, look, is_for_once=is_for_once))


@liberty("token.fresh", because=_OPAQUE)
def fresh(parts: Parts) -> Parts:
    """Give another token at every call, also to the same question."""
    return _dressed(parts, lambda _: secrets.token_hex(24))


@liberty(
    "token.once",
    because="how long a token can be used is not documented, and a walk uses each of its tokens once",
)
def once(parts: Parts) -> Parts:
    """Forget a token once its page was shown, so that a second use is refused."""
    return _dressed(parts, lambda _: secrets.token_hex(24), is_for_once=True)


@liberty("token.plus-and-slash", because="AWS's own tokens are base64 and hold both")
def plus_and_slash(parts: Parts) -> Parts:
    """Give tokens with plus signs, slashes and padding in them, which must not be taken for an URL's."""
    return _dressed(parts, lambda inside: f"+/{b64encode(inside.encode()).decode()}+/==")


@liberty("token.longest", because=_OPAQUE)
def longest(parts: Parts) -> Parts:
    """Give tokens of 1,024 characters, of which the last ones differ."""
    return _dressed(parts, lambda inside: inside.rjust(_LONGEST_TOKEN, "A"))


# -- a page size of nothing


_ZERO = "the model allows MaxResults=0 since 2020, and nothing says what it means"


def _zero(parts: Parts, meaning: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Parts:
    careful_list = parts.handlers["ListConnections"]

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        if call.members.optional_integer("MaxResults") != 0:
            return careful_list(parts_now, call)
        names = ("ProviderTypeFilter", "HostArnFilter", "NextToken")
        given = {name: call.members.optional_text(name) for name in names}
        return careful_list(parts_now, replace(call, members=Members(meaning(given))))

    return replace(parts, handlers=parts.handlers_with(ListConnections=list_connections))


@liberty("size.zero-refused", because=_ZERO, excludes=("size.zero-*",))
def zero_refused(parts: Parts) -> Parts:
    """Refuse a page size of 0."""

    def refuse(_: Mapping[str, Any]) -> Mapping[str, Any]:
        message = "MaxResults must be greater than 0"
        raise Refusal("ValidationException", message, namespace=VALIDATION)

    return _zero(parts, refuse)


@liberty("size.zero-means-all", because=_ZERO, excludes=("size.zero-*",))
def zero_means_all(parts: Parts) -> Parts:
    """Take a page size of 0 for no limit: the whole list on one page."""
    return _zero(parts, lambda given: {**given, "MaxResults": _MORE_THAN_ALL})


@liberty("size.zero-means-one", because=_ZERO, excludes=("size.zero-*",))
def zero_means_one(parts: Parts) -> Parts:
    """Take a page size of 0 for 1, the nearest that makes sense."""
    return _zero(parts, lambda given: {**given, "MaxResults": 1})
