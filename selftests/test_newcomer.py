"""A first version of an emulator, as one writes it in twenty minutes: the report names its faults on the wire.

Each finding must be enough to mend the fault without a look at assay: the bytes that were sent, what came back, and the
sentence that is broken.
"""

from __future__ import annotations

import base64
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from assay.cli import main
from selftests import newcomer

if TYPE_CHECKING:
    from pathlib import Path

_FAULTS = {
    "wire.target": "it knows one spelling of X-Amz-Target",
    "wire.error-shape": "its refusal of an unknown target names no type",
    "wire.no-server-error": "its handler dies of a body that is no JSON, and of a missing target",
    "wire.wrong-type": "it makes a text of whatever the name is",
}


class _Quiet(newcomer.ThreadingHTTPServer):
    """What kills a handler is not printed."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results of one run of the laws of the wire."""

    class Serving(newcomer.Handler):
        service = newcomer.Connections()

    folder: Path = tmp_path_factory.mktemp("newcomer")
    with _Quiet(("127.0.0.1", 0), Serving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"http://127.0.0.1:{server.server_address[1]}"
        laws = [argument for law in _FAULTS for argument in ("--law", law)]
        bounds = ("--effort", "quick", "--seed", "3", "--max-calls", "3000", "--time-limit", "60s")
        code = main(["run", "--endpoint-url", where, *laws, *bounds, "--report-dir", str(folder)])
        server.shutdown()
    assert code == 1
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("law", _FAULTS, ids=str)
def test_each_fault_is_named_with_what_was_sent_what_came_and_the_sentence(results: dict[str, Any], law: str) -> None:
    """In one short history, whose last request is raw and whole, header and body."""
    told = next(each for each in results["laws"] if each["id"] == law)
    assert told["verdict"] == "fail"
    assert told["sentence"]
    finding = told["findings"][0]
    assert finding["expected"]
    assert finding["actual"]
    sent = [call["request"] for call in finding["history"] if call["leg"] == "raw"]
    assert 1 <= len(sent) <= len(finding["history"]) <= 3
    head = (
        base64.b64decode(sent[-1]["head_base64"]) if "head_base64" in sent[-1] else sent[-1]["head"].encode("latin-1")
    )
    assert head.endswith(b"\r\n\r\n")
    assert b"Authorization: ***" in head
    received = [call for call in finding["history"] if call["leg"] == "raw"][-1]
    assert received.get("response") is not None or received["outcome"]["kind"] == "unknown"


def test_a_finding_shows_what_its_law_is_about(results: dict[str, Any]) -> None:
    """A name that is no text for the wrong type, a target of the other spelling for the target."""
    found = {each["id"]: each["findings"][0] for each in results["laws"] if each["findings"]}
    assert "is refused: it is " in found["wire.wrong-type"]["expected"]
    assert "X-Amz-Target: CodeStar_connections_20191201." in found["wire.target"]["expected"]
    assert "3 times of 3" in found["wire.no-server-error"]["actual"]
