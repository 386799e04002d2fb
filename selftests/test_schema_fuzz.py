"""Schemathesis' part of a run on trial: the document that it reads, and what becomes of its cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings

from assay import openapi
from assay.budget import Budget
from assay.contract import available, load_contract
from assay.in_force import put_in_force
from assay.plugin import _least_effort_of, _missing_for, _seconds_of
from assay.program import Delete, List, Name, Program, Send
from assay.recipe import compose, unknown_words
from assay.reference.server import build
from assay.run import Run
from assay.suite import specs_root
from assay.workload import Endpoint
from selftests.histories import contract_of
from selftests.in_memory import Reference, search_for
from selftests.showings import sent
from strategies import fuzzed_programs
from strategies.schema_fuzz import _step

if TYPE_CHECKING:
    from pathlib import Path

SPECS = specs_root()
DOCUMENTS = [(service, edition) for service, editions in available(SPECS).items() for edition in editions]


@pytest.mark.parametrize(("service", "edition"), DOCUMENTS)
def test_the_document_is_what_the_tables_make_of_it(service: str, edition: str) -> None:
    """`python -m assay.openapi` writes it anew, and anybody's YAML reads it as it is meant."""
    document = openapi.document(load_contract(service, edition, specs=SPECS))
    written = (SPECS / service / edition / "openapi.yaml").read_text(encoding="utf-8")
    assert written == openapi.as_yaml(document), "run python -m assay.openapi"
    assert yaml.safe_load(written) == document


def test_yaml_holds_what_is_empty_or_looks_like_something_else() -> None:
    """Texts that YAML would read as a number, a comment or a truth."""
    odd = {"": [[1], {"x": "\n"}]}
    value: dict[str, Any] = {"a": {}, "b": [], "no": ["yes", "1", "# x", None, True, -1.5], "é: ": odd}
    assert yaml.safe_load(openapi.as_yaml(value)) == value


@pytest.mark.parametrize("edition", DOCUMENTS)
def test_cases_become_steps_that_can_be_sent(edition: tuple[str, str]) -> None:
    """Bodies are JSON; no word but those that were wanted stands in them; a Delete is a step that the driver judges."""
    contract = contract_of(edition)
    put_in_force(contract)
    bases = set()

    @settings(max_examples=25, database=None, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(fuzzed_programs())
    def look(program: Program) -> None:
        for send in (step for step in program.steps if isinstance(step, Send)):
            assert send.recipe.base != "delete"
            assert send.recipe.body is not None
            assert unknown_words(send.recipe.body) == []
            members = {contract.resource.name: "fresh", contract.resource.identity: "ours"}
            sent = compose(send.recipe, contract, members, spelling="long", host="h")
            json.loads(sent.body)
            bases.add(send.recipe.base)

    look()
    assert bases == {"create", "get", "list"}


def test_a_drawn_name_is_sent_fresh_at_its_length_and_a_drawn_arn_may_be_ours() -> None:
    """What was drawn beside them is sent as it is, also where it looks like a word of a recipe."""
    put_in_force(contract_of(DOCUMENTS[-1]))
    step = _step(200, "create", {"ConnectionName": "<pad:9>", "Tags": "<name>"}, is_ours=False)
    assert isinstance(step, Send)
    assert step.name == Name(200, after="<pad:9>", length=7)
    assert step.recipe.body == '{"ConnectionName":<name>,"Tags":"\\u003cname>"}'
    step = _step(200, "get", {"ConnectionArn": "arn:aws:x"}, is_ours=True)
    assert isinstance(step, Send)
    assert step.recipe.body == '{"ConnectionArn":<arn>}'


def test_no_drawn_delete_is_sent_but_through_the_driver() -> None:
    """It is the driver that knows whose an ARN is."""
    put_in_force(contract_of(DOCUMENTS[-1]))
    for body in ({"ConnectionArn": "arn:aws:x"}, {}, [], {"ConnectionArn": 5, "Other": "arn:aws:y"}):
        for is_ours in (True, False):
            assert isinstance(_step(200, "delete", body, is_ours=is_ours), Delete)


@pytest.mark.parametrize(("marker", "place"), [(None, 0), ("quick", 0), ("standard", 1), ("deep", 2)])
def test_a_test_may_have_no_part_in_small_efforts(marker: str | None, place: int) -> None:
    """Importing Schemathesis alone would take a tenth of a quick run."""
    found = None if marker is None else SimpleNamespace(args=(marker,))
    assert _least_effort_of(SimpleNamespace(get_closest_marker=lambda _: found)) == place


def test_a_test_whose_package_is_missing_is_known() -> None:
    """It is left out of the run, and the report says so."""
    for package, missing in (("schemathesis", None), ("no_such_package_of_ours", "no_such_package_of_ours")):
        marker = SimpleNamespace(args=(package,))
        assert _missing_for(SimpleNamespace(get_closest_marker=lambda _, marker=marker: marker)) == missing
    assert _missing_for(SimpleNamespace(get_closest_marker=lambda _: None)) is None


def test_a_test_may_have_fewer_seconds_than_its_part_of_a_run() -> None:
    """Where its marker says so for the effort; that is then all that it was to have, and no run is cut short by it."""
    marked = SimpleNamespace(get_closest_marker=lambda _: SimpleNamespace(kwargs={"standard": 4.0}))
    assert (_seconds_of(marked, "standard"), _seconds_of(marked, "deep")) == (4.0, None)
    assert _seconds_of(SimpleNamespace(get_closest_marker=lambda _: None), "standard") is None
    now = time.perf_counter()
    whole = Budget(deadline=now + 100)
    session = SimpleNamespace(search=SimpleNamespace(budget=whole), plan=None)
    run: Any = SimpleNamespace(session=session, tests=2, tests_done=0, worker=None)
    for at_most, seconds, is_complete in ((None, 50, False), (4.0, 4, True), (80.0, 50, False)):
        share = Run.share(run, at_most)
        assert share.deadline is not None
        assert abs(share.deadline - now - seconds) < 3
        assert share.is_complete_when_late is is_complete


def test_what_tests_name_may_have_half_of_the_time_that_is_left() -> None:
    """Where a call takes seconds, an equal part for each of a hundred tests would let none of them come to an end."""
    now = time.perf_counter()
    session = SimpleNamespace(search=SimpleNamespace(budget=Budget(max_calls=100, deadline=now + 100)), plan=None)
    run: Any = SimpleNamespace(session=session, tests=100, tests_done=0, worker=None)
    named, drawn = Run.share(run, is_named=True), Run.share(run)
    assert named.deadline is not None
    assert drawn.deadline is not None
    assert abs(named.deadline - now - 50) < 3
    assert abs(drawn.deadline - now - 1) < 0.5
    assert (named.max_calls, drawn.max_calls) == (None, 1)


@pytest.mark.parametrize(("is_complete", "limits"), [(True, []), (False, ["time-limit"])])
def test_seconds_that_were_all_there_were_cut_nothing_short(*, is_complete: bool, limits: list[str]) -> None:
    """The results name a limit only where more was to come."""
    reached: list[str] = []
    session: Any = SimpleNamespace(
        search=search_for(Reference()),
        is_broken=lambda _: False,
        unsupported=(),
        choice=SimpleNamespace(
            fitted=lambda program: program, has_room_for=lambda _: True, parts_of=lambda _: ()
        ),
        limits_reached=reached,
    )
    late = Budget(deadline=0.0, within=Budget(), is_complete_when_late=is_complete)
    with pytest.raises(pytest.skip.Exception):
        Endpoint(session, "wire.schema", late, (None, 0, 0), lambda: False).check(Program((List(),)))  # type: ignore[arg-type]
    assert reached == limits


def test_the_hooks_of_the_docs_name_the_operation_and_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand there, for whoever runs Schemathesis by itself."""
    page = (SPECS.parent / "docs" / "sdk.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    registered: list[Any] = []
    monkeypatch.setattr(schemathesis.auth, "set_from_requests", registered.append)
    names: dict[str, Any] = {}
    exec(compile(code, "hooks.py", "exec"), names)
    body = b'{"ConnectionName":"one","ProviderType":"GitHub"}'
    fields = {"Content-Type": names["MEDIA"]}
    request = requests.Request("POST", "http://application.invalid/#CreateConnection", fields, data=body).prepare()
    sent_as = registered[0](request)
    _, app = build(credentials={"AKIDEXAMPLE": "secret"})
    signed = {"Host": "application.invalid", **sent_as.headers}
    assert sent(app, body, signed.items()).status == 200
    assert sent(app, body + b" ", signed.items()).code == "InvalidSignatureException"


def test_a_run_without_schemathesis_says_so(tmp_path: Path) -> None:
    """In a note, and in no verdict: the law has other tests."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'schemathesis' else find(name, *rest)\n"
    )
    words = ("--law", "wire.no-server-error", "--effort", "standard", "--max-calls", "60", "--quiet")
    subprocess.run(
        [sys.executable, "-m", "assay", "run", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(SPECS.parent / "src")))},
        capture_output=True,
        timeout=120,
        check=False,
    )
    document = json.loads((tmp_path / ".assay" / "results.json").read_text(encoding="utf-8"))
    assert any("pip install 'assay[schemathesis]'" in note for note in document["notes"])
