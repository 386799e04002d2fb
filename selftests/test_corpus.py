"""The corpus holds what it promises: it loads for every edition, and its answers are what the laws say of each case."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assay.asked import asked, is_lost, plain_call
from assay.corpus import Case, load_corpus
from assay.edges import EDGES as EDGES_OF_SCHEMAS
from assay.edges import edge_of
from assay.errors import ContractError
from assay.history import Accepted, Call, History, Outcome, Refused, Response, Unknown
from assay.knowledge import Knowledge
from assay.laws import JUDGES, Breach
from assay.recipe import Recipe
from assay.world import World
from selftests.histories import EDITIONS, NEWEST, PREFIX, arn, contract_of, item, made, story
from selftests.recipes import named, request_of

SPECS = Path(__file__).parent.parent / "specs"


@cache
def corpus(edition: tuple[str, str] = NEWEST) -> tuple[Case, ...]:
    return load_corpus(contract_of(edition), specs=SPECS)


ANSWERS: dict[str, tuple[Outcome, Response | None]] = {
    "accepted": (Accepted({}), Response(200, (("content-type", "application/x-amz-json-1.0"),), b"{}")),
    "refused": (
        Refused("SerializationException", 400),
        Response(400, (("content-type", "application/x-amz-json-1.0"),), b'{"__type":"SerializationException"}'),
    ),
    "closed": (Unknown("connection", "closed"), None),
    "unimplemented": (Unknown("server-error", "501"), Response(501, (), b"")),
}


def verdict(case: Case, answer: str, edition: tuple[str, str]) -> tuple[bool, set[str]]:
    """Is this answer forbidden to the case, and by which laws?"""
    contract = contract_of(edition)
    outcome, response = ANSWERS[answer]
    if answer == "refused" and case.law == "wire.target":
        outcome = Refused("UnknownOperationException", 400)
    elif answer == "refused" and case.row.startswith("edge."):
        outcome = Refused("ValidationException", 400)
    request = request_of(case.recipe, contract, named(case))
    call = Call(1, "", {}, 2.0, 2.5, outcome, request, response, "raw")
    operation, members = plain_call(asked(call, contract), contract)
    if operation == "CreateConnection" and answer == "accepted":
        call = replace(call, outcome=Accepted({"ConnectionArn": arn("77")}))
    elif operation == "ListConnections" and answer == "accepted":
        call = replace(call, outcome=Accepted({"Connections": [item("1")]}))
    call = replace(call, operation=operation, input=members)
    before = story(made("1"))
    world = World(History((*before.calls, call)), contract, Knowledge(prefix=PREFIX))
    skipped = {"wire.request-id", "wire.schema", "connection.create.accepts", "connection.get.details"}
    breaches = {
        law
        for law, judge in JUDGES.items()
        for ruling in judge(world)
        if isinstance(ruling, Breach) and law not in skipped - {case.law}
    }
    return bool(breaches) or is_lost(call), breaches


@pytest.mark.parametrize("edition", EDITIONS, ids="-".join)
def test_the_laws_forbid_just_the_answers_that_a_case_does_not_allow(edition: tuple[str, str]) -> None:
    """For every case and every class of answer; so the data and the judges cannot drift apart."""
    wrong = []
    for case in corpus(edition):
        for answer in ANSWERS:
            forbidden, laws = verdict(case, answer, edition)
            if forbidden != (answer not in case.answers) or (laws and case.law not in laws):
                wrong.append((case.id, answer, "forbidden" if forbidden else "allowed", laws))
    assert not wrong


@pytest.mark.parametrize("edition", EDITIONS, ids="-".join)
def test_ids_are_unique_and_every_wire_law_about_requests_has_cases(edition: tuple[str, str]) -> None:
    """Also where a row stands for several cases."""
    cases = corpus(edition)
    assert len({case.id for case in cases}) == len(cases) > 150
    about_bodies = {"wire.malformed-json", "wire.wrong-type", "wire.unknown-members", "wire.null-members"}
    assert about_bodies | {"wire.target", "wire.unknown-operation", "wire.charset"} <= {case.law for case in cases}


EDGES = {
    ("codestar-connections", "2019-12-19"): {
        "ConnectionName": {0, 1, 32, 33},
        "MaxResults": {0, 1, 50, 51},
        "NextToken": {0, 1, 1024, 1025},
        "ConnectionArn": {0, 256, 257},
    },
    ("codestar-connections", "2026-11-10"): {
        "ConnectionName": {0, 1, 32, 33},
        "MaxResults": {-1, 0, 100, 101},
        "NextToken": {0, 1, 1024, 1025},
        "ConnectionArn": {0, 256, 257},
        "HostArn": {256, 257},
        "HostArnFilter": {256, 257},
        "Tags": {0, 200, 201},
        "Tags.Key": {0, 1, 128, 129},
        "Tags.Value": {0, 256, 257},
    },
}


@pytest.mark.parametrize("edition", EDGES, ids="-".join)
def test_the_edges_of_every_bound_of_the_model_are_cases(edition: tuple[str, str]) -> None:
    """Each length, count and number that the model forbids at one more or one less, with its neighbour."""
    found: dict[str, set[int]] = {}
    for case in corpus(edition):
        if case.row.startswith("edge."):
            assert case.member is not None
            member, _, inner = case.member.partition(".")
            value = case.recipe.members.get(member)
            if inner:
                value = value[0][inner]
            figure = case.name_length if value is None else value if isinstance(value, int) else len(value)
            assert figure is not None
            found.setdefault(case.member, set()).add(figure)
    assert found == EDGES[edition]


def test_every_row_makes_a_case_in_some_edition() -> None:
    """A member whose name was mistyped would make none anywhere."""
    rows = {name for file in (SPECS / "wire").glob("*.toml") for name in tomllib.loads(file.read_text())["cases"]}
    assert {case.row for edition in EDITIONS for case in corpus(edition)} == rows


@pytest.mark.parametrize("edition", EDITIONS, ids="-".join)
def test_a_value_at_an_edge_is_wrong_in_nothing_else(edition: tuple[str, str]) -> None:
    """What is within fits its schema, and what is beyond breaks a bound alone; an ARN is of no account."""
    contract = contract_of(edition)
    for operation in contract.operations.values():
        for schema in operation.members.values():
            for edge in EDGES_OF_SCHEMAS:
                value = edge_of(schema, edge, contract.service)
                errors = () if value is None else Draft202012Validator(schema).iter_errors(value)
                broken = [error.validator for error in errors]
                if edge in {"least", "most"}:
                    assert not broken
                elif edge in {"below", "above"}:
                    bounds = {"minLength", "maxLength", "minimum", "maximum", "maxItems"}
                    assert set(broken) <= bounds | ({"pattern"} if value == "" else set())
                    assert value is None or bounds & set(broken)
                if isinstance(value, str) and value.startswith("arn:"):
                    assert value.split(":")[4] == "000000000000"


def test_a_recipe_is_read_as_it_was_written() -> None:
    """Every case of the corpus survives JSON."""
    for case in corpus():
        assert Recipe.from_json(case.recipe.as_json()) == case.recipe
        assert all(Recipe.from_json(plainer.as_json()) == plainer for plainer in case.recipe.plainer())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('body = "{"', 'body = "<membres>"', "<membres> stands for nothing; write <members>"),
        ('law = "wire.malformed-json"\n', 'law = "wire.malformed-jsn"\n', "write 'wire.malformed-json'"),
        ('answers = ["refused"]', 'answers = ["denied"]', "'denied' is none of the known words"),
        ('force = "must"', 'forse = "must"', "unknown key; write 'force'"),
        ('bases = ["create", "list"]\n', "", "bases: missing; add it"),
    ],
)
def test_a_mistake_in_a_row_is_told_in_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    """With the file, the key and the remedy."""
    specs = Path(shutil.copytree(SPECS, tmp_path / "specs"))
    file = specs / "wire" / "bodies.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ContractError) as error:
        load_corpus(contract_of(), specs=specs)
    assert "specs/wire/bodies.toml" in str(error.value)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_no_recipe_of_the_corpus_brings_an_arn_of_its_own() -> None:
    """What a raw Delete names is the driver's alone to say."""
    assert "arn:" not in "".join(file.read_text() for file in (SPECS / "wire").glob("*.toml"))
