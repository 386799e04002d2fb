"""What two endpoints do differently as one page: each difference with its smallest program, side by side.

It is made of the same parts as the page of one run, of the same sentences as what the terminal shows, and is a pure
function of the JSON of `assay differ`. Laws come first; what the contract leaves open is told as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports.differ import facts, sentence
from reports.pages import environment, policy, script

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render"]

_SHOWN: Final = 40
"""Calls of a program that are shown; those before them are counted."""


def render(document: Mapping[str, Any]) -> str:
    """The page."""
    shown = script("report.js")
    told = sentence(document)
    return (
        environment()
        .get_template("differ.html.j2")
        .render(
            document=document,
            sentence=told[0].upper() + told[1:],
            differences=[
                {**each, "rows": each["rows"][-_SHOWN:], "before": max(0, len(each["rows"]) - _SHOWN)}
                for each in document["differences"]
            ],
            facts=facts(document),
            script=shown,
            policy=policy(shown),
        )
    )
