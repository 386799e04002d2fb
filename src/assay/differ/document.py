"""What two endpoints differ in, as JSON values: the one source of what is shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.history import as_record
from assay.program_json import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.differ.search import Differ, Difference
    from assay.results import Cleanup, TargetFacts

__all__ = ["as_document"]


def as_document(
    differ: Differ, targets: Sequence[TargetFacts], cleanups: Sequence[Cleanup], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Differences about laws first, then those that the contract leaves open, then observations; `facts` of the run."""
    ordered = sorted(differ.differences.values(), key=lambda each: (not each.is_about_a_law, each.contrast.operation))
    return {
        "schema_version": 1,
        "service": differ.contract.service,
        "edition": differ.contract.edition,
        **facts,
        "programs": differ.programs,
        "sides": [
            {
                "letter": side.letter,
                "endpoint_url": target.endpoint_url,
                "fingerprint": dict(target.fingerprint),
                "calls": sum(side.search.book.calls_by_operation.values()),
                "cleanup": {
                    "created": cleanup.created,
                    "deleted": cleanup.deleted,
                    "left_behind": [{"arn": arn, "name": name} for arn, name in cleanup.left_behind],
                },
            }
            for side, target, cleanup in zip(differ.sides, targets, cleanups, strict=True)
        ],
        "differences": [_difference(each, differ) for each in ordered],
        "unsteady": len(differ.unsteady),
        "observations": _observations(differ),
    }


def _difference(difference: Difference, differ: Differ) -> dict[str, Any]:
    contrast, laws = difference.contrast, differ.contract.laws
    return {
        "operation": contrast.operation,
        "aspect": contrast.aspect,
        "a": contrast.of_a,
        "b": contrast.of_b,
        "kind": "law" if difference.is_about_a_law else "open",
        "laws": [
            {"id": law, "sentence": laws[law].sentence, "broken_by": list(letters)}
            for law, letters in difference.laws.items()
        ],
        "program": to_json(difference.program),
        "steps": [str(step) for step in difference.program.steps],
        "rows": [{"asked": row.asked, "a": row.of_a, "b": row.of_b, "differs": row.differs} for row in difference.rows],
        "histories": {
            side: [as_record(call) for call in history]
            for side, history in zip(("a", "b"), difference.histories, strict=True)
        },
        "shrunk": {"calls": difference.shrunk_calls, "seconds": difference.shrunk_seconds},
    }


def _observations(differ: Differ) -> list[dict[str, Any]]:
    """What both sides were seen to do, and did differently."""
    both = [side.search.book.observations for side in differ.sides]
    mine, yours = ([] if each is None else each.as_json() for each in both)
    return [
        {"id": one["id"], "sentence": one["sentence"], "a": one["value"], "b": other["value"]}
        for one, other in zip(mine, yours, strict=True)
        if None not in {one["value"], other["value"]} and one["value"] != other["value"]
    ]
