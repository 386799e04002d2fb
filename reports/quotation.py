"""How words of an endpoint are shown to a person: on one line, with nothing that a terminal or an eye would obey.

Control characters, ANSI sequences and bidirectional controls are written out as escapes. So are combining marks,
letters that run from right to left and characters that are the twin of another: a report about two names that differ
in their normal form is worthless if both look the same. Every other letter of every script stays as it is.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any, Final

__all__ = ["legible", "quoted"]

_BASIC_PLANE: Final = 0xFFFF
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


def legible(text: str, limit: int | None = None) -> str:
    """A text as one printable line, cut to `limit` characters where it is longer."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(character if _is_plain(character) else _escaped(character) for character in text)
    if limit is not None and len(text) > limit:
        return f"{text[: limit - 1]}…"
    return text


def quoted(value: Any, limit: int = 80) -> str:
    """A JSON value as a person writes it, strings in quotes; cut where it is long, and then it says how long it is."""
    if not isinstance(value, str):
        return legible(json.dumps(value, ensure_ascii=False, default=repr), limit)
    text = legible(value.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{text}"' if len(text) <= limit else f'"{text[: limit - 1]}…" ({len(value):,} characters)'


def _is_plain(character: str) -> bool:
    return (character.isascii() and character.isprintable()) or (
        character.isprintable()
        and not unicodedata.category(character).startswith("M")
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
        and unicodedata.normalize("NFC", character) == character
    )


def _escaped(character: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short is not None:
        return short
    point = ord(character)
    return f"\\u{point:04x}" if point <= _BASIC_PLANE else f"\\U{point:08x}"
