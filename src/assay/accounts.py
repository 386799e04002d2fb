"""Whose call is whose: a history as the worlds of the accounts that it acted from.

Almost every law is about one account, so a call of another says nothing to it: that a Get from there finds nothing is
right, that a name is taken there is no conflict, and a list from there misses nothing. So a history is taken apart by
the callers before any law judges it, and each part is a world of its own. What two worlds have to do with each other is
for the laws of isolation to say, which alone look at `World.beside`.

One thing does cross over. Another account's Delete that was not refused may have deleted what is not its own; then
everything that the owner sees afterwards would look like the owner's fault. The owner's world holds that Delete as one
of which nobody knows whether it had its effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.history import FIRST, History
from assay.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.contract import Contract
    from assay.knowledge import Knowledge

__all__ = ["account_of", "leave_facts", "worlds_of"]


def worlds_of(history: History, contract: Contract, knowledge: Knowledge) -> tuple[World, ...]:
    """The worlds of the accounts that a history acted from, in the order in which they act in it; at least one."""
    callers = tuple(dict.fromkeys(call.caller for call in history)) or (FIRST,)
    if callers == (FIRST,):
        return (World(history, contract, knowledge),)  # nobody beside it, so nobody asks which account it is
    worlds = []
    for caller in callers:
        own = History(tuple(call for call in history if call.caller == caller))
        others = [call for call in history if call.caller != caller and call.operation == contract.delete.name]
        worlds.append(World(own, contract, knowledge.of(caller), meddling=others))
    for caller, world in zip(callers, worlds, strict=True):
        told = (account_of(arn) for arn in (knowledge.prefixes.get(caller, ""), *world.made))
        world.accounts = frozenset(account for account in told if account is not None)
        world.beside = tuple(other for other in worlds if other is not world)
    return tuple(worlds)


def leave_facts(worlds: Iterable[World], program: int) -> None:
    """Leave what is known of each account with the run, as the facts of its `program`-th program."""
    for world in worlds:
        world.leave_facts(program)


def account_of(arn: str) -> str | None:
    """The account that an ARN, or the beginning of one, names; None where it names none."""
    fields = arn.split(":")
    return fields[4] or None if len(fields) > 4 else None  # noqa: PLR2004 - the fifth field of an ARN
