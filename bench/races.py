"""How soon a race is met: bursts of Creates of one name, against windows of a known width between check and insert.

`python bench/races.py` starts a server in threads for each window, sends bursts of eight Creates of one fresh name as
the suite does, and counts bursts up to the first that shows two connections of the name; several rounds for each.
Beside it stands how many such bursts the programs of an effort hold, and how probable it is that one meets the window.
The last window is none: the lock is let go and taken again. What races cost a run is printed with `--cost`: the
workloads of calls at once alone, and all of them, against the reference, by calls and seconds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hypothesis import HealthCheck, Phase, given, seed, settings

from assay.contract import load_contract
from assay.history import Accepted
from assay.in_force import put_in_force
from assay.program import Create, Parallel, Program
from assay.settings import EFFORTS
from assay.target import HARMLESS, Endpoint, Target
from strategies import races

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection as Pipe

_ROOT = Path(__file__).resolve().parent.parent
_WINDOWS = {"2 ms": 0.002, "200 \u00b5s": 0.0002, "20 \u00b5s": 0.00002, "unlock, relock": 0.0}
_WIDTH = 8
_TESTS = ("tests/codestar_connections/test_concurrent.py", "tests/codestar_connections/test_orders.py")


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--rounds", type=int, default=20, help="first hits for each window (default: %(default)s)")
    options.add_argument("--bursts", type=int, default=2_000, help="most bursts for a first hit (default: %(default)s)")
    options.add_argument("--cost", action="store_true", help="what races cost a quick and a standard run, instead")
    chosen = options.parse_args()
    if chosen.cost:
        _print_cost()
    else:
        _print_windows(chosen.rounds, chosen.bursts)
    return 0


def _print_windows(rounds: int, most: int) -> None:
    contract = load_contract("codestar-connections", specs=_ROOT / "specs")
    put_in_force(contract)
    bursts = {effort: _bursts_of(effort) for effort in EFFORTS}
    print("bursts of Creates of one name:", ", ".join(f"{effort} {count}" for effort, count in bursts.items()))
    print(f"{'window':<16}{'bursts to the first hit: median':>32}{'worst':>7}{'chance of one':>15}", end="")
    print("".join(f"{effort:>10}" for effort in bursts))
    for words, seconds in _WINDOWS.items():
        with _served(seconds) as url:
            target = Target(Endpoint.parse(url), contract, HARMLESS, "us-east-1")
            first = [_first_hit(target, most) for _ in range(rounds)]
            target.close()
        hits = [count for count in first if count is not None]
        spent = sum(most if count is None else count for count in first)
        chance = len(hits) / spent
        median = statistics.median([most if count is None else count for count in first])
        worst = "none" if len(hits) < rounds else max(hits)
        print(f"{words:<16}{median:>32.0f}{worst:>7}{chance:>15.3f}", end="")
        print("".join(f"{1 - (1 - chance) ** count:>10.4f}" for count in bursts.values()), flush=True)


def _first_hit(target: Target, most: int) -> int | None:
    """How many bursts it took; None where so many did not do."""
    for number in range(1, most + 1):
        name = f"bench-{uuid.uuid4().hex[:20]}"
        create = ("CreateConnection", {"ConnectionName": name, "ProviderType": "Bitbucket"})
        answers = [attempts[-1].outcome for attempts in target.burst([create] * _WIDTH)]
        made = [answer.output["ConnectionArn"] for answer in answers if isinstance(answer, Accepted)]
        for arn in made:
            target.call("DeleteConnection", {"ConnectionArn": arn})
        if len(made) > 1:
            return number
    return None


def _bursts_of(effort: str) -> int:
    """How many bursts with Creates of one name the programs of a run of this effort hold, in its own workload."""
    found = 0

    @seed(1)
    @settings(
        max_examples=EFFORTS[effort].examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(races("names"))
    def draw(program: Program) -> None:
        nonlocal found
        for step in program.steps:
            if isinstance(step, Parallel):
                names = [branch[0].name for branch in step.branches if isinstance(branch[0], Create)]
                found += len(names) > len(set(names))

    draw()
    return found


@contextmanager
def _served(seconds: float) -> Iterator[str]:
    """A server in threads with such a window."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, seconds), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        server.terminate()
        server.join(5)


def _serve(pipe: Pipe, seconds: float) -> None:
    import socket  # noqa: PLC0415 - the parent need not hold a server in its memory

    from uvicorn import Config, Server  # noqa: PLC0415

    from assay.mutants.name_races import with_window_before_insert  # noqa: PLC0415
    from assay.reference.editions import DEFAULT_EDITION, EDITIONS  # noqa: PLC0415
    from assay.reference.parts import careful_parts  # noqa: PLC0415
    from assay.reference.pool import in_threads  # noqa: PLC0415
    from assay.reference.wire import application  # noqa: PLC0415

    parts = with_window_before_insert(careful_parts(), seconds)
    app: Any = in_threads(application(parts=parts, edition=EDITIONS[DEFAULT_EDITION]))
    listener = socket.create_server(("127.0.0.1", 0))
    pipe.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
    Server(Config(app, log_level="error", access_log=False, lifespan="off")).run(sockets=[listener])


def _print_cost() -> None:
    print(f"{'effort':<10}{'workloads':<16}{'calls':>8}{'seconds':>9}")
    for effort in ("quick", "standard"):
        for words, tests in (("calls at once", _TESTS), ("all", ("tests/codestar_connections",))):
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, "-m", "pytest", "-q", *tests, "--assay-effort", effort]
                command += ["--assay-seed", "1", "--assay-report-dir", folder]
                subprocess.run(command, cwd=_ROOT, capture_output=True, check=False)
                results = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))
            calls = results["calls"]["total"]
            print(f"{effort:<10}{words:<16}{calls:>8,}{results['duration_s']:>9.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
