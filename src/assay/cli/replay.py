"""`assay replay`: run the programs of earlier findings again, and say which laws still break.

What is replayed is the program, not the bytes: names and ARNs are fresh, so it can be run against the same endpoint a
hundred times, or against another one. A finding that breaks once in its tries *still breaks*; one whose law was kept
every time is *fixed*. It is tried three times; more often where the run that found it saw it only now and then
(`assay.rate`). Between the two, it has *changed*: its program breaks the same law in another way (another
clause, operation or answer), or a law that the recorded run did not find broken. What the recorded run found beside it
is no change; that has a finding of its own. Nobody can say, and it is *unclear*, where the endpoint is lost on the way,
where the account has no room for what the program makes, and where the program keeps the law but never broke it again
in the run that found it either.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from assay.cli.configuration import read_configuration
from assay.cli.options import OPTIONS
from assay.contract.suggestion import closest
from assay.errors import TargetError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Iterable, Mapping, Sequence

    from assay.contract import Contract
    from assay.history import Call
    from assay.identity import Fault, Shape
    from assay.laws import Breach
    from assay.program import Program
    from assay.session import Session
    from assay.settings import Settings

__all__ = ["add_parser", "main"]

_SECONDS: Final = 60.0
_SHARED: Final = (
    *("endpoint-url", "profile", "second-profile", "region", "ca-bundle", "spelling", "timeout", "staleness"),
    "handshake",
)
_NO_MUTANT: Final = "none"
_STILL_BREAKS, _CHANGED, _FIXED, _UNCLEAR = "still breaks", "changed", "fixed", "unclear"

_EPILOG: Final = """\
examples:
  assay replay .assay/results.json
      replay every finding against the endpoint that showed it
  assay replay .assay/results.json connection.name.unique-ed15fa2e --endpoint-url http://127.0.0.1:4567
      replay one finding against another endpoint

exit codes:
  0  all are fixed
  1  one still breaks, or has changed: its program breaks the law in another way, or another law
  2  the options or the file are wrong
  4  nobody can say: the endpoint cannot be reached, or was lost on the way; or the run never saw the finding again
  6  refused as unsafe: the endpoint may be a real AWS account
"""

_MOST_ROUNDS: Final = 16  # of a program that is tried over and over
_MOST_STEPS: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    """A finding as a results file has it."""

    id: str
    law: str
    clause: str | None
    program: Program
    shape: Shape | None
    shows: tuple[int, int] = (1, 1)

    @property
    def fault(self) -> Fault:
        """What its program showed."""
        from assay.identity import Fault  # noqa: PLC0415 - no usage error needs it

        return Fault(self.law, self.clause, self.shape)


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `replay` to the command line."""
    parser = subparsers.add_parser(
        "replay",
        help="see whether a finding still breaks",
        description="Run the programs of findings again, against the same endpoint or another one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("results", metavar="RESULTS", help="a results.json")
    parser.add_argument(
        "findings", metavar="FINDING", nargs="*", help="the id of a finding, or of a law (default: every finding)"
    )
    known = {option.name: option for option in OPTIONS}
    for name in _SHARED:
        option = known[name]
        words = option.help.replace("%", "%%") if name != "endpoint-url" else "another endpoint (default: the same one)"
        parser.add_argument(f"--{name}", dest=option.key, metavar=option.metavar, help=words)
    parser.add_argument(
        "--mutant",
        metavar="NAME",
        help=f"the fault of the reference server, or {_NO_MUTANT} (default: the one of the run, where it had one)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="every call, and every ARN")
    parser.add_argument("--no-color", action="store_true", help="no colours, as with NO_COLOR in the environment")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Replay findings; 1 if any still breaks."""
    from assay.results import read_results  # noqa: PLC0415 - `--help` needs none

    document = read_results(args.results)
    every = list(_recorded(document, args.results))
    recorded = _chosen(every, getattr(args, "findings", ()), args.results)
    if not recorded:
        sys.stdout.write(f"there is nothing to replay: {args.results} holds no finding\n")
        return 0
    settings = _settings(args, document)

    from assay.session import open_session  # noqa: PLC0415 - no usage error needs it
    from assay.suite import import_reports  # noqa: PLC0415

    signal.signal(signal.SIGTERM, _as_interrupt)
    with open_session(settings) as session:
        _check_laws(recorded, session.contract)
        replayed = [_replayed(finding, session, args.results, every) for finding in recorded]
        target = session.target
    special = f" with the fault {target.mutant}" if target.mutant else ""
    special += f"{' and' if special else ''} with {', '.join(target.liberties)}" if target.liberties else ""
    named = f"the reference server{special} at "
    is_color = sys.stdout.isatty() and not hasattr(args, "no_color") and not os.environ.get("NO_COLOR")
    sys.stdout.write(
        import_reports().replay.render(
            replayed,
            target=f"{named if target.is_reference else ''}{target.endpoint_url}",
            width=shutil.get_terminal_size((100, 24)).columns,
            color=is_color,
            verbose=hasattr(args, "verbose"),
            plain="utf" not in (sys.stdout.encoding or "").lower(),
        )
    )
    for arn, name in session.search.driver.holdings.left_behind.items():
        sys.stdout.write(f"left behind: {ascii(arn)[1:-1]} ({ascii(name)[1:-1]})\n")
    words = {each["word"] for each in replayed}
    return 1 if words & {_STILL_BREAKS, _CHANGED} else 4 if _UNCLEAR in words else 0


def _as_interrupt(_number: int, _frame: object) -> NoReturn:
    """Let SIGTERM end a replay as Ctrl-C does: with the clean-up."""
    raise KeyboardInterrupt


def _recorded(document: Mapping[str, Any], place: str) -> Iterable[_Recorded]:
    """The findings of the results, in their order."""
    from assay.program_json import from_json  # noqa: PLC0415 - no usage error needs it

    try:
        every = {finding["id"]: finding for law in document["laws"] for finding in law["findings"]}
        for each in document["findings"]:
            finding = every[each]
            yield _Recorded(
                id=str(each),
                law=str(finding["law"]),
                clause=finding["clause"],
                program=from_json(finding["program"]),
                shape=tuple(map(str, finding["shape"])) if "shape" in finding else None,
                shows=(int(finding["shows"]["times"]), int(finding["shows"]["of"])),
            )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        message = f"{place}: its findings cannot be read: {ascii(str(error))[:120]}"
        raise UsageError(message, hint="run `assay run` again: it writes the file anew") from error


def _chosen(recorded: Sequence[_Recorded], wanted: Sequence[str], place: str) -> list[_Recorded]:
    """The findings of the wanted ids or laws; all of them where nothing is asked for."""
    for word in wanted:
        known = [name for finding in recorded for name in (finding.id, finding.law)]
        if word not in known:
            guess = closest(word, known)
            ids = ", ".join(finding.id for finding in recorded[:5]) or "none"
            hint = f"did you mean {guess}?" if guess else f"there are: {ids}"
            raise UsageError(f"{place} holds no finding {word!r}", hint=hint)
    return [finding for finding in recorded if not wanted or finding.id in wanted or finding.law in wanted]


def _settings(args: Namespace, document: Mapping[str, Any]) -> Settings:
    """The settings of the run that found it, but for what the command line says."""
    from assay.settings import Settings  # noqa: PLC0415 - as above
    from assay.target import Endpoint, refuse_public  # noqa: PLC0415

    known = {option.name: option for option in OPTIONS}
    given: dict[str, Any] = {}
    for name in _SHARED:
        if hasattr(args, known[name].key):
            given[known[name].key] = known[name].value(getattr(args, known[name].key), f"--{name}")
    try:
        target, earlier = document["target"], document["settings"]
        defaults = {"staleness": float(earlier["staleness"]), "region": str(target["region"])}
        service, edition = str(document["service"]), str(document["edition"])
        was_reference, url, mutant = target["is_reference"], str(target["endpoint_url"]), target["mutant"]
        liberties, impostor = tuple(map(str, target.get("liberties", ()))), target.get("impostor")
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{args.results}: is not a results file of assay: {error!r}", hint="run `assay run` again"
        ) from error
    if "endpoint_url" not in given and not was_reference:
        given["endpoint_url"] = url
    if "endpoint_url" in given:
        endpoint = Endpoint.parse(given["endpoint_url"])
        given["hosts"] = read_configuration(None).hosts
        refuse_public(endpoint, given["hosts"])
        given["endpoint_url"] = endpoint.url
    if hasattr(args, "mutant"):
        if "endpoint_url" in given:
            raise UsageError("--mutant is a fault of the reference server", hint="leave out --mutant")
        from assay.mutants import named  # noqa: PLC0415 - only this option needs it

        mutant = None if args.mutant == _NO_MUTANT else named(args.mutant).name
    if "endpoint_url" in given:
        mutant, liberties, impostor = None, (), None
    values = {**defaults, **given}
    return Settings(
        service=service,
        edition=edition,
        mutant=mutant,
        liberties=liberties,
        impostor=impostor,
        time_limit=_SECONDS,
        **values,
    )


def _check_laws(recorded: Iterable[_Recorded], contract: Contract) -> None:
    from assay.laws import JUDGES  # noqa: PLC0415 - as above

    for finding in recorded:
        law = contract.laws.get(finding.law)
        if law is None or law.id not in JUDGES or finding.clause not in {None, *law.clauses}:
            what = f"{finding.law}{f' ({finding.clause})' if finding.clause else ''}"
            raise UsageError(
                f"{what} is no law that this release judges", hint="replay with the release that found it, or run again"
            )


def _replayed(recorded: _Recorded, session: Session, place: str, every: Sequence[_Recorded]) -> dict[str, Any]:
    """What became of one finding, as the report wants it; `every` are all of its file."""
    from assay.budget import BudgetSpentError  # noqa: PLC0415 - as above

    law = session.contract.laws[recorded.law]
    clause = None if recorded.clause is None else law.clauses[recorded.clause]
    told: dict[str, Any] = {
        "law": {"evidence": law.evidence, "source": list(law.source)},
        "finding": {
            "id": recorded.id,
            "law": law.id,
            "clause": recorded.clause,
            "sentence": (clause or law).sentence,
        },
    }
    from assay.explaining import tries  # noqa: PLC0415
    from assay.program import repeated, steps_within  # noqa: PLC0415
    from assay.rate import RATED_AT_LEAST, tries_for  # noqa: PLC0415 - as above

    search = session.search
    rounds = max(2, min(_MOST_ROUNDS, _MOST_STEPS // max(1, len(list(steps_within(recorded.program))))))
    chances = 1 + max(tries_for(recorded.shows), RATED_AT_LEAST * tries(recorded.program))
    cramped = 0
    try:
        for tried in range(1, chances + 1):
            search.driver.hearing.room = None
            # The last time over and over, as a server may have to be warm: some faults wait for what it keeps by then.
            is_last = tried == chances and not search.is_dear(recorded.program)
            program = repeated(recorded.program, rounds) if is_last else recorded.program
            again = search.repeat(recorded.fault, program, search.budget)
            if again is not None:
                told["finding"] = _found(recorded, recorded.law, *again, session, place, tried)
                return {**told, "word": _STILL_BREAKS}
            cramped += search.driver.hearing.room is not None
        other = _other(recorded, session, every)
    except BudgetSpentError:
        return {**told, "word": _UNCLEAR, "detail": f"it took more than {_SECONDS:g} s"}
    except TargetError as error:
        return {**told, "word": _UNCLEAR, "detail": error.message}
    if other is not None:
        found = _found(recorded, *other, session, place, 1)
        broken = session.contract.laws[other[0]]
        told["law"] = {"evidence": broken.evidence, "source": list(broken.source)}
        what = "the same law in another way" if other[0] == recorded.law else f"{other[0]} instead"
        return {**told, "finding": found, "word": _CHANGED, "was": recorded.id, "detail": f"it breaks {what}"}
    word, detail = _kept(recorded, chances, cramped)
    return {**told, "word": word, "detail": detail}


def _kept(recorded: _Recorded, tried: int, cramped: int) -> tuple[str, str]:
    """What it means that a program kept its law so often; `cramped` are the runs that the account had no room for."""
    runs = f"its program was run {tried} times and did not break it"
    if cramped == tried:
        return _UNCLEAR, f"{runs}; but the account has no room for its connections: delete what it does not need"
    if not recorded.shows[0]:
        # The run that found it had the fault, and its program did not break it either.
        return _UNCLEAR, f"{runs}; but nor did it ever again in the run that found it: run the suite again to know"
    return _FIXED, runs


def _other(
    recorded: _Recorded, session: Session, every: Sequence[_Recorded]
) -> tuple[str, tuple[Call, ...], Breach] | None:
    """What else the program breaks, that the run which found it did not tell of; the same law first."""
    from assay.identity import finding_id  # noqa: PLC0415 - as above

    told, laws = {each.id for each in every}, {each.law for each in every}
    others = [
        other
        for other in session.search.broken_by(recorded.program, session.search.budget)
        if finding_id(other[0], other[2]) not in told and other[0] not in laws - {recorded.law}
    ]
    return min(others, key=lambda other: other[0] != recorded.law, default=None)


def _found(  # noqa: PLR0913, PLR0917 - all that a finding is made of
    recorded: _Recorded,
    law: str,
    calls: tuple[Call, ...],
    breach: Breach,
    session: Session,
    place: str,
    tried: int,
) -> dict[str, Any]:
    """A finding of this replay, as JSON values."""
    from assay.book import Finding  # noqa: PLC0415 - as above
    from assay.program import steps_within  # noqa: PLC0415
    from assay.results import finding_as_json  # noqa: PLC0415

    finding = Finding(
        law=law,
        clause=breach.clause,
        force=session.force(law, breach.clause),
        program=recorded.program,
        breach=breach,
        calls=calls,
        found_at=(breach.call.index, session.duration),
        first_steps=len(list(steps_within(recorded.program))),
        shows=(1, tried),
    )
    return finding_as_json(finding, session.contract, under=None, results_file=place)
