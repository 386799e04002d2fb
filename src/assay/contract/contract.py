"""The contract: one edition of one service, as frozen values that every room reads and none changes.

It answers in the laws' own words (`kinds`, `page_sizes`, `identity_pattern`), so that no law looks into a schema.
Whatever is dear and seldom needed, the validators of answers, is built on first use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.contract.answer import OutputValidator
from assay.contract.shape import Bounds, Shapes, enumerated
from assay.errors import ContractError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract.law import Law
    from assay.contract.operation import Operation, Pagination, Resource, Role

__all__ = ["Contract", "FrameworkError"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkError:
    """An error of the framework in front of the service, which no operation models."""

    name: str
    status: int
    source: str


@dataclass(frozen=True, kw_only=True, eq=False)  # not slotted: what is derived is kept, and laws ask for it often
class Contract:
    """One edition of one service."""

    service: str
    edition: str
    api_version: str
    json_version: str
    signing_name: str
    endpoint_prefix: str
    #: What boto3 calls the service.
    sdk: str
    #: "long" and "short" to what stands before ".<Operation>" in X-Amz-Target.
    targets: Mapping[str, str]
    resource: Resource
    operations: Mapping[str, Operation]
    #: The laws that hold in this edition, by id, in the order of the file.
    laws: Mapping[str, Law]
    framework_errors: Mapping[str, FrameworkError]
    #: Every provider type that any edition of any service knows.
    every_kind: frozenset[str]
    #: SHA-256 over every contract file that was read.
    digest: str
    shapes: Shapes = field(repr=False)

    @cached_property
    def create(self) -> Operation:
        """The operation that makes a resource."""
        return self.by_role("create")

    @cached_property
    def get(self) -> Operation:
        """The operation that describes one resource."""
        return self.by_role("get")

    @cached_property
    def list(self) -> Operation:
        """The operation that shows resources by the page."""
        return self.by_role("list")

    @cached_property
    def delete(self) -> Operation:
        """The operation that removes a resource."""
        return self.by_role("delete")

    def by_role(self, role: Role) -> Operation:
        """The operation that plays a part."""
        for operation in self.operations.values():
            if operation.role == role:
                return operation
        raise ContractError(f"{self.service}/{self.edition}/operations.toml: operations: none is the {role}; add it")

    def operation(self, name: str) -> Operation:
        """The operation of a name."""
        if name not in self.operations:
            raise UsageError(
                f"no operation {name!r} in {self.service} {self.edition}", hint=f"known: {', '.join(self.operations)}"
            )
        return self.operations[name]

    @cached_property
    def content_type(self) -> str:
        """The media type of requests and answers."""
        return f"application/x-amz-json-{self.json_version}"

    @cached_property
    def pagination(self) -> Pagination:
        """How the list is walked."""
        if self.list.pagination is None:
            raise ContractError(
                f"{self.service}/{self.edition}/operations.toml: operations.{self.list.name}: no pagination; add it"
            )
        return self.list.pagination

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The provider types of this edition."""
        return enumerated(self.create.members[self.resource.kind])

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that a resource can have."""
        return enumerated(self.described[self.resource.status])

    @cached_property
    def described(self) -> Mapping[str, Mapping[str, Any]]:
        """The members of the described resource, each with its schema written out."""
        get = self.get
        members = get.answers[get.holder].get("properties", {}) if get.holder else get.answers
        return MappingProxyType(members)

    @cached_property
    def name_length(self) -> Bounds:
        """How many characters a name may have."""
        return Bounds.from_schema(self.create.members[self.resource.name])

    @cached_property
    def identity_length(self) -> Bounds:
        """How many characters an ARN may have."""
        return Bounds.from_schema(self.get.members[self.resource.identity])

    @cached_property
    def identity_pattern(self) -> re.Pattern[str]:
        """What an ARN looks like, for `fullmatch`. Look at its length first: the pattern was not made for megabytes."""
        return re.compile(self.get.members[self.resource.identity]["pattern"])

    @cached_property
    def page_sizes(self) -> Bounds:
        """The page sizes that may be asked for; where the least is 0, what 0 means is open."""
        return Bounds.from_schema(self.list.members[self.pagination.page_size])

    @cached_property
    def token_length(self) -> Bounds:
        """How many characters a token may have."""
        return Bounds.from_schema(self.list.members[self.pagination.token_in])

    @cached_property
    def error_names(self) -> frozenset[str]:
        """Every error that an endpoint may name: the modelled ones and the framework's."""
        modelled = {name for operation in self.operations.values() for name in operation.errors}
        return frozenset(modelled | set(self.framework_errors))

    def output_validator(self, operation_name: str) -> OutputValidator:
        """What judges the accepted answers of an operation; one for each, kept."""
        if operation_name not in self._validators:
            output = self.operation(operation_name).output
            self._validators[operation_name] = OutputValidator(
                self.shapes, output, wanted_by=f"operations.{operation_name}.output"
            )
        return self._validators[operation_name]

    @cached_property
    def _validators(self) -> dict[str, OutputValidator]:
        return {}
