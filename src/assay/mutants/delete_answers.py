"""Faults of the answers to Delete: it says too much, or does not say that there was nothing to delete."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from assay.mutants.catalogue import mutant
from assay.reference.constraints import Members
from assay.reference.operations import find
from assay.reference.refusals import VALIDATION, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.connections import Connection
    from assay.reference.constraints import Member
    from assay.reference.operations import Call
    from assay.reference.parts import Parts


def _answering_unknown(parts: Parts, answer_to: Callable[[str], Mapping[str, object] | Refusal | None]) -> Parts:
    """Delete of what is not there is answered otherwise, where `answer_to` has an answer."""
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        try:
            return careful_delete(parts_now, call)
        except Refusal as refusal:
            answer = answer_to(call.members.text("ConnectionArn"))
            if refusal.code != "ResourceNotFoundException" or answer is None:
                raise
            if isinstance(answer, Refusal):
                raise answer from None
            return answer

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.unknown-succeeds", caught_by=("connection.delete.unknown",))
def unknown_succeeds(parts: Parts) -> Parts:
    """Answer a Delete of what is not there as if it had been.

    Most of AWS's deletes are idempotent, and `dict.pop(arn, None)` is shorter than a check.
    """
    return _answering_unknown(parts, lambda _: {})


@mutant("delete.again-succeeds", caught_by=("connection.delete.unknown",))
def again_succeeds(parts: Parts) -> Parts:
    """Answer a Delete of what was deleted already as if it had been there still; what never was is not found.

    The row is marked and stays, and the second Delete marks it again.
    """
    return _answering_unknown(parts, lambda arn: {} if parts.store.was_given(arn) else None)


@mutant("delete.unknown-is-invalid", caught_by=("connection.delete.unknown",))
def unknown_is_invalid(parts: Parts) -> Parts:
    """Refuse a Delete of what is not there as a ValidationException.

    One exception serves for whatever the caller got wrong; only Get has the right one.
    """
    invalid = Refusal("ValidationException", "The connection does not exist", namespace=VALIDATION)
    return _answering_unknown(parts, lambda _: invalid)


def _saying(parts: Parts, answer_to: Callable[[Parts, Connection], Mapping[str, object]]) -> Parts:
    """Delete does what it should and says something of its own."""
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        careful_delete(parts_now, call)
        return answer_to(parts_now, connection)

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.answers-with-connection", caught_by=("connection.delete.empty",))
def answers_with_connection(parts: Parts) -> Parts:
    """Answer a Delete with what was deleted, as Get would.

    Many deletes of AWS do, and so does whatever a framework for REST generates.
    """
    return _saying(parts, lambda parts_now, connection: {"Connection": parts_now.get_view(connection)})


@mutant("delete.answers-with-arn", caught_by=("connection.delete.empty",))
def answers_with_arn(parts: Parts) -> Parts:
    """Answer a Delete with the ARN of what was deleted.

    It was there to be logged, and Create answers so as well.
    """
    return _saying(parts, lambda _, connection: {"ConnectionArn": connection.arn})


@mutant("delete.answers-with-null", caught_by=("connection.delete.empty",))
def answers_with_null(parts: Parts) -> Parts:
    """Answer a Delete with `null`.

    A function without a result, and a serializer that writes what it is given.
    """
    return _saying(parts, lambda *_: cast("Mapping[str, object]", None))


@mutant("delete.malformed-succeeds", caught_by=("connection.arn.malformed",))
def malformed_succeeds(parts: Parts) -> Parts:
    """Answer a Delete of what is no ARN as if something had been deleted.

    The id is taken from the end of the text, and where there is none there is nothing to do.
    """
    careful_delete = parts.handlers["DeleteConnection"]

    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        try:
            return parts.check(operation, table, given)
        except Refusal as refusal:
            is_text = isinstance(given.get("ConnectionArn"), str)
            if operation != "DeleteConnection" or refusal.code != "ValidationException" or not is_text:
                raise
            return Members({"ConnectionArn": ""})

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        return careful_delete(parts_now, call) if call.members.text("ConnectionArn") else {}

    return replace(parts, check=check, handlers=parts.handlers_with(DeleteConnection=delete))
