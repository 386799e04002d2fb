"""The process that does the work of a run: how it is started, how it is told to stop, and what it left behind.

pytest gets a process of its own, because it takes over warnings, signals, imports and standard streams, and because
nothing of the caller's may reach it: no PYTEST_ADDOPTS, no plugins that happen to be installed, no package of the
current directory that is called `reports` by chance (`-P`). What the child found stands in results.json under the
run's id; its exit code is not asked.

On POSIX the child has a process group of its own, so that a Ctrl-C of the terminal reaches only the parent, and the
child exactly once: whether the signal came from a keyboard or from `kill`, the child cleans up. A second one ends the
clean-up, so that the results list what is left; a third one ends the child.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from assay.errors import UsageError
from assay.interrupts import held_back
from assay.suite import find_suite, tests_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Ended", "prepare_report_dir", "run_suite"]

_TAIL_LINES: Final = 40
_LIBRARIES: Final = frozenset({"site-packages", "dist-packages"})
_PATIENCE: Final = 1 if sys.platform == "win32" else 2
_LOOK_S: Final = 0.2  # how often it is seen whether the child still lives
#: One test at a time goes to whoever is free, as some take a hundred times as long as others.
_SPLIT: Final = ("-p", "xdist.plugin", "--dist=load", "--maxschedchunk=1", "--max-worker-restart=0")
_PLUGINS: Final = ("assay.plugin", "_hypothesis_pytestplugin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the child ended: what it wrote under the run's id, what it said last, its exit code, and was it told to?"""

    document: Mapping[str, Any] | None
    last_words: tuple[str, ...]
    code: int
    stopped: bool = False


def prepare_report_dir(folder: str) -> Path:
    """The folder for the results, made where it is missing.

    Raises:
        UsageError: nothing can be written there.

    """
    place = Path(folder)
    trial = place / f".assay-{secrets.token_hex(4)}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        raise UsageError(
            f"results cannot be written to {ascii(folder)[1:-1]}: {error.strerror or error}",
            hint="--report-dir names another folder",
        ) from error
    return place


def run_suite(  # noqa: PLR0913 - each by its name
    service: str,
    options: Sequence[str],
    *,
    report_dir: Path,
    shows_pytest: bool,
    asks: bool = False,
    workers: int = 1,
) -> Ended:
    """Run the tests of a service with the plugin's options, split over `workers`, and wait for the end.

    With `asks`, the child reads what is typed at this terminal. It is handed on: the child's process group is not the
    terminal's, and would be stopped if it read there itself.
    """
    run_id = secrets.token_hex(8)
    suite = find_suite()
    command = [
        *(sys.executable, "-P", "-m", "assay.cli.pytest_process", "-c", str(suite / "tox.ini"), f"--rootdir={suite}"),
        *(word for plugin in _PLUGINS for word in ("-p", plugin)),
        *("-p", "no:cacheprovider", "--assert=plain"),  # no test has an assertion to be rewritten
        "--capture=no",  # captured, progress would be seen by nobody
        *(() if shows_pytest else ("-p", "no:terminal")),
        *(() if workers == 1 else (*_SPLIT, f"--numprocesses={workers}")),
        *options,
        f"--assay-run-id={run_id}",
        str(tests_root(service)),
    ]
    last_words: deque[str] = deque(maxlen=_TAIL_LINES)
    stop = _Stop()
    with stop.listening():
        with held_back():
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own tests
                command,
                stdin=_input_for_the_child(asks=asks),
                stderr=None if sys.stderr.isatty() else subprocess.PIPE,  # a terminal is for the child to draw on
                env=_environment(),
                **_own_group(),
            )
        if process.stdin is not None:
            threading.Thread(target=_hand_in, args=(process,), daemon=True).start()
        pump = threading.Thread(target=_pass_on, args=(process.stderr, last_words), daemon=True)
        pump.start()
        stop.wait_for(process)
    pump.join(1.0)
    if process.stderr is not None:
        process.stderr.close()
    return Ended(
        document=_document(report_dir / f".results.{run_id}.json", run_id),
        last_words=tuple(last_words),
        code=process.returncode,
        stopped=stop.asked > 0,
    )


def _environment() -> dict[str, str]:
    """The caller's environment without what would change pytest, and with the engine where it can be imported."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment.pop("PYTHONOPTIMIZE", None)  # pytest warns of it, and a warning is an error here
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.setdefault("PYTHONIOENCODING", ":backslashreplace")
    source = Path(__file__).resolve().parents[2]
    if source.name not in _LIBRARIES:
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{source}{os.pathsep}{inherited}" if inherited else str(source)
    return environment


def _own_group() -> dict[str, Any]:
    return {} if sys.platform == "win32" else {"process_group": 0}


def _input_for_the_child(*, asks: bool) -> int | None:
    if not asks:
        return subprocess.DEVNULL
    return None if sys.platform == "win32" else subprocess.PIPE  # there, the child may read the console


def _hand_in(process: subprocess.Popen[bytes]) -> None:
    """Hand on what is typed, as long as the child lives; never read when it may be over, as nothing ends a read."""
    terminal = sys.stdin.fileno()
    with contextlib.suppress(OSError, ValueError):
        while process.poll() is None and process.stdin is not None:
            if select.select([terminal], [], [], _LOOK_S)[0]:
                typed = os.read(terminal, 1024)
                if not typed:
                    break
                process.stdin.write(typed)
                process.stdin.flush()
        if process.stdin is not None:
            process.stdin.close()


def _pass_on(stream: IO[bytes] | None, last_words: deque[str]) -> None:
    """Hand on what the child says, line by line, and keep the end of it."""
    for line in stream or ():
        text = line.decode("utf-8", "replace")
        last_words.append(text.rstrip("\n"))
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


class _Stop:
    """The wish to stop: the first ends the child's search, the second its clean-up, a third the child itself."""

    def __init__(self) -> None:
        self.asked = 0
        self._process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the signals that ask to stop, from before the child is there until after it has ended."""
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup has it ignored
                    before[number] = signal.signal(number, self._hear)
        try:
            yield
        finally:
            for number, earlier in before.items():
                signal.signal(number, earlier)

    def wait_for(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of the child."""
        self._process = process
        if self.asked:
            self._hand_on()
        while True:
            try:
                process.wait()
            except KeyboardInterrupt:  # not in the main thread, where no handler could be set
                self._hear()
            else:
                return

    def _hear(self, *_: object) -> None:
        self.asked += 1
        self._hand_on()

    def _hand_on(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        if self.asked > _PATIENCE:
            process.kill()
        elif sys.platform != "win32":  # there, the console has told the child already
            process.send_signal(signal.SIGINT if self.asked == 1 else signal.SIGTERM)


def _document(place: Path, run_id: str) -> Mapping[str, Any] | None:
    """The results in a file of the run's own, which has done its duty then."""
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
        place.unlink()
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) and document.get("run_id") == run_id else None
