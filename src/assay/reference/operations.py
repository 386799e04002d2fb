"""The four operations, each a function of the parts, the caller, the service addressed and the members given.

A handler checks everything before it changes anything: what is refused leaves no trace. It runs without an `await`, so
no other request comes between its check and its change.

A connection belongs to the account that made it. Get and Delete work through every Region of that account, and through
both services, since AWS replicates connections; to another account a connection is not found. There are no hosts yet,
so every well-formed HostArn is of a host that is not found; a filter by one shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.reference.connections import Connection
from assay.reference.lists import PageRequest, binding_of
from assay.reference.refusals import VALIDATION, Refusal, already_exists, limit_exceeded, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.callers import Caller
    from assay.reference.constraints import Members
    from assay.reference.parts import Parts

__all__ = ["Call", "create", "delete", "details", "find", "get", "list_connections"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One legal request: who asks, of which service, with which members."""

    caller: Caller
    service: str
    members: Members


def details(connection: Connection) -> dict[str, object]:
    """What Get and List tell of a connection; absent members are left out, as AWS does."""
    shown: dict[str, object] = {
        "ConnectionArn": connection.arn,
        "ConnectionName": connection.name,
        "ConnectionStatus": connection.status,
        "OwnerAccountId": connection.account,
        "ProviderType": connection.provider_type,
    }
    if connection.host_arn is not None:
        shown["HostArn"] = connection.host_arn
    return shown


def create(parts: Parts, call: Call) -> Mapping[str, object]:
    """CreateConnection: a new PENDING connection, unless the name is taken or the quota used up."""
    name = call.members.text("ConnectionName")
    provider_type = call.members.optional_text("ProviderType")
    host_arn = call.members.optional_text("HostArn")
    account, region = call.caller.account, call.caller.region
    if host_arn is not None:
        raise not_found(host_arn, what="Host")
    if provider_type is None:
        message = "Either ProviderType or HostArn must be specified"
        raise Refusal("ValidationException", message, namespace=VALIDATION)
    if parts.names.is_taken(account, region, name):
        raise already_exists(name)
    if parts.store.count(account, region) >= parts.quota:
        raise limit_exceeded()
    tags = call.members.tags("Tags")
    connection = Connection(
        sequence=parts.store.next_sequence(),
        arn=parts.mint(parts, call.caller, call.service, name),
        name=name,
        provider_type=provider_type,
        account=account,
        region=region,
        tags=tuple(tags.items()),
    )
    parts.store.add(connection)
    parts.names.take(connection)
    answer: dict[str, object] = {"ConnectionArn": connection.arn}
    if tags:
        answer["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return answer


def find(parts: Parts, call: Call) -> Connection:
    """The caller's connection that the request names by its ARN."""
    arn = call.members.text("ConnectionArn")
    connection = parts.store.get(arn)
    if connection is None or connection.account != call.caller.account:
        raise not_found(arn)
    return connection


def get(parts: Parts, call: Call) -> Mapping[str, object]:
    """GetConnection."""
    return {"Connection": parts.get_view(find(parts, call))}


def list_connections(parts: Parts, call: Call) -> Mapping[str, object]:
    """ListConnections: the account's connections of all Regions, oldest first."""
    provider_type = call.members.optional_text("ProviderTypeFilter")
    host_arn = call.members.optional_text("HostArnFilter")
    account = call.caller.account
    wanted = PageRequest(
        account=account,
        provider_type=provider_type,
        host_arn=host_arn,
        size=call.members.optional_integer("MaxResults") or parts.default_page_size,
        token=call.members.optional_text("NextToken"),
        binding=binding_of(account, provider_type, host_arn),
    )
    page = parts.page(parts, wanted)
    answer: dict[str, object] = {"Connections": [parts.list_view(connection) for connection in page.connections]}
    if page.next_token is not None:
        answer["NextToken"] = page.next_token
    return answer


def delete(parts: Parts, call: Call) -> Mapping[str, object]:
    """DeleteConnection: gone at once, whatever its status."""
    connection = find(parts, call)
    parts.store.remove(connection)
    parts.names.release(connection)
    return {}
