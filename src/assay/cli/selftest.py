"""`assay selftest`: how much a green run is worth, measured by anyone who has the wheel.

Reads the options, has the cases run, and leaves the telling to the reports. Nothing of the caller's AWS settings or of
assay.toml reaches a run.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shutil
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from assay.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Callable
    from pathlib import Path

    from assay.selftest import Judgement, Wish

__all__ = ["add_parser", "main"]

_EFFORTS: Final = ("quick", "standard", "deep")
_ALIVE: Final = frozenset({"survived", "misnamed"})
_ONLY: Final = ("mutants", "liberties", "pairs", "impostors", "reference")
_ONLY_OF: Final = {"--mutant": ("mutants",), "--liberty": ("liberties", "pairs")}
_SERVICE: Final = "codestar-connections"

_EPILOG: Final = """\
A suite that finds nothing may be blind, and one that finds much may be crying wolf. So it is tried on servers of which
the verdict is known: mutants have one fault each and must be caught by a law that they name; liberties are legal and
unusual, and no law may object to them, nor to the reference; impostors serve nothing of the kind, and must not conform.

examples:
  assay selftest --effort quick
      the whole trial with one seed, and the matrix of mutants and laws
  assay selftest --effort quick --again standard
      the same, and what quick misses is no failure if standard kills it: for CI
  assay selftest --only mutants --seeds 1 2 3 4 5
      every mutant five times: what chance finds once must be found each time
  assay selftest --mutant 'list.*' --whole
      every fault of lists, each run to its end: which laws catch it besides?
  assay selftest --liberty 'order.*' --pairs 5
      every unusual order of a list, and five pairs of them
  assay selftest --only pairs --pairs 40 --seeds 1 2 3 4 5 --effort quick
      two hundred servers with two unusual choices each

exit codes:
  0  every mutant was killed, no legal server was accused, no impostor was believed
  1  something survived, was accused or was believed, or a run had no end of its own
  2  the options are wrong
  4  it was stopped before all servers were tried, and until then nothing was wrong
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `selftest` to the command line."""
    parser = subparsers.add_parser(
        "selftest",
        help="try the suite itself",
        description="Try the suite itself: does it catch every known fault, and accuse no legal server?",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_argument_group("what to try")
    what.add_argument(
        "--mutant",
        metavar="GLOB",
        action="append",
        default=[],
        help="only these mutants, like 'list.*', and no other servers; may be repeated (default: all)",
    )
    what.add_argument(
        "--liberty",
        metavar="GLOB",
        action="append",
        default=[],
        help="only these liberties, like 'order.*', and no other servers; may be repeated (default: all)",
    )
    kinds = f"{', '.join(_ONLY[:-1])} or {_ONLY[-1]}"
    what.add_argument("--only", metavar="KIND", help=f"only {kinds} (liberties: alone and in pairs)")
    what.add_argument(
        "--pairs",
        metavar="N",
        help="so many pairs of liberties, drawn for each seed (default: 10 in quick, 20 in standard, 40 in deep; "
        "none where liberties are named, unless --only says pairs)",
    )
    how = parser.add_argument_group("how hard")
    how.add_argument(
        "--effort", metavar="WORD", default="standard", help="quick, standard or deep (default: %(default)s)"
    )
    how.add_argument(
        "--again",
        metavar="WORD",
        help="try what survives once more with this effort; it counts as killed then, and the summary says how many "
        "(default: a survivor is a failure)",
    )
    how.add_argument("--seed", metavar="N", help="draw the same programs and pairs again (default: 1)")
    how.add_argument(
        "--seeds",
        metavar="N",
        nargs="+",
        help="try every server once with each of these; a mutant must be killed each time",
    )
    how.add_argument(
        "--whole",
        action=argparse.BooleanOptionalAction,
        help="let runs of mutants go to their end, so that the matrix shows every law that objects; "
        "without it they end once a law that they name is broken (default: whole in quick)",
    )
    how.add_argument("--jobs", metavar="N", help="so many runs at a time (default: one more than there are cores)")
    show = parser.add_argument_group("what to show and keep")
    show.add_argument(
        "--report-dir",
        metavar="DIR",
        default=".assay",
        help="the folder for selftest.json and selftest.html (default: %(default)s)",
    )
    show.add_argument("-q", "--quiet", action="store_true", help="the summary, and one line for whatever is wrong")
    show.add_argument("--no-color", action="store_true", help="no colours, as with NO_COLOR in the environment")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Try the suite; the exit code says what came of it."""
    wish = _wish(args)
    jobs = _whole("--jobs", args.jobs, least=1) if args.jobs is not None else None

    from assay.cli.child import prepare_report_dir  # noqa: PLC0415 - no usage error needs it
    from assay.selftest import Catalogues, Runner, judged, planned  # noqa: PLC0415 - as above
    from assay.selftest.progress import Progress  # noqa: PLC0415
    from assay.selftest.running import jobs_of_this_machine  # noqa: PLC0415

    plan = planned(wish, Catalogues.of_this_release())
    cases = [case for case in plan if case.obstacle is None]
    not_runnable = [case for case in plan if case.obstacle is not None]
    if not cases:
        raise UsageError("nothing of that can be tried on this machine", hint=not_runnable[0].obstacle)
    report_dir = prepare_report_dir(args.report_dir)
    is_whole = args.whole if args.whole is not None else wish.effort == "quick"
    jobs = min(jobs or jobs_of_this_machine(), len(cases))
    runner = Runner(effort=wish.effort, whole=is_whole, jobs=jobs)
    started, began = datetime.now(UTC), time.monotonic()
    has_color = not args.no_color and not os.environ.get("NO_COLOR")
    with Progress(len(cases), is_quiet=args.quiet, has_color=has_color) as progress:
        progress.say(f"{len(cases)} runs in {wish.effort}, {jobs} at a time")
        for name, reason in dict.fromkeys((case.name, case.obstacle) for case in not_runnable):
            progress.say(f"not runnable here: {name}: {reason}")
        judgements = [judged(each) for each in runner.run(cases, lambda each: progress.tell(judged(each)))]
        survivors = [each.case for each in judgements if args.again is not None and each.verdict in _ALIVE]
        if survivors and not runner.was_stopped:
            progress.say(f"{len(survivors)} once more, in {args.again}")
            runner = Runner(effort=args.again, whole=is_whole, jobs=jobs)
            again = {each.case: judged(each) for each in runner.run(survivors, lambda _: None)}
            judgements = [_at_the_second_try(each, again.get(each.case), wish.effort) for each in judgements]
    document = _document(
        judgements,
        effort=wish.effort,
        again=args.again,
        seeds=wish.seeds,
        whole=is_whole,
        partial=bool(wish.mutants),
        jobs=jobs,
        started=started,
        duration_s=time.monotonic() - began,
        interrupted=runner.was_stopped,
        not_runnable=not_runnable,
    )
    _tell(document, report_dir, is_quiet=args.quiet, has_color=has_color and sys.stdout.isatty())
    return int(document["exit_code"])


def _at_the_second_try(first: Judgement, second: Judgement | None, effort: str) -> Judgement:
    """What counts of a case that was tried twice: the second run, unless it was broken off."""
    return first if second is None or second.verdict == "not-run" else replace(second, missed_in=effort)


def _wish(args: Namespace) -> Wish:
    """What the caller wants, looked at."""
    for option, word in (("--effort", args.effort), ("--again", args.again)):
        if word not in _EFFORTS and not (word is None and option == "--again"):
            raise UsageError(f"{option}: {word!r} is not quick, standard or deep", hint="`assay selftest --help`")
    if args.only is not None and args.only not in _ONLY:
        raise UsageError(f"--only: {args.only!r} is no kind of server", hint=f"choose one of {', '.join(_ONLY)}")
    for option, given in (("--mutant", args.mutant), ("--liberty", args.liberty)):
        if given and args.only not in {None, *_ONLY_OF[option]}:
            raise UsageError(f"{option} and --only {args.only} contradict each other", hint="leave out one of them")
    if args.seed is not None and args.seeds is not None:
        raise UsageError("--seed and --seeds both say what to draw from", hint="give one of them")
    given_seeds = args.seeds if args.seeds is not None else [args.seed if args.seed is not None else "1"]
    seeds = tuple(dict.fromkeys(_whole("--seed", each, least=0) for each in given_seeds))

    from assay.selftest import Wish  # noqa: PLC0415 - no usage error needs it

    return Wish(
        effort=args.effort,
        seeds=seeds,
        mutants=tuple(args.mutant),
        liberties=tuple(args.liberty),
        only=args.only,
        pairs=None if args.pairs is None else _whole("--pairs", args.pairs, least=0),
    )


def _whole(option: str, word: str, *, least: int) -> int:
    if re.fullmatch(r"[0-9]{1,15}", word, re.ASCII) is None or int(word) < least:
        raise UsageError(f"{option}: {word!r} is not a whole number of {least} or more", hint="`assay selftest --help`")
    return int(word)


def _document(judgements: list[Any], **facts: Any) -> dict[str, Any]:
    from assay.contract import load_contract  # noqa: PLC0415 - no usage error needs it
    from assay.laws import JUDGES  # noqa: PLC0415 - as above
    from assay.selftest import build  # noqa: PLC0415
    from assay.suite import specs_root  # noqa: PLC0415

    laws = load_contract(_SERVICE, None, specs=specs_root()).laws
    judged_laws = [law.id for law in laws.values() if law.pending is None and law.id in JUDGES]
    return build(judgements, laws=laws, judged_laws=judged_laws, **facts)


def _tell(document: dict[str, Any], report_dir: Path, *, is_quiet: bool, has_color: bool) -> None:
    """Write the files, then print the report with the places where they lie."""
    from assay.suite import import_reports  # noqa: PLC0415 - as above

    reports = import_reports().__name__
    console, html = (importlib.import_module(f"{reports}.selftest_{each}") for each in ("console", "html"))
    renderers: dict[str, Callable[[dict[str, Any]], str]] = {
        "selftest.json": importlib.import_module(f"{reports}.json").render,
        "selftest.html": html.render,
    }
    places = []
    for name, render in renderers.items():
        place = report_dir / name
        unfinished = report_dir / f".{name}.{os.getpid()}"
        unfinished.write_text(render(document), encoding="utf-8")
        unfinished.replace(place)
        places.append(place.as_posix())
    text = console.render(
        document,
        places=places,
        width=shutil.get_terminal_size((100, 24)).columns,
        color=has_color,
        plain=not _can_say("●◐○·✗", sys.stdout.encoding),
        is_quiet=is_quiet,
    )
    sys.stdout.write(text)
    sys.stdout.flush()


def _can_say(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
