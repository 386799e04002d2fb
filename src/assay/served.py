"""What an endpoint serves, as its probe has found out: what follows from it for a run, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.errors import UsageError
from assay.handshakes import NOBODY
from assay.history import HANDSHAKE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Contract
    from assay.target import Serving, Spelling

__all__ = ["UNCHECKED", "fingerprint", "laws_without_handshakes", "notes_on", "spelling_of", "unsupported_laws"]

UNCHECKED: Final = "the endpoint checks no signatures; --auth demands that it does"
_NOBODY_SHAKES: Final = "nobody completes a handshake here: --handshake says who could"
_NO_TERMINAL: Final = "there was no terminal at which --handshake ask could ask"


def spelling_of(wanted: str | None, serving: Serving) -> Spelling:
    """The spelling of X-Amz-Target that a run uses: the wanted one, or what the endpoint serves.

    Raises:
        UsageError: the endpoint does not serve the wanted one.

    """
    if wanted is None:
        return serving.spelling
    for spelling in (serving.spelling, *(other for service, other in serving.also if service == serving.service)):
        if spelling == wanted:
            return spelling
    raise UsageError(f"the endpoint does not serve the {wanted} spelling of X-Amz-Target", hint="leave out --spelling")


def unsupported_laws(contract: Contract, serving: Serving, *, is_demanded: bool) -> dict[str, str]:
    """Laws that ask for something which the endpoint does not set out to do, and why: nobody is held to those."""
    if serving.checks_signatures or is_demanded:
        return {}
    return {law.id: UNCHECKED for law in contract.laws.values() if law.noun == "auth"}


def laws_without_handshakes(contract: Contract, said: str | None) -> dict[str, str]:
    """The laws that somebody would have to complete a handshake for, and why nobody does."""
    reason = _NO_TERMINAL if said == NOBODY else _NOBODY_SHAKES
    return {law.id: reason for law in contract.laws.values() if law.needs == HANDSHAKE}


def fingerprint(serving: Serving) -> Mapping[str, object]:
    """What an endpoint says of itself, and which services it serves, by their spellings."""
    server = next((call.response.header("server") for call in serving.calls if call.response is not None), None)
    served = [
        f"{serving.service} ({serving.spelling})",
        *(f"{service} ({spelling})" for service, spelling in serving.also),
    ]
    return {"server": server, "served": served}


def notes_on(serving: Serving) -> list[str]:
    """What a reader of the results should know about it."""
    notes = []
    if serving.missing:
        ways = ", ".join(f"{service} in the {spelling} spelling" for service, spelling in serving.missing)
        notes.append(f"X-Amz-Target: not served are {ways}")
    if serving.sdk_reason is not None:
        notes.append(f"boto3 cannot call this endpoint: {serving.sdk_reason}")
    return notes
