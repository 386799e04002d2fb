"""The trial of the suite as one page of HTML: it needs no network and no script, and can be read on a phone.

The matrix is a picture first: a row for each mutant, a column for each law, in the same order, so that what is well is
a diagonal. Each mark has a colour, a shape and words, of which any one suffices. Whatever stands beneath a pointer or
has the focus is told at the foot of the window, where no scrolling box can cut it off.

Everything goes through the template's escaping, and words of an endpoint through `quotation` before that.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from reports.pages import environment
from reports.selftest_console import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["render"]

_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "named": ("●", "named by the mutant, and caught it"),
    "warned": ("◐", "named by the mutant, and only warned though it is a must"),
    "besides": ("○", "caught it besides"),
    "follows": ("·", "follows from another law that caught it"),
    "missed": ("✗", "named by the mutant, and did not catch it"),
}
_GOOD: Final = frozenset({"killed", "clean", "refused"})
_BINS: Final = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000)


def render(document: Mapping[str, Any]) -> str:
    """The page."""
    mutants = [mutant for mutant in document["mutants"] if mutant["verdict"] != "not-run"]
    spoken = {law for mutant in mutants for law in mutant["cells"]}
    columns = _columns([law for law in document["laws"] if law["id"] in spoken])
    return (
        environment()
        .get_template("selftest.html.j2")
        .render(
            document=document,
            summary=summary(document),
            marks=_MARKS,
            used_marks=[
                mark for mark in _MARKS if any(c["mark"] == mark for m in mutants for c in m["cells"].values())
            ],
            columns=columns,
            groups=[
                (noun, [_row(mutant, columns) for mutant in members])
                for noun, members in groupby(mutants, lambda mutant: mutant["noun"])
            ],
            wrong=[mutant for mutant in mutants if mutant["verdict"] not in _GOOD],
            accused=[server for server in document["legal"] if server["verdict"] == "accused"],
            unheard=[
                (kind, server)
                for kind in ("legal", "impostors")
                for server in document[kind]
                if server["verdict"] in {"unfinished", "believed"}
            ],
            sentences={law["id"]: law["sentence"] for law in document["laws"]},
            bins=_histogram([each["calls_to_first"] for each in mutants if each["calls_to_first"] is not None]),
            good=_GOOD,
            left_open=_left_open(document["legal"]),
        )
    )


def _columns(laws: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The laws as columns: their short names, and where a new group begins."""
    columns: list[dict[str, Any]] = []
    before, group = None, 0
    for law in laws:
        group += law["group"] != before
        columns.append(
            {
                "id": law["id"],
                "short": law["id"].removeprefix("connection."),
                "sentence": law["sentence"],
                "force": law["force"],
                "begins": law["group"] != before,
                "is_even": group % 2 == 0,
                "caught": len(law["caught"]),
                "alone": len(law["alone"]),
            }
        )
        before = law["group"]
    return columns


def _row(mutant: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A mutant as a row: a cell for each column, and the length of its bar on a logarithmic scale."""
    calls = mutant["calls_to_first"]
    return {
        "mutant": mutant,
        "short": mutant["name"].partition(".")[2],
        "is_good": mutant["verdict"] in _GOOD,
        "cells": [mutant["cells"].get(column["id"]) for column in columns],
        "bar": 0 if calls is None else round(min(1.0, math.log10(max(calls, 1)) / math.log10(_BINS[-1])) * 100),
    }


def _left_open(servers: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], list[tuple[str, list[str]]]]:
    """Tells of a legal server which laws had nothing to say of it, but for those that leave the reference open too."""
    words = ("indeterminate", "vacuous")
    references = [server for server in servers if server["kind"] == "reference"]
    always = {word: {law for each in references for law in each["open"][word]} for word in words}

    def left_open(server: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
        ignored: Mapping[str, set[str]] = {} if server["kind"] == "reference" else always
        found = [(word, [law for law in server["open"][word] if law not in ignored.get(word, ())]) for word in words]
        return [(word, laws) for word, laws in found if laws]

    return left_open


def _histogram(calls: Sequence[float]) -> list[dict[str, Any]]:
    """How many mutants were first caught within so many calls."""
    counts = Counter(next((limit for limit in _BINS if each <= limit), None) for each in calls)
    most = max(counts.values(), default=1)
    bins = [*_BINS, None] if None in counts else list(_BINS)
    while bins and not counts[bins[-1]]:
        bins.pop()
    lower = dict(zip(bins, (0, *bins), strict=False))
    return [
        {
            "label": f"more than {_BINS[-1]:,}" if limit is None else f"{lower[limit] + 1:,} to {limit:,}",
            "count": counts[limit],
            "share": round(counts[limit] / most * 100),
        }
        for limit in bins
    ]
