"""The law of calls that are under way at once: some order of them, each within its own time, explains every answer.

Only what overlapped is judged: of calls that followed each other the other laws have said all, and a history without
overlaps costs one look at its times. What an order may be is `assay.linearizability`'s to say.

Two parts of the promise are weaker than the rest, and have clauses. That a name has one holder is contested, so where
an order is missing only because of that, the clause `names` is broken, which is as grave as `connection.name.unique`
is in this run. That a refused Create has its reason in its name is a wish: the clause `refusal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.history import Accepted, Refused
from assay.laws.registry import Breach, Ruling, Undecided, judge, shown
from assay.laws.requests import is_plain, is_valid_but_for_its_name, length_says, refused_for_cause
from assay.linearizability import EVERYTHING, Promises, by_arn, by_name, claims_of, explained, is_side_by_side, search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.history import Call
    from assay.linearizability import Claim
    from assay.world import World

__all__ = ["has_reason"]


@judge("concurrent.linearizable")
def linearizable(world: World) -> Iterator[Ruling]:
    """Calls about one name or one connection that overlapped have an order that explains every answer."""
    writes = {world.contract.create.name, world.contract.delete.name}
    if not is_side_by_side(world.calls, writes):
        return
    rungs = (
        _Rung(clause="refusal", promises=EVERYTHING),
        _Rung(clause="names", promises=Promises(explained_refusals=False)),
        _Rung(clause=None, promises=Promises(explained_refusals=False, unique_names=False)),
    )
    for claims in by_name(claims_of(world, has_reason=has_reason)):
        if is_side_by_side([claim.call for claim in claims], writes):
            yield from _judged(claims, rungs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rung:
    """Which promises count, and the clause that is broken where claims fail by these and not by fewer."""

    clause: str | None
    promises: Promises


def _judged(claims: Sequence[Claim], rungs: Sequence[_Rung]) -> Iterator[Ruling]:
    """Rule on the claims about one name: by every promise first, and where that fails, by fewer and fewer."""
    breach = None
    for rung in rungs:
        parts = [claims] if rung.promises.unique_names else by_arn(claims)
        answers = [(part, search(part, rung.promises)) for part in parts]
        for part, answer in answers:
            if answer.word == "undecided":
                yield Undecided(call=part[-1].call, reason=f"no order was found or ruled out in {answer.steps:,} steps")
                return
        stuck = [part for part, answer in answers if answer.word == "stuck"]
        if not stuck:
            break
        breach = _breach(stuck[0], rung.promises, rung.clause)
    if breach is not None:
        yield breach
    else:
        yield from {claim.call.index: claim.call for claim in claims}.values()


def _breach(claims: Sequence[Claim], promises: Promises, clause: str | None) -> Breach:
    explanation = explained(claims, promises)
    stuck = explanation.stuck
    about = shown(stuck.arn) if clause is None else f"the name {shown(stuck.room)}"
    before = ", ".join(_told(claim) for claim in explanation.before)
    meanwhile = ", ".join(_told(claim) for claim in explanation.meanwhile)
    return Breach(
        call=stuck.call,
        expected=f"some order of the calls about {about} explains every answer",
        actual=_told(stuck)
        + (f"; answered before it: {before}" if before else "")
        + (f"; under way with it: {meanwhile}" if meanwhile else ""),
        clause=clause,
    )


def _told(claim: Claim) -> str:
    call = claim.call
    match call.outcome:
        case Accepted():
            made = f" as {shown(claim.arn)}" if claim.kind == "creates" and not claim.may_be_idle else ""
            return f"{call.operation} accepted{made}"
        case Refused(code):
            return f"{call.operation} refused as {shown(code or 'nameless', 60)[1:-1]}"
        case _:
            return f"{call.operation} without a clear answer"


def has_reason(world: World, create: Call) -> bool:
    """Can nothing but its name be the reason why a Create was refused: a valid one, with a plain name of ours?"""
    name = world.name_of(create)
    return (
        refused_for_cause(world, create)
        and is_valid_but_for_its_name(world, create)
        and bool(length_says(world, name))
        and is_plain(world, name)
        and world.is_ours_by_name(name)
        and all(world.name_of(other) == name for other in world.creates_like(name))
    )
