"""A plugin of pytest that notes at which call each failing test failed; the tests know nothing of it.

Every attempt that boto3 sends is a call, retries included. What is noted goes to the file that the environment names,
one line of JSON for each failing test, at once: whoever stops the tests still has what was seen until then.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    import pytest

_NOTES = Path(os.environ["ASSAY_BENCH_NOTES"])
_calls = 0
_send = URLLib3Session.send


def _counted(session: Any, request: Any) -> Any:
    global _calls  # noqa: PLW0603 - one count for the process, whatever sessions there are
    _calls += 1
    return _send(session, request)


URLLib3Session.send = _counted


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a test that failed, or whose fixtures did."""
    if report.failed:
        with _NOTES.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps({"what": report.nodeid, "call": _calls}) + "\n")
