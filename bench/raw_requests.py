"""Ten thousand drawn raw requests against the reference: what became of them, and of what is stored.

    python bench/raw_requests.py [--requests 10000]

No 5xx, no silence, no lost connection but where HTTP allows it. What was created is deleted by the ARN that an accepted
request answered with, so whatever a refused one had made would be left in the account.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from assay.asked import is_lost
from assay.budget import Budget
from assay.history import Accepted, Outcome, Unknown
from assay.in_force import put_in_force
from assay.laws import JUDGES, Breach
from assay.program import Program, Send
from assay.session import open_session
from assay.settings import Settings
from assay.world import World


def main() -> int:
    """Send them, and print what was seen; 1 where anything was that must not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    wanted = parser.parse_args().requests
    warnings.simplefilter("ignore")
    seen: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    started = time.perf_counter()
    with open_session(Settings()) as session:
        put_in_force(session.contract)
        sys.path.insert(0, str(Path(__file__).parent.parent))
        from strategies import raw_programs  # noqa: PLC0415 - it draws for the contract in force

        @settings(
            max_examples=wanted,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(raw_programs("anything"))
        def draw(program: Program) -> None:
            if seen["requests"] >= wanted or not any(isinstance(step, Send) for step in program.steps):
                return
            history = session.search.driver.run(program, Budget())
            world = World(history, session.contract, session.search.knowledge)
            for call in history:
                if call.leg != "raw":
                    continue
                seen["requests"] += 1
                lost = is_lost(call)
                seen["lost" if lost else _word(call.outcome)] += 1
                if call.response is not None and isinstance(call.outcome, Unknown):
                    seen[f"status {call.response.status}"] += 1
            for law, judge in JUDGES.items():
                broken.update(law for ruling in judge(world) if isinstance(ruling, Breach))

        draw()
        left = session.search.driver.target.call(session.contract.list.name, {})[-1].outcome
        assert isinstance(left, Accepted)
        held = session.search.driver.holdings
        seen["created"], seen["deleted"] = held.created, held.deleted  # what an accepted request told the ARN of
        seen["left in the account"] = len(left.output["Connections"])
    seconds = time.perf_counter() - started
    for word, count in seen.items():
        print(f"{word:20} {count:8,}")
    print(f"{'laws broken':20} {dict(broken) or 'none'}")
    print(f"{'seconds':20} {seconds:8.1f}")
    return 1 if seen["lost"] or broken or seen["left in the account"] else 0


def _word(outcome: Outcome) -> str:
    """What came of a request, in a word; of one that was owed no answer, why none came."""
    return outcome.reason if isinstance(outcome, Unknown) else type(outcome).__name__.lower()


if __name__ == "__main__":
    sys.exit(main())
