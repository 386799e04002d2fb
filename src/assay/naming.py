"""Fresh names and fresh ARNs, so that no execution of a program meets what an earlier one left behind.

A run has a prefix of its own, drawn from the machine's randomness and never from the seed: two runs of one seed at once
must not collide. A stem is the prefix and a counter. What a strategy draws is only the text around a stem, so a law
about a name's exact characters still sees those characters, and whoever finds `ask3f9qa` in an account can tell which
run made it.

Names too short for a stem are made of ideographs. They have no case and no normal form, and of the Basic Multilingual
Plane one code point is one UTF-16 unit; a name of one character can still belong to a stranger, and the laws know that.
"""

from __future__ import annotations

import itertools
import secrets
import uuid
from typing import TYPE_CHECKING, Final

from assay.share import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.program import Name
    from assay.share import Place

__all__ = ["PREFIX_LENGTH", "STEM_LENGTH", "Naming", "fresh_id"]

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_IDEOGRAPHS: Final = (0x4E00, 20_902)
_MARK: Final = "as"
_RUN_ID_LENGTH: Final = 6
PREFIX_LENGTH: Final = len(_MARK) + _RUN_ID_LENGTH
_COUNTER_LENGTH: Final = 4
STEM_LENGTH: Final = PREFIX_LENGTH + _COUNTER_LENGTH


class Naming:
    """The names of one run, or of one worker of a run: a prefix that nobody else has, and a counter."""

    def __init__(self, run_id: str | None = None, place: Place = ALONE) -> None:
        self.run_id = run_id or "".join(secrets.choice(_ALPHABET) for _ in range(_RUN_ID_LENGTH))
        self.prefix = _MARK + self.run_id
        self._numbers: Iterator[int] = itertools.count()
        self._offset = secrets.randbelow(_IDEOGRAPHS[1]) if place.offset is None else place.offset
        self._place = place

    def stem(self) -> tuple[str, int]:
        """A stem that was not given before, and its number: the prefix and the number in four digits of base 36."""
        number = next(self._numbers)
        return self.prefix + _base36(number).rjust(_COUNTER_LENGTH, "0"), number

    def realize(self, shape: Name, stem: tuple[str, int]) -> str:
        """The name that a shape stands for under a stem; equal shapes under one stem are equal names."""
        text, number = stem
        if shape.length is None:
            return shape.before + text + shape.after
        if shape.length < len(text):
            return self._ideographs(number, shape.length)
        room = shape.length - len(text)
        after = shape.after[max(0, len(shape.after) - room) :] if room else ""
        before = shape.before[: room - len(after)]
        return before + text + "x" * (room - len(after) - len(before)) + after

    def _ideographs(self, number: int, length: int) -> str:
        first, count = _IDEOGRAPHS
        characters = []
        value = (self._offset + number * self._place.of + self._place.index) % count
        for _ in range(length):
            characters.append(chr(first + value))
            value = (value * 48_271 + 11 + number) % count
        return "".join(characters)


def fresh_id() -> str:
    """An id in the form that AWS gives to connections; not a version-4 UUID, so that all its 128 bits are random."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16)))


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
        if not number:
            return digits
