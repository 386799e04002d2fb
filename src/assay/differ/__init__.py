"""Two endpoints, the same programs: what differs, each difference once and as small as it could be made.

Neither of the two has to be right. A program runs at both, step by step, and what comes back is compared after
everything that must differ (ARNs, ids, tokens, accounts, the run's own names) has been given the same name (`alike`).
A difference is then *about a law* where the laws judge the two histories differently, and *open* where the contract
leaves both answers free.
"""

from assay.differ.document import as_document
from assay.differ.programs import draw_programs
from assay.differ.search import Differ, Difference, Stopped
from assay.differ.side import Side

__all__ = ["Differ", "Difference", "Side", "Stopped", "as_document", "draw_programs"]
