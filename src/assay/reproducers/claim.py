"""What a script looks at: the outcome that the law wanted of one call, what it says, or what a walk shows.

Most laws are about one of these. For the others there is no claim, and the script says what a person should look at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay.history import Accepted, Refused
from assay.signings import VALID

if TYPE_CHECKING:
    from assay.book import Finding
    from assay.laws import Breach

__all__ = ["Claim", "claim_of"]

_OUTCOME: Final = frozenset(
    {
        *("connection.name.unique", "connection.name.exact", "connection.name.reusable", "connection.name.length"),
        *("connection.create.accepts", "connection.create.required", "connection.create.provider"),
        *("connection.arn.required", "connection.arn.malformed", "connection.arn.exact"),
        *("connection.get.unknown", "connection.delete.unknown", "connection.delete.only"),
        *("connection.list.filter-value", "connection.list.max-results", "connection.list.token-forged"),
        *("wire.malformed-json", "wire.wrong-type", "wire.unknown-operation", "wire.target", "wire.charset"),
        *("wire.unknown-members", "wire.null-members", "connection.delete.removes"),
        *("auth.missing", "auth.signature", "auth.tampered", "auth.expired", "auth.unknown-key"),
    }
)
_SHOWN: Final = frozenset({"connection.list.complete", "connection.list.filter", "concurrent.list.stable"})
_NOT_SHOWN: Final = frozenset({"connection.delete.removes", "connection.list.truth"})
_ONCE: Final = "connection.list.once"
_AT_MOST_ONE: Final = frozenset({"concurrent.name.unique", "concurrent.delete.once"})
_NEW: Final = "connection.arn.never-reused"
_ANSWERED: Final = "wire.no-server-error"
_SAYS: Final = frozenset(
    {
        *("connection.status.enum", "connection.status.pending", "connection.owner.account"),
        "connection.handshake.completes",
    }
)
_SAID: Final = re.compile(r'(\w+) ("[A-Za-z_]+"|null|[0-9]+)', re.ASCII)
_CODE_OF_CLAUSE: Final = {"wire.malformed-json": "SerializationException"}
_CODES: Final = {
    "connection.get.unknown": "ResourceNotFoundException",
    "connection.delete.unknown": "ResourceNotFoundException",
}
_OfMany: TypeAlias = Literal["at-most-one", "one-at-least"]
_ISOLATION: Final = "isolation.account"
_ARN: Final = re.compile(r'"(arn:[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What must be.

    A call `accepted`, `refused` (with a code, where one is wanted) or `answered` at all; a walk that shows an ARN
    (`shown`), or does not, or not twice (`once`); an ARN that is not that one (`new`); an answer that does not
    say a certain value of a member (`not-said`); of calls at once that ask for the same, that no more than one is
    accepted (`at-most-one`), or one is (`one-at-least`).
    """

    that: Literal["accepted", "refused", "answered", "shown", "not-shown", "once", "new", "not-said"] | _OfMany
    code: str | None = None
    arn: str | None = None
    said: tuple[str, str] | None = None


def claim_of(finding: Finding) -> Claim | None:  # noqa: C901, PLR0911, PLR0912 - one for each kind of claim
    """The claim that a finding contradicts; None where a script cannot look at it."""
    law, breach = finding.law, finding.breach
    if law in _AT_MOST_ONE:
        return Claim(that="at-most-one" if finding.clause is None else "one-at-least")
    if law.startswith("auth.") and breach.call.signing == VALID:
        return None  # it is about what a request that was refused has left behind
    named = _ARN.search(breach.expected)
    if law == _ISOLATION:
        return _of_another_account(breach, named)
    if breach.call.operation.startswith("List") and named is not None:
        if law in _SHOWN:
            return Claim(that="shown", arn=named[1])
        if law in _NOT_SHOWN:
            return Claim(that="not-shown", arn=named[1])
        if law == _ONCE:
            return Claim(that="once", arn=named[1])
    if law == _NEW and named is not None:
        return Claim(that="new", arn=named[1])
    said = _SAID.fullmatch(breach.actual)
    if law in _SAYS and said is not None and breach.call.operation.startswith("Get"):
        return Claim(that="not-said", said=(said[1], said[2]))
    if law == _ANSWERED:
        return Claim(that="answered")
    if law not in _OUTCOME:
        return None
    match breach.call.outcome:
        case Accepted() if law != "connection.list.filter":
            return Claim(that="refused", code=_CODES.get(law))
        case Refused() if law in _CODES:
            return Claim(that="refused", code=_CODES[law])
        case Refused() if finding.clause == "status":
            return None
        case Refused() if finding.clause == "code":
            return Claim(that="refused", code=_CODE_OF_CLAUSE.get(law, "ValidationException"))
        case Refused():
            return Claim(that="accepted")
        case _:
            return None


def _of_another_account(breach: Breach, named: re.Match[str] | None) -> Claim | None:
    """What is another account's is not shown, and is refused; and a name that it has is free."""
    if breach.call.operation.startswith("List"):
        return None if named is None else Claim(that="not-shown", arn=named[1])
    return Claim(that="accepted" if isinstance(breach.call.outcome, Refused) else "refused")
