"""From tallies and findings to words: the verdict of each law, the verdict of the run, the exit code.

The rules are few and the order in which they are asked is what matters: a law without a judge is `unsupported`
whatever happened; a breach stands even where the run ended in trouble; and silence is never a pass. A law that
nothing exercised is `vacuous`, unless trouble kept the run from it: then nobody knows, and it is `indeterminate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay.laws import JUDGES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from assay.book import Book
    from assay.contract import Law
    from assay.errors import AssayError

__all__ = ["RunVerdict", "Verdict", "exit_code", "run_verdict", "verdict"]

Verdict: TypeAlias = Literal[
    "pass", "fail", "warn", "expected-fail", "stale", "unsupported", "indeterminate", "vacuous"
]
RunVerdict: TypeAlias = Literal["conforms", "broken", "indeterminate", "nothing-exercised", "not-run", "error"]

_SERVER_ERRORS: Final = "wire.no-server-error"
_BEFORE_THE_RUN: Final = (2, 6)
_WEATHER_SHARE: Final = 1_000
_WEATHER_LEAST: Final = 2
_WORDS: Final[Mapping[int, RunVerdict]] = {
    0: "conforms",
    1: "broken",
    2: "not-run",
    3: "error",
    4: "indeterminate",
    5: "nothing-exercised",
    6: "not-run",
}


def verdict(  # noqa: C901, PLR0911, PLR0913 - a table of rules, asked in their order
    law: Law,
    *,
    book: Book,
    forces: Sequence[str],
    strict: bool,
    trouble: str | None,
    limits: Collection[str],
    unsupported: str | None = None,
) -> tuple[Verdict, str | None]:
    """The verdict of one law, and its reason where the word alone does not say it.

    `forces` are those of its findings; `trouble` says in words what cut the run short, where something did;
    `unsupported` why this endpoint is not held to the law.
    """
    if law.pending:
        return "unsupported", law.pending
    if law.id not in JUDGES:
        return "unsupported", "this release has no judge for it"
    if unsupported is not None:
        return "unsupported", unsupported
    if "must" in forces or (forces and strict):
        return "fail", None
    if forces:
        return "warn", None
    if law.id == _SERVER_ERRORS and (reason := _weather(book)) is not None:
        return "indeterminate", reason
    if (tally := book.tallies.get(law.id)) is not None and tally.undecided is not None:
        return "indeterminate", tally.undecided
    if tally is not None and tally.missing and not tally.examples:
        return "unsupported", f"the credentials lack {' and '.join(tally.missing)}"
    if tally is None or not tally.examples:
        if tally is not None and tally.cut_off is not None:
            return "indeterminate", tally.cut_off
        if trouble is not None:
            return "indeterminate", trouble
        return "vacuous", f"{' and '.join(limits)} cut the run short" if limits else "no program exercised it"
    return "pass", None


def exit_code(
    laws: Sequence[tuple[str, Verdict]], *, exercised: bool, trouble: AssayError | None, interrupted: bool
) -> int:
    """The exit code of a run from the force and the verdict of each law, by the precedence of the command line.

    `exercised` says whether any selected law was.
    """
    if trouble is not None and trouble.exit_code in (*_BEFORE_THE_RUN, 3):
        return trouble.exit_code
    words = {word for _, word in laws}
    if "fail" in words or "stale" in words:
        return 1
    if trouble is not None or interrupted or ("must", "indeterminate") in laws:
        return 4
    return 0 if exercised else 5


def run_verdict(code: int) -> RunVerdict:
    """The word for an exit code."""
    return _WORDS[code]


def _weather(book: Book) -> str | None:
    unknown = book.calls_by_outcome.get("unknown", 0)
    total = sum(book.calls_by_outcome.values())
    if unknown < _WEATHER_LEAST or unknown * _WEATHER_SHARE <= total:
        return None
    return f"{unknown:,} of {total:,} calls got no clear answer, and not the same ones when they were repeated"
