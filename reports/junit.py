"""JUnit XML: a suite for each noun, a case for each law, so that whatever shows tests shows laws.

A law that is broken and fails the run is a failure; one that nobody could judge is an error, because that is what the
viewers know that is neither passed nor failed; what was not exercised or cannot be judged is skipped, with the
reason; a warning passes and is told in the case's output. A known failure is skipped as well, because viewers colour a
failure red whatever else is said of it, and show the message of what is skipped: reason, owner, link, day.

Why we believe a law and how often it was exercised stands in the suite's properties, `<law>.evidence` and so on: the
published schemas know properties of suites alone.

XML 1.0 has no way to write most control characters, not even escaped; they are shown as `quotation` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from reports import expected
from reports.findings import named
from reports.judgement import judgement, target_of
from reports.quotation import legible
from reports.transcript import Nicknames, transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["render"]

_FAILED: Final = frozenset({"fail", "stale"})
_SKIPPED: Final = frozenset({"unsupported", "vacuous", "expected-fail"})
_LONGEST: Final = 2_000
_FINDINGS: Final = 20
_CALLS: Final = 40


def render(results: Mapping[str, Any]) -> str:
    """The document."""
    nouns: dict[str, list[Mapping[str, Any]]] = {}
    for law in results["laws"]:
        nouns.setdefault(law["id"].rpartition(".")[0], []).append(law)
    whole = _counted(results["laws"])
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes(name='assay', **whole)}>"]
    for number, (noun, laws) in enumerate(nouns.items()):
        lines += _suite(noun, laws, results, number)
    return "\n".join([*lines, "</testsuites>", ""])


def _suite(noun: str, laws: Sequence[Mapping[str, Any]], results: Mapping[str, Any], number: int) -> Iterator[str]:
    about = {
        **_counted(laws),
        "skipped": str(sum(law["verdict"] in _SKIPPED for law in laws)),
        "timestamp": results["started"].partition("+")[0],
        "id": str(number),
    }
    yield f"  <testsuite{_attributes(name=noun, **about)}>"
    yield "    <properties>"
    for name, value in [*_about_the_run(results), *_about_the_laws(laws)]:
        yield f"      <property{_attributes(name=name, value=value)}/>"
    yield "    </properties>"
    for law in laws:
        yield from _case(law, noun, results)
    yield "  </testsuite>"


def _case(law: Mapping[str, Any], noun: str, results: Mapping[str, Any]) -> Iterator[str]:
    attributes = _attributes(name=law["id"], classname=f"{results['service']}.{noun}", time=f"{law['duration_s']:.3f}")
    known = expected.entries(results, law["id"])
    body = [*_result(law, known), *_output(law, known)]
    if not body:
        yield f"    <testcase{attributes}/>"
        return
    yield f"    <testcase{attributes}>"
    yield from body
    yield "    </testcase>"


def _result(law: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    word, reason = law["verdict"], law["reason"] or law["verdict"]
    findings = expected.unexpected(law["findings"])
    if word in _FAILED:
        message = findings[0]["actual"] if findings else reason
        text = "\n\n".join(_told(each) for each in findings[:_FINDINGS])
        kind = _attributes(message=f"{law['sentence']}: {message}", type=law["force"])
        yield f"      <failure{kind}>{_text(text)}</failure>"
    elif word == "indeterminate":
        yield f"      <error{_attributes(message=reason, type=word)}/>"
    elif word in _SKIPPED:
        if word == "expected-fail":
            reason = "; ".join(expected.words(each) for each in known if each["status"] == word) or reason
        yield f"      <skipped{_attributes(message=reason, type=word)}/>"


def _output(law: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The requirement, for whoever opens the case; what only warned or was expected, and what is known of the law."""
    lines = [f"{law['sentence']} ({law['force']}, {law['evidence']})", *law["source"]]
    lines += [f"{status}: {line}" for status, line in map(expected.as_line, known)]
    is_warned = law["verdict"] == "warn"
    told = [each for each in law["findings"] if is_warned or expected.is_expected(each)]
    if told:
        word = "warn" if is_warned else "expected-fail"
        lines += ["", f"{word}:", *(_told(each) for each in told[:_FINDINGS])]
    yield f"      <system-out>{_text(chr(10).join(lines))}</system-out>"


def _told(finding: Mapping[str, Any]) -> str:
    """A finding as lines."""
    names = Nicknames(finding["history"])
    lines = transcript(finding["history"], names, breaks_at=finding["breaks_at"])
    shown = lines if len(lines) <= _CALLS else lines[-_CALLS:]
    return "\n".join(
        [
            named(finding),
            finding["sentence"],
            f"expected: {legible(names.put_into(finding['expected']), _LONGEST)}",
            f"actual:   {legible(names.put_into(finding['actual']), _LONGEST)}",
            *(["  …"] if len(shown) < len(lines) else []),
            *(
                f"{'> ' if line.breaks else '  '}{line.number} {line.asked}{' → ' if line.came else ''}{line.came}"
                for line in shown
            ),
            f"run it again: {legible(finding['reproducers']['assay'])}",
        ]
    )


def _about_the_run(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "verdict", f"{results['verdict']}: {judgement(results)}"
    yield "target", target_of(results)
    yield "contract", f"{results['service']} {results['edition']}"
    yield "effort", results["effort"]
    yield "seed", str(results["seed"])
    yield "assay", results["assay"]["version"]


def _about_the_laws(laws: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for law in laws:
        for key in ("verdict", "force", "evidence", "calls", "examples"):
            yield f"{law['id']}.{key}", str(law[key])
        yield f"{law['id']}.source", law["source"][0]


def _counted(laws: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    verdicts = [law["verdict"] for law in laws]
    return {
        "tests": str(len(laws)),
        "failures": str(sum(word in _FAILED for word in verdicts)),
        "errors": str(verdicts.count("indeterminate")),
        "time": f"{sum(law['duration_s'] for law in laws):.3f}",
    }


def _attributes(**values: str) -> str:
    return "".join(f" {name}={quoteattr(legible(value, _LONGEST))}" for name, value in values.items())


def _text(lines: str) -> str:
    """Text for between two tags: every line legible, so that XML 1.0 has all its characters."""
    return escape("\n".join(legible(line) for line in lines.split("\n")))
