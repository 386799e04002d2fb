"""The command line: which commands there are, and what becomes of an error.

A command is a module here with `add_parser` and `main`; it is imported only when it is asked for, so that `assay
--version` is there at once. An error that assay raises on purpose ends as one line on standard error, a hint below
it, and its own exit code. Any other error is a fault of ours: one line says so, the traceback goes into a file, and
the file is named.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from assay import __version__
from assay.errors import AssayError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]

_COMMANDS: Final[Mapping[str, str]] = {
    "run": "judge an endpoint",
    "plan": "the worst case of a run at AWS",
    "serve": "run the reference server",
    "laws": "list the laws",
    "show": "tell everything about one law",
    "report": "show the results of a run in another format",
    "replay": "see whether a finding still breaks",
    "sweep": "remove what broken-off runs left behind",
    "compare": "put the results of several runs side by side",
    "differ": "run the same programs against two endpoints",
    "selftest": "try the suite itself",
}
_INTERRUPTED: Final = 4
_OWN_FAULT: Final = 3
_USAGE: Final = 2
_JUDGING: Final = frozenset({"run", "replay", "differ"})

_EPILOG: Final = """\
examples:
  assay run                                         judge the reference server
  assay run --endpoint-url http://127.0.0.1:4566    judge an emulator
  assay show connection.name.unique                 one law, its source, and why

`assay COMMAND --help` says more.
"""


class _Parser(argparse.ArgumentParser):
    """A parser that raises its complaint, so that it is told like any other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **kwargs})

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, with a guess at what was meant."""
        raise UsageError(message, hint=f"`{self.prog} --help` names the options")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code says what came of it."""
    words = list(sys.argv[1:] if argv is None else argv)
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    command = next((word for word in words if not word.startswith("-")), None)
    log_file = _value_of("--log-file", words)
    try:
        try:
            return _run(words, command)
        finally:
            sys.stdout.flush()
    except AssayError as error:
        _say(f"assay: {error.message}")
        if error.hint:
            _say(f"  hint: {error.hint}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("assay: interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        _be_silent()
        return _INTERRUPTED if command in _JUDGING else 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person sees one line, a file the rest
        place = _kept(traceback.format_exc(), log_file)
        _say(f"assay: this is a fault of assay's own: {type(error).__name__}: {_one_line(error)}")
        _say(f"  hint: the traceback is in {place}; please report it")
        return _OWN_FAULT


def _run(words: Sequence[str], command: str | None) -> int:
    if command is None and "--version" in words:
        print(f"assay {__version__}")  # noqa: T201 - what was asked for
        return 0
    parser = _parser(command)
    if not words:
        parser.print_help(sys.stderr)
        return _USAGE
    try:
        args, unknown = parser.parse_known_args(words)
    except SystemExit as end:  # argparse's way to end after --help
        return int(end.code or 0)
    if unknown:
        raise UsageError(
            f"there is no option {unknown[0]!r}" + _where(command), hint=_guess(unknown[0], parser, command)
        )
    if not hasattr(args, "main"):
        raise UsageError("there is no command", hint=f"choose one of {', '.join(_COMMANDS)}")
    return int(args.main(args))


def _parser(command: str | None) -> argparse.ArgumentParser:
    """The parser; only the command that is asked for is really there."""
    parser = _Parser(
        prog="assay",
        description="The conformance suite for AWS CodeStar Connections: does an endpoint keep the contract?",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"assay {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands", parser_class=_Parser)
    for name, summary in _COMMANDS.items():
        if name == command:
            importlib.import_module(f"assay.cli.{name}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    if command is not None and command not in _COMMANDS:
        from assay.contract.suggestion import closest  # noqa: PLC0415 - only a typo needs it

        guess = closest(command, _COMMANDS)
        hint = f"did you mean `assay {guess}`?" if guess else f"choose one of {', '.join(_COMMANDS)}"
        raise UsageError(f"there is no command {command!r}", hint=hint)
    return parser


def _where(command: str | None) -> str:
    return f" of assay {command}" if command else ""


def _guess(word: str, parser: argparse.ArgumentParser, command: str | None) -> str:
    from assay.contract.suggestion import closest  # noqa: PLC0415 - only a typo needs it

    known = list(parser._option_string_actions)  # noqa: SLF001 - argparse has no other list of its options
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction) and command in action.choices:  # noqa: SLF001
            known += action.choices[command]._option_string_actions  # noqa: SLF001
    guess = closest(word.partition("=")[0], known)
    return f"did you mean {guess}?" if guess else f"`assay{f' {command}' if command else ''} --help` names the options"


def _value_of(option: str, words: Sequence[str]) -> str | None:
    """The value of an option, read without a parser: it is needed where the parser itself has failed."""
    for number, word in enumerate(words):
        if word == option and number + 1 < len(words):
            return words[number + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2] or None
    return None


def _kept(text: str, log_file: str | None) -> str:
    """Write a traceback where the caller asked, or into ./.assay/, or where one always can; the name of the file."""
    for place in filter(None, (log_file, ".assay/assay.log")):
        with contextlib.suppress(OSError):
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            with Path(place).open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)
            return place
    handle, place = tempfile.mkstemp(prefix="assay-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(text)
    return place


def _one_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return "".join(each if each.isprintable() else "?" for each in (lines[0] if lines else "no message"))[:200]


def _open_what_is_closed() -> None:
    """Give a standard stream that the caller closed a place where nobody reads, here and for the processes to come."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_WRONLY)
            os.set_inheritable(number, number <= 2)  # noqa: PLR2004 - the standard streams
            setattr(sys, name, os.fdopen(number, "w"))


def _say(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(line, file=sys.stderr)  # noqa: T201 - what went wrong belongs on standard error


def _be_silent() -> None:
    """Nobody reads standard output any more; let the interpreter's own last flush not complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
