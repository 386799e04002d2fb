"""The side door: what a person does in AWS's console, done by a request.

No operation of the API completes a connection; the handshake with the provider happens in a browser. So that a client
can be tried with connections that are AVAILABLE, the reference has a door that AWS has not:

    POST /_assay/handshake
    {"ConnectionArn": "arn:aws:codestar-connections:…", "ConnectionStatus": "AVAILABLE"}

`AVAILABLE` is a handshake that worked, `ERROR` one that did not; either may follow the other, nothing leads back to
PENDING. The answer is `{}`. The door asks for no signature and belongs to no account: whoever knows an ARN may knock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.reference.constraints import Member, Text, read_members
from assay.reference.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.parts import Parts

__all__ = ["PATH", "shake_hands"]

PATH = "/_assay/handshake"

_MEMBERS = (
    Member(name="ConnectionArn", rule=Text(minimum=1, maximum=256), required=True),
    Member(name="ConnectionStatus", rule=Text(maximum=16, values=("AVAILABLE", "ERROR")), required=True),
)


def shake_hands(parts: Parts, given: Mapping[str, object]) -> Mapping[str, object]:
    """Complete the handshake of a connection, well or badly."""
    members = read_members(_MEMBERS, given)
    arn = members.text("ConnectionArn")
    connection = parts.store.get(arn)
    if connection is None:
        raise not_found(arn)
    parts.store.update(connection.with_status(members.text("ConnectionStatus")))
    return {}
