"""The laws of signatures: who signs badly is turned away and has changed nothing, who signs well is let in.

A history says of each call in one word how it was signed. Which word belongs to which law stands here; which words are
sent at all, and to whom, is the run's business: an endpoint that checks no signatures is asked none of it, unless its
owner demands it.

Three cares. A refusal counts only where nothing but the signature explains it: an ARN that is not there, a name that is
taken and a full account are refused whoever asks. Time is the endpoint's: where an answer tells it, an old signature is
as old as the endpoint's clock says. And what was changed is judged only where this call alone can have changed it.
"""

from __future__ import annotations

import email.utils
from calendar import timegm
from time import strptime
from typing import TYPE_CHECKING, Final

from assay.history import Accepted, Call, Refused
from assay.laws.registry import Breach, Remark, Ruling, judge, said, shown
from assay.signings import MISSING, OLD, PROPER, SIGNINGS, TAMPERED, TOLD, UNKNOWN_KEY, WRONG

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from assay.world import World

__all__: list[str] = []

_TOLERANCE_S: Final = 15 * 60
_UNAUTHORIZED: Final = (401, 403)
_FOR_THE_SIGNATURE: Final = frozenset(
    {
        *("InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException"),
        *("MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure", "RequestExpired"),
        *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidSignature"),
        *("AccessDenied", "AccessDeniedException", "UnauthorizedException", "Unauthorized", "Forbidden"),
        *("ExpiredToken", "ExpiredTokenException", "InvalidToken", "SignatureExpired"),
    }
)
_FOR_THE_INPUT: Final = frozenset({"ValidationException", "SerializationException", "UnknownOperationException"})


@judge("auth.missing")
def missing(world: World) -> Iterator[Ruling]:
    """Who does not sign is refused."""
    yield from _turned_away(world, MISSING)


@judge("auth.signature")
def signature(world: World) -> Iterator[Ruling]:
    """Who signs badly is refused, and who signs well is let in, however oddly it is written."""
    yield from _turned_away(world, WRONG)
    for call in world.history:
        if call.is_retried:
            continue
        if call.signing in PROPER:
            if isinstance(call.outcome, Accepted):
                yield call
            elif isinstance(call.outcome, Refused) and _is_for_the_signature(call.outcome):
                yield Breach(
                    call=call,
                    expected=f"a request is let in that was {SIGNINGS[call.signing]}: SigV4 makes the same of it",
                    actual=said(call),
                )
        elif call.signing in TOLD and isinstance(call.outcome, Accepted | Refused):
            word = "accepted" if isinstance(call.outcome, Accepted) else "refused"
            yield Remark(call=call, text=f"not judged: a request was {word} that was {SIGNINGS[call.signing]}")


@judge("auth.tampered")
def tampered(world: World) -> Iterator[Ruling]:
    """What was changed after it was signed is refused."""
    yield from _turned_away(world, TAMPERED)


@judge("auth.expired")
def expired(world: World) -> Iterator[Ruling]:
    """What was signed longer ago than a quarter of an hour, by the endpoint's own clock, is refused."""
    yield from _turned_away(world, OLD)


@judge("auth.unknown-key")
def unknown_key(world: World) -> Iterator[Ruling]:
    """What was signed with a key that nobody has is refused."""
    yield from _turned_away(world, UNKNOWN_KEY)


def _turned_away(world: World, signings: Collection[str]) -> Iterator[Ruling]:
    for call in world.history:
        if call.signing not in signings or call.is_retried:
            continue
        if isinstance(call.outcome, Accepted):
            if call.signing in OLD and not _is_old_there(call):
                continue
            yield Breach(
                call=call, expected=f"a request is refused that was {SIGNINGS[call.signing]}", actual=said(call)
            )
        elif isinstance(call.outcome, Refused):
            trace = _trace(world, call)
            if trace is not None:
                yield trace
            elif not _is_for_something_else(world, call.outcome):
                yield call


def _is_for_the_signature(refused: Refused) -> bool:
    return refused.code in _FOR_THE_SIGNATURE or (refused.code is None and refused.status in _UNAUTHORIZED)


def _is_for_something_else(world: World, refused: Refused) -> bool:
    """Would a well-signed request be refused like this, for its input or for what there is?"""
    code = refused.code
    return code in _FOR_THE_INPUT or (code in world.contract.error_names and code not in _FOR_THE_SIGNATURE)


def _is_old_there(call: Call) -> bool:
    """Was it signed longer ago than anybody tolerates, by the clock of whoever answered?"""
    answered = None if call.response is None else call.response.header("date")
    signed = next((value for name, value in call.request.headers if name.lower() == "x-amz-date"), None)
    if answered is None or signed is None:
        return True  # one clock for both, as far as anybody can see
    try:
        there = email.utils.parsedate_to_datetime(answered).timestamp()
        return there - timegm(strptime(signed, "%Y%m%dT%H%M%SZ")) > _TOLERANCE_S
    except (ValueError, OverflowError):
        return True


def _trace(world: World, call: Call) -> Breach | None:
    """What a refused call changed all the same, where nobody else can have changed it."""
    if call.operation == world.contract.create.name:
        return _made_all_the_same(world, call)
    if call.operation == world.contract.delete.name:
        return _deleted_all_the_same(world, call)
    return None


def _made_all_the_same(world: World, create: Call) -> Breach | None:
    name = world.name_of(create)
    if not world.is_ours_by_name(name):
        return None
    others = [call for call in world.creates if world.name_of(call) == name and not isinstance(call.outcome, Refused)]
    before = [call for call in world.turned_away if world.name_of(call) == name and call.index < create.index]
    if others or before:
        return None
    named = world.contract.resource.name
    for sighting in world.shown:
        if sighting.members.get(named) == name and sighting.call.start >= create.end:
            return Breach(
                call=sighting.call,
                expected=f"a Create that was refused makes nothing; it was {SIGNINGS[create.signing]}",
                actual=f"{sighting.call.operation} shows a connection of the name {shown(name)}",
            )
    return None


def _deleted_all_the_same(world: World, delete: Call) -> Breach | None:
    arn = world.arn_in(delete)
    connection = world.connection(arn)
    if connection is None or connection.created.end > delete.start:
        return None
    others = [call for call in connection.deletes if call is not delete]
    known = connection.created.end + world.knowledge.staleness
    for get in world.gets:
        if world.arn_in(get) != arn or get.start < max(delete.end, known):
            continue
        if any(other.start <= get.end for other in others):
            continue
        if isinstance(get.outcome, Refused) and get.outcome.is_not_found:
            return Breach(
                call=get,
                expected=f"a Delete that was refused deletes nothing; it was {SIGNINGS[delete.signing]}",
                actual=said(get),
            )
    return None
