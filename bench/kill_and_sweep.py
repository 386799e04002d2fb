"""Kill runs with SIGKILL at random moments, sweep, and look: is anything of theirs left, is anybody else's lost?

Each trial starts `assay run` against one reference server, in which strangers' connections stand, some of them named
like a run's; kills the run and its child at a moment drawn over the length of a whole run; and calls `assay sweep`.
With two at once, one of the runs is killed and the other goes on: the sweep must not touch what it is at work with.
With `--target aws` all that happens at the pretended AWS (`selftests/pretend_aws.py`), where 150 connections of others
come and go as well.

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
from typing import TYPE_CHECKING, Final, Protocol

import boto3
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assay.reference import BackgroundReference
from selftests.pretend_aws import ACCOUNT, KEY, REGION, SCALED, SECRET, PretendAws, pretend_aws
from selftests.pretend_aws import environment as aws_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
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
    parser.add_argument("--target", choices=("aws",), help="against the pretended AWS in the place of an emulator")
    parser.add_argument("--json", type=Path, help="write the figures into this file as well")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    tally = Tally()
    account = emulator if args.target is None else pretended_account
    began = time.monotonic()
    for number in range(args.trials + args.pairs):
        trial(rng.uniform(0.3, args.seconds), tally, account, is_pair=number >= args.trials)
        print(f"\r{number + 1} of {args.trials + args.pairs}, {tally.owed} to sweep by now", end="", file=sys.stderr)
    print(file=sys.stderr)
    figures = {
        "runs killed": tally.killed,
        "connections alive when they were": tally.owed,
        "left after the sweep": tally.left,
        "strangers' connections lost": tally.lost,
        "living runs disturbed": tally.disturbed,
        "sweeps that said something else": len(tally.not_said),
        "seconds": round(time.monotonic() - began, 1),
    }
    for what, figure in figures.items():
        print(f"{what:34} {figure}")
    for said in tally.not_said[:5]:
        print(said)
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0 if tally.is_good else 1


def trial(
    moment: float, tally: Tally, account: Callable[[], AbstractContextManager[Account]], *, is_pair: bool
) -> None:
    """Kill one run after so many seconds, with another one beside it where there is a pair; sweep, and look."""
    tally.trials += 1
    with account() as there, tempfile.TemporaryDirectory(prefix="assay-") as folder:
        run = there.start(folder)
        beside = there.start(folder) if is_pair else None
        time.sleep(moment)
        kill(run)
        tally.killed += 1
        if beside is None:
            tally.owed += there.left()
        said = there.sweep(folder)
        if beside is not None:
            results = Path(folder) / "results.json"
            beside.wait(_LONGEST_S)
            told = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
            if beside.returncode not in {0, 4} or told.get("cleanup", {}).get("left_behind") != []:
                tally.disturbed += 1
                tally.not_said.append(f"the run beside it ended with {beside.returncode}")
        tally.left += there.left()
        tally.lost += there.lost()
        if said.returncode != 0 or "Traceback" in said.stderr:
            tally.not_said.append(f"exit code {said.returncode}: {said.stdout}{said.stderr}")


class Account(Protocol):
    """Where runs are killed: how one is started there, how it is swept, and what is left or lost by its own count."""

    def start(self, folder: str) -> subprocess.Popen[bytes]:
        """A run, with its child, its results in this folder."""

    def sweep(self, folder: str) -> subprocess.CompletedProcess[str]:
        """`assay sweep`, to its end."""

    def left(self) -> int:
        """How many connections of the runs live."""

    def lost(self) -> int:
        """How many of the strangers' connections are gone."""


class Emulator:
    """A reference server with room, and a client of its own, who has made the strangers' connections."""

    def __init__(self, url: str, client: Any) -> None:
        self._url, self._client = url, client
        self._mine = strangers(client)

    def start(self, folder: str) -> subprocess.Popen[bytes]:
        """A quick run."""
        return started("--endpoint-url", self._url, "--effort", "quick", "--report-dir", folder, env=environment())

    def sweep(self, folder: str) -> subprocess.CompletedProcess[str]:
        """By the ledgers of the folder."""
        return swept("--report-dir", folder, env=environment())

    def left(self) -> int:
        """What is there, but for the strangers'."""
        return len(connections(self._client).keys() - self._mine)

    def lost(self) -> int:
        """The strangers' that are there no more."""
        return len(self._mine - connections(self._client).keys())


class PretendedAccount:
    """The reference as AWS: 150 connections come and go beside those of the strangers, and it counts for itself."""

    def __init__(self, aws: PretendAws, home: Path) -> None:
        self._aws, self._home = aws, home
        self._env = aws_environment(aws, home)
        (home / "assay.toml").write_text(f'[allow]\naccounts = ["{ACCOUNT}"]\n', encoding="utf-8")
        client = boto3.client(
            "codestar-connections",
            endpoint_url=aws.url,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            verify=str(aws.ca_bundle),
            config=Config(retries={"total_max_attempts": 5, "mode": "standard"}),
        )
        self._mine = strangers(client)
        aws.made.clear()  # they are nobody's whom the account watches

    def start(self, folder: str) -> subprocess.Popen[bytes]:
        """A run of the effort `aws`, two hundred times as fast as by default."""
        words = ("--target", "aws", "--yes", *SCALED, "--report-dir", folder)
        return started(*words, env=self._env, cwd=self._home)

    def sweep(self, folder: str) -> subprocess.CompletedProcess[str]:
        """By the ledgers of the folder, at two calls a second."""
        return swept("--target", "aws", "--report-dir", folder, env=self._env, cwd=self._home)

    def left(self) -> int:
        """What it created and was not told to delete."""
        return len(self._aws.left)

    def lost(self) -> int:
        """What was deleted of anybody else's, and the strangers' that are there no more."""
        return len(self._aws.foreign_gone) + sum(not self._aws.is_there(arn) for arn in self._mine)


@contextmanager
def endpoint() -> Iterator[tuple[str, Any]]:
    """The URL of a reference server with room, and a client of its own, until the end of the block."""
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


@contextmanager
def emulator() -> Iterator[Account]:
    """Such a server with strangers in it."""
    with endpoint() as served:
        yield Emulator(*served)


@contextmanager
def pretended_account() -> Iterator[Account]:
    """A pretended account, until the end of the block."""
    with pretend_aws() as aws, tempfile.TemporaryDirectory(prefix="assay-") as home:
        yield PretendedAccount(aws, Path(home))


def strangers(client: Any) -> set[str]:
    """The ARNs of connections that are no run's, made now; their names look as if they were."""
    made = (client.create_connection(ConnectionName=name, ProviderType="Bitbucket") for name in _STRANGERS)
    return {each["ConnectionArn"] for each in made}


def started(*words: str, env: dict[str, str], cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """`assay run` with these options, whatever it says."""
    nothing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", "assay", "run", *words], env=env, cwd=cwd, **nothing)


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


def swept(*words: str, env: dict[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`assay sweep` with these options, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "assay", "sweep", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_S,
        env=env,
        cwd=cwd,
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
