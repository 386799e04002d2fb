"""What was exercised is counted from the calls alone, and what the contract enumerates is told where it never came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import runs
from hypothesis import given
from hypothesis import strategies as st

from assay.coverage import NAME_CLASSES, Coverage, name_classes
from assay.history import Accepted, Call, Refused, Unknown

ITEM = {"ConnectionArn": runs.ARN, "ProviderType": "GitHub", "ConnectionStatus": "AVAILABLE"}


def covered(*calls: Call) -> dict[str, Any]:
    coverage = Coverage(runs.contract())
    for call in calls:
        coverage.add(call)
    return coverage.as_json()


def asked(page_size: Any = None, *, shows: int = 0) -> Call:
    call = runs.call(1, operation="ListConnections", outcome=Accepted({"Connections": [ITEM] * shows}))
    return replace(call, input={} if page_size is None else {"MaxResults": page_size})


def test_every_operation_is_told_with_how_its_calls_ended() -> None:
    """Also one that was never called, and one that the contract does not know."""
    throttled = Refused("ThrottlingException", 400, throttled=True)
    outcomes = (None, None, runs.REFUSED, Unknown("timeout"), throttled)
    told = covered(*(runs.call(1, outcome=each) for each in outcomes), runs.call(2, operation="Frobnicate"))
    rows = {row.pop("operation"): row for row in told["operations"]}
    assert rows["CreateConnection"] == {"accepted": 2, "refused": 1, "unknown": 1, "throttled": 1}
    assert set(rows["GetConnection"].values()) == {0}
    assert rows["Frobnicate"]["accepted"] == 1


def test_an_error_that_never_came_is_told_with_a_zero() -> None:
    """What the contract models and nobody saw is a hole in the run."""
    told = covered(runs.call(1, outcome=runs.REFUSED))["errors"]
    errors = {each["code"]: each for each in told if each["operation"] == "CreateConnection"}
    seen, unseen = errors["ValidationException"], errors["LimitExceededException"]
    assert (seen["calls"], seen["is_modelled"], seen["status"]) == (1, False, 400)
    assert (unseen["calls"], unseen["is_modelled"]) == (0, True)


def test_an_endpoint_that_invents_errors_does_not_fill_the_results() -> None:
    """So many are kept, and none is longer than a line."""
    calls = [runs.call(index, outcome=Refused(f"{'E' * 500}{index}", 400)) for index in range(3)]
    calls += [runs.call(index, outcome=Refused(f"E{index}", 400)) for index in range(1_000)]
    errors = covered(*calls)["errors"]
    assert len(errors) < 220
    assert sum(each["calls"] for each in errors) == 1_003
    assert max(len(each["code"]) for each in errors) <= 100


def test_enumerated_values_are_told_where_they_were_sent_and_where_they_were_shown() -> None:
    """Those of the edition with their zeros, others as they came."""
    odd = replace(runs.call(2), input={"ConnectionName": "x", "ProviderType": 7})
    rows = covered(runs.call(1), odd, asked(shows=2))["values"]
    calls = {(each["operation"], each["where"], each["member"], each["value"]): each["calls"] for each in rows}
    assert calls["CreateConnection", "request", "ProviderType", "Bitbucket"] == 1
    assert calls["CreateConnection", "request", "ProviderType", "GitLab"] == 0
    assert calls["CreateConnection", "request", "ProviderType", "(int)"] == 1
    assert calls["ListConnections", "answer", "ConnectionStatus", "AVAILABLE"] == 2
    assert calls["GetConnection", "answer", "ConnectionStatus", "ERROR"] == 0
    assert {each["value"] for each in rows if not each["is_known"]} == {"(int)"}


def test_page_sizes_are_told_by_figure_within_the_range_and_by_word_outside() -> None:
    """And how many items came."""
    odd = (asked(101), asked(-1), asked("5"))
    told = covered(asked(), asked(1, shows=1), asked(100, shows=12), *odd, asked(1, shows=2))
    sizes = {each["size"]: each["calls"] for each in told["page_sizes"]}
    assert sizes == {"absent": 1, "below": 1, 1: 2, 100: 1, "above": 1, "no number": 1}
    assert {each["items"]: each["calls"] for each in told["pages"]} == {"empty": 4, "one": 1, "a few": 1, "many": 1}


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("abc1", {"plain"}),
        ("Abc", {"upper case"}),
        ("", {"empty"}),
        ("x", {"shortest", "plain"}),
        ("x" * 32, {"longest", "plain"}),
        ("x" * 33, {"too long", "plain"}),
        (" a b", {"space at an end", "space within"}),
        ("a-b", {"punctuation"}),
        ("<b>", {"punctuation", "markup"}),
        ("a\x00b", {"control character"}),
        ("名前", {"beyond ASCII"}),
        ("e\u0301x", {"beyond ASCII", "not in normal form C"}),
        ("a🎉", {"beyond ASCII", "beyond the basic plane"}),
        ("שלום", {"beyond ASCII", "right to left"}),
        ("\ud800a", {"beyond ASCII", "lone surrogate"}),
        (7, {"no text"}),
    ],
)
def test_a_name_is_told_by_what_is_unusual_about_it(name: Any, classes: set[str]) -> None:
    """One name may be of several kinds."""
    assert set(name_classes(name, runs.contract())) == classes


@given(st.one_of(st.none(), st.text(st.characters(), max_size=40)))
def test_every_name_is_of_a_kind_that_is_told(name: str | None) -> None:
    """None is lost."""
    assert set(name_classes(name, runs.contract())) <= set(NAME_CLASSES)
