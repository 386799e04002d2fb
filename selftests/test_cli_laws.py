"""`assay laws` and `assay show`: the contract in words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import runs

from assay import cli
from assay.cli.show import tests_of as exercising
from assay.contract import Contract, load_contract
from assay.suite import find_suite


def test_the_catalogue_lists_every_law_of_the_edition(capsys: pytest.CaptureFixture[str]) -> None:
    """By its id, in the order of the file, grouped by noun."""
    assert cli.main(["laws"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line.strip() for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert told == list(runs.contract().laws)
    assert [line for line in lines if line and " " not in line] == list(
        dict.fromkeys(law.noun for law in runs.contract().laws.values())
    )


def test_the_catalogue_is_there_for_programs_and_for_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON holds everything, Markdown a table a noun."""
    assert cli.main(["laws", "--format", "json", "--edition", "2019-12-19"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["edition"] == "2019-12-19"
    assert [law["id"] for law in document["laws"]] == list(runs.contract("2019-12-19").laws)
    assert cli.main(["laws", "--format", "markdown", "--law", "wire.*"]) == 0
    text = capsys.readouterr().out
    assert "## wire" in text
    assert "## connection" not in text
    assert "| `wire.schema` |" in text


def test_show_tells_what_touches_a_law(capsys: pytest.CaptureFixture[str]) -> None:
    """Sentence, force, source, why, tests, mutants."""
    assert cli.main(["show", "connection.name.unique"]) == 0
    text = capsys.readouterr().out
    law = runs.contract().laws["connection.name.unique"]
    assert law.source[-1] in text
    assert "must (should on AWS itself)" in text
    assert "tests/codestar_connections/test_names.py::" in text
    assert "name.duplicate-accepted: " in text
    assert "codestar-connections 2019-12-19" in text


def test_show_tells_an_unjudged_law_as_such(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason."""

    def of_tomorrow(*where: Any, **how: Any) -> Contract:
        contract = load_contract(*where, **how)
        law = replace(contract.laws["isolation.account"], since=None, pending="tomorrow")
        return replace(contract, laws={**contract.laws, law.id: law})

    monkeypatch.setattr("assay.contract.load_contract", of_tomorrow)
    assert cli.main(["show", "isolation.account"]) == 0
    assert "not yet: tomorrow" in capsys.readouterr().out


def test_every_judged_law_is_exercised_by_a_test() -> None:
    """A law without a test is vacuous in every run."""
    tests = find_suite() / "tests"
    without = [
        law.id for law in runs.contract().laws.values() if not law.pending and not list(exercising(law.id, tests))
    ]
    assert without == []


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["show", "connection.name.uniqe"], "there is no law 'connection.name.uniqe'", "connection.name.unique"),
        (["show", "xyzzy"], "there is no law 'xyzzy'", "`assay laws`"),
        (["show", "wire.schema", "--edition", "2020-01-01"], "no edition '2020-01-01'", "2019-12-19"),
        (["show", "wire.schema", "--service", "codestar"], "no service 'codestar'", "codestar-connections"),
        (["laws", "--format", "html"], "--format 'html'", "markdown"),
        (["laws", "--law", "conection.*"], "no law of codestar-connections 2026-11-10 is called so", ""),
        (["laws", "--edition", "2026"], "no edition '2026'", "2026-11-10"),
    ],
)
def test_what_is_not_there_is_a_usage_error_with_the_close_match(
    words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    assert cli.main(words) == 2
    told = capsys.readouterr().err
    assert message in told
    assert hint in told
