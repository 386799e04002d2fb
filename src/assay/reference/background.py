"""A reference server in a process of its own, for as long as somebody here needs it.

`start()` returns at once; `endpoint_url` waits until the child really listens, so the parent can do something useful in
between. The two talk over the child's standard streams, one line of JSON each way: options go in (keys and secrets with
them, which thus stand in no process list), the URL or the reason why there is none comes out.

The child lives no longer than its parent. It reads its standard input to the end, and ends when the end comes: by
`stop()`, or because the parent is gone, however it went. It does not listen to Ctrl-C, which a terminal sends to every
process of the group: the parent still needs the server to clean up.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from assay.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

__all__ = ["BackgroundReference"]

_PATIENCE_S = 30.0
_DEFAULT_EDITION = "2026-11-10"

# A group of its own, so that Ctrl-C does not reach the child even before it can ignore it.
if sys.platform == "win32":
    _PROCESS_GROUP, _CREATION_FLAGS = None, subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _PROCESS_GROUP, _CREATION_FLAGS = 0, 0


class BackgroundReference:
    """A reference server on a free loopback port; a context manager, or `start()` and `stop()`."""

    def __init__(  # noqa: PLR0913 - one for each option of the command
        self,
        *,
        edition: str = _DEFAULT_EDITION,
        mutant: str | None = None,
        liberties: Sequence[str] = (),
        impostor: str | None = None,
        state: str | os.PathLike[str] | None = None,
        quota: int = 250,
        verify_signatures: bool = False,
        credentials: Mapping[str, str] | None = None,
    ) -> None:
        self._options: dict[str, object] = {
            "edition": edition,
            "mutant": mutant,
            "liberties": list(liberties),
            "impostor": impostor,
            "state": None if state is None else os.fspath(Path(state).absolute()),
            "quota": quota,
            "verify_signatures": verify_signatures,
            "credentials": dict(credentials or {}),
        }
        self._liberties = tuple(liberties)
        self._ca_bundle: str | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._complaints: IO[str] | None = None
        self._announced: dict[str, str | None] = {}
        self._listener: threading.Thread | None = None

    def start(self) -> Self:
        """Start the child, and do not wait for it.

        Raises:
            UsageError: there is no such liberty, or two contradict each other.

        """
        if self._process is not None:
            raise HarnessError("a BackgroundReference was started twice")
        self._make_certificates()
        arguments = [sys.executable, "-P", *(["-B"] if sys.dont_write_bytecode else []), "-m", "assay.reference"]
        source = str(Path(__file__).resolve().parents[2])
        inherited = os.environ.get("PYTHONPATH")
        # Appended to, because reading it here moves the offset that the child shares.
        self._complaints = tempfile.TemporaryFile("a+", encoding="utf-8", errors="replace")  # noqa: SIM115 - see stop
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{inherited}" if inherited else source},
            encoding="utf-8",
            process_group=_PROCESS_GROUP,
            creationflags=_CREATION_FLAGS,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True, name="assay-reference")
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(json.dumps(self._options) + "\n")
            self._stdin.flush()
        self._listener.start()
        return self

    @property
    def endpoint_url(self) -> str:
        """Where it listens; waits until it does."""
        if self._process is None or self._listener is None:
            raise HarnessError("a BackgroundReference has no URL before it was started")
        self._listener.join(_PATIENCE_S)
        url = self._announced.get("endpoint_url")
        if url is not None:
            return url
        error = self._announced.get("error")
        hint = self._announced.get("hint")
        waited = self._listener.is_alive()
        complaints = self.complaints()
        self.stop()
        if error is not None:
            raise UsageError(error, hint=hint)
        what = f"did not listen within {_PATIENCE_S:g} s" if waited else "ended before it listened"
        raise HarnessError(f"the background reference server {what}", hint=complaints.strip()[-2000:] or None)

    @property
    def ca_bundle(self) -> str | None:
        """The authority that its certificate is of, while it runs; None where it speaks no TLS."""
        return self._ca_bundle

    def _make_certificates(self) -> None:
        if not self._liberties:
            return
        from assay.liberties import named  # noqa: PLC0415 - the reference itself knows none

        if any(each.tls for each in named(self._liberties)):
            from assay.liberties.private_ca import make_certificates  # noqa: PLC0415 - as above

            self._folder = tempfile.TemporaryDirectory(prefix="assay-")
            made = make_certificates(Path(self._folder.name))
            self._options["certificate"] = (str(made.certificate), str(made.key))
            self._ca_bundle = str(made.ca_bundle)

    def complaints(self) -> str:
        """What the child wrote to its standard error: nothing, unless it met a bug."""
        if self._complaints is None or self._complaints.closed:
            return ""
        self._complaints.seek(0)
        return self._complaints.read()

    def stop(self) -> None:
        """End the child; harmless where there is none."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._listener is not None:
            self._listener.join(_PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()
        if self._complaints is not None:
            self._complaints.close()
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def _stdin(self) -> IO[str]:
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin

    def _listen(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        with contextlib.suppress(ValueError):
            self._announced = json.loads(process.stdout.readline())
