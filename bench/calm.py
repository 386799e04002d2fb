"""Is anybody accused who does nothing wrong, when calls meet? Races against the reference and every liberty.

    python bench/calm.py --runs 200 --jobs 2

Each run is `assay run` with the laws that calls at once and two accounts can break, in a process of its own: the
reference and each liberty in turn, with the next seed each time round, until there were `--runs` of them. Wanted: exit
code 0, no finding and no law indeterminate, every time. The exit code is 1 where it was not so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay import liberties

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAWS: Final = ("concurrent.*", "isolation.*")
_REFERENCE: Final = "reference"
_TIME_LIMIT: Final = 60  # seconds: some liberties are slow on purpose
_LIMIT_S: Final = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: exit code, calls, what was found, and the laws that came to no verdict."""

    name: str
    seed: int
    code: int
    calls: int = 0
    found: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def is_calm(self) -> bool:
        """Is it as wanted?"""
        return self.code == 0 and not self.found and not self.open


def main() -> int:
    """Run them, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200, metavar="N", help="so many runs (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="so many at a time (default: %(default)s)")
    parser.add_argument("--effort", default="standard", help="of each run (default: %(default)s)")
    args = parser.parse_args()
    began = time.monotonic()
    ended: list[Ended] = []
    with ThreadPoolExecutor(args.jobs) as pool:
        under_way = [pool.submit(run, name, seed, args.effort) for name, seed in islice(servers(), args.runs)]
        for future in as_completed(under_way):
            ended.append(future.result())
            print(f"\r{len(ended)} of {args.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    codes = Counter(each.code for each in ended)
    figures = {
        "runs": str(len(ended)),
        "servers": f"the reference and {len({each.name for each in ended} - {_REFERENCE})} liberties",
        "calls": f"{sum(each.calls for each in ended):,}",
        "exit codes": ", ".join(f"{code}: {times}" for code, times in sorted(codes.items())),
        "findings": str(sum(len(each.found) for each in ended)),
        "laws without a verdict": str(sum(len(each.open) for each in ended)),
        "seconds": f"{time.monotonic() - began:.0f}",
    }
    for what, figure in figures.items():
        print(f"{what:24} {figure}")
    odd = sorted((each for each in ended if not each.is_calm), key=lambda each: (each.name, each.seed))
    for each in odd:
        told = ", ".join((*each.found, *(f"{law} indeterminate" for law in each.open))) or "nothing found"
        print(f"{each.name}, seed {each.seed}: exit code {each.code}, {told}")
    return 1 if odd else 0


def servers() -> Iterator[tuple[str, int]]:
    """The reference and every liberty that can be had here, with the next seed each time round."""
    names = [_REFERENCE, *(name for name, one in liberties.ALL.items() if one.obstacle is None)]
    return ((name, seed) for seed in count(1) for name in names)


def run(name: str, seed: int, effort: str) -> Ended:
    """One run in a folder of its own."""
    words = [word for law in _LAWS for word in ("--law", law)]
    words += [] if name == _REFERENCE else ["--liberty", name]
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:
        command = [sys.executable, "-m", "assay", "run", *words, "--effort", effort]
        command += ["--seed", str(seed), "--time-limit", str(_TIME_LIMIT)]
        try:
            code = subprocess.run(
                command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=_LIMIT_S, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return Ended(name, seed, -1)
        place = Path(folder) / ".assay" / "results.json"
        if not place.exists():
            return Ended(name, seed, code)
        results = json.loads(place.read_text(encoding="utf-8"))
    laws = results["laws"]
    return Ended(
        name,
        seed,
        code,
        results["calls"]["total"],
        tuple(results["findings"]),
        tuple(law["id"] for law in laws if law["verdict"] == "indeterminate"),
    )


if __name__ == "__main__":
    sys.exit(main())
