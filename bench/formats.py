"""Do the reports of a run hold to the published schemas of their formats?

    python bench/formats.py .assay --sarif sarif-schema-2.1.0.json --junit junit-10.xsd

`results.json` is held against our own schema, `assay.sarif` against the one of OASIS and `junit.xml` against an XSD,
such as the one that the xUnit plugin of Jenkins validates with, wherever copies of them lie: we ship no files of
others. What those schemas ask is written down in `selftests/test_reports_formats.py` as well. XSD takes `pip install
xmlschema`. The exit code is 1 where a document does not hold, with the first things that are wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import jsonschema

from assay.suite import find_suite

_TOLD = 5


def main() -> int:
    """Check what there is, and say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where a run wrote its reports")
    parser.add_argument("--sarif", type=Path, metavar="SCHEMA")
    parser.add_argument("--junit", type=Path, metavar="XSD")
    options = parser.parse_args()
    checks = [("results.json", find_suite() / "reports" / "results.schema.json")]
    checks += [("assay.sarif", options.sarif)] if options.sarif else []
    wrong = 0
    for name, schema in checks:
        document = json.loads((options.folder / name).read_text(encoding="utf-8"))
        validator = jsonschema.validators.validator_for(schema_of := json.loads(schema.read_text(encoding="utf-8")))
        errors = [f"{each.json_path}: {each.message[:200]}" for each in validator(schema_of).iter_errors(document)]
        wrong += _told(name, errors)
    if options.junit:
        import xmlschema  # noqa: PLC0415 - only this option needs it

        schema_of_junit = xmlschema.XMLSchema(str(options.junit))
        found = schema_of_junit.iter_errors(str(options.folder / "junit.xml"))
        wrong += _told("junit.xml", [f"{each.path}: {each.reason}" for each in found])
    return 1 if wrong else 0


def _told(name: str, errors: list[str]) -> int:
    print(f"{name}: {'holds' if not errors else f'{len(errors)} errors'}")
    for each in errors[:_TOLD]:
        print(f"  {each}")
    return len(errors)


if __name__ == "__main__":
    sys.exit(main())
