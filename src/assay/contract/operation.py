"""An operation as a value: the part it plays, what it takes and answers, how it can refuse.

A law says "create" and "the identity", and never `CreateConnection` and `ConnectionArn`: which is which stands in
`operations.toml`, so that another service brings other words and no other laws.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from assay.contract.document import Document, key_path
from assay.contract.suggestion import closest
from assay.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract.shape import Shapes

__all__ = ["Operation", "Pagination", "Resource", "Role", "operations_from"]

Role = Literal["create", "get", "list", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What the operations are about, and which member plays which part."""

    noun: str
    identity: str
    name: str
    status: str
    kind: str
    owner: str
    initial_status: str
    #: What a completed handshake leads to.
    completed_status: str
    #: The kinds that need a host besides; whether they are accepted without one is open.
    hosted_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """How a list is walked, and by what it can be filtered: filter member to the member that it compares."""

    items: str
    token_in: str
    token_out: str
    page_size: str
    default_page_size: int
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of an edition."""

    name: str
    role: Role
    #: The names of the shapes.
    input: str
    output: str
    #: The required members of the input, in the model's order.
    required: tuple[str, ...]
    #: The members of the input, each with its schema written out.
    members: Mapping[str, Mapping[str, Any]]
    #: The members of the output, likewise.
    answers: Mapping[str, Mapping[str, Any]]
    #: The modelled errors and their HTTP statuses.
    errors: Mapping[str, int]
    readonly: bool
    #: The member of the output that holds the described resource, where one does.
    holder: str | None
    pagination: Pagination | None


def operations_from(document: Document, shapes: Shapes) -> Mapping[str, Operation]:
    """The operations of an edition by name, each role played by one of them at most."""
    rows: Mapping[str, Mapping[str, Any]] = document.whole["operations"]
    operations: dict[str, Operation] = {}
    for name, row in rows.items():
        operation = _operation_from(name, row, document, shapes)
        for other in operations.values():
            if other.role == operation.role:
                path = ("operations", name, "role")
                raise ContractError(
                    f"{document.file_of(path)}: {key_path(path)}: {other.name} is the {other.role} already; "
                    "give each role to one operation"
                )
        operations[name] = operation
    return MappingProxyType(operations)


def _operation_from(name: str, row: Mapping[str, Any], document: Document, shapes: Shapes) -> Operation:
    def place(*keys: str) -> str:
        path = ("operations", name, *keys)
        return f"{document.file_of(path)}: {key_path(path)}"

    taken = shapes.resolved(row["input"], wanted_by=place("input"))
    given = shapes.resolved(row["output"], wanted_by=place("output"))
    members: Mapping[str, Mapping[str, Any]] = taken.get("properties", {})
    answers: Mapping[str, Mapping[str, Any]] = given.get("properties", {})

    def known(member: str, of: Mapping[str, Any], *keys: str) -> None:
        if member not in of:
            guess = closest(member, of)
            raise ContractError(
                f"{place(*keys)}: the shape has no member {member!r}; "
                + (f"write {guess!r}" if guess else f"name one of {', '.join(of) or 'none'}")
            )

    for error in row["errors"]:
        shapes.raw(error, wanted_by=place("errors", error))
    if "holder" in row:
        known(row["holder"], answers, "holder")
    pagination = None
    if (pages := row.get("pagination")) is not None:
        for key, of in (("items", answers), ("token_in", members), ("token_out", answers), ("page_size", members)):
            known(pages[key], of, "pagination", key)
        shown: Mapping[str, Any] = answers[pages["items"]].get("items", {}).get("properties", {})
        for member, compared in pages["filters"].items():
            known(member, members, "pagination", "filters", member)
            known(compared, shown, "pagination", "filters", member)
        pagination = Pagination(**{**pages, "filters": MappingProxyType(dict(pages["filters"]))})
    return Operation(
        name=name,
        role=row["role"],
        input=row["input"],
        output=row["output"],
        required=tuple(taken.get("required", ())),
        members=MappingProxyType(dict(members)),
        answers=MappingProxyType(dict(answers)),
        errors=MappingProxyType(dict(row["errors"])),
        readonly=row["readonly"],
        holder=row.get("holder"),
        pagination=pagination,
    )
