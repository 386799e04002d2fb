"""Where two sentences differ, word by word, so that an eye need not look for it.

What was expected and what came are sentences, often of the same words but for one. Where they share too little, a
comparison would only be noise, and nothing is marked.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

__all__ = ["Part", "difference"]

Part = tuple[bool, str]
"""Is it marked as different, and the text."""

_WORDS: Final = re.compile(r"\w+|\s+|.", re.DOTALL)
_ALIKE_ENOUGH: Final = 0.4
_LONGEST: Final = 400


def difference(expected: str, actual: str) -> tuple[list[Part], list[Part]]:
    """The two texts in parts; joined, the parts of each are the text again."""
    words, others = _WORDS.findall(expected), _WORDS.findall(actual)
    if len(words) > _LONGEST or len(others) > _LONGEST:
        return _whole(expected), _whole(actual)
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if matcher.ratio() < _ALIKE_ENOUGH:
        return _whole(expected), _whole(actual)
    left: list[Part] = []
    right: list[Part] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        _add(left, kind != "equal", "".join(words[start:end]))
        _add(right, kind != "equal", "".join(others[other_start:other_end]))
    return left, right


def _add(parts: list[Part], is_different: bool, text: str) -> None:  # noqa: FBT001 - a part is made of the two
    if text:
        parts.append((is_different and not text.isspace(), text))


def _whole(text: str) -> list[Part]:
    return [(False, text)] if text else []
