"""The console report: the verdict first, readable anywhere, and nothing that an endpoint said is obeyed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import runs
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from assay.errors import TargetError
from assay.history import Accepted, Unknown
from assay.suite import import_reports

reports = import_reports()
UNIQUE = "connection.name.unique"
HOSTILE = (
    "\x1b[31mred\x1b[0m \x07 \u202eevil\u202c \u2066x [bold]not markup[/bold] :smile: \r\n\x9b2J é e\u0301 \ud800 名前"
)


def rendered(results: dict[str, Any], **options: Any) -> str:
    return str(reports.console.render(results, **{"width": 80, "color": False, "verbosity": "normal", **options}))


def test_the_first_line_is_the_verdict_and_names_the_target() -> None:
    """A reader in a hurry stops there."""
    first = rendered(runs.results(runs.book()), width=200).splitlines()[0]
    assert first == (
        "conforms: the reference server at http://127.0.0.1:4566 keeps the contract of codestar-connections 2026-11-10"
    )
    first = rendered(runs.results(runs.book(runs.finding(UNIQUE)), mutant="name.x"), width=200).splitlines()[0]
    assert first.startswith("broken: the reference server with the fault name.x at http://127.0.0.1:4566 breaks")
    lost = runs.results(runs.book(exercised=()), trouble=TargetError("it is gone", hint="look for it"))
    assert rendered(lost).splitlines()[:2] == ["indeterminate: it is gone", "  hint: look for it"]


def test_a_run_that_could_judge_nothing_says_so_and_no_more() -> None:
    """Not a wall of open laws."""
    lost = runs.results(runs.book(exercised=()), trouble=TargetError("it is gone", hint="look for it"))
    assert rendered(lost).splitlines() == ["indeterminate: it is gone", "  hint: look for it"]
    assert len(rendered(lost, verbosity="verbose").splitlines()) > 40


def test_a_verdict_claims_no_more_than_was_looked_at() -> None:
    """Two laws are not the contract, and a law that nothing exercised was not kept."""
    only = rendered(runs.results(runs.book(), selected={UNIQUE}), width=200).splitlines()[0]
    assert "keeps the one law that was asked for of codestar-connections" in only
    laws = [law for law in runs.contract().laws.values() if law.pending is None]
    some = runs.book(exercised=[law.id for law in laws if law.noun == "connection"])
    others = sum(law.noun != "connection" for law in laws)
    assert f"{others} laws were not exercised" in rendered(runs.results(some), width=200).splitlines()[0]


def test_a_finding_tells_everything_that_is_needed_to_act_on_it() -> None:
    """Law, requirement, expected, actual, the calls, how to run it again."""
    results = runs.results(runs.book(runs.finding(UNIQUE, shows=(3, 3), shrunk_calls=40)))
    text = rendered(results, width=110)
    for words in (
        "1. connection.name.unique",
        "must, documented: model 2019-12-19: CreateConnectionInput.ConnectionName",
        "expected arn#1 keeps its name to itself",
        'CreateConnection ConnectionName="mine", ProviderType=Bitbucket → accepted: ConnectionArn=arn#1',
        "> 2 CreateConnection",
        "first at call 18, second 0.4; in 3 of 3 repetitions; shrunk from 9 to 2 steps",
        f"run it again assay replay .assay/results.json {results['findings'][0]}",
    ):
        assert words in text


def test_what_follows_from_another_finding_is_told_in_one_line() -> None:
    """One fault, one story."""
    laws = ("connection.status.enum", "connection.status.pending", "wire.schema")
    text = rendered(runs.results(runs.book(*map(runs.finding, laws))))
    assert "1 law, and 2 that may follow from it" in " ".join(text.split())
    assert "also breaks  connection.status.pending, wire.schema" in text
    assert "2. " not in text


def test_many_calls_of_one_kind_are_told_by_the_first_and_the_last() -> None:
    """A page fault needs a full page, and its report need not."""
    calls = tuple(runs.call(index, name=f"n{index}") for index in range(12))
    text = rendered(runs.results(runs.book(runs.finding(UNIQUE, calls=calls))))
    assert "9 more CreateConnection like it" in text
    verbose = rendered(runs.results(runs.book(runs.finding(UNIQUE, calls=calls))), verbosity="verbose")
    assert "more CreateConnection" not in verbose


def test_strangers_in_a_list_are_counted() -> None:
    """A page of hundreds is one line."""
    items = [{"ConnectionArn": f"{runs.ARN}{index}"} for index in range(100, 150)] + [{"ConnectionArn": f"{runs.ARN}1"}]
    page = runs.call(2, outcome=Accepted({"Connections": items, "NextToken": "t" * 900}), operation="ListConnections")
    text = rendered(runs.results(runs.book(runs.finding(UNIQUE, calls=(runs.call(1), page)))))
    assert "Connections=[arn#1 and 50 others], NextToken=token#1" in " ".join(text.split())


@pytest.mark.parametrize("verbosity", ["quiet", "normal", "verbose"])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_is_readable_at_any_width_and_nothing_raw_reaches_the_terminal(width: int, verbosity: str) -> None:
    """Control characters, ANSI, bidirectional controls, lone surrogates, markup: all of it is text."""
    calls = (
        runs.call(1, name=HOSTILE, outcome=Accepted({HOSTILE: HOSTILE, "Connections": [HOSTILE, {HOSTILE: HOSTILE}]})),
        runs.call(2, outcome=Unknown("connection", HOSTILE)),
    )
    results = runs.results(
        runs.book(runs.finding(UNIQUE, calls=calls, actual=HOSTILE, expected=HOSTILE)),
        left_behind=((HOSTILE, HOSTILE),),
        trouble=TargetError(HOSTILE, hint=HOSTILE),
    )
    results["notes"] = [HOSTILE]
    text = rendered(results, width=width, verbosity=verbosity)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert "[bold]not markup[/bold]" in " ".join(text.split())
    assert max(cell_len(line) for line in text.splitlines()) <= width


@settings(deadline=None)  # a deadline is wall-clock time: other work on the machine would fail it
@given(st.text(), st.integers(40, 120))
def test_any_text_stays_printable_and_within_the_width(words: str, width: int) -> None:
    """Whatever an endpoint answers."""
    results = runs.results(runs.book(runs.finding(UNIQUE, actual=words, calls=(runs.call(1, name=words),))))
    text = rendered(results, width=width)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_names_that_look_the_same_are_told_apart() -> None:
    """A report on normal forms is worthless otherwise; letters of every script stay readable."""
    assert reports.quotation.quoted("é") == '"é"'
    assert reports.quotation.quoted("e\u0301") == '"e\\u0301"'
    assert reports.quotation.quoted("接続") == '"接続"'
    assert reports.quotation.quoted("\u05d0b") == '"\\u05d0b"'
    assert reports.quotation.quoted("x" * 200, limit=10) == '"xxxxxxxxx…" (200 characters)'


def test_without_colours_there_is_no_escape_and_with_them_there_is() -> None:
    """NO_COLOR is decided by the caller, and kept here."""
    results = runs.results(runs.book(runs.finding(UNIQUE)))
    assert "\x1b" not in rendered(results)
    assert "\x1b[" in rendered(results, color=True)


def test_quiet_is_the_verdict_and_a_line_for_each_finding() -> None:
    """For scripts and for the impatient."""
    assert len(rendered(runs.results(runs.book()), verbosity="quiet", width=200).splitlines()) == 1
    text = rendered(runs.results(runs.book(runs.finding(UNIQUE))), verbosity="quiet", width=200)
    assert text.splitlines()[1:] == ["   connection.name.unique: accepted"]


def test_what_could_not_be_deleted_is_listed_with_its_arn() -> None:
    """Somebody has to remove it."""
    text = rendered(runs.results(runs.book(), left_behind=((f"{runs.ARN}1", "mine"),)), width=200)
    assert f"left behind {runs.ARN}1 (mine)" in " ".join(text.split())


def test_of_many_that_could_not_be_deleted_the_first_are_listed_and_the_rest_counted() -> None:
    """An endpoint that deletes nothing leaves hundreds; -v names them all."""
    results = runs.results(runs.book(), left_behind=tuple((f"{runs.ARN}{number}", None) for number in range(33)))
    lines = rendered(results, width=200).splitlines()
    assert sum(runs.ARN in line for line in lines) == 20
    assert any("and 13 more: -v names them" in line for line in lines)
    assert sum(runs.ARN in line for line in rendered(results, verbosity="verbose", width=200).splitlines()) == 33


def test_laws_that_are_not_judged_are_grouped_by_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighteen lines of the same would hide everything else."""
    today = runs.contract()
    pending = [law for law in today.laws.values() if law.noun in {"auth", "concurrent"}]
    reasons = {law.id: f"nobody has judged {law.noun} yet" for law in pending}
    laws = {law: replace(row, pending=reasons.get(law)) for law, row in today.laws.items()}
    monkeypatch.setattr(runs, "contract", lambda: replace(today, laws=laws))
    document = runs.results(runs.book(exercised=laws.keys() - reasons.keys()))
    told = " ".join(rendered(document, width=200, verbosity="verbose").split())
    for reason in set(reasons.values()):
        assert told.count(reason) == 1, reason
    for noun in ("auth", "concurrent"):
        number = sum(law.noun == noun for law in pending)
        assert f"{number} of {noun}.*" in rendered(document, width=200)
