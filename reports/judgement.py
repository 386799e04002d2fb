"""The verdict of a run as a sentence: what every report says first, so that all of them say the same.

It claims no more than was looked at: a run of two laws must not sound like one of all, and a law that nothing
exercised was not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.quotation import legible
from reports.sheet import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["judgement", "target_of"]


def judgement(results: Mapping[str, Any]) -> str:  # noqa: PLR0911 - a sentence for each word
    """What follows the word of the verdict: who was judged by what, and what came of it."""
    target, contract = target_of(results), f"{results['service']} {results['edition']}"
    trouble = results["trouble"]
    match results["verdict"]:
        case "conforms":
            return f"{target} keeps {_what_was_kept(results, contract)}"
        case "broken":
            if not any(law["verdict"] == "fail" for law in results["laws"]):
                return f"{target} keeps {contract} where it was expected not to: {_how_many_are_stale(results)}"
            return f"{target} breaks the contract of {contract}: {_how_many(results)}"
        case "nothing-exercised":
            return f"not one law of {contract} was exercised against {target}"
        case "error":
            return f"a fault of assay's own: {legible(trouble['message']) if trouble else 'see the log'}"
        case "not-run":
            return legible(trouble["message"]) if trouble else "nothing was sent"
    if trouble is not None:
        return legible(trouble["message"])
    if results["interrupted"]:
        return f"interrupted before {target} was judged in full"
    open_laws = [law["id"] for law in results["laws"] if law["verdict"] == "indeterminate"]
    return f"nobody can say whether {target} keeps {', '.join(open_laws)} of {contract}"


def target_of(results: Mapping[str, Any]) -> str:
    """Who was judged: its address, and what the reference server was made to be."""
    target = results["target"]
    url = legible(target["endpoint_url"])
    if not target["is_reference"]:
        return url
    fault = f" with the fault {target['mutant']}" if target["mutant"] else ""
    if target.get("impostor"):
        return f"the impostor {target['impostor']} at {url}"
    taken = f"{' and' if fault else ''} with {', '.join(target['liberties'])}" if target.get("liberties") else ""
    return f"the reference server{fault}{taken} at {url}"


def _what_was_kept(results: Mapping[str, Any], contract: str) -> str:
    """The contract, or as much of it as was looked at."""
    verdicts = [law["verdict"] for law in results["laws"]]
    kept = sum(word in {"pass", "warn", "expected-fail"} for word in verdicts)
    whole = "the contract" if not results["laws_left_out"] else f"the {counted(kept, 'law')} that were asked for"
    if kept == 1 and results["laws_left_out"]:
        whole = "the one law that was asked for"
    warned, vacuous = verdicts.count("warn"), verdicts.count("vacuous")
    expected = verdicts.count("expected-fail")
    return (
        f"{whole} of {contract}"
        + (f", but for {counted(expected, 'law')} known to fail" if expected else "")
        + (f", with {counted(warned, 'warning')}" if warned else "")
        + (f"; {counted(vacuous, 'law')} {'was' if vacuous == 1 else 'were'} not exercised" if vacuous else "")
    )


def _how_many_are_stale(results: Mapping[str, Any]) -> str:
    stale = [each for each in results.get("expectations", ()) if each["status"] == "stale"]
    return f"{counted(len(stale), 'known failure')} {'is' if len(stale) == 1 else 'are'} gone"


def _how_many(results: Mapping[str, Any]) -> str:
    failed = [law for law in results["laws"] if law["verdict"] == "fail"]
    follows = sum(all(each["folded_under"] not in {None, law["id"]} for each in law["findings"]) for law in failed)
    roots = len(failed) - follows
    if not roots:
        return counted(len(failed), "law")
    return counted(roots, "law") + (f", and {follows} that may follow from {_them(roots)}" if follows else "")


def _them(number: int) -> str:
    return "it" if number == 1 else "them"
