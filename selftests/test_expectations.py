"""Known failures: the four-way rule each way, what a file may say, and that nothing new hides behind what is known."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import runs
from hypothesis import given, settings
from hypothesis import strategies as st
from in_memory import Reference, search_for
from jsonschema import Draft202012Validator

from assay import cli
from assay.budget import Budget
from assay.contract import clauses_of_every_law
from assay.errors import UsageError
from assay.expectations import Entry, as_toml, read_expectations, updated
from assay.history import Refused
from assay.program import Arn, Create, Get, List, Program
from assay.suite import find_suite, import_reports, specs_root

if TYPE_CHECKING:
    from assay.book import Book, Finding

UNIQUE, EXACT, PROVIDER = "connection.name.unique", "connection.name.exact", "connection.create.provider"
LAWS = clauses_of_every_law(specs_root())
BROKEN = runs.finding(UNIQUE)
OTHERWISE = runs.finding(UNIQUE, calls=(runs.call(17), runs.call(18, outcome=Refused("Other", 400))))
LISTED = Entry(law=UNIQUE, reason="known since May")
BY_NAME = Entry(law=UNIQUE, finding=BROKEN.id, reason="known since May")


def judged(*findings: Finding, expected: tuple[Entry, ...], **how: Any) -> tuple[int, str, list[str]]:
    """Exit code, the verdict of `connection.name.unique`, the status of each entry; the results hold to the schema."""
    results = runs.results(book_of(findings, expected, **how), expected=expected)
    schema = json.loads((find_suite() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(import_reports().json.render(results)))
    (verdict,) = (law["verdict"] for law in results["laws"] if law["id"] == UNIQUE)
    return results["exit_code"], verdict, [each["status"] for each in results["expectations"]]


def book_of(findings: tuple[Finding, ...], expected: tuple[Entry, ...], **how: Any) -> Book:
    book = runs.book(**how)
    book.expected = frozenset(entry.finding for entry in expected if entry.finding)
    for finding in findings:
        book.write_down(finding)
    return book


# -- the four-way rule


@pytest.mark.parametrize("entry", [LISTED, BY_NAME])
def test_what_fails_and_is_listed_is_expected(entry: Entry) -> None:
    """By its law or by its id."""
    assert judged(BROKEN, expected=(entry,)) == (0, "expected-fail", ["expected-fail"])


def test_what_fails_and_is_not_listed_fails_the_run() -> None:
    """Also where something else is listed, and is gone."""
    assert judged(BROKEN, expected=()) == (1, "fail", [])
    other = Entry(law=EXACT, reason="it came and went")
    assert judged(BROKEN, expected=(other,)) == (1, "fail", ["stale"])


@pytest.mark.parametrize("entry", [LISTED, BY_NAME])
def test_what_passes_and_is_listed_is_stale(entry: Entry) -> None:
    """The run fails, so that somebody takes the entry away."""
    assert judged(expected=(entry,)) == (1, "stale", ["stale"])


def test_what_passes_and_is_not_listed_passes() -> None:
    """As ever."""
    assert judged(expected=()) == (0, "pass", [])


def test_what_was_not_exercised_is_told_and_fails_nothing() -> None:
    """Nobody knows whether it would have failed."""
    assert judged(expected=(LISTED,), exercised=(EXACT,)) == (0, "vacuous", ["not-exercised"])
    results = runs.results(runs.book(), selected={EXACT}, expected=(LISTED,))
    assert (results["exit_code"], results["expectations"][0]["status"]) == (0, "not-exercised")


def test_an_expired_entry_counts_as_not_listed_and_is_told() -> None:
    """From the day after; nothing is stale for it either."""
    last, gone = (replace(LISTED, expires=dt.date(2026, 11, day)) for day in (22, 21))  # runs are of the 22nd
    assert judged(BROKEN, expected=(last,)) == (0, "expected-fail", ["expected-fail"])
    assert judged(BROKEN, expected=(gone,)) == (1, "fail", ["expired"])
    assert judged(expected=(gone,)) == (0, "pass", ["expired"])


def test_an_entry_for_a_finding_hides_no_other_failure_of_the_law() -> None:
    """Whether the known one shows itself as well or not, and whichever was met first."""
    assert judged(OTHERWISE, expected=(BY_NAME,)) == (1, "fail", ["hidden"])
    assert judged(BROKEN, OTHERWISE, expected=(BY_NAME,)) == (1, "fail", ["expected-fail"])
    assert judged(OTHERWISE, BROKEN, expected=(BY_NAME,)) == (1, "fail", ["expected-fail"])
    assert judged(BROKEN, OTHERWISE, expected=(LISTED,))[0] == 0


def test_an_entry_for_a_clause_covers_that_clause_alone() -> None:
    """The law's own sentence is another matter."""
    entry = Entry(law=PROVIDER, clause="other-edition", reason="we are ahead")
    clause, whole = runs.finding(PROVIDER, clause="other-edition"), runs.finding(PROVIDER)
    assert judged(clause, expected=(entry,))[0] == 0
    assert judged(clause, whole, expected=(entry,))[0] == 1


def test_two_entries_of_one_law_are_told_apart() -> None:
    """One is still there, the other gone: that is stale."""
    gone = replace(BY_NAME, finding=OTHERWISE.id)
    assert judged(BROKEN, expected=(BY_NAME, gone)) == (1, "stale", ["expected-fail", "stale"])


@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ({"target": "http://127.0.0.1:*"}, True),
        ({"target": "127.0.0.1:4566"}, True),
        ({"target": "Reference"}, True),
        ({"target": "http://emulator:*"}, False),
        ({"edition": "2026-*"}, True),
        ({"edition": "2019-12-19"}, False),
        ({"service": "codestar-connections", "edition": "2026-11-10", "target": "*"}, True),
        ({"service": "codeconnections"}, False),
    ],
)
def test_an_entry_counts_only_where_its_conditions_hold(condition: dict[str, str], *, counts: bool) -> None:
    """One file serves several targets and editions; elsewhere an entry is told, and is never stale."""
    entry = replace(LISTED, **condition)  # type: ignore[arg-type]
    assert judged(BROKEN, expected=(entry,))[0] == (0 if counts else 1)
    assert judged(expected=(entry,)) == ((1, "stale", ["stale"]) if counts else (0, "pass", ["for another target"]))


def test_what_nobody_expects_is_told_first_and_under_nothing_that_is_expected() -> None:
    """A new failure that follows from a known one is new all the same."""
    cause, effect = runs.finding("connection.list.complete"), runs.finding("connection.list.agrees")
    results = runs.results(
        book_of((cause, effect), ()), expected=(Entry(law="connection.list.complete", reason="known"),)
    )
    found = {each["id"]: each for law in results["laws"] for each in law["findings"]}
    assert results["findings"][0] == effect.id
    assert found[effect.id]["folded_under"] is None
    assert found[cause.id]["expected_by"] == ["connection.list.complete"]


def test_the_console_tells_every_entry() -> None:
    """Expected failures in a line each, not as findings; whoever looks after them; what is gone, first of all."""
    entry = replace(LISTED, owner="team-x", link="https://example.org/7", expires=dt.date(2027, 1, 31))
    text = import_reports().console.render(runs.results(runs.book(BROKEN), expected=(entry,)), width=200)
    assert "but for 1 law known to fail" in text.splitlines()[0]
    assert "1. connection" not in text
    assert "known since May; owner team-x; see https://example.org/7; until 2027-01-31" in text
    stale = runs.results(runs.book(), expected=(LISTED,))
    for verbosity in ("quiet", "normal"):
        text = import_reports().console.render(stale, width=200, verbosity=verbosity)
        assert text.splitlines()[0].endswith("1 known failure is gone")
        assert UNIQUE in text


# -- the search


def test_what_is_expected_by_name_mutes_nothing_else() -> None:
    """A status that Get and List tell wrong: two findings, where the first is known; none, where both are."""
    program = Program((Create(0), Get(Arn(0)), List()))
    law, mutant = "connection.status.pending", "status.available-at-once"
    first = search_for(Reference(mutant), {law})
    first.examine(program, Budget())
    (known,) = first.book.every()
    (ways,) = first.book.ways.values()
    assert len(ways) == 2, "both ways are told, one of them as the finding"
    again = search_for(Reference(mutant), {law})
    again.book.expected = frozenset({known.id})
    again.examine(program, Budget())
    assert list(again.book.known) == [known.id]
    assert {finding.id for finding in again.book.findings.values()} == ways.keys() - {known.id}
    last = search_for(Reference(mutant), {law})
    last.book.expected = frozenset(ways)
    last.examine(program, Budget())
    assert not last.book.findings
    assert last.book.broken(law) is None


# -- the file


def read(text: str, tmp_path: Path) -> tuple[Entry, ...]:
    place = tmp_path / "known.toml"
    place.write_text(text, encoding="utf-8")
    return read_expectations(str(place), LAWS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[expect]", "is not TOML"),
        ('[[expected]]\nlaw = "x"', "there is no key 'expected'"),
        ('expect = "x"', "is no list of tables"),
        ('[[expect]]\nreason = "x"', "entry 1: names neither a law nor a finding"),
        (f'[[expect]]\nlaw = "{UNIQUE}"', "entry 1: has no reason"),
        (f'[[expect]]\nlaw = "{UNIQUE}"\nreason = " "', "reason: is no text, or an empty one"),
        ('[[expect]]\nlaw = "connection.name.uniqe"\nreason = "x"', "there is no law 'connection.name.uniqe'"),
        (f'[[expect]]\nlaw = "{UNIQUE}"\nreson = "x"', "there is no key 'reson'\n  hint: did you mean 'reason'?"),
        (f'[[expect]]\nfinding = "{UNIQUE}"\nreason = "x"', "is no id of a finding"),
        (
            '[[expect]]\nfinding = "connection.nam.unique-00000000"\nreason = "x"',
            "did you mean 'connection.name.unique'",
        ),
        (f'[[expect]]\nfinding = "{UNIQUE}-00000000"\nlaw = "{EXACT}"\nreason = "x"', "is no finding of"),
        (f'[[expect]]\nlaw = "{PROVIDER}"\nclause = "other-edtion"\nreason = "x"', "did you mean 'other-edition'?"),
        (f'[[expect]]\nlaw = "{UNIQUE}"\nreason = "x"\nexpires = "soon"', "'soon' is no day"),
        (f'[[expect]]\nlaw = "{UNIQUE}"\nreason = "x"\nprogram = "[3]"', "program: is no program"),
        (f'[[expect]]\nlaw = "{UNIQUE}"\nreason = "x"\n' * 2, "entry 2: connection.name.unique is listed by entry 1"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_a_remedy(text: str, message: str, tmp_path: Path) -> None:
    """What was passed over would expect a failure that nobody ever finds."""
    with pytest.raises(UsageError) as caught:
        read(text, tmp_path)
    assert message in str(caught.value)
    assert caught.value.hint
    assert len(str(caught.value).splitlines()) == 2


def test_a_mistake_ends_assay_run_before_a_packet_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2, and a suggestion."""
    place = tmp_path / "known.toml"
    place.write_text('[[expect]]\nlaw = "connection.name.uniqe"\nreason = "x"\n', encoding="utf-8")
    assert cli.main(["run", "--endpoint-url", "http://127.0.0.1:9", "--expect", str(place)]) == 2
    assert "did you mean 'connection.name.unique'?" in capsys.readouterr().err
    assert cli.main(["run", "--endpoint-url", "http://127.0.0.1:9", "--expect", str(tmp_path / "none.toml")]) == 2
    assert cli.main(["run", "--endpoint-url", "http://127.0.0.1:9", "--write-expect", str(place)]) == 2
    assert "--force brings it up to date" in capsys.readouterr().err
    assert cli.main(["run", "--endpoint-url", "http://127.0.0.1:9", "--force"]) == 2


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(str.strip)
ENTRIES = st.builds(
    Entry,
    law=st.just(UNIQUE),
    finding=st.just(f"{UNIQUE}-0123abcd"),
    also=st.sampled_from([(), (f"{UNIQUE}-89abcdef",), (f"{UNIQUE}-89abcdef", f"{UNIQUE}-00000000")]),
    reason=TEXTS,
    link=st.none() | TEXTS,
    owner=st.none() | TEXTS,
    expires=st.none() | st.dates(dt.date(1970, 1, 1)),
    target=st.none() | TEXTS,
    program=st.none() | st.just(({"do": "create", "name": None, "members": {"x": "'"}},)),
)


@settings(deadline=None)
@given(ENTRIES)
def test_what_is_written_is_read_again(entry: Entry) -> None:
    """Whatever people wrote into it, and to the letter of the schema for editors."""
    text = as_toml([entry])
    schema = json.loads((find_suite() / "reports" / "expectations.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(json.dumps(tomllib.loads(text), default=str)))
    place = Path("known.toml")
    place.write_text(text, encoding="utf-8", newline="")
    try:
        assert read_expectations(str(place), LAWS) == (entry,)
    finally:
        place.unlink()


def test_the_first_file_lists_what_fails_and_a_later_one_keeps_what_people_wrote() -> None:
    """One entry a finding; what is gone is left out, what is new is added."""
    results = runs.results(runs.book(BROKEN, runs.finding(EXACT)))
    first = updated((), results)
    assert {entry.finding for entry in first} == {BROKEN.id, runs.finding(EXACT).id}
    assert all(entry.program for entry in first)
    known = tuple(replace(entry, reason="because", owner="me") for entry in first)
    later = runs.results(book_of((BROKEN, runs.finding(PROVIDER)), known), expected=known)
    second = updated(known, later)
    assert [(entry.law, entry.reason) for entry in second] == [(UNIQUE, "because"), (PROVIDER, "not yet explained")]
    assert runs.results(book_of((BROKEN, runs.finding(PROVIDER)), second), expected=second)["exit_code"] == 0
