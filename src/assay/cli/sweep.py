"""`assay sweep`: remove what broken-off runs left behind.

Which connections those are, and that none of them is anybody else's, is `assay.sweep`'s business. Here are the files,
the options and the words: a ledger whose run goes on is passed over, one whose endpoint cannot be reached is kept, and
one that nothing is left of is removed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.cli.configuration import read_configuration
from assay.cli.options import OPTIONS
from assay.cli.place import reach
from assay.errors import AssayError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Mapping, Sequence

    from assay.ledger import Heading, Owed
    from assay.sweep import Swept

__all__ = ["add_parser", "main"]

_REPORT_DIR: Final = ".assay"
_SERVICE: Final = "codestar-connections"
_UNSURE: Final = 4
_IN_FLIGHT_S: Final = 1.0  # how long after the end of a run one of its Creates may still have its effect
_SHARED: Final = ("profile", "second-profile", "region", "ca-bundle", "timeout")

_EPILOG: Final = """\
A run writes a ledger, .assay/ledger/RUN.jsonl: each name before its Create is sent, then the ARN, then the deletion.
A run that ends in order removes it. Of one that was killed, it tells what is left, and this command deletes that:

* a connection whose ARN the ledger has, if it still is called exactly as its Create had it;
* one whose Create was never answered, if exactly its name is listed and holds the run's prefix;
* nothing else, and nothing of a run that still goes on.

examples:
  assay sweep --dry-run
      tell what would be deleted, and delete nothing
  assay sweep
      delete what every broken-off run with a ledger in .assay left, where it left it
  assay sweep --older-than 2h --report-dir ci/out
      leave out what broke off in the last two hours; the ledgers lie below ci/out
  assay sweep --profile audit
      the credentials that the run had are gone: use these
  assay sweep --target aws
      the same for what runs at AWS left, in an account that assay.toml lists
  assay sweep --prefix as --endpoint-url http://127.0.0.1:4566
      the ledger is lost: list what is called like a run's connections, by run, and delete nothing
  assay sweep --prefix ask3f9q1 --delete --endpoint-url http://127.0.0.1:4566
      delete all connections whose names hold this prefix of one run

exit codes:
  0  nothing is left (or, with --dry-run or --prefix, all was listed)
  2  the options are wrong
  3  an error of assay's own
  4  something is left: the endpoint cannot be reached, lets the caller not in, or did not delete it
  6  refused as unsafe: the endpoint may be a real AWS account
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `sweep` to the command line."""
    parser = subparsers.add_parser(
        "sweep",
        help="remove what broken-off runs left behind",
        description="Remove what runs that were killed left behind, by their ledgers, and nothing else.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument(
        "runs", metavar="RUN", nargs="*", help="only these runs, by the names of their ledgers (default: all)"
    )
    parser.add_argument("--dry-run", action="store_true", help="look, and tell what would be deleted")
    parser.add_argument(
        "--older-than", metavar="TIME", help="leave out runs that began less than this ago, like 30m or 2h"
    )
    parser.add_argument(
        "--report-dir",
        metavar="DIR",
        help=f"the folder of the results, with the ledgers below (default: {_REPORT_DIR})",
    )
    parser.add_argument(
        "--endpoint-url", metavar="URL", help="where the endpoint is now (default: where the ledger says)"
    )
    parser.add_argument(
        "--target", metavar="aws", help="AWS itself, in an account that assay.toml lists: at two calls a second"
    )
    known = {option.name: option for option in OPTIONS}
    for name in _SHARED:
        option = known[name]
        words = option.help.partition(" (")[0].replace("%", "%%")
        parser.add_argument(
            f"--{name}", dest=option.key, metavar=option.metavar, help=f"{words} (default: as the run had it)"
        )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX",
        help="without a ledger: list the connections whose names are made as a run makes them and begin so; "
        "`as` for those of all runs",
    )
    parser.add_argument("--delete", action="store_true", help="with the whole --prefix of one run: delete them")
    parser.add_argument("--service", metavar="NAME", help=f"with --prefix: the service (default: {_SERVICE})")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Sweep; 0 where nothing is left."""
    given = _given(args)
    folder = Path(given.get("report_dir", _REPORT_DIR))
    if "prefix" in given:
        return _by_prefix(given, folder)
    for option in ("delete", "service"):
        if option in given:
            raise UsageError(f"--{option} says something only with --prefix", hint="leave it out: the ledger knows")
    places = _chosen(folder, given)
    if not places:
        _say(f"there is nothing to sweep: no ledger lies in {_plain(folder / 'ledger')}")
        return 0
    return max(_sweep(place, given) for place in places)


# -- by ledgers


def _sweep(place: Path, given: Mapping[str, Any]) -> int:
    """Sweep by one ledger: the exit code that it alone would have."""
    from assay.ledger import Owed, lock  # noqa: PLC0415 - no usage error needs it

    try:
        file = os.open(place, os.O_RDWR | os.O_APPEND)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            return 0  # its run has ended in the meantime, and left nothing
        raise UsageError(
            f"{_plain(place)}: {error.strerror}", hint="the ledger must be readable and writable"
        ) from error
    try:
        if not lock(file):
            _say(f"run {place.stem}: goes on, or is being swept by somebody else; left alone")
            return 0
        if not _is_named(place, file):
            return 0
        owed = Owed.read(place)
        if owed.heading is None:
            _say(f"run {place.stem}: its ledger {_plain(place)} has no heading that can be read")
            _say(f"  list what it left: assay sweep --prefix as{place.stem} --endpoint-url URL")
            return _UNSURE
        if _is_younger(owed.heading, given.get("older_than")):
            _say(f"run {owed.heading.run} of {owed.heading.started}: younger than --older-than; left alone")
            return 0
        return _sweep_owed(place, file, owed, owed.heading, given)
    finally:
        os.close(file)


def _sweep_owed(place: Path, file: int, owed: Owed, heading: Heading, given: Mapping[str, Any]) -> int:
    is_dry = "dry_run" in given
    url = given.get("endpoint_url", heading.endpoint_url)
    _say(f"run {_plain(heading.run)} of {_plain(heading.started)} at {_plain(url)}")

    def gone(arn: str) -> None:
        if not is_dry:
            os.write(file, _gone(arn))

    try:
        where = reach(heading, given, gone)
        try:
            if owed.open:
                _wait(place)
            swept = where.sweeper.sweep(owed, heading.prefix)
        finally:
            where.target.close()
    except AssayError as error:
        _say(f"  {_plain(error.message)}")
        if error.hint:
            _say(f"  hint: {_plain(error.hint)}")
        return error.exit_code
    return _tell(place, owed, swept, is_dry=is_dry, is_same=where.is_same)


def _tell(place: Path, owed: Owed, swept: Swept, *, is_dry: bool, is_same: bool) -> int:
    """Say what came of it, and remove the ledger where nothing is left."""
    for arn, name in swept.deleted:
        _say(f"  {'would delete' if is_dry else 'deleted'} {_plain(arn)} {_named(name)}")
    for left in swept.left:
        _say(f"  left {_plain(left.arn)} {_named(left.name)}: {_plain(left.why)}")
    counted = f"{len(swept.deleted)} {'to delete' if is_dry else 'deleted'}, {swept.gone} gone before"
    nothing_there = not swept.deleted and not swept.left and bool(owed.made)
    if nothing_there and not is_same:
        _say(f"  {counted}: nothing of it is there, but these are not the endpoint and the credentials of the run")
        _say(f"  hint: use those, or remove {_plain(place)} where you know that all is gone")
        return _UNSURE
    if is_dry:
        _say(f"  {counted}, {len(swept.left)} to stay")
        return 0
    if swept.left or owed.unreadable:
        if owed.unreadable:
            _say(f"  {owed.unreadable} lines of {_plain(place)} cannot be read; remove it if all else is well")
        _say(f"  {counted}, {len(swept.left)} left: {_plain(place)} is kept")
        return _UNSURE
    place.unlink(missing_ok=True)
    _say(f"  {counted}, nothing left")
    return 0


# -- by prefix


def _by_prefix(given: Mapping[str, Any], folder: Path) -> int:
    """List what is called like the connections of runs; delete those of one run where that is asked for."""
    from assay.sweep import RUN_PREFIX, run_prefix_of  # noqa: PLC0415 - no usage error needs it

    prefix = given["prefix"]
    if not "as".startswith(prefix[:2]) or not prefix.isalnum() or not prefix.isascii() or len(prefix) > 8:  # noqa: PLR2004
        raise UsageError(
            f"--prefix {prefix!a}: no run has such a prefix",
            hint="`as` and six digits or small letters, or a part",
        )
    if "older_than" in given or given.get("runs"):
        raise UsageError("--prefix knows no run and no time", hint="leave out --older-than and the runs")
    is_deleting = "delete" in given and "dry_run" not in given
    if "delete" in given and not RUN_PREFIX.fullmatch(prefix):
        raise UsageError(
            f"--delete wants the whole prefix of one run, not {prefix!a}",
            hint=f"`assay sweep --prefix {prefix}` lists them",
        )
    _refuse_living(prefix, folder, is_deleting=is_deleting)
    where = reach(_heading(given), given)
    swept: list[Swept] = []
    try:
        found = list(where.sweeper.candidates(prefix))
        for arn, name in found:
            _say(f"{run_prefix_of(name)} {_plain(arn)} {_named(name)}")
        if is_deleting:
            swept = [where.sweeper.remove(arn, name) for arn, name in found]
    finally:
        where.target.close()
    left = [each for one in swept for each in one.left]
    for each in left:
        _say(f"left {_plain(each.arn)} {_named(each.name)}: {_plain(each.why)}")
    runs = len({run_prefix_of(name) for _, name in found})
    if is_deleting:
        _say(f"{sum(len(one.deleted) for one in swept)} deleted, {len(left)} left")
        return _UNSURE if left else 0
    _say(f"{len(found)} connections are called like those of {runs} run(s); nothing was deleted")
    if found and "delete" not in given:
        _say("hint: with --delete and the whole prefix of one run, its connections are deleted")
    return 0


def _heading(given: Mapping[str, Any]) -> Heading:
    """The heading that a ledger would have, from the command line and the environment alone."""
    from assay.contract import load_contract  # noqa: PLC0415 - no usage error needs it
    from assay.ledger import Heading  # noqa: PLC0415
    from assay.suite import specs_root  # noqa: PLC0415
    from assay.target import find_region, resolve_endpoint_url  # noqa: PLC0415

    service, profile = given.get("service", _SERVICE), given.get("profile")
    url = resolve_endpoint_url(given.get("endpoint_url"), os.environ, service=service, profile=profile)
    if "target" in given:
        url = "aws"
    if url is None:
        raise UsageError("--prefix has no ledger to tell where to look", hint="give --endpoint-url")
    return Heading(
        run="",
        prefix=given["prefix"],
        started="",
        endpoint_url=url,
        service=service,
        edition=load_contract(service, None, specs=specs_root()).edition,
        region=find_region(given.get("region"), profile, os.environ),
        profile=profile,
    )


def _refuse_living(prefix: str, folder: Path, *, is_deleting: bool) -> None:
    """Stop where a run of this prefix goes on."""
    from assay.ledger import broken_off, ledgers_in  # noqa: PLC0415 - no usage error needs it

    living = set(ledgers_in(folder)) - set(broken_off(folder))
    if is_deleting and any(prefix == f"as{place.stem}" for place in living):
        raise UsageError(f"the run of {prefix} goes on", hint="wait for its end: it cleans up")


# -- files, options and words


def _given(args: Namespace) -> dict[str, Any]:
    """What the command line says, read."""
    rows = {option.key: option for option in OPTIONS}
    duration = rows["timeout"]
    given: dict[str, Any] = {}
    for key, value in vars(args).items():
        option = duration if key == "older_than" else rows.get(key)
        given[key] = value if option is None or option.is_flag else option.value(value, f"--{key.replace('_', '-')}")
    if "endpoint_url" in given:
        from assay.target import Endpoint, refuse_public  # noqa: PLC0415 - only this option needs it

        endpoint = Endpoint.parse(given["endpoint_url"])
        refuse_public(endpoint, read_configuration(None).hosts)
        given["endpoint_url"] = endpoint.url
    return given


def _chosen(folder: Path, given: Mapping[str, Any]) -> Sequence[Path]:
    """The ledgers that are asked for."""
    from assay.ledger import ledgers_in  # noqa: PLC0415 - no usage error needs it

    there = {place.stem: place for place in ledgers_in(folder)}
    wanted = given.get("runs") or list(there)
    for run in wanted:
        if run not in there:
            named = ", ".join(there) or "none"
            raise UsageError(f"there is no ledger of a run {run!a} in {_plain(folder)}", hint=f"there are: {named}")
    return [there[run] for run in wanted]


def _is_named(place: Path, file: int) -> bool:
    """Is an open ledger still the one of that name? Its run, or another sweep, may have removed it meanwhile."""
    try:
        return os.path.samestat(place.stat(), os.fstat(file))
    except OSError:
        return False


def _is_younger(heading: Heading, least: float | None) -> bool:
    if least is None:
        return False
    try:
        began = datetime.fromisoformat(heading.started)
    except ValueError:
        return False
    return (datetime.now(UTC) - began.astimezone(UTC)).total_seconds() < least


def _wait(place: Path) -> None:
    """A Create of a run that was killed just now may be on its way still: let it arrive."""
    left = _IN_FLIGHT_S - (time.time() - place.stat().st_mtime)
    if 0 < left <= _IN_FLIGHT_S:
        time.sleep(left)


def _gone(arn: str) -> bytes:
    from assay.ledger import gone_line  # noqa: PLC0415 - no usage error needs it

    return gone_line(arn)


def _named(name: str | None) -> str:
    return "(without a name)" if name is None else ascii(name)


def _plain(text: object) -> str:
    return "".join(each if each.isprintable() else "?" for each in str(text))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
