"""`assay run` among endpoints that are dead, slow, broken or merely odd, and among users who change their minds.

Each test is a run in a process of its own against a small server on loopback. What it must show is always the same: no
traceback, no hanging, an exit code that tells the truth, and an account as it was before.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay import cli
from assay.reference.parts import careful_parts
from selftests.careful import Careful, operation_of, strangers
from selftests.misbehaving import Behaviour, Misbehaving, answer, answering

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = str(Path(cli.__file__).parents[2])
FEW = ("--law", "connection.get.*", "--law", "wire.no-server-error", "--law", "connection.list.complete")
START_S = 8.0  # what a busy machine may need to start Python, pytest and Hypothesis


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AWS_", "ASSAY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / "cache"))


@dataclass(frozen=True)
class Run:
    """How a run ended."""

    code: int
    out: str
    err: str
    seconds: float
    results: dict[str, Any]

    @property
    def text(self) -> str:
        """All that was printed, on one line."""
        return " ".join((self.out + self.err).split())


def started(url: str, *words: str, **environment: str) -> subprocess.Popen[str]:
    """`assay run` against an endpoint."""
    fixed = ("--effort", "quick", "--seed", "1", "--timeout", "1s", "--endpoint-url", url)
    return subprocess.Popen(
        [sys.executable, "-m", "assay", "run", *fixed, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": SOURCE, **environment},
    )


def ended(process: subprocess.Popen[str], begun: float) -> Run:
    """The end of a run, which comes without a traceback."""
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    place = Path(".assay/results.json")
    results = json.loads(place.read_text("utf-8")) if place.exists() else {}
    assert "Traceback" not in out + err, out + err
    return Run(process.returncode, out, err, time.monotonic() - begun, results)


def run(url: str, *words: str, **environment: str) -> Run:
    begun = time.monotonic()
    return ended(started(url, *words, **environment), begun)


def against(behaviour: Behaviour, *words: str) -> Run:
    with Misbehaving(behaviour) as server:
        return run(server.url, *words)


def silent(connection: socket.socket, _request: bytes) -> bool:
    """Says nothing, until the other side has had enough."""
    connection.settimeout(30)
    return bool(connection.recv(1))


def reset(connection: socket.socket, _request: bytes) -> bool:
    """Answers with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def trickle(connection: socket.socket, _request: bytes) -> bool:
    """A byte now and then."""
    for byte in answer(b'{"Connections": []}'):
        connection.sendall(bytes([byte]))
        time.sleep(0.2)
    return True


def echo(connection: socket.socket, request: bytes) -> bool:
    """Thinks that the question is the answer."""
    connection.sendall(answer(request.partition(b"\r\n\r\n")[2]))
    return True


def page(status: str) -> bytes:
    body = b"<html><body>It works!</body></html>"
    return f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


ARN = "arn:aws:codestar-connections:us-east-1:123456789012:connection/0b69c731-0000-4000-8000-000000000001"
CONNECTION = {
    "ConnectionArn": ARN,
    "ConnectionName": "mine",
    "ProviderType": "GitHub",
    "OwnerAccountId": "123456789012",
    "ConnectionStatus": "PENDING",
}
ALWAYS = json.dumps({"ConnectionArn": ARN, "Connection": CONNECTION, "Connections": [CONNECTION]}).encode()


@pytest.mark.parametrize(
    ("behaviour", "names"),
    [
        (silent, "ListConnections was not answered (no whole answer within 1 s)"),
        (trickle, "ListConnections was not answered (no whole answer within 1 s, after"),
        (reset, "ListConnections was not answered (connection reset by peer)"),
        (answering(b"\x00\xff garbage" * 50), "ListConnections was not answered (not HTTP"),
        (answering(page("200 OK")), "ListConnections answered 200 text/html"),
        (answering(answer(b"", "404 Not Found")), "ListConnections answered 404"),
        (answering(answer(b"", "500 Oops")), "ListConnections answered 500"),
        (answering(b"HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"), "answered 307"),
    ],
    ids=["silent", "trickling", "resetting", "garbage", "html", "404", "500", "redirecting"],
)
def test_what_does_not_speak_the_protocol_is_not_judged(behaviour: Behaviour, names: str) -> None:
    """Exit code 4, at once, and a line that names the call that showed it."""
    ran = against(behaviour)
    assert ran.code == 4, ran.text
    assert names in ran.text
    assert ran.out.startswith("indeterminate: ")
    assert ran.seconds < START_S + 3


@pytest.mark.parametrize(
    "behaviour",
    [
        answering(answer(b"{}")),
        echo,
        answering(answer(b"", "400 Bad Request")),
        answering(answer(b"{}", "400 Bad Request")),
        answering(answer(ALWAYS)),
    ],
    ids=["empty object", "echo", "400", "400 with an empty object", "always the same"],
)
def test_what_always_says_the_same_does_not_conform(behaviour: Behaviour) -> None:
    """An answer that happens to be valid is not enough."""
    ran = against(behaviour, "--law", "connection.get.*", "--law", "connection.name.length", "--time-limit", "4s")
    assert ran.code == 1, ran.text
    assert ran.out.startswith("broken: ")


@pytest.mark.parametrize("lost", [silent, reset], ids=["hangs", "resets"])
def test_an_endpoint_that_is_lost_on_the_way_ends_the_run(lost: Behaviour) -> None:
    """Soon, with the call that showed it, and with what could not be deleted."""
    careful = Careful()
    count = 0

    def behave(connection: socket.socket, request: bytes) -> bool:
        nonlocal count
        count += 1
        return careful(connection, request) if count <= 100 else lost(connection, request)

    ran = against(behave, *FEW, "--law", "connection.name.*", "--time-limit", "20s")
    assert ran.code == 4, ran.text
    assert "the endpoint stopped answering: " in ran.text
    assert "Connection" in ran.results["trouble"]["message"]
    assert {each["arn"] for each in ran.results["cleanup"]["left_behind"]} >= careful.alive
    assert ran.seconds < START_S + 15


@pytest.mark.parametrize("operation", ["CreateConnection", "GetConnection"])
def test_an_operation_that_is_never_answered_is_broken(operation: str) -> None:
    """While the others are: that is no weather."""
    careful = Careful()

    def behave(connection: socket.socket, request: bytes) -> bool:
        return (reset if operation_of(request) == operation else careful)(connection, request)

    ran = against(behave, *FEW, "--time-limit", "30s")
    assert ran.code == 1, ran.text
    assert "1. wire.no-server-error" in ran.out


def test_a_short_outage_is_waited_out() -> None:
    """It is weather, and too much of it for a clear verdict; what was created is deleted all the same."""
    careful = Careful()
    outage: list[float] = []

    def behave(connection: socket.socket, request: bytes) -> bool:
        outage.append(time.monotonic())
        if len(outage) > 150 and outage[-1] - outage[150] < 1.5:
            return reset(connection, request)
        return careful(connection, request)

    ran = against(behave, *FEW, "--time-limit", "12s")
    assert ran.code == 4, ran.text
    assert ran.results["calls"]["total"] > 200
    assert ran.results["trouble"] is None
    assert careful.alive == set()


def slowly(_count: int, _operation: str) -> None:
    time.sleep(0.3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Careful(closes=True), ()),
        (lambda: Careful(careful_parts(quota=10)), ()),
        (lambda: Careful(before=slowly), ("--time-limit", "8s")),  # half of it goes by before the first test
        (lambda: Careful(strangers(2_000)), ("--time-limit", "8s")),
    ],
    ids=["one request a connection", "a quota of ten", "slow", "two thousand strangers"],
)
def test_what_is_only_odd_is_not_accused(make: Callable[[], Careful], words: tuple[str, ...]) -> None:
    """No false alarm, nothing left behind, nobody else's connection touched, and an end in time."""
    careful = make()
    before = careful.alive
    ran = against(careful, *FEW, *words)
    assert ran.code == 0, ran.text
    assert ran.results["cleanup"]["left_behind"] == []
    assert careful.alive == before
    assert ran.seconds < START_S + 18


def test_throttling_is_weather() -> None:
    """One call in five is turned away, and nobody is blamed."""
    careful, count = Careful(), 0

    def behave(connection: socket.socket, request: bytes) -> bool:
        nonlocal count
        count += 1
        if count % 5:
            return careful(connection, request)
        connection.sendall(answer(b'{"__type": "ThrottlingException"}', "400 Bad Request"))
        return True

    ran = against(behave, *FEW, "--time-limit", "5s")
    assert ran.code == 0, ran.text
    assert ran.results["calls"]["by_outcome"]["throttled"] > 5
    assert careful.alive == set()


@pytest.mark.parametrize(
    ("limit", "lost", "code"),
    [
        (1, "", 2),
        (20, "", 0),
        (100, "", 0),
        (20, "DeleteConnection", 4),
        (60, "DeleteConnection", 1),  # calls enough to be sure that Delete is never answered
    ],
)
def test_no_more_calls_are_made_than_were_allowed(limit: int, lost: str, code: int) -> None:
    """Counted where they arrive, the probe and the clean-up included."""
    careful = Careful()

    def behave(connection: socket.socket, request: bytes) -> bool:
        return (reset if operation_of(request) == lost else careful)(connection, request)

    with Misbehaving(behave) as server:
        ran = run(server.url, "--max-calls", str(limit))
        assert len(server.requests) <= limit
    assert ran.code == code, ran.text
    if limit > 1:
        assert ran.results["calls"]["total"] == len(server.requests)
        assert {each["arn"] for each in ran.results["cleanup"]["left_behind"]} >= careful.alive


def test_secrets_that_are_echoed_reach_no_report() -> None:
    """Nor the terminal."""
    careful = Careful()

    def behave(connection: socket.socket, request: bytes) -> bool:
        head = request.partition(b"\r\n\r\n")[0]
        said = b" ".join(line for line in head.split(b"\r\n") if line.lower().startswith((b"auth", b"x-amz-sec")))
        body = json.dumps({"__type": "Odd", "message": f"{said.decode()} planted-secret planted-token"}).encode()
        is_get = operation_of(request) == "GetConnection"
        connection.sendall(
            answer(body, "409 Conflict", f"X-Echo: {said.decode()}") if is_get else careful.answer(request)
        )
        return True

    secrets = {"AWS_SECRET_ACCESS_KEY": "planted-secret", "AWS_SESSION_TOKEN": "planted-token"}
    with Misbehaving(behave) as server:
        ran = run(server.url, "-v", "--log-file", "log", *FEW, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", **secrets)
    assert ran.code == 1, ran.text
    kept = ran.out + ran.err + Path("log").read_text("utf-8") + Path(".assay/results.json").read_text("utf-8")
    assert "planted" not in kept
    assert "Signature=" not in kept.replace("Signature=*", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_second_wish_to_stop_ends_the_clean_up_and_lists_what_is_left() -> None:
    """A Delete that takes its time must not keep a person, nor make the report forget anything."""
    is_slow = False

    def dawdle(_count: int, operation: str) -> None:
        if is_slow and operation == "DeleteConnection":
            time.sleep(0.9)

    careful = Careful(before=dawdle)
    with Misbehaving(careful) as server:
        begun = time.monotonic()
        process = started(server.url, "--effort", "deep")
        while len(careful.alive) < 4 and time.monotonic() < begun + START_S + 10:
            time.sleep(0.0005)
        is_slow = True
        process.send_signal(signal.SIGINT)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        ran = ended(process, begun)
        time.sleep(1)  # for a Delete that was under way
    assert ran.code == 4, ran.text
    assert ran.results["interrupted"]
    told = {each["arn"] for each in ran.results["cleanup"]["left_behind"]}
    names = {each.name for each in careful.parts.store if each.arn not in told}
    assert all(name in " ".join(ran.results["notes"]) for name in names)


def test_two_runs_share_a_folder() -> None:
    """Each tells its own end."""
    with Misbehaving(Careful()) as one, Misbehaving(answering(answer(b"", "500 Oops"))) as other:
        begun = time.monotonic()
        processes = [started(one.url, *FEW), started(other.url), started(one.url, *FEW)]
        codes = [ended(process, begun).code for process in processes]
    assert codes == [0, 4, 0]
    assert sorted(path.name for path in Path(".assay").glob("*.json")) == ["results.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@pytest.mark.parametrize("end", [">&-", "2>&-", ">&- 2>&- <&-", "> /dev/full", "| true"])
def test_a_stream_that_nobody_reads_changes_nothing(end: str) -> None:
    """Closed, full, or a pipe whose reader has gone."""
    if "/dev/full" in end and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Misbehaving(Careful()) as server:
        words = f"{sys.executable} -m assay run --effort quick --endpoint-url {server.url} --law 'connection.get.*'"
        done = subprocess.run(
            ["/bin/sh", "-c", f"{words} {end}"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": SOURCE},
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert json.loads(Path(".assay/results.json").read_text("utf-8"))["exit_code"] == 0


def test_a_hostile_directory_and_environment_change_nothing() -> None:
    """What is called as our own rooms are, or wants to reach pytest, Hypothesis or Python."""
    for name in (
        "json.py",
        "sitecustomize.py",
        "conftest.py",
        "reports/__init__.py",
        "assay/__init__.py",
        "tests/test_x.py",
    ):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("raise RuntimeError\n", encoding="utf-8")
    Path("pytest.ini").write_text("[pytest]\naddopts = --bogus\n", encoding="utf-8")
    Path("pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--bogus'\n", encoding="utf-8")
    environment = {
        "PYTEST_ADDOPTS": "--bogus",
        "PYTEST_PLUGINS": "bogus",
        "HYPOTHESIS_PROFILE": "bogus",
        "PYTHONOPTIMIZE": "2",
        "PYTHONIOENCODING": "ascii",
        "LC_ALL": "C",
        "HOME": "",
        "CI": "1",
        "COLUMNS": "60",
        "NO_COLOR": "1",
    }
    with Misbehaving(Careful()) as server:
        command = [sys.executable, "-P", "-m", "assay", "run", "--endpoint-url", server.url, "--effort", "quick", *FEW]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": SOURCE, **environment},
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 60


def test_without_credentials_nothing_is_sent_to_another_machine() -> None:
    """A clear word, and no look at the network."""
    ran = run("http://endpoint.invalid:4566", AWS_EC2_METADATA_DISABLED="true")
    assert ran.code == 2, ran.text
    assert "no credentials" in ran.text
