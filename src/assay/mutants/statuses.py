"""Faults of statuses: a word that the contract lacks, a word too early, or no word at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import handled_as, in_list, in_views
from assay.reference.operations import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.mutants.wrapping import Change
    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_MANY = 20


@mutant("status.active", caught_by=("connection.status.enum",))
def active(parts: Parts) -> Parts:
    """Show every connection with the status `ACTIVE`.

    Most other AWS services call what is ready ACTIVE, and an emulator's base class for resources knows no other word.
    """

    def get_view(connection: Connection) -> dict[str, object]:
        return {**parts.get_view(connection), "ConnectionStatus": "ACTIVE"}

    def list_view(connection: Connection) -> dict[str, object]:
        return {**parts.list_view(connection), "ConnectionStatus": "ACTIVE"}

    return replace(parts, get_view=get_view, list_view=list_view)


@mutant("status.missing-in-list", caught_by=("connection.status.agrees", "connection.list.agrees"))
def missing_in_list(parts: Parts) -> Parts:
    """Leave the status out of the items of List; Get shows it.

    Summaries are written by another function than details, and one line was forgotten there. The model requires no
    member of an item, so no schema objects.
    """

    def list_view(connection: Connection) -> dict[str, object]:
        shown = parts.list_view(connection)
        del shown["ConnectionStatus"]
        return shown

    return replace(parts, list_view=list_view)


def _as(status: object) -> Change:
    return lambda shown: {**shown, "ConnectionStatus": status}


@mutant("status.small-letters", caught_by=("connection.status.enum",))
def small_letters(parts: Parts) -> Parts:
    """Show the status in small letters.

    An enumeration of the emulator's language is printed by its own name.
    """
    return in_views(parts, lambda shown: {**shown, "ConnectionStatus": str(shown["ConnectionStatus"]).lower()})


@mutant("status.number", caught_by=("connection.status.enum",))
def number(parts: Parts) -> Parts:
    """Show the status as a number, in List.

    The database holds an enumeration's ordinal, and the query behind List returns the row as it is.
    """
    return in_list(parts, _as(0))


@mutant("status.connected-for-github", caught_by=("connection.status.enum",))
def connected_for_github(parts: Parts) -> Parts:
    """Show `CONNECTED` as the status of connections to GitHub.

    GitHub was added later, by somebody who took its own word over.
    """

    def change(shown: dict[str, object]) -> dict[str, object]:
        return _as("CONNECTED")(shown) if shown["ProviderType"] == "GitHub" else shown

    return in_views(parts, change)


@mutant("status.available-at-once", caught_by=("connection.status.pending",))
def available_at_once(parts: Parts) -> Parts:
    """Make connections AVAILABLE from the first.

    An emulator has no console to complete a handshake in, and its users want to get on.
    """
    return in_views(parts, _as("AVAILABLE"))


def _turning(parts: Parts, status: str, gets: int) -> Parts:
    """Turn a connection's status at one of its Gets."""
    asked: Counter[str] = Counter()

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            connection = find(parts_now, call)
            asked[connection.arn] += 1
            if asked[connection.arn] == gets:
                parts_now.store.update(connection.with_status(status))
            return careful(parts_now, call)

        return get

    return handled_as(parts, "GetConnection", change)


@mutant("status.available-at-the-second-get", caught_by=("connection.status.pending",))
def available_at_the_second_get(parts: Parts) -> Parts:
    """Make a connection AVAILABLE when it is asked for the second time.

    It looks like something that takes its time, and lets a program that polls for AVAILABLE come to an end.
    """
    return _turning(parts, "AVAILABLE", 2)


@mutant("status.error-at-the-fifth-get", caught_by=("connection.status.pending",))
def error_at_the_fifth_get(parts: Parts) -> Parts:
    """Set a connection to ERROR when it is asked for the fifth time while it is PENDING.

    A handshake that nobody completes must fail one day, and the emulator counts polls instead of minutes.
    """
    return _turning(parts, "ERROR", 5)


@mutant("status.available-among-many", caught_by=("connection.status.pending",))
def available_among_many(parts: Parts) -> Parts:
    """Make the twenty-first connection of an account, and those behind it, AVAILABLE.

    The emulator fills itself with samples, some of them AVAILABLE, by a rule that later looks at real ones as well.
    """

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            answer = careful(parts_now, call)
            made = parts_now.store.get(str(answer["ConnectionArn"]))
            if made is not None and parts_now.store.count(call.caller.account) > _MANY:
                parts_now.store.update(made.with_status("AVAILABLE"))
            return answer

        return create

    return handled_as(parts, "CreateConnection", change)


@mutant("status.available-in-list", caught_by=("connection.status.pending",))
def available_in_list(parts: Parts) -> Parts:
    """Say AVAILABLE in List and PENDING in Get.

    The list's template was copied from a sample of the documentation, where everything is AVAILABLE.
    """
    return in_list(parts, _as("AVAILABLE"))


@mutant("status.null", caught_by=("connection.get.details",))
def null(parts: Parts) -> Parts:
    """Answer with null for the status.

    Nobody sets a status at creation, and the serialiser writes what is not set as null.
    """
    return in_views(parts, _as(None))


@mutant("status.by-another-name", caught_by=("connection.get.details",))
def by_another_name(parts: Parts) -> Parts:
    """Call the member `Status`.

    The samples of AWS's own command line reference have it so; the service has not.
    """

    def change(shown: dict[str, object]) -> dict[str, object]:
        return {"Status" if key == "ConnectionStatus" else key: value for key, value in shown.items()}

    return in_views(parts, change)
