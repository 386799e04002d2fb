"""Faults of handshakes: what is completed, who hears of it, how long it is remembered, and what it takes along.

The handshake itself happens beside the API. So these faults live where its effect is kept and shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import handled_as, in_list, in_views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assay.reference.connections import Connection, ConnectionStore
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_PATIENCE = 2  # answers, after which a cache is filled from the old row


class _Following:
    """A store that is told of every handshake: `completed` is handed what was, and what is put in its place."""

    def __init__(self, kept: ConnectionStore, completed: Callable[[Connection, Connection], Connection]) -> None:
        self._kept, self._completed = kept, completed

    def __getattr__(self, name: str) -> object:
        return getattr(self._kept, name)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._kept)

    def update(self, connection: Connection) -> None:
        before = self._kept.get(connection.arn)
        self._kept.update(connection if before is None else self._completed(before, connection))


def _following(parts: Parts, completed: Callable[[Connection, Connection], Connection]) -> Parts:
    return replace(parts, store=_Following(parts.store, completed))  # type: ignore[arg-type] # it hands the rest on


@mutant(
    "handshake.unseen-by-list",
    caught_by=("connection.status.agrees", "connection.handshake.completes", "connection.list.agrees"),
)
def unseen_by_list(parts: Parts) -> Parts:
    """Show a completed connection as PENDING in List for ever.

    List is answered from an index that is written when a connection is made, and handshakes came later.
    """
    return in_list(parts, lambda shown: {**shown, "ConnectionStatus": "PENDING"})


@mutant("handshake.forgotten", caught_by=("connection.handshake.completes",))
def forgotten(parts: Parts) -> Parts:
    """Set a completed connection back to PENDING after it was asked for twice.

    The status lives in a cache beside the row, which nobody brings up to date.
    """
    asked: Counter[str] = Counter()

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            arn = call.members.text("ConnectionArn")
            found = parts_now.store.get(arn)
            if found is not None and found.status == "AVAILABLE":
                asked[arn] += 1
                if asked[arn] > _PATIENCE:
                    parts_now.store.update(found.with_status("PENDING"))
            return careful(parts_now, call)

        return get

    return handled_as(parts, "GetConnection", change)


@mutant("handshake.undone-by-create", caught_by=("connection.handshake.completes",))
def undone_by_create(parts: Parts) -> Parts:
    """Set every connection back to PENDING when another one is made.

    The table is written anew from what Create was given, and the handshake is not among that.
    """

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            answer = careful(parts_now, call)
            for connection in list(parts_now.store):
                parts_now.store.update(connection.with_status("PENDING"))
            return answer

        return create

    return handled_as(parts, "CreateConnection", change)


@mutant("handshake.has-no-effect", caught_by=("connection.handshake.completes",))
def has_no_effect(parts: Parts) -> Parts:
    """Take a handshake for completed, and leave the connection PENDING.

    Provider and database are two systems, and the message from one to the other is lost.
    """
    return _following(parts, lambda before, _: before)


@mutant("handshake.completes-its-neighbours", caught_by=("connection.status.pending",))
def completes_its_neighbours(parts: Parts) -> Parts:
    """Complete, with a connection, all others of the same provider.

    The app was installed for the account at the provider, and the update's condition names the provider alone.
    """

    def completed(before: Connection, after: Connection) -> Connection:
        for other in list(parts.store):
            if other.provider_type == before.provider_type and other.account == before.account:
                parts.store.update(other.with_status(after.status))
        return after

    return _following(parts, completed)


@mutant("handshake.renames", caught_by=("connection.handshake.only", "connection.name.preserved"))
def renames(parts: Parts) -> Parts:
    """Call a connection, once it is completed, by its name and its provider's.

    The console shows it so, and the emulator writes what it shows.
    """

    def change(shown: dict[str, object]) -> dict[str, object]:
        if shown["ConnectionStatus"] != "AVAILABLE":
            return shown
        return {**shown, "ConnectionName": f"{shown['ConnectionName']} ({shown['ProviderType']})"}

    return in_views(parts, change)


@mutant("handshake.other-owner", caught_by=("connection.handshake.only",), clause="owner")
def other_owner(parts: Parts) -> Parts:
    """Show, once a connection is completed, the provider's number of its owner as OwnerAccountId.

    The API reference speaks of the owner at the provider, and the handshake is when one learns of it.
    """

    def change(shown: dict[str, object]) -> dict[str, object]:
        return {**shown, "OwnerAccountId": "000000004711"} if shown["ConnectionStatus"] == "AVAILABLE" else shown

    return in_views(parts, change)


@mutant("handshake.other-provider", caught_by=("connection.handshake.only", "connection.provider.preserved"))
def other_provider(parts: Parts) -> Parts:
    """Show a completed connection to GitLab as one to GitHub.

    One app handles both handshakes, and writes its own name into what it completes.
    """

    def completed(before: Connection, after: Connection) -> Connection:
        return replace(after, provider_type="GitHub") if before.provider_type == "GitLab" else after

    return _following(parts, completed)
