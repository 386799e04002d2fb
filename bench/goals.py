"""The goals of speed and size, each measured in this very run: what is wanted, what was seen, whether it is reached.

Every figure comes from the machine and the moment of the run; none is kept from an earlier one. Two tools that are
compared take turns, so that other work on the machine slows both, and a ratio means more than either of its sides. A
goal in seconds is met or missed by this machine as busy as it is now.

Everything listens on loopback only, and everything that was started or written is gone at the end. The exit code is 0
where every goal that was measured is reached, 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import schemathesis_run as rival
from desk import RunFailedError, TimedRun, fresh_desk
from metered import Meter, metered_reference
from scoreboard import Row, as_json, table

from assay.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_HERE: Final = Path(__file__).resolve().parent
_SPECS: Final = _HERE.parent / "specs"
_LIMIT: Final = 225.0  # seconds for everything
_LONGEST: Final = 100.0  # seconds for one process
_RIVAL_SECONDS: Final = 8
_RIVAL_EXAMPLES: Final = 2_000
_WARM_RUNS: Final = 3

_CALL_SHARE: Final = 1 / 5
_THROUGHPUT, _THROUGHPUT_AIM = 15, 40
_QUICK, _FIRST_EVER, _STANDARD = 5.0, 8.0, 25.0  # seconds
_SHRINK_CALLS, _SHRINK_SECONDS = 2_000, 5.0
_MUTANTS: Final = (  # their findings need the most calls to be made small
    "arn.freed-given-again",
    "delete.takes-the-next",
    "list.first-item-repeated",
    "list.token-leads-back",
    "name.duplicate-accepted-among-many",
)
_ITEMS: Final = 20_000
_MEMORY: Final = 300.0  # MB
_PAGE_SIZES: Final = (100, 20)  # so many pages, and five times as many
_NOISE: Final = 1.5  # twice the pages may take up to three times as long before it is no longer linear


class NotMeasuredError(Exception):
    """A figure could not be had, and why."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the measurements share: the seed, the mutants, and when all must be over."""

    seed: int
    mutants: tuple[str, ...]
    deadline: float

    def patience(self, longest: float = _LONGEST) -> float:
        """Seconds that the next process may take."""
        left = self.deadline - time.monotonic()
        if left < 1:
            raise NotMeasuredError(f"the {_LIMIT:.0f} s of this bench are over; measure it alone with --only")
        return min(left, longest)


def main() -> int:
    """Measure what was asked for, print the table, write the figures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--only", action="append", choices=tuple(_GOALS), help="this goal; may be repeated")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    options.add_argument("--seed", type=int, default=1, help="the seed of every run (default: %(default)s)")
    options.add_argument("--mutant", action="append", metavar="NAME", help="shrink the findings of this mutant")
    chosen = options.parse_args()
    bench = Bench(chosen.seed, tuple(chosen.mutant or _MUTANTS), time.monotonic() + _LIMIT)
    rows: list[Row] = []
    for name, measured in _GOALS.items():
        if name in (chosen.only or _GOALS):
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            rows.extend(_rows(name, measured, bench))
    print(table(rows))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(as_json(rows), indent=1) + "\n", encoding="utf-8")
    return 0 if all(row.is_reached for row in rows) else 1


def _rows(name: str, measured: Callable[[Bench], Iterator[Row]], bench: Bench) -> Iterator[Row]:
    try:
        yield from measured(bench)
    except (NotMeasuredError, RunFailedError, rival.RivalError, subprocess.TimeoutExpired, TimeoutError) as error:
        yield Row(name, name, "to be measured", "nothing", str(error), None, _only(name))


# -- the goals


def _call(bench: Bench) -> Iterator[Row]:
    command = ["call_cost.py", "--calls", "2000"]
    cpu: dict[tuple[str, str], float] = {}
    for line in _said(command, bench, codes=(0, 1)):
        match line.split():
            case [operation, "assay" | "boto3" as client, spent, _, _]:
                cpu[operation, client] = float(spent)
    shares = {each: spent / cpu[each, "boto3"] for (each, client), spent in cpu.items() if client == "assay"}
    if not shares:
        raise NotMeasuredError("call_cost.py prints another table than this bench reads")
    worst = max(shares, key=lambda operation: shares[operation])
    yield Row(
        "call",
        "client CPU of a signed call, against boto3's",
        f"at most 1/{1 / _CALL_SHARE:.0f}",
        f"1/{1 / shares[worst]:.1f}",
        f"{cpu[worst, 'assay']:.0f} and {cpu[worst, 'boto3']:.0f} µs, {worst}",
        shares[worst] <= _CALL_SHARE,
        _python(command),
        {f"{operation} {client} µs": spent for (operation, client), spent in cpu.items()},
    )


def _throughput(bench: Bench) -> Iterator[Row]:
    if rival.version() is None:
        raise NotMeasuredError("Schemathesis is not installed; `pip install schemathesis` in this environment")
    before = _rival_meter(bench)
    with metered_reference() as reference, fresh_desk() as desk:
        options = ("--effort", "standard", "--seed", str(bench.seed), "--endpoint-url", reference.url)
        run = desk.run(*options, timeout=bench.patience())
        ours = reference.read()
    theirs = max(before, _rival_meter(bench), key=lambda meter: meter.per_second)
    times = ours.per_second / theirs.per_second
    yield Row(
        "throughput",
        "law-checked calls a second, against Schemathesis' cases",
        f"{_THROUGHPUT} times (aim {_THROUGHPUT_AIM})",
        f"{times:.1f} times",
        f"{ours.requests} calls at {ours.per_second:.0f} a second and {theirs.requests} at {theirs.per_second:.0f},"
        f" Schemathesis {rival.version()}{_unless_conforming(run)}",
        times >= _THROUGHPUT and run.code == 0,
        _only("throughput"),
        {
            "assay": {**asdict(ours), "exit_code": run.code, "calls by its own count": run.calls},
            "schemathesis": asdict(theirs),
            "is_aim_reached": times >= _THROUGHPUT_AIM,
        },
    )


def _rival_meter(bench: Bench) -> Meter:
    contract = load_contract("codestar-connections", specs=_SPECS)
    limits = rival.Limits(seconds=_RIVAL_SECONDS, examples=_RIVAL_EXAMPLES, patience=bench.patience())
    with metered_reference() as reference, tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        if objections := rival.run(contract, reference.url, Path(folder), limits=limits, seed=bench.seed):
            raise NotMeasuredError(f"Schemathesis objects to the reference, which slows it down: {objections[0].what}")
        return reference.read()


def _quick(bench: Bench) -> Iterator[Row]:
    options = ("--effort", "quick", "--seed", str(bench.seed))
    with fresh_desk() as desk:
        first = desk.run(*options, timeout=bench.patience())
        warm = [desk.run(*options, timeout=bench.patience()) for _ in range(_WARM_RUNS)]
    median = statistics.median(run.seconds for run in warm)
    each = ", ".join(f"{run.seconds:.1f}" for run in warm)
    yield Row(
        "quick",
        "assay run --effort quick, reference, cache warm",
        f"at most {_QUICK:.0f} s",
        f"{median:.1f} s",
        f"the median of {each} s; {_told(*warm)}",
        median <= _QUICK and all(run.code == 0 for run in warm),
        _only("quick"),
        {"runs": [_figures(run) for run in warm]},
    )
    yield Row(
        "quick",
        "the same, for the first time ever",
        f"at most {_FIRST_EVER:.0f} s",
        f"{first.seconds:.1f} s",
        _told(first),
        first.seconds <= _FIRST_EVER and first.code == 0,
        _only("quick"),
        _figures(first),
    )


def _standard(bench: Bench) -> Iterator[Row]:
    with fresh_desk() as desk:
        run = desk.run("--effort", "standard", "--seed", str(bench.seed), timeout=bench.patience())
    yield Row(
        "standard",
        "assay run --effort standard, reference",
        f"at most {_STANDARD:.0f} s",
        f"{run.seconds:.1f} s",
        _told(run),
        run.seconds <= _STANDARD and run.code == 0,
        f"assay run --effort standard --seed {bench.seed}",
        _figures(run),
    )


def _shrinking(bench: Bench) -> Iterator[Row]:
    costs: dict[str, dict[str, Any]] = {}
    passed_over = []
    with fresh_desk() as desk:
        for mutant in bench.mutants:
            options = ("--mutant", mutant, "--effort", "quick", "--seed", str(bench.seed))
            results = desk.run(*options, timeout=bench.patience()).results
            found = [finding for law in results["laws"] for finding in law["findings"]]
            costs.update({f"{mutant}: {finding['id']}": finding["shrunk"] for finding in found})
            passed_over += [] if found else [mutant]
    if not costs:
        raise NotMeasuredError("no finding was there to shrink")
    calls, seconds = (max(cost[unit] for cost in costs.values()) for unit in ("calls", "seconds"))
    nothing = f"; nothing found in {', '.join(passed_over)}" if passed_over else ""
    yield Row(
        "shrinking",
        "shrinking one finding, the worst of all",
        f"{_SHRINK_CALLS:,} calls, {_SHRINK_SECONDS:.0f} s",
        f"{calls:,} calls, {seconds:.2f} s",
        f"{len(costs)} findings in {len(bench.mutants)} mutants{nothing}",
        calls <= _SHRINK_CALLS and seconds <= _SHRINK_SECONDS,
        _only("shrinking"),
        costs,
    )


def _listing(bench: Bench) -> Iterator[Row]:
    made = {
        (items, size): _listed(bench, "--items", str(items), "--page-size", str(size))
        for size in _PAGE_SIZES
        for items in (_ITEMS, 2 * _ITEMS)
    }
    served = {
        items: _listed(bench, "--items", str(items), "--page-size", str(_PAGE_SIZES[0]), "--served")
        for items in (_ITEMS // 2, _ITEMS)
    }
    once = [*(made[_ITEMS, size] for size in _PAGE_SIZES), served[_ITEMS]]
    peak = max(walk["peak_mb"] for walk in once)
    figures = {"made up": [*made.values()], "served": [*served.values()]}
    is_quiet = not any(walk["breaches"] for walk in (*made.values(), *served.values()))
    again = f"python bench/listing.py --items {_ITEMS}"
    yield Row(
        "listing",
        f"judging a walk over {_ITEMS:,} connections: memory",
        f"under {_MEMORY:.0f} MB",
        f"{peak:.0f} MB",
        f"{', '.join(_shown(walk) for walk in once)}{'' if is_quiet else '; A LAW RAISED A FALSE ALARM'}",
        peak < _MEMORY and is_quiet,
        again,
        figures,
    )
    growths = {size: made[2 * _ITEMS, size]["judge_s"] / made[_ITEMS, size]["judge_s"] for size in _PAGE_SIZES}
    seconds = [f"{made[_ITEMS, size]['judge_s']:.2f} and {made[2 * _ITEMS, size]['judge_s']:.2f} s" for size in growths]
    yield Row(
        "listing",
        f"the same: time for twice {' and '.join(str(made[_ITEMS, size]['pages']) for size in _PAGE_SIZES)} pages",
        f"2 times, {2 * _NOISE:.0f} with noise",
        f"{' and '.join(f'{growth:.1f}' for growth in growths.values())} times",
        "; ".join(seconds),
        max(growths.values()) <= 2 * _NOISE,
        f"{again}; … --items {2 * _ITEMS}",
    )
    half, whole = served[_ITEMS // 2], served[_ITEMS]
    least = -(-_ITEMS // _PAGE_SIZES[0])
    extra = whole["calls"] - least
    is_linear = whole["requests"] == whole["calls"] and extra == half["calls"] - -(-_ITEMS // 2 // _PAGE_SIZES[0])
    yield Row(
        "listing",
        f"a served walk over {_ITEMS:,} connections: calls, time",
        "linear in the pages",
        f"{whole['calls']} calls, {whole['walk_s']:.2f} s",
        f"{least} full pages and {extra} calls besides; over half as many connections {half['calls']} calls,"
        f" {half['walk_s']:.2f} s",
        is_linear and whole["walk_s"] <= 2 * _NOISE * half["walk_s"],
        f"{again} --served",
    )


_GOALS: Final[dict[str, Callable[[Bench], Iterator[Row]]]] = {
    "call": _call,
    "throughput": _throughput,
    "quick": _quick,
    "standard": _standard,
    "shrinking": _shrinking,
    "listing": _listing,
}


# -- the means


def _listed(bench: Bench, *options: str) -> dict[str, Any]:
    """One walk of `listing.py`, in a process whose memory is its own."""
    figures: dict[str, Any] = json.loads(_said(["listing.py", *options], bench)[-1])
    return figures


def _said(command: list[str], bench: Bench, codes: tuple[int, ...] = (0,)) -> list[str]:
    """What a bench beside this one prints, line by line."""
    ended = subprocess.run(
        [sys.executable, str(_HERE / command[0]), *command[1:]],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=bench.patience(),
        check=False,
    )
    if ended.returncode not in codes:
        last = ended.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise NotMeasuredError(f"{command[0]}: exit code {ended.returncode}: {last[0]}")
    return ended.stdout.splitlines()


def _told(*runs: TimedRun) -> str:
    """What lets a reader judge the seconds: the work done, and how much of the time the processors had for it."""
    processor = statistics.median(run.processor_seconds for run in runs)
    return f"{runs[0].calls} calls, {processor:.1f} s of processor time{_unless_conforming(*runs)}"


def _figures(run: TimedRun) -> dict[str, Any]:
    return {"seconds": run.seconds, "processor_seconds": run.processor_seconds, "calls": run.calls, "code": run.code}


def _unless_conforming(*runs: TimedRun) -> str:
    return "" if all(run.code == 0 for run in runs) else "; THE REFERENCE WAS FOUND NOT TO CONFORM"


def _shown(walk: Mapping[str, Any]) -> str:
    return f"{walk['pages']} pages {'served' if 'requests' in walk else 'made up'}: {walk['judge_s']:.2f} s"


def _only(name: str) -> str:
    return f"python bench/goals.py --only {name}"


def _python(command: list[str]) -> str:
    return f"python bench/{' '.join(command)}"


if __name__ == "__main__":
    sys.exit(main())
