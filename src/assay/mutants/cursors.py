"""Faults of cursors: a token leads to a place that is not where the page before it ended.

Three ways of turning the pages are here, each right on some server: by counting what was shown, by the key of what was
shown last, and by the reference's own number. What is wrong is what they count by.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.lists import Page, page_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.reference.connections import Connection
    from assay.reference.lists import PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_KEY_LENGTH = 8
_LOAD_FACTOR = 0.75


def _admitted(parts: Parts, wanted: PageRequest) -> list[Connection]:
    return [item for item in parts.listed(parts, wanted.account, 0) if wanted.admits(item)]


def _page_by_count(parts: Parts, wanted: PageRequest, ordered: Sequence[Connection]) -> Page:
    """A page that begins behind as many items as the token says."""
    start = 0 if wanted.token is None else parts.tokens.open(wanted.token, wanted.binding)
    end = start + wanted.size
    shown = tuple(ordered[start:end])
    return Page(connections=shown, next_token=parts.tokens.seal(end, wanted.binding) if end < len(ordered) else None)


@dataclass(slots=True)
class _Keys:
    """Pages that begin behind the key of the item that was shown last; each key has a number, which its token seals."""

    key: Callable[[Connection], object]
    order: Callable[[Connection], str] | None = None
    numbered: list[object] = field(default_factory=list)

    def page(self, parts: Parts, wanted: PageRequest) -> Page:
        ordered = sorted(_admitted(parts, wanted), key=self.order or self._text)
        if wanted.token is not None:
            last = str(self.numbered[parts.tokens.open(wanted.token, wanted.binding)])
            ordered = [item for item in ordered if self._text(item) > last]
        shown = tuple(ordered[: wanted.size])
        if len(ordered) == len(shown):
            return Page(connections=shown, next_token=None)
        key = self._text(shown[-1])
        if key not in self.numbered:
            self.numbered.append(key)
        return Page(connections=shown, next_token=parts.tokens.seal(self.numbered.index(key), wanted.binding))

    def _text(self, connection: Connection) -> str:
        return str(self.key(connection))


def _noting_creation(parts: Parts, note: Callable[[Connection], object]) -> Handler:
    """The Create of these parts, and then a look at what it made."""
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_create(parts_now, call)
        made = parts_now.store.get(str(answer["ConnectionArn"]))
        if made is not None:
            note(made)
        return answer

    return create


@mutant("list.offset-token", caught_by=("connection.list.complete",))
def offset_token(parts: Parts) -> Parts:
    """Let the token say how many items were shown, so that a delete between two pages makes the walk skip one.

    `items[offset : offset + size]` is the pagination of most web frameworks, and it is right as long as nobody else is
    there.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        offset = 0 if wanted.token is None else parts_now.tokens.open(wanted.token, wanted.binding)
        candidates = (item for item in parts_now.listed(parts_now, wanted.account, 0) if wanted.admits(item))
        found = tuple(islice(candidates, offset, offset + wanted.size + 1))
        if len(found) <= wanted.size:
            return Page(connections=found, next_token=None)
        token = parts_now.tokens.seal(offset + wanted.size, wanted.binding)
        return Page(connections=found[: wanted.size], next_token=token)

    return replace(parts, page=page)


@mutant("list.first-item-repeated", caught_by=("connection.list.once",))
def first_item_repeated(parts: Parts) -> Parts:
    """Begin every page but the first with the last item of the page before.

    The token names the last item that was shown, and the query behind it says `>=` where it should say `>`. Pages of
    one item would never end this way; the author met that, and steps over the item there.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.token is None or wanted.size == 1:
            return parts.page(parts_now, wanted)
        last_shown = parts_now.tokens.open(wanted.token, wanted.binding)
        return page_after(parts_now, wanted, last_shown - 1)

    return replace(parts, page=page)


@mutant("list.token-leads-back", caught_by=("connection.list.terminates",))
def token_leads_back(parts: Parts) -> Parts:
    """Give the last page of a list of several pages a token, which leads to the first page again.

    The position behind the last item is computed modulo the length of the list, or is zero, and zero is a position like
    any other.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        if careful.next_token is None and wanted.token is not None:
            return replace(careful, next_token=parts_now.tokens.seal(0, wanted.binding))
        return careful

    return replace(parts, page=page)


@mutant("cursor.same-second-skipped", caught_by=("connection.list.complete",))
def same_second_skipped(parts: Parts) -> Parts:
    """Begin a page behind the second in which the last item was made, and skip what was made in the same second.

    `WHERE created_at > ?` is the textbook's cursor, and the column holds whole seconds. Somebody who makes connections
    by hand never makes two in one second; a test does nothing else.
    """
    seconds: dict[str, int] = {}

    def note(connection: Connection) -> None:
        seconds[connection.arn] = int(time.time())

    by_second = _Keys(key=lambda connection: f"{seconds.get(connection.arn, 0):012d}")
    return replace(
        parts, page=by_second.page, handlers=parts.handlers_with(CreateConnection=_noting_creation(parts, note))
    )


@mutant("cursor.same-second-again", caught_by=("connection.list.terminates", "connection.list.once"))
def same_second_again(parts: Parts) -> Parts:
    """Begin a page with the first item that was made in the second of the last one shown, and so show that again.

    The cure for a cursor that skips what shares a timestamp, `>=` for `>`, tried with pages longer than what a second
    can bring. Where one page cannot hold all of a second, the walk stands still.
    """
    seconds: dict[str, int] = {}

    def note(connection: Connection) -> None:
        seconds[connection.arn] = int(time.time())

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        ordered = _admitted(parts_now, wanted)
        if wanted.token is not None:
            second = parts_now.tokens.open(wanted.token, wanted.binding)
            ordered = [item for item in ordered if seconds.get(item.arn, 0) >= second]
        shown = tuple(ordered[: wanted.size])
        if len(ordered) == len(shown):
            return Page(connections=shown, next_token=None)
        last = seconds.get(shown[-1].arn, 0)
        return Page(connections=shown, next_token=parts_now.tokens.seal(last, wanted.binding))

    return replace(parts, page=page, handlers=parts.handlers_with(CreateConnection=_noting_creation(parts, note)))


@mutant("cursor.by-first-letters", caught_by=("connection.list.complete",))
def by_first_letters(parts: Parts) -> Parts:
    """Order by the first eight characters of the name, begin a page behind those, and skip every other name with them.

    The index has a prefix length, as MySQL's must have for text, and the cursor is read off the index.
    """
    return replace(parts, page=_Keys(key=lambda connection: connection.name[:_KEY_LENGTH]).page)


@mutant("cursor.by-provider", caught_by=("connection.list.complete",))
def by_provider(parts: Parts) -> Parts:
    """Order by the provider type, begin a page behind that of the last item, and skip all others of that provider.

    The table's sort key was chosen for the filter, and a start key was made of it alone, without the id that would make
    it unique.
    """
    return replace(parts, page=_Keys(key=attrgetter("provider_type")).page)


@mutant("cursor.by-folded-name", caught_by=("connection.list.complete",))
def by_folded_name(parts: Parts) -> Parts:
    """Begin a page behind the name of the last item, case ignored, and skip a name that differs from it in case alone.

    Names are unique, so a name will do for a cursor; but the column compares as most databases do when nobody says
    otherwise.
    """
    return replace(parts, page=_Keys(key=lambda connection: connection.name.casefold()).page)


@mutant("cursor.two-collations", caught_by=("connection.list.complete", "connection.list.once"))
def two_collations(parts: Parts) -> Parts:
    """Order by name without regard to case, and begin a page behind the last name with regard to it.

    The database sorts, the program compares, and neither knows how the other does it. Names of one case are in the same
    order for both.
    """
    return replace(parts, page=_Keys(key=attrgetter("name"), order=lambda connection: connection.name.casefold()).page)


@mutant("cursor.newest-first", caught_by=("connection.list.once", "connection.list.complete"))
def newest_first(parts: Parts) -> Parts:
    """Show the newest first and count from there: a Create between two pages repeats an item, a Delete skips one.

    Consoles want the newest on top, and `OFFSET` is how one pages. What is made during a walk comes before all that the
    walk has shown.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return _page_by_count(parts_now, wanted, _admitted(parts_now, wanted)[::-1])

    return replace(parts, page=page)


@mutant("cursor.shuffled", caught_by=("connection.list.complete", "connection.list.once"))
def shuffled(parts: Parts) -> Parts:
    """Show the items in an order that is another at every call, and count what was shown.

    A loop over a map of Go, whose order is random on purpose, cut into pages.
    """
    calls: Counter[str] = Counter()

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        calls[wanted.account] += 1
        salt = str(calls[wanted.account])

        def chance(connection: Connection) -> bytes:
            return hashlib.sha256(f"{salt} {connection.arn}".encode()).digest()

        ordered = sorted(_admitted(parts_now, wanted), key=chance)
        return _page_by_count(parts_now, wanted, ordered)

    return replace(parts, page=page)


@mutant("cursor.by-bucket", caught_by=("connection.list.complete", "connection.list.once"))
def by_bucket(parts: Parts) -> Parts:
    """Walk through the buckets of a hash table, which are other ones as soon as the table has grown or shrunk.

    The token holds the bucket and the item in it: that is right for as long as the table keeps its size. A table of 3
    buckets becomes one of 7, 15, 31 when it is three quarters full.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        buckets = 3
        while parts_now.store.count(wanted.account) > _LOAD_FACTOR * buckets:
            buckets = 2 * buckets + 1

        def place(connection: Connection) -> int:
            return zlib.crc32(connection.arn.encode()) % buckets << 32 | connection.sequence

        last = 0 if wanted.token is None else parts_now.tokens.open(wanted.token, wanted.binding)
        ordered = sorted((item for item in _admitted(parts_now, wanted) if place(item) > last), key=place)
        shown = tuple(ordered[: wanted.size])
        rest = len(ordered) > len(shown)
        token = parts_now.tokens.seal(place(shown[-1]), wanted.binding) if rest else None
        return Page(connections=shown, next_token=token)

    return replace(parts, page=page)


@mutant("cursor.ties-by-plan", caught_by=("connection.list.complete", "connection.list.once"))
def ties_by_plan(parts: Parts) -> Parts:
    """Order by provider type, and leave the order among equals to how the database happens to sort for this page.

    `ORDER BY provider_type LIMIT ? OFFSET ?`: for the first rows of many PostgreSQL keeps a heap, for the later ones it
    sorts everything, and the two leave equal rows in different orders.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        offset = 0 if wanted.token is None else parts_now.tokens.open(wanted.token, wanted.binding)
        rows = _admitted(parts_now, wanted)
        if 2 * (offset + wanted.size) < len(rows):
            rows.reverse()
        return _page_by_count(parts_now, wanted, sorted(rows, key=attrgetter("provider_type")))

    return replace(parts, page=page)
