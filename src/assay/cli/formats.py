"""Reports as files: which formats are wanted, where each file goes, and what is said of it.

A renderer makes text from results; the files are made here, whole or not at all. What a CI step shows as its summary
is a file that the environment names (`GITHUB_STEP_SUMMARY`), to which other steps add theirs: so the Markdown is
appended to it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.errors import HarnessError
from assay.suite import import_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["STEP_SUMMARY", "tell", "write", "write_reports"]

STEP_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
_ALWAYS: Final = frozenset({"console", "json"})


def write_reports(
    results: Mapping[str, Any], formats: Iterable[str], folder: str, *, environ: Mapping[str, str] = os.environ
) -> list[tuple[str, str]]:
    """Write the files of these formats into a folder; the format and the place of each, in the caller's words.

    What every run prints and writes anyway, console and json, is left as it is.

    Raises:
        HarnessError: a file cannot be written.

    """
    reports = import_reports()
    places: list[tuple[str, str]] = []
    for name in dict.fromkeys(formats):
        if name in _ALWAYS:
            continue
        for file, render in reports.FORMATS[name].items():
            text = render(results)
            places.append((name, write(Path(folder) / file, text)))
            if name == "markdown" and environ.get(STEP_SUMMARY):
                places.append((name, _appended(Path(environ[STEP_SUMMARY]), text)))
    return places


def tell(places: Iterable[tuple[str, str]]) -> None:
    """Say where the files lie."""
    for name, place in places:
        sys.stdout.write(f"{name:<11} {ascii(place)[1:-1]}\n")
    sys.stdout.flush()


def write(place: Path, text: str) -> str:
    """Write a file, whole or not at all; its place in the caller's words.

    Raises:
        HarnessError: it cannot be written.

    """
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(place)
    except OSError as error:
        raise _cannot_write(place, error) from error
    return place.as_posix()


def _appended(place: Path, text: str) -> str:
    try:
        with place.open("a", encoding="utf-8", newline="\n") as summary:
            summary.write(text)
    except OSError as error:
        raise _cannot_write(place, error) from error
    return f"the summary of this step ({STEP_SUMMARY})"


def _cannot_write(place: Path, error: OSError) -> HarnessError:
    return HarnessError(
        f"{place.as_posix()} cannot be written: {error.strerror or error}",
        hint="the results themselves are whole: `assay report` makes any report from them",
    )
