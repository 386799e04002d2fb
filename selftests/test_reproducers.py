"""The scripts for a finding are executed: each fails where the fault is, and passes against the reference."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from in_memory import Reference, finding_of, search_for

from assay.budget import Budget
from assay.history import Accepted
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Send, Walk
from assay.recipe import Recipe
from assay.reference import BackgroundReference
from assay.reproducers import reproducers
from selftests.histories import NEWEST, contract_of
from selftests.scripts import AWS, KEY, SECRET, executed, found_at, guarded, left_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from assay.book import Finding
    from assay.history import Call

#: A mutant, the law that it breaks, and a program that shows it.
FAULTS: tuple[tuple[str, str, Program], ...] = (
    ("name.duplicate-accepted", "connection.name.unique", Program((Create(0), Create(1)))),
    (
        "list.offset-token",
        "connection.list.complete",
        Program((Fill(100, 2), Walk(1, between=((1, Delete(Arn(100))),)))),
    ),
    ("delete.stays-listed", "connection.delete.removes", Program((Create(0), Delete(Arn(0)), List()))),
    ("list.first-item-repeated", "connection.list.once", Program((Fill(100, 3), Walk(2)))),
    ("status.available-at-once", "connection.status.pending", Program((Create(0), Get(Arn(0))))),
)


def accepted_by(call: Call) -> Mapping[str, Any]:
    return call.outcome.output if isinstance(call.outcome, Accepted) else {}


def found(mutant: str, law: str, program: Program) -> Finding:
    search = search_for(Reference(mutant), {law})
    search.examine(program, Budget())
    return finding_of(search, law)


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with an `aws` that sends what the AWS CLI would send, through boto3."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "aws").write_text(AWS.format(python=sys.executable), encoding="utf-8")
    (folder / "aws").chmod(0o755)
    return str(folder)


@pytest.fixture(scope="module")
def reference() -> Iterator[str]:
    yield from served(None)


def served(mutant: str | None) -> Iterator[str]:
    server = BackgroundReference(edition=NEWEST[1], mutant=mutant)
    server.start()
    try:
        yield server.endpoint_url
    finally:
        server.stop()


@pytest.mark.parametrize(("mutant", "law", "program"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_every_kind_shows_the_fault_and_passes_without_it(  # noqa: PLR0913, PLR0917 - fixtures
    mutant: str, law: str, program: Program, reference: str, stub: str, tmp_path: Path
) -> None:
    """Exit code 1 with the law's sentence, 0 against the reference, curl's twice in a row, and nothing left behind."""
    finding = found(mutant, law, program)
    scripts = reproducers(finding, contract_of(NEWEST)).scripts
    assert set(scripts) == {"python", "curl", "aws_cli"}
    given = [str(word) for call in finding.calls for word in accepted_by(call).values()]
    assert not any(word in script for word in given if word.startswith("arn:") for script in scripts.values())
    row = contract_of(NEWEST).laws[law]
    sentence = row.sentence if finding.clause is None else row.clauses[finding.clause].sentence
    for faulty in served(mutant):
        for kind, script in scripts.items():
            code, said = executed(kind, script, faulty, stub, tmp_path)
            assert code == 1, f"{kind}:\n{script}\n{said}"
            assert f"broken: {sentence}" in said
            assert KEY not in script + said
            assert f"={SECRET}" not in script
            code, said = executed(kind, script, reference, stub, tmp_path)
            assert code == 0, f"{kind}:\n{script}\n{said}"
    assert executed("curl", scripts["curl"], reference, stub, tmp_path)[0] == 0
    assert left_at(reference) == 0


def test_no_script_is_made_of_what_the_cli_printed_and_the_reason_is_told() -> None:
    """Nobody saw the answer that it was made of."""
    finding = found(*FAULTS[0])
    finding.calls = (*finding.calls[:-1], replace(finding.calls[-1], leg="cli", signing="old-date"))
    made = reproducers(finding, contract_of(NEWEST))
    assert made.scripts == {}
    assert set(made.missing) == {"python", "curl", "aws_cli"}
    assert made.missing["python"] == "it is about what the AWS CLI printed"


def test_no_script_is_made_of_a_body_too_deep_to_read() -> None:
    """A parser that gives up there is no fault of the finding's."""
    finding = found(*FAULTS[0])
    last = finding.calls[-1]
    deep = replace(last, request=replace(last.request, body=b'{"Tags":' + b"[" * 100_000))
    finding.calls = (*finding.calls[:-1], deep)
    assert reproducers(finding, contract_of(NEWEST)).scripts == {}


#: A mutant, the law that it breaks, a program that shows it, and what no client would send in it.
EXACT: tuple[tuple[str, str, Program, str], ...] = (
    (
        "race.name-check-2ms",
        "concurrent.name.unique",
        Program((Parallel(tuple((Create(number, Name(0)),) for number in range(4))),)),
        "at_once(",
    ),
    (
        "list.offset-token",
        "concurrent.list.stable",
        Program((Fill(100, 2), Parallel(((Walk(1),), (Delete(Arn(100)),))))),
        "at_once(",
    ),
    (
        "json.trailing-comma",
        "wire.malformed-json",
        Program((Send(recipe=Recipe(base="create", body="{<members>,}")),)),
        "raw(",
    ),
    (
        "target.long-only",
        "wire.target",
        Program((Send(recipe=Recipe(base="list", target="<short>.<operation>")),)),
        "raw(",
    ),
    ("auth.missing-accepted", "auth.missing", Program((List(signing="missing"),)), "'missing'"),
    ("auth.unknown-key-accepted", "auth.unknown-key", Program((List(signing="unknown-key"),)), "'unknown-key'"),
    ("auth.good-for-a-day", "auth.expired", Program((List(signing="old-date"),)), "now -="),
    ("auth.any-service", "auth.signature", Program((List(signing="wrong-service"),)), "service = "),
    ("auth.declared-hash-trusted", "auth.tampered", Program((List(signing="tampered-declared"),)), "Sha256"),
    ("auth.target-exchanged", "auth.tampered", Program((List(signing="tampered-target"),)), "TARGET + "),
)


@pytest.mark.parametrize(("mutant", "law", "program", "unusual"), EXACT, ids=[fault[0] for fault in EXACT])
def test_a_script_that_writes_its_own_bytes_shows_the_fault_and_passes_without_it(  # noqa: PLR0913, PLR0917 - fixtures
    mutant: str, law: str, program: Program, unusual: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raw requests, odd signatures and calls at once; what it made is deleted, and no secret stands in it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with guarded(mutant) as faulty:
        finding = found_at(faulty, law, program)
        made = reproducers(finding, contract_of(NEWEST))
        assert set(made.missing) >= {"curl", "aws_cli"} - made.scripts.keys()
        script = made.scripts["python"]
        assert unusual in script
        assert KEY not in script
        assert SECRET not in script
        code, said = executed("python", script, faulty, "", tmp_path)
        assert code == 1, f"{script}\n{said}"
        assert "broken: " in said
    with guarded(None) as right:
        code, said = executed("python", script, right, "", tmp_path)
        assert code == 0, f"{script}\n{said}"
        assert left_at(right) == 0


def test_a_script_needs_an_endpoint_and_never_takes_aws_for_one(tmp_path: Path, stub: str) -> None:
    """Without AWS_ENDPOINT_URL it ends before a packet is sent, and says that it cannot say."""
    finding = found(*FAULTS[0])
    scripts = dict(reproducers(finding, contract_of(NEWEST)).scripts)
    finding.calls = tuple(replace(call, start=0.0, end=1.0) for call in finding.calls)
    finding.law = "concurrent.name.unique"
    scripts["at once"] = reproducers(finding, contract_of(NEWEST)).scripts["python"]
    for kind, script in scripts.items():
        code, said = executed("python" if kind == "at once" else kind, script, "", stub, tmp_path)
        assert code == 2, kind
        assert "AWS_ENDPOINT_URL" in said
