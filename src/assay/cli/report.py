"""`assay report`: the results of an earlier run in another format, from their file alone.

Nothing is sent, and nothing is judged again: what the file says is rendered. With no --out the text goes to standard
output, so that it can be piped; a format of several files goes into a folder.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.cli.options import FORMATS
from assay.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Iterable

__all__ = ["add_parser", "main"]

_SCRIPTS: Final = ("python", "curl", "aws_cli")

_EPILOG: Final = """\
examples:
  assay report .assay/results.json --format html --out report.html
      the page, from the results of the last run
  assay report .assay/results.json --format markdown | gh pr comment --body-file -
      a summary for a pull request
  assay report .assay/results.json --format badge --out public/
      badge.svg and badge.json, into a folder
  assay report .assay/results.json --script curl --finding connection.name.unique
      a script that shows this finding without assay

exit codes: 0 it is written, 2 wrong usage, 3 it cannot be written
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `report` to the command line."""
    parser = subparsers.add_parser(
        "report",
        help="show the results of a run in another format",
        description="Render a results file. Nothing is sent, and nothing is judged again.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="RESULTS", help="a results.json")
    parser.add_argument(
        "--format",
        metavar="WORD",
        default="console",
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]} (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="PLACE",
        help="the file to write, or a folder that is there, for files of their usual names (default: standard output)",
    )
    parser.add_argument(
        "--script",
        metavar="WORD",
        help="not a report, but a script that shows one finding without assay: python, curl or aws_cli",
    )
    parser.add_argument(
        "--finding", metavar="FINDING", help="the finding of --script, by its id or its law (default: the first)"
    )
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Render a results file."""
    if args.script is not None:
        return _script(args)
    if args.finding is not None:
        raise UsageError("--finding is the finding of --script", hint=f"add --script {_SCRIPTS[0]}")
    if args.format not in FORMATS:
        raise UsageError(
            f"--format: {ascii(args.format)[:80]} is no format", hint=f"choose one of {', '.join(FORMATS)}"
        )

    from assay.cli.formats import tell, write  # noqa: PLC0415 - no usage error needs it
    from assay.results.reading import read_results  # noqa: PLC0415 - as above
    from assay.suite import import_reports  # noqa: PLC0415

    results = read_results(args.results)
    files = import_reports().FORMATS[args.format]
    place = _place(args, files)
    try:
        if isinstance(place, str):
            sys.stdout.write(files[place](results))
        else:
            tell((args.format, write(each, files[name](results))) for name, each in place.items())
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UsageError(
            f"{args.results}: is not what this release writes: {type(error).__name__} {ascii(str(error))[:80]}",
            hint="run `assay run` again: it writes the file anew",
        ) from error
    return 0


def _script(args: Namespace) -> int:
    """Write the script of a finding."""
    if args.script not in _SCRIPTS:
        raise UsageError(
            f"--script: {ascii(args.script)[:80]} is no kind of script", hint=f"choose one of {', '.join(_SCRIPTS)}"
        )

    from assay.cli.formats import tell, write  # noqa: PLC0415 - as above
    from assay.results.reading import read_results  # noqa: PLC0415

    results = read_results(args.results)
    try:
        found = {each["id"]: each for law in results["laws"] for each in law["findings"]}
        every = [found[each] for each in results["findings"]]
        chosen = [each for each in every if args.finding in {None, each["id"], each["law"]}]
        if not chosen:
            raise UsageError(
                f"{args.results} holds no finding {ascii(args.finding or '')[1:-1]}".rstrip(),
                hint=f"there are: {', '.join(each['id'] for each in every[:5]) or 'none'}",
            )
        finding = chosen[0]
        script = finding["reproducers"].get(args.script)
        why = finding.get("no_reproducers", {}).get(args.script, "no script of this kind can show it")
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{args.results}: its findings cannot be read: {error!r}"[:200],
            hint="run `assay run` again: it writes the file anew",
        ) from error
    if script is None:
        kinds = ", ".join(each for each in _SCRIPTS if each in finding["reproducers"])
        raise UsageError(
            f"there is no such script for {finding['id']}: {why}",
            hint=f"there is one for {kinds}" if kinds else f"`{finding['reproducers']['assay']}` runs it again",
        )
    if args.out is None:
        sys.stdout.write(script)
    else:
        tell([("script", write(Path(args.out), script))])
    return 0


def _place(args: Namespace, files: Iterable[str]) -> str | dict[str, Path]:
    """The file that goes to standard output, or where each file goes."""
    names = list(files)
    if args.out is None:
        if len(names) > 1:
            raise UsageError(f"{args.format} is {' and '.join(names)}", hint="--out names a folder, or one of the two")
        return names[0]
    out = Path(args.out)
    if out.is_dir():
        return {name: out / name for name in names}
    alike = [name for name in names if len(names) == 1 or Path(name).suffix == out.suffix]
    if not alike:
        endings = " or ".join(Path(name).suffix for name in names)
        raise UsageError(
            f"--out {ascii(args.out)[1:-1]} is no folder, and {args.format} is {' and '.join(names)}",
            hint=f"make the folder first, or name a file that ends in {endings}",
        )
    return {alike[0]: out}
