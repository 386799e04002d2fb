"""Run programs through a relay that misbehaves as networks do, by drawn schedules of faults; does assay keep its head?

Each trial draws a schedule and a few programs, judges the reference server through the relay with every law, cleans
up, and then asks the server itself what is left. Wanted, of all trials: no law accused, no trial without an end, no
error of assay's own, nothing left behind that is neither listed nor in the ledger, and an exit code that says so.

Everything listens on loopback only. The exit code is 0 where all of that was seen.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from assay.budget import Budget, BudgetSpentError
from assay.contract import load_contract
from assay.errors import AssayError
from assay.in_force import put_in_force
from assay.ledger import Owed, ledgers_in
from assay.run import Run
from assay.settings import Settings
from assay.suite import specs_root

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # no installed package has what follows

from bench.kill_and_sweep import connections, endpoint
from selftests.relay import Relay, schedules
from strategies import programs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.program import Program
    from selftests.relay import Schedule

_TIMEOUT: Final = 0.3
_CALLS: Final = 250
_SECONDS: Final = 6.0
_HANG_S: Final = 30.0  # a trial that takes longer than this does not end by itself
_SHOWN: Final = 5
THEMES: Final = ("anything", "names", "arns", "removals", "pages", "filters", "tokens")


@dataclass(slots=True)
class Tally:
    """What came of the trials; `faults` are those that requests really met."""

    trials: int = 0
    calls: int = 0
    unknown: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    exits: Counter[int] = field(default_factory=Counter)
    accused: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def is_good(self) -> bool:
        """Did assay keep its head every time?"""
        return not (self.accused or self.hung or self.broken or self.unlisted or self.untrue)


def main() -> int:
    """Draw and run as many trials as were asked for; print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=2_000, help="how many schedules (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="draw the same ones again (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3_600.0, help="draw no more after so long")
    parser.add_argument("--json", type=Path, help="write the figures into this file as well")
    args = parser.parse_args()
    tally = Tally()
    started = time.monotonic()
    prepare()
    with endpoint() as (url, client):

        @seed(args.seed)
        @settings(
            max_examples=args.trials,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(schedule=schedules(), drawn=st.lists(st.sampled_from(THEMES).flatmap(programs), min_size=1, max_size=3))
        def trials(schedule: Schedule, drawn: list[Program]) -> None:
            if time.monotonic() - started < args.seconds:
                trial(url, client, schedule, drawn, tally)
                print(f"\r{tally.trials} of {args.trials}", end="", file=sys.stderr, flush=True)

        trials()
    print(file=sys.stderr)
    figures = {
        "schedules": tally.trials,
        "calls": tally.calls,
        "calls without a clear answer": tally.unknown,
        "faults met": sum(count for kind, count in tally.faults.items() if kind != "pass"),
        "exit codes": dict(sorted(tally.exits.items())),
        "laws accused": len(tally.accused),
        "trials that hung": len(tally.hung),
        "errors of assay's own": len(tally.broken),
        "left behind and not listed": len(tally.unlisted),
        "exit codes that were not true": len(tally.untrue),
        "slowest trial, s": round(tally.slowest, 1),
        "seconds": round(time.monotonic() - started, 1),
    }
    for what, figure in figures.items():
        print(f"{what:32} {figure}")
    for told in (tally.accused, tally.hung, tally.broken, tally.unlisted, tally.untrue):
        for line in told[:_SHOWN]:
            print(f"  {line}")
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0 if tally.is_good else 1


def prepare() -> None:
    """What a run does once: the strategies draw for the newest contract."""
    put_in_force(load_contract("codestar-connections", None, specs=specs_root()))


def trial(url: str, client: Any, schedule: Schedule, drawn: Sequence[Program], tally: Tally) -> None:
    """Judge the endpoint through a relay with this schedule by these programs, and count what came of it."""
    tally.trials += 1
    started = time.monotonic()
    what = f"{[(each.kind, each.amount) for each in schedule]} {'; '.join(map(str, drawn))}"
    with tempfile.TemporaryDirectory(prefix="assay-") as folder, Relay(url, schedule, hang_s=2 * _TIMEOUT) as relay:
        document = judged(relay.url, folder, drawn)
        met = [fault for fault in relay.met if fault.kind != "pass"]
        tally.faults.update(fault.kind for fault in relay.met)
        owed = [Owed.read(place) for place in ledgers_in(Path(folder))]
    seconds = time.monotonic() - started
    tally.slowest = max(tally.slowest, seconds)
    if seconds > _HANG_S:
        tally.hung.append(f"{seconds:.1f} s: {what}")
    there = connections(client)
    for arn in there:
        client.delete_connection(ConnectionArn=arn)
    code = document["exit_code"]
    tally.exits[code] += 1
    tally.calls += document["calls"]["total"]
    tally.unknown += document["calls"]["by_outcome"].get("unknown", 0)
    for law in document["laws"]:
        if law["findings"] or law["verdict"] in {"fail", "warn"}:
            found = law["findings"][0] if law["findings"] else {"expected": "", "actual": ""}
            tally.accused.append(f"{law['id']}: {found['expected']} / {found['actual']}: {what}")
    if code in {1, 2, 3}:
        tally.broken.append(f"exit code {code}, {document.get('trouble')}: {what}")
    listed = {each["arn"] for each in document["cleanup"]["left_behind"]}
    known = listed.union(*(each.made for each in owed))
    names = {name for each in owed for name in each.open}
    tally.unlisted.extend(f"{name}: {what}" for arn, name in there.items() if arn not in known and name not in names)
    by_outcome = document["calls"]["by_outcome"]
    is_fair = by_outcome.get("accepted", 0) and not by_outcome.get("unknown", 0) and not document["limits_reached"]
    if code == 4 and not met and is_fair:  # noqa: PLR2004 - 5 is true of a program that exercises no law; a machine too busy to answer in time is weather as well
        tally.untrue.append(f"{code} in fine weather: {what}")


def judged(url: str, folder: str, drawn: Sequence[Program]) -> dict[str, Any]:
    """The results of a small run."""
    run = Run(
        Settings(
            endpoint_url=url,
            effort="quick",
            timeout=_TIMEOUT,
            max_calls=_CALLS,
            time_limit=_SECONDS,
            report_dir=folder,
            region="us-east-1",
        ),
        progress="none",
    )
    run.open()
    if run.trouble is None:
        try:
            for program in drawn:
                run.session.search.examine(program, Budget(within=run.session.search.budget))
            run.session.search.explain()
        except BudgetSpentError:
            run.session.limits_reached.append("time-limit")
        except AssayError as error:
            run.trouble = error
    run.finish()
    assert run.document is not None
    return run.document


if __name__ == "__main__":
    sys.exit(main())
