"""Faults of the wire: the right thing said in the wrong form."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import refused_as, sent_as
from assay.reference.answers import encode
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.reference.answers import Answer, Outcome
    from assay.reference.parts import Parts

_TYPE = b"content-type"
_REQUEST_ID = b"x-amzn-requestid"


def _with_field(answer: Answer, name: bytes, value: bytes | None) -> Answer:
    """The answer with another value of a header field, or without the field."""
    others = tuple(field for field in answer.headers if field[0] != name)
    return replace(answer, headers=others if value is None else (*others, (name, value)))


@mutant("wire.type-of-json", caught_by=("wire.content-type",))
def type_of_json(parts: Parts) -> Parts:
    """Send `application/json`.

    That is what every framework sends when it is handed an object.
    """
    return sent_as(parts, lambda _, answer: _with_field(answer, _TYPE, b"application/json"))


@mutant("wire.type-of-json-1.1", caught_by=("wire.content-type",))
def type_of_json_1_1(parts: Parts) -> Parts:
    """Send `application/x-amz-json-1.1`.

    Most of AWS's older services speak that version, and an emulator shares one serialiser among them.
    """
    return sent_as(parts, lambda _, answer: _with_field(answer, _TYPE, b"application/x-amz-json-1.1"))


@mutant("wire.type-missing", caught_by=("wire.content-type",))
def type_missing(parts: Parts) -> Parts:
    """Send no content type with a success.

    A bare HTTP library sends what it is told to.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        return answer if isinstance(outcome, Refusal) else _with_field(answer, _TYPE, None)

    return sent_as(parts, change)


@mutant("wire.type-of-errors", caught_by=("wire.content-type",), clause="errors")
def type_of_errors(parts: Parts) -> Parts:
    """Send `text/html` with an error; the body is the JSON that it should be.

    The framework's error handler sets its own type last.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        return _with_field(answer, _TYPE, b"text/html") if isinstance(outcome, Refusal) else answer

    return sent_as(parts, change)


@mutant("wire.request-id-missing", caught_by=("wire.request-id",))
def request_id_missing(parts: Parts) -> Parts:
    """Send no request id.

    No client needs one, so no test of the emulator ever looked.
    """
    return sent_as(parts, lambda _, answer: _with_field(answer, _REQUEST_ID, None))


@mutant("wire.request-id-missing-on-errors", caught_by=("wire.request-id",))
def request_id_missing_on_errors(parts: Parts) -> Parts:
    """Send no request id with an error.

    The middleware that adds it is passed over by an exception.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        return _with_field(answer, _REQUEST_ID, None) if isinstance(outcome, Refusal) else answer

    return sent_as(parts, change)


@mutant("wire.request-id-constant", caught_by=("wire.request-id",))
def request_id_constant(parts: Parts) -> Parts:
    """Send one and the same request id with every answer.

    It was copied from a recorded answer.
    """
    constant = b"a2b5c0de-1111-4222-8333-444455556666"
    return sent_as(parts, lambda _, answer: _with_field(answer, _REQUEST_ID, constant))


@mutant("wire.request-id-of-body", caught_by=("wire.request-id",))
def request_id_of_body(parts: Parts) -> Parts:
    """Derive the request id from the body of the answer, so that equal answers have equal ids.

    The emulator's recorded tests want the same ids at every run.
    """

    def change(_outcome: Outcome, answer: Answer) -> Answer:
        return _with_field(answer, _REQUEST_ID, hashlib.md5(answer.body, usedforsecurity=False).hexdigest().encode())

    return sent_as(parts, change)


def _errors_say(parts: Parts, change: Callable[[Refusal, dict[str, object]], object]) -> Parts:
    """Send other members with an error."""

    def changed(outcome: Outcome, answer: Answer) -> Answer:
        if not isinstance(outcome, Refusal):
            return answer
        members = change(outcome, json.loads(answer.body))
        return replace(answer, body=encode(members).encode())

    return sent_as(parts, changed)


@mutant("wire.error-type-in-code", caught_by=("wire.error-shape",))
def error_type_in_code(parts: Parts) -> Parts:
    """Name an error in the member `code`.

    The protocol for REST calls it so, and the two were mixed up.
    """
    return _errors_say(parts, lambda refusal, _: {"code": refusal.code, "message": refusal.message})


@mutant("wire.error-without-type", caught_by=("wire.error-shape",))
def error_without_type(parts: Parts) -> Parts:
    """Send a ValidationException with its message alone.

    What a library for validation throws has a message and no type, and nobody adds one.
    """

    def change(refusal: Refusal, members: dict[str, object]) -> object:
        return {"message": refusal.message} if refusal.code == "ValidationException" else members

    return _errors_say(parts, change)


@mutant("wire.error-in-two-hundred", caught_by=("wire.error-status",))
def error_in_two_hundred(parts: Parts) -> Parts:
    """Send errors with HTTP status 200.

    The body says it all, thought the author, and a gateway in front turned every 4xx into a page of its own.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        return replace(answer, status=200) if isinstance(outcome, Refusal) else answer

    return sent_as(parts, change)


@mutant("wire.not-found-is-404", caught_by=("wire.error-status",))
def not_found_is_404(parts: Parts) -> Parts:
    """Send every ResourceNotFoundException with HTTP status 404.

    The model of the renamed service says 404; it means another protocol.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        is_not_found = isinstance(outcome, Refusal) and outcome.code == "ResourceNotFoundException"
        return replace(answer, status=404) if is_not_found else answer

    return sent_as(parts, change)


@mutant("wire.error-names-in-camel-case", caught_by=("connection.get.unknown", "connection.delete.unknown"))
def error_names_in_camel_case(parts: Parts) -> Parts:
    """Write the names of errors with a small first letter.

    Members of complaints are written so, and one function writes both.
    """
    return refused_as(parts, lambda _, refusal: _renamed(refusal, refusal.code[0].lower() + refusal.code[1:]))


@mutant("wire.error-names-cut", caught_by=("connection.get.unknown", "connection.delete.unknown"))
def error_names_cut(parts: Parts) -> Parts:
    """Leave `Exception` off the names of errors.

    Errors of the query protocol have names like that.
    """
    return refused_as(parts, lambda _, refusal: _renamed(refusal, refusal.code.removesuffix("Exception")))


def _renamed(refusal: Refusal, code: str) -> Refusal:
    return Refusal(code, refusal.message, namespace=refusal.namespace, status=refusal.status)
