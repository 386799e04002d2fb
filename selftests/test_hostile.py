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
from assay.contract import load_contract
from assay.history import as_record
from assay.reference import BackgroundReference
from assay.suite import specs_root
from assay.target import Credentials, Endpoint, Target

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "planted-secret-planted-secret-planted-000",
    "AWS_SESSION_TOKEN": "planted-token-planted-token-planted-00000",
}
CONTRACT = load_contract("codestar-connections", specs=specs_root())
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


def test_what_boto3_made_of_an_answer_holds_no_secret_either() -> None:
    """It is kept beside the answer, and was made from the answer as it came."""
    server = BackgroundReference(impostor="hostile")
    server.start()
    planted = Credentials(
        access_key_id="AKIAPLANTEDPLANTED00",
        secret_access_key=SECRETS["AWS_SECRET_ACCESS_KEY"],
        session_token=SECRETS["AWS_SESSION_TOKEN"],
    )
    try:
        target = Target(Endpoint.parse(server.endpoint_url), CONTRACT, planted, "us-east-1")
        calls = target.call("CreateConnection", {"ConnectionName": "mine", "ProviderType": "GitHub"}, leg="sdk")
        calls += target.call("ListConnections", {}, leg="sdk")
        calls += target.call("GetConnection", {"ConnectionArn": "none"}, leg="sdk")
        target.close()
    finally:
        server.stop()
    told = json.dumps([as_record(call) for call in calls])
    assert "document.title" in json.dumps(as_record(calls[1])["sdk"])
    assert re.search(r"Signature=[0-9a-f]{64}", told) is None
    assert SECRETS["AWS_SESSION_TOKEN"] not in told
