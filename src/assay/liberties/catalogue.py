"""What a liberty is, how one enters the catalogue, and how several are taken at once.

A liberty is the reference with one choice that the contract leaves open: legal, and unlike what most servers do. No law
may object to it, nor to two of them together. It is a function that takes something of the careful server and hands it
back otherwise: its parts, one finished answer, the whole application, or the head of an answer as it goes over the
wire. Its docstring says how it differs, `because` why that is legal.

Several are always taken in one order, whatever order they were named in: so a pair is one server and not two. Threads
come first, because their lock must be about everything that another changes in the parts. What an ARN is made of comes
before the lists that show it, what is true before how it is written, and the way over the wire
last. Where two say opposite things of one thing, `excludes` names the others.
"""

from __future__ import annotations

import inspect
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from assay.errors import UsageError
from assay.liberties.answers import answering

if TYPE_CHECKING:
    from assay.reference.parts import Parts
    from assay.reference.wire import Application

__all__ = ["REGISTERED", "Liberty", "liberty", "taken"]

_NAME = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+")
_F = TypeVar("_F", bound=Callable[..., Any])


def _same(whole: Any) -> Any:
    return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Liberty:
    """One choice: its name, its story, why it is legal, and how it is put in.

    `options` are those of `assay run` without which the choice would not be legal or could not be seen; `host` is the
    address that it listens on, and `tls` whether it speaks TLS; `excludes` are names, or patterns of names, that cannot
    be had beside it.
    """

    name: str
    description: str
    because: str
    options: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    apply: Callable[[Parts], Parts] = _same
    around: Callable[[Application], Application] = _same
    head: Callable[[bytes], bytes] | None = None
    host: str | None = None
    tls: bool = False

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be had on this machine, in a few words; None where it can."""
        if self.host is None:
            return None
        try:
            family, *_, address = socket.getaddrinfo(self.host, 0, type=socket.SOCK_STREAM)[0]
            socket.create_server(address[:2], family=family).close()
        except OSError as error:
            return f"{self.host} cannot be listened on: {error.strerror or error}"
        return None

    def contradicts(self, other: Liberty) -> bool:
        """Whether the two cannot be had at once."""
        return any(
            fnmatchcase(two.name, pattern) for one, two in ((self, other), (other, self)) for pattern in one.excludes
        )


REGISTERED: dict[str, Liberty] = {}

#: The modules in the order in which their liberties are taken; within one, the order of its lines.
_ORDER = (
    "threads",
    "accounts",
    "arns",
    "lists",
    "gates",
    "weather",
    "refusals",
    "shapes",
    "headers",
    "fronts",
    "transfer",
)
_RANKS: dict[str, tuple[int, int]] = {}


def liberty(  # noqa: PLR0913 - one for each thing that a choice can be about
    name: str,
    *,
    because: str,
    to: Literal["parts", "answer", "application", "head"] = "parts",
    options: tuple[str, ...] = (),
    excludes: tuple[str, ...] = (),
    head: Callable[[bytes], bytes] | None = None,
    host: str | None = None,
    tls: bool = False,
) -> Callable[[_F], _F]:
    """Enter a function into the catalogue; `to` says what it is handed and hands back."""
    if _NAME.fullmatch(name) is None or name in REGISTERED:
        raise ValueError(f"{name!r} is no name for a new liberty: words like 'order.by-name', each once")

    def enter(function: _F) -> _F:
        description = inspect.getdoc(function)
        if not description or not because:
            raise ValueError(f"the liberty {name!r} needs a docstring and a reason")
        _RANKS[name] = _ORDER.index(function.__module__.rpartition(".")[2]), len(_RANKS)
        REGISTERED[name] = Liberty(
            name=name,
            description=description,
            because=because,
            options=options,
            excludes=excludes,
            apply=function if to == "parts" else _same,
            around=function if to == "application" else answering(function) if to == "answer" else _same,
            head=function if to == "head" else head,
            host=host,
            tls=tls,
        )
        return function

    return enter


def taken(chosen: Iterable[Liberty]) -> tuple[Liberty, ...]:
    """Liberties in the order in which they are taken.

    Raises:
        UsageError: one is named twice, or two contradict each other.

    """
    ordered = tuple(sorted(chosen, key=lambda each: _RANKS[each.name]))
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if one is other:
                raise UsageError(f"the liberty {one.name} is named twice", hint="once is enough")
            if one.contradicts(other):
                raise UsageError(
                    f"the liberties {one.name} and {other.name} contradict each other", hint="leave out one of the two"
                )
    return ordered
