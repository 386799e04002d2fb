"""observations.json: what AWS itself was seen to do, for those who cannot reach it.

Every run gathers observations, and almost every one of them is about something that only looks like AWS. So this file
is written by a run at AWS alone: over https, under a name of AWS, in an account that STS named and its user confirmed.
A server on this machine may be taken for AWS in tests, but it is no witness. What stands between can lie, of course: a
proxy that reads along is believed as far as `--ca-bundle` believes it.

It may be published. So accounts, ids, names and keys are replaced, whatever text of the endpoint they stood in, and the
day is all that is told of the time.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assay.target import Endpoint

__all__ = ["FILE", "is_witness", "witnessed", "write_observations"]

FILE: Final = "observations.json"
_VERSION: Final = 1
_HIDDEN: Final = (
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}"), "<key>"),
    (re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"), "<id>"),
    (re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])"), "<account>"),
    (re.compile(r"as[0-9a-z]{10}"), "<name>"),
)


def is_witness(endpoint: Endpoint | None) -> bool:
    """Is what an endpoint shows evidence of what AWS does?"""
    return (
        endpoint is not None
        and endpoint.account is not None
        and endpoint.is_named_aws
        and endpoint.scheme == "https"
        and not endpoint.is_loopback
    )


def witnessed(results: Mapping[str, Any], endpoint: Endpoint | None) -> dict[str, Any] | None:
    """What the results of a run say of AWS, redacted; None where it was not AWS that was asked."""
    if not is_witness(endpoint):
        return None
    region = str(results["target"]["region"])
    whole: dict[str, Any] = _hidden(
        {
            "schema_version": _VERSION,
            "day": str(results["started"])[:10],
            "region": region,
            "partition": _partition(results),
            "service": results["service"],
            "edition": results["edition"],
            "assay": results["assay"]["version"],
            "calls": results["calls"]["total"],
            "lag_s": results["lag_s"],
            "observations": [
                {"id": row["id"], "sentence": row["sentence"], "values": row["values"]}
                for row in results["observations"]
                if row["values"]
            ],
            "errors": [
                {key: row[key] for key in ("operation", "code", "status", "calls")}
                for row in results["coverage"]["errors"]
                if row["calls"]
            ],
        }
    )
    return whole


def write_observations(results: Mapping[str, Any], endpoint: Endpoint | None, folder: Path) -> Path | None:
    """Write the file beside the results, where it was AWS that was asked."""
    said = witnessed(results, endpoint)
    if said is None:
        return None
    place = folder / FILE
    place.write_text(json.dumps(said, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return place


def _partition(results: Mapping[str, Any]) -> str:
    """The partition that the ARNs name, where any was seen; AWS' own else."""
    heads = [row for row in results["observations"] if row["id"] == "arn.head" and row["values"]]
    fields = str(heads[0]["values"][0]["value"]).split(":") if heads else []
    return fields[1] if len(fields) > 1 and re.fullmatch("[a-z-]+", fields[1]) else "aws"


def _hidden(value: Any) -> Any:
    """JSON values, every text in them without what is the caller's own."""
    match value:
        case str():
            for pattern, word in _HIDDEN:
                value = pattern.sub(word, value)
            return value
        case dict():
            return {key: _hidden(each) for key, each in value.items()}
        case list():
            return [_hidden(each) for each in value]
        case _:
            return value
