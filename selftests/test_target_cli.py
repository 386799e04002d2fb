"""The AWS CLI's leg and what wire.sdk says of it, with a program of that name in its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assay.history import Accepted, Call, Outcome, Raised, Refused, Returned, Unknown, as_record, from_record
from assay.laws import JUDGES, Remark
from assay.reference.background import BackgroundReference
from assay.target import HARMLESS, Credentials, Endpoint, Target
from assay.target.cli import read_printed
from selftests.histories import (
    Step,
    contract_of,
    create,
    delete,
    get,
    is_kept,
    is_silent,
    item,
    judged,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    world_of,
)

SDK = "wire.sdk"
MISSING = "ResourceNotFoundException"
SOURCE = str(Path(__file__).parent.parent / "src")
_PLANTED = Credentials(
    access_key_id="AKIDPLANTED", secret_access_key="planted/secret+key", session_token="planted/session+token"
)
_STUB = """#!{python}
import json, os, sys, time
open({seen!r}, "w").write(json.dumps([sys.argv[1:], dict(os.environ)]))
time.sleep({wait})
sys.stdout.write({out!r})
sys.stderr.write({err!r})
sys.exit({code})
"""


def _stub(folder: Path, *, out: str = "", err: str = "", code: int = 0, wait: float = 0) -> Path:
    """A program `aws` in a folder, which prints this; the file in which it writes what it was given."""
    seen = folder / "seen.json"
    program = folder / "aws"
    program.write_text(_STUB.format(python=sys.executable, seen=str(seen), out=out, err=err, code=code, wait=wait))
    program.chmod(0o755)
    return seen


def _called(operation: str, given: dict[str, object], *, timeout: float = 10.0) -> Call:
    target = Target(
        Endpoint.parse("http://127.0.0.1:9"), contract_of(), _PLANTED, "eu-west-1", timeout=timeout, ca_bundle="/ca.pem"
    )
    (call,) = target.call(operation, given, leg="cli")
    target.close()
    return call


def test_a_command_is_told_all_it_needs_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are in its environment, not among its words; what was the caller's configuration is not there."""
    seen = _stub(tmp_path, out='{"ConnectionArn": "arn:x planted/secret+key"}')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere")
    call = _called("CreateConnection", {"ConnectionName": "-our", "ProviderType": "Bitbucket"})
    words, environment = json.loads(seen.read_text())
    options = ["--connection-name=-our", "--provider-type=Bitbucket"]
    assert words[:4] == ["codestar-connections", "create-connection", *options]
    told = {"--endpoint-url": "http://127.0.0.1:9", "--region": "eu-west-1", "--ca-bundle": "/ca.pem"}
    for option, value in told.items():
        assert words[words.index(option) + 1] == value
    assert not any("planted" in word for word in words)
    assert environment["AWS_SESSION_TOKEN"] == "planted/session+token"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["AWS_MAX_ATTEMPTS"] == "1"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL"} & set(environment)
    assert call.outcome == Accepted({"ConnectionArn": "arn:x " + "*" * 18})
    assert call.sdk == Returned(call.outcome.output)
    assert (call.leg, call.response, call.index) == ("cli", None, 0)
    record = as_record(call)
    assert "planted" not in json.dumps(record)
    assert as_record(from_record(record)) == record


def test_what_no_command_says_goes_over_the_light_leg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI would read a file, or fetch a page; and where there is no CLI, nobody can."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _called("ListConnections", {}).leg == "light"
    seen = _stub(tmp_path)
    for name in ("file:///etc/passwd", "http://127.0.0.1:1/", "two\nlines", None, ["a"], True):
        assert _called("CreateConnection", {"ConnectionName": name}).leg == "light"
    assert not seen.exists()


def test_a_command_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stub(tmp_path, wait=60)
    monkeypatch.setenv("PATH", str(tmp_path))
    call = _called("ListConnections", {}, timeout=1.0)
    assert isinstance(call.outcome, Unknown)
    assert (call.outcome.reason, call.sdk) == ("timeout", None)
    assert call.end - call.start < 10


def test_a_command_is_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it was turned away for its rate."""
    _stub(tmp_path, err=_error("ThrottlingException"), code=254)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _called("ListConnections", {}).is_retried


def _error(code: str, message: str = "no") -> str:
    return f"\nAn error occurred ({code}) when calling the GetConnection operation: {message}\n"


@pytest.mark.parametrize(
    ("printed", "outcome"),
    [
        ((0, '{"Connections": []}', ""), Accepted({"Connections": []})),
        ((0, "", ""), Accepted({})),
        ((0, "[]", ""), None),
        ((0, "{", ""), None),
        ((0, "[" * 100_000, ""), None),
        ((0, json.dumps({"NextToken": "0a" * 32}), ""), None),
        ((254, "", _error(MISSING)), Refused(MISSING, 0, "no")),
        ((255, "", _error(MISSING)), Refused(MISSING, 0, "no")),
        ((254, "", _error(MISSING, "0a" * 32)), Refused(MISSING, 0, "***")),
        ((254, "", _error("InternalServerError")), None),
        ((254, "", _error("500")), None),
        ((252, "", "usage: aws [options]\naws: error: argument command: Invalid choice"), None),
        ((255, "", 'Could not connect to the endpoint URL: "http://127.0.0.1:9/"'), None),
    ],
)
def test_an_outcome_is_read_and_never_guessed(printed: tuple[int, str, str], outcome: Outcome | None) -> None:
    """What may have been a 5xx is no refusal."""
    found, view = read_printed(contract_of(), printed)
    assert found == outcome or (outcome is None and isinstance(found, Unknown))
    assert not isinstance(found, Refused) or view == Raised("ClientError", found.code)


def _between(step: Step, witness: Step, after: Step | None = None) -> list[Step]:
    return [witness, step, witness if after is None else after]


def test_a_command_that_is_answered_like_its_witnesses_keeps_the_law() -> None:
    """All four operations, and an error by its name."""
    assert is_kept(SDK, story(made("1").by_cli()))
    assert is_kept(SDK, story(delete("1").by_cli()))
    for step in (get("1"), listing().shows("1"), get("1").not_found()):
        kept, broken = judged(SDK, story(*_between(step.by_cli(), step)))
        assert (len(kept), broken) == (1, [])


def test_a_command_that_is_not_answered_like_its_witnesses_is_a_breach() -> None:
    """Refused where they are served, without a member, served where they are refused, or by another name."""
    refused = get("1").not_found()
    for step, witness in (
        (refused, get("1")),
        (get("1").answers({}), get("1")),
        (get("1").answers({"Connection": item("1", name="x")}), get("1")),
        (listing().answers({}), listing().shows("1")),
        (get("1"), refused),
        (replace(get("1").unknown("unreadable"), sdk=None), refused),
    ):
        view = Raised("ClientError", "400") if isinstance(step.outcome, Unknown) else None
        history = story(*_between(step.by_cli(view), witness))
        assert the_breach(SDK, history).call is history.calls[1]
    assert "ConnectionArn" in the_breach(SDK, story(create("our-1").answers({}).by_cli())).expected


def test_nothing_is_judged_to_which_nobody_can_testify() -> None:
    """A witness that disagrees or is not there, a write between, an error's type in a header; and what is not clear."""
    served, refused = get("1"), get("1").not_found()
    assert is_silent(SDK, story(refused.by_cli()))
    assert is_silent(SDK, story(served, refused.by_cli()))
    assert is_silent(SDK, story(served, refused.by_cli(), refused))
    assert is_silent(SDK, story(served, create("our-2"), refused.by_cli(), served))
    assert is_silent(SDK, story(served, refused.by_cli(), get("2"), create("our-2"), served))
    in_header = get("1").raw(400, "{}", ("x-amzn-ErrorType", MISSING))
    for steps in (
        _between(refused.by_cli(Raised("ClientError", "400")), in_header),
        [create("our-1").by_cli()],
        [get("1").unknown().by_cli()],
    ):
        history = story(*steps)
        assert is_silent(SDK, history)
        assert any(isinstance(ruling, Remark) for ruling in JUDGES[SDK](world_of(history)))


def test_no_other_law_judges_what_nobody_saw() -> None:
    """An answer that breaks half of the laws, a refusal for nothing, silence; but what is made is known."""
    silence = [get("1").unknown().by_cli(), listing().unknown().by_cli(), delete("2").unknown().by_cli()] * 4
    strange = [get("1").answers({"Connection": 5}).by_cli(), listing().answers({"Connections": 5}).by_cli()]
    history = story(create("our-9").refused().by_cli(), *silence, *strange, delete("3").answers({}).by_cli())
    for law in JUDGES:
        assert law == SDK or no_breach(law, history)
        assert law == SDK or not law.startswith("wire.") or is_silent(law, history)
    assert set(world_of(story(made("1").by_cli())).ours)


def test_the_reference_is_reached_by_a_command_over_boto3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small `aws` that calls as the CLI does: Create, Get, List, Delete, and Get of what is gone."""
    program = tmp_path / "aws"
    program.write_text(_OVER_BOTO3.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with BackgroundReference() as reference:
        target = Target(Endpoint.parse(reference.endpoint_url), contract_of(), HARMLESS, "us-east-1")
        (call,) = target.call("CreateConnection", {"ConnectionName": "a", "ProviderType": "Bitbucket"}, leg="cli")
        assert isinstance(call.outcome, Accepted)
        named = {"ConnectionArn": call.outcome.output["ConnectionArn"]}
        calls = [
            target.call(operation, given, leg="cli")[0]
            for operation, given in (
                ("GetConnection", named),
                ("ListConnections", {"MaxResults": 1}),
                ("DeleteConnection", named),
                ("GetConnection", named),
            )
        ]
        target.close()
    got, listed, deleted, gone = (each.outcome for each in calls)
    assert isinstance(got, Accepted)
    assert got.output["Connection"]["ConnectionName"] == "a"
    assert isinstance(listed, Accepted)
    assert len(listed.output["Connections"]) == 1
    assert deleted == Accepted({})
    assert isinstance(gone, Refused)
    assert (gone.code, gone.status) == (MISSING, 0)
    assert {each.leg for each in calls} == {"cli"}


_OVER_BOTO3 = """#!{python}
import json, sys
import boto3
from botocore.exceptions import ClientError
service, command, *words = sys.argv[1:]
given = dict(word[2:].split("=", 1) for word in words if "=" in word)
url = words[words.index("--endpoint-url") + 1]
client = boto3.client(service, endpoint_url=url, region_name="us-east-1")
members = {{"".join(part.title() for part in name.split("-")): value for name, value in given.items()}}
if "MaxResults" in members:
    members["MaxResults"] = int(members["MaxResults"])
try:
    answer = getattr(client, command.replace("-", "_"))(**members)
except ClientError as error:
    sys.exit(str(error))
del answer["ResponseMetadata"]
print(json.dumps(answer) if answer else "")
"""


def test_a_run_without_the_cli_says_so(tmp_path: Path) -> None:
    """In a note, and in no verdict: the law has other tests."""
    subprocess.run(
        [sys.executable, "-m", "assay", "run", "--law", SDK, "--effort", "deep", "--max-calls", "30", "--quiet"],
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": SOURCE},
        capture_output=True,
        timeout=120,
        check=False,
    )
    document = json.loads((tmp_path / ".assay" / "results.json").read_text(encoding="utf-8"))
    assert "the AWS CLI was not tried: no aws on PATH" in document["notes"]
