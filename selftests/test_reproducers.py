"""The scripts for a finding are executed: each fails where the fault is, and passes against the reference."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from in_memory import Reference, finding_of, search_for

from assay.budget import Budget
from assay.program import Arn, Create, Delete, Fill, Get, List, Program, Walk
from assay.reference import BackgroundReference
from assay.reproducers import reproducers
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
    scripts = reproducers(finding, contract_of(NEWEST))
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


def test_no_script_is_made_for_what_scripts_cannot_sign() -> None:
    """They sign as everybody does."""
    finding = found(*FAULTS[0])
    finding.calls = (*finding.calls[:-1], replace(finding.calls[-1], signing="other-body"))
    assert reproducers(finding, contract_of(NEWEST)) == {}


def test_no_script_is_made_of_a_body_too_deep_to_read() -> None:
    """A parser that gives up there is no fault of the finding's."""
    finding = found(*FAULTS[0])
    last = finding.calls[-1]
    deep = replace(last, request=replace(last.request, body=b'{"Tags":' + b"[" * 100_000))
    finding.calls = (*finding.calls[:-1], deep)
    assert reproducers(finding, contract_of(NEWEST)) == {}


def test_a_script_needs_an_endpoint_and_never_takes_aws_for_one(tmp_path: Path, stub: str) -> None:
    """Without AWS_ENDPOINT_URL it ends before a packet is sent."""
    scripts = reproducers(found(*FAULTS[0]), contract_of(NEWEST))
    for kind, script in scripts.items():
        code, said = executed(kind, script, "", stub, tmp_path)
        assert code != 0, kind
        assert "AWS_ENDPOINT_URL" in said
