"""Do findings keep their ids from run to run? Every fault of the reference, `quick`, five seeds.

    python bench/ids.py --every 8 --kept /tmp/runs

A fault's ids are equal where the first finding of the law that it names has the same id for every seed that found it;
a seed that found nothing is told and is no difference. Faults whose ids differ are listed with what differs: the shapes
and how many seeds met each. The goal is 95 % of the faults that at least two seeds found; the exit code is 1 below it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from kept import add_options, all_results, named_finding

_GOAL = 0.95


def main() -> int:
    """Run what is not kept yet, and print the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, seeds=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    equal = compared = silent = 0
    for fault, results in all_results(options):
        found = [finding for each in results.values() if (finding := named_finding(fault, each)) is not None]
        silent += len(options.seeds) - len(found)
        if len(found) < 2:  # noqa: PLR2004 - one has nothing to be equal to
            print(f"{fault}: found by {len(found)} of {len(options.seeds)} seeds, not compared")
            continue
        compared += 1
        shapes = Counter((each["id"], each["clause"], *each["shape"]) for each in found)
        equal += len(shapes) == 1
        if len(shapes) > 1:
            print(f"{fault}: {len(shapes)} ids")
            for (id_, *shape), times in shapes.most_common():
                print(f"  {times} x {id_}: {', '.join(str(word) for word in shape if word is not None)}")
    share = equal / compared if compared else 0.0
    print(
        f"ids of the named law equal for {equal} of {compared} faults ({share:.1%}; goal {_GOAL:.0%}), "
        f"quick, seeds {options.seeds}; {silent} of the runs found nothing of it"
    )
    return 0 if share >= _GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
