"""Who completes a handshake: a door, a command or a person; and what a run does where nobody does."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from assay import cli
from assay.errors import UsageError
from assay.handshakes import Command, Person, SideDoor, words_of
from assay.history import Accepted, Outcome, Refused, Unknown
from assay.program import Arn, Create, Delete, Get, Handshake, Program, Walk
from assay.program_json import from_json, to_json
from assay.reference import BackgroundReference
from assay.reproducers import reproducers
from assay.target import Endpoint
from selftests.histories import arn
from selftests.in_memory import Reference, search_for
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAWS = ("connection.handshake.completes", "connection.handshake.only")
LIFE = Program((Create(0), Get(Arn(0)), Walk(), Handshake(Arn(0)), Get(Arn(0)), Walk(), Delete(Arn(0))))


class Noting:
    """Somebody who does nothing, says that it was done, and remembers who was to be completed."""

    def __init__(self, *, most: int = 100, is_dear: bool = False) -> None:
        self.most, self.is_dear, self.asked = most, is_dear, list[str]()

    @property
    def is_willing(self) -> bool:
        return len(self.asked) < self.most

    def complete(self, arn: str, name: str | None, seconds: float | None) -> Outcome:
        assert name is not None
        assert seconds is None or seconds >= 0
        self.asked.append(arn)
        return Accepted({})


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server


# -- the three who may do it


def test_the_door_completes_a_connection_and_refuses_what_is_not_there(reference: BackgroundReference) -> None:
    client = RawClient(reference.endpoint_url)
    made = client.create("through-the-door")
    door = SideDoor(Endpoint.parse(reference.endpoint_url))
    assert isinstance(door.complete(made, None, None), Accepted)
    assert client.get(made).members["Connection"]["ConnectionStatus"] == "AVAILABLE"
    client.delete(made)
    assert isinstance(door.complete(made, None, 5.0), Refused)


def test_a_door_that_is_not_there_leaves_it_open_what_was_done() -> None:
    assert isinstance(SideDoor(Endpoint.parse("http://127.0.0.1:9")).complete(arn("1"), None, 1.0), Unknown)


@pytest.mark.parametrize(("code", "kind"), [(0, Accepted), (3, Refused)])
def test_a_command_is_given_the_arn_behind_its_words(code: int, kind: type[Outcome], tmp_path: Path) -> None:
    note = tmp_path / "note"
    script = f"import sys; open({str(note)!r}, 'w').write(sys.argv[-1]); sys.exit({code})"
    command = Command(words_of(f"{shlex.quote(sys.executable)} -c {shlex.quote(script)} more"))
    assert isinstance(command.complete(arn("1"), None, None), kind)
    assert note.read_text() == arn("1")


def test_a_command_that_does_not_end_is_ended_and_nobody_knows_what_it_did() -> None:
    slow = Command([sys.executable, "-c", "import time; time.sleep(60)"])
    assert isinstance(slow.complete(arn("1"), None, 0.2), Unknown)
    assert isinstance(Command(["/nowhere/at/all"]).complete(arn("1"), None, None), Refused)


@pytest.mark.parametrize(
    ("typed", "kind"), [(b"\n", Accepted), (b"\r\n", Accepted), (b"s\n", Refused), (b"", Refused), (None, Unknown)]
)
def test_a_person_is_shown_the_console_and_presses_enter(
    typed: bytes | None, kind: type[Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    if typed is not None:
        os.write(writing, typed)
        os.close(writing)
    person = Person("eu-west-3", is_aws=True, input=reading)
    outcome = person.complete(arn("1"), "called\x1b[31m", 0.2 if typed is None else 30.0)
    os.close(reading)
    assert isinstance(outcome, kind)
    said = capsys.readouterr()
    assert said.out == ""
    assert "https://eu-west-3.console.aws.amazon.com/codesuite/settings/connections?region=eu-west-3" in said.err
    assert arn("1") in said.err
    assert "\x1b" not in said.err


def test_a_person_and_a_command_are_not_asked_for_ever() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    person, command = Person("eu-west-3", is_aws=False, input=reading), Command([sys.executable, "-c", ""])
    for shaker, most in ((person, 4), (command, 30)):
        times = 0
        while shaker.is_willing and times < 100:
            times += 1
            if shaker is person:
                person.complete(arn("1"), None, 1.0)
            else:
                command._left -= 1
        assert times == most
    os.close(reading)


@pytest.mark.parametrize("command", ["", "  ", "echo 'open"])
def test_what_is_no_command_is_told(command: str) -> None:
    with pytest.raises(UsageError, match="--handshake"):
        words_of(command)


# -- the driver and the search


def test_only_a_living_connection_of_the_runs_is_completed() -> None:
    search = search_for(Reference())
    search.driver.shaker = shaker = Noting()
    foreign = Handshake(Arn(None, literal=arn("9")))
    steps = (Handshake(Arn(0)), Create(0), Handshake(Arn(0)), foreign, Delete(Arn(0)), Handshake(Arn(0)))
    history = search.driver.run(Program(steps), search.budget)
    created = history.calls[0].outcome
    assert isinstance(created, Accepted)
    assert shaker.asked == [created.output["ConnectionArn"]]
    assert [call.leg for call in history].count("beside") == 1


def test_without_anybody_a_program_passes_over_its_handshakes() -> None:
    search = search_for(Reference())
    history = search.driver.run(LIFE, search.budget)
    assert {call.leg for call in history} == {"light"}


def test_a_handshake_counts_neither_as_a_call_nor_against_the_budget() -> None:
    search = search_for(Reference(), max_calls=20)
    search.driver.shaker = Noting()
    search.examine(LIFE, search.budget)
    assert search.book.calls_by_operation == {
        "CreateConnection": 1,
        "GetConnection": 2,
        "ListConnections": 2,
        "DeleteConnection": 1,
    }
    assert search.budget.spent == 6


@pytest.mark.parametrize(("is_dear", "times"), [(True, 1), (False, 2)])
def test_nobody_is_troubled_to_make_a_finding_smaller(times: int, *, is_dear: bool) -> None:
    """The handshake has no effect, so the law is broken at once."""
    search = search_for(Reference("handshake.has-no-effect"))
    search.driver.shaker = shaker = Noting(is_dear=is_dear)
    search.examine(LIFE, search.budget)
    search.explain()
    found = search.book.broken(LAWS[0])
    assert found is not None
    assert found.shows[0] >= 1
    assert len(shaker.asked) == 1 if is_dear else len(shaker.asked) >= times


def test_a_handshake_that_nobody_knows_the_end_of_is_not_the_endpoints_silence() -> None:
    """It is not repeated to see whether it comes again, and nobody is accused of it."""

    class Silent(Noting):
        def complete(self, arn: str, name: str | None, seconds: float | None) -> Outcome:
            super().complete(arn, name, seconds)
            return Unknown("timeout", "nobody answered in time")

    search = search_for(Reference())
    search.driver.shaker = shaker = Silent()
    search.examine(Program(LIFE.steps[:4]), search.budget)
    assert len(shaker.asked) == 1
    assert {law for law, _ in search.book.findings if law.startswith(("connection.", "wire."))} == set()
    assert search.driver.holdings.left_behind == {}


def test_no_script_calls_a_handshake_an_operation() -> None:
    search = search_for(Reference("handshake.has-no-effect"))
    search.driver.shaker = Noting()
    search.examine(LIFE, search.budget)
    found = search.book.broken(LAWS[0])
    assert found is not None
    made = reproducers(found, search.contract)
    assert set(made.scripts) == {"python", "curl", "aws_cli"}
    for script in made.scripts.values():
        assert "side door" in script
        assert not any(sent in script for sent in ("send handshake", "send('handshake'", "plain('handshake'"))


def test_a_handshake_is_written_and_read_as_data() -> None:
    assert to_json(LIFE)[3] == {"do": "handshake"}
    assert from_json(json.loads(json.dumps(to_json(LIFE)))) == LIFE
    assert str(LIFE).split("; ")[3] == "complete the handshake of #0"
    moved = Program((Create(0),)).followed_by(LIFE)
    assert Handshake(Arn(1)) in moved.steps


# -- a run


def _laws(folder: Path) -> dict[str, Any]:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return {law["id"]: law for law in results["laws"] if law["id"] in LAWS}


def _run(folder: Path, *words: str) -> int:
    laws = (word for law in LAWS for word in ("--law", law))
    return cli.main(["run", "--effort", "quick", "--quiet", "--report-dir", str(folder), *laws, *words])


def test_a_run_says_unsupported_where_nobody_shakes_hands(reference: BackgroundReference, tmp_path: Path) -> None:
    assert _run(tmp_path, "--endpoint-url", reference.endpoint_url) == 5
    assert {law["verdict"] for law in _laws(tmp_path).values()} == {"unsupported"}
    assert "--handshake" in _laws(tmp_path)[LAWS[0]]["reason"]
    assert _run(tmp_path, "--endpoint-url", reference.endpoint_url, "--handshake", "ask") == 5
    assert "no terminal" in _laws(tmp_path)[LAWS[0]]["reason"]


def test_a_run_goes_through_the_door_where_it_is_told_to(reference: BackgroundReference, tmp_path: Path) -> None:
    assert _run(tmp_path, "--endpoint-url", reference.endpoint_url, "--handshake", "door") == 0
    assert {law["verdict"] for law in _laws(tmp_path).values()} == {"pass"}


def test_a_command_that_is_not_there_is_told_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, "--handshake", "no-such-command --now") == 2
    assert "no-such-command" in capsys.readouterr().err
    assert not (tmp_path / "results.json").exists()


def test_a_person_at_the_terminal_is_asked_and_heard(reference: BackgroundReference, tmp_path: Path) -> None:
    """Through the parent to the child: it prints the ARN, and goes on at Enter; the door plays the console."""
    import pty
    import subprocess

    near, far = pty.openpty()
    words = ["run", "--endpoint-url", reference.endpoint_url, "--handshake", "ask", "--effort", "aws"]
    words += ["--report-dir", str(tmp_path), "--staleness", "0", "--rate", "400", "--quiet"]
    words += [word for law in LAWS for word in ("--law", law)]
    process = subprocess.Popen(
        [sys.executable, "-m", "assay", *words], stdin=far, stdout=subprocess.DEVNULL, stderr=far, cwd=tmp_path
    )
    os.close(far)
    door = SideDoor(Endpoint.parse(reference.endpoint_url))
    asked: list[str] = []
    said = ""

    def answer() -> None:
        nonlocal said
        while True:
            try:
                said += os.read(near, 4096).decode()
            except OSError:  # its other end was closed
                return
            while "minutes): " in said:
                question, _, said = said.partition("minutes): ")
                asked.append(next(line.strip() for line in question.splitlines() if line.strip().startswith("arn:")))
                door.complete(asked[-1], None, 5.0)
                os.write(near, b"\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        assert process.wait(90) == 0
    finally:
        process.kill()
        thread.join(5)
        os.close(near)
    assert 1 <= len(asked) <= 4
    assert {law["verdict"] for law in _laws(tmp_path).values()} == {"pass"}
