"""The results: what the book of a run means, as the JSON values of `results.json`.

The one source of every report. `build` is a pure function of what the run found; nothing in here knows an endpoint,
and nothing that reads the results needs anything else. `reports/results.schema.json` describes them.
"""

from assay.results.building import SCHEMA_VERSION, build
from assay.results.facts import Cleanup, TargetFacts
from assay.results.findings import as_json as finding_as_json
from assay.results.reading import read_results
from assay.results.verdicts import RunVerdict, Verdict

__all__ = [
    "SCHEMA_VERSION",
    "Cleanup",
    "RunVerdict",
    "TargetFacts",
    "Verdict",
    "build",
    "finding_as_json",
    "read_results",
]
