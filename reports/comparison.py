"""Several runs side by side: what a comparison says, before any format says it.

`summarised` keeps of one results document what a comparison needs, so that ten large files need not be held at once;
`compared` puts the summaries together. Both are pure: what is shown stands in the results.

Runs of one target, by the name that the caller gave them or else by whom and by what contract they judged, belong
together: they are ordered by when they began, and make a trend. Laws *differ* where their verdicts do, and where the
same verdict rests on other findings. Observations differ where two runs saw other values; what a run did not see is no
difference.
"""

from __future__ import annotations

from itertools import combinations, groupby, pairwise
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from reports.quotation import legible
from reports.sheet import counted
from reports.verdicts import SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SCHEMA_VERSION", "compared", "differs", "summarised", "summary"]

SCHEMA_VERSION: Final = 1
"""Of the comparison as JSON, described by `comparison.schema.json`."""
_LONGEST: Final = 80
_LONGEST_LINE: Final = 400
_BROKEN: Final = frozenset({"fail", "stale", "warn", "expected-fail"})
_GRAVITY: Final = {word: number for number, word in enumerate(SHAPES)}


def summarised(results: Mapping[str, Any], *, name: str | None = None, place: str = "") -> dict[str, Any]:
    """What a comparison needs of the results of one run.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: they are not what the schema of results describes.

    """
    words = [law["verdict"] for law in results["laws"]]
    latency = results["calls"]["latency_ms"]
    return {
        "place": _line(place),
        "name": legible(name if name is not None else _name(results), _LONGEST),
        "target": _target(results) if name is None else [name],
        "contract": _line(f"{results['service']} {results['edition']}"),
        "started": _line(results["started"]),
        "verdict": _line(results["verdict"]),
        "effort": _line(results["effort"]),
        "seed": _line(results["seed"]),
        "calls": int(results["calls"]["total"]),
        "seconds": float(results["duration_s"]),
        "latency_ms": float(latency["p50"]) if latency else None,
        "suite": _line(results["assay"]["suite_digest"]),
        "counts": {word: words.count(word) for word in SHAPES if word in words},
        "laws": {
            _line(law["id"]): {
                "verdict": _line(law["verdict"]),
                "force": _line(law["force"]),
                "sentence": _line(law["sentence"]),
                "findings": [_line(finding["id"]) for finding in law["findings"]],
                "ways": [_line(way) for each in law["findings"] for way in (each["id"], *each.get("also", ()))],
            }
            for law in results["laws"]
        },
        # Results of earlier releases have none.
        "observations": {
            _line(each["id"]): {
                "sentence": _line(each["sentence"]),
                "value": None if each["value"] is None else _line(each["value"]),
                "calls": int(each["calls"]),
            }
            for each in results.get("observations", ())
        },
    }


def compared(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The comparison of some runs: runs, laws, observations and trends, as JSON values."""
    runs = _in_order(summaries)
    letters = [_letter(number) for number in range(len(runs))]
    laws = [_law_row(each, runs) for each in dict.fromkeys(law for run in runs for law in run["laws"])]
    observations = [
        _observation_row(each, runs, letters)
        for each in dict.fromkeys(key for run in runs for key in run["observations"])
    ]
    lettered = list(zip(letters, runs, strict=True))
    return {
        "schema_version": SCHEMA_VERSION,
        "runs": [
            {"letter": letter, **{key: run[key] for key in run if key not in {"laws", "observations", "target"}}}
            for letter, run in lettered
        ],
        "laws": {
            "differ": sorted((row for row in laws if row["differs"]), key=_gravity),
            "same": [row for row in laws if not row["differs"]],
        },
        "observations": {
            "differ": [row for row in observations if row["differs"]],
            "same": [row for row in observations if not row["differs"]],
        },
        "trends": [_trend(list(group)) for _, group in groupby(lettered, key=lambda each: each[1]["target"])],
        "notes": _notes(runs),
    }


def differs(comparison: Mapping[str, Any]) -> bool:
    """Is there a law or an observation in which the runs differ?"""
    return bool(comparison["laws"]["differ"] or comparison["observations"]["differ"])


def summary(comparison: Mapping[str, Any]) -> str:
    """The comparison in one sentence."""
    runs, targets = len(comparison["runs"]), len(comparison["trends"])
    who = f"{counted(runs, 'run')} of {counted(targets, 'target')}"
    if not differs(comparison):
        return f"{who}: no law and no observation differs"
    laws, observations = len(comparison["laws"]["differ"]), len(comparison["observations"]["differ"])
    verb = "differs" if laws + observations == 1 else "differ"
    what = [counted(laws, "law")] * bool(laws) + [counted(observations, "observation")] * bool(observations)
    return f"{who}: {' and '.join(what)} {verb}"


def _line(value: Any) -> str:
    """A word of a file, as one line with nothing in it that a terminal or an eye would obey."""
    return legible(str(value), _LONGEST_LINE)


def _in_order(summaries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The runs by target, the targets as they came, and the runs of a target by when they began."""
    targets: list[Any] = []
    for run in summaries:
        if run["target"] not in targets:
            targets.append(run["target"])
    return sorted(summaries, key=lambda run: (targets.index(run["target"]), run["started"]))


def _letter(number: int) -> str:
    """A, B, …, Z, AA, AB: what a run is called in narrow columns."""
    word = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        word = chr(ord("A") + rest) + word
    return word


def _name(results: Mapping[str, Any]) -> str:
    target = results["target"]
    if target["is_reference"]:
        special = [target["mutant"], *target.get("liberties", ()), target.get("impostor")]
        return ": ".join(["reference", *([", ".join(filter(None, special))] if any(special) else [])])
    return urlsplit(str(target["endpoint_url"])).netloc or str(target["endpoint_url"])


def _target(results: Mapping[str, Any]) -> list[Any]:
    """What makes two runs those of one target; the reference of a run has another port each time."""
    target = results["target"]
    url = None if target["is_reference"] else target["endpoint_url"]
    liberties = sorted(target.get("liberties", ()))
    return [url, target["mutant"], liberties, target.get("impostor"), results["service"], results["edition"]]


def _law_row(law: str, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = [run["laws"].get(law) for run in runs]
    known = [each for each in own if each is not None]
    verdicts = {each["verdict"] for each in known}
    in_other_ways = any(_breaks_otherwise(one, other) for one, other in combinations(known, 2))
    return {
        "id": law,
        "sentence": known[0]["sentence"],
        "force": "must" if any(each["force"] == "must" for each in known) else "should",
        "verdicts": [None if each is None else each["verdict"] for each in own],
        "findings": [[] if each is None else each["findings"] for each in own],
        "differs": len(verdicts) > 1 or in_other_ways,
        "in_other_ways": len(verdicts) == 1 and in_other_ways,
    }


def _breaks_otherwise(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Do two runs break a law in ways of which none is the same? Which of several is found first is luck."""
    return bool(one["ways"] and other["ways"]) and set(one["ways"]).isdisjoint(other["ways"])


def _gravity(row: Mapping[str, Any]) -> int:
    return min(_GRAVITY.get(word, len(_GRAVITY)) for word in row["verdicts"] if word is not None)


def _observation_row(observation: str, runs: Sequence[Mapping[str, Any]], letters: Sequence[str]) -> dict[str, Any]:
    own = [run["observations"].get(observation) for run in runs]
    values = [None if each is None else each["value"] for each in own]
    seen = dict.fromkeys(value for value in values if value is not None)
    return {
        "id": observation,
        "sentence": next(each["sentence"] for each in own if each is not None),
        "values": values,
        "groups": [
            {"value": value, "runs": [letter for letter, own in zip(letters, values, strict=True) if own == value]}
            for value in [*seen, *([None] if None in values else [])]
        ],
        "differs": len(seen) > 1,
    }


def _trend(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What became of one target from run to run; of a single run, where it stands."""
    first = runs[0][1]
    steps: list[dict[str, Any]] = [_step(*runs[0], None)]
    steps += [_step(letter, run, before) for (_, before), (letter, run) in pairwise(runs)]
    return {"name": first["name"], "contract": first["contract"], "steps": steps}


def _step(letter: str, run: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {key: run[key] for key in ("started", "verdict", "counts", "calls", "latency_ms")}
    changes: dict[str, list[str]] = {"broken": [], "mended": [], "otherwise": [], "observations": []}
    for law, own in (run["laws"] if before is not None else {}).items():
        earlier = (before or run)["laws"].get(law)
        if earlier is None:
            continue
        is_broken, was_broken = own["verdict"] in _BROKEN, earlier["verdict"] in _BROKEN
        if is_broken and not was_broken:
            changes["broken"].append(law)
        elif was_broken and own["verdict"] == "pass":
            changes["mended"].append(law)
        elif own["verdict"] != earlier["verdict"] or _breaks_otherwise(own, earlier):
            changes["otherwise"].append(law)
    for each, seen in (run["observations"] if before is not None else {}).items():
        value = (before or run)["observations"].get(each, {}).get("value")
        if None not in {value, seen["value"]} and value != seen["value"]:
            changes["observations"].append(each)
    return {"letter": letter, **told, **changes}


def _notes(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a reader has to know before differences are taken for the targets'."""
    notes = []
    if len({run["suite"] for run in runs}) > 1:
        notes.append("the runs were judged by different releases of the suite: a verdict may differ for that alone")
    if len({run["contract"] for run in runs}) > 1:
        notes.append("the runs were judged by different contracts: a law may say another thing in each")
    if len({run["effort"] for run in runs}) > 1:
        notes.append("the runs looked with different effort: what one did not find may be there all the same")
    early = [run["name"] for run in runs if run["verdict"] not in {"conforms", "broken"}]
    if early:
        notes.append(f"not judged to the end: {', '.join(dict.fromkeys(early))}")
    if any(not run["observations"] for run in runs):
        notes.append("some results are of a release that made no observations")
    return notes
