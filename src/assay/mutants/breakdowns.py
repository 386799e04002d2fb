"""Breakdowns: what a client may send makes the server fail, and says so with a 5xx."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import refused_as
from assay.reference.refusals import FRAMEWORK, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.answers import Outcome
    from assay.reference.constraints import Member, Members
    from assay.reference.parts import Parts


def _broken() -> Refusal:
    return Refusal("InternalFailure", namespace=FRAMEWORK, status=500)


def _at_names(parts: Parts, breaks: Callable[[str], bool]) -> Parts:
    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        members = parts.check(operation, table, given)
        if operation == "CreateConnection" and breaks(members.text("ConnectionName")):
            raise _broken()
        return members

    return replace(parts, check=check)


@mutant("breakdown.emoji", caught_by=("wire.no-server-error",))
def emoji(parts: Parts) -> Parts:
    """Fail at a Create whose name holds a character beyond the Basic Multilingual Plane.

    `Incorrect string value`, says MySQL of four bytes in three-byte UTF-8, and nobody catches it.
    """
    return _at_names(parts, lambda name: any(character > "\uffff" for character in name))


@mutant("breakdown.apostrophe", caught_by=("wire.no-server-error",))
def apostrophe(parts: Parts) -> Parts:
    """Fail at a Create whose name holds an apostrophe.

    The name is pasted into a statement of SQL.
    """
    return _at_names(parts, lambda name: "'" in name)


@mutant("breakdown.nul", caught_by=("wire.no-server-error",))
def nul(parts: Parts) -> Parts:
    """Fail at a Create whose name holds a zero character.

    PostgreSQL stores no text with one in it.
    """
    return _at_names(parts, lambda name: "\0" in name)


@mutant("breakdown.right-to-left", caught_by=("wire.no-server-error",))
def right_to_left(parts: Parts) -> Parts:
    """Fail at a Create whose name holds a format character, like those that turn the direction of writing.

    The line of a log is checked for such characters, and the check throws.
    """
    return _at_names(parts, lambda name: any(unicodedata.category(character) == "Cf" for character in name))


def _at_refusals(parts: Parts, operation: str, words: str) -> Parts:
    def refused(asked: str, refusal: Refusal) -> Outcome:
        return _broken() if asked == operation and words in (refusal.message or "") else refusal

    return refused_as(parts, refused)


@mutant("breakdown.long-name", caught_by=("wire.no-server-error",))
def long_name(parts: Parts) -> Parts:
    """Fail at a Create whose name is too long.

    Nothing checks the length but the database's column.
    """
    return _at_refusals(parts, "CreateConnection", "length less than")


@mutant("breakdown.no-arn", caught_by=("wire.no-server-error",))
def no_arn(parts: Parts) -> Parts:
    """Fail at a Get without an ARN.

    `body["ConnectionArn"]`, and the key is not there.
    """
    return _at_refusals(parts, "GetConnection", "Value null")


@mutant("breakdown.malformed-arn", caught_by=("wire.no-server-error",))
def malformed_arn(parts: Parts) -> Parts:
    """Fail at a Get of a text that is no ARN.

    It is split at its colons, and the sixth part is looked at.
    """
    return _at_refusals(parts, "GetConnection", "regular expression")
