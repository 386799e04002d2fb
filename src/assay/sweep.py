"""Remove what a run left behind, by its ledger, and nothing else.

A connection is deleted only where two witnesses agree that it is the run's: the ledger, and the endpoint as it is now.

* Where the ledger gives an ARN, Get must show exactly the name that its Create was sent. A faulty endpoint may have
  given the run somebody else's ARN; by a ledger alone that would be deleted.
* Where no answer to a Create was seen, List must show exactly its name, and the name must hold the run's prefix, which
  nobody else uses. A name too short for the prefix, or none, may be a stranger's: it is told, and left alone.

What is gone must be gone from Get as well. And an ARN that is not found is gone only if this is the place that the
ledger speaks of: with other credentials, or another URL, everything is not found. So where either differs and nothing
of the ledger is there, nothing is concluded.

Nothing here knows files or the command line; `Swept` says what came of a ledger, and every deletion is told as it
happens, so that a sweep that is broken off has not been for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from assay.errors import TargetError
from assay.history import Accepted, Refused, Unknown
from assay.target.probe import is_about_auth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assay.caller import Caller
    from assay.contract import Contract
    from assay.history import Call
    from assay.ledger import Owed

__all__ = ["RUN_PREFIX", "Left", "Sweeper", "Swept", "run_prefix_of"]

RUN_PREFIX: Final = re.compile(r"as[0-9a-z]{6}")
"""The prefix of a run, which all its names hold that are long enough."""

_STEM: Final = re.compile(r"(as[0-9a-z]{6})[0-9a-z]{4}")
_MOST_PAGES: Final = 100_000
_PATIENCE: Final = 30  # pages in a row without anything new: the walk does not end
_SAID: Final = 160  # characters of what an endpoint says


@dataclass(frozen=True, slots=True)
class Left:
    """A connection that is there, or may be, and why it stays."""

    arn: str
    name: str | None
    why: str


@dataclass(slots=True, kw_only=True)
class Swept:
    """What came of a ledger: what was deleted (or would be), how much was gone before, and what is left."""

    deleted: list[tuple[str, str | None]] = field(default_factory=list)
    gone: int = 0
    left: list[Left] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Is nothing left?"""
        return not self.left


class Sweeper:
    """Looks, and deletes, at one endpoint; a dry one only looks. `told` hears of each ARN that it deleted."""

    def __init__(
        self,
        caller: Caller,
        contract: Contract,
        *,
        is_dry: bool = False,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._caller, self._contract, self._is_dry = caller, contract, is_dry
        self._told = told or _told_nobody

    def sweep(self, owed: Owed, prefix: str) -> Swept:
        """Delete what a ledger gives; `prefix` is that of its run.

        Raises:
            TargetError: the endpoint cannot be reached, or does not let the caller in; what was told to be gone is.

        """
        swept = Swept()
        for arn, name in owed.made.items():
            self._sweep_arn(arn, name, swept)
        if owed.open or owed.unreadable:
            self._sweep_names(owed, prefix, swept)
        return swept

    def candidates(self, prefix: str) -> Iterator[tuple[str, str]]:
        """ARNs and names of connections whose name holds a stem of a run whose prefix begins so.

        Raises:
            TargetError: as for `sweep`; or the walk does not end.

        """
        for arn, name in self._walk():
            if name is not None and (run_prefix_of(name) or "").startswith(prefix):
                yield arn, name

    def remove(self, arn: str, name: str | None) -> Swept:
        """Delete one connection, if it still has exactly this name."""
        swept = Swept()
        self._sweep_arn(arn, name, swept)
        return swept

    # -- one connection

    def _sweep_arn(self, arn: str, name: str | None, swept: Swept) -> None:
        """Delete a connection that the ledger gives, if Get shows the name of its Create."""
        call = self._call(self._contract.get.name, arn)
        match call.outcome:
            case Refused() as refused if refused.is_not_found:
                swept.gone += 1  # and not told: with other credentials everything is not found
            case Accepted(output):
                shown = _name_shown(output, self._contract)
                if shown == name or (name is None and not shown):
                    self._delete(arn, name, swept)
                else:
                    why = f"it is called {_said(shown)} there, and the run called it {_said(name)}: not deleted"
                    swept.left.append(Left(arn, name, why))
            case _:
                swept.left.append(Left(arn, name, f"{call.operation} {_answer(call)}"))

    def _delete(self, arn: str, name: str | None, swept: Swept) -> None:
        if self._is_dry:
            swept.deleted.append((arn, name))
            return
        call = self._call(self._contract.delete.name, arn)
        is_done = isinstance(call.outcome, Accepted)
        if not is_done and not (isinstance(call.outcome, Refused) and call.outcome.is_not_found):
            swept.left.append(Left(arn, name, f"{call.operation} {_answer(call)}"))
            return
        look = self._call(self._contract.get.name, arn)
        if isinstance(look.outcome, Accepted):
            swept.left.append(Left(arn, name, "it is there still, although its deletion was accepted"))
            return
        if is_done:
            swept.deleted.append((arn, name))
        else:
            swept.gone += 1
        self._told(arn)

    # -- names without an ARN

    def _sweep_names(self, owed: Owed, prefix: str, swept: Swept) -> None:
        """Look for what was made without an answer, by its exact name; and for what lines may have said."""
        seen = {arn for arn, _ in swept.deleted} | owed.made.keys()
        for arn, name in self._walk():
            if arn in seen:
                continue
            if (name or None) in owed.open:
                if name and prefix in name:
                    self._sweep_arn(arn, name, swept)
                else:
                    what = "of this name" if name else "without a name"
                    why = f"a Create {what} was never answered, but this may be anybody's: not deleted"
                    swept.left.append(Left(arn, name, why))
            elif owed.unreadable and name is not None and prefix in name:
                why = "it has the run's prefix, and stands in no line that can be read: not deleted"
                swept.left.append(Left(arn, name, why))

    def _walk(self) -> Iterator[tuple[str, str | None]]:
        """ARNs and names of everything that is listed, each once; first all, so that nothing moves under the walk."""
        pagination, resource = self._contract.pagination, self._contract.resource
        found: dict[str, str | None] = {}
        members: dict[str, Any] = {}
        largest = self._contract.page_sizes.maximum
        if largest is not None:
            members[pagination.page_size] = largest
        stale = 0
        for _ in range(_MOST_PAGES):
            call = self._attempt(self._contract.list.name, members)
            if not isinstance(call.outcome, Accepted):
                raise TargetError(f"{call.operation} {_answer(call)}", hint="the ledger is kept: sweep again later")
            before = len(found)
            items = call.outcome.output.get(pagination.items)
            for item in items if isinstance(items, list) else ():
                arn = item.get(resource.identity) if isinstance(item, dict) else None
                if isinstance(arn, str):
                    name = item.get(resource.name)
                    found[arn] = name if isinstance(name, str) else None
            token = call.outcome.output.get(pagination.token_out)
            if token is None or token == "":
                yield from found.items()
                return
            stale = stale + 1 if len(found) == before else 0
            if stale >= _PATIENCE:
                break
            members[pagination.token_in] = token
        raise TargetError(f"{self._contract.list.name} never comes to an end: {len(found)} connections by now")

    # -- calls

    def _call(self, operation: str, arn: str) -> Call:
        return self._attempt(operation, {self._contract.resource.identity: arn})

    def _attempt(self, operation: str, members: dict[str, Any]) -> Call:
        """The answer to a call; raises where no call will fare any better."""
        call = self._caller.call(operation, members)[-1]
        outcome = call.outcome
        if isinstance(outcome, Unknown) and outcome.reason in {"timeout", "connection"}:
            raise TargetError(
                f"the endpoint cannot be reached: {operation} {_answer(call)}",
                hint="the ledger is kept: sweep again when it is back",
            )
        if isinstance(outcome, Refused) and not outcome.is_not_found and is_about_auth(outcome):
            raise TargetError(
                f"these credentials are not let in: {operation} {_answer(call)}",
                hint="the ledger is kept: renew them, or name others with --profile, and sweep again",
            )
        return call


def run_prefix_of(name: str) -> str | None:
    """The prefix of the run that a name would be of; None where it looks like no name of a run."""
    found = _STEM.search(name)
    return None if found is None else found[1]


def _told_nobody(_arn: str) -> None:
    """Nobody asked."""


def _name_shown(output: Any, contract: Contract) -> str | None:
    """The name that Get shows, wherever it may stand in the answer."""
    places: Iterable[Any] = (output, *output.values())
    for place in places:
        if isinstance(place, dict) and contract.resource.name in place:
            name = place[contract.resource.name]
            return name if isinstance(name, str) else None
    return None


def _answer(call: Call) -> str:
    """What was answered, in a few printable words."""
    outcome = call.outcome
    if isinstance(outcome, Unknown):
        return f"got no clear answer ({_plain(outcome.detail or outcome.reason)})"
    if isinstance(outcome, Refused):
        said = " ".join(str(part) for part in (outcome.status, outcome.code, outcome.message) if part is not None)
        return f"was refused ({_plain(said)})"
    return "was accepted"


def _said(name: str | None) -> str:
    return "nothing" if name is None else ascii(name)


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text[:_SAID]).strip()
