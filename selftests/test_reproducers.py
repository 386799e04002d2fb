"""The scripts for a finding are executed: each fails where the fault is, and passes against the reference."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from in_memory import Reference, finding_of, search_for

from assay.budget import Budget
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Send, Walk
from assay.recipe import Recipe
from assay.reference import BackgroundReference
from assay.reproducers import reproducers
from assay.session import open_session
from assay.settings import Settings
from selftests.histories import NEWEST, contract_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.book import Finding

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "harmless"

AWS = """#!{python}
import json, sys
import boto3
from botocore.exceptions import ClientError
words = sys.argv[1:]
option = dict(zip(words[2::2], words[3::2]))
client = boto3.client(words[0], endpoint_url=option["--endpoint-url"], region_name=option["--region"])
try:
    answer = getattr(client, words[1].replace("-", "_"))(**json.loads(option["--cli-input-json"]))
except ClientError as error:
    print(f"An error occurred ({{error.response['Error']['Code']}}) when calling: {{error}}", file=sys.stderr)
    sys.exit(254)
answer.pop("ResponseMetadata")
print(json.dumps(answer, indent=4))
"""
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


def executed(kind: str, script: str, url: str, stub: str, place: Path) -> tuple[int, str]:
    """The exit code of a script, and what it said."""
    file = place / f"script.{kind}"
    file.write_text(script, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "PATH": f"{stub}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1",
    }
    ended = subprocess.run(
        [sys.executable if kind == "python" else "sh", str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize(("mutant", "law", "program"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_every_kind_shows_the_fault_and_passes_without_it(  # noqa: PLR0913, PLR0917 - fixtures
    mutant: str, law: str, program: Program, reference: str, stub: str, tmp_path: Path
) -> None:
    """Exit code 1 with the law's sentence, 0 against the reference, curl's twice in a row, and nothing left behind."""
    finding = found(mutant, law, program)
    scripts = reproducers(finding, contract_of(NEWEST)).scripts
    assert set(scripts) == {"python", "curl", "aws_cli"}
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
    client = boto3.client(
        "codestar-connections",
        endpoint_url=reference,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    assert client.list_connections()["Connections"] == []


def test_no_script_is_made_for_what_scripts_cannot_sign_and_the_reason_is_told() -> None:
    """They sign as everybody does, or badly in ways that they know."""
    finding = found(*FAULTS[0])
    finding.calls = (*finding.calls[:-1], replace(finding.calls[-1], signing="presigned-query"))
    made = reproducers(finding, contract_of(NEWEST))
    assert made.scripts == {}
    assert set(made.missing) == {"python", "curl", "aws_cli"}
    assert made.missing["python"] == "a script cannot sign as it was signed: presigned-query"


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


@contextmanager
def guarded(mutant: str | None) -> Iterator[str]:
    """A server that checks signatures, and knows the caller of these tests alone."""
    server = BackgroundReference(
        edition=NEWEST[1], mutant=mutant, verify_signatures=True, credentials={KEY: SECRET}
    )
    server.start()
    try:
        yield server.endpoint_url
    finally:
        server.stop()


def found_at(url: str, law: str, program: Program) -> Finding:
    """What a search at a server that is really there finds by a program."""
    settings = Settings(endpoint_url=url, edition=NEWEST[1], report_dir=tempfile.mkdtemp())
    with open_session(settings) as session:
        for _ in range(60):  # where it is a race, one has to be met
            session.search.examine(program, session.search.budget)
            if session.search.book.broken(law) is not None:
                break
        return finding_of(session.search, law)


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
        client = boto3.client("codestar-connections", endpoint_url=right, region_name="us-east-1")
        assert client.list_connections()["Connections"] == []


def test_an_order_that_nobody_can_explain_has_no_script_and_the_reason_is_told() -> None:
    """Which of the answers is the wrong one takes a search."""
    finding = found(*FAULTS[0])
    finding.law = "concurrent.linearizable"
    first, *others = finding.calls
    finding.calls = (replace(first, end=others[-1].end), *others)
    made = reproducers(finding, contract_of(NEWEST))
    assert made.scripts == {}
    assert set(made.missing.values()) == {
        "what is broken is the order of calls that overlapped, which no script of a page can look at"
    }


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
