"""`assay differ`: the same programs at two endpoints; what differs is told once and small, with its laws."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from histories import NEWEST, contract_of
from in_memory import LOST, Reference, search_for

from assay import cli
from assay.budget import Budget
from assay.differ import Differ, Difference, Side, Stopped, as_document, draw_programs
from assay.errors import TargetError
from assay.history import Accepted, Call, Outcome, Refused
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Send, Token, Walk
from assay.recipe import Recipe
from assay.results import Cleanup, TargetFacts
from assay.suite import import_reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from in_memory import InMemory

DUPLICATES = Program((Fill(100, 3), Walk(2), Create(0, Name(0)), Get(Arn(0)), Create(1, Name(0)), Walk()))


def differ_of(one: InMemory, other: InMemory, **limits: Any) -> Differ:
    return Differ(Side("A", search_for(one)), Side("B", search_for(other)), Budget(**limits))


def found(one: InMemory, other: InMemory, *programs: Program) -> list[Difference]:
    differ = differ_of(one, other)
    for program in programs:
        differ.check(program)
    return list(differ.differences.values())


def answering(change: Any) -> Reference:
    """The reference, but what it says goes through `change` first."""
    endpoint = Reference()
    endpoint.after = change
    return endpoint


def with_status(operation: str, members: Mapping[str, Any], outcome: Outcome) -> Outcome:
    return Refused(outcome.code, 404) if isinstance(outcome, Refused) else outcome


def backwards(operation: str, members: Mapping[str, Any], outcome: Outcome) -> Outcome:
    if operation == "ListConnections" and isinstance(outcome, Accepted):
        return Accepted({**outcome.output, "Connections": outcome.output["Connections"][::-1]})
    return outcome


def test_two_servers_that_do_the_same_do_not_differ() -> None:
    """Whatever must differ: names, ARNs, ids, tokens."""
    everything = Program((*DUPLICATES.steps, Delete(Arn(0)), Get(Arn(0)), Walk(1), List(5), Get(Arn()), Get(None)))
    assert found(Reference(), Reference(), everything, everything) == []


def test_a_difference_is_told_once_and_small() -> None:
    """Two Creates of one name are enough, however it was found and how often."""
    one, other = Reference(), Reference("name.duplicate-accepted")
    (difference,) = found(one, other, DUPLICATES, DUPLICATES)
    assert len(difference.program.steps) == 2
    assert difference.contrast.operation == "CreateConnection"
    assert (difference.contrast.of_a, difference.contrast.of_b) == (
        "refused ResourceAlreadyExistsException 400",
        "accepted",
    )
    assert [row.differs for row in difference.rows] == [False, True]
    assert "name0" in difference.rows[0].asked
    assert "arn#0" in str(difference.rows[0].of_a)


def test_a_difference_names_the_law_that_judges_the_two_differently() -> None:
    """And which of the two breaks it, whichever it is."""
    (difference,) = found(Reference("name.duplicate-accepted"), Reference(), DUPLICATES)
    assert difference.laws == {"connection.name.unique": "A"}
    assert difference.is_about_a_law


def test_two_servers_that_are_wrong_in_one_way_do_not_differ() -> None:
    """Nobody has to be right."""
    assert found(Reference("name.duplicate-accepted"), Reference("name.duplicate-accepted"), DUPLICATES) == []


def test_what_the_contract_leaves_open_is_a_difference_about_no_law() -> None:
    """The order of a list."""
    (difference,) = found(Reference(), answering(backwards), Program((Fill(100, 4), Walk())))
    assert difference.contrast.aspect == "the order of a walk"
    assert not difference.is_about_a_law


def test_the_status_of_a_refusal_is_a_difference_of_its_own() -> None:
    """One for each operation and error, and the law of statuses speaks of it."""
    program = Program((Get(Arn(change="fresh")), Get(Arn(change="fresh")), Create(0, Name(length=0))))
    differences = found(Reference(), answering(with_status), program)
    assert [each.contrast.operation for each in differences] == ["GetConnection", "CreateConnection"]


def test_what_does_not_show_again_is_no_difference() -> None:
    """A hiccup is counted, and nobody is blamed for it."""
    hiccups = iter([LOST])

    def once(operation: str, members: Mapping[str, Any], outcome: Outcome) -> Outcome:
        return next(hiccups, outcome) if operation == "GetConnection" else outcome

    differ = differ_of(Reference(), answering(once))
    differ.check(Program((Create(0), Get(Arn(0)))))
    assert differ.differences == {}
    assert len(differ.unsteady) == 1


def test_a_connection_of_a_stranger_is_no_difference() -> None:
    """One account may hold what the other does not."""
    other = Reference()
    other.add_stranger(f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{'0' * 8}", "theirs")
    assert found(Reference(), other, Program((Fill(100, 3), Walk(2), Walk(), List(2), List(2, token=Token())))) == []


def test_both_are_tidy_afterwards() -> None:
    """Also where they went apart on the way."""
    one, other = Reference(), Reference("name.duplicate-accepted")
    found(one, other, DUPLICATES)
    assert one.everything == other.everything == {}


def test_the_search_ends_with_its_calls_and_with_an_endpoint_that_is_lost() -> None:
    """Each is told apart."""
    with pytest.raises(Stopped, match="max-calls"):
        differ_of(Reference(), Reference(), max_calls=3).check(DUPLICATES)
    differ = differ_of(Reference(), answering(lambda *_: LOST))
    plain = Program((List(),))
    differ.check(plain)
    with pytest.raises(TargetError, match="B stopped answering"):
        differ.check(plain)


def test_what_is_taken_at_once_is_left_out() -> None:
    """What comes of a race differs between two runs of one endpoint."""
    differ = differ_of(Reference(), Reference())
    differ.check(Program((Parallel(((Create(0),), (Create(1),))),)))
    assert differ.programs == 0


def test_the_programs_are_those_of_the_tests() -> None:
    """Those that tests name, then drawn ones: the same for the same seed, until somebody has enough."""
    contract = contract_of(NEWEST)

    def drawn(seed: int) -> list[Program]:
        programs: list[Program] = []

        def check(program: Program) -> None:
            if len(programs) >= 200:
                raise Stopped("enough")
            programs.append(program)

        with pytest.raises(Stopped, match="enough"):
            draw_programs(contract, check, laws=contract.laws, examples=3, seed=seed)
        return programs

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_the_document_holds_both_histories_and_the_report_stands_them_side_by_side() -> None:
    """Differences about laws come first; what was observed and differs comes last."""
    differ = differ_of(Reference(), Reference("name.duplicate-accepted"))
    differ.check(DUPLICATES)
    facts = {"effort": "quick", "seed": 1, "duration_s": 0.5, "limits_reached": [], "trouble": None}
    target = TargetFacts(endpoint_url="http://\x1b[31mhost", region="us-east-1")
    document = as_document(differ, (target, target), (Cleanup(created=5, deleted=4), Cleanup()), facts)
    json.dumps(document)
    (difference,) = document["differences"]
    assert (difference["kind"], difference["laws"][0]["broken_by"]) == ("law", ["B"])
    assert [len(difference["histories"][side]) for side in ("a", "b")] == [2, 2]
    told = import_reports().differ.render(document, width=120)
    assert told.startswith("1 difference, and it is about a law")
    assert "\x1b" not in told
    assert "B breaks connection.name.unique" in told
    assert "A: 5 created, 4 deleted, nothing left behind" in told


def page_of(*, url: str = "http://127.0.0.1:1", of_a: str = "one", rows: int = 2) -> str:
    row = {"asked": f"GetConnection {of_a}", "a": of_a, "b": None, "differs": True}
    side = {"endpoint_url": url, "fingerprint": {}, "calls": 1_234}
    difference = {"operation": "GetConnection", "aspect": of_a, "a": of_a, "b": "another", "laws": [], "kind": "open"}
    return str(
        import_reports().differ_html.render(
            {
                "service": "codestar-connections",
                "edition": "2026-11-10",
                "effort": "quick",
                "seed": 1,
                "duration_s": 1.0,
                "limits_reached": [],
                "trouble": None,
                "programs": 7,
                "unsteady": 1,
                "sides": [
                    {"letter": letter, **side, "cleanup": {"created": 31, "deleted": 30, "left_behind": [{}]}}
                    for letter in "AB"
                ],
                "differences": [{**difference, "rows": [row] * rows}],
                "observations": [{"id": "list.order", "sentence": "pages are", "a": of_a, "b": "two"}],
            }
        )
    )


def test_the_page_stands_by_itself_and_tells_what_the_terminal_tells() -> None:
    """No network; the sides, their clean-up, each difference and its calls; a long program is cut, and it says so."""
    page = page_of(rows=50)
    assert "http" not in page.replace("http://127.0.0.1:1", "").replace("http-equiv", "")
    assert "1 difference, none that a law objects to" in page
    assert page.count("31 connections created, 30 deleted, 1 left behind") == 2
    assert page.count('class="differs"') == 40
    assert "10 calls before" in page
    assert "1 difference did not show again, and is not told" in page


def test_the_page_takes_what_an_endpoint_says_for_data() -> None:
    """Markup, escapes and controls are shown, and are nothing else."""
    page = page_of(of_a="<script>alert(1)</script>\x1b[31m\x00\u202e")
    assert "<script>alert" not in page
    assert not any(sign in page for sign in "\x1b\x00\u202e")


class Sending(Reference):
    """Whose raw requests are all for a list, and plainly call no operation."""

    def send(self, _: Recipe, members: Mapping[str, Any], **__: Any) -> tuple[Call, ...]:
        (call,) = self.call("ListConnections", members)
        self.made[-1] = replace(call, operation="", input={})
        return (self.made[-1],)


def test_what_one_line_of_an_answer_does_not_show_is_told_behind_it() -> None:
    """A list shows ARNs; where an item differs, so does the line, whoever asked for it and how."""
    raw = Send(recipe=Recipe(base="list", members={"Unknown": 1}))
    for step in (List(), raw):
        (difference,) = found(Sending(), Sending("status.available-at-once"), Program((Create(0), step)))
        last = difference.rows[-1]
        assert last.differs
        assert str(last.of_a).endswith('; ConnectionStatus "PENDING"')
        assert str(last.of_b).endswith('; ConnectionStatus "AVAILABLE"')
    assert last.asked == "send list"


def test_what_is_asked_is_what_both_are_held_to() -> None:
    """Of signatures where one checks none, for instance, nothing is asked."""
    one, other = search_for(Reference()), search_for(Reference(), {"connection.name.unique", "auth.missing"})
    assert Differ(Side("A", one), Side("B", other), Budget()).laws == {"connection.name.unique", "auth.missing"}
    programs: list[Program] = []
    draw_programs(contract_of(NEWEST), programs.append, laws={"connection.list.page-size"}, examples=1, seed=1)
    signings = {getattr(step, "signing", "valid") for program in programs for step in program.steps}
    assert programs
    assert signings == {"valid"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--endpoint-url is given 0 times"),
        (["--endpoint-url", "http://127.0.0.1:1"], "--endpoint-url is given 1 times"),
        (["--endpoint-url", "http://127.0.0.1:1"] * 2 + ["--format", "html"], "is no format of differ"),
        (["--endpoint-url", "http://127.0.0.1:1"] * 2 + ["--seed", "x"], "--seed"),
    ],
)
def test_wrong_options_are_told_in_a_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2."""
    assert cli.main(["differ", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_an_endpoint_that_cannot_be_reached_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 4, and which of the two it is."""
    assert cli.main(["differ", *["--endpoint-url", "http://127.0.0.1:9"] * 2]) == 4
    assert "A (http://127.0.0.1:9)" in capsys.readouterr().err


def test_an_endpoint_that_may_be_real_aws_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is sent, and whichever of the two it is."""
    urls = ["--endpoint-url", "http://127.0.0.1:9", "--endpoint-url", "https://codeconnections.us-east-1.amazonaws.com"]
    assert cli.main(["differ", *urls]) == 6
    assert "hint" in capsys.readouterr().err


def test_a_public_address_is_refused_unless_it_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `assay run` refuses it: the same list in assay.toml lets it through, and then A is what is not there."""
    monkeypatch.chdir(tmp_path)
    urls = ["--endpoint-url", "http://127.0.0.1:9", "--endpoint-url", "http://52.94.5.1"]
    assert cli.main(["differ", *urls]) == 6
    assert "hosts = [" in capsys.readouterr().err
    (tmp_path / "assay.toml").write_text('[allow]\nhosts = ["52.94.5.1"]\n', encoding="utf-8")
    assert cli.main(["differ", *urls]) == 4
    assert "A (http://127.0.0.1:9)" in capsys.readouterr().err


def test_no_walk_is_broken_off_that_two_endpoints_are_compared_by() -> None:
    """How far it comes hangs on how many connections of others each of them has."""
    programs: list[Program] = []
    draw_programs(contract_of(NEWEST), programs.append, laws={"connection.list.terminates"}, examples=1, seed=1)
    walks = [step for program in programs for step in program.steps if isinstance(step, Walk)]
    assert walks
    assert all(walk.news is None for walk in walks)
