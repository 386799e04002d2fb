"""Judge the pretended AWS with every fault and every liberty: is it found, is the plan kept, is anything left?

Each case is `assay run --target aws` as a user would start it, in a process and a folder of its own, against the
reference as AWS (`selftests/pretend_aws.py`): TLS, signatures, a quota of 20 beside 150 connections of others that come
and go with every call, one call in fifteen turned away, latency, and an IAM policy that allows only what the plan says.
Time runs two hundred times as fast as by default, rate and staleness alike (400 calls a second and 15 ms in the place
of 2 and 3 s): which calls are sent does not hang on it.

The account counts for itself, whatever the run says: calls by operation, connections alive at once, Deletes of what was
not the run's, what is left. A fault counts as one that the effort judges where it is neither of threads nor caught by
laws of concurrency alone. A fault of Delete may leave something: then the results have to list it, or to tell its name
where no answer gave its ARN and the name is too short to be the run's alone.

What was not found is tried again, to tell why, each time with the same plan. Where one of the others comes and one goes
at every tenth call instead of at every one: what is found there was hidden by connections that are always newer. In an
account of its own: what is found there, the others hide, whose pages stand between. In an account of its own and with
twenty times as many calls: what is not found there either takes more connections alive than a plan has.

The exit code is 0 where no plan was exceeded, nothing foreign touched, nothing left untold, no liberty accused and the
careful account conforms; faults that were not found are printed as misses, and do not change it.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assay import liberties, mutants
from assay.contract import load_contract
from assay.plan import ALIVE, CALLS, Plan
from assay.suite import specs_root
from selftests.pretend_aws import OTHERS, REGION, PretendAws, judged, pretend_aws

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NOT_JUDGED: Final = ("concurrent.", "isolation.")
_CAREFUL: Final = "careful"
_NOT_AWS: Final = {
    "account.one-for-all": "its ARNs name another account than STS does",
    "account.crowded": "its crowd would be counted as the run's: the pretended AWS has one of its own",
    "auth.unchecked": "AWS checks signatures, and a run at AWS demands it",
}
_BY_NAME: Final = "connections of these names may be there still"
_MANY: Final = 20
_CALM: Final = 10  # calls after which others come and go, where they leave more time
BY_NEWER: Final = "hidden by those who come and go at every call"
HIDDEN: Final = "hidden by others"
LATER: Final = "takes more calls than a plan has"
NEVER: Final = f"not found alone with {_MANY} times the calls"


@dataclass(frozen=True, slots=True)
class Case:
    """What the pretended AWS is like: careful, a mutant, or a liberty, by its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class How:
    """The seed and the calls of each run, the time (in s) after which none begins, and whether one try is all."""

    seed: int
    calls: int
    until: float | None
    is_quick: bool


@dataclass(slots=True)
class Came:
    """What came of a case. `wrongs` are sentences about what must never be."""

    kind: str
    name: str
    exit_code: int = 0
    verdict: str = ""
    calls: int = 0
    found: list[str] = field(default_factory=list)
    is_found: bool = False
    left: int = 0
    seconds: float = 0.0
    wrongs: list[str] = field(default_factory=list)
    why: str = ""


def main() -> int:
    """Run the cases, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", metavar="GLOB", help="these names alone; may be repeated")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="a sample: every N-th case (default: 1)")
    parser.add_argument("--kinds", default="careful,mutant,liberty", help="which of these (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many runs at once (default: 1)")
    parser.add_argument("--seed", type=int, default=1, help="of each run (default: %(default)s)")
    parser.add_argument("--max-calls", type=int, default=CALLS, help="of each run (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=None, help="begin no case after so many (default: no limit)")
    parser.add_argument("--quick", action="store_true", help="do not try again what was not found, to tell why")
    parser.add_argument("--json", type=Path, help="write what came of each case into this file as well")
    args = parser.parse_args()
    wanted = args.only or ["*"]
    chosen = [case for case in cases(args.kinds.split(",")) if any(fnmatchcase(case.name, glob) for glob in wanted)]
    chosen = chosen[:: args.every]
    started = time.time()
    came: list[Came] = []
    until = None if args.seconds is None else started + args.seconds
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        came.extend(ran(chosen, args.jobs, How(args.seed, args.max_calls, until, args.quick)))
    except KeyboardInterrupt:
        print("\nbroken off: what follows is what there was by then", file=sys.stderr)
    print(file=sys.stderr)
    tell(came, len(chosen), time.time() - started)
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(each) for each in came], indent=1) + "\n", encoding="utf-8")
    return 1 if any(each.wrongs for each in came) else 0


def cases(kinds: Iterable[str]) -> Iterator[Case]:
    """Every case of these kinds."""
    if _CAREFUL in kinds:
        yield Case(_CAREFUL, _CAREFUL)
    if "mutant" in kinds:
        for name, mutant in mutants.ALL.items():
            if not mutant.in_threads and not all(law.startswith(_NOT_JUDGED) for law in mutant.caught_by):
                yield Case("mutant", name)
    if "liberty" in kinds:
        for name, liberty in liberties.ALL.items():
            if liberty.host is None and name not in _NOT_AWS:  # with a host, it listens elsewhere
                yield Case("liberty", name)


def ran(chosen: list[Case], jobs: int, how: How) -> Iterator[Came]:
    """What came of each case, as they end; those that would begin too late are left out."""
    # Each begins with nothing of this process: what the event loops of its servers hold is not to be copied.
    pool = ProcessPoolExecutor(max_workers=jobs, initializer=end_quietly, mp_context=get_context("spawn"))
    try:
        under_way = {pool.submit(tried, case, how): case for case in chosen}
        for number, future in enumerate(as_completed(under_way), start=1):
            print(f"\r{number} of {len(chosen)}", end="", file=sys.stderr, flush=True)
            came = future.result()
            if came is not None:
                yield came
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def end_quietly() -> None:
    """A worker that is told to end does so, and leaves the word to its parent."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def tried(case: Case, how: How) -> Came | None:
    """What came of one case, and why a fault was not found; None where it is too late for it."""
    if how.until is not None and time.time() > how.until:
        return None
    came = one(case, how.seed, how.calls)
    if case.kind == "mutant" and not came.is_found and not how.is_quick:
        came.why = why_not(case, how)
    return came


def why_not(case: Case, how: How) -> str:
    """Why a fault was not found: by what it is found nevertheless, if by anything."""
    tries = ((how.calls, OTHERS, BY_NEWER), (how.calls, 0, HIDDEN), (_MANY * how.calls, 0, LATER))
    for most, others, why in tries:
        if one(case, how.seed, most, others, changes_every=_CALM).is_found:
            return why
    return NEVER


def one(case: Case, seed: int, most: int, others: int = OTHERS, changes_every: int = 1) -> Came:
    """Run one case with a seed and so many calls, beside so many of others, who come and go after so many calls."""
    came = Came(case.kind, case.name)
    began = time.monotonic()
    mutant = case.name if case.kind == "mutant" else None
    chosen = (case.name,) if case.kind == "liberty" else ()
    words = ["--seed", str(seed), "--handshake", "door", "--max-calls", str(most)]
    for name in chosen:
        words += liberties.ALL[name].options
    account = pretend_aws(mutant, liberties=chosen, others=others, changes_every=changes_every)
    with account as aws, tempfile.TemporaryDirectory(prefix="assay-") as folder:
        try:
            came.exit_code, results, said = judged(aws, Path(folder), *words)
        except subprocess.TimeoutExpired:
            came.wrongs.append("it did not end")
            return came
        came.seconds = round(time.monotonic() - began, 1)
        came.verdict, came.calls = results.get("verdict", "?"), aws.calls.total()
        came.found = results.get("findings", [])
        if mutant is not None:
            caught_by = mutants.ALL[mutant].caught_by
            came.is_found = any(each.rpartition("-")[0] in caught_by for each in came.found)
        told = {each["arn"] for each in results.get("cleanup", {}).get("left_behind", ())}
        came.left = len(aws.left)
        came.wrongs += [*beyond_the_plan(aws, most), *(f"Delete was sent {arn}" for arn in aws.foreign_gone)]
        untold = aws.left - told - set(told_by_name(aws, results))
        came.wrongs += [f"{len(untold)} left, and not listed"] if untold else []
        came.wrongs += unfair(case, came, "" if results else said[-300:])
    return came


def told_by_name(aws: PretendAws, results: Mapping[str, Any]) -> Iterator[str]:
    """What is left and told by its name alone: no answer gave its ARN, and a name of one character is not the run's."""
    names = [note.rpartition(": ")[2].split(", ") for note in results.get("notes", ()) if note.startswith(_BY_NAME)]
    for arn in aws.left:
        if any(aws.name_of(arn) in each for each in names):
            yield arn


def beyond_the_plan(aws: PretendAws, calls: int) -> Iterator[str]:
    """In what a run did more than its plan says, as the account has counted."""
    plan = Plan.of(load_contract(specs=specs_root()), max_calls=calls, rate=None, region=REGION)
    if aws.calls.total() > plan.calls:
        yield f"{aws.calls.total()} calls, of {plan.calls} planned"
    for operation, most in plan.by_operation.items():
        if aws.calls[operation] > most:
            yield f"{aws.calls[operation]} of {operation}, of {most} planned"
    if aws.most_alive > ALIVE:
        yield f"{aws.most_alive} connections at once"


def unfair(case: Case, came: Came, said: str) -> Iterator[str]:
    """What no run may say of such an account."""
    if came.exit_code not in {0, 1, 4}:
        yield f"exit code {came.exit_code}: {said}"
    elif case.kind != "mutant" and (came.exit_code == 1 or came.found):
        yield f"accused: {came.verdict}, {', '.join(came.found[:3])}"
    if case.kind == _CAREFUL and came.verdict != "conforms":
        yield f"the careful account: {came.verdict}"


def tell(came: list[Came], asked: int, seconds: float) -> None:
    """Print the figures, the misses and the wrongs."""
    faults = [each for each in came if each.kind == "mutant"]
    free = [each for each in came if each.kind == "liberty"]
    figures = {
        "cases": f"{len(came)} of {asked}",
        "the careful account": ", ".join(each.verdict for each in came if each.kind == _CAREFUL) or "not asked",
        "faults found": f"{sum(each.is_found for each in faults)} of {len(faults)}",
        BY_NEWER: str(sum(each.why == BY_NEWER for each in faults)),
        HIDDEN: str(sum(each.why == HIDDEN for each in faults)),
        LATER: str(sum(each.why == LATER for each in faults)),
        NEVER: str(sum(each.why == NEVER for each in faults)),
        "liberties that conform": f"{sum(each.verdict == 'conforms' for each in free)} of {len(free)}",
        "most calls of a run": str(max((each.calls for each in came), default=0)),
        "left, and listed": str(sum(each.left for each in came)),
        "wrongs": str(sum(len(each.wrongs) for each in came)),
        "seconds": f"{seconds:.0f}",
    }
    for what, figure in figures.items():
        print(f"{what:46} {figure}")
    for each in came:
        if each.kind == "mutant" and not each.is_found:
            wanted = " or ".join(mutants.ALL[each.name].caught_by)
            word = each.why or "miss"
            print(f"{word:6} {each.name}: {wanted}; found {', '.join(each.found) or 'nothing'} ({each.verdict})")
    for each in came:
        if each.kind == "liberty" and each.verdict != "conforms":
            print(f"open   {each.name}: {each.verdict}")
    for each in came:
        for wrong in each.wrongs:
            print(f"WRONG  {each.kind} {each.name}: {wrong}")


if __name__ == "__main__":
    sys.exit(main())
