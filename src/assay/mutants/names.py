"""Faults of the check for names: it lets two of one name pass, or takes a free one for taken."""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import handled_as
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.connections import Connection, ConnectionStore
    from assay.reference.names import NameIndex
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_MANY = 20
_RECENT = 10
_KEY_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _ForgetfulIndex:
    """A name index that answers "free" once an account holds `limit` connections."""

    careful: NameIndex
    store: ConnectionStore
    limit: int

    def is_taken(self, account: str, region: str, name: str) -> bool:
        return self.store.count(account) < self.limit and self.careful.is_taken(account, region, name)

    def take(self, connection: Connection) -> None:
        self.careful.take(connection)

    def release(self, connection: Connection) -> None:
        self.careful.release(connection)


@mutant("name.duplicate-accepted", caught_by=("connection.name.unique",))
def duplicate_accepted(parts: Parts) -> Parts:
    """Accept a second connection of a name that is in use, and give it an ARN of its own.

    An emulator that keeps connections in a dict by ARN never notices: nothing in it looks at names.
    """
    return replace(parts, names=_ForgetfulIndex(careful=parts.names, store=parts.store, limit=0))


@mutant("name.duplicate-accepted-among-many", caught_by=("connection.name.unique",))
def duplicate_accepted_among_many(parts: Parts) -> Parts:
    """Accept a second connection of a name once the account holds twenty connections.

    The check for names reads one page of the emulator's own list: while all fits on that page it works, and so it does
    in every short test.
    """
    return replace(parts, names=_ForgetfulIndex(careful=parts.names, store=parts.store, limit=_MANY))


@dataclass(slots=True)
class _WrappedIndex:
    """A name index that does as the careful one; the ones below differ in one method each."""

    careful: NameIndex

    def is_taken(self, account: str, region: str, name: str) -> bool:
        return self.careful.is_taken(account, region, name)

    def take(self, connection: Connection) -> None:
        self.careful.take(connection)

    def release(self, connection: Connection) -> None:
        self.careful.release(connection)


@dataclass(slots=True)
class _FoldedIndex:
    """A name index that compares what a function makes of a name."""

    fold: Callable[[str], str]
    taken: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def is_taken(self, account: str, region: str, name: str) -> bool:
        return self.taken[account, region, self.fold(name)] > 0

    def take(self, connection: Connection) -> None:
        self.taken[connection.account, connection.region, self.fold(connection.name)] += 1

    def release(self, connection: Connection) -> None:
        self.taken[connection.account, connection.region, self.fold(connection.name)] -= 1


def _folding(parts: Parts, fold: Callable[[str], str]) -> Parts:
    index = _FoldedIndex(fold)
    for connection in parts.store:
        index.take(connection)
    return replace(parts, names=index)


@mutant("name.case-folded", caught_by=("connection.name.exact",))
def case_folded(parts: Parts) -> Parts:
    """Take a name for taken where another differs from it in case alone.

    MySQL's usual collation compares so, and the author's unique key lives there. What is stored keeps its case.
    """
    return _folding(parts, str.casefold)


@mutant("name.normal-forms-folded", caught_by=("connection.name.exact",))
def normal_forms_folded(parts: Parts) -> Parts:
    """Take a name for taken where another has the same Unicode normal form.

    The key of the table is normalised, as a guide to safe user names advises; the name beside it is not.
    """
    return _folding(parts, lambda name: unicodedata.normalize("NFC", name))


@mutant("name.outer-spaces-folded", caught_by=("connection.name.exact",))
def outer_spaces_folded(parts: Parts) -> Parts:
    """Take a name for taken where another differs from it in spaces at its ends.

    SQL compares CHAR columns as if they were padded, and trailing spaces count for nothing; or the lookup strips.
    """
    return _folding(parts, str.strip)


@mutant("name.compared-by-sixteen", caught_by=("connection.create.accepts", "connection.name.length"))
def compared_by_sixteen(parts: Parts) -> Parts:
    """Take a name for taken where another begins with the same sixteen characters.

    An index over a prefix of a text column is declared unique: `UNIQUE KEY (name(16))`.
    """
    return _folding(parts, lambda name: name[:_KEY_LENGTH])


@mutant("name.never-freed", caught_by=("connection.name.reusable",))
def never_freed(parts: Parts) -> Parts:
    """Keep the name of a deleted connection taken for ever.

    Rows are only marked as deleted, and the unique key does not know the mark.
    """

    class Index(_WrappedIndex):
        def release(self, connection: Connection) -> None:
            """Do nothing."""

    return replace(parts, names=Index(parts.names))


@mutant("name.freed-once", caught_by=("connection.name.reusable",))
def freed_once(parts: Parts) -> Parts:
    """Free a name at its first delete, and keep it taken after the second.

    The unique key is over the name and a mark for deleted rows: one living row and one deleted row fit beside each
    other, a second deleted one does not.
    """
    freed: set[tuple[str, str, str]] = set()

    class Index(_WrappedIndex):
        def release(self, connection: Connection) -> None:
            key = connection.account, connection.region, connection.name
            if key not in freed:
                freed.add(key)
                self.careful.release(connection)

    return replace(parts, names=Index(parts.names))


@mutant("name.freed-one-delete-late", caught_by=("connection.name.reusable",))
def freed_one_delete_late(parts: Parts) -> Parts:
    """Free the name of a deleted connection when the next connection is deleted.

    Deleted rows are swept at the beginning of a Delete, not at its end.
    """
    waiting: deque[Connection] = deque()

    class Index(_WrappedIndex):
        def release(self, connection: Connection) -> None:
            waiting.append(connection)
            if len(waiting) > 1:
                self.careful.release(waiting.popleft())

    return replace(parts, names=Index(parts.names))


@mutant("name.unique-among-recent", caught_by=("connection.name.unique",))
def unique_among_recent(parts: Parts) -> Parts:
    """Compare a new name with those of the ten newest connections only.

    The names lie in a small cache of recently used ones, and nobody asks what it has dropped.
    """

    class Index(_WrappedIndex):
        def is_taken(self, account: str, region: str, name: str) -> bool:
            if not self.careful.is_taken(account, region, name):
                return False
            recent = deque(parts.store.after(account, 0), maxlen=_RECENT)
            return any((connection.region, connection.name) == (region, name) for connection in recent)

    return replace(parts, names=Index(parts.names))


@mutant("name.unique-by-provider", caught_by=("connection.name.unique",))
def unique_by_provider(parts: Parts) -> Parts:
    """Accept a second connection of a name where its provider is another one.

    The key of the table is provider and name: two that the author never saw meet.
    """
    free = _ForgetfulIndex(careful=parts.names, store=parts.store, limit=0)

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            name, provider = call.members.text("ConnectionName"), call.members.optional_text("ProviderType")
            kin = any(
                connection.name == name and connection.provider_type == provider
                for connection in parts_now.store.after(call.caller.account, 0)
            )
            return careful(parts_now if kin else replace(parts_now, names=free), call)

        return create

    return handled_as(parts, "CreateConnection", change)


@mutant("name.unique-by-worker", caught_by=("connection.name.unique",))
def unique_by_worker(parts: Parts) -> Parts:
    """Keep the names in use in the memory of one of two workers, which take turns at Create.

    The connections lie in a database that all share; the set of names was a quick addition, and a worker has its own.
    """
    turns = iter(range(2**62))
    worker_of: dict[tuple[str, str], int] = {}

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            worker, name = next(turns) % 2, (call.caller.account, call.members.text("ConnectionName"))
            if worker_of.get(name, worker) != worker:
                parts_now = replace(
                    parts_now, names=_ForgetfulIndex(careful=parts.names, store=parts_now.store, limit=0)
                )
            answer = careful(parts_now, call)
            worker_of[name] = worker
            return answer

        return create

    return handled_as(parts, "CreateConnection", change)


@mutant("name.freed-by-a-refusal", caught_by=("connection.name.unique",))
def freed_by_a_refusal(parts: Parts) -> Parts:
    """Refuse a second connection of a name, and accept the third.

    The refusal is thrown inside a block that gives the name back on any error, also where somebody else holds it.
    """

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            try:
                return careful(parts_now, call)
            except Refusal as refusal:
                if refusal.code == "ResourceAlreadyExistsException":
                    _free(parts_now, call)
                raise

        return create

    return handled_as(parts, "CreateConnection", change)


@mutant("name.all-freed-by-a-delete", caught_by=("connection.name.unique",))
def all_freed_by_a_delete(parts: Parts) -> Parts:
    """Forget every name of the account when one of its connections is deleted.

    The names are cached by account, Delete throws the cache away, and only a new process fills it again.
    """

    class Index(_WrappedIndex):
        def release(self, connection: Connection) -> None:
            self.careful.release(connection)
            for other in parts.store.after(connection.account, 0):
                self.careful.release(other)

    return replace(parts, names=Index(parts.names))


@mutant("name.unique-in-ascii", caught_by=("connection.name.unique",))
def unique_in_ascii(parts: Parts) -> Parts:
    """Accept a second connection of a name that holds a character beyond ASCII.

    The lookup encodes the name and the table holds it decoded, so the two are only alike where the encoding is no
    matter.
    """

    class Index(_WrappedIndex):
        def is_taken(self, account: str, region: str, name: str) -> bool:
            return name.isascii() and self.careful.is_taken(account, region, name)

    return replace(parts, names=Index(parts.names))


def _free(parts: Parts, call: Call) -> None:
    """Give back the name that a Create asked for, whoever holds it."""
    name = call.members.text("ConnectionName")
    for connection in parts.store.after(call.caller.account, 0):
        if connection.name == name and connection.region == call.caller.region:
            parts.names.release(connection)
