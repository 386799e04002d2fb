"""Kill runs with SIGKILL at random moments, sweep, and look: is anything of theirs left, is anybody else's lost?

Each trial starts `assay run` against one reference server, in which strangers' connections stand, some of them named
like a run's; kills the run and its child at a moment drawn over the length of a whole run; and calls `assay sweep`.
With two at once, one of the runs is killed and the other goes on: the sweep must not touch what it is at work with.

Everything listens on loopback only, and everything that was started is gone at the end. The exit code is 0 where
nothing was left, nothing was lost, and every sweep said so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

from assay.reference import BackgroundReference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_STRANGERS: Final = ("a-colleague's", "as", "ask3f9q1", "askkkkkk0000", "x-asaaaaaa0001", "asbbbbbb0001z", "丁", "丂")
_LONGEST_S: Final = 120.0


@dataclass(slots=True)
class Tally:
    """What came of the trials."""

    trials: int = 0
    killed: int = 0
    owed: int = 0
    left: int = 0
    lost: int = 0
    disturbed: int = 0
    not_said: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Was everything of the runs removed, nothing else, and was that said?"""
        return not (self.left or self.lost or self.disturbed or self.not_said)


def main() -> int:
    """Kill and sweep as often as was asked for; print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=50, help="how many runs are killed (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=10, help="how many of two at once (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="draw the same moments again (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=4.0, help="the latest moment (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures into this file as well")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    tally = Tally()
    started = time.monotonic()
    for number in range(args.trials + args.pairs):
        trial(rng.uniform(0.3, args.seconds), tally, is_pair=number >= args.trials)
        print(f"\r{number + 1} of {args.trials + args.pairs}, {tally.owed} to sweep by now", end="", file=sys.stderr)
    print(file=sys.stderr)
    figures = {
        "runs killed": tally.killed,
        "connections alive when they were": tally.owed,
        "left after the sweep": tally.left,
        "strangers' connections lost": tally.lost,
        "living runs disturbed": tally.disturbed,
        "sweeps that said something else": len(tally.not_said),
        "seconds": round(time.monotonic() - started, 1),
    }
    for what, figure in figures.items():
        print(f"{what:34} {figure}")
    for said in tally.not_said[:5]:
        print(said)
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0 if tally.is_good else 1


def trial(moment: float, tally: Tally, *, is_pair: bool = False) -> None:
    """Kill one run after so many seconds, with another one beside it where there is a pair; sweep, and look."""
    tally.trials += 1
    with endpoint() as (url, client), tempfile.TemporaryDirectory(prefix="assay-") as folder:
        mine = [
            client.create_connection(ConnectionName=name, ProviderType="Bitbucket")["ConnectionArn"]
            for name in _STRANGERS
        ]
        run = start(url, folder)
        beside = start(url, folder) if is_pair else None
        time.sleep(moment)
        kill(run)
        tally.killed += 1
        if beside is None:
            tally.owed += len(connections(client)) - len(mine)
        said = sweep(folder)
        if beside is not None:
            results = Path(folder) / "results.json"
            beside.wait(_LONGEST_S)
            told = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
            if beside.returncode not in {0, 4} or told.get("cleanup", {}).get("left_behind") != []:
                tally.disturbed += 1
                tally.not_said.append(f"the run beside it ended with {beside.returncode}")
        there = connections(client)
        tally.left += len(there.keys() - set(mine))
        tally.lost += len(set(mine) - there.keys())
        if said.returncode != 0 or "Traceback" in said.stderr:
            tally.not_said.append(f"exit code {said.returncode}: {said.stdout}{said.stderr}")


@contextmanager
def endpoint() -> Iterator[tuple[str, Any]]:
    """A reference server with room, and a client of its own."""
    reference = BackgroundReference(quota=10_000)
    reference.start()
    try:
        url = reference.endpoint_url
        yield (
            url,
            boto3.client(
                "codestar-connections",
                endpoint_url=url,
                region_name="us-east-1",
                aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                aws_secret_access_key="harmless",
                config=Config(retries={"total_max_attempts": 1}),
            ),
        )
    finally:
        reference.stop()


def start(url: str, folder: str) -> subprocess.Popen[bytes]:
    """A run, with its child, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "assay", "run", "--endpoint-url", url, "--effort", "quick", "--report-dir", folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )


def kill(run: subprocess.Popen[bytes]) -> None:
    """SIGKILL, to the child first: it is the one that creates."""
    for child in children(run.pid):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    run.kill()
    run.wait(10)


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    try:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False, timeout=10
        ).stdout
    except OSError:
        listed = ""
    return [int(word) for word in listed.split()]


def sweep(folder: str) -> subprocess.CompletedProcess[str]:
    """`assay sweep`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "assay", "sweep", "--report-dir", folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_S,
        env=environment(),
    )


def environment() -> dict[str, str]:
    """The caller's, without anybody's credentials."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def connections(client: Any) -> dict[str, str]:
    """ARNs and names of all that is there."""
    there: dict[str, str] = {}
    token: dict[str, str] = {}
    while True:
        page = client.list_connections(MaxResults=100, **token)
        there |= {each["ConnectionArn"]: each["ConnectionName"] for each in page["Connections"]}
        if "NextToken" not in page:
            return there
        token = {"NextToken": page["NextToken"]}


if __name__ == "__main__":
    sys.exit(main())
