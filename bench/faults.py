"""Every fault of the reference, for several seeds: is it found, named rightly, small, and does it break again?

    python bench/faults.py --effort standard --seeds 1 2 3 4 5

One row a fault: in how many of the runs the first finding was of a law that the fault names and that law spoke with
its whole force (`fail`; `warn` where it is a `should`, or where only the clause that the fault names was broken); the
calls until then; the calls of the smallest history; the calls and seconds that shrinking took; and how often the
finding broke again on a fresh server with the fault (`again`) and was kept by one without (`fixed`). The exit code is 0
where every run is as it should be.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from assay.mutants import ALL
from assay.selftest.judging import has_caught


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run of one fault showed."""

    fault: str
    seed: int
    is_caught: bool
    first: str | None
    found_at: int
    calls: int
    shrunk_calls: int
    shrunk_seconds: float
    again: bool
    fixed: bool
    seconds: float

    @property
    def is_right(self) -> bool:
        """Was it found, named rightly, and reproducible?"""
        return self.is_caught and self.again and self.fixed


def main() -> int:
    """Run the matrix and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--fault", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    faults = options.fault or list(ALL)
    with ThreadPoolExecutor(options.jobs) as pool:
        jobs = {
            (fault, seed): pool.submit(_run, fault, seed, options.effort) for fault in faults for seed in options.seeds
        }
        print(
            f"{'fault':36} {'right':>7} {'found at call':>14} {'history':>8} {'shrinking':>16} "
            f"{'again':>6} {'fixed':>6}  first law"
        )
        wrong = 0
        for fault in faults:
            runs = [jobs[fault, seed].result() for seed in options.seeds]
            wrong += sum(not run.is_right for run in runs)
            print(_row(fault, runs), flush=True)
    print(f"{len(jobs) - wrong} of {len(jobs)} runs as they should be, effort {options.effort}, seeds {options.seeds}")
    return 1 if wrong else 0


def _row(fault: str, runs: list[Seen]) -> str:
    found = sorted(run.found_at for run in runs)
    shrinking = f"{max(run.shrunk_calls for run in runs)} in {max(run.shrunk_seconds for run in runs):.2f} s"
    return (
        f"{fault:36} {sum(run.is_right for run in runs):>3}/{len(runs):<3} {found[len(found) // 2]:>14,} "
        f"{max(run.calls for run in runs):>8} {shrinking:>16} "
        f"{sum(run.again for run in runs):>6} {sum(run.fixed for run in runs):>6}  "
        f"{', '.join(sorted({str(run.first) for run in runs}))}"
    )


def _run(fault: str, seed: int, effort: str) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        _assay(folder, "run", "--mutant", fault, "--seed", str(seed), "--effort", effort, "-q")
        results = json.loads(Path(folder, ".assay", "results.json").read_text(encoding="utf-8"))
        findings = {f["id"]: (law, f) for law in results["laws"] for f in law["findings"]}
        order = results["findings"]
        if not order:
            return Seen(
                fault=fault, seed=seed, is_caught=False, first=None, found_at=0, calls=0, shrunk_calls=0,
                shrunk_seconds=0.0, again=False, fixed=False, seconds=results["duration_s"],
            )  # fmt: skip
        law, finding = findings[order[0]]
        again = _assay(folder, "replay", ".assay/results.json", order[0], "--mutant", fault)
        fixed = _assay(folder, "replay", ".assay/results.json", order[0], "--mutant", "none")
        return Seen(
            fault=fault,
            seed=seed,
            is_caught=law["id"] in ALL[fault].caught_by and has_caught(law, ALL[fault].clause),
            first=law["id"],
            found_at=finding["found_at"]["call"],
            calls=len(finding["history"]),
            shrunk_calls=finding["shrunk"]["calls"],
            shrunk_seconds=finding["shrunk"]["seconds"],
            again=again == 1,
            fixed=fixed == 0,
            seconds=results["duration_s"],
        )


def _assay(folder: str, *words: str) -> int:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "assay", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        timeout=600,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
