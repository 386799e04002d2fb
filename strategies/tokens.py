"""Tokens: given ones, used ones, altered ones and invented ones."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from assay.program import Token

__all__ = ["tokens"]

_INVENTED: Final = (
    *("1", "2", "10", "x", "abc", "bm90IGEgdG9rZW4=", "eyJvZmZzZXQiOjB9", "/+="),
    *("AQICAHh" + "A" * 340, "a" * 1024),
)


def tokens(*, forged: bool = False) -> st.SearchStrategy[Token]:
    """Tokens that the endpoint gave, fresh or used; with `forged`, those that it did not give."""
    if not forged:
        return st.builds(Token, st.sampled_from(("last", "used")))
    altered = st.builds(Token, st.just("altered"), st.integers(0, 40))
    counted = st.builds(Token, st.just("counted"), st.integers(0, 3))
    return altered | counted | st.builds(Token, st.just("invented"), text=st.sampled_from(_INVENTED))
