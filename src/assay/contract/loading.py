"""From files to a contract: which editions there are, and what one says when it was read, checked and filled in.

A caller who asks for what is not there is told what is; a file that is wrong stops everything, because a suite that
judges by half a contract judges wrongly. Everything is read anew at every call: the files are small, and whoever writes
a law wants to see it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from assay.contract.contract import Contract, FrameworkError
from assay.contract.document import Document, Library
from assay.contract.figure import figures_of
from assay.contract.law import laws_from
from assay.contract.observed import observed_at, raised
from assay.contract.operation import Resource, operations_from
from assay.contract.shape import Shapes, enumerated
from assay.contract.suggestion import closest
from assay.contract.validation import check
from assay.errors import ContractError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["available", "load_contract"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LAWS = "laws.toml"
_OPERATIONS = "operations.toml"


def available(specs: Path) -> Mapping[str, tuple[str, ...]]:
    """The services below `specs` and their editions, oldest first."""
    editions: dict[str, list[str]] = {}
    for file in sorted(specs.glob(f"*/*/{_OPERATIONS}")):
        editions.setdefault(file.parent.parent.name, []).append(file.parent.name)
    return MappingProxyType({service: tuple(found) for service, found in editions.items()})


def clauses_of_every_law(specs: Path) -> Mapping[str, frozenset[str]]:
    """The laws of all editions of all services, each with its clauses: what a file may name that serves them all."""
    clauses: dict[str, frozenset[str]] = {}
    for service, editions in available(specs).items():
        for edition in editions:
            for law in load_contract(service, edition, specs=specs).laws.values():
                clauses[law.id] = clauses.get(law.id, frozenset()) | law.clauses.keys()
    return MappingProxyType(clauses)


def load_contract(service: str = "codestar-connections", edition: str | None = None, *, specs: Path) -> Contract:
    """One edition of a service, the newest where none is named."""
    editions = _editions_of(service, available(specs), specs)
    if edition is None:
        edition = editions[-1]
    elif edition not in editions:
        raise _unknown_edition(service, edition, editions, specs)
    library = Library(specs=specs)
    document, shapes = _checked(library, f"{service}/{edition}")
    rows = library.document(service, _LAWS)
    check(rows, library, "schemas/laws.schema.json")
    whole = document.whole
    resource = Resource(**{**whole["resource"], "hosted_kinds": tuple(whole["resource"].get("hosted_kinds", ()))})
    lawless = Contract(
        service=service,
        edition=edition,
        api_version=whole["service"]["api_version"],
        json_version=whole["service"]["json_version"],
        signing_name=whole["service"]["signing_name"],
        endpoint_prefix=whole["service"]["endpoint_prefix"],
        sdk=whole["service"]["sdk"],
        targets=MappingProxyType(dict(whole["service"]["targets"])),
        resource=resource,
        operations=operations_from(document, shapes),
        laws=MappingProxyType({}),
        framework_errors=MappingProxyType(
            {name: FrameworkError(name=name, **row) for name, row in whole["framework_errors"].items()}
        ),
        every_kind=_every_kind(library, resource),
        digest="",
        shapes=shapes,
    )
    every_edition = {each for known in available(specs).values() for each in known}
    laws = laws_from(rows, edition=edition, editions=every_edition, figures=figures_of(lawless))
    seen = observed_at(service, library)
    rules = {law_id: row.get("raised_by", ()) for law_id, row in rows.whole["laws"].items()}
    laws = MappingProxyType({law_id: raised(law, rules[law_id], seen) for law_id, law in laws.items()})
    return replace(lawless, laws=laws, digest=library.digest())


def _editions_of(service: str, known: Mapping[str, tuple[str, ...]], specs: Path) -> tuple[str, ...]:
    if not known:
        raise ContractError(
            f"{specs.name}: holds no {_OPERATIONS}; point at the specs folder of a checkout or of the wheel"
        )
    if service not in known:
        guess = closest(service, known)
        raise UsageError(
            f"no service {service!r}", hint=(f"did you mean {guess}? " if guess else "") + f"known: {', '.join(known)}"
        )
    return known[service]


def _unknown_edition(service: str, edition: str, editions: tuple[str, ...], specs: Path) -> UsageError:
    """What to tell a caller who asks for an edition that is not there: perhaps it is older than the service."""
    first, _ = _checked(Library(specs=specs), f"{service}/{editions[0]}")
    since = first.whole["service"]["since"]
    if _DAY.fullmatch(edition) and edition < since:
        message = f"{service} exists only since {since}: it has no edition {edition}"
        return UsageError(message, hint=f"known for {service}: {', '.join(editions)}")
    guess = closest(edition, editions)
    return UsageError(
        f"{service} has no edition {edition!r}",
        hint=(f"did you mean {guess}? " if guess else "") + f"known for {service}: {', '.join(editions)}",
    )


def _checked(library: Library, folder: str) -> tuple[Document, Shapes]:
    """What a folder's operations.toml says, held to its schema, and the shapes that it speaks of."""
    document = library.document(folder, _OPERATIONS)
    check(document, library, "schemas/operations.schema.json")
    return document, Shapes(library=library, folders=library.chain(folder, _OPERATIONS))


def _every_kind(library: Library, resource: Resource) -> frozenset[str]:
    """The kinds that any edition of any service with this resource knows: endpoints are older and newer."""
    kinds: set[str] = set()
    for service, editions in available(library.specs).items():
        for edition in editions:
            document, shapes = _checked(library, f"{service}/{edition}")
            if document.whole["resource"]["noun"] != resource.noun:
                continue
            for name, row in document.whole["operations"].items():
                if row["role"] == "create":
                    taken = shapes.resolved(row["input"], wanted_by=f"{service}/{edition}: operations.{name}.input")
                    kinds.update(enumerated(taken.get("properties", {}).get(resource.kind, {})))
    return frozenset(kinds)
