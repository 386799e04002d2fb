"""Known failures: what an endpoint is expected to do wrong, by whom that is owned, and until when.

A file of entries lets a team adopt the suite today although its implementation has faults: what is listed does not fail
the run, what is not listed does, and a listed failure that is gone fails it too, so that the list never grows stale.
`entry` is what a file holds, `reading` reads one and finds its mistakes, `matching` says what a run's findings make of
it, and `writing` makes the first file. All but the reading are pure functions.
"""

from assay.expectations.entry import Entry, Surroundings
from assay.expectations.matching import Matched, match
from assay.expectations.reading import read_expectations
from assay.expectations.writing import as_toml, updated

__all__ = ["Entry", "Matched", "Surroundings", "as_toml", "match", "read_expectations", "updated"]
