"""Faults of Get: it knows what nobody made, forgets what somebody made, or finds by less than an ARN."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import handled_as, in_get, refused_as, ruled_as
from assay.reference.connections import Connection
from assay.reference.constraints import Text
from assay.reference.operations import find
from assay.reference.refusals import Refusal, not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.answers import Outcome
    from assay.reference.constraints import Member
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_GET = "GetConnection"
_RECENT = 20


@mutant("get.unknown-answered", caught_by=("connection.get.unknown",))
def unknown_answered(parts: Parts) -> Parts:
    """Answer a Get of an ARN that was never given, or is deleted, with a connection made up on the spot.

    A stub that returns the sample of the documentation with the asked ARN in it: enough for every client that only ever
    asks for what it made.
    """
    careful_get = parts.handlers["GetConnection"]

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        try:
            return careful_get(parts_now, call)
        except Refusal as refusal:
            if refusal.code != "ResourceNotFoundException":
                raise
        made_up = Connection(
            sequence=0,
            arn=call.members.text("ConnectionArn"),
            name="MyConnection",
            provider_type="Bitbucket",
            account=call.caller.account,
            region=call.caller.region,
        )
        return {"Connection": parts_now.get_view(made_up)}

    return replace(parts, handlers=parts.handlers_with(GetConnection=get))


@mutant("get.newest-answered", caught_by=("connection.arn.stable", "connection.name.preserved"))
def newest_answered(parts: Parts) -> Parts:
    """Answer with the newest connection of the account, whichever one was asked for.

    The query filters by account and forgot the ARN; with one connection it is always right.
    """

    def change(_careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            find(parts_now, call)
            newest = deque(parts_now.store.after(call.caller.account, 0), maxlen=1)
            return {"Connection": parts_now.get_view(newest[0])}

        return get

    return handled_as(parts, _GET, change)


@mutant("get.only-recent", caught_by=("connection.get.details",))
def only_recent(parts: Parts) -> Parts:
    """Find the twenty newest connections only.

    Get asks the emulator's own List, without a token, and looks through the one page that it is given.
    """

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            recent = deque(parts_now.store.after(call.caller.account, 0), maxlen=_RECENT)
            if find(parts_now, call) not in recent:
                raise not_found(call.members.text("ConnectionArn"))
            return careful(parts_now, call)

        return get

    return handled_as(parts, _GET, change)


@mutant("get.provider-forgotten", caught_by=("connection.get.details",))
def provider_forgotten(parts: Parts) -> Parts:
    """Leave the provider type out.

    The model requires no member of a connection, and the author's own client never looked at this one.
    """
    return in_get(parts, lambda shown: {key: value for key, value in shown.items() if key != "ProviderType"})


def _wrapped(parts: Parts, wrap: Callable[[object], Mapping[str, object]]) -> Parts:
    def change(careful: Handler) -> Handler:
        return lambda parts_now, call: wrap(careful(parts_now, call)["Connection"])

    return handled_as(parts, _GET, change)


@mutant("get.flat", caught_by=("connection.get.details",))
def flat(parts: Parts) -> Parts:
    """Put the members of the connection at the top of the answer, without `Connection` around them.

    GetHost of the same service answers so.
    """

    def unwrapped(connection: object) -> Mapping[str, object]:
        assert isinstance(connection, dict)
        return connection

    return _wrapped(parts, unwrapped)


@mutant("get.wrapped-twice", caught_by=("connection.get.details",))
def wrapped_twice(parts: Parts) -> Parts:
    """Put `GetConnectionResult` around the answer.

    Services of AWS's query protocol have such a wrapper, and the emulator was first written for those.
    """
    return _wrapped(parts, lambda connection: {"GetConnectionResult": {"Connection": connection}})


@mutant("get.stale-after-delete", caught_by=("connection.delete.removes",))
def stale_after_delete(parts: Parts) -> Parts:
    """Answer from a cache what was asked for twice, also when it is deleted since.

    A second Get of an ARN fills the cache, and Delete does not know of it.
    """
    asked: set[str] = set()
    cached: dict[str, Mapping[str, object]] = {}

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            arn = call.members.text("ConnectionArn")
            if arn in cached:
                return cached[arn]
            answer = careful(parts_now, call)
            if arn in asked:
                cached[arn] = answer
            asked.add(arn)
            return answer

        return get

    return handled_as(parts, _GET, change)


def _finding(parts: Parts, is_meant: Callable[[str, str], bool]) -> Parts:
    """Find another connection of the caller where none has exactly the ARN that was asked for."""

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            asked = call.members.text("ConnectionArn")
            if parts_now.store.get(asked) is None:
                for connection in parts_now.store.after(call.caller.account, 0):
                    if is_meant(asked, connection.arn):
                        return {"Connection": parts_now.get_view(connection)}
            return careful(parts_now, call)

        return get

    return handled_as(parts, _GET, change)


@mutant("get.by-prefix", caught_by=("connection.arn.exact",))
def by_prefix(parts: Parts) -> Parts:
    """Find a connection by the beginning of its ARN.

    `LIKE 'arn…%'`, or a range read in a key-value store without a look at where the key ends.
    """
    return _finding(parts, lambda asked, arn: arn.startswith(asked))


@mutant("get.beyond-the-id", caught_by=("connection.arn.exact",))
def beyond_the_id(parts: Parts) -> Parts:
    """Ignore what stands behind the id in an ARN.

    A pattern takes the ARN apart, and nothing anchors its end.
    """
    return _finding(parts, lambda asked, arn: asked.startswith(arn))


@mutant("get.in-any-case", caught_by=("connection.arn.exact",))
def in_any_case(parts: Parts) -> Parts:
    """Find a connection by its ARN in whatever case.

    The database compares text so unless it is told otherwise.
    """
    return _finding(parts, lambda asked, arn: asked.casefold() == arn.casefold())


@mutant("get.newest-without-arn", caught_by=("connection.arn.required",))
def newest_without_arn(parts: Parts) -> Parts:
    """Answer a Get without an ARN with the newest connection, or with nothing.

    The ARN goes into the query only where there is one, as an optional filter does.
    """

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            if call.members.optional_text("ConnectionArn") is not None:
                return careful(parts_now, call)
            newest = deque(parts_now.store.after(call.caller.account, 0), maxlen=1)
            return {"Connection": parts_now.get_view(newest[0])} if newest else {}

        return get

    return handled_as(
        ruled_as(parts, (_GET,), "ConnectionArn", lambda member: replace(member, required=False)), _GET, change
    )


def _any_text(member: Member) -> Member:
    return replace(member, rule=Text(maximum=2048))


@mutant("get.malformed-not-found", caught_by=("connection.arn.malformed",), clause="code")
def malformed_not_found(parts: Parts) -> Parts:
    """Answer a Get of a text that is no ARN with ResourceNotFoundException.

    Nothing checks patterns, and in a map by ARN there is no such key.
    """
    return ruled_as(parts, (_GET,), "ConnectionArn", _any_text)


@mutant("get.malformed-answered", caught_by=("connection.arn.malformed",))
def malformed_answered(parts: Parts) -> Parts:
    """Answer a Get of a text that is no ARN with 200 and no connection.

    The ARN is split at its colons, the account in it has no connections, and an empty result is no error.
    """

    def refused(operation: str, refusal: Refusal) -> Outcome:
        is_about_form = refusal.message is not None and "Member must" in refusal.message
        absent = refusal.message is not None and "Value null" in refusal.message
        return {} if operation == _GET and is_about_form and not absent else refusal

    return refused_as(parts, refused)


def _not_found_as(parts: Parts, change: Callable[[Refusal], Refusal]) -> Parts:
    def refused(operation: str, refusal: Refusal) -> Outcome:
        return change(refusal) if operation == _GET and refusal.code == "ResourceNotFoundException" else refusal

    return refused_as(parts, refused)


@mutant("get.unknown-by-another-name", caught_by=("connection.get.unknown",))
def unknown_by_another_name(parts: Parts) -> Parts:
    """Call the error of an ARN that names nothing ConnectionNotFoundException.

    Most services name the resource in the error; this one does not.
    """
    return _not_found_as(parts, lambda refusal: Refusal("ConnectionNotFoundException", refusal.message))


@mutant("get.unknown-is-invalid", caught_by=("connection.get.unknown",))
def unknown_is_invalid(parts: Parts) -> Parts:
    """Refuse an ARN that names nothing with a ValidationException.

    All that is wrong with the input goes one way in this emulator.
    """
    return _not_found_as(parts, lambda refusal: Refusal("ValidationException", refusal.message))


@mutant("get.unknown-is-404", caught_by=("wire.error-status",))
def unknown_is_404(parts: Parts) -> Parts:
    """Answer an ARN that names nothing with ResourceNotFoundException and HTTP status 404.

    So it is in REST, and in the models of other services.
    """
    return _not_found_as(parts, lambda refusal: Refusal(refusal.code, refusal.message, status=404))


@mutant("get.unknown-is-500", caught_by=("wire.no-server-error",))
def unknown_is_500(parts: Parts) -> Parts:
    """Answer an ARN that names nothing with HTTP status 500.

    A key that a map lacks is an exception that nobody catches.
    """
    return _not_found_as(parts, lambda _: Refusal("InternalFailure", status=500))
