"""`assay differ`: the same programs against two endpoints, and what differs between them."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from assay.cli.configuration import read_configuration
from assay.cli.options import OPTIONS
from assay.errors import TargetError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Mapping, Sequence

    from assay.results import Cleanup
    from assay.session import Session
    from assay.settings import Settings

__all__ = ["add_parser", "main"]

_SIDES: Final = ("A", "B")
_PAGES: Final = frozenset({".html", ".htm"})
_SHARED: Final = ("service", "edition", "effort", "seed", "max-calls", "time-limit", "timeout", "profile", "region")
_MORE: Final = ("ca-bundle", "spelling", "report-dir")

_EPILOG: Final = """\
examples:
  assay differ --endpoint-url http://127.0.0.1:4566 --endpoint-url http://127.0.0.1:5000
      what two emulators do differently, whichever of them is right
  assay differ --endpoint-url http://127.0.0.1:4566 --endpoint-url http://127.0.0.1:4567 \\
      --out differ.html --out differ.json
      yesterday's build and today's: the differences as a page, and as JSON with every call of both

exit codes:
  0  the two did the same
  1  they differ
  2  the options are wrong
  3  the file cannot be written
  4  one of the two cannot be reached, does not serve the operations, or stopped answering
  6  refused as unsafe: an endpoint may be a real AWS account
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `differ` to the command line."""
    parser = subparsers.add_parser(
        "differ",
        help="run the same programs against two endpoints, and see what differs",
        description="Run the same programs against two endpoints. Each difference is told once, as small as it could "
        "be made, with the laws that judge the two differently; what the contract leaves open is told as such.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument(
        "--endpoint-url", metavar="URL", action="append", default=[], help="an endpoint; give two: A, and then B"
    )
    known = {option.name: option for option in OPTIONS}
    for name in (*_SHARED, *_MORE):
        option = known[name]
        words = option.help.replace("%", "%%")
        words = words.replace("(default: standard)", "(default: quick)") if name == "effort" else words
        words = "the folder for the ledgers of what was made (default: .assay)" if name == "report-dir" else words
        words = words.replace("no more calls than this,", "no more calls than this to each of the two,")
        parser.add_argument(f"--{name}", dest=option.key, metavar=option.metavar, help=words)
    parser.add_argument("--format", metavar="WORD", default="console", help="console or json (default: console)")
    parser.add_argument(
        "--out",
        metavar="FILE",
        action="append",
        default=[],
        help="write the differences into a file, too: as a page where it ends in .html, as JSON else; may be repeated",
    )
    parser.add_argument("--no-color", action="store_true", help="no colours, as with NO_COLOR in the environment")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Run the programs at both; 1 if anything differs."""
    settings = _settings(args)

    from assay.cli.formats import write  # noqa: PLC0415 - no usage error needs it
    from assay.suite import import_reports  # noqa: PLC0415

    signal.signal(signal.SIGTERM, _as_interrupt)
    document, lost = _differences(settings)
    text = json.dumps(document, indent=1, ensure_ascii=True) + "\n"
    for place in map(Path, args.out):
        is_page = place.suffix.lower() in _PAGES
        write(place, import_reports().differ_html.render(document) if is_page else text)
    if args.format == "json":
        sys.stdout.write(text)
    else:
        is_color = sys.stdout.isatty() and not hasattr(args, "no_color") and not os.environ.get("NO_COLOR")
        sys.stdout.write(
            import_reports().differ.render(
                document,
                width=shutil.get_terminal_size((100, 24)).columns,
                color=is_color,
                plain="utf" not in (sys.stdout.encoding or "").lower(),
            )
        )
    if lost is not None:
        raise lost
    return 1 if document["differences"] else 0


def _settings(args: Namespace) -> list[Settings]:
    from assay.settings import Settings  # noqa: PLC0415 - `--help` needs none
    from assay.target import Endpoint, refuse_public  # noqa: PLC0415

    if args.format not in {"console", "json"}:
        raise UsageError(f"--format: {ascii(args.format)[:80]} is no format of differ", hint="choose console or json")
    if len(args.endpoint_url) != len(_SIDES):
        raise UsageError(
            f"--endpoint-url is given {len(args.endpoint_url)} times", hint="give it twice: two endpoints are compared"
        )
    known = {option.name: option for option in OPTIONS}
    values: dict[str, Any] = {"effort": "quick", "seed": random.SystemRandom().randrange(1_000_000)}
    for name in (*_SHARED, *_MORE):
        if hasattr(args, known[name].key):
            values[known[name].key] = known[name].value(getattr(args, known[name].key), f"--{name}")
    sides, hosts = [], read_configuration(None).hosts
    for url in args.endpoint_url:
        endpoint = Endpoint.parse(known["endpoint-url"].value(url, "--endpoint-url"))
        refuse_public(endpoint, hosts)
        sides.append(Settings(**{**values, "endpoint_url": endpoint.url, "hosts": hosts}))
    return sides


def _differences(settings: Sequence[Settings]) -> tuple[Mapping[str, Any], TargetError | None]:
    """The document, and what ended the search where one of the two was lost; both are cleaned up at any rate."""
    from assay.budget import Budget  # noqa: PLC0415 - as above
    from assay.differ import Differ, Side, Stopped, as_document, draw_programs  # noqa: PLC0415
    from assay.settings import EFFORTS  # noqa: PLC0415

    first = settings[0]
    started = time.perf_counter()
    lost: TargetError | None = None
    limits: list[str] = []
    cleanups: dict[str, Cleanup] = {}
    with ExitStack() as stack:
        sessions = [_opened(each, letter, stack, cleanups) for each, letter in zip(settings, _SIDES, strict=True)]
        most = None if first.max_calls is None else 2 * first.max_calls
        spent = sum(session.search.budget.spent for session in sessions)
        budget = Budget(max_calls=most, deadline=started + first.seconds, spent=spent)
        sides = [Side(letter, session.search) for letter, session in zip(_SIDES, sessions, strict=True)]
        differ = Differ(sides[0], sides[1], budget)
        try:
            draw_programs(
                differ.contract,
                differ.check,
                laws=differ.laws,
                examples=EFFORTS[first.effort].examples,
                seed=first.seed,
            )
        except Stopped as stopped:
            limits.append(stopped.reason)
        except TargetError as error:
            lost = error
        targets = [session.target for session in sessions]
    facts = {
        "effort": first.effort,
        "seed": first.seed,
        "duration_s": round(time.perf_counter() - started, 3),
        "limits_reached": limits,
        "trouble": None if lost is None else lost.message,
    }
    return as_document(differ, targets, [cleanups[letter] for letter in _SIDES], facts), lost


def _opened(settings: Settings, letter: str, stack: ExitStack, cleanups: dict[str, Cleanup]) -> Session:
    """A session that is closed whatever becomes of the other; an error says which of the two it is about."""
    from assay.session import Session  # noqa: PLC0415 - as above
    from assay.settings import open_contract  # noqa: PLC0415 - as above

    session = Session(settings, open_contract(settings))
    try:
        session.open()
    except TargetError as error:
        raise TargetError(f"{letter} ({settings.endpoint_url}): {error.message}", hint=error.hint) from error

    def close() -> None:
        cleanups[letter] = session.close()

    stack.callback(close)
    return session


def _as_interrupt(_number: int, _frame: object) -> NoReturn:
    """Let SIGTERM end it as Ctrl-C does: with the clean-up."""
    raise KeyboardInterrupt
