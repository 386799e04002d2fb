"""SARIF 2.1.0: every law is a rule, every finding a result, for the places that collect such things.

An endpoint has no files, so a result points at where its evidence lies: the results file, and the law as a logical
location. The fingerprint is the finding's id, which the same fault gets in every run, so that an alert that was
dismissed stays dismissed. A known failure is a suppressed result; where one is, every other result says that it is
not, as the standard wants. A known failure that is gone fails the run, so it is a result, too. Messages are plain text;
SARIF gives square brackets a meaning there, so they are escaped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from reports import expected
from reports.findings import named, seen
from reports.judgement import judgement, target_of
from reports.quotation import legible
from reports.transcript import Nicknames, transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["render"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST: Final = 1_000
_CALLS: Final = 60


def render(results: Mapping[str, Any]) -> str:
    """The log."""
    places = {law["id"]: number for number, law in enumerate(results["laws"])}
    found = {finding["id"]: finding for law in results["laws"] for finding in law["findings"]}
    run = {
        "tool": {
            "driver": {
                "name": "assay",
                "semanticVersion": results["assay"]["version"],
                "version": results["assay"]["version"],
                "rules": [_rule(law) for law in results["laws"]],
            }
        },
        "automationDetails": {"id": f"assay/{results['service']}/{results['edition']}/"},
        "invocations": [
            {
                "executionSuccessful": results["verdict"] in {"conforms", "broken"},
                "exitCode": results["exit_code"],
                "startTimeUtc": results["started"].replace("+00:00", "Z"),
                "toolExecutionNotifications": list(_notifications(results)),
            }
        ],
        "results": [
            *(_result(found[each], places, results) for each in results["findings"]),
            *(_gone(each, places, results) for each in expected.entries(results) if each["status"] == "stale"),
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "verdict": f"{results['verdict']}: {judgement(results)}",
            "target": target_of(results),
            "seed": results["seed"],
            "effort": results["effort"],
            "laws": {law["id"]: law["verdict"] for law in results["laws"]},
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=True, indent=1) + "\n"


def _rule(law: Mapping[str, Any]) -> dict[str, Any]:
    link = next((source for source in law["source"] if source.startswith("https://")), None)
    return {
        "id": law["id"],
        "name": "".join(part.capitalize() for part in law["id"].replace("-", ".").split(".")),
        "shortDescription": {"text": _message(law["sentence"])},
        "fullDescription": {"text": _message(f"{law['sentence']}. Evidence: {law['evidence']}.")},
        "help": {"text": _message("; ".join([f"{law['force']}, {law['evidence']}", *law["source"]]))},
        "defaultConfiguration": {"level": _level(law["force"])},
        **({"helpUri": quote(link, safe=":/?#[]@!$&'()*+,;=%~")} if link else {}),
        "properties": {
            "tags": ["conformance", law["evidence"], law["force"]],
            "verdict": law["verdict"],
            "examples": law["examples"],
            "calls": law["calls"],
        },
    }


def _result(finding: Mapping[str, Any], places: Mapping[str, int], results: Mapping[str, Any]) -> dict[str, Any]:
    names = Nicknames(finding["history"])
    lines = transcript(finding["history"], names, breaks_at=finding["breaks_at"])
    wanted, actual = (legible(names.put_into(finding[each]), _LONGEST) for each in ("expected", "actual"))
    verdict = results["laws"][places[finding["law"]]]["verdict"]
    is_error = verdict in {"fail", "stale"} and finding["force"] == "must" and not expected.is_expected(finding)
    return {
        "ruleId": finding["law"],
        "ruleIndex": places[finding["law"]],
        "level": "error" if is_error else "warning",
        "message": {"text": _message(f"{finding['sentence']}. Expected: {wanted}. Actual: {actual}.")},
        "locations": [_location(named(finding), finding["law"], results)],
        "partialFingerprints": {"finding/v1": finding["id"]},
        **_suppressions(expected.covering(results, finding), results),
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            {
                                "location": {
                                    "message": {
                                        "text": _message(legible(f"{each.number} {each.asked} → {each.came}", _LONGEST))
                                    }
                                },
                                "importance": "essential" if each.breaks else "important",
                            }
                            for each in lines[-_CALLS:]
                        ]
                    }
                ]
            }
        ],
        "properties": {"seen": seen(finding), "replay": legible(finding["reproducers"]["assay"])},
    }


def _gone(entry: Mapping[str, Any], places: Mapping[str, int], results: Mapping[str, Any]) -> dict[str, Any]:
    """A known failure that did not fail, as a result."""
    return {
        "ruleId": entry["law"],
        "ruleIndex": places[entry["law"]],
        "level": "error",
        "message": {"text": _message(legible(f"stale: {expected.what(entry)}: {expected.words(entry)}", _LONGEST))},
        "locations": [_location(expected.what(entry), entry["law"], results)],
        "partialFingerprints": {"stale/v1": expected.what(entry)},
        **_suppressions([], results),
    }


def _location(name: str, law: str, results: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(legible(results["results_file"]))},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"name": name, "fullyQualifiedName": law, "kind": "member"}],
    }


def _suppressions(covering: Sequence[Mapping[str, Any]], results: Mapping[str, Any]) -> dict[str, Any]:
    """The known failures that suppress a result: of one run, all results tell of theirs, or none does."""
    if not any(each["status"] == "expected-fail" for each in expected.entries(results)):
        return {}
    return {
        "suppressions": [
            {
                "kind": "external",
                "status": "accepted",
                "justification": legible(expected.words(each), _LONGEST),
                "properties": {
                    "entry": expected.what(each),
                    **{key: legible(each[key], _LONGEST) for key in ("owner", "link", "expires") if each[key]},
                },
            }
            for each in covering
        ]
    }


def _notifications(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What ended the run early, known failures that did not count, and laws that nobody could judge."""
    if results["trouble"] is not None:
        yield {"level": "error", "message": {"text": _message(legible(results["trouble"]["message"], _LONGEST))}}
    for each in expected.entries(results):
        if each["status"] not in {"expected-fail", "stale"}:
            text = f"{each['status']}: {expected.what(each)}: {expected.words(each)}"
            yield {"level": "note", "message": {"text": _message(legible(text, _LONGEST))}}
    for law in results["laws"]:
        if law["verdict"] in {"indeterminate", "vacuous"}:
            text = f"{law['id']} is {law['verdict']}: {law['reason']}"
            yield {"level": "note", "message": {"text": _message(legible(text, _LONGEST))}}


def _level(force: str) -> str:
    return "error" if force == "must" else "warning"


def _message(text: str) -> str:
    """Text for a SARIF message, in which brackets would make a link and braces a placeholder."""
    text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text.replace("{", "{{").replace("}", "}}")
