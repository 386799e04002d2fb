"""What one run showed of the suite: a pure function of the case and of the results.

Of a mutant: *killed* by a law that it names, *misnamed* where only other laws spoke (somebody's expectation is wrong,
the law's or the mutant's), *survived* where none did. A law speaks with its whole force or not at all: `fail`, or
`warn` where it is a `should`; a `must` of which only a clause warns has caught the fault only where the mutant names
that clause. Of a legal server: *clean*, or *accused* by any `fail` or `warn`; what stayed open there is told and no
alarm, because a server may be slow or scarce. Of an impostor: *refused*, or *believed* where the run ended with 0.

A run without an end of its own is *unfinished*, and so is one of a legal server in which no law could say anything:
silence is no proof of innocence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.selftest.cases import Case
    from assay.selftest.running import Ran

__all__ = ["Alarm", "First", "Judgement", "Mark", "Shrunk", "Verdict", "has_caught", "judged"]

Verdict: TypeAlias = Literal[
    "killed", "misnamed", "survived", "clean", "accused", "refused", "believed", "unfinished", "not-run"
]
Mark: TypeAlias = Literal["named", "warned", "besides", "follows", "missed"]

_OPEN: Final = ("vacuous", "indeterminate")
_UNTIL: Final = "until-broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A law that spoke where it should have been silent, and what it said."""

    law: str
    verdict: str
    expected: str
    actual: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first violation of a run: its law, the call and the second at which it showed."""

    law: str
    call: int
    second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """How small the first finding of a named law became: calls and steps of its history; calls and seconds it took."""

    calls: int
    steps: int
    spent_calls: int
    spent_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one run showed.

    `marks` says of each law that a mutant broke or should have: caught and `named`, named and only `warned`, caught
    `besides`, caught but what `follows` from another broken law, named and `missed`. `loud` are the laws that ended
    `fail` or `warn`. `open` holds the laws that ended vacuous or indeterminate. `reason` says why the verdict is none
    of the good ones. `missed_in` is the effort of an earlier run that did not kill the mutant; this one is the second.
    """

    case: Case
    verdict: Verdict
    reason: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))
    loud: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    open: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    alarms: tuple[Alarm, ...] = ()
    first: First | None = None
    shrunk: Shrunk | None = None
    missed_in: str | None = None
    exit_code: int | None = None
    said: str = ""
    calls: int = 0
    seconds: float = 0.0


def judged(ran: Ran) -> Judgement:
    """Judge a run."""
    case, results = ran.case, ran.results
    said = _last_word(ran)
    if ran.end == "stopped" and ran.code is None:
        return Judgement(case=case, verdict="not-run", reason="it was stopped before it began")
    if ran.end != "ended" or results is None:
        return _without_an_end(ran, said)
    laws = {law["id"]: law for law in results["laws"]}
    loud = {name: law["verdict"] for name, law in laws.items() if law["verdict"] in {"fail", "warn"}}
    judge = {"mutant": _of_mutant, "impostor": _of_impostor}.get(case.kind, _of_legal)
    verdict, reason = judge(ran, laws, loud)
    findings = [finding for law in results["laws"] for finding in law["findings"]]
    return Judgement(
        case=case,
        verdict=verdict,
        reason=reason,
        marks=MappingProxyType(
            _marks(case, laws, loud, is_whole=_UNTIL not in results["limits_reached"]) if case.kind == "mutant" else {}
        ),
        loud=MappingProxyType(loud),
        open=MappingProxyType(
            {word: tuple(name for name, law in laws.items() if law["verdict"] == word) for word in _OPEN}
        ),
        alarms=tuple(_alarms(laws, loud)) if case.kind not in {"mutant", "impostor"} else (),
        first=_first(findings),
        shrunk=_shrunk(findings, case),
        exit_code=ran.code,
        said=said,
        calls=results["calls"]["total"],
        seconds=ran.seconds,
    )


def has_caught(law: Mapping[str, Any], clause: str | None = None) -> bool:
    """Did a law speak with its whole force, or the clause of it that a mutant names?"""
    if clause is not None and any(finding["clause"] == clause for finding in law["findings"]):
        return True
    is_should: bool = law["force"] == "should"
    return law["verdict"] == "fail" or (law["verdict"] == "warn" and is_should)


# -- the three kinds of servers


def _without_an_end(ran: Ran, said: str) -> Judgement:
    """Judge a run that left no results, or was not allowed to come to its end."""
    verdict: Verdict = "unfinished"
    reason: str | None = f"it left no results behind (exit code {ran.code}): {said or 'it said nothing'}"
    if ran.end == "timeout":
        reason = "it had no end of its own and was stopped"
    elif ran.end == "stopped":
        verdict, reason = "not-run", "it was stopped on the way"
    elif ran.case.kind == "impostor" and ran.code not in {0, 2, 3, None}:
        verdict, reason = "refused", None
    return Judgement(case=ran.case, verdict=verdict, reason=reason, exit_code=ran.code, said=said, seconds=ran.seconds)


def _of_mutant(ran: Ran, laws: Mapping[str, Any], loud: Mapping[str, str]) -> tuple[Verdict, str | None]:
    named = [laws[name] for name in ran.case.caught_by if name in laws]
    if any(has_caught(law, ran.case.clause) for law in named):
        return "killed", None
    if loud:
        half = [law["id"] for law in named if law["id"] in loud]
        others = ", ".join(name for name in loud if name not in half)
        also = f"{', '.join(half)} only warned: of a must, only a clause that is a should was broken" if half else ""
        return "misnamed", "; ".join(filter(None, (also, f"caught by {others}" if others else "")))
    trouble = _trouble(ran)
    return ("unfinished", trouble) if trouble else ("survived", None)


def _of_legal(ran: Ran, laws: Mapping[str, Any], loud: Mapping[str, str]) -> tuple[Verdict, str | None]:
    if loud:
        return "accused", None
    if ran.code not in {0, 4, 5}:
        return "unfinished", _trouble(ran) or f"the run ended with exit code {ran.code}"
    if not any(law["verdict"] == "pass" for law in laws.values()):
        return "unfinished", _trouble(ran) or "not one law was exercised"
    return "clean", None


def _of_impostor(ran: Ran, _laws: Mapping[str, Any], _loud: Mapping[str, str]) -> tuple[Verdict, str | None]:
    if ran.code == 0:
        return "believed", "the run ended with 0: it conforms"
    if ran.code in {2, 3}:
        return "unfinished", _trouble(ran) or _last_word(ran)
    return "refused", None


def _trouble(ran: Ran) -> str | None:
    trouble = (ran.results or {}).get("trouble")
    return None if trouble is None else str(trouble["message"])


# -- what stands in the findings


def _marks(case: Case, laws: Mapping[str, Any], loud: Mapping[str, str], *, is_whole: bool) -> dict[str, Mark]:
    """What each law said; a run that was to end with the first finding tells nothing of laws that said nothing."""
    marks: dict[str, Mark] = {}
    for name in loud:
        law = laws[name]
        if name in case.caught_by and has_caught(law, case.clause):
            marks[name] = "named"
        elif name in case.caught_by:
            marks[name] = "warned"
        else:
            is_folded = all(finding["folded_under"] not in {None, name} for finding in law["findings"])
            marks[name] = "follows" if law["findings"] and is_folded else "besides"
    for name in case.caught_by if is_whole else ():
        marks.setdefault(name, "missed")
    return marks


def _alarms(laws: Mapping[str, Any], loud: Mapping[str, str]) -> list[Alarm]:
    alarms = []
    for name, word in loud.items():
        found = min(laws[name]["findings"], key=lambda finding: finding["force"] != "must", default=None)
        alarms.append(
            Alarm(
                law=name,
                verdict=word,
                expected=str(found["expected"]) if found else "",
                actual=str(found["actual"]) if found else "",
                steps=tuple(map(str, found["steps"])) if found else (),
            )
        )
    return alarms


def _first(findings: list[Mapping[str, Any]]) -> First | None:
    found = min(findings, key=lambda finding: finding["found_at"]["call"], default=None)
    if found is None:
        return None
    return First(law=found["law"], call=found["found_at"]["call"], second=found["found_at"]["second"])


def _shrunk(findings: list[Mapping[str, Any]], case: Case) -> Shrunk | None:
    own = [finding for finding in findings if finding["law"] in case.caught_by]
    found = min(own, key=lambda finding: finding["found_at"]["call"], default=None)
    if found is None:
        return None
    return Shrunk(
        calls=len(found["history"]),
        steps=found["shrunk"]["to_steps"],
        spent_calls=found["shrunk"]["calls"],
        spent_seconds=found["shrunk"]["seconds"],
    )


def _last_word(ran: Ran) -> str:
    """The line in which a run says what it thinks: its verdict, or what went wrong."""
    lines = [line for line in ran.said if line.strip() and not line.startswith("assay: found:")]
    return lines[0].strip() if lines else ""
