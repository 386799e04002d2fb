"""Do findings keep their ids from run to run? Every fault of the reference, `quick`, five seeds.

    python bench/ids.py --jobs 2 --kept /tmp/runs                       # every fault: an hour or two
    python bench/ids.py --share 0.25 --draw 7 --jobs 1 --kept /tmp/runs  # a quarter of them, drawn by chance

A fault's ids are equal where each law (or clause of one) that it names has the same finding for every seed that found
it broken; a seed that found nothing is told and is no difference, nor is it one which of two named laws ended a run.
Faults whose ids differ are listed with what differs: the shapes, and how many seeds met each. The goal is 95 % of the
faults that at least two seeds found by the same law; the exit code is 1 below it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from kept import add_options, all_results, named_findings

_GOAL = 0.95


def main() -> int:
    """Run what is not kept yet, and print the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, seeds=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    equal = compared = silent = 0
    for fault, results in all_results(options):
        laws: dict[tuple[str, str | None], Counter[tuple[str, ...]]] = {}
        for each in results.values():
            found = named_findings(fault, each)
            silent += not found
            for finding in found:
                ids = laws.setdefault((finding["law"], finding["clause"]), Counter())
                ids[finding["id"], *finding["shape"]] += 1
        if all(ids.total() < 2 for ids in laws.values()):  # noqa: PLR2004 - one has nothing to be equal to
            print(f"{fault}: not found twice by one law, not compared")
            continue
        compared += 1
        different = [ids for ids in laws.values() if len(ids) > 1]
        equal += not different
        for ids in different:
            print(f"{fault}: {len(ids)} ids")
            for (id_, *shape), times in ids.most_common():
                print(f"  {times} x {id_}: {', '.join(shape)}")
    share = equal / compared if compared else 0.0
    print(
        f"ids of the named law equal for {equal} of {compared} faults ({share:.1%}; goal {_GOAL:.0%}), "
        f"quick, seeds {options.seeds}; {silent} of the runs found nothing of it"
    )
    return 0 if share >= _GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
