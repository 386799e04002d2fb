"""How often the search for an order is right, and what it costs: drawn histories against a second opinion.

`python bench/linearizability.py --histories 10000` draws histories of 40 calls in 8 branches from a service that does
one thing after the other, so that each has an order, and alters one answer in every second one. Each is judged by the
suite's search, in parts and as a whole, and by the exhaustive search of the selftests, where that is feasible. It
prints one line of JSON: counts, agreement, and the processor time for one history in milliseconds; exit code 1 is a
disagreement.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assay.contract import load_contract
from assay.knowledge import Knowledge
from assay.laws.linearizable import has_reason
from assay.linearizability import EVERYTHING, by_name, claims_of, search
from assay.linearizability.notation import PREFIX
from assay.world import World
from selftests.exhaustive import has_an_order
from selftests.racing import altered, raced

_SPECS = Path(__file__).resolve().parent.parent / "specs"


def main() -> int:
    """Draw, judge, compare, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--histories", type=int, default=10_000, help="how many (default: %(default)s)")
    options.add_argument("--calls", type=int, default=40, help="calls in each (default: %(default)s)")
    options.add_argument("--branches", type=int, default=8, help="branches in each (default: %(default)s)")
    options.add_argument("--feasible", type=int, default=20_000, help="steps of the exhaustive search")
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    contract = load_contract("codestar-connections", specs=_SPECS)
    counts = dict.fromkeys(("explained", "stuck", "undecided", "compared", "disagreements", "wrongly_stuck"), 0)
    milliseconds: list[float] = []
    steps: list[int] = []
    for number in range(chosen.histories):
        chance = random.Random(chosen.seed + number)
        history = raced(chance, calls=chosen.calls, branches=chosen.branches)
        is_altered = bool(number % 2)
        if is_altered:
            history = altered(chance, history)
        began = time.process_time()
        claims = claims_of(World(history, contract, Knowledge(prefix=PREFIX)), has_reason=has_reason)
        answers = [search(part) for part in by_name(claims)]
        milliseconds.append((time.process_time() - began) * 1_000)
        steps.append(sum(answer.steps for answer in answers))
        words = {answer.word for answer in answers}
        word = next((word for word in ("undecided", "stuck") if word in words), "explained")
        counts[word] += 1
        counts["wrongly_stuck"] += word == "stuck" and not is_altered
        whole = search(claims, EVERYTHING, max_steps=10 * chosen.feasible).word
        wanted = has_an_order(history, most=chosen.feasible)
        counts["compared"] += wanted is not None
        agrees = whole in {word, "undecided"} and (wanted is None or (word == "explained") == wanted)
        counts["disagreements"] += word != "undecided" and not agrees
    cuts = statistics.quantiles(milliseconds, n=100)
    print(
        json.dumps(
            {
                "histories": chosen.histories,
                "calls": chosen.calls,
                "branches": chosen.branches,
                **counts,
                "ms": {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(milliseconds), 3)},
                "steps": {"p50": statistics.median(steps), "max": max(steps)},
            }
        )
    )
    return 1 if counts["disagreements"] or counts["wrongly_stuck"] else 0


if __name__ == "__main__":
    sys.exit(main())
