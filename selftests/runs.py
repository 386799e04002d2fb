"""Runs that were made up by hand: a book, the facts around it, and the results that are built from them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from assay.book import Book, Finding
from assay.contract import Contract, load_contract
from assay.history import Accepted, Call, Outcome, Refused, Request, Response
from assay.laws import JUDGES, Breach
from assay.program import Create, Program
from assay.results import Cleanup, TargetFacts, build
from assay.suite import specs_root

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from assay.errors import AssayError
    from assay.expectations import Entry

ARN = "arn:aws:codestar-connections:us-east-1:123456789012:connection/0b69c731-0000-4000-8000-00000000000"
PROGRAM = Program((Create(0), Create(1)))


@cache
def contract(edition: str | None = None) -> Contract:
    return load_contract("codestar-connections", edition, specs=specs_root())


def call(index: int, name: str = "mine", outcome: Outcome | None = None, operation: str = "CreateConnection") -> Call:
    """A call, a Create that was accepted unless something else is said."""
    return Call(
        index=index,
        operation=operation,
        input={"ConnectionName": name, "ProviderType": "Bitbucket"},
        start=index / 100,
        end=index / 100 + 0.002,
        outcome=outcome if outcome is not None else Accepted({"ConnectionArn": f"{ARN}{index}"}),
        request=Request("http://127.0.0.1:4566/", (("X-Amz-Target", "x"),), b"{}"),
        response=Response(200, (("content-type", "application/x-amz-json-1.0"),), b"\xff{}"),
    )


def finding(law: str, *, clause: str | None = None, calls: tuple[Call, ...] | None = None, **members: Any) -> Finding:
    """A finding of two Creates, the second of which breaks the law."""
    row = contract().laws[law]
    history = calls if calls is not None else (call(17), call(18))
    return Finding(
        law=law,
        clause=clause,
        force=members.pop("force", row.clauses[clause].force if clause else row.force),
        program=PROGRAM,
        breach=Breach(
            call=history[-1],
            expected=members.pop("expected", f"{ARN}17 keeps its name to itself"),
            actual=members.pop("actual", "accepted"),
            clause=clause,
        ),
        calls=history,
        found_at=(18, 0.42),
        first_steps=9,
        **members,
    )


def book(*findings: Finding, exercised: Collection[str] | None = None, unknown: int = 0, calls: int = 2) -> Book:
    """A book in which every judged law was exercised, or those that are named, and these findings stand."""
    made = Book()
    for law in exercised if exercised is not None else JUDGES:
        made.tally(law).examples, made.tally(law).calls = 3, 12
    for each in findings:
        made.findings[each.law, each.clause] = each
    for index in range(min(calls, 2)):
        made.count(call(index))
    made.calls_by_outcome = {"accepted": calls - unknown, **({"unknown": unknown} if unknown else {})}
    return made


def results(  # noqa: PLR0913 - one for each thing that a test turns
    made: Book,
    *,
    selected: Collection[str] | None = None,
    strict: bool = False,
    trouble: AssayError | None = None,
    interrupted: bool = False,
    limits: tuple[str, ...] = (),
    forces: dict[str, str] | None = None,
    left_behind: tuple[tuple[str, str | None], ...] = (),
    report_dir: str = ".assay",
    mutant: str | None = None,
    expected: Sequence[Entry] = (),
) -> dict[str, Any]:
    """The results of a run with this book against the reference."""
    laws = contract().laws

    def force(law: str, clause: str | None) -> str:
        return laws[law].clauses[clause].force if clause else (forces or {}).get(law, laws[law].force)

    return build(
        contract=contract(),
        selected=laws if selected is None else selected,
        book=made,
        settings=SimpleNamespace(
            effort="quick", seed=7, strict=strict, max_calls=None, time_limit=60.0, staleness=0.0, report_dir=report_dir
        ),
        target=TargetFacts(endpoint_url="http://127.0.0.1:4566", region="us-east-1", is_reference=True, mutant=mutant),
        serving=None,
        cleanup=Cleanup(created=4, deleted=4 - len(left_behind), left_behind=left_behind),
        started=datetime(2026, 11, 22, 12, tzinfo=UTC),
        duration_s=1.25,
        trouble=trouble,
        interrupted=interrupted,
        limits_reached=limits,
        run_id="run",
        forces=force,
        expected=expected,
    )


REFUSED = Refused("ValidationException", 400, "no")
