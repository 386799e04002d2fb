"""The ledger of a run: what it is about to create, what it created, what of it is deleted again, in a file.

A run that is killed cleans nothing up and tells nothing. So each name is written down *before* its Create is sent, the
ARN when it is known, and the deletion; whatever of a run is still there afterwards, its ledger says so, and `assay
sweep` removes it. Five rules make that worth something:

* **Written, then sent.** A line is one `write` to the file, made before the request: it survives the death of the
  process at any moment. Where the endpoint is not on this machine, it is forced to the disk as well: there it survives
  the machine, and a call takes far longer than that.
* **A lock says who lives.** The process that writes a ledger holds a lock on it until it ends, however it ends. A
  ledger that cannot be locked belongs to a run that goes on, and is nobody else's business.
* **There at once, and whole.** A ledger gets its name when its lock is held and its heading written.
* **It holds what is open, not what has been.** Where all is deleted, it is cut back to its heading; a run that ends
  with nothing left removes it.
* **No credentials.** The heading names the profile, and the hash of an access key, salted by the run: enough to tell
  that the caller is another one, and of no use for anything else.

`Watched` is how a run writes it: a caller like any other, with the ledger between it and the endpoint, so that whoever
sends a Create cannot forget to. One line is one JSON object:

    {"ledger": 1, "run": "k3f9q1", "prefix": "ask3f9q1", "endpoint_url": …}    the heading; later ones add to it
    {"create": NAME}                                    a Create of this name is about to be sent
    {"made": ARN, "name": NAME}                         it made this; with "open": true, it may have made more
    {"answered": NAME}                                  it made nothing
    {"gone": ARN}                                       that is deleted

NAME is null where the Create had none, or one that is no text.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any, Final, Self

from assay.errors import UsageError
from assay.history import SECOND, Accepted, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from assay.caller import Caller
    from assay.contract import Contract
    from assay.history import Call, Outcome
    from assay.recipe import Recipe

__all__ = [
    "FOLDER",
    "Heading",
    "Ledger",
    "Owed",
    "Watched",
    "broken_off",
    "fingerprint",
    "gone_line",
    "ledgers_in",
    "lock",
]

FOLDER: Final = "ledger"
"""Where the ledgers lie, below the folder of the results."""

_VERSION: Final = 1
_SUFFIX: Final = ".jsonl"
_CUT_BACK: Final = 64 * 1024  # bytes that a ledger of nothing may have
_MAY_BE_NULL: Final = frozenset({"account", "profile", "ca_bundle", "caller", "account_of"})
_BEYOND: Final = 1 << 40  # the byte that Windows locks, which locks what it covers against reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Whose ledger it is, and how its endpoint is reached. `caller` tells one access key from another, and no more.

    A run that acts from two accounts keeps a ledger of each; `account_of` says whose credentials reach it: None for the
    first account's, `second` for the second's.
    """

    run: str
    prefix: str
    started: str
    endpoint_url: str
    service: str
    edition: str
    region: str
    spelling: str = "long"
    account: str | None = None
    profile: str | None = None
    ca_bundle: str | None = None
    caller: str | None = None
    account_of: str | None = None

    def for_the_second(self, profile: str | None, access_key_id: str) -> Heading:
        """The heading of the ledger that the same run keeps of its second account."""
        run = f"{self.run}-{SECOND}"
        caller = fingerprint(run, access_key_id)
        return replace(self, run=run, profile=profile, caller=caller, account=None, account_of=SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a ledger says is left to do.

    `made` maps ARNs to the names of their Creates; `open` are names that may have become connections whose ARN nobody
    told, and how often. `heading` is None where the first line is not one; `unreadable` counts lines that say nothing,
    `is_cut_off` says that the last one ends too soon (so its Create was never sent).
    """

    heading: Heading | None
    made: Mapping[str, str | None]
    open: Mapping[str | None, int]
    unreadable: int = 0
    is_cut_off: bool = False

    @classmethod
    def read(cls, place: Path) -> Self:
        """What is left to do by the ledger in a file; lines that cannot be read are passed over, and counted.

        Raises:
            OSError: the file cannot be read.

        """
        *lines, rest = place.read_bytes().split(b"\n")
        said: dict[str, Any] = {}
        made: dict[str, str | None] = {}
        opened: Counter[str | None] = Counter()
        unreadable = 0
        for line in lines:
            try:
                _enter(json.loads(line), said, made, opened)
            except (ValueError, RecursionError):
                unreadable += 1
        return cls(heading=_heading(said), made=made, open=+opened, unreadable=unreadable, is_cut_off=bool(rest))

    @property
    def is_empty(self) -> bool:
        """Is nothing left to do, as far as one can read?"""
        return not self.made and not self.open and not self.unreadable


class Ledger:
    """A ledger that is being written, by one process; its threads may all write.

    Raises:
        UsageError: it cannot be written; then nothing may be created, as nobody would know of it.

    """

    def __init__(self, folder: Path, heading: Heading, *, is_forced: bool = False) -> None:
        self.place = folder / f"{heading.run}{_SUFFIX}"
        self.heading = heading
        self._is_forced = is_forced
        self._lock = threading.Lock()
        self._alive: set[str] = set()
        self._open: Counter[str | None] = Counter()
        self._trouble: OSError | None = None
        unfinished = folder / f".{heading.run}.new"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            lock(self._file)
            os.write(self._file, _line({"ledger": _VERSION, **asdict(heading)}))
            unfinished.rename(self.place)
        except OSError as error:
            raise self._cannot(error) from error
        self._size = self._headed = os.fstat(self._file).st_size

    def know(self, **facts: str) -> None:
        """Add to the heading what was found out since it was written: `spelling`, `account`."""
        self.heading = replace(self.heading, **facts)
        with self._lock:
            self._write(_line(dict(facts)))
            if not self._alive and not self._open:
                self._headed = self._size

    def creating(self, names: Sequence[str | None]) -> None:
        """Creates of these names are about to be sent.

        Raises:
            UsageError: that cannot be written down, so they must not be sent.

        """
        with self._lock:
            self._open.update(names)
            self._write(b"".join(b'{"create":%b}\n' % _text(name) for name in names))
            if self._is_forced and self._trouble is None:
                with suppress(OSError):
                    os.fsync(self._file)
            if self._trouble is not None:
                raise self._cannot(self._trouble) from self._trouble

    def made(self, name: str | None, arn: str, *, is_open: bool = False) -> None:
        """A Create of this name made this; where `is_open`, an earlier attempt may have made another."""
        with self._lock:
            self._alive.add(arn)
            self._write(b'{"made":%b,"name":%b%b}\n' % (_text(arn), _text(name), b',"open":true' if is_open else b""))
            if not is_open:
                self._close(name)

    def answered(self, name: str | None) -> None:
        """A Create of this name made nothing."""
        with self._lock:
            self._write(b'{"answered":%b}\n' % _text(name))
            self._close(name)
            self._cut_back()

    def gone(self, arn: str) -> None:
        """A connection is deleted."""
        with self._lock:
            self._alive.discard(arn)
            self._write(gone_line(arn))
            self._cut_back()

    def end(self, *, is_clean: bool = False) -> None:
        """The run is over; where it left nothing behind (or nothing is open here), there is nothing to remember."""
        with self._lock:
            if is_clean or not (self._alive or self._open):
                with suppress(OSError):
                    self.place.unlink()
            with suppress(OSError):
                os.close(self._file)
            self._file = -1

    def _close(self, name: str | None) -> None:
        self._open[name] -= 1
        if self._open[name] <= 0:
            del self._open[name]

    def _write(self, line: bytes) -> None:
        """Write; what cannot be written is remembered, and the next Create is not sent."""
        try:
            if os.write(self._file, line) != len(line):
                os.write(self._file, b"\n")
                raise OSError(28, "No space left on device")  # noqa: TRY301 - a file takes less for no other reason
        except OSError as error:
            self._trouble = error
        self._size += len(line)

    def _cut_back(self) -> None:
        if not self._alive and not self._open and self._size > _CUT_BACK and self._trouble is None:
            with suppress(OSError):
                os.ftruncate(self._file, self._headed)
                self._size = self._headed

    def _cannot(self, error: OSError) -> UsageError:
        return UsageError(
            f"the ledger of this run cannot be written to {ascii(str(self.place))[1:-1]}: {error.strerror or error}",
            hint="without it nobody could remove what a broken-off run leaves: --report-dir names another folder",
        )


class Watched:
    """A caller whose Creates and Deletes are written down; else the caller that it is given."""

    def __init__(self, caller: Caller, ledger: Ledger, contract: Contract) -> None:
        self._caller, self._ledger = caller, ledger
        self._create, self._delete = contract.create.name, contract.delete.name
        self._name, self._identity = contract.resource.name, contract.resource.identity
        self._twins: dict[int, Watched] = {}
        self._contract = contract

    @property
    def timeout(self) -> float:
        """How long one attempt may take, in seconds."""
        return self._caller.timeout

    def call(self, operation: str, input: Mapping[str, Any], **how: Any) -> tuple[Call, ...]:  # noqa: A002 - AWS says input
        """All attempts, the last of which is the answer."""
        if operation == self._create:
            name = self._named(input)
            self._ledger.creating([name])
            attempts = self._caller.call(operation, input, **how)
            self._heard(name, attempts)
            return attempts
        attempts = self._caller.call(operation, input, **how)
        if operation == self._delete:
            self._deleted(input, attempts)
        return attempts

    def burst(self, requests: Sequence[tuple[str, Mapping[str, Any]]], **how: Any) -> list[tuple[Call, ...]]:
        """All attempts of each request, where the requests are sent at once."""
        names = [self._named(request[1]) for request in requests if request[0] == self._create]
        if names:
            self._ledger.creating(names)
        answers = self._caller.burst(requests, **how)
        # Creates first: an ARN that is given and deleted in one burst is gone.
        for request, attempts in zip(requests, answers, strict=True):
            if request[0] == self._create:
                self._heard(self._named(request[1]), attempts)
        for request, attempts in zip(requests, answers, strict=True):
            if request[0] == self._delete:
                self._deleted(request[1], attempts)
        return answers

    def send(self, recipe: Recipe, members: Mapping[str, Any], **how: Any) -> tuple[Call, ...]:
        """The one attempt at the request of a recipe, which may be taken for a Create if it is made from one."""
        is_create = recipe.base == "create"
        said = {key: value for key, value in {**members, **recipe.members}.items() if key not in recipe.without}
        name = self._named(said)
        if is_create:
            self._ledger.creating([name])
        attempts = self._caller.send(recipe, members, **how)
        if is_create:
            self._heard(name, attempts)
        elif recipe.base == "delete":
            self._deleted(said, attempts)
        return attempts

    def beside(self, members: Mapping[str, Any], deed: Callable[[], Outcome]) -> Call:
        """Something done beside the API, which makes and deletes nothing."""
        return self._caller.beside(members, deed)

    def twin(self, number: int) -> Watched:
        """Another caller on the same clock and numbering, for a thread of its own, in the same ledger."""
        if number not in self._twins:
            self._twins[number] = Watched(self._caller.twin(number), self._ledger, self._contract)
        return self._twins[number]

    def _named(self, members: Mapping[str, Any]) -> str | None:
        name = members.get(self._name)
        return name if isinstance(name, str) else None

    def _heard(self, name: str | None, attempts: Sequence[Call]) -> None:
        made: list[str] = []
        is_open = False
        for attempt in attempts:
            outcome = attempt.outcome
            if isinstance(outcome, Accepted):
                arn = outcome.output.get(self._identity)
                if isinstance(arn, str) and arn:
                    made.append(arn)
                else:
                    is_open = True
            elif isinstance(outcome, Unknown):
                is_open = True
        for arn in made:
            self._ledger.made(name, arn, is_open=is_open)
        if not made and not is_open:
            self._ledger.answered(name)

    def _deleted(self, members: Mapping[str, Any], attempts: Sequence[Call]) -> None:
        arn = members.get(self._identity)
        if isinstance(arn, str) and attempts and isinstance(attempts[-1].outcome, Accepted):
            self._ledger.gone(arn)


def ledgers_in(report_dir: Path) -> list[Path]:
    """The ledgers below a folder of results, of living runs too, by their names."""
    return sorted(place for place in (report_dir / FOLDER).glob(f"*{_SUFFIX}") if not place.name.startswith("."))


def broken_off(report_dir: Path) -> list[Path]:
    """The ledgers below a folder of results whose run is over, and left something behind."""
    return [place for place in ledgers_in(report_dir) if not _is_written(place)]


def fingerprint(run: str, access_key_id: str) -> str:
    """What tells one access key from another within the ledger of a run, and nobody which key it is."""
    return hashlib.sha256(f"{run}/{access_key_id}".encode()).hexdigest()[:8]


def gone_line(arn: str) -> bytes:
    """The line that says that a connection is deleted, for whoever sweeps."""
    return b'{"gone":%b}\n' % _text(arn)


def lock(file: int) -> bool:
    """Lock an open ledger until it is closed; False where another process has it."""
    try:
        import fcntl  # noqa: PLC0415 - not there on Windows
    except ImportError:
        import msvcrt  # noqa: PLC0415 - there alone

        at = os.lseek(file, 0, os.SEEK_CUR)
        try:
            os.lseek(file, _BEYOND, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined] # Windows'
        except OSError:
            return False
        finally:
            os.lseek(file, at, os.SEEK_SET)
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _text(value: str | None) -> bytes:
    return b"null" if value is None else encode_basestring_ascii(value).encode()


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _enter(entry: Any, said: dict[str, Any], made: dict[str, str | None], opened: Counter[str | None]) -> None:
    """Enter one line: of the heading, or of what was done."""
    match entry:
        case {"create": str() | None as name}:
            opened[name] += 1
        case {"made": str() as arn, "name": str() | None as name}:
            made[arn] = name
            opened[name] -= not entry.get("open")
        case {"answered": str() | None as name}:
            opened[name] -= 1
        case {"gone": str() as arn}:
            made.pop(arn, None)
        case {"ledger": _} | {"spelling": _} | {"account": _}:
            said.update(entry)
        case _:
            raise ValueError(entry)


def _heading(said: Mapping[str, Any]) -> Heading | None:
    """The heading that the lines make up; None where something is missing, or is of another release."""
    if said.get("ledger") != _VERSION:
        return None
    known: dict[str, Any] = {each.name: said.get(each.name) for each in fields(Heading)}
    if any(not isinstance(value, str) for name, value in known.items() if name not in _MAY_BE_NULL):
        return None
    if any(not isinstance(value, str | None) for value in known.values()):
        return None
    return Heading(**known)


def _is_written(place: Path) -> bool:
    """Does a living process write this ledger, or is it gone by now?"""
    try:
        file = os.open(place, os.O_RDWR)
    except OSError:
        return True
    try:
        return not lock(file)
    finally:
        os.close(file)
