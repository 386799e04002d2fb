"""Searches at work, for tests of what they find and of what they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.budget import Budget
from assay.program import Arn, Create, Delete, Fill, Get, Program, Walk

if TYPE_CHECKING:
    from assay.search import Search

__all__ = ["BUSY", "TWICE", "examined"]

TWICE = Program((Create(0), Create(1)))
"""Two connections of one name."""

BUSY = Program((Fill(100, 3), Walk(1), Get(Arn(100)), Delete(Arn(101)), Walk(2), Get(Arn(101)), Create(0), Walk()))
"""A bit of everything."""


def examined(search: Search, *drawn: Program) -> Search:
    """The search, when it has examined these programs."""
    for program in drawn:
        search.examine(program, Budget())
    return search
