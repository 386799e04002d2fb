"""Does every finding break again where the fault is, and nowhere else? Every fault of the reference, one seed.

    python bench/replays.py --whole --jobs 2 --kept /tmp/whole             # every finding of every fault
    python bench/replays.py --share 0.25 --draw 7 --jobs 1 --kept /tmp/runs  # a quarter of the faults, drawn by chance

Each finding of each fault is replayed as `assay replay` does it, in `--jobs` processes: against a fresh server with the
fault it must be *still breaks*, against one without it *fixed*. Every finding that is not both is listed as soon as it
is known. A replay has bounded time. The exit code is 1 where there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kept import add_options, all_results

from assay.cli import main as assay

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING = "nothing said"


def main() -> int:
    """Replay what is kept, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, seeds=[1])
    options = parser.parse_args()
    words: Counter[tuple[str, str]] = Counter()
    seldom = 0
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        under_way = [
            (fault, seed, findings, pool.submit(_replayed, each, fault), pool.submit(_replayed, each, "none"))
            for fault, results in all_results(options)
            for seed, each in results.items()
            if (findings := {finding["id"]: finding for law in each["laws"] for finding in law["findings"]})
        ]
        for fault, seed, findings, with_it, without in under_way:
            again, fixed = with_it.result(), without.result()
            for id_, finding in findings.items():
                said = again.get(id_, _NOTHING), fixed.get(id_, _NOTHING)
                words[said] += 1
                shows = finding["shows"]
                seldom += shows["times"] < shows["of"]
                if said != ("still breaks", "fixed"):
                    print(
                        f"{fault} (seed {seed}): {id_}: {said[0]} with the fault, {said[1]} without; "
                        f"shown {shows['times']} of {shows['of']} times",
                        flush=True,
                    )
    right, every = words["still breaks", "fixed"], sum(words.values())
    print(
        f"{right} of {every} findings still break with the fault and are fixed without it "
        f"({seldom} of them do not show every time), quick, seeds {options.seeds}"
    )
    return 0 if right == every else 1


def _replayed(results: Mapping[str, Any], mutant: str) -> dict[str, str]:
    """What `assay replay` says of each finding of some results, by its id, against the reference with a fault."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "results.json")
        place.write_text(json.dumps(results), encoding="utf-8")
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            assay(["replay", str(place), "--mutant", mutant, "--no-color"])
    said = {}
    for line in told.getvalue().splitlines():
        word, _, id_ = line.partition(": ")
        if word in {"still breaks", "changed", "fixed", "unclear"}:
            said[id_.partition(" ")[0]] = word
    return said


if __name__ == "__main__":
    sys.exit(main())
