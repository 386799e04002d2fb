"""What each process of a run found out, and what all of them found out together.

A run that is split over workers (`assay.crew`) is still one run with one book: tallies, calls and clean-ups add up, a
note that two have written is one note, and of a law that two found broken the finding stays that is told in the fewest
calls. Who found it, and in which order, makes no difference. Nothing here knows processes or files.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from assay.book import Book, Finding, Tally
from assay.coverage import Coverage
from assay.observations import Told
from assay.results import Cleanup

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from assay.contract import Contract
    from assay.coverage import Counts
    from assay.errors import AssayError
    from assay.results import TargetFacts
    from assay.target import Serving

__all__ = ["Part", "joined"]

_UNKNOWN_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one process found out, as a value that another can read.

    `book` has no observations, and no coverage unless it is joined.
    `serving` is None where the endpoint was not found to serve anything; `trouble` is what ended it early, where
    something did. `ledgers` are the names of those that it wrote.
    """

    book: Book
    coverage: Counts | None
    observations: Sequence[Mapping[str, Any]]
    target: TargetFacts
    serving: Serving | None = None
    cleanup: Cleanup = field(default_factory=Cleanup)
    unsupported: Mapping[str, str] = field(default_factory=dict)
    limits_reached: tuple[str, ...] = ()
    trouble: AssayError | None = None
    interrupted: bool = False
    ledgers: tuple[str, ...] = ()


def joined(parts: Sequence[Part], contract: Contract) -> Part:
    """Several parts as one, whose book has the coverage; there is at least one part.

    Trouble is the gravest that any of them had. Who was interrupted after trouble was stopped because of it.
    """
    served = [part for part in parts if part.serving is not None] or list(parts)
    trouble = min((part.trouble for part in parts if part.trouble is not None), key=_gravity, default=None)
    book = reduce(_with, (part.book for part in parts), Book())
    counts = [part.coverage for part in parts if part.coverage is not None]
    book.coverage = Coverage(contract)
    for each in counts:
        book.coverage.add_counts(each)
    return replace(
        parts[0],
        book=book,
        observations=Told([part.observations for part in parts]).as_json(),
        target=next((part.target for part in served if part.target.account is not None), served[0].target),
        serving=served[0].serving,
        unsupported={law: why for part in served for law, why in part.unsupported.items()},
        cleanup=Cleanup(
            created=sum(part.cleanup.created for part in parts),
            deleted=sum(part.cleanup.deleted for part in parts),
            left_behind=tuple(each for part in parts for each in part.cleanup.left_behind),
        ),
        limits_reached=_once(limit for part in parts for limit in part.limits_reached),
        trouble=trouble,
        interrupted=trouble is None and any(part.interrupted for part in parts),
        ledgers=_once(ledger for part in parts for ledger in part.ledgers),
    )


def _gravity(trouble: AssayError) -> int:
    """Faults of our own first: then nothing else can be believed."""
    return 0 if trouble.exit_code == 3 else 1  # noqa: PLR2004 - the exit code of such faults


def _with(book: Book, other: Book) -> Book:
    """A book and another of the same run, as one."""
    for law, tally in other.tallies.items():
        book.tallies[law] = _sum(book.tally(law), tally)
    _keep_the_plainer(book.findings, other.findings)
    _keep_the_plainer(book.known, other.known)
    for way, ids in other.ways.items():
        book.ways.setdefault(way, {}).update(ids)
    for own, more in (
        (book.calls_by_operation, other.calls_by_operation),
        (book.calls_by_outcome, other.calls_by_outcome),
    ):
        for word, calls in more.items():
            own[word] = own.get(word, 0) + calls
    book.expected |= other.expected
    book.programs += other.programs
    book.latencies.extend(other.latencies)
    book.lag = max(book.lag, other.lag)
    book.unknown = [*book.unknown, *other.unknown][:_UNKNOWN_KEPT]
    book.notes = list(_once([*book.notes, *other.notes]))
    return book


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        examples=one.examples + other.examples,
        calls=one.calls + other.calls,
        breaches=one.breaches + other.breaches,
        duration=one.duration + other.duration,
        undecided=one.undecided or other.undecided,
        cut_off=one.cut_off or other.cut_off,
        missing={**one.missing, **other.missing},
    )


def _keep_the_plainer(own: dict[Any, Finding], more: Mapping[Any, Finding]) -> None:
    for key, finding in more.items():
        rival = own.get(key)
        own[key] = finding if rival is None else min(rival, finding, key=_length)
        if rival is not None:
            first = min(rival, finding, key=lambda each: each.found_at[1])
            own[key] = replace(own[key], found_at=first.found_at)


def _length(finding: Finding) -> tuple[bool, int, int, str]:
    """How long it takes to tell a finding; one that did not show itself again is told last."""
    return (not finding.shows[0], len(finding.calls), len(str(finding.program)), finding.id)


def _once(values: Iterable[Hashable]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
