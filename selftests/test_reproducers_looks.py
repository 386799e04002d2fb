"""Python scripts that look at the members that answers show: executed against the fault and against the reference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from in_memory import Reference, finding_of, search_for

from assay.budget import Budget
from assay.program import Arn, Create, Fill, Get, Handshake, List, Name, Program, Walk
from assay.reference import BackgroundReference
from assay.reproducers import reproducers
from assay.reproducers.looks import look_of
from selftests.histories import NEWEST, contract_of
from selftests.scripts import executed, found_at, left_at

if TYPE_CHECKING:
    from pathlib import Path

#: A mutant, the law that it breaks, a program that shows it, and what a script has to look at.
FAULTS: tuple[tuple[str, str, Program, str], ...] = (
    ("status.available-in-list", "connection.status.agrees", Program((Create(0), Get(Arn(0)), List())), "agree"),
    ("status.available-in-list", "connection.list.agrees", Program((Create(0), Get(Arn(0)), List())), "agree"),
    ("status.available-in-list", "connection.status.pending", Program((Create(0), Walk())), "is-not"),
    ("status.active", "connection.status.enum", Program((Create(0), List())), "is-not"),
    ("provider.gitlab-as-github", "connection.provider.preserved", Program((Create(0, kind="GitLab"), List())), "is"),
    ("name.trimmed", "connection.name.preserved", Program((Create(0, Name(0, after=" ")), Get(Arn(0)))), "is"),
    ("get.provider-forgotten", "connection.get.details", Program((Create(0), Get(Arn(0)))), "has"),
    ("page.one-too-many", "connection.list.page-size", Program((Fill(100, 4), Walk(2))), "at-most"),
    (
        "handshake.renames",
        "connection.handshake.only",
        Program((Create(0), Get(Arn(0)), Handshake(Arn(0)), Get(Arn(0)))),
        "is",
    ),
)


@pytest.mark.parametrize(("mutant", "law", "program", "that"), FAULTS, ids=[f"{each[0]}-{each[1]}" for each in FAULTS])
def test_a_script_sees_what_answers_show(mutant: str, law: str, program: Program, that: str, tmp_path: Path) -> None:
    """Exit code 1 where the fault is, 0 where it is not, and nothing left behind."""
    codes = {}
    finding = None
    for fault in (mutant, None):
        server = BackgroundReference(edition=NEWEST[1], mutant=fault)
        server.start()
        try:
            url = server.endpoint_url
            if finding is None:
                finding = found_at(url, law, program, handshake="door")
                look = look_of(finding)
                assert look is not None
                assert look.that == that
                script = reproducers(finding, contract_of(NEWEST)).scripts["python"]
            codes[fault], said = executed("python", script, url, "", tmp_path)
            assert codes[fault] == (1 if fault else 0), f"{script}\n{said}"
            assert left_at(url) == 0
        finally:
            server.stop()


def test_a_law_that_says_it_in_another_way_has_no_look() -> None:
    """Then the script tells the answers, and a person looks."""
    search = search_for(Reference("status.available-in-list"), {"connection.status.agrees"})
    search.examine(Program((Create(0), Get(Arn(0)), List())), Budget())
    finding = finding_of(search, "connection.status.agrees")
    finding.breach = replace(finding.breach, expected="they agree")
    assert look_of(finding) is None
    assert "values" not in reproducers(finding, contract_of(NEWEST)).scripts["python"]
