"""What is told of the findings: which comes first, which only follows from another, and each as JSON values.

One fault breaks many laws. The contract says which laws follow from which (`implied_by`), so a finding is *folded*
under the law that is closest to the fault: it is still there, it still counts, but it is told in one line. Two things
are never folded: a `must` under a `should`, because the graver would hide behind the lesser, and a law under itself
but for its clauses.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from assay.history import as_record
from assay.identity import shape_of
from assay.laws.registry import shown
from assay.program import steps_within
from assay.program_json import to_json
from assay.reproducers import reproducers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from assay.book import Finding
    from assay.contract import Contract

__all__ = ["as_json", "folded", "in_order", "printable"]


def folded(findings: Iterable[Finding], contract: Contract) -> dict[str, str | None]:
    """The law under which each finding is folded, by the finding's id; None where it stands for itself."""
    forces: dict[str, str] = {}
    for finding in findings:
        if forces.get(finding.law) != "must":
            forces[finding.law] = finding.force
    order = {law: place for place, law in enumerate(contract.laws)}
    under: dict[str, str | None] = {}
    for finding in findings:
        causes = [
            law
            for law in _causes(finding.law, contract)
            if law in forces and (finding.force, forces[law]) != ("must", "should")
        ]
        roots = [
            law for law in causes if not any(cause in forces and cause in causes for cause in _causes(law, contract))
        ]
        gravest = min(roots or causes, key=lambda law: (forces[law] != "must", order.get(law, 0)), default=None)
        if gravest is None and finding.force == "should" and forces[finding.law] == "must":
            gravest = finding.law
        under[finding.id] = gravest
    return under


def in_order(
    findings: Iterable[Finding],
    contract: Contract,
    under: Mapping[str, str | None],
    expected: Collection[str] = (),
) -> list[Finding]:
    """The findings as they are told: the unexpected first, causes, must before should, the order of the law file.

    `expected` are the ids of those that are known failures.
    """
    order = {law: place for place, law in enumerate(contract.laws)}
    return sorted(
        findings,
        key=lambda finding: (
            finding.id in expected,
            under[finding.id] is not None,
            finding.force != "must",
            order.get(finding.law, len(order)),
            finding.clause or "",
        ),
    )


def as_json(
    finding: Finding, contract: Contract, *, under: str | None, results_file: str, staleness: float = 0.0
) -> dict[str, Any]:
    """A finding as JSON values; its history is the smallest that breaks the law. Reads may lag by `staleness`."""
    law = contract.laws[finding.law]
    clause = law.clauses.get(finding.clause) if finding.clause is not None else None
    shows, of = finding.shows
    made = reproducers(finding, contract, staleness=staleness)
    return {
        "id": finding.id,
        "shape": list(shape_of(finding.breach)),
        "law": finding.law,
        "clause": finding.clause,
        "sentence": law.sentence if clause is None else clause.sentence,
        "force": finding.force,
        "expected": finding.breach.expected,
        "actual": finding.breach.actual,
        "breaks_at": finding.breach.call.index,
        "found_at": {"call": finding.found_at[0], "second": finding.found_at[1]},
        "shows": {"of": of, "times": shows},
        "left_over": finding.left_over,
        "folded_under": under,
        "program": to_json(finding.program),
        "steps": [str(step) for step in finding.program.steps],
        "history": [printable(as_record(call)) for call in finding.calls],
        "shrunk": {
            "calls": finding.shrunk_calls,
            "seconds": finding.shrunk_seconds,
            "from_steps": finding.first_steps,
            "to_steps": len(list(steps_within(finding.program))),
        },
        "reproducers": {
            "assay": f"assay replay {shlex.quote(results_file)} {finding.id}",
            **made.scripts,
        },
        "no_reproducers": dict(sorted(made.missing.items())),
    }


def printable(value: Any) -> Any:
    """JSON values that any reader takes: an endpoint may answer NaN, which Python reads and JSON does not know."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return _without_nan(value)
    except TypeError:
        return json.loads(json.dumps(value, default=repr))
    return value


def _without_nan(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _without_nan(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_nan(each) for each in value]
        case float():
            return value if value - value == 0.0 else shown(value)
        case _:
            return value


def _causes(law: str, contract: Contract) -> Sequence[str]:
    """Every law from which this one may follow, near ones first."""
    reached: dict[str, None] = {}
    ahead = [law]
    while ahead:
        known = contract.laws.get(ahead.pop(0))
        for cause in known.implied_by if known is not None else ():
            if cause not in reached:
                reached[cause] = None
                ahead.append(cause)
    return tuple(reached)
