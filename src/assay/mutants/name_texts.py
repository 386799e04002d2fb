"""Faults of a name's characters: what comes back is not what was given, or what may be given is not taken."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import given_as, handled_as, in_get, in_list, in_views, ruled_as
from assay.reference.constraints import Text
from assay.reference.refusals import VALIDATION, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.mutants.wrapping import Change
    from assay.reference.constraints import Member
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_CREATE = "CreateConnection"


def _renamed(change: Callable[[str], str]) -> Change:
    def renamed(members: dict[str, object]) -> dict[str, object]:
        name = members.get("ConnectionName")
        return {**members, "ConnectionName": change(name)} if isinstance(name, str) else members

    return renamed


@mutant("name.trimmed", caught_by=("connection.name.preserved",))
def trimmed(parts: Parts) -> Parts:
    """Show names without the spaces at their ends.

    The column that is shown is trimmed on its way in, the key that tells names apart is not.
    """
    return in_views(parts, _renamed(str.strip))


@mutant("name.trimmed-on-entry", caught_by=("connection.name.preserved", "connection.name.exact"))
def trimmed_on_entry(parts: Parts) -> Parts:
    """Strip a name before anything else is done with it.

    So does every web form, and the author's library for request bodies by its default.
    """
    return given_as(parts, _CREATE, _renamed(str.strip))


@mutant("name.trimmed-in-get", caught_by=("connection.name.preserved",))
def trimmed_in_get(parts: Parts) -> Parts:
    """Show names without the spaces at their ends in Get, and as they are in List.

    Get goes through a serialiser that strips texts, List through one that was written for speed.
    """
    return in_get(parts, _renamed(str.strip))


@mutant("name.in-normal-form", caught_by=("connection.name.preserved",))
def in_normal_form(parts: Parts) -> Parts:
    """Show names in the Unicode normal form C.

    The file system, or the database, of the emulator's author normalises whatever it stores.
    """
    return in_views(parts, _renamed(lambda name: unicodedata.normalize("NFC", name)))


@mutant("name.cut-to-thirty-one", caught_by=("connection.name.preserved",))
def cut_to_thirty_one(parts: Parts) -> Parts:
    """Lose the last character of a name of 32.

    A buffer of 32 bytes ends with a zero; a column of 31 characters cuts without a word where SQL's strict mode is off.
    """
    return in_views(parts, _renamed(lambda name: name[:31]))


@mutant("name.cut-at-nul", caught_by=("connection.name.preserved",))
def cut_at_nul(parts: Parts) -> Parts:
    """Show a name as far as its first zero character.

    To a library written in C the text ends there.
    """
    return in_views(parts, _renamed(lambda name: name.partition("\0")[0]))


@mutant("name.astral-lost", caught_by=("connection.name.preserved",))
def astral_lost(parts: Parts) -> Parts:
    """Show a question mark for every character beyond the Basic Multilingual Plane.

    MySQL's `utf8` has three bytes for a character, and an emoji needs four.
    """
    return in_views(parts, _renamed(lambda name: re.sub("[\U00010000-\U0010ffff]", "?", name)))


@mutant("name.escaped-in-list", caught_by=("connection.name.preserved",))
def escaped_in_list(parts: Parts) -> Parts:
    """Show `&`, `<` and quotes as HTML writes them, in List.

    List also feeds the emulator's own web page, and the escaping stands in the wrong place.
    """
    return in_list(parts, _renamed(html.escape))


def _within(parts: Parts, minimum: int, maximum: int) -> Parts:
    def change(member: Member) -> Member:
        assert isinstance(member.rule, Text)
        return replace(member, rule=replace(member.rule, minimum=minimum, maximum=maximum))

    return ruled_as(parts, (_CREATE,), "ConnectionName", change)


@mutant("name.at-most-thirty-one", caught_by=("connection.name.length",))
def at_most_thirty_one(parts: Parts) -> Parts:
    """Refuse a name of 32 characters.

    `< 32`, where the model says at most 32.
    """
    return _within(parts, 1, 31)


@mutant("name.at-most-thirty-three", caught_by=("connection.name.length",))
def at_most_thirty_three(parts: Parts) -> Parts:
    """Accept a name of 33 characters.

    `> 33` is refused; or a zero at the end is counted with the name.
    """
    return _within(parts, 1, 33)


@mutant("name.at-most-sixty-four", caught_by=("connection.name.length",))
def at_most_sixty_four(parts: Parts) -> Parts:
    """Accept names of up to 64 characters.

    That is the bound of a host's name, and one function checks both.
    """
    return _within(parts, 1, 64)


@mutant("name.empty-accepted", caught_by=("connection.name.length",))
def empty_accepted(parts: Parts) -> Parts:
    """Accept an empty name.

    The check asks whether the member is there, not what is in it.
    """
    return _within(parts, 0, 32)


@mutant("name.single-character-refused", caught_by=("connection.name.length",))
def single_character_refused(parts: Parts) -> Parts:
    """Refuse a name of one character.

    A pattern that asks for a first and for a last character finds no room for both.
    """
    return _within(parts, 2, 32)


def _refusing(parts: Parts, is_refused: Callable[[str], bool]) -> Parts:
    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            if is_refused(call.members.text("ConnectionName")):
                raise Refusal("ValidationException", "Invalid ConnectionName", namespace=VALIDATION)
            return careful(parts_now, call)

        return create

    return handled_as(parts, _CREATE, change)


@mutant("name.counted-in-bytes", caught_by=("connection.name.length",))
def counted_in_bytes(parts: Parts) -> Parts:
    """Refuse a name whose UTF-8 form has more than 32 bytes.

    `len` of the emulator's language counts bytes.
    """
    return _refusing(parts, lambda name: len(name.encode()) > 32)  # noqa: PLR2004 - the model's bound


@mutant("name.only-of-identifiers", caught_by=("connection.name.length",))
def only_of_identifiers(parts: Parts) -> Parts:
    """Refuse a name that holds anything but ASCII letters, digits, dots, hyphens and underscores.

    Most AWS names are of these, and an emulator has one pattern for all.
    """
    return _refusing(parts, lambda name: re.fullmatch(r"[A-Za-z0-9._-]+", name) is None)


@mutant("name.no-leading-digit", caught_by=("connection.name.length", "connection.create.accepts"))
def no_leading_digit(parts: Parts) -> Parts:
    """Refuse a name that begins with a digit.

    The name becomes an identifier in the emulator's own templates, and those begin with a letter.
    """
    return _refusing(parts, lambda name: name[0].isdigit())


@mutant("name.no-control-characters", caught_by=("connection.name.length",), clause="control-characters")
def no_control_characters(parts: Parts) -> Parts:
    """Refuse a name that holds a control character.

    Every guide to input validation says so; the model permits any character.
    """
    return _refusing(parts, lambda name: any(unicodedata.category(character) == "Cc" for character in name))
