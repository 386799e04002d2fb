"""The two validators of answers held equal, and what they forgive and what they do not."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.contract import Contract, Problem, load_contract

_SPECS = Path(__file__).parent.parent / "specs"
_CONTRACTS = [
    load_contract(service, edition, specs=_SPECS)
    for service, edition in (
        ("codestar-connections", "2019-12-19"),
        ("codestar-connections", "2026-11-10"),
        ("codeconnections", "2026-11-10"),
    )
]
_TODAY = _CONTRACTS[1]
_ARN = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/0e2a4d6c-7c1b-4f0a-9d2e-5b8f1a3c6e70"
_CONNECTION = {
    "ConnectionArn": _ARN,
    "ConnectionName": "a name",
    "ConnectionStatus": "PENDING",
    "HostArn": _ARN.replace("connection/", "host/"),
    "OwnerAccountId": "123456789012",
    "ProviderType": "Bitbucket",
}
_VALID: dict[str, Any] = {
    "CreateConnection": {"ConnectionArn": _ARN, "Tags": [{"Key": "team", "Value": ""}]},
    "GetConnection": {"Connection": _CONNECTION},
    "ListConnections": {"Connections": [_CONNECTION, {**_CONNECTION, "HostArn": None}], "NextToken": "AQICAHh+/="},
    "DeleteConnection": {},
}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
#: What could stand where a valid value stood: the bounds of the shapes, and where dialects of patterns part ways.
_odd: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, 1, -1, 2**31, 10**30, 1.0, 1.5, [], {}, [None], [{}], {"a": None}),
        *("", "x", "x" * 32, "x" * 33, "😀" * 32, "😀" * 33, "t" * 1024, "t" * 1025, "a\tb", "\ud800"),
        *("PENDING", "pending", "ACTIVE", "GitHub", "github", "AzureDevOps"),
        *("1" * 12, "1" * 13, "1" * 12 + "\n", "\N{FULLWIDTH DIGIT ONE}" * 12),
        *(_ARN + "\n", _ARN.upper(), _ARN.ljust(256, "x"), _ARN.ljust(257, "x")),
        *(_ARN.replace("aws", "aws-é"), _ARN.replace("aws", "aws-+")),
        *(_ARN.replace("eu", "e\ru"), _ARN.replace("eu", "e\u2028u"), _ARN.replace("eu", "e\nu")),
    ]
).map(copy.deepcopy)


@st.composite
def _documents(draw: st.DrawFn, operation: str) -> Any:
    """A valid answer in which some places were changed, removed or added to."""
    holder = {"": copy.deepcopy(_VALID[operation])}
    for _ in range(draw(st.integers(0, 3))):
        place, key = draw(st.sampled_from(list(_places(holder))))
        match draw(st.sampled_from(["change", "change", "remove", "add"])):
            case "change":
                place[key] = draw(_odd | _json)
            case "remove" if place is not holder:
                del place[key]
            case _ if isinstance(place, dict) and place is not holder:
                place[draw(st.text(max_size=8) | st.sampled_from([*_CONNECTION, "Tags"]))] = draw(_odd | _json)
    return holder[""]


def _places(tree: Any) -> Any:
    """Every place of a tree, as what holds it and its key there."""
    for key, value in list(enumerate(tree)) if isinstance(tree, list) else list(tree.items()):
        yield tree, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


@pytest.mark.parametrize("operation", _VALID)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_compiled_validator_accepts_nothing_that_the_authority_refuses(operation: str, data: st.DataObject) -> None:
    """And the other way round, but for what only the authority can read: null members and lone surrogates."""
    document = data.draw(_documents(operation))
    for contract in _CONTRACTS:
        validator = contract.output_validator(operation)
        problems = validator.explained(document)
        if validator.passes_fast(document):
            assert problems == []
        elif not problems:
            text = json.dumps(document)
            assert "null" in text or "\\ud8" in text, "a slow path that was not foreseen"
        assert validator.problems(document) == problems


@pytest.mark.parametrize("contract", _CONTRACTS, ids=lambda contract: f"{contract.service}/{contract.edition}")
@pytest.mark.parametrize("operation", _VALID)
def test_a_valid_answer_has_no_problem(contract: Contract, operation: str) -> None:
    """The answers that the other tests start from are right in every edition."""
    if contract.service == "codeconnections":
        assert "AzureDevOps" in contract.kinds
    assert contract.output_validator(operation).problems(_VALID[operation]) == []


@pytest.mark.parametrize(
    ("change", "path", "keyword"),
    [
        ({"ConnectionStatus": "ACTIVE"}, ("Connection", "ConnectionStatus"), "enum"),
        ({"ProviderType": "AzureDevOps"}, ("Connection", "ProviderType"), "enum"),
        ({"OwnerAccountId": "1234"}, ("Connection", "OwnerAccountId"), "minLength"),
        ({"OwnerAccountId": 123456789012}, ("Connection", "OwnerAccountId"), "type"),
        ({"ConnectionName": "x" * 33}, ("Connection", "ConnectionName"), "maxLength"),
        ({"ConnectionArn": "arn:aws:x"}, ("Connection", "ConnectionArn"), "pattern"),
        ({"ConnectionArn": _ARN + "\n"}, ("Connection", "ConnectionArn"), "pattern"),
    ],
)
def test_a_problem_says_where_it_is_and_by_which_keyword(change: Any, path: tuple[str, ...], keyword: str) -> None:
    """The law tells a provider type of another edition from other faults by path and keyword."""
    problems = _TODAY.output_validator("GetConnection").problems({"Connection": _CONNECTION | change})
    assert (path, keyword) in {(problem.path, problem.keyword) for problem in problems}
    assert all(problem.path == path for problem in problems)


def test_a_problem_in_a_list_says_at_which_item() -> None:
    """An item's number is part of the path."""
    answer = {"Connections": [_CONNECTION, _CONNECTION | {"ConnectionStatus": "GONE"}]}
    assert _TODAY.output_validator("ListConnections").problems(answer) == [
        Problem(
            path=("Connections", 1, "ConnectionStatus"),
            message="'GONE' is not one of ['PENDING', 'AVAILABLE', 'ERROR']",
            keyword="enum",
        )
    ]


@pytest.mark.parametrize("answer", [None, [], "text", 7, True])
def test_an_answer_that_is_no_object_is_a_problem_of_its_type(answer: Any) -> None:
    """The top of an answer is an object."""
    assert [problem.keyword for problem in _TODAY.output_validator("GetConnection").problems(answer)] == ["type"]


def test_null_and_unknown_members_are_forgiven_but_a_null_for_a_required_one_is_not() -> None:
    """A null member is an absent one, and an absent ARN after Create is a problem."""
    validator = _TODAY.output_validator("CreateConnection")
    assert validator.problems({"ConnectionArn": _ARN, "Tags": None, "Later": {"x": [None]}}) == []
    assert [problem.keyword for problem in validator.problems({"ConnectionArn": None})] == ["required"]
    assert _TODAY.output_validator("ListConnections").problems({"Connections": None, "NextToken": None}) == []


@pytest.mark.parametrize("contract", _CONTRACTS, ids=lambda contract: f"{contract.service}/{contract.edition}")
def test_the_alphabet_of_a_token_in_an_answer_is_nobodys_business(contract: Contract) -> None:
    """2019's pattern lacks the + that AWS itself sends."""
    validator = contract.output_validator("ListConnections")
    assert validator.problems({"NextToken": "AQICAHh+\n😀"}) == []
    assert [problem.keyword for problem in validator.problems({"NextToken": ""})] == ["minLength"]
    assert [problem.keyword for problem in validator.problems({"NextToken": "t" * 1025})] == ["maxLength"]


@given(depth=st.integers(2, 20))
@example(depth=200_000)
@settings(max_examples=5, deadline=None)
def test_depth_is_no_danger(depth: int) -> None:
    """An endpoint may nest as deep as it likes where no shape looks."""
    deep: Any = None
    for _ in range(depth):
        deep = {"x": deep} if depth % 2 else [deep]
    assert (
        _TODAY.output_validator("GetConnection").problems({"Connection": _CONNECTION | {"HostArn": None}, "x": deep})
        == []
    )


@pytest.mark.parametrize("text", ["arn:aws:" + ":" * 1_000_000, "arn:aws" + "-a" * 500_000, "a" * 1_000_000])
def test_a_megabyte_where_an_arn_belongs_takes_no_time_and_little_room(text: str) -> None:
    """No pattern is tried on what is too long, and no report repeats it."""
    started = time.perf_counter()
    (problem,) = _TODAY.output_validator("GetConnection").problems({"Connection": {"ConnectionArn": text}})
    assert time.perf_counter() - started < 2
    assert problem.keyword == "maxLength"
    assert len(problem.message) < 300
