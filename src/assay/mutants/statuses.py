"""Faults of statuses: a word that the contract lacks, or no word at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant

if TYPE_CHECKING:
    from assay.reference.connections import Connection
    from assay.reference.parts import Parts


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
