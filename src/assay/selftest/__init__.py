"""The suite on trial: servers of which the verdict is known beforehand, judged like any other.

A *mutant* has one fault and must be caught by a law that it names; a *liberty* is legal and must not be accused, nor
must two of them together, nor the reference in any edition; an *impostor* serves nothing of the kind and must not be
found to conform. `cases` says which servers there are, `running` starts an `assay run` for each, `judging` says what
one run showed, `matrix` what all of them show together, and `document` writes it down for the reports. Nothing in here
knows how a law judges, and no law knows that it is on trial.
"""

from assay.selftest.cases import Case, Catalogues, Wish, planned
from assay.selftest.document import SCHEMA_VERSION, build
from assay.selftest.judging import Judgement, judged
from assay.selftest.running import Ran, Runner

__all__ = ["SCHEMA_VERSION", "Case", "Catalogues", "Judgement", "Ran", "Runner", "Wish", "build", "judged", "planned"]
