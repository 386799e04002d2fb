"""Faults of Get: it knows what nobody made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.connections import Connection
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.operations import Call
    from assay.reference.parts import Parts


@mutant("get.unknown-answered", caught_by=("connection.get.unknown",))
def unknown_answered(parts: Parts) -> Parts:
    """Answer a Get of an ARN that was never given, or is deleted, with a connection made up on the spot.

    A stub that returns the sample of the documentation with the asked ARN in it: enough for every client that only ever
    asks for what it made.
    """
    careful_get = parts.handlers["GetConnection"]

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        try:
            return careful_get(parts_now, call)
        except Refusal as refusal:
            if refusal.code != "ResourceNotFoundException":
                raise
        made_up = Connection(
            sequence=0,
            arn=call.members.text("ConnectionArn"),
            name="MyConnection",
            provider_type="Bitbucket",
            account=call.caller.account,
            region=call.caller.region,
        )
        return {"Connection": parts_now.get_view(made_up)}

    return replace(parts, handlers=parts.handlers_with(GetConnection=get))
