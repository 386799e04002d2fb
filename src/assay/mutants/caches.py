"""Faults of caches: an answer that was true once is given again.

All are of the calls of one account, after its own writes: no lag of replication explains them, and waiting cures none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assay.reference.connections import Connection
    from assay.reference.lists import Page, PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_LIST_MEMBERS = ("ProviderTypeFilter", "HostArnFilter", "NextToken")


def _question(call: Call) -> tuple[object, ...]:
    """What a List asks."""
    texts = (call.members.optional_text(name) for name in _LIST_MEMBERS)
    return (call.caller, call.members.optional_integer("MaxResults"), *texts)


def _then(handler: Handler, note: Callable[[Call], object]) -> Handler:
    """A handler, and what is to be done where it was successful."""

    def handle(parts: Parts, call: Call) -> Mapping[str, object]:
        answer = handler(parts, call)
        note(call)
        return answer

    return handle


@dataclass(slots=True)
class _Answers:
    """Answers of List by what was asked; each account has its own."""

    careful: Handler
    kept: dict[tuple[object, ...], Mapping[str, object]] = field(default_factory=dict)

    def __call__(self, parts: Parts, call: Call) -> Mapping[str, object]:
        question = _question(call)
        if question not in self.kept:
            self.kept[question] = self.careful(parts, call)
        return self.kept[question]

    def forget(self, call: Call) -> None:
        for question in [question for question in self.kept if question[0] == call.caller]:
            del self.kept[question]


@mutant("cache.list-outlives-creates", caught_by=("connection.list.complete", "connection.list.filter"))
def list_outlives_creates(parts: Parts) -> Parts:
    """Give the last answer of List again for the same question, until something else is asked or deleted.

    A cache of one entry in front of the slowest operation, and a Create that does not know of it.
    """
    answers = _Answers(parts.handlers["ListConnections"])

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        if _question(call) not in answers.kept:
            answers.forget(call)
        return answers(parts_now, call)

    delete = _then(parts.handlers["DeleteConnection"], answers.forget)
    return replace(parts, handlers=parts.handlers_with(ListConnections=list_connections, DeleteConnection=delete))


@mutant("cache.list-outlives-deletes", caught_by=("connection.delete.removes", "connection.list.truth"))
def list_outlives_deletes(parts: Parts) -> Parts:
    """Give an answer of List again for the same question until the next Create, whatever was deleted meanwhile.

    The cache is emptied by what adds to it; nobody thought of what takes away.
    """
    answers = _Answers(parts.handlers["ListConnections"])
    create = _then(parts.handlers["CreateConnection"], answers.forget)
    return replace(parts, handlers=parts.handlers_with(ListConnections=answers, CreateConnection=create))


@mutant("cache.second-list-lags", caught_by=("connection.list.complete", "connection.delete.removes"))
def second_list_lags(parts: Parts) -> Parts:
    """Show, at the second List after a write, what there was before that write.

    The session that wrote reads from the primary once, and from a replica then; the replica gets its changes when the
    next one comes.
    """
    before: dict[str, tuple[Connection, ...]] = {}
    reads: Counter[str] = Counter()
    careful_list = parts.handlers["ListConnections"]

    def writing(careful: Handler) -> Handler:
        def write(parts_now: Parts, call: Call) -> Mapping[str, object]:
            account = call.caller.account
            snapshot = tuple(parts_now.store.after(account, 0))
            answer = careful(parts_now, call)
            before[account] = snapshot
            reads[account] = 0
            return answer

        return write

    def lagging(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:  # noqa: ARG001 - as `listed` is
        return (connection for connection in before.get(account, ()) if connection.sequence > position)

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        account = call.caller.account
        reads[account] += 1
        is_second = reads[account] == 2 and account in before  # noqa: PLR2004 - the second, as the name says
        return careful_list(replace(parts_now, listed=lagging) if is_second else parts_now, call)

    handlers = parts.handlers_with(
        ListConnections=list_connections,
        CreateConnection=writing(parts.handlers["CreateConnection"]),
        DeleteConnection=writing(parts.handlers["DeleteConnection"]),
    )
    return replace(parts, handlers=handlers)


@mutant("cache.one-for-each-worker", caught_by=("connection.list.complete", "connection.delete.removes"))
def one_for_each_worker(parts: Parts) -> Parts:
    """Let two workers answer in turn, each with answers of List of its own, which only its own writes make it forget.

    A dict at the top of a module is one per process, and the server of the release build runs two.
    """
    workers = [_Answers(parts.handlers["ListConnections"]) for _ in range(2)]
    calls: Counter[str] = Counter()

    def in_turn(handler: Callable[[_Answers], Handler]) -> Handler:
        def handle(parts_now: Parts, call: Call) -> Mapping[str, object]:
            calls[call.caller.account] += 1
            return handler(workers[calls[call.caller.account] % 2])(parts_now, call)

        return handle

    def forgetting(careful: Handler) -> Handler:
        return in_turn(lambda worker: _then(careful, worker.forget))

    handlers = parts.handlers_with(
        ListConnections=in_turn(lambda worker: worker),
        GetConnection=in_turn(lambda _: parts.handlers["GetConnection"]),
        CreateConnection=forgetting(parts.handlers["CreateConnection"]),
        DeleteConnection=forgetting(parts.handlers["DeleteConnection"]),
    )
    return replace(parts, handlers=handlers)


@mutant("cache.size-not-in-key", caught_by=("connection.list.page-size",))
def size_not_in_key(parts: Parts) -> Parts:
    """Give a page again that was cut for another MaxResults, as long as nothing was written between.

    The key of the cache holds the list and the token, and the author took the token for all that makes a page.
    """
    pages: dict[tuple[bytes, str | None], Page] = {}

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        key = (wanted.binding, wanted.token)
        if key not in pages:
            pages[key] = parts.page(parts_now, wanted)
        return pages[key]

    handlers = parts.handlers_with(
        CreateConnection=_then(parts.handlers["CreateConnection"], lambda _: pages.clear()),
        DeleteConnection=_then(parts.handlers["DeleteConnection"], lambda _: pages.clear()),
    )
    return replace(parts, page=page, handlers=handlers)


@mutant("cache.filter-stays", caught_by=("connection.list.complete",))
def filter_stays(parts: Parts) -> Parts:
    """Apply the filter of one List to the next one too, where that has none.

    The query object is kept and filled in anew for each call, and an absent member leaves what was there.
    """
    last: dict[str, str] = {}

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.provider_type is not None:
            last[wanted.account] = wanted.provider_type
            return parts.page(parts_now, wanted)
        return parts.page(parts_now, replace(wanted, provider_type=last.pop(wanted.account, None)))

    return replace(parts, page=page)
