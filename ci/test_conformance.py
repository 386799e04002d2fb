"""A recipe for pytest: copy this file into your tests. One test, which judges your server by `assay run`.

assay runs in a process of its own, so your conftest, your plugins and your options are none of its business, nor its
yours. Install it beside your tests, or name its command in ASSAY (a virtual environment of its own will do). Known
failures go into `known-failures.toml` beside this file: `assay run --endpoint-url … --write-expect` makes it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

KNOWN = Path(__file__).with_name("known-failures.toml")


@pytest.fixture
def conformance_url() -> str:
    """The server to judge: start yours here, or say in ENDPOINT_URL where it is."""
    return os.environ.get("ENDPOINT_URL") or "http://127.0.0.1:4566"


def test_the_server_keeps_the_contract(conformance_url: str, tmp_path: Path) -> None:
    """The findings are the message of the failure; all reports lie in the test's folder."""
    command = [*shlex.split(os.environ.get("ASSAY", "assay")), "run", "--no-color", "--report-dir", str(tmp_path)]
    command += ["--endpoint-url", conformance_url, "--wait", "60s", "--effort", os.environ.get("EFFORT", "quick")]
    command += ["--format", "html", *(["--expect", str(KNOWN)] if KNOWN.exists() else [])]
    ended = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False, timeout=900
    )
    if ended.returncode != 0:
        pytest.fail(f"assay run ended with {ended.returncode}\n{ended.stdout}", pytrace=False)
