"""The options of `assay run`, one row each: the command line and assay.toml are both read from this table.

A row says what a value may be and what to say where it may not; so an option is spelt, checked and explained in one
place, and the key in assay.toml can never differ from the option. No row has a default: what was not said is not
there, so the command line can beat the file, and the file the environment. What is right only in the light of other
options is looked at in `run`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMATS", "GROUPS", "OPTIONS", "Option"]

FORMATS: Final = ("console", "json", "junit", "html", "markdown", "badge", "sarif")
"""The formats of `reports`; a selftest holds the two equal, so that no usage error has to import a renderer."""

GROUPS: Final = {
    "judge": "what to judge",
    "search": "how hard to look",
    "reach": "how to reach it",
    "show": "what to show and keep",
}

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?", re.ASCII)
_SECONDS: Final[Mapping[str | None, float]] = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0}
_LONGEST: Final = 7 * 24 * 3_600.0
_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: its name on the command line and in assay.toml, what it means, and how its value is read.

    `read` takes a word of the command line or a value of the file, and raises ValueError where it is neither. A flag
    is true or false; an option that may be repeated is a list in the file. `is_path` are those that are relative to
    the file they stand in.
    """

    name: str
    group: str
    help: str
    read: Callable[[Any], Any]
    metavar: str | None = None
    is_flag: bool = False
    is_repeatable: bool = False
    is_path: bool = False
    short: str | None = None

    @property
    def key(self) -> str:
        """Its name as an attribute."""
        return self.name.replace("-", "_")

    def value(self, given: Any, place: str) -> Any:
        """The value that was given at a place of the command line or of the file, read.

        Raises:
            UsageError: it is none; the message names the place.

        """
        if self.is_repeatable:
            words = given if isinstance(given, list) else [given]
            return tuple(self._one(word, place) for word in words)
        return self._one(given, place)

    def _one(self, given: Any, place: str) -> Any:
        try:
            return self.read(given)
        except ValueError as error:
            raise UsageError(
                f"{place}: {error}",
                hint=f"--{self.name} {self.metavar or ''}".rstrip() + f": {self.help.partition(' (')[0]}",
            ) from error


def _shown(value: Any) -> str:
    return ascii(value)[:80]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a text")  # noqa: TRY004 - one kind of error for every reader
    if "\0" in value:
        raise ValueError(f"{_shown(value)} holds a character that no option has")
    return value


def _word(value: Any) -> str:
    text = _text(value)
    if not text.strip():
        raise ValueError("the value is empty")
    return text


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{_shown(value)} is neither true nor false")  # noqa: TRY004 - as above
    return value


def _one_of(*choices: str, is_one_of_several: bool = False) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if is_one_of_several and isinstance(value, str) and "," in value:
            raise ValueError(f"{_shown(value)} is more than one word: give each by itself")
        if value not in choices:
            raise ValueError(f"{_shown(value)} is not {', '.join(choices[:-1])} or {choices[-1]}")
        return str(value)

    return read


def _whole(least: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        is_digits = isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value) is not None
        if not (is_number or is_digits):
            raise ValueError(f"{_shown(value)} is not a whole number")
        if not least <= int(value) <= _MOST:
            raise ValueError(f"{_shown(value)} is {'less than ' + str(least) if int(value) < least else 'too much'}")
        return int(value)

    return read


def _rate(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = repr(value)
    if not isinstance(value, str) or re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value) is None or not float(value):
        raise ValueError(f"{_shown(value)} is no number of calls a second: write 2 or 0.5")
    return float(value)


def _seconds(*, may_be_zero: bool) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = repr(value)
        found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"{_shown(value)} is no length of time: write 60, 60s or 2m")
        seconds = float(found[1]) * _SECONDS[found[2]]
        if seconds > _LONGEST or (seconds == 0 and not may_be_zero):
            raise ValueError(f"{_shown(value)} is {'too long: a week is the most' if seconds else 'no time at all'}")
        return seconds

    return read


OPTIONS: Final[tuple[Option, ...]] = (
    Option(
        name="endpoint-url",
        group="judge",
        metavar="URL",
        read=_text,
        help="the endpoint to judge, like http://127.0.0.1:4566 (default: AWS_ENDPOINT_URL and the AWS profile's as in "
        "boto3; where nothing names one, the reference server, started for this run)",
    ),
    Option(
        name="target",
        group="judge",
        metavar="aws",
        read=_one_of("aws", "AWS"),
        help="AWS itself: aws. Shows the plan first and asks; the account must be typed, or stand in assay.toml "
        "([allow] accounts), and where nobody can be asked --yes has to agree as well (docs/aws.md)",
    ),
    Option(
        name="yes",
        group="judge",
        read=_flag,
        is_flag=True,
        help="agree to the plan of --target aws without being asked, where assay.toml lists the account",
    ),
    Option(
        name="service",
        group="judge",
        metavar="NAME",
        read=_word,
        help="codestar-connections or codeconnections (default: codestar-connections)",
    ),
    Option(
        name="edition",
        group="judge",
        metavar="DAY",
        read=_word,
        help="the contract as of a day, 2019-12-19 or 2026-11-10 (default: the newest)",
    ),
    Option(
        name="law",
        group="judge",
        metavar="GLOB",
        read=_word,
        is_repeatable=True,
        help="judge only laws whose id matches, like 'connection.list.*'; may be repeated (default: all)",
    ),
    Option(
        name="expect",
        group="judge",
        metavar="FILE",
        read=_word,
        is_path=True,
        help="known failures, a TOML file: what it lists does not fail the run, what it lists and is gone does",
    ),
    Option(
        name="write-expect",
        group="judge",
        metavar="FILE",
        read=_word,
        is_path=True,
        help="write what fails as known failures, one entry for each finding, to go on from with --expect",
    ),
    Option(
        name="force",
        group="judge",
        read=_flag,
        is_flag=True,
        help="bring the file of --write-expect up to date where there is one: what was written into it stays",
    ),
    Option(name="strict", group="judge", read=_flag, is_flag=True, help="a broken `should` fails the run as well"),
    Option(
        name="auth",
        group="judge",
        read=_flag,
        is_flag=True,
        help="demand that signatures are checked: without it, auth.* is judged only where the endpoint turns some "
        "badly signed request away",
    ),
    Option(
        name="mutant",
        group="judge",
        metavar="NAME",
        read=_word,
        help="give the reference server one fault, to see what a finding looks like "
        "(`assay serve --list-mutants` names them all)",
    ),
    Option(
        name="impostor",
        group="judge",
        metavar="NAME",
        read=_word,
        help="judge something that only looks like a server, such as `always-empty` or `shuffled`: it never conforms",
    ),
    Option(
        name="liberty",
        group="judge",
        metavar="NAME",
        read=_word,
        is_repeatable=True,
        help="let the reference server take a choice that the contract leaves open, which no law may object to; "
        "may be repeated (`assay serve --list-liberties` names them all)",
    ),
    Option(
        name="effort",
        group="search",
        metavar="WORD",
        read=_one_of("quick", "standard", "deep", "aws"),
        help="quick, standard or deep, or aws: the cheapest laws first, few calls, held to a plan (default: standard; "
        "with --target aws: aws)",
    ),
    Option(
        name="concurrent",
        group="search",
        read=_flag,
        is_flag=True,
        help="send calls at once where a plan is kept to, too; without it, a run at AWS does one thing at a time",
    ),
    Option(
        name="seed",
        group="search",
        metavar="N",
        read=_whole(0),
        help="draw the same programs again (a whole number; default: another one each time, told in the summary)",
    ),
    Option(
        name="until-broken",
        group="search",
        metavar="LAW",
        read=_word,
        is_repeatable=True,
        help="stop at the first finding of this law, or of laws like 'connection.list.*': a short way while one fault "
        "is being mended; may be repeated",
    ),
    Option(
        name="database",
        group="search",
        metavar="PLACE",
        is_repeatable=True,
        read=_word,
        help="keep the examples of failures there, and try those of earlier runs first: a folder, read-only:FOLDER, "
        "redis://HOST:PORT/0, or github:OWNER/REPOSITORY for the artifact of a CI; may be repeated (default: none)",
    ),
    Option(
        name="workers",
        group="search",
        metavar="N",
        read=_whole(1),
        help="split the tests over N processes; calls and rate are dealt out, verdict and report stay those of one. "
        "More than 1 needs pip install 'assay[workers]'",
    ),
    Option(
        name="max-calls",
        group="search",
        metavar="N",
        read=_whole(1),
        help="send no more calls than this, clean-up included (default: no limit; with --target aws: 400)",
    ),
    Option(
        name="time-limit",
        group="search",
        metavar="TIME",
        read=_seconds(may_be_zero=False),
        help="end the search after 60, 60s or 2m (default: by effort)",
    ),
    Option(
        name="timeout",
        group="reach",
        metavar="TIME",
        read=_seconds(may_be_zero=False),
        help="wait so long for one answer, like 500ms or 10s (default: 10s)",
    ),
    Option(
        name="wait",
        group="reach",
        metavar="TIME",
        read=_seconds(may_be_zero=True),
        help="wait so long for the endpoint to come up, like 60s: for a server that was started a moment ago (default: "
        "0)",
    ),
    Option(
        name="staleness",
        group="reach",
        metavar="TIME",
        read=_seconds(may_be_zero=True),
        help="let reads lag by as much as this, like 5s (default: 0; with --effort aws: 3s)",
    ),
    Option(
        name="rate",
        group="reach",
        metavar="N",
        read=_rate,
        help="send no more than N calls a second, retries included (default: no limit; with --target aws: 2)",
    ),
    Option(
        name="handshake",
        group="reach",
        metavar="HOW",
        read=_word,
        help="who completes handshakes, for the laws about them: door (the side door of `assay serve`), ask (a person "
        "at this terminal, who is shown the console's page), or a command, which is given the ARN behind its words and "
        "ends with 0 when it is done (default: nobody; with the reference that a run starts itself, door)",
    ),
    Option(
        name="profile",
        group="reach",
        metavar="NAME",
        read=_word,
        help="the AWS profile to take credentials and Region from",
    ),
    Option(
        name="second-profile",
        group="reach",
        metavar="NAME",
        read=_word,
        help="the AWS profile of a second account, to see that neither account meets what is the other's (default: "
        "ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY; on this machine, harmless keys are tried)",
    ),
    Option(
        name="region",
        group="reach",
        metavar="NAME",
        read=_text,
        help="the Region to sign for (default: as the AWS CLI finds it)",
    ),
    Option(
        name="second-region",
        group="reach",
        metavar="REGION[=URL]",
        read=_word,
        help="look for one connection through this Region as well, and tell whether it is seen there: an observation, "
        "never a fault; URL is where the Region's endpoint is, if it is another",
    ),
    Option(
        name="ca-bundle",
        group="reach",
        metavar="FILE",
        read=_word,
        is_path=True,
        help="certificates to trust, a PEM file (default: AWS_CA_BUNDLE's, or the usual ones)",
    ),
    Option(
        name="spelling",
        group="reach",
        metavar="WORD",
        read=_one_of("long", "short"),
        help="the spelling of X-Amz-Target to use, long or short (default: long, or what is served)",
    ),
    Option(
        name="format",
        group="show",
        metavar="WORD",
        read=_one_of(*FORMATS, is_one_of_several=True),
        is_repeatable=True,
        help="write this report too, into --report-dir: junit (junit.xml), html (report.html), markdown (summary.md, "
        "and the summary of a GitHub step), badge (badge.svg and badge.json) or sarif (assay.sarif); may be repeated "
        "(default: console, which is always printed, and json, which is always written)",
    ),
    Option(
        name="report-dir",
        group="show",
        metavar="DIR",
        read=_word,
        is_path=True,
        help="the folder for results.json and the reports of --format (default: .assay)",
    ),
    Option(
        name="log-file",
        group="show",
        metavar="FILE",
        read=_word,
        is_path=True,
        help="a file for what went on, to be appended to",
    ),
    Option(
        name="verbose",
        short="-v",
        group="show",
        read=_flag,
        is_flag=True,
        help="pytest's own output, and every call of a finding",
    ),
    Option(
        name="quiet",
        short="-q",
        group="show",
        read=_flag,
        is_flag=True,
        help="the verdict, and one line for each finding",
    ),
    Option(
        name="no-color", group="show", read=_flag, is_flag=True, help="no colours, as with NO_COLOR in the environment"
    ),
)
