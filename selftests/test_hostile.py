"""An endpoint whose every name and message is an attack, end to end: nothing is obeyed, and no secret is repeated."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from assay import cli
from assay.cli.options import FORMATS

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "planted-secret-planted-secret-planted-000",
    "AWS_SESSION_TOKEN": "planted-token-planted-token-planted-00000",
}
BADGE = {"badge.svg", "badge.json"}  # it says nothing that came from the endpoint


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The texts of a run against it: every report, and what was printed."""
    folder = tmp_path_factory.mktemp("hostile")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {**SECRETS, "AWS_ACCESS_KEY_ID": "AKIAPLANTEDPLANTED00", "HOME": str(folder)}
    environment["PYTHONPATH"] = str(Path(cli.__file__).parents[2])
    words = ["run", "--impostor", "hostile", "--max-calls", "400", "--seed", "1", "--law", "connection.name.p*"]
    words += ["--law", "connection.get.details", *(word for name in FORMATS for word in ("--format", name))]
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "assay", *words, "--log-file", "log.txt"],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr.decode()
    printed = {"printed": ended.stdout.decode(), "said": ended.stderr.decode()}
    files = [*(folder / ".assay").iterdir(), folder / "log.txt"]
    return {**printed, **{each.name: each.read_text(encoding="utf-8") for each in files if each.is_file()}}


def test_every_format_is_there_and_tells_what_the_endpoint_said(written: dict[str, str]) -> None:
    """As text."""
    for name in ("printed", "results.json", "junit.xml", "summary.md", "report.html", "assay.sarif"):
        assert "document.title" in written[name], name
    assert set(written) >= BADGE
    assert all("document" not in written[name] for name in BADGE)


def test_no_text_holds_what_a_terminal_or_an_eye_would_obey(written: dict[str, str]) -> None:
    """No control character, no bidirectional control; in JSON they are escapes."""
    for name, text in written.items():
        odd = {character for character in text if not (character.isprintable() or character in "\n\u200b")}
        assert odd == set(), name


def test_the_documents_are_whole(written: dict[str, str]) -> None:
    """A parser of each format reads them."""
    assert ET.fromstring(written["junit.xml"]).tag == "testsuites"
    assert ET.fromstring(written["badge.svg"]).tag.endswith("svg")
    for name in ("results.json", "assay.sarif", "badge.json"):
        assert json.loads(written[name])
    assert len(re.findall("<script", written["report.html"])) == 1
    assert re.search(r"<img|javascript:[^&]*\"", written["report.html"]) is None


def test_no_secret_is_anywhere(written: dict[str, str]) -> None:
    """Though the endpoint repeats whatever it was sent."""
    for name, text in written.items():
        for secret in SECRETS.values():
            assert secret not in text, name
        assert re.search(r"Signature=[0-9a-f]{64}", text) is None, name
