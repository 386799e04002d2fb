"""The nearest known word: one is misspelt in files and on the command line, and both deserve the same guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["closest"]


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, where one does."""
    from difflib import get_close_matches  # noqa: PLC0415  # costs a millisecond that only an error needs

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)
