"""What a script looks at: the outcome that the law wanted of one call, or whether a walk shows a connection.

Most laws are about one of these. For the others there is no claim, and the script says what a person should look at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.history import Accepted, Refused

if TYPE_CHECKING:
    from assay.book import Finding

__all__ = ["Claim", "claim_of"]

_OUTCOME: Final = frozenset(
    {
        *("connection.name.unique", "connection.name.exact", "connection.name.reusable", "connection.name.length"),
        *("connection.create.accepts", "connection.create.required", "connection.create.provider"),
        *("connection.arn.required", "connection.arn.malformed", "connection.arn.exact"),
        *("connection.get.unknown", "connection.delete.unknown", "connection.delete.only"),
        *("connection.list.filter-value", "connection.list.max-results", "connection.list.token-forged"),
        *("connection.delete.removes", "wire.no-server-error"),
    }
)
_SHOWN: Final = frozenset({"connection.list.complete", "connection.list.filter"})
_NOT_SHOWN: Final = frozenset({"connection.delete.removes", "connection.list.truth"})
_CODES: Final = {
    "connection.get.unknown": "ResourceNotFoundException",
    "connection.delete.unknown": "ResourceNotFoundException",
}
_ARN: Final = re.compile(r'"(arn:[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What must be: a call `accepted`, or `refused` (with a code, where one is wanted); an ARN `shown`, or not."""

    that: Literal["accepted", "refused", "shown", "not-shown"]
    code: str | None = None
    arn: str | None = None


def claim_of(finding: Finding) -> Claim | None:  # noqa: PLR0911 - one for each kind of claim
    """The claim that a finding contradicts; None where a script cannot look at it."""
    law, breach = finding.law, finding.breach
    named = _ARN.search(breach.expected)
    if breach.call.operation.startswith("List") and named is not None:
        if law in _SHOWN:
            return Claim(that="shown", arn=named[1])
        if law in _NOT_SHOWN:
            return Claim(that="not-shown", arn=named[1])
    if law not in _OUTCOME:
        return None
    match breach.call.outcome:
        case Accepted() if law != "connection.list.filter":
            return Claim(that="refused", code=_CODES.get(law))
        case Refused() if law in _CODES:
            return Claim(that="refused", code=_CODES[law])
        case Refused() if finding.clause == "code":
            return Claim(that="refused", code="ValidationException")
        case Refused():
            return Claim(that="accepted")
        case _:
            return None
