"""Faults of what stands before the operations: which target is taken, which content type, which body."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.editions import TARGETS
from assay.reference.refusals import FRAMEWORK, Refusal, not_serializable, unknown_operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.parts import Parts

    Find = Callable[[bytes], tuple[str, str] | None]

_LONG = b"com.amazonaws."


def _found_as(parts: Parts, find: Find, missing: tuple[str, str] | None = None) -> Parts:
    """Find operations in another way; `missing` is the one that a request without a target reaches."""
    return replace(parts, find_operation=lambda target: missing if target is None else find(target))


@mutant("target.long-only", caught_by=("wire.target",))
def long_only(parts: Parts) -> Parts:
    """Know the long spelling of X-Amz-Target only.

    It is what boto3 sends, and the author has boto3.
    """
    return _found_as(parts, lambda target: TARGETS.get(target) if target.startswith(_LONG) else None)


@mutant("target.short-only", caught_by=("wire.target",))
def short_only(parts: Parts) -> Parts:
    """Know the short spelling of X-Amz-Target only.

    It is what the newer SDKs send, and the one that the model's shape id gives.
    """
    return _found_as(parts, lambda target: None if target.startswith(_LONG) else TARGETS.get(target))


@mutant("target.short-lacks-delete", caught_by=("wire.target",))
def short_lacks_delete(parts: Parts) -> Parts:
    """Know the short spelling for all operations but DeleteConnection.

    The second table of routes was typed by hand.
    """

    def find(target: bytes) -> tuple[str, str] | None:
        known = TARGETS.get(target)
        is_lacking = known is not None and known[1] == "DeleteConnection" and not target.startswith(_LONG)
        return None if is_lacking else known

    return _found_as(parts, find)


def _by_name(name: bytes) -> tuple[str, str] | None:
    return next((found for target, found in TARGETS.items() if target.endswith(b"." + name)), None)


@mutant("target.name-alone", caught_by=("wire.unknown-operation",))
def name_alone(parts: Parts) -> Parts:
    """Look at what stands behind the last dot of X-Amz-Target, and at nothing before it.

    `target.split(".")[-1]` serves both spellings at once.
    """
    return _found_as(parts, lambda target: TARGETS.get(target) or _by_name(target.rpartition(b".")[2]))


@mutant("target.begins-with", caught_by=("wire.unknown-operation",))
def begins_with(parts: Parts) -> Parts:
    """Take a target that goes on behind the name of an operation.

    The route is a regular expression without an end.
    """

    def find(target: bytes) -> tuple[str, str] | None:
        return next((found for known, found in TARGETS.items() if target.startswith(known)), None)

    return _found_as(parts, find)


@mutant("target.missing-lists", caught_by=("wire.unknown-operation",))
def missing_lists(parts: Parts) -> Parts:
    """Answer a request without X-Amz-Target with a list.

    A health check had to be answered by something.
    """
    return _found_as(parts, TARGETS.get, missing=("codestar-connections", "ListConnections"))


@mutant("target.any-case", caught_by=("wire.unknown-operation",), clause="case")
def any_case(parts: Parts) -> Parts:
    """Know targets in any case.

    The router is one for URLs of an operating system without cases.
    """
    known = {target.lower(): found for target, found in TARGETS.items()}
    return _found_as(parts, lambda target: known.get(target.lower()))


@mutant("target.unknown-is-403", caught_by=("wire.unknown-operation",), clause="status")
def unknown_is_403(parts: Parts) -> Parts:
    """Refuse an unknown target with status 403.

    Whoever asks for what is not there must not be allowed to.
    """

    def find(target: bytes) -> tuple[str, str] | None:
        known = TARGETS.get(target)
        if known is None:
            raise Refusal("AccessDeniedException", namespace=FRAMEWORK, status=403)
        return known

    return _found_as(parts, find)


def _typed_as(parts: Parts, is_taken: Callable[[bytes], bool]) -> Parts:
    def check_type(content_type: bytes | None) -> None:
        if content_type is not None and not is_taken(content_type):
            raise unknown_operation()

    return replace(parts, check_type=check_type)


@mutant("type.charset-refused", caught_by=("wire.charset",))
def charset_refused(parts: Parts) -> Parts:
    """Refuse a content type with anything behind it.

    It is compared as a whole.
    """
    return _typed_as(parts, lambda content_type: b";" not in content_type)


@mutant("type.charset-in-capitals-refused", caught_by=("wire.charset",))
def charset_in_capitals_refused(parts: Parts) -> Parts:
    """Refuse a charset that is not written `utf-8`.

    The parameter is parsed and compared, letter by letter.
    """
    return _typed_as(parts, lambda content_type: b"charset=UTF-8" not in content_type)


@mutant("type.charset-wants-a-blank", caught_by=("wire.charset",))
def charset_wants_a_blank(parts: Parts) -> Parts:
    """Refuse a parameter without a blank before it.

    The type is what stands before `; `.
    """
    return _typed_as(parts, lambda content_type: b";" not in content_type or b"; " in content_type)


def _read_as(parts: Parts, read: Callable[[bytes], object]) -> Parts:
    """Read bodies in another way first; what that cannot read is left to the careful reader."""

    def read_body(body: bytes) -> Mapping[str, object]:
        try:
            value = read(body)
        except (ValueError, RecursionError, LookupError, TypeError):
            return parts.read_body(body)
        return value if isinstance(value, dict) else parts.read_body(body)

    return replace(parts, read_body=read_body)


@mutant("json.nan", caught_by=("wire.malformed-json",), clause="extensions")
def nan(parts: Parts) -> Parts:
    """Take NaN and Infinity for numbers.

    Python's parser does, unless it is told not to.
    """
    return _read_as(parts, lambda body: json.loads(body.decode()))


@mutant("json.text-behind", caught_by=("wire.malformed-json",), clause="extensions")
def text_behind(parts: Parts) -> Parts:
    """Read the first value of a body, and leave what stands behind it.

    A decoder of streams reads one value at a time.
    """
    return _read_as(parts, lambda body: json.JSONDecoder().raw_decode(body.decode())[0])


@mutant("json.any-encoding", caught_by=("wire.malformed-json",), clause="encoding")
def any_encoding(parts: Parts) -> Parts:
    """Find out the encoding of a body, and take UTF-16.

    Python's parser does so where it is given bytes.
    """
    return _read_as(parts, json.loads)


@mutant("json.trailing-comma", caught_by=("wire.malformed-json",))
def trailing_comma(parts: Parts) -> Parts:
    """Take a comma behind the last member.

    The parser is one for configuration files.
    """
    return _read_as(parts, lambda body: json.loads(re.sub(r",\s*}", "}", body.decode())))


@mutant("json.null-is-empty", caught_by=("wire.malformed-json",))
def null_is_empty(parts: Parts) -> Parts:
    """Take the body null for an empty object.

    Where null is read into a structure, nothing happens, and nobody hears of it.
    """
    return _read_as(parts, lambda body: json.loads(body.decode()) or {})


@mutant("json.list-of-one", caught_by=("wire.malformed-json",))
def list_of_one(parts: Parts) -> Parts:
    """Take a list of one object for that object.

    A deserialiser was told to unwrap single values.
    """
    return _read_as(parts, lambda body: json.loads(body.decode())[0])


@mutant("json.broken-is-empty", caught_by=("wire.malformed-json",))
def broken_is_empty(parts: Parts) -> Parts:
    """Take a body that is no JSON for an empty object.

    `request.get_json(silent=True) or {}`, with the members looked at one by one.
    """

    def read_body(body: bytes) -> Mapping[str, object]:
        try:
            return parts.read_body(body)
        except Refusal:
            return {}

    return replace(parts, read_body=read_body)


@mutant("json.validation-exception", caught_by=("wire.malformed-json",), clause="code")
def validation_exception(parts: Parts) -> Parts:
    """Refuse a body that is no JSON with a ValidationException.

    All that is wrong with a request is one kind of wrong.
    """

    def read_body(body: bytes) -> Mapping[str, object]:
        try:
            return parts.read_body(body)
        except Refusal as refusal:
            if refusal.code != not_serializable().code:
                raise
            raise Refusal("ValidationException", "not JSON") from refusal

    return replace(parts, read_body=read_body)


@mutant("json.broken-is-500", caught_by=("wire.no-server-error",))
def broken_is_500(parts: Parts) -> Parts:
    """Fail at a body that is no JSON.

    The body is parsed before the block that catches errors.
    """

    def read_body(body: bytes) -> Mapping[str, object]:
        try:
            return parts.read_body(body)
        except Refusal as refusal:
            raise Refusal("InternalFailure", namespace=FRAMEWORK, status=500) from refusal

    return replace(parts, read_body=read_body)


@mutant("json.deep-is-500", caught_by=("wire.no-server-error",))
def deep_is_500(parts: Parts) -> Parts:
    """Fail at a body that is nested deeply.

    The parser is recursive, and what it throws at the end of the stack is caught by nobody.
    """

    def read_body(body: bytes) -> Mapping[str, object]:
        if body.count(b"[") > 500:  # noqa: PLR2004 - some depth
            raise Refusal("InternalFailure", namespace=FRAMEWORK, status=500)
        return parts.read_body(body)

    return replace(parts, read_body=read_body)


def _failing_at(parts: Parts, is_met: Callable[[bytes], bool]) -> Parts:
    """Fail at some bodies; the others are left to the careful reader."""

    def read_body(body: bytes) -> Mapping[str, object]:
        if is_met(body):
            raise Refusal("InternalFailure", namespace=FRAMEWORK, status=500)
        return parts.read_body(body)

    return replace(parts, read_body=read_body)


@mutant("json.empty-is-500", caught_by=("wire.no-server-error",))
def empty_is_500(parts: Parts) -> Parts:
    """Fail where there is no body.

    A List without members was always sent as `{}`, until a client left the body out.
    """
    return _failing_at(parts, lambda body: not body.strip())


@mutant("json.half-a-pair-is-500", caught_by=("wire.no-server-error",))
def half_a_pair_is_500(parts: Parts) -> Parts:
    """Fail at a text with half of a surrogate pair.

    The parser takes it, and the log cannot encode it.
    """

    def is_met(body: bytes) -> bool:
        try:
            json.dumps(json.loads(body), ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return True
        except (ValueError, RecursionError):
            return False
        return False

    return _failing_at(parts, is_met)
