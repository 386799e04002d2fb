"""A run that is split over processes is one run: the same verdicts, one report, nothing left, no more than allowed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import runs
import uvicorn

from assay import cli
from assay.book import Book, Tally
from assay.contract import load_contract
from assay.coverage import Coverage
from assay.crew import refuse_to_split
from assay.errors import HarnessError, TargetError, UsageError
from assay.naming import Naming
from assay.parts import Part, joined
from assay.program import Name
from assay.reference import BackgroundReference
from assay.reference.editions import DEFAULT_EDITION, EDITIONS
from assay.reference.parts import careful_parts
from assay.reference.wire import application
from assay.results import Cleanup, TargetFacts
from assay.settings import Settings
from assay.share import Place, share_of
from assay.suite import specs_root
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = str(Path(__file__).resolve().parents[1] / "src")
QUICK = ("--effort", "quick", "--seed", "1", "--time-limit", "4m")
FEW = ("--law", "connection.delete.*", "--law", "connection.list.complete", "--law", "wire.target")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "assay", "run", *words]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ASSAY_", "PYTEST_"))}
    return {**kept, "PYTHONPATH": SOURCE}


def judged(folder: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    """Run in a folder of its own: exit code, results, and what it said on standard error."""
    folder.mkdir(exist_ok=True)
    ended = subprocess.run(
        command(*words), cwd=folder, env=environment(), capture_output=True, text=True, timeout=280, check=False
    )
    place = folder / ".assay" / "results.json"
    return ended.returncode, json.loads(place.read_text()) if place.exists() else {}, ended.stderr


@contextmanager
def counting() -> Iterator[tuple[str, Counter[str]]]:
    """The reference server, and how many requests of each kind it was sent."""
    served = application(parts=careful_parts(), edition=EDITIONS[DEFAULT_EDITION])
    counted: Counter[str] = Counter()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            counted[dict(scope["headers"]).get(b"x-amz-target", b"").decode()] += 1
        await served(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", counted
    finally:
        server.should_exit = True
        thread.join(10)


def verdicts(results: dict[str, Any]) -> dict[str, str]:
    return {law["id"]: law["verdict"] for law in results["laws"]}


def broken(results: dict[str, Any]) -> list[str]:
    """The laws of the findings, each as often as it has one."""
    return sorted(finding.rpartition("-")[0] for finding in results["findings"])


@pytest.mark.parametrize("server", [(), ("--mutant", "list.offset-token"), ("--mutant", "delete.at-second-try")])
def test_two_workers_come_to_the_verdicts_of_one(server: tuple[str, ...], tmp_path: Path) -> None:
    """And, of what is broken, to the same findings, each told once."""
    words = (*QUICK, *FEW, *server)
    one_code, one, _ = judged(tmp_path / "one", *words)
    two_code, two, said = judged(tmp_path / "two", *words, "--workers", "2")
    assert (two_code, verdicts(two)) == (one_code, verdicts(one)), said
    assert broken(two) == broken(one)
    assert len(set(two["findings"])) == len(two["findings"])
    assert bool(two["cleanup"]["left_behind"]) == bool(one["cleanup"]["left_behind"])
    assert two["cleanup"]["created"] == two["cleanup"]["deleted"] > 0
    assert [law["id"] for law in two["laws"]] == [law["id"] for law in one["laws"]]
    assert two.keys() == one.keys()


def test_calls_of_all_workers_are_counted_as_the_endpoint_counts_them(tmp_path: Path) -> None:
    """In the sum, by operation, by outcome, and in the coverage."""
    with counting() as (url, counted):
        code, results, said = judged(
            tmp_path, *QUICK, *FEW, "--endpoint-url", url, "--workers", "2", "--max-calls", "401"
        )
        assert code == 0, said
    calls, told = results["calls"], results["coverage"]["operations"]
    assert calls["total"] == sum(calls["by_operation"].values()) == sum(calls["by_outcome"].values()) == counted.total()
    assert sum(count for each in told for word, count in each.items() if word != "operation") == calls["total"]
    assert 100 < calls["total"] <= 401
    assert results["limits_reached"] == ["max-calls"]


def test_what_was_made_through_an_endpoint_is_gone_and_so_are_the_ledgers(tmp_path: Path) -> None:
    with BackgroundReference() as server:
        code, results, said = judged(tmp_path, *QUICK, *FEW, "--endpoint-url", server.endpoint_url, "--workers", "2")
        assert code == 0, said
        assert RawClient(server.endpoint_url, key="AKIAIOSFODNN7EXAMPLE").arns() == []
    assert results["cleanup"]["created"] > 50
    assert list((tmp_path / ".assay" / "ledger").iterdir()) == []


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], BackgroundReference, Path]]:
    """A split run that has begun to make connections."""
    with BackgroundReference() as server:
        process = subprocess.Popen(
            command("--endpoint-url", server.endpoint_url, "--workers", "2", "--seed", "1"),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - nothing else
        )
        try:
            until = time.monotonic() + 120
            while time.monotonic() < until and len(written(tmp_path)) < 2:
                time.sleep(0.05)
            yield process, server, tmp_path
        finally:
            process.terminate()
            process.communicate(timeout=60)


def written(folder: Path) -> list[Path]:
    """The ledgers in which a connection stands."""
    ledgers = folder / ".assay" / "ledger"
    return [place for place in ledgers.glob("*.jsonl") if b'"made"' in place.read_bytes()] if ledgers.exists() else []


def test_an_interrupt_ends_all_workers_and_each_cleans_up(
    running: tuple[subprocess.Popen[str], BackgroundReference, Path],
) -> None:
    """As without workers: what was judged stands, and nothing is left."""
    process, server, folder = running
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    results = json.loads((folder / ".assay" / "results.json").read_text())
    assert (results["interrupted"], process.returncode) == (True, 4)
    assert results["cleanup"]["left_behind"] == []
    assert RawClient(server.endpoint_url, key="AKIAIOSFODNN7EXAMPLE").arns() == []


def test_a_worker_that_dies_is_a_fault_that_is_told_and_can_be_swept(
    running: tuple[subprocess.Popen[str], BackgroundReference, Path],
) -> None:
    """Its ledger is left, and `assay sweep` removes what it speaks of."""
    process, server, folder = running
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    said, _ = process.communicate(timeout=240)
    results = json.loads((folder / ".assay" / "results.json").read_text())
    assert (process.returncode, results["verdict"]) == (3, "error"), said
    assert "1 of 2 workers ended without a word" in results["trouble"]["message"]
    swept = subprocess.run(
        [sys.executable, "-m", "assay", "sweep"], cwd=folder, env=environment(), capture_output=True, check=False
    )
    assert swept.returncode == 0
    assert RawClient(server.endpoint_url, key="AKIAIOSFODNN7EXAMPLE").arns() == []


def workers_of(pid: int) -> list[int]:
    """The processes that execute tests: grandchildren of the command."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    leaders = {own for own, parent in rows if parent == pid}
    return [own for own, parent in rows if parent in leaders]


# -- what cannot be split


@pytest.mark.parametrize(
    "words",
    [
        ("--workers", "0"),
        ("--workers", "2", "--target", "aws"),
        ("--workers", "2", "--effort", "aws"),
        ("--workers", "2", "--handshake", "ask"),
    ],
)
def test_what_cannot_be_split_is_a_usage_error(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", *words]) == 2
    assert "--workers" in capsys.readouterr().err


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["run", "--workers", "2"]) == 2
    assert "pip install 'assay[workers]'" in capsys.readouterr().err


@pytest.mark.parametrize("settings", [Settings(effort="aws"), Settings(is_aws=True), Settings(handshake="ask")])
def test_plain_pytest_is_held_to_the_same(settings: Settings) -> None:
    with pytest.raises(UsageError):
        refuse_to_split(settings)


# -- shares


@pytest.mark.parametrize(("calls", "of"), [(400, 2), (401, 2), (7, 3), (1, 4), (None, 3)])
def test_shares_add_up_to_what_one_process_may_do(calls: int | None, of: int) -> None:
    whole = Settings(max_calls=calls, rate=6.0, time_limit=30.0)
    shares = [share_of(whole, Place(index=index, of=of)) for index in range(of)]
    if calls is not None:
        assert sum(share.max_calls or 0 for share in shares) == calls
    assert sum(share.rate or 0 for share in shares) == pytest.approx(6.0)
    assert {share.time_limit for share in shares} == {30.0}


def test_short_names_of_two_workers_are_never_the_same() -> None:
    """Those that are too short for the prefix of a run could be."""
    names = [Naming(place=Place(index=index, of=3, offset=20_900)) for index in range(3)]
    made = [{each.realize(Name(length=1), each.stem()) for _ in range(1_000)} for each in names]
    assert len(set().union(*made)) == 3_000


# -- parts


def part(book: Book, **more: Any) -> Part:
    facts = TargetFacts(endpoint_url="http://127.0.0.1:1", region="us-east-1")
    return Part(**{"book": book, "coverage": None, "observations": [], "target": facts, **more})


def test_tallies_calls_and_notes_add_up() -> None:
    contract = load_contract("codestar-connections", None, specs=specs_root())
    one = Book(tallies={"a": Tally(1, 2, 0, 0.5)}, calls_by_operation={"x": 2}, notes=["n"], programs=3, lag=0.1)
    two = Book(
        tallies={"a": Tally(2, 3, 1, 0.5, undecided="why"), "b": Tally(1, 1)},
        calls_by_operation={"x": 1, "y": 1},
        notes=["n", "m"],
        programs=4,
        lag=0.2,
        latencies=[0.1],
    )
    cleanups = [Cleanup(created=2, deleted=1, left_behind=(("arn", "name"),)), Cleanup(created=1, deleted=1)]
    whole = joined([part(one, cleanup=cleanups[0]), part(two, cleanup=cleanups[1])], contract)
    book = whole.book
    assert book.tallies == {"a": Tally(3, 5, 1, 1.0, undecided="why"), "b": Tally(1, 1)}
    assert (book.calls_by_operation, book.notes) == ({"x": 3, "y": 1}, ["n", "m"])
    assert (book.programs, book.lag, book.latencies) == (7, 0.2, [0.1])
    assert whole.cleanup == Cleanup(created=3, deleted=2, left_behind=(("arn", "name"),))


def test_of_two_findings_of_one_law_the_plainer_stays_whoever_comes_first() -> None:
    """With the moment at which the law was first seen broken, by either."""
    contract = load_contract("codestar-connections", None, specs=specs_root())
    long = replace(runs.finding("connection.name.unique"), found_at=(3, 1.0))
    short = replace(long, calls=long.calls[:1], found_at=(9, 2.0))
    for books in ((long, short), (short, long)):
        whole = joined([part(runs.book(each)) for each in books], contract)
        (found,) = whole.book.every()
        assert (len(found.calls), found.found_at) == (1, (3, 1.0))


def test_what_is_seen_and_counted_by_two_is_told_together() -> None:
    contract = load_contract("codestar-connections", None, specs=specs_root())
    seen = [
        [{"id": "x", "sentence": "it is", "value": word, "values": [{"value": word, "calls": 2}], "calls": 2}]
        for word in ("a", "b")
    ]
    coverage = Coverage(contract)
    coverage.add(runs.finding("connection.name.unique").calls[0])
    parts = [part(Book(), observations=each, coverage=coverage.counts()) for each in seen]
    whole = joined(parts, contract)
    assert [(each["value"], each["calls"]) for each in whole.observations] == [("a | b", 4)]
    assert whole.book.coverage is not None
    once = {each["operation"]: each["accepted"] for each in coverage.as_json()["operations"]}
    twice = {each["operation"]: each["accepted"] for each in whole.book.coverage.as_json()["operations"]}
    assert twice == {operation: 2 * calls for operation, calls in once.items()}
    assert any(once.values())


def test_the_gravest_trouble_is_that_of_the_run_and_nobody_was_interrupted_then() -> None:
    contract = load_contract("codestar-connections", None, specs=specs_root())
    ours, theirs = HarnessError("ours"), TargetError("theirs")
    parts = [part(Book(), trouble=theirs), part(Book(), interrupted=True), part(Book(), trouble=ours)]
    whole = joined(parts, contract)
    assert (whole.trouble, whole.interrupted) == (ours, False)
    assert joined(parts[1:2], contract).interrupted
