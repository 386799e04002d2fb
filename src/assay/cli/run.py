"""`assay run`: judge an endpoint.

A thin parent. It reads the options and assay.toml, looks at everything that can be wrong before a packet is sent,
starts the tests in a process of their own, and takes the exit code from the results. What a run finds, and how it is
told, is decided elsewhere.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.cli.configuration import Configuration, check_laws, read_configuration
from assay.cli.options import GROUPS, OPTIONS
from assay.contract.suggestion import closest
from assay.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Iterable, Mapping

    from assay.cli.child import Ended
    from assay.contract import Contract
    from assay.expectations import Entry
    from assay.impostors import Impostor
    from assay.liberties import Liberty

__all__ = ["add_parser", "main"]

_SEEDS: Final = 1_000_000
_SERVICE: Final = "codestar-connections"
_REPORT_DIR: Final = ".assay"
_PASSED_ON: Final = (
    *("service", "edition", "effort", "max-calls", "time-limit", "timeout", "staleness", "rate", "profile", "region"),
    *("second-profile", "second-region", "ca-bundle", "spelling", "handshake", "mutant", "impostor", "log-file"),
    "expect",
)

_EPILOG: Final = """\
examples:
  assay run --effort quick
      judge the reference server, to see what a run looks like
  assay run --endpoint-url http://127.0.0.1:4566
      judge an emulator; its findings are printed, and kept in .assay/results.json
  assay run --endpoint-url http://127.0.0.1:4566 --write-expect known.toml
      list what fails today; from then on `--expect known.toml` passes until something else fails, or less does
  assay run --endpoint-url http://127.0.0.1:4566 --law 'connection.list.*' --seed 7 --strict
      judge only what it says of lists, the same way each time, and let warnings fail
  assay run --endpoint-url http://127.0.0.1:4566 --format junit --format html
      write .assay/junit.xml for the CI and .assay/report.html for people as well

exit codes:
  0  it conforms
  1  a law that is a must is broken (with --strict, any law) and not expected, or what is expected is gone
  2  the options or assay.toml are wrong
  3  an error of assay's own
  4  nobody can say: the endpoint cannot be reached, does not serve the service, or failed on the way
  5  not one law was exercised
  6  refused as unsafe: the endpoint may be a real AWS account

Every option but --config has its key in assay.toml of the current directory, such as effort = "quick".
The table [laws] there changes the force of a law: "connection.name.unique" = "should".
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `run` to the command line."""
    parser = subparsers.add_parser(
        "run",
        help="judge an endpoint",
        description="Judge an endpoint by the contract of AWS CodeStar Connections.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    groups = {key: parser.add_argument_group(title) for key, title in GROUPS.items()}
    for option in OPTIONS:
        names = ([option.short] if option.short else []) + [f"--{option.name}"]
        how: dict[str, Any] = {"help": option.help.replace("%", "%%"), "dest": option.key}
        if option.is_flag:
            how["action"] = "store_true"
        else:
            how["metavar"] = option.metavar
            if option.is_repeatable:
                how["action"] = "append"
        groups[option.group].add_argument(*names, **how)
    groups["show"].add_argument("--config", metavar="FILE", help="read this file in the place of assay.toml")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Judge an endpoint; the exit code says what came of it."""
    configuration = read_configuration(getattr(args, "config", None))
    given = {**configuration.values, **_given(args)}
    given = {**_wanted_by_the_reference(given), **given}
    if given.get("quiet") and given.get("verbose"):
        raise UsageError("--quiet and --verbose contradict each other", hint="give one of them")
    service = given.get("service", _SERVICE)
    forces = _checked_laws(given, configuration, service)
    workers = _workers(given)
    accounts: tuple[str, ...] = ()
    if "target" in given:
        accounts = _accounts(given, configuration, service, typed=hasattr(args, "target"))
    url = None if accounts else _endpoint(given, configuration.hosts, service)
    _check_the_rest(given, url)
    asks = _settle_handshakes(given)
    entries = _expected(given)

    from assay.cli.child import prepare_report_dir, run_suite  # noqa: PLC0415 - no usage error needs it

    folder = given.get("report_dir", _REPORT_DIR)
    report_dir = prepare_report_dir(folder)
    options = _plugin_options(given, url=url, report_dir=folder, forces=forces)
    options += [f"--assay-allow-host={host}" for host in configuration.hosts]
    options += [f"--assay-account={account}" for account in accounts]
    options += ["--assay-target=aws"] if accounts else []
    ended = run_suite(
        service,
        options,
        report_dir=report_dir,
        shows_pytest=given.get("verbose", False),
        asks=asks,
        workers=workers,
    )
    if ended.document is None:
        return _without_results(ended, given.get("log_file"), report_dir)
    if given.get("format"):
        from assay.cli.formats import tell, write_reports  # noqa: PLC0415 - only this option needs it

        tell(write_reports(ended.document, given["format"], folder))
    if "write_expect" in given:
        _write_expectations(given["write_expect"], entries, ended.document)
    return int(ended.document["exit_code"])


def _workers(given: Mapping[str, Any]) -> int:
    """Over how many processes the tests are split; whatever is wrong with that is told before anything is started."""
    workers = given.get("workers", 1)
    if workers == 1:
        return 1
    from importlib.util import find_spec  # noqa: PLC0415 - only this option needs it

    if find_spec("xdist") is None:
        raise UsageError("--workers needs pytest-xdist, which is not installed", hint="pip install 'assay[workers]'")
    if "target" in given or given.get("effort") == "aws":
        raise UsageError(
            "--workers splits a run that nothing slows down, and at AWS the pace decides", hint="leave out --workers"
        )
    if given.get("handshake") == "ask":
        raise UsageError("--handshake ask asks at one terminal, and --workers are several", hint="leave out --workers")
    return int(workers)


def _expected(given: dict[str, Any]) -> tuple[Entry, ...]:
    """The known failures, read so that a mistake in them is told before a packet is sent."""
    place = given.get("write_expect")
    if place is None and given.get("force"):
        raise UsageError("--force is about the file of --write-expect", hint="leave out --force, or name that file")
    if place is not None and Path(place).exists():
        if not given.get("force"):
            raise UsageError(
                f"--write-expect {place}: the file is there already",
                hint="--force brings it up to date, and keeps what was written into it",
            )
        if given.setdefault("expect", place) != place:
            raise UsageError("--expect and --write-expect name two files", hint="leave out --expect")
    if "expect" not in given:
        return ()
    from assay.contract import clauses_of_every_law  # noqa: PLC0415 - only this option needs it
    from assay.expectations import read_expectations  # noqa: PLC0415
    from assay.suite import specs_root  # noqa: PLC0415

    return read_expectations(given["expect"], clauses_of_every_law(specs_root()))


def _write_expectations(place: str, entries: tuple[Entry, ...], results: Mapping[str, Any]) -> None:
    from assay.expectations import as_toml, updated  # noqa: PLC0415 - only this option needs it

    known = updated(entries, results)
    try:
        Path(place).write_text(as_toml(known), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--write-expect {place}: {error.strerror}", hint="--write-expect names a file") from error
    number = f"{len(known)} known failure{'' if len(known) == 1 else 's'}"
    print(f"{number} written to {place}: say why in it, then run with --expect {place}")  # noqa: T201 - the last word


def _given(args: Namespace) -> dict[str, Any]:
    """What the command line says, read."""
    return {
        option.key: option.value(getattr(args, option.key), f"--{option.name}")
        for option in OPTIONS
        if hasattr(args, option.key)
    }


def _wanted_by_the_reference(given: Mapping[str, Any]) -> dict[str, Any]:
    """What liberties need to be legal, and an impostor to be seen through, where the caller says nothing of it."""
    servers: list[Impostor | Liberty] = []
    if given.get("liberty"):
        from assay import liberties  # noqa: PLC0415 - only this option needs it

        servers += liberties.named(given["liberty"])
    if "impostor" in given:
        from assay import impostors  # noqa: PLC0415 - as above

        servers.append(impostors.named(given["impostor"]))
    rows = {f"--{option.name}": option for option in OPTIONS}
    wanted = {}
    for each in servers:
        for word, value in zip(each.options[::2], each.options[1::2], strict=True):
            wanted[rows[word].key] = rows[word].value(value, word)
    return wanted


def _checked_laws(given: Mapping[str, Any], configuration: Configuration, service: str) -> dict[str, str]:
    """Look at service, edition and laws where any is named; the forces that hold in the edition."""
    globs, until = given.get("law", ()), given.get("until_broken", ())
    if not (globs or until or configuration.forces or "service" in given or "edition" in given):
        return {}  # the newest contract is loaded by the child, and has no need to be loaded twice
    from assay.contract import available, load_contract  # noqa: PLC0415 - as above
    from assay.suite import specs_root  # noqa: PLC0415

    specs = specs_root()
    contract = load_contract(service, given.get("edition"), specs=specs)
    _check_globs("--law", globs, contract)
    _check_globs("--until-broken", until, contract)
    every: dict[str, Any] = {}
    if configuration.forces:
        for each, editions in available(specs).items():
            for edition in editions:
                every.update(load_contract(each, edition, specs=specs).laws)
    return check_laws(configuration, contract.laws, every)


def _check_globs(option: str, globs: Iterable[str], contract: Contract) -> None:
    for glob in globs:
        if not any(fnmatchcase(law, glob) for law in contract.laws):
            guess = closest(glob, contract.laws)
            raise UsageError(
                f"{option} {glob!r}: no law of {contract.service} {contract.edition} is called so",
                hint=f"did you mean {guess}?" if guess else "`assay laws` names them all",
            )


def _accounts(given: dict[str, Any], configuration: Configuration, service: str, *, typed: bool) -> tuple[str, ...]:
    """The AWS accounts that are to be judged in, once they are confirmed."""
    from assay.cli.permission import permitted_accounts  # noqa: PLC0415 - only this target needs it

    if "endpoint_url" in given:
        raise UsageError("--target and --endpoint-url both say what to judge", hint="give one of them")
    for option in ("mutant", "impostor", "liberty"):
        if given.get(option):
            raise UsageError(f"--{option} is about the reference server, and AWS is to be judged", hint="leave one out")
    given.setdefault("effort", "aws")
    return permitted_accounts(given, configuration, service, typed=typed)


def _endpoint(given: Mapping[str, Any], hosts: Iterable[str], service: str) -> str | None:
    """The endpoint's URL, in its plain form; None for the reference server."""
    from assay.target.endpoint import Endpoint, refuse_public, resolve_endpoint_url  # noqa: PLC0415 - `--help` needs none
    from assay.target.proxies import proxied  # noqa: PLC0415

    url = resolve_endpoint_url(given.get("endpoint_url"), os.environ, service=service, profile=given.get("profile"))
    if url is None:
        return None
    endpoint = proxied(Endpoint.parse(url))
    refuse_public(endpoint, tuple(hosts))
    if given.get("wait"):
        from assay.target.waiting import wait_for  # noqa: PLC0415 - only this option needs it

        wait_for(endpoint, given["wait"])
    return endpoint.url


def _check_places(given: Mapping[str, Any]) -> None:
    """See that other Regions and databases are where the caller says."""
    if "second_region" in given:
        from assay.reach import second_region  # noqa: PLC0415 - only this option needs it

        second_region(given["second_region"])
    if given.get("database"):
        from assay.examples import open_examples  # noqa: PLC0415 - only this option needs it

        open_examples(given["database"])


def _check_the_rest(given: Mapping[str, Any], url: str | None) -> None:
    from assay.target.credentials import find_region  # noqa: PLC0415 - as above

    if "region" in given:
        find_region(given["region"], None, os.environ)
    _check_places(given)
    if "mutant" in given:
        from assay.mutants import named  # noqa: PLC0415 - only this option needs it

        if url is not None:
            raise UsageError(
                f"--mutant {given['mutant']} is a fault of the reference server, and {url} is to be judged",
                hint="leave out one of the two; an endpoint may be named in the environment or in assay.toml as well",
            )
        named(given["mutant"])
    for option, what in (("impostor", "starts a server"), ("liberty", "is a choice of the reference server")):
        if url is None or not given.get(option):
            continue
        word = given[option] if option == "impostor" else given[option][0]
        raise UsageError(
            f"--{option} {word} {what}, and {url} is to be judged",
            hint="leave out one of the two; an endpoint may be named in the environment or in assay.toml as well",
        )
    for name in ("ca_bundle", "log_file"):
        place = given.get(name)
        if place is None:
            continue
        option = f"--{name.replace('_', '-')}"
        try:
            with Path(place).open("rb" if name == "ca_bundle" else "ab"):
                pass
        except OSError as error:
            raise UsageError(f"{option} {place}: {error.strerror}", hint=f"{option} names a file") from error


def _settle_handshakes(given: dict[str, Any]) -> bool:
    """Look at who is to complete handshakes: is it the person at this terminal? Where there is none, it is nobody."""
    how = given.get("handshake")
    if how is None:
        return False
    from assay.handshakes import ASK, DOOR, NOBODY, words_of  # noqa: PLC0415 - only this option needs it

    if how == ASK:
        is_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
        given["handshake"] = ASK if is_terminal else NOBODY
        return is_terminal
    if how not in {DOOR, NOBODY}:
        command = words_of(how)[0]
        if shutil.which(command) is None:
            raise UsageError(f"--handshake: there is no command {command[:80]!a}", hint="give door, ask or a command")
    return False


def _plugin_options(
    given: Mapping[str, Any], *, url: str | None, report_dir: str, forces: Mapping[str, str]
) -> list[str]:
    """What the caller said, in the words of the pytest plugin."""
    is_verbose, is_quiet = given.get("verbose", False), given.get("quiet", False)
    values = {
        "report-dir": report_dir,
        "seed": given["seed"] if "seed" in given else secrets.randbelow(_SEEDS),
        "verbosity": "quiet" if is_quiet else "verbose" if is_verbose else "normal",
        "progress": "none" if is_quiet or is_verbose else "auto",
        **{name: given[key] for name in _PASSED_ON if (key := name.replace("-", "_")) in given},
    }
    options = [f"--assay-{name}={value}" for name, value in values.items()]
    options += [f"--assay-law={glob}" for glob in given.get("law", ())]
    options += [f"--assay-until-broken={glob}" for glob in given.get("until_broken", ())]
    options += [f"--assay-database={place}" for place in given.get("database", ())]
    options += [f"--assay-liberty={name}" for name in given.get("liberty", ())]
    options += [f"--assay-force={law}={force}" for law, force in forces.items()]
    if url is not None:
        options.append(f"--endpoint-url={url}")
    options += [f"--assay-{flag}" for flag in ("strict", "auth", "concurrent") if given.get(flag)]
    if given.get("no_color"):
        options.append("--assay-no-color")
        options += ["--color=no"] if is_verbose else []
    return [*options, "--verbose"] if is_verbose else options


def _without_results(ended: Ended, log_file: str | None, report_dir: Path) -> int:
    """Say that the child ended without results, and keep what it said."""
    if ended.stopped:
        from assay.cli.pytest_process import INTERRUPTED  # noqa: PLC0415 - no usage error needs it

        is_early = ended.code == INTERRUPTED
        what = "nothing was sent" if is_early else "if the run had created anything, `assay sweep` removes it"
        print(f"assay: stopped at once, as asked: {what}", file=sys.stderr)  # noqa: T201 - no part of the report
        return 4
    stamp = datetime.now(UTC)
    place = Path(log_file) if log_file else report_dir / f"assay-{stamp:%Y%m%dT%H%M%S}.log"
    words = "\n".join(ended.last_words) or "(it said nothing)"
    try:
        with place.open("a", encoding="utf-8") as log:
            when = stamp.isoformat(timespec="seconds")
            log.write(f"{when} the run ended without results, exit code {ended.code}:\n{words}\n")
    except OSError:
        place = Path(tempfile.mkstemp(prefix="assay-", suffix=".log", text=True)[1])
        place.write_text(words, encoding="utf-8")
    raise HarnessError(
        f"this is a fault of assay's own: the run ended without results (exit code {ended.code})",
        hint=f"its last words are in {place}; please report them",
    )
