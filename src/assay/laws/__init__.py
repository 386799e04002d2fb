"""The laws: who may judge a history, and how.

One module a noun; each function is the judge of the law whose id it is registered under. To add a law: a row in
`specs/<service>/laws.toml`, a judge here, hand-written histories in `selftests/`, a test that exercises it, a mutant
that breaks it.
"""

from assay.laws import (
    arns,
    auth,
    bodies,
    creates,
    deletes,
    gets,
    handshakes,
    isolation,
    linearizable,
    lists,
    names,
    races,
    sdk,
    statuses,
    targets,
    wire,
)
from assay.laws.registry import JUDGES, Breach, Judge, Remark, Ruling, Undecided, judge

__all__ = [
    "JUDGES",
    "Breach",
    "Judge",
    "Remark",
    "Ruling",
    "Undecided",
    "arns",
    "auth",
    "bodies",
    "creates",
    "deletes",
    "gets",
    "handshakes",
    "isolation",
    "judge",
    "linearizable",
    "lists",
    "names",
    "races",
    "sdk",
    "statuses",
    "targets",
    "wire",
]
