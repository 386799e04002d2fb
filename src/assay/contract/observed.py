"""What AWS itself was seen to do, and what that makes of a law.

A run at AWS writes what it saw into observations.json, redacted and dated; a person who trusts it puts it into
`specs/<service>/observed/`. There it stands for itself: a row of laws.toml says which value of which observation speaks
for it (`raised_by`), and a contract that is loaded has the law with `observed` among its evidence, with the day and the
Region among its sources, and with the force that the row gives it then. Nobody has to remember to change the row.

All that was seen has to agree. Where one file shows another value, nothing is raised: AWS has changed, or differs from
Region to Region, and a person has to look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from assay.contract.document import Document, Library
from assay.contract.validation import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.contract.law import Evidence, Law

__all__ = ["FOLDER", "Observed", "observed_at", "raised"]

FOLDER: Final = "observed"
"""Where the files lie, in the folder of their service."""

_WEAKER: Final = frozenset({"observed-cousin", "protocol", "inferred"})  # than having been seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One file: when and in which Region of AWS something was seen, and the values of each observation."""

    day: str
    region: str
    values: Mapping[str, tuple[str, ...]]

    @property
    def source(self) -> str:
        """How it stands among the sources of a law."""
        return f"observed {self.day} in {self.region}"


def observed_at(service: str, library: Library) -> tuple[Observed, ...]:
    """What was seen of a service, in the order of the files' names.

    Raises:
        ContractError: a file is not of the form that a run writes.

    """
    found = []
    for file in sorted((library.specs / service / FOLDER).glob("*.json")):
        relative = f"{service}/{FOLDER}/{file.name}"
        whole = library.json(relative)
        document = Document(layers=((library.called(relative), whole),), whole=whole)
        check(document, library, "schemas/observed.schema.json")
        values = {row["id"]: tuple(each["value"] for each in row["values"]) for row in whole["observations"]}
        found.append(Observed(day=whole["day"], region=whole["region"], values=values))
    return tuple(found)


def raised(law: Law, rules: Sequence[Mapping[str, Any]], seen: Sequence[Observed]) -> Law:
    """The law as what was seen makes it, by the first of its rules that anything was seen of."""
    for rule in rules:
        speaking = [each for each in seen if each.values.get(rule["observation"])]
        wanted = re.compile(rule["value"])
        values = [value for each in speaking for value in each.values[rule["observation"]]]
        if not values or not all(map(wanted.fullmatch, values)):
            continue
        confirmed: tuple[Evidence, ...] = law.confirmed_by
        is_stronger = law.evidence in _WEAKER
        beside: Evidence = law.evidence if is_stronger else "observed"
        return replace(
            law,
            evidence="observed" if is_stronger else law.evidence,
            confirmed_by=confirmed if beside in confirmed or law.evidence == "observed" else (*confirmed, beside),
            source=(*law.source, *(f"{each.source}: {rule['observation']}" for each in speaking)),
            force=rule.get("force", law.force),
            on_aws=rule.get("on_aws", law.on_aws),
        )
    return law
