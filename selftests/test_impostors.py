"""No impostor is ever found to conform, and one line of the run says why."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assay.errors import UsageError
from assay.impostors import ALL, named
from assay.reference import BackgroundReference
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from pathlib import Path

SILENT = {"silent", "stopped"}
SERVED_NOTHING = {"always-404", "always-500", "always-html", "silent", "stopped"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_it_does_not_conform_and_one_line_says_why(name: str, tmp_path: Path) -> None:
    """1 where a law is broken, 4 where there is nothing to judge; the first line of the verdict tells which."""
    command = [sys.executable, "-m", "assay", "run", "--effort", "quick", "--seed", "1", "--impostor", name]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=150, check=False)
    results = json.loads((tmp_path / ".assay" / "results.json").read_text(encoding="utf-8"))
    assert ended.returncode == results["exit_code"] == (4 if name in SERVED_NOTHING else 1), ended.stderr
    assert results["target"]["impostor"] == name
    line = next(line for line in ended.stdout.splitlines() if line)
    if name in SERVED_NOTHING:
        assert line.startswith("indeterminate: ")
        assert results["trouble"]["message"]
    else:
        assert line.startswith(f"broken: the impostor {name} at http://127.0.0.1:")
        assert any(law["verdict"] == "fail" for law in results["laws"])
    assert "conforms" not in ended.stdout


@pytest.mark.parametrize("name", sorted(ALL.keys() - SILENT))
def test_it_is_what_it_says(name: str) -> None:
    """Three calls tell each from the reference."""
    with BackgroundReference(impostor=name) as server:
        client = RawClient(server.endpoint_url)
        first = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
        again = client.call("CreateConnection", ConnectionName="two", ProviderType="GitHub")
        listed = client.call("ListConnections")
    if name == "echo":
        assert json.loads(again.body) == {"ConnectionName": "two", "ProviderType": "GitHub"}
    elif name == "shuffled":
        assert first.body == again.body != listed.body
    elif name == "shuffled-alike":
        assert first.body == again.body
        assert len(listed.members["Connections"]) == 2
    elif name == "hostile":
        assert all("<script>" in each["ConnectionName"] for each in listed.members["Connections"])
    else:
        assert (first.status, first.body) == (again.status, again.body) == (listed.status, listed.body)


def test_every_impostor_tells_its_story() -> None:
    """And whoever mistypes is helped."""
    for name, one in ALL.items():
        assert one.name == name
        assert one.description.endswith(".")
    with pytest.raises(UsageError, match=r"no impostor 'ecko'.*\n.*did you mean echo\?"):
        named("ecko")


def test_an_impostor_is_nothing_else_besides() -> None:
    """It has no fault of the reference's, and takes no liberty."""
    with (
        BackgroundReference(impostor="echo", mutant="status.active") as server,
        pytest.raises(UsageError, match="no fault"),
    ):
        assert server.endpoint_url
