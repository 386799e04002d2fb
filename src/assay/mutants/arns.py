"""Faults of ARNs: one is given twice."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.arns import connection_arn, mint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.callers import Caller
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

_WAIT = 5


@mutant("arn.from-name", caught_by=("connection.arn.never-reused",))
def from_name(parts: Parts) -> Parts:
    """Derive the ARN from account, Region and name, so that a name made again has its old ARN again.

    A hash of the name is an easy way to ids that stay the same between two runs of a test; many emulators are written
    for just that.
    """

    def derived(_parts: Parts, caller: Caller, service: str, name: str) -> str:
        identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{caller.account}/{caller.region}/{name}")
        return connection_arn(caller, service, str(identifier))

    return replace(parts, mint=derived)


@dataclass(slots=True)
class _Shelf:
    """ARNs that were freed, each with the number of Creates that had passed, by what they begin with."""

    freed: list[tuple[str, int]] = field(default_factory=list)
    creates: Counter[str] = field(default_factory=Counter)


@mutant("arn.freed-given-again", caught_by=("connection.arn.never-reused",))
def freed_given_again(parts: Parts) -> Parts:
    """Give the ARN of a deleted connection to a new one, once five others have been made since.

    A pool of ids with a short quarantine: the author knew that reuse is dangerous, and took five for long enough.
    """
    shelf = _Shelf()
    careful_delete = parts.handlers["DeleteConnection"]

    def reusing(parts: Parts, caller: Caller, service: str, name: str) -> str:
        kin = connection_arn(caller, service, "")
        passed = shelf.creates[kin]
        shelf.creates[kin] += 1
        for entry in shelf.freed:
            arn, since = entry
            if arn.startswith(kin) and passed - since >= _WAIT:
                shelf.freed.remove(entry)
                return arn
        return mint(parts, caller, service, name)

    def shelving(parts: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_delete(parts, call)
        arn = call.members.text("ConnectionArn")
        kin = arn[: arn.rindex("/") + 1]
        shelf.freed.append((arn, shelf.creates[kin]))
        return answer

    return replace(parts, mint=reusing, handlers=parts.handlers_with(DeleteConnection=shelving))
