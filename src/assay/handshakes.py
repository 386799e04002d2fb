"""Who completes the handshake of a connection: the reference's side door, a command of the caller's, or a person.

No operation of the API does it. In AWS a person goes to the console and lets the provider in; an emulator may have a
way of its own. So whoever runs assay says how it is done here (`--handshake`), and what came of it is written into the
history beside the calls: accepted where it was done, refused where it was not, unknown where nobody can say. The laws
about handshakes read it there, and none of them knows which of the three it was.

A person's time and a caller's command are dear: they are asked some few times in a run, and never again only to make a
finding smaller.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

from assay.errors import UsageError
from assay.history import HANDSHAKE, Accepted, Outcome, Refused, Unknown
from assay.reference.handshake import PATH
from assay.target.reading import read
from assay.target.wire import Connection

if TYPE_CHECKING:
    from assay.target.endpoint import Endpoint

__all__ = ["ASK", "DOOR", "NOBODY", "Command", "Person", "Shaker", "SideDoor", "words_of"]

DOOR, ASK, NOBODY = "door", "ask", "nobody"

_DOOR_S: Final = 10.0
_COMMAND_S: Final = 120.0
_PERSON_S: Final = 900.0
_MOST_COMMANDS: Final = 30
_MOST_QUESTIONS: Final = 4
_WORDS: Final = {
    "door": "the side door of the endpoint, as often as a program says",
    "ask": f"you, in the console, at most {_MOST_QUESTIONS} times",
}
_CONSOLES: Final = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}


class Shaker(Protocol):
    """Whoever completes handshakes. `is_dear`: it must not be asked for anything but something new."""

    is_dear: bool

    @property
    def is_willing(self) -> bool:
        """May it be asked once more?"""
        ...

    def complete(self, arn: str, name: str | None, seconds: float | None) -> Outcome:
        """Complete the handshake of this connection, within so many seconds where time is a matter."""
        ...


class SideDoor:
    """The door that the reference has beside its API."""

    is_dear = False
    is_willing = True

    def __init__(self, endpoint: Endpoint, *, ca_bundle: str | None = None) -> None:
        self._endpoint, self._ca_bundle = endpoint, ca_bundle

    def complete(self, arn: str, name: str | None, seconds: float | None) -> Outcome:  # noqa: ARG002 - it goes by ARN
        """Knock, and say that it worked."""
        body = json.dumps({"ConnectionArn": arn, "ConnectionStatus": "AVAILABLE"}).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: {self._endpoint.authority}\r\nConnection: close\r\n"
        head += f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        connection = Connection(self._endpoint, ca_bundle=self._ca_bundle)
        try:
            response, unknown = connection.exchange(head.encode() + body, _within(seconds, _DOOR_S))
        finally:
            connection.close()
        if unknown is not None or response is None:
            return unknown or Unknown("connection")
        return read(HANDSHAKE, response)


class Command:
    """A command of the caller's, which is given the ARN behind its words and ends with 0 where it was done."""

    is_dear = True

    def __init__(self, words: list[str]) -> None:
        self._words, self._left = words, _MOST_COMMANDS

    @property
    def is_willing(self) -> bool:
        """May it be run once more?"""
        return self._left > 0

    def complete(self, arn: str, name: str | None, seconds: float | None) -> Outcome:  # noqa: ARG002 - it goes by ARN
        """Run it; what it says is its own business."""
        self._left -= 1
        limit = _within(seconds, _COMMAND_S)
        try:
            ended = subprocess.run(  # noqa: S603 - the caller's own command
                [*self._words, arn],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Unknown("timeout", f"the command did not end within {limit:g} s")
        except OSError as error:
            return Refused(None, 0, f"the command cannot be run: {error.strerror}")
        return Accepted({}) if ended.returncode == 0 else Refused(None, 0, f"the command ended with {ended.returncode}")


class Person:
    """Whoever sits at the terminal: is shown where to go, goes there, and presses Enter.

    The question goes to standard error; the answer is read from the file behind standard input.
    """

    is_dear = True

    def __init__(self, region: str, *, is_aws: bool, input: int = 0) -> None:  # noqa: A002 - what it is called
        self._region, self._is_aws, self._input, self._left = region, is_aws, input, _MOST_QUESTIONS

    @property
    def is_willing(self) -> bool:
        """May they be asked once more?"""
        return self._left > 0

    def complete(self, arn: str, name: str | None, seconds: float | None) -> Outcome:
        """Ask, and wait."""
        self._left -= 1
        limit = _within(seconds, _PERSON_S)
        where = self._page(arn) if self._is_aws else "the way in which your endpoint does it"
        print(  # noqa: T201 - a question
            f"\nPlease complete the handshake of the connection {name or ''!a}\n  {ascii(arn)[1:-1]}\n"
            f"  {where}\nthen press Enter; type s and Enter to skip it (within {limit / 60:.0f} minutes): ",
            end="",
            file=sys.stderr,
            flush=True,
        )
        said = self._line(limit)
        if said is None:
            return Unknown("timeout", "nobody answered in time")
        return Accepted({}) if said == b"\n" else Refused(None, 0, "it was skipped")

    def _page(self, arn: str) -> str:
        """The console's page; the connection is called as its name says, and there is `Update pending connection`."""
        console = _CONSOLES.get(arn.split(":")[1] if arn.count(":") > 1 else "", "console.aws.amazon.com")
        return f"https://{self._region}.{console}/codesuite/settings/connections?region={self._region}"

    def _line(self, seconds: float) -> bytes | None:
        """A line, its end alone where nothing was typed; empty where the input has ended, None where time has."""
        until, said = time.monotonic() + seconds, b""
        while not said.endswith(b"\n"):
            if sys.platform != "win32":  # where only sockets can be waited for
                ready, _, _ = select.select([self._input], [], [], max(0.0, until - time.monotonic()))
                if not ready:
                    return None
            more = os.read(self._input, 1)
            if not more:
                return b""
            said += more.replace(b"\r", b"")
        return said


def words_of(command: str) -> list[str]:
    """The words of a command line.

    Raises:
        UsageError: it is none.

    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--handshake {ascii(command)[:80]}: {error}", hint="quote it as for a shell") from error
    if not words:
        raise UsageError("--handshake names no command", hint=f"{DOOR}, {ASK}, or a command")
    return words


def _within(seconds: float | None, most: float) -> float:
    return most if seconds is None else max(0.001, min(seconds, most))


def said_of(how: str | None) -> str | None:
    """Who completes handshakes, by what `--handshake` says, in words for people; None for nobody."""
    if how is None or how == NOBODY:
        return None
    known = _WORDS.get(how)
    return known or f"a command of yours, {words_of(how)[0][:80]!a}, at most {_MOST_COMMANDS} times"
