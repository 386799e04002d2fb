"""The reference as a process: it starts fast, says what is wrong, ends with its parent, and sits out Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import assay.reference
from assay.cli import serve as command
from assay.errors import HarnessError, UsageError
from assay.reference import BackgroundReference
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from typing import Any

SOURCE = Path(assay.reference.__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}
posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["serve", *arguments])


def test_it_listens_on_loopback_soon() -> None:
    """Two cores of any age do it in well under two seconds; a few tenths is the rule."""
    started = time.monotonic()
    with BackgroundReference() as server:
        assert server.endpoint_url.startswith("http://127.0.0.1:")
        assert time.monotonic() - started < 2
        assert RawClient(server.endpoint_url).page() == {"Connections": []}


def test_stop_ends_it_and_may_be_called_twice() -> None:
    """The port is free again."""
    server = BackgroundReference().start()
    client = RawClient(server.endpoint_url)
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        client.page()


def test_without_start_there_is_no_url() -> None:
    """Our own mistake, told as such."""
    with pytest.raises(HarnessError):
        assert BackgroundReference().endpoint_url


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"edition": "2020-01-01"}, "no edition.*\n.*2019-12-19"),
        ({"mutant": "name.duplicates-accepted"}, "no mutant.*\n.*name.duplicate-accepted"),
    ],
)
def test_what_the_child_cannot_do_is_told_by_the_parent(options: dict[str, Any], words: str) -> None:
    """With the same error as in one process."""
    with BackgroundReference(**options) as server, pytest.raises(UsageError, match=words):
        assert server.endpoint_url


def test_a_child_that_dies_is_told_with_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not waited for."""
    (tmp_path / "python").write_text("#!/bin/sh\necho bad luck >&2\nexit 9\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with BackgroundReference() as server, pytest.raises(HarnessError, match="bad luck"):
        assert server.endpoint_url


def test_a_module_of_the_callers_directory_does_not_get_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stray json.py beside the caller is not imported."""
    (tmp_path / "json.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with BackgroundReference() as server:
        assert server.endpoint_url


@posix
def test_it_ends_when_its_parent_is_killed() -> None:
    """However the parent went."""
    program = """
        import sys, time
        from assay.reference import BackgroundReference
        server = BackgroundReference().start()
        print(server.endpoint_url, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    url = parent.stdout.readline().strip()
    client = RawClient(url)
    assert client.page() == {"Connections": []}
    parent.kill()
    parent.wait()
    parent.stdout.close()
    host, port = url.removeprefix("http://").split(":")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return
        time.sleep(0.01)
    pytest.fail("the child outlived its parent")


@posix
def test_ctrl_c_is_the_parents_business() -> None:
    """SIGINT to the child changes nothing."""
    with BackgroundReference() as server:
        client = RawClient(server.endpoint_url)
        os.kill(server._process.pid, signal.SIGINT)
        time.sleep(0.3)
        assert client.page() == {"Connections": []}


def test_the_child_loads_nothing_heavy() -> None:
    """No boto3, no Hypothesis, no rich, no pytest; and the parent does not even load uvicorn."""
    program = (
        "import sys, assay.reference; print([*sys.modules]);"
        "import assay.reference.__main__, uvicorn; print([*sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=ENVIRONMENT
    ).stdout
    parent, child = (set(json.loads(line.replace("'", '"'))) for line in output.splitlines())
    assert not parent & {"uvicorn", "asyncio", "sqlite3", "uvloop"}
    assert not child & {"boto3", "botocore", "hypothesis", "rich", "pytest", "jsonschema", "assay.mutants"}


def test_it_shares_no_code_with_the_laws() -> None:
    """The child knows of assay its errors and itself."""
    program = (
        "import sys, assay.reference.__main__, assay.reference.state, assay.reference.signatures; print([*sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=ENVIRONMENT
    ).stdout
    ours = {name for name in json.loads(output.replace("'", '"')) if name.startswith("assay.")}
    assert {name for name in ours if not name.startswith("assay.reference")} == {"assay.errors"}


@posix
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_and_ends_with_0(ending: signal.Signals) -> None:
    """One line, then Ctrl-C."""
    program = """
        import argparse, sys
        from assay.cli import serve
        parser = argparse.ArgumentParser()
        serve.add_parser(parser.add_subparsers())
        args = parser.parse_args(["serve", "--port", "0", "--edition", "2019-12-19"])
        sys.exit(args.main(args))
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    line = child.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http://"))
    client = RawClient(url)
    assert client.create("one")
    child.send_signal(ending)
    assert child.communicate(timeout=10) == ("", "")
    assert child.returncode == 0


def test_a_port_in_use_is_one_clear_line() -> None:
    """And a remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1 port {port}.*\n.*--port"):
            command.main(parse("--port", str(port)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "99999"], "cannot listen"),
        (["--host", "no.such.host.invalid"], "cannot listen"),
        (["--edition", "x"], "no edition"),
        (["--mutant", "list.offset-tokens"], "did you mean|list.offset-token"),
        (["--quota", "0"], "--quota"),
        (["--verify-signatures", "--credentials", "half-a-secret"], "ID:SECRET"),
    ],
)
def test_wrong_options_are_usage_errors(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything listens; a half of a secret is not repeated."""
    with pytest.raises(UsageError, match=words) as caught:
        command.main(parse(*arguments))
    assert "half-a-secret" not in str(caught.value)
    capsys.readouterr()


def test_keys_come_from_the_options_or_else_from_the_environment() -> None:
    """A secret may hold a colon."""
    environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "ASSAY_SECOND_ACCESS_KEY_ID": "c"}
    assert command._credentials(["K:s:t", "L:u"], environment) == {"K": "s:t", "L": "u"}
    assert command._credentials([], environment) == {"a": "b"}


def test_the_mutants_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """One a line, with the law that must catch it."""
    assert command.main(parse("--list-mutants")) == 0
    assert "name.duplicate-accepted " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "is_loopback"), [("127.0.0.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)]
)
def test_loopback_is_known(host: str, *, is_loopback: bool) -> None:
    """Everything else gets a warning."""
    assert command._is_loopback(host) is is_loopback
