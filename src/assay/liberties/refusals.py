"""Choices about refusals: what is refused that others accept, by which code, and how an error is written.

The first half refuses what no law counts on, or gives a code where the contract names none. The second rewrites errors
as they go out: clients read the type from `__type` or a header, with or without a namespace, and the message from two
members or none.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.liberties.answers import Answer, Question, answering
from assay.liberties.catalogue import liberty
from assay.reference.editions import SERVICES
from assay.reference.refusals import FRAMEWORK, VALIDATION, Refusal, not_found, not_serializable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts
    from assay.reference.wire import Application

_LONGEST_NAME, _MOST_TAGS = 32, 50
_NEEDS_A_HOST = ("GitHubEnterpriseServer", "GitLabSelfManaged")
_NO_CODE = "that it is refused is all that the contract says; no code is modelled for it"
_MESSAGE = "SDKs read `message` and `Message`, and AWS itself leaves both out at times"
_TYPE = "SDKs read the type in `__type` or in x-amzn-errortype, and strip a namespace and what follows a colon"
_TYPES = ("refusal.*-type", "refusal.header-beside-code")
#: The status of each modelled error of codeconnections since it speaks CBOR as well.
_MODELLED = {"ResourceNotFoundException": 404, "LimitExceededException": 429, "ResourceUnavailableException": 400}


# -- what is refused


def _checked(parts: Parts, operation: str, check: Callable[[Call], None]) -> Mapping[str, Handler]:
    careful = parts.handlers[operation]

    def checking(parts_now: Parts, call: Call) -> Mapping[str, object]:
        check(call)
        return careful(parts_now, call)

    return parts.handlers_with(**{operation: checking})


@liberty("host.wanted", because="whether a provider that needs a host may be named without one is not documented")
def host_wanted(parts: Parts) -> Parts:
    """Refuse a connection to a provider that somebody hosts, where no HostArn is given."""

    def check(call: Call) -> None:
        if call.members.optional_text("ProviderType") in _NEEDS_A_HOST:
            message = "A HostArn is required for this provider type"
            raise Refusal("ValidationException", message, namespace=VALIDATION)

    return replace(parts, handlers=_checked(parts, "CreateConnection", check))


@liberty("name.utf16-units", because="in which unit a name's 32 characters are counted is not documented")
def utf16_units(parts: Parts) -> Parts:
    """Count the length of a name in UTF-16 units, as Java does: 17 emoji are too many."""

    def check(call: Call) -> None:
        if len(call.members.text("ConnectionName").encode("utf-16-le")) > 2 * _LONGEST_NAME:
            message = "1 validation error detected: Member must have length less than or equal to 32"
            raise Refusal("ValidationException", message, namespace=VALIDATION)

    return replace(parts, handlers=_checked(parts, "CreateConnection", check))


@liberty("tags.fifty", because="the model allows 200 tags, and most services of AWS hold 50")
def fifty_tags(parts: Parts) -> Parts:
    """Refuse a connection with more than fifty tags, as over its quota."""

    def check(call: Call) -> None:
        if len(call.members.tags("Tags")) > _MOST_TAGS:
            raise Refusal("LimitExceededException", "Exceeded the maximum limit for tags.")

    return replace(parts, handlers=_checked(parts, "CreateConnection", check))


@liberty("host.unknown-in-a-filter", because="whether that finds nothing or is an error was never seen")
def unknown_in_a_filter(parts: Parts) -> Parts:
    """Answer ResourceNotFoundException where a list is asked for by a host that nobody has."""

    def check(call: Call) -> None:
        if (host := call.members.optional_text("HostArnFilter")) is not None:
            raise not_found(host, what="Host")

    return replace(parts, handlers=_checked(parts, "ListConnections", check))


@liberty("refusal.denied-elsewhere", because="which error an ARN of another account, service or type gets is unknown")
def denied_elsewhere(parts: Parts) -> Parts:
    """Answer AccessDeniedException to an ARN of another account, another service, or of no connection."""

    def check(call: Call) -> None:
        fields = call.members.text("ConnectionArn").split(":", 5)
        is_ours = fields[2] in SERVICES and fields[4] == call.caller.account and fields[5].startswith("connection/")
        if not is_ours:
            message = "User is not authorized to perform this action on this resource"
            raise Refusal("AccessDeniedException", message, namespace=FRAMEWORK)

    parts = replace(parts, handlers=_checked(parts, "GetConnection", check))
    return replace(parts, handlers=_checked(parts, "DeleteConnection", check))


def _refused_for_its_looks(objects: Callable[[Question], Refusal | None]) -> Callable[[Application], Application]:
    """What refuses a question that changes nothing: the answer is thrown away."""

    def change(question: Question, answer: Answer) -> Answer:
        refusal = objects(question)
        return answer if refusal is None else answer.with_status(refusal.status).with_members(refusal.body())

    return answering(change)


@liberty("size.float-refused", because="a whole number is not 5.0 to every parser", to="application")
def float_refused(app: Application) -> Application:
    """Refuse a page size that is written with a decimal point."""

    def objects(question: Question) -> Refusal | None:
        is_float = isinstance(question.members.get("MaxResults"), float)
        if question.operation != "ListConnections" or not is_float:
            return None
        return not_serializable("NUMBER_VALUE can not be converted to an Integer")

    return _refused_for_its_looks(objects)(app)


@liberty("size.long-not-serializable", because="an integer of the model has 32 bits", to="application")
def long_not_serializable(app: Application) -> Application:
    """Refuse a page size of more than 32 bits as no integer, and not as one out of range."""

    def objects(question: Question) -> Refusal | None:
        wanted = question.members.get("MaxResults")
        is_long = type(wanted) is int and not -(2**31) <= wanted < 2**31
        return not_serializable() if question.operation == "ListConnections" and is_long else None

    return _refused_for_its_looks(objects)(app)


@liberty("body.empty-refused", because="AWS refuses what Smithy tells servers to accept", to="application")
def empty_refused(app: Application) -> Application:
    """Refuse a request without a body."""
    return _refused_for_its_looks(lambda question: None if question.body else not_serializable())(app)


# -- by which code


def _renamed(answer: Answer, error: str, *, status: int | None = None, namespace: str | None = None) -> Answer:
    was = answer.members
    name = f"{str(was['__type']).rpartition('#')[0] if namespace is None else namespace}#{error}"
    return answer.with_members({**was, "__type": name}).with_status(status or answer.status)


@liberty("refusal.duplicate-conflict", because=_NO_CODE, to="answer")
def duplicate_conflict(_: Question, answer: Answer) -> Answer:
    """Refuse a second connection of one name with status 409 and a code of the author's own."""
    if answer.code != "ResourceAlreadyExistsException":
        return answer
    return _renamed(answer, "ConnectionNameInUseException", status=409)


@liberty("refusal.filter-code", because=_NO_CODE, to="answer")
def filter_code(question: Question, answer: Answer) -> Answer:
    """Refuse bad input of a List as InvalidInputException, the word of the newer operations."""
    if question.operation != "ListConnections" or answer.code != "ValidationException":
        return answer
    return _renamed(answer, "InvalidInputException", namespace="com.amazonaws.codestar.connections")


@liberty("refusal.unknown-operation-404", because="AWS's lists of common errors say 404, its servers 400", to="answer")
def unknown_operation_404(_: Question, answer: Answer) -> Answer:
    """Refuse an unknown or missing target with status 404."""
    return answer.with_status(404) if answer.code == "UnknownOperationException" else answer


@liberty(
    "refusal.modelled-status",
    because="codeconnections models an HTTP status for each error since 2026-11",
    to="answer",
    options=("--service", "codeconnections"),
)
def modelled_status(_: Question, answer: Answer) -> Answer:
    """Answer with the status of the service model: 404 for what is not found, 429 for a quota."""
    return answer.with_status(_MODELLED.get(answer.code, answer.status))


# -- and how it is written


def _with_message(answer: Answer, name: str | None) -> Answer:
    if "__type" not in (members := answer.members):
        return answer
    said = members.pop("message", None) or members.pop("Message", None)
    return answer.with_members(members if name is None or said is None else {**members, name: said})


@liberty("refusal.small-message", because=_MESSAGE, to="answer", excludes=("refusal.*-message",))
def small_message(_: Question, answer: Answer) -> Answer:
    """Spell the message `message` in every error."""
    return _with_message(answer, "message")


@liberty("refusal.large-message", because=_MESSAGE, to="answer", excludes=("refusal.*-message",))
def large_message(_: Question, answer: Answer) -> Answer:
    """Spell the message `Message` in every error."""
    return _with_message(answer, "Message")


@liberty("refusal.no-message", because=_MESSAGE, to="answer", excludes=("refusal.*-message",))
def no_message(_: Question, answer: Answer) -> Answer:
    """Say nothing but the type of an error."""
    return _with_message(answer, None)


def _with_type(answer: Answer, write: Callable[[dict[str, Any], str, str], Answer]) -> Answer:
    members = answer.members
    if "__type" not in members:
        return answer
    namespace, _, error = str(members.pop("__type")).rpartition("#")
    return write(members, namespace, error)


@liberty("refusal.bare-type", because=_TYPE, to="answer", excludes=_TYPES)
def bare_type(_: Question, answer: Answer) -> Answer:
    """Name the type of an error without a namespace."""
    return _with_type(answer, lambda members, _, error: answer.with_members({**members, "__type": error}))


@liberty("refusal.adorned-type", because=_TYPE, to="answer", excludes=_TYPES)
def adorned_type(_: Question, answer: Answer) -> Answer:
    """Name the type of an error with another namespace before it, and the address of a page behind it."""

    def write(members: dict[str, Any], _: str, error: str) -> Answer:
        adorned = f"org.example.emulator#{error}:http://internal.amazon.com/coral/com.amazon.coral.service/"
        return answer.with_members({**members, "__type": adorned})

    return _with_type(answer, write)


@liberty("refusal.header-type", because=_TYPE, to="answer", excludes=_TYPES)
def header_type(_: Question, answer: Answer) -> Answer:
    """Name the type of an error in the header x-amzn-errortype, and not in the body."""

    def write(members: dict[str, Any], _: str, error: str) -> Answer:
        return replace(answer, body=json.dumps(members).encode()).with_headers((b"x-amzn-errortype", error.encode()))

    return _with_type(answer, write)


@liberty("refusal.header-beside-code", because=_TYPE, to="answer", excludes=_TYPES)
def header_beside_code(_: Question, answer: Answer) -> Answer:
    """Name the type of an error in the header x-amzn-errortype; the body has a `code` of its own, which is a number."""

    def write(members: dict[str, Any], _: str, error: str) -> Answer:
        said = error.encode() + b":http://internal.amazon.com/coral/com.amazon.coral.service/"
        return answer.with_members({**members, "code": answer.status}).with_headers((b"x-amzn-errortype", said))

    return _with_type(answer, write)
