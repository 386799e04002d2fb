"""Planted secrets: whatever a run does, none of them is written down or printed, nor is a signature that was sent.

The endpoint repeats what it was sent wherever it answers a Get; what it was sent, it keeps, so that each signature can
be looked for afterwards. Looked through is all that lies in the folder of a run, and all that was printed: Base64 is
undone, for a body or a head may be written so.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay import cli, suite
from assay.cli.options import FORMATS
from selftests.careful import Careful, operation_of
from selftests.misbehaving import Misbehaving, answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

SOURCE = Path(cli.__file__).parents[2]
SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "planted-secret-planted-secret-planted-000",
    "AWS_SESSION_TOKEN": "planted-token-planted-token-planted-00000",
}
LAWS = ("connection.get.*", "wire.sdk", "wire.malformed-json", "auth.*")
ALL_FORMATS = tuple(word for name in FORMATS for word in ("--format", name))
SIGNATURE = re.compile(rb"Signature=([0-9a-f]{64})")
IN_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")


class Echo:
    """Answers a Get with the credentials that came with it, in the header and in the body."""

    def __init__(self) -> None:
        self._careful = Careful()
        self.signatures: set[bytes] = set()

    def __call__(self, connection: socket.socket, request: bytes) -> bool:
        self.signatures.update(SIGNATURE.findall(request))
        if operation_of(request) != "GetConnection":
            connection.sendall(self._careful.answer(request))
            return True
        head = request.partition(b"\r\n\r\n")[0]
        said = b" ".join(line for line in head.split(b"\r\n") if line.lower().startswith((b"auth", b"x-amz-sec")))
        body = json.dumps({"__type": "Odd", "message": f"{said.decode('latin-1')} {' '.join(SECRETS.values())}"})
        connection.sendall(answer(body.encode(), "409 Conflict", f"X-Echo: {said.decode('latin-1')}"))
        return True


@pytest.fixture
def echo() -> Iterator[tuple[str, Echo]]:
    """The URL of an endpoint that repeats what it hears, and what it heard."""
    behaviour = Echo()
    with Misbehaving(behaviour) as server:
        yield server.url, behaviour


def _started(folder: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ASSAY_"))}
    # A cache that other tests fill as well: what Hypothesis derives from Unicode takes seconds.
    plain |= {**SECRETS, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "PYTHONPATH": str(SOURCE), "HOME": str(folder)}
    plain |= {"XDG_CACHE_HOME": str(folder.parent / "cache"), **environment}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", *words],
        cwd=folder,
        env=plain,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _ended(folder: Path, process: subprocess.Popen[bytes], signatures: set[bytes]) -> int:
    """The exit code, after all that was printed and written has been looked through."""
    try:
        printed = dict(zip(("printed", "said"), process.communicate(timeout=120), strict=True))
    finally:
        process.kill()
    written = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    hidden = {text.encode() for text in SECRETS.values()} | signatures
    for name, data in {**written, **printed}.items():
        assert [secret for secret in hidden if secret in data] == [], name
        for text in _undone(data):
            assert [secret for secret in hidden if secret in text] == [], f"{name}, in Base64"
    return process.returncode


def _undone(data: bytes) -> Iterator[bytes]:
    for match in IN_BASE64.finditer(data):
        try:
            yield base64.b64decode(match[0] + b"=" * (-len(match[0].rstrip(b"=")) % 4))
        except binascii.Error:
            continue


def _run(folder: Path, signatures: set[bytes], *words: str, **environment: str) -> int:
    return _ended(folder, _started(folder, *words, **environment), signatures)


def test_a_planted_secret_would_be_found(tmp_path: Path) -> None:
    """Plain, and in Base64."""
    for number, text in enumerate((SECRETS["AWS_SESSION_TOKEN"].encode(), b"x" * 64)):
        for data in (b"{" + text + b"}", b'"' + base64.b64encode(b"Authorization: " + text) + b'"'):
            folder = tmp_path / f"{number}{len(data)}"
            folder.mkdir()
            (folder / "file").write_bytes(data)
            with pytest.raises(AssertionError, match="file"):
                _run(folder, {b"x" * 64}, "this")


def test_findings_in_every_format_and_their_replay(echo: tuple[str, Echo], tmp_path: Path) -> None:
    """Light, raw and boto3's requests, odd signatures, the log, the verbose report, and every report made later."""
    url, heard = echo
    laws = [word for law in LAWS for word in ("--law", law)]
    words = ["assay", "run", "--endpoint-url", url, "--effort", "quick", "--seed", "1", "--auth", "-v", *ALL_FORMATS]
    assert _run(tmp_path, heard.signatures, *words, *laws, "--log-file", "log.txt") == 1
    assert len(heard.signatures) > 100
    results = ".assay/results.json"
    document = json.loads((tmp_path / results).read_text(encoding="utf-8"))
    broken = {law["id"] for law in document["laws"] if law["findings"]}
    assert {"connection.get.details", "wire.sdk", "auth.missing"} & broken
    assert _run(tmp_path, heard.signatures, "assay", "report", results, *ALL_FORMATS) == 0
    assert _run(tmp_path, heard.signatures, "assay", "replay", results, "--endpoint-url", url) == 1


def test_what_pytest_hypothesis_and_schemathesis_print(echo: tuple[str, Echo], tmp_path: Path) -> None:
    """The tests as plain pytest runs them, with its own tracebacks and local variables."""
    url, heard = echo
    test = suite.tests_root("codestar-connections") / "test_schema_fuzz.py"
    words = ("--endpoint-url", url, "--assay-max-calls", "150", "--assay-seed", "1", "--assay-verbosity", "verbose")
    words += ("-p", "no:cacheprovider", "-vv", "--showlocals", f"--assay-report-dir={tmp_path / '.assay'}")
    assert _run(tmp_path, heard.signatures, "pytest", str(test), *words) == 1


@pytest.mark.parametrize(
    ("words", "config", "code"),
    [
        (("--endpoint-url", "http://127.0.0.1:9", "--timeout", "1s"), "", 4),
        (("--endpoint-url", "http://user:{secret}@127.0.0.1:9", "--timeout", "1s"), "", 4),
        ((), 'effort = "{secret}', 2),
        (("--profile", "nobody"), "", 2),
    ],
)
def test_runs_that_fail_before_they_begin(words: tuple[str, ...], config: str, code: int, tmp_path: Path) -> None:
    """An endpoint that is not there, a secret in a URL or behind a slip of the pen in a file, a profile that is not."""
    secret = SECRETS["AWS_SECRET_ACCESS_KEY"]
    if config:
        place = tmp_path.parent / f"{tmp_path.name}-assay.toml"  # not among what the run wrote
        place.write_text(config.replace("{secret}", secret), encoding="utf-8")
        words = ("--config", str(place))
    given = [word.replace("{secret}", secret) for word in words]
    assert _run(tmp_path, set(), "assay", "run", "-v", "--effort", "quick", *given) == code


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_run_that_is_interrupted(echo: tuple[str, Echo], tmp_path: Path) -> None:
    """In the middle of its calls."""
    url, heard = echo
    process = _started(tmp_path, "assay", "run", "--endpoint-url", url, "--effort", "deep", "-v", *ALL_FORMATS)
    until = time.monotonic() + 60
    while len(heard.signatures) < 50 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert _ended(tmp_path, process, heard.signatures) in {1, 4}


def test_a_mutant_of_the_reference(tmp_path: Path) -> None:
    """The server is in our own process, and has a log of its own."""
    words = ("--mutant", "sdk.byte-order-mark", "--law", "wire.sdk", "--effort", "quick", "--seed", "1", "-v")
    assert _run(tmp_path, set(), "assay", "run", *words, *ALL_FORMATS, "--log-file", "log.txt") == 1
