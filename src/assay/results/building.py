"""Put the results together: one document from the book, the contract and the facts of the run.

A pure function: the clock, the endpoint and the files are elsewhere, and what comes out is JSON values that
`results.schema.json` describes. The exit code stands in it, so that whoever started the run in another process need
not work it out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from assay import __version__, suite
from assay.coverage import Coverage
from assay.expectations import match
from assay.observations import Observations
from assay.results import findings as telling
from assay.results.expecting import held_against, surroundings
from assay.results.verdicts import exit_code, run_verdict, verdict
from assay.target.probe import NotServed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from assay.book import Book, Finding
    from assay.contract import Contract, Law
    from assay.errors import AssayError
    from assay.expectations import Entry
    from assay.results.facts import Cleanup, SettingsLike, TargetFacts
    from assay.results.verdicts import Verdict
    from assay.target import Serving

__all__ = ["SCHEMA_VERSION", "build"]

SCHEMA_VERSION: Final = 1
_RESULTS_FILE: Final = "results.json"
_PERCENTILES: Final = (50, 95, 99)


def build(  # noqa: PLR0913 - the results of everything, from everything
    *,
    contract: Contract,
    selected: Collection[str],
    book: Book,
    settings: SettingsLike,
    target: TargetFacts,
    serving: Serving | None,
    cleanup: Cleanup,
    started: datetime,
    duration_s: float,
    trouble: AssayError | None,
    interrupted: bool,
    limits_reached: tuple[str, ...],
    run_id: str | None,
    forces: Callable[[str, str | None], str],
    expected: Sequence[Entry] = (),
    unsupported: Mapping[str, str] | None = None,
    observed: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The results of a run as JSON values.

    `selected` are the ids of the laws that were asked for. `trouble` is what ended the run early, where something
    did; `forces` gives the force of a law, or of a clause of it, as this run has it; `expected` are known failures,
    `unsupported` laws that this endpoint is not held to, and why. `observed` are the
    observations, where the book has none of its own.
    """
    results_file = _results_file(settings)
    found = [finding for finding in book.every() if finding.law in selected]
    trouble_words = _trouble_words(trouble, interrupted=interrupted)

    def verdict_on(law: Law, findings: Sequence[Finding]) -> tuple[Verdict, str | None]:
        return verdict(
            law,
            book=book,
            forces=[finding.force for finding in findings if finding.law == law.id],
            strict=settings.strict,
            trouble=trouble_words,
            limits=limits_reached,
            unsupported=(unsupported or {}).get(law.id),
        )

    def verdict_of(law: str) -> tuple[str, str | None]:
        return verdict_on(contract.laws[law], found) if law in contract.laws and law in selected else ("absent", None)

    matched, expected_by = match(
        expected,
        [(finding.id, finding.law, finding.clause) for finding in found],
        verdict_of,
        surroundings(target, contract, started),
    )
    unexpected = [finding for finding in found if finding.id not in expected_by]
    # What nobody expects is never told under something that is expected.
    under = {**telling.folded(found, contract), **telling.folded(unexpected, contract)}
    ordered = telling.in_order(found, contract, under, expected_by)
    laws = []
    for law in contract.laws.values():
        if law.id not in selected:
            continue
        own = [finding for finding in ordered if finding.law == law.id]
        word, reason = held_against(law.id, verdict_on(law, unexpected), is_broken=bool(own), matched=matched)
        laws.append(
            {
                **_law(law, forces(law.id, None)),
                "verdict": word,
                "reason": reason,
                **_tally(law, book),
                "findings": [
                    {
                        **telling.as_json(
                            finding,
                            contract,
                            under=under[finding.id],
                            results_file=results_file,
                            staleness=settings.staleness,
                        ),
                        "also": [
                            way
                            for way in book.ways.get((finding.law, finding.clause), ())
                            if way != finding.id and way not in book.known
                        ],
                        "expected_by": [each.entry.what for each in expected_by.get(finding.id, ())],
                    }
                    for finding in own
                ],
            }
        )
    exercised = any(tally.examples for law, tally in book.tallies.items() if law in selected)
    code = exit_code(
        [(law["force"], law["verdict"]) for law in laws], exercised=exercised, trouble=trouble, interrupted=interrupted
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "assay": {"version": __version__, "suite_digest": suite.digest(contract.digest)},
        "run_id": run_id,
        "service": contract.service,
        "edition": contract.edition,
        "target": _target(target),
        "settings": {
            "effort": settings.effort,
            "strict": settings.strict,
            "max_calls": settings.max_calls,
            "time_limit": settings.time_limit,
            "staleness": settings.staleness,
        },
        "seed": settings.seed,
        "effort": settings.effort,
        "started": started.isoformat(timespec="seconds"),
        "duration_s": round(duration_s, 3),
        "verdict": run_verdict(code),
        "exit_code": code,
        "interrupted": interrupted,
        "trouble": None if trouble is None else {"message": trouble.message, "hint": trouble.hint},
        "limits_reached": list(limits_reached),
        "calls": _calls(book),
        "coverage": (book.coverage or Coverage(contract)).as_json(),
        "observations": list(observed or (book.observations or Observations(contract)).as_json()),
        "programs": book.programs,
        "lag_s": round(book.lag, 3),
        "cleanup": {
            "created": cleanup.created,
            "deleted": cleanup.deleted,
            "left_behind": [{"arn": arn, "name": name} for arn, name in cleanup.left_behind],
        },
        "results_file": results_file,
        "findings": [finding.id for finding in ordered],
        "expectations": [each.as_json() for each in matched],
        "laws": laws,
        "laws_left_out": len(contract.laws) - len(laws),
        "notes": [*_notes(target, serving), *book.notes],
    }


def _results_file(settings: SettingsLike) -> str:
    """Where the results lie, in the caller's own words."""
    folder = str(getattr(settings, "report_dir", None) or ".assay").replace("\\", "/").rstrip("/")
    return f"{folder}/{_RESULTS_FILE}"


def _trouble_words(trouble: AssayError | None, *, interrupted: bool) -> str | None:
    if trouble is not None:
        return trouble.message
    return "the run was interrupted" if interrupted else None


def _law(law: Law, force: str) -> dict[str, Any]:
    return {
        "id": law.id,
        "sentence": law.sentence,
        "force": force,
        "evidence": law.evidence,
        "source": list(law.source),
        "since": law.since,
    }


def _tally(law: Law, book: Book) -> dict[str, Any]:
    tally = book.tallies.get(law.id)
    if tally is None:
        return {"examples": 0, "calls": 0, "breaches": 0, "duration_s": 0.0}
    return {
        "examples": tally.examples,
        "calls": tally.calls,
        "breaches": tally.breaches,
        "duration_s": round(tally.duration, 3),
    }


def _target(target: TargetFacts) -> dict[str, Any]:
    return {
        "endpoint_url": target.endpoint_url,
        "region": target.region,
        "account": target.account,
        "is_reference": target.is_reference,
        "mutant": target.mutant,
        "liberties": list(target.liberties),
        "impostor": target.impostor,
        "fingerprint": dict(target.fingerprint),
        "credentials_source": target.credentials_source,
    }


def _calls(book: Book) -> dict[str, Any]:
    return {
        "total": sum(book.calls_by_operation.values()),
        "by_operation": dict(sorted(book.calls_by_operation.items())),
        "by_outcome": dict(sorted(book.calls_by_outcome.items())),
        "latency_ms": _percentiles(book.latencies),
    }


def _percentiles(seconds: Sequence[float]) -> Mapping[str, float] | None:
    """The latencies of which so many of a hundred are no longer; None where there was no call."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return {
        f"p{share}": round(ordered[max(0, -(-len(ordered) * share // 100) - 1)] * 1_000, 3) for share in _PERCENTILES
    }


def _notes(target: TargetFacts, serving: Serving | None) -> list[str]:
    """What a reader should know and no law says."""
    notes = []
    if target.credentials_source == "harmless":
        notes.append("no credentials were found, so harmless ones signed the requests: enough on loopback")
    if serving is None:
        return notes
    for name, served in serving.operations.items():
        if isinstance(served, NotServed):
            notes.append(f"{name} is not served: it {served.reason}")
    return notes
