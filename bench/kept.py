"""Results of runs against the reference with each of its faults, made once and kept in a folder.

Several benches look at the same runs from different sides; what is in the folder already is not run again. A run ends
when a law that the fault names is found broken, unless whole ones are asked for: the finding of that law is the same
either way, because what comes after the first of a law is muted.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.mutants import ALL
from assay.selftest import Catalogues, Ran, Runner, Wish, planned

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

__all__ = ["add_options", "all_results", "named_findings"]

_TELL_EACH = 25  # runs


def add_options(parser: argparse.ArgumentParser, *, seeds: list[int]) -> None:
    """The options of every bench that looks at such runs."""
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth fault (default: all)")
    parser.add_argument(
        "--from", type=int, default=0, metavar="N", dest="first", help="begin with the Nth (default: 0)"
    )
    parser.add_argument(
        "--share", type=float, default=1.0, metavar="S", help="only so many of them, drawn by chance, like 0.25"
    )
    parser.add_argument("--draw", type=int, default=1, metavar="N", help="the chance of --share (default: 1)")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--seeds", type=int, nargs="+", default=seeds, metavar="N")
    parser.add_argument("--whole", action="store_true", help="whole runs, not until a named law is found broken")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="so many at a time (default: 2)")
    parser.add_argument("--kept", metavar="DIR", help="where results are kept, and taken from where they are there")


def all_results(options: argparse.Namespace) -> Iterator[tuple[str, Mapping[int, Mapping[str, Any]]]]:
    """The results of each fault, by seed; a run that wrote none is left out."""
    faults = tuple(options.fault or _drawn(list(ALL)[options.first :: options.every], options))
    with _folder(options.kept) as folder:
        places = {(fault, seed): folder / f"{fault}-{seed}.json" for fault in faults for seed in options.seeds}
        cases = planned(
            Wish(effort="quick", seeds=tuple(options.seeds), mutants=faults, only="mutants"),
            Catalogues.of_this_release(),
        )
        missing = [case for case in cases if not places[case.name, case.seed].exists()]

        began, ended = time.monotonic(), 0

        def keep(ran: Ran) -> None:
            nonlocal ended
            ended += 1
            if ended % _TELL_EACH == 0 or ended == len(missing):
                minutes = (time.monotonic() - began) / 60
                print(f"{ended} of {len(missing)} runs ended, {minutes:.1f} minutes", file=sys.stderr, flush=True)
            if ran.end == "ended" and ran.results is not None:
                places[ran.case.name, ran.case.seed].write_text(json.dumps(ran.results), encoding="utf-8")

        runner = Runner(effort="quick", whole=options.whole, jobs=options.jobs)
        runner.run(sorted(missing, key=lambda case: case.name), keep)
        if runner.was_stopped:
            raise SystemExit(f"stopped after {ended} of {len(missing)} runs")
        for fault in faults:
            yield (
                fault,
                {
                    seed: json.loads(places[fault, seed].read_text(encoding="utf-8"))
                    for seed in options.seeds
                    if places[fault, seed].exists()
                },
            )


def _drawn(faults: list[str], options: argparse.Namespace) -> list[str]:
    """The share of the faults that chance gives, in their order."""
    number = max(1, round(len(faults) * options.share))
    chosen = set(random.Random(options.draw).sample(faults, min(number, len(faults))))
    return [fault for fault in faults if fault in chosen]


def named_findings(fault: str, results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The findings of the laws that a fault names."""
    caught_by = ALL[fault].caught_by
    return [finding for law in results["laws"] if law["id"] in caught_by for finding in law["findings"]]


@contextmanager
def _folder(given: str | None) -> Iterator[Path]:
    if given is None:
        with tempfile.TemporaryDirectory(prefix="assay-kept-") as folder:
            yield Path(folder)
        return
    Path(given).mkdir(parents=True, exist_ok=True)
    yield Path(given)
