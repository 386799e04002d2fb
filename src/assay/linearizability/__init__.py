"""Does some order of the calls, each within its own time, explain every answer?

`claims` reads what each call says, `model` knows what a sequential service may answer, `search` looks for an order,
`partition` makes the search small, `explain` names the answer that no order explains, and `notation` writes histories
down as pictures in text. Nothing here knows the reference server, and the reference server knows nothing of this: they
would agree by construction.

The names below are all that a law needs; `docs/linearizability.md` tells the whole.
"""

from assay.linearizability.claims import Claim, claims_of
from assay.linearizability.explain import Explanation, explained
from assay.linearizability.model import EVERYTHING, Promises, after
from assay.linearizability.partition import by_arn, by_name, is_side_by_side
from assay.linearizability.search import Answer, search

__all__ = [
    "EVERYTHING",
    "Answer",
    "Claim",
    "Explanation",
    "Promises",
    "after",
    "by_arn",
    "by_name",
    "claims_of",
    "explained",
    "is_side_by_side",
    "search",
]
