"""Faults of reading requests: a target, a content type or a body that is taken for what it is not, or is not taken.

What stands before the operations in the reference (target, type, JSON) is no part that could be replaced, so these
wrap what the parts are handed, or what the server is handed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.constraints import Integer, Text
from assay.reference.refusals import FRAMEWORK, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.constraints import Member, Members
    from assay.reference.parts import Parts

    Given = Mapping[str, object]


def _given_as(parts: Parts, change: Callable[[str, tuple[Member, ...], dict[str, object]], Given]) -> Parts:
    """Take other members for given, at every operation; the change is told the table of its members."""

    def check(operation: str, table: tuple[Member, ...], given: Given) -> Members:
        return parts.check(operation, table, change(operation, table, dict(given)))

    return replace(parts, check=check)


def _of_type(table: tuple[Member, ...], rule: type) -> set[str]:
    return {member.name for member in table if isinstance(member.rule, rule)}


@mutant("request.numbers-as-strings", caught_by=("wire.wrong-type",))
def numbers_as_strings(parts: Parts) -> Parts:
    """Take a number for the text of its digits.

    The language joins a number to a text without a word.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        texts = _of_type(table, Text)
        return {
            key: str(value) if key in texts and type(value) in {int, float} else value for key, value in given.items()
        }

    return _given_as(parts, change)


@mutant("request.booleans-as-strings", caught_by=("wire.wrong-type",))
def booleans_as_strings(parts: Parts) -> Parts:
    """Take true for a text, as a name.

    The name is formatted, whatever it is.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        texts = _of_type(table, Text)
        return {
            key: str(value).lower() if key in texts and isinstance(value, bool) else value
            for key, value in given.items()
        }

    return _given_as(parts, change)


@mutant("request.digits-as-integers", caught_by=("wire.wrong-type",))
def digits_as_integers(parts: Parts) -> Parts:
    """Take digits in quotes for an integer.

    `int()` takes a text as well as a number.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        numbers = _of_type(table, Integer)
        return {
            key: int(value) if key in numbers and isinstance(value, str) and value.isdigit() else value
            for key, value in given.items()
        }

    return _given_as(parts, change)


@mutant("request.true-is-one", caught_by=("wire.wrong-type",))
def true_is_one(parts: Parts) -> Parts:
    """Take true for the integer 1.

    In Python it is one.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        numbers = _of_type(table, Integer)
        return {
            key: int(value) if key in numbers and isinstance(value, bool) else value for key, value in given.items()
        }

    return _given_as(parts, change)


@mutant("request.list-of-one", caught_by=("wire.wrong-type",))
def list_of_one(parts: Parts) -> Parts:
    """Take a list of one text for that text.

    A library for forms, where every value is a list, reads the body.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        texts = _of_type(table, Text)
        return {
            key: value[0] if key in texts and isinstance(value, list) and len(value) == 1 else value
            for key, value in given.items()
        }

    return _given_as(parts, change)


@mutant("request.wrong-types-dropped", caught_by=("wire.wrong-type",))
def wrong_types_dropped(parts: Parts) -> Parts:
    """Leave out an optional member of a wrong type.

    What cannot be read is treated like what is not there.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        kept = dict(given)
        for member in table:
            if member.name in kept and not member.required and kept[member.name] is not None:
                try:
                    member.rule.read(kept[member.name])
                except Refusal:
                    del kept[member.name]
        return kept

    return _given_as(parts, change)


def _strict(parts: Parts, code: str, is_wrong: Callable[[set[str], str, object], bool]) -> Parts:
    """Refuse a request for a member that is none, or that is null."""

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        known = {member.name for member in table}
        for key, value in given.items():
            if is_wrong(known, key, value):
                raise Refusal(code, f"{key}: not allowed", namespace=FRAMEWORK)
        return given

    return _given_as(parts, change)


@mutant("request.unknown-refused", caught_by=("wire.unknown-members",))
def unknown_refused(parts: Parts) -> Parts:
    """Refuse a request that has a member which the operation does not know.

    `additionalProperties: false`, as the generator of schemas writes it unasked.
    """
    return _strict(parts, "ValidationException", lambda known, key, _: key not in known)


@mutant("request.unknown-objects-refused", caught_by=("wire.unknown-members",))
def unknown_objects_refused(parts: Parts) -> Parts:
    """Refuse a request that has an unknown member whose value is an object.

    Unknown members are copied into columns, and there is none for an object.
    """
    return _strict(
        parts, "SerializationException", lambda known, key, value: key not in known and isinstance(value, dict)
    )


@mutant("request.constructor-refused", caught_by=("wire.unknown-members",))
def constructor_refused(parts: Parts) -> Parts:
    """Refuse a request that has a member called `constructor` or `__proto__`.

    A filter against pollution of prototypes answers with an error of its own.
    """
    return _strict(parts, "ValidationException", lambda _, key, __: key in {"constructor", "__proto__"})


@mutant("request.any-case", caught_by=("wire.unknown-members",), clause="case")
def any_case(parts: Parts) -> Parts:
    """Take a member in any case for the one that it nearly is.

    Go reads JSON into a structure without regard to case.
    """

    def change(_: str, table: tuple[Member, ...], given: dict[str, object]) -> Given:
        names = {member.name.lower(): member.name for member in table}
        return {names.get(key.lower(), key): value for key, value in given.items()}

    return _given_as(parts, change)


@mutant("request.null-refused", caught_by=("wire.null-members",))
def null_refused(parts: Parts) -> Parts:
    """Refuse a request in which a member is null.

    The schema says `type: string`, and null is none.
    """
    return _strict(parts, "SerializationException", lambda _, __, value: value is None)


@mutant("request.null-page-size-refused", caught_by=("wire.null-members",))
def null_page_size_refused(parts: Parts) -> Parts:
    """Refuse a List whose MaxResults is null.

    It is compared with a number before anybody asks whether it is there.
    """
    return _strict(parts, "ValidationException", lambda _, key, value: key == "MaxResults" and value is None)


@mutant("request.null-is-a-name", caught_by=("wire.null-members",))
def null_is_a_name(parts: Parts) -> Parts:
    """Create a connection called `null` where the name is null.

    What is not there was formatted as text.
    """

    def change(operation: str, _: tuple[Member, ...], given: dict[str, object]) -> Given:
        if operation == "CreateConnection" and "ConnectionName" in given and given["ConnectionName"] is None:
            return {**given, "ConnectionName": "null"}
        return given

    return _given_as(parts, change)


@mutant("request.wrong-type-is-500", caught_by=("wire.no-server-error",))
def wrong_type_is_500(parts: Parts) -> Parts:
    """Fail at a member of a wrong type.

    `len()` of a number, and nothing has looked at it before.
    """

    def check(operation: str, table: tuple[Member, ...], given: Given) -> Members:
        try:
            return parts.check(operation, table, given)
        except Refusal as refusal:
            if refusal.code != "SerializationException":
                raise
            raise Refusal("InternalFailure", namespace=FRAMEWORK, status=500) from refusal

    return replace(parts, check=check)


def _page_size_as(parts: Parts, change: Callable[[int], int]) -> Parts:
    """Take another page size for given."""

    def changed(_: str, __: tuple[Member, ...], given: dict[str, object]) -> Given:
        wanted = given.get("MaxResults")
        return {**given, "MaxResults": change(wanted)} if type(wanted) is int else given

    return _given_as(parts, changed)


@mutant("request.page-size-wraps", caught_by=("connection.list.max-results",))
def page_size_wraps(parts: Parts) -> Parts:
    """Take the last 32 bits of a page size for all of it.

    The number is read into an integer of that size, and nobody asks what was left over.
    """
    return _page_size_as(parts, lambda wanted: (wanted + 2**31) % 2**32 - 2**31)


@mutant("request.long-page-size-is-500", caught_by=("wire.no-server-error",))
def long_page_size_is_500(parts: Parts) -> Parts:
    """Fail at a page size of more than 32 bits.

    The parser throws an overflow, which is no error of parsing, and so nobody catches it.
    """

    def fit(wanted: int) -> int:
        if not -(2**31) <= wanted < 2**31:
            raise Refusal("InternalFailure", namespace=FRAMEWORK, status=500)
        return wanted

    return _page_size_as(parts, fit)
