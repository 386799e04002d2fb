"""Calls that overlap, and the laws that were written for calls in a row: what some order explains is no alarm.

Each history is legal, though perhaps only in one order of the calls that overlap, and no law at all may object to it.
Beside each stands what the same answers mean where the calls follow each other, so that silence is known to come from
the overlap.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from assay.history import History
from assay.laws import JUDGES, Breach
from selftests.histories import (
    EDITIONS,
    NEWEST,
    Step,
    create,
    delete,
    get,
    listing,
    made,
    story,
    world_of,
)

if TYPE_CHECKING:
    from assay.knowledge import Knowledge


def _accusers(history: History, edition: tuple[str, str] = NEWEST, knowledge: Knowledge | None = None) -> set[str]:
    """The laws that object to a history."""
    world = world_of(history, edition, knowledge)
    return {law for law, judge in JUDGES.items() for ruling in judge(world) if isinstance(ruling, Breach)}


def _beside(*steps: Step | list[Step]) -> list[Step]:
    """Steps that all overlap, far behind whatever came before."""
    flat = [each for step in steps for each in (step if isinstance(step, list) else [step])]
    return [step.during(100 + n / 100, 110 + n / 100) for n, step in enumerate(flat)]


def _in_a_row(history: History) -> History:
    """The same calls one after the other, as they were sent."""
    return story(
        *(
            Step(call.operation, call.input, call.outcome, call.response, signing=call.signing, sdk=call.sdk)
            for call in history
        )
    )


# What is legal, and a law that objects to it where the calls follow each other (None: it is legal then as well).
LEGAL: dict[str, tuple[list[Step | list[Step]], str | None]] = {
    "two Creates of a name, the first refused": (
        [_beside(create("our-1").refused(), made("1"))],
        "connection.create.accepts",
    ),
    "two Creates of a name, both refused as a conflict": (
        [_beside(create("our-1").refused("ConflictException"), create("our-1").refused("ConflictException"))],
        "connection.create.accepts",
    ),
    "Creates of several names, one refused as a conflict": (
        [_beside(made("1"), create("our-2").refused("ConcurrentModificationException", 409), made("3"))],
        "connection.create.accepts",
    ),
    "a Create refused while the Delete of its name's holder is under way": (
        [made("1"), _beside(delete("1"), create("our-1").refused())],
        "connection.name.reusable",
    ),
    "a Create accepted while the Delete of its name's holder is under way": (
        [made("1"), _beside(create("our-1").ok("2"), delete("1"))],
        "connection.name.unique",
    ),
    "a Create accepted while a Delete of its name's holder gets no answer": (
        [made("1"), _beside(create("our-1").ok("2"), delete("1").unknown())],
        "connection.name.unique",
    ),
    "two Deletes, the first refused": (
        [made("1"), _beside(delete("1").not_found(), delete("1"))],
        "connection.delete.removes",
    ),
    "a Delete refused as a conflict with another": (
        [made("1"), made("2"), _beside(delete("1").refused("ConflictException"), delete("2")), get("1")],
        "connection.delete.removes",
    ),
    "a second Delete refused as a conflict": (
        [made("1"), _beside(delete("1"), delete("1").refused("ConflictException"))],
        "connection.delete.unknown",
    ),
    "a Delete refused as a conflict with a Create that got no answer and may go on": (
        [made("1"), create("our-2").unknown(), delete("1").refused("ConflictException")],
        None,
    ),
    "a Get that finds what a Delete is about to take": (
        [made("1"), _beside(delete("1"), get("1"))],
        "connection.delete.removes",
    ),
    "a Get that no longer finds what a Delete is taking": (
        [made("1"), _beside(get("1").not_found(), delete("1"))],
        "connection.get.details",
    ),
    "Gets that disagree beside a Delete": (
        [made("1"), _beside(get("1").not_found(), get("1"), delete("1"))],
        "connection.get.details",
    ),
    "a Get that misses beside a Delete without an answer": (
        [made("1"), _beside(get("1").not_found(), delete("1").unknown())],
        "connection.get.details",
    ),
    "a page that shows what is being deleted": (
        [made("1"), _beside(delete("1"), listing().shows("1"))],
        "connection.list.truth",
    ),
    "a page that no longer shows what is being deleted": (
        [made("1"), _beside(listing().shows(), delete("1"))],
        "connection.list.complete",
    ),
    "a filtered page that no longer shows it": (
        [made("1"), _beside(listing(kind="Bitbucket").shows(), delete("1"))],
        "connection.list.filter",
    ),
    "a page that shows what is being created": (
        [_beside(listing().shows("1"), made("1")), get("1"), delete("1")],
        None,
    ),
    "a page that does not show what is being created": (
        [_beside(made("1"), listing().shows())],
        "connection.list.complete",
    ),
    "a page that shows what a refused Create did not make, since another one did": (
        [_beside(create("our-1").refused(), listing().shows("1"), made("1")), listing().shows("1")],
        None,
    ),
    "a page that shows a name of which one Create got no answer": (
        [_beside(create("our-1").refused(), create("our-1").unknown()), listing().shows("1")],
        None,
    ),
    "twins at once, the first refused": (
        [_beside(create("our-x").refused(), create("our-X").ok("1"))],
        "connection.create.accepts",
    ),
    "twins beside a living one, refused for one at the same moment": (
        [create("our-x").ok("1"), _beside(create("our-X").refused(), create("our-X").refused())],
        "connection.name.exact",
    ),
    "names of full length at once, the first refused": (
        [made("1"), _beside(create("our-" + "é" * 28).refused(), create("our-" + "é" * 28).ok("2"))],
        "connection.name.length",
    ),
    "a name used before, asked for twice at once, the first refused": (
        [made("1"), delete("1"), _beside(create("our-1").refused(), create("our-1").ok("2"))],
        "connection.name.reusable",
    ),
    "a walk whose item is deleted between its pages, by another": (
        [
            *(made(short) for short in "123"),
            listing(2).shows("1", "2", token="a").during(100, 101),
            delete("3").during(100.5, 103),
            listing(2, token="a").shows().during(102, 104),
        ],
        None,
    ),
    "a connection gone for a Get, after a Delete that was signed badly and beside one that was signed well": (
        [made("1"), delete("1").signed("wrong-secret"), _beside(get("1").not_found(), delete("1"))],
        "auth.signature",
    ),
    "a name shown that a badly signed Create had asked for, and one beside it": (
        [_beside(create("our-1").signed("wrong-secret"), made("1")), listing().shows("1")],
        None,
    ),
    "a page by boto3 that no longer shows what is being deleted": (
        [made("1"), _beside(listing().shows().by_boto3(), delete("1"))],
        "wire.sdk",
    ),
    "answers lost of some of many at once, again and again": (
        [
            step
            for n in range(6)
            for step in (
                listing().shows().during(1000 * n, 1000 * n + 1),
                get("9").unknown("connection").during(1000 * n + 100, 1000 * n + 110),
                get("9").not_found().during(1000 * n + 101, 1000 * n + 111),
                get("9").unknown("server-error").during(1000 * n + 102, 1000 * n + 112),
            )
        ]
        + [listing().shows()],
        None,
    ),
}


@pytest.mark.parametrize("edition", EDITIONS, ids=" ".join)
@pytest.mark.parametrize("story_of", LEGAL)
def test_what_some_order_explains_is_no_alarm(story_of: str, edition: tuple[str, str]) -> None:
    history = story(*LEGAL[story_of][0])
    assert _accusers(history, edition) == set()


@pytest.mark.parametrize("story_of", [name for name, (_, law) in LEGAL.items() if law is not None])
def test_the_same_answers_in_a_row_are_an_alarm(story_of: str) -> None:
    """So it is the overlap that explains them, and not a law that has gone blind."""
    steps, law = LEGAL[story_of]
    assert law in _accusers(_in_a_row(story(*steps)))


# The same of requests that are written out in bytes, with a member that no operation knows: the number of the odd one.
LEGAL_IN_BYTES: dict[str, tuple[list[Step | list[Step]], int]] = {
    "a Get that no longer finds what a Delete is taking": (
        [made("1"), _beside(get("1").not_found(), delete("1"))],
        1,
    ),
    "two Deletes, the first refused": ([made("1"), _beside(delete("1").not_found(), delete("1"))], 1),
    "two Creates of a name, the first refused": ([_beside(create("our-1").refused(), made("1"))], 0),
    "a Create refused as a conflict with one of another name": (
        [_beside(create("our-1").refused("ConflictException"), made("2"))],
        0,
    ),
}


def _in_bytes(history: History, place: int) -> History:
    """The history, one call of which is a raw request that asks for the same and one thing more."""
    calls = list(history)
    call = calls[place]
    body = json.dumps({**call.input, "Unknown": "x"}).encode()
    target = f"X-Amz-Target: CodeStar_connections_20191201.{call.operation}"
    fields = ("Host: x", target, "Content-Type: application/x-amz-json-1.0", f"Content-Length: {len(body)}", "", "")
    head = "\r\n".join(("POST / HTTP/1.1", *fields)).encode()
    request = replace(call.request, headers=(), body=body, head=head)
    calls[place] = replace(call, operation="", input={}, request=request, leg="raw")
    return History(tuple(calls))


@pytest.mark.parametrize("story_of", LEGAL_IN_BYTES)
def test_what_some_order_explains_is_no_alarm_in_bytes_either(story_of: str) -> None:
    """And it is one, by the law of unknown members, where the calls follow each other."""
    steps, place = LEGAL_IN_BYTES[story_of]
    history = story(*steps)
    assert _accusers(_in_bytes(history, place)) == set()
    assert "wire.unknown-members" in _accusers(_in_bytes(_in_a_row(history), place))


def test_an_odd_request_may_be_a_write_that_goes_on_behind_its_answer() -> None:
    """What stops at the first strange byte of a request has perhaps begun to do what stood before that byte."""
    history = story(made("1"), create("our-2").refused(), delete("1").refused("ConflictException"))
    assert _accusers(history) == {"connection.delete.removes", "connection.create.accepts"}
    calls = list(history)
    calls[1] = replace(calls[1], operation="", request=replace(calls[1].request, head=b"POST / HTTP/1.1"))
    assert "connection.delete.removes" not in _accusers(History(tuple(calls)))


def _walks_with_one_token(*order: int) -> History:
    """Two walks at once over three connections, in pages of two, that were given one and the same token."""
    pages = [
        listing(2).shows("1", "2", token="same").during(100, 101),
        listing(2).shows("1", "2", token="same").during(100.2, 101.2),
        listing(2, token="same").shows("3").during(102, 103),
        listing(2, token="same").shows("3").during(102.2, 103.2),
    ]
    return story(made("1"), made("2"), made("3"), [pages[place] for place in order])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2)])
def test_walks_at_once_that_share_a_token_are_two_walks(order: tuple[int, ...]) -> None:
    world = world_of(_walks_with_one_token(*order))
    assert [len(each.pages) for each in world.walks] == [2, 2]
    assert all(each.is_complete for each in world.walks)
    assert len({id(page) for each in world.walks for page in each.pages}) == 4
    assert _accusers(world.history) == set()


def test_what_is_surely_wrong_is_accused_beside_others_as_well() -> None:
    """The laws do not go blind where calls overlap: this is what no order explains."""
    beside = made("9").during(100, 120)
    wrong = {
        "connection.delete.removes": [made("1"), delete("1"), beside, get("1").during(101, 102)],
        "connection.get.details": [made("1"), beside, get("1").not_found().during(101, 102)],
        "connection.list.truth": [made("1"), delete("1"), beside, listing().shows("1").during(101, 102)],
        "connection.list.complete": [made("1"), beside, listing().shows().during(101, 102)],
        "connection.name.unique": [made("1"), beside, create("our-1").ok("2").during(101, 102)],
        "connection.create.accepts": [beside, create("our-1").refused().during(101, 102)],
        "connection.delete.unknown": [made("1"), delete("1"), beside, delete("1").during(101, 102)],
        "connection.arn.never-reused": [made("1"), beside, create("our-2").ok("1").during(101, 102)],
    }
    for law, steps in wrong.items():
        assert law in _accusers(story(*steps)), law


def test_an_answer_that_is_lost_alone_is_still_judged_by_repetition() -> None:
    steps: list[Any] = []
    for _ in range(3):
        steps += [listing().shows(), get("9").unknown("server-error")]
    assert "wire.no-server-error" in _accusers(story(*steps, listing().shows()))
