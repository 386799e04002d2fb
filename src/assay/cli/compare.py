"""`assay compare`: the results of several runs side by side, from their files alone.

Nothing is sent and nothing is judged again. Of each file only what a comparison needs is kept, so that many large ones
can be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["add_parser", "main"]

_FORMATS: Final = ("console", "markdown", "html", "json")
_ENDINGS: Final = {".md": "markdown", ".html": "html", ".htm": "html", ".json": "json"}
_FEWEST: Final = 2

_EPILOG: Final = """\
examples:
  assay compare moto.json localstack.json
      which laws each of the two keeps, and what they do where the contract is silent; what differs comes first
  assay compare --name ours --name theirs ours.json theirs.json --out comparison.html
      the same as a page, with names that say more than an address
  assay compare monday.json tuesday.json --fail-on-difference
      two runs of one target: what broke and what was mended; exit code 1 where anything differs

exit codes: 0 compared, 1 something differs (with --fail-on-difference), 2 wrong usage or a file that is no results
file, 3 the comparison cannot be written
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `compare` to the command line."""
    parser = subparsers.add_parser(
        "compare",
        help="put the results of several runs side by side",
        description="Compare results files: laws, and what each target does where the contract is silent. Runs of one "
        "target are ordered by when they began, and told as a trend.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="RESULTS", nargs="+", help="two or more files that `assay run` wrote")
    parser.add_argument(
        "--name",
        metavar="NAME",
        action="append",
        default=[],
        help="what to call the target of a file; once for each file, in their order. Files of one name are runs of one "
        "target (default: by endpoint, service and edition)",
    )
    parser.add_argument(
        "--format", metavar="WORD", help="console, markdown, html or json (default: by --out's ending, or console)"
    )
    parser.add_argument("--out", metavar="FILE", help="the file to write (default: standard output)")
    parser.add_argument("--fail-on-difference", action="store_true", help="exit code 1 where anything differs")
    parser.add_argument("-v", "--verbose", action="store_true", help="on the console: also what is alike")
    parser.add_argument("--no-color", action="store_true", help="no colours, as with NO_COLOR in the environment")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Compare results files."""
    format_ = _format(args)
    if len(args.results) < _FEWEST:
        raise UsageError("there is nothing to compare with", hint="give two or more results files")
    if args.name and len(args.name) != len(args.results):
        raise UsageError(
            f"--name is given {len(args.name)} times, for {len(args.results)} files",
            hint="give one for each file, in their order, or none",
        )

    from assay.suite import import_reports  # noqa: PLC0415 - no usage error needs it

    reports = import_reports()
    names: list[str | None] = [*args.name] or [None] * len(args.results)
    comparison = reports.comparison.compared(
        [_summary(place, name, reports) for place, name in zip(args.results, names, strict=True)]
    )
    text = _rendered(comparison, format_, args, reports)
    if args.out is None:
        sys.stdout.write(text)
    else:
        from assay.cli.formats import tell, write  # noqa: PLC0415 - as above

        tell([("comparison", write(Path(args.out), text))])
    return 1 if args.fail_on_difference and reports.comparison.differs(comparison) else 0


def _format(args: Namespace) -> str:
    if args.format is None:
        return _ENDINGS.get(Path(args.out).suffix.lower(), "console") if args.out is not None else "console"
    if args.format not in _FORMATS:
        raise UsageError(
            f"--format: {ascii(args.format)[:80]} is no format of a comparison",
            hint=f"choose one of {', '.join(_FORMATS)}",
        )
    return str(args.format)


def _summary(place: str, name: str | None, reports: ModuleType) -> Mapping[str, Any]:
    from assay.results.reading import read_results  # noqa: PLC0415 - no usage error needs it

    document = read_results(place)
    try:
        summary: Mapping[str, Any] = reports.comparison.summarised(document, name=name, place=place)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{place}: is not what this release writes: {type(error).__name__} {ascii(str(error))[:80]}",
            hint="run `assay run` again: it writes the file anew",
        ) from error
    return summary


def _rendered(comparison: Mapping[str, Any], format_: str, args: Namespace, reports: ModuleType) -> str:
    if format_ == "json":
        return json.dumps(comparison, indent=1, ensure_ascii=True) + "\n"
    if format_ == "html":
        return str(reports.compare_html.render(comparison))
    if format_ == "markdown":
        return str(reports.compare_markdown.render(comparison))
    is_shown = args.out is None
    return str(
        reports.compare_console.render(
            comparison,
            width=shutil.get_terminal_size((100, 24)).columns if is_shown else 100,
            color=is_shown and sys.stdout.isatty() and not args.no_color and not os.environ.get("NO_COLOR"),
            plain=is_shown and "utf" not in (sys.stdout.encoding or "").lower(),
            verbose=args.verbose,
        )
    )
