"""assay, Schemathesis and plain example tests against the same faults, one after the other: who finds what, how soon?

    python bench/rivals.py                      # a sample of the faults, and the page docs/side-by-side.md
    python bench/rivals.py --all                # every fault: hours
    python bench/rivals.py --only 'list.*'      # these alone, and no page

First each looks at the faultless reference; what it says there is not held against a fault. Then each fault gets a
fresh server for each of the three. Every process has a bound, how far it is stands on standard error, and Ctrl-C ends
it at once without a page. The exit code is 0 where the comparison came to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
import tempfile
import time
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import schemathesis_run
from contest import first_true, sampled
from contestants import CONTESTANTS, ContestantError, Task
from metered import metered_reference
from side_by_side import page

from assay.mutants import ALL

_HERE: Final = Path(__file__).resolve().parent
_PAGE: Final = _HERE.parent / "docs" / "side-by-side.md"
_CATALOGUE: Final = [name for name in ALL if not name.startswith("auth.")]  # the metered server reads no signatures
_EVERY: Final = 5
_BUDGET: Final = 15


def main() -> int:
    """Run the comparison; write the page, the figures, or both."""
    options = _options()
    if options.render is not None:
        _write(_PAGE, page(json.loads(options.render.read_text(encoding="utf-8"))))
        return 0
    if schemathesis_run.version() is None:
        print("Schemathesis is not installed; `pip install schemathesis` in this environment", file=sys.stderr)
        return 2
    faults = sampled(
        [name for name in _CATALOGUE if not options.only or any(fnmatchcase(name, glob) for glob in options.only)],
        1 if options.all or options.only else options.every,
    )
    if not faults:
        print(f"there is no fault like {' or '.join(options.only)}; `assay serve --list-mutants`", file=sys.stderr)
        return 2
    try:
        figures = _compared(faults, options)
    except (KeyboardInterrupt, ContestantError) as error:
        print(f"rivals: stopped, nothing was written{f': {error}' if str(error) else ''}", file=sys.stderr)
        return 1
    if options.json is not None:
        _write(options.json, json.dumps(figures, indent=1))
    if options.only:
        print(page(figures))
    else:
        _write(_PAGE, page(figures))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="every fault")
    which.add_argument("--every", type=_positive, default=_EVERY, metavar="K", help="every K-th (default: %(default)s)")
    which.add_argument("--only", action="append", default=[], metavar="GLOB", help="those with such names; repeatable")
    parser.add_argument(
        "--budget", type=_positive, default=_BUDGET, metavar="S", help="seconds for each (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="what assay and Schemathesis draw from")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--render", type=Path, metavar="FILE", help="write the page from figures that were kept")
    return parser.parse_args()


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _compared(faults: list[str], options: argparse.Namespace) -> dict[str, Any]:
    before = _load()
    attempts: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as cache:
        common = {"seconds": options.budget, "seed": options.seed, "cache": Path(cache)}
        if before is not None and before > (os.cpu_count() or 1) / 2:
            _say(f"this machine is busy, load {before}: on an idle one, more is found in the same seconds")
        _say(f"{len(faults)} faults, {options.budget} s for each of {', '.join(CONTESTANTS)}; first the reference")
        reference = {name: _attempt(name, None, frozenset(), common) for name in CONTESTANTS}
        for name, cell in reference.items():
            if cell["trouble"]:
                raise ContestantError(f"{name} on the faultless reference: {cell['trouble']}")
        known = {name: frozenset(cell["sightings"]) for name, cell in reference.items()}
        for number, fault in enumerate(faults, 1):
            attempts[fault] = {name: _attempt(name, fault, known[name], common) for name in CONTESTANTS}
            told = "; ".join(f"{name} {_told(cell)}" for name, cell in attempts[fault].items())
            _say(f"{number} of {len(faults)} {fault}: {told}")
    return {
        "contestants": list(CONTESTANTS),
        "catalogue": len(_CATALOGUE),
        "faults": faults,
        "chosen": "those of a name" if options.only else f"one in {options.every} of each family",
        "budget": options.budget,
        "seed": options.seed,
        "command": shlex.join(["python", "bench/rivals.py", *_asked_for(options)]),
        "schemathesis": schemathesis_run.version(),
        "examples": (_HERE / "naive" / "test_codestar.py").read_text("utf-8").count("\ndef test_"),
        "machine": {
            "processors": os.cpu_count(),
            "system": f"{platform.system()} on {platform.machine()}",
            "python": platform.python_version(),
        },
        "load": [before, _load()],
        "reference": reference,
        "attempts": attempts,
    }


def _asked_for(options: argparse.Namespace) -> list[str]:
    words = ["--all"] if options.all else [f"--only={glob}" for glob in options.only]
    words += [f"--every={options.every}"] if options.every != _EVERY else []
    words += [f"--budget={options.budget}"] if options.budget != _BUDGET else []
    return words + ([f"--seed={options.seed}"] if options.seed != 1 else [])


def _attempt(name: str, fault: str | None, known: frozenset[str], common: dict[str, Any]) -> dict[str, Any]:
    """Let one look at one server: what it discovered, how long its process ran, or why it came to no end."""
    sightings, trouble = [], None
    with metered_reference(mutant=fault) as server:
        is_first_enough = fault is not None and not known
        task = Task(url=server.url, mutant=fault, is_first_enough=is_first_enough, **common)
        started = time.perf_counter()
        try:
            sightings = CONTESTANTS[name](task)
        except ContestantError as error:
            trouble = str(error)
        spent = time.perf_counter() - started
        moments = server.moments()
    discovery = first_true(sightings, known=known, moments=moments, started=started, budget=task.seconds)
    return {
        "discovery": None if discovery is None else asdict(discovery),
        "sightings": sorted({sighting.what for sighting in sightings}),
        "calls": len(moments),
        "spent": round(spent, 2),
        "trouble": trouble,
    }


def _told(cell: dict[str, Any]) -> str:
    if cell["discovery"]:
        return f"{cell['discovery']['call']:,} calls, {cell['discovery']['second']:.1f} s"
    return cell["trouble"] or f"nothing in {cell['calls']:,} calls"


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _say(text: str) -> None:
    print(f"rivals: {text}", file=sys.stderr, flush=True)


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    print(place)


if __name__ == "__main__":
    sys.exit(main())
