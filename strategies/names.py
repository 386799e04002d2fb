"""Names: the shapes of a ConnectionName, over all that JSON can carry.

The slot is drawn from a few, so that names meet again, and the text around the stem from texts that careless databases
confuse, so that they nearly meet. Lone surrogates are no text and belong to the laws of the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from assay.in_force import contract_in_force
from assay.naming import STEM_LENGTH
from assay.program import Name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FAMILIES", "connection_names", "improper_lengths", "name_texts"]

_ROOM: Final = 32 - STEM_LENGTH

#: Texts in pairs and families that differ in case, spaces or normal form, and texts that break careless code.
_CONFUSABLE: Final = (
    *("", "a", "A", "aB", "Ab", " ", "  ", "a ", " a", "a b", "a  b", "-", "_", "."),
    *("é", "e\u0301", "É", "ﬁ", "fi", "ß", "ss", "SS", "İ", "i", "ı", "K", "\u212a", "Å", "å", "a\u030a"),  # noqa: RUF001 - that they are confused is the point
    *("\u00a0", "\u3000", "\u2009", "日本", "नि", "Ω", "\u2126", "1", "１", "²"),  # noqa: RUF001 - that they are confused is the point
    *("💥", "👩‍🚀", "🇳🇴", "\U0001f600\U0001f600", "\U00020000", "\u200d"),
)
_AWKWARD: Final = (
    *(
        "'",
        '"',
        "\\",
        "/",
        "%",
        "%00",
        "+",
        "%41",
        "a+b",
        "${name}",
        "{}",
        "<b>",
        "&amp;",
        "a:b",
        "a/b",
        "*",
        "?",
        ";--",
    ),
    *("null", "0", "-1"),
)
_CONTROL: Final = (
    *("\t", "\n", "\r\n", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\u202e", "\ufeff", "\u200b"),
    "\ufffe",
)

#: The texts that are more than chance would draw, by what they are for.
FAMILIES: Final[Mapping[str, Sequence[str]]] = {"confusable": _CONFUSABLE, "awkward": _AWKWARD, "control": _CONTROL}


def name_texts(*, max_size: int = _ROOM) -> st.SearchStrategy[str]:
    """Text to put around a stem, of at most `max_size` code points, control characters among it."""
    if max_size < 0:
        raise ValueError(f"max_size must be at least 0, not {max_size}")
    anything = st.text(st.characters(codec="utf-8"), max_size=max_size)
    known: st.SearchStrategy[str] = st.one_of([st.sampled_from(texts) for texts in FAMILIES.values()])
    return known.filter(lambda text: len(text) <= max_size) | anything


def connection_names(*, slots: int = 3, plain: bool = False) -> st.SearchStrategy[Name]:
    """Shapes of valid names.

    `slots` is the number of stems they share: one of them makes every two names the same or twins. With `plain`,
    nothing stands around the stem.
    """
    if slots < 1:
        raise ValueError(f"slots must be at least 1, not {slots}")
    slot = st.integers(0, slots - 1)
    if plain:
        return st.builds(Name, slot)
    twins = st.builds(Name, slot, after=st.sampled_from(_CONFUSABLE))
    texts = st.builds(Name, slot, before=name_texts(max_size=4), after=name_texts(max_size=_ROOM - 4))
    sized = st.builds(Name, slot, after=st.sampled_from(("", "a", "b", "é", "💥")), length=_proper_lengths())
    return st.one_of(st.builds(Name, slot), twins, texts, sized)


def improper_lengths() -> st.SearchStrategy[Name]:
    """Shapes of names that are too short or too long, the nearest ones first."""
    return st.deferred(_improper_lengths)


def _improper_lengths() -> st.SearchStrategy[Name]:
    bounds = contract_in_force().name_length
    lengths = [length for length in ((bounds.minimum or 0) - 1, *_beyond(bounds.maximum)) if length >= 0]
    return st.builds(Name, st.integers(0, 2), length=st.sampled_from(lengths))


def _beyond(maximum: int | None) -> tuple[int, ...]:
    return () if maximum is None else (maximum + 1, maximum + 2, 2 * maximum, 255, 256, 1_000)


def _proper_lengths() -> st.SearchStrategy[int]:
    return st.deferred(_in_force_lengths)


def _in_force_lengths() -> st.SearchStrategy[int]:
    bounds = contract_in_force().name_length
    shortest, longest = bounds.minimum or 0, bounds.maximum or 1_000
    return st.sampled_from((longest, shortest, longest - 1, shortest + 1)) | st.integers(shortest, longest)
