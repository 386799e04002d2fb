"""The law of the SDK's view on trial: what came and what boto3 made of it are the same thing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from assay.history import Raised, Returned
from assay.laws import JUDGES, Remark
from selftests.histories import (
    EDITIONS,
    create,
    delete,
    get,
    is_kept,
    is_silent,
    item,
    judged,
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    walk,
    world_of,
)

SDK = "wire.sdk"
MISSING = "ResourceNotFoundException"


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_boto3_reads_as_it_was_answered_is_kept(edition: tuple[str, str]) -> None:
    """All four operations, an error that the model has, and one that it has not."""
    assert is_kept(SDK, story(made("1").by_boto3()), edition=edition)
    assert is_kept(SDK, story(get("1").by_boto3()), edition=edition)
    assert is_kept(SDK, story(listing().shows("1", "2").by_boto3()), edition=edition)
    assert is_kept(SDK, story(delete("1").by_boto3()), edition=edition)
    assert is_kept(SDK, story(get("1").not_found().by_boto3()), edition=edition)
    other = create("our-1").refused("ValidationException")
    assert is_kept(SDK, story(other.by_boto3(Raised("ClientError", "ValidationException"))), edition=edition)
    assert is_kept(SDK, story(other.by_boto3(Raised("ValidationException", "ValidationException"))), edition=edition)


def test_what_did_not_go_through_boto3_is_not_spoken_of() -> None:
    """Nor what got no clear answer, nor what was turned away for its rate."""
    assert is_silent(SDK, story(made("1"), get("1"), get("1").not_found(), walk().pages(["1"])))
    for step in (get("1").unknown(), get("1").unknown("server-error"), get("1").throttled()):
        assert is_silent(SDK, story(step.by_boto3(Raised("ClientError", "500"))))


@pytest.mark.parametrize(
    "returned",
    [
        {},
        {"Connection": {}},
        {"Connection": {key: value for key, value in item("1").items() if key != "ConnectionStatus"}},
        {"Connection": item("1", status="AVAILABLE")},
        {"Connection": []},
    ],
)
def test_a_member_that_boto3_does_not_read_is_a_breach(returned: dict[str, Any]) -> None:
    """A byte order mark before the answer makes it nothing at all."""
    history = story(get("1").by_boto3(Returned(returned)))
    breach = the_breach(SDK, history)
    assert breach.call is history.calls[0]
    assert "Connection" in breach.expected


def test_an_item_that_boto3_does_not_read_is_a_breach() -> None:
    """One fewer, another order, another name."""
    shown = [item("1"), item("2")]
    for returned in ([], shown[:1], shown[::-1], [item("1"), item("2", name="x")]):
        assert the_breach(SDK, story(listing().shows("1", "2").by_boto3(Returned({"Connections": returned}))))


def test_null_and_unknown_members_are_nothing_to_read() -> None:
    """boto3 leaves out both, and the contract lets both stand there."""
    members = item("1", HostArn=None, Colour="blue")
    assert is_kept(SDK, story(get("1").answers({"Connection": members}).by_boto3(Returned({"Connection": item("1")}))))
    empty = listing().answers({"Connections": None, "NextToken": None, "Total": 0})
    assert is_kept(SDK, story(empty.by_boto3(Returned({}))))
    assert is_kept(SDK, story(delete("1").answers({"Done": True}).by_boto3(Returned({}))))


def test_an_answer_that_boto3_cannot_read_is_a_breach() -> None:
    """It raises what no user expects."""
    assert "AttributeError" in the_breach(SDK, story(get("1").by_boto3(Raised("AttributeError")))).actual


@pytest.mark.parametrize("view", [Raised("ClientError", "400"), Raised("KeyError"), Raised("LimitExceededException")])
def test_a_modelled_error_that_boto3_does_not_raise_by_its_name_is_a_breach(view: Raised) -> None:
    """Its type stands in the body, and an `except client.exceptions.…` does not catch it."""
    breach = the_breach(SDK, story(get("1").not_found().by_boto3(view)))
    assert MISSING in breach.expected
    assert view.exception in breach.actual


def test_an_error_in_an_envelope_is_a_breach() -> None:
    """A tolerant reader finds its type, and no SDK looks there."""
    body = json.dumps({"Output": {"__type": MISSING}, "Version": "1.0"})
    assert the_breach(SDK, story(get("1").raw(400, body).by_boto3(Raised("ClientError", "400"))))


def test_a_type_that_stands_in_the_header_alone_is_told() -> None:
    """The protocol allows it, and boto3 does not read it."""
    step = get("1").raw(400, '{"message":"no"}', ("X-Amzn-ErrorType", MISSING)).by_boto3(Raised("ClientError", "400"))
    history = story(step)
    assert is_silent(SDK, history)
    (remark,) = JUDGES[SDK](world_of(history))
    assert isinstance(remark, Remark)
    assert "x-amzn-errortype" in remark.text
    both = get("1").raw(400, f'{{"__type":"{MISSING}"}}', ("X-Amzn-ErrorType", MISSING))
    assert the_breach(SDK, story(both.by_boto3(Raised("ClientError", "400"))))


def test_an_error_that_boto3_does_not_see_is_a_breach() -> None:
    """It was answered with 200, and the caller goes on."""
    body = f'{{"__type":"{MISSING}"}}'
    assert "returns" in the_breach(SDK, story(get("1").raw(200, body).by_boto3(Returned({})))).actual


@pytest.mark.parametrize(("status", "body"), [(400, '{"__type":"UnknownOperationException"}'), (404, "<html>")])
def test_an_operation_that_is_not_known_by_boto3s_name_is_a_breach_and_no_other(status: int, body: str) -> None:
    """No law says that a valid Create was refused: it was not understood."""
    step = create("our-1").raw(status, body).by_boto3(Raised("ClientError", "UnknownOperationException"))
    history = story(step)
    assert "CreateConnection" in the_breach(SDK, history).expected
    for law in JUDGES:
        assert law == SDK or no_breach(law, history)


def test_a_loop_over_next_token_shows_what_there_is() -> None:
    """What boto3 returned counts, not what was answered."""
    pages = walk(1).pages(["1"], ["2"])
    whole = [step.by_boto3() for step in pages]
    assert is_kept(SDK, story(made("1"), made("2"), whole))
    assert "0002" in the_breach(SDK, story(made("2"), walk(1).pages(["1"])[0].by_boto3())).expected
    lost = [whole[0], replace(whole[1], sdk=Returned({}))]
    _, broken = judged(SDK, story(made("1"), made("2"), lost))
    assert len(broken) == 2
    assert "0002" in broken[1].expected


def test_a_loop_that_shows_nothing_new_for_long_is_a_breach_and_one_that_does_is_not() -> None:
    """An account of strangers may be larger than a run has patience for."""
    knowledge = known(patience=3)
    strangers = [[f"{number}"] for number in range(9)]
    ever_new = [step.by_boto3() for step in walk(1).pages(*strangers, ends=False)]
    assert no_breach(SDK, story(ever_new), knowledge=knowledge)
    ever_same = [step.by_boto3() for step in walk(1).pages(*[["1"]] * 9, ends=False)]
    assert "page 1" in the_breach(SDK, story(ever_same), knowledge=knowledge).actual


def test_a_loop_that_shows_one_connection_over_and_over_is_a_breach_whatever_is_new_beside_it() -> None:
    """Others who come and go make every page a new one."""
    pages = [["1", f"{number}"] for number in range(2, 6)]
    endless = story([step.by_boto3() for step in walk(2).pages(*pages, ends=False)])
    assert "same connection" in the_breach(SDK, endless, knowledge=known(rounds=4)).actual
    assert no_breach(SDK, endless, knowledge=known(rounds=5))


def test_a_connection_that_came_or_went_meanwhile_need_not_be_shown() -> None:
    """Only what existed throughout."""
    first, last = (step.by_boto3() for step in walk(1).pages(["1"], []))
    assert is_kept(SDK, story(made("1"), made("2"), first, delete("2"), last))
    assert is_kept(SDK, story(made("1"), first, made("2"), last))
