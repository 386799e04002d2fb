"""wire.readable on trial: an answer that ends too soon is weather, unless every one of its kind does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.history import History, Response, Unknown
from selftests.histories import delete, get, is_kept, is_silent, judged, listing, made, no_breach, story, the_breach

if TYPE_CHECKING:
    from selftests.histories import Step

READABLE = "wire.readable"
HEADER = ("Content-Type", "application/x-amz-json-1.0")
TOO_SOON = "the body ends after 5 of 100 bytes"
HUGE = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 70000\r\n\r\n"
NO_HTTP = b"\x16\x03\x01\r\n\r\n"


def cut(step: Step, status: int = 200, flaw: str = TOO_SOON) -> Step:
    """The answer to a call ends too soon."""
    return replace(step, outcome=Unknown("connection", flaw), response=Response(status, (HEADER,), b'{"Con', flaw))


def _raw(history: History, head: bytes, *places: int) -> History:
    """The same, where these calls were sent with this head."""
    calls = list(history)
    for place in places:
        call = calls[place]
        body = b"x" * 70_000 if head == HUGE else call.request.body
        calls[place] = replace(call, request=replace(call.request, head=head, body=body))
    return History(tuple(calls))


def test_whole_answers_keep_the_law() -> None:
    """Accepted or refused, with a length or none."""
    assert is_kept(READABLE, story(made("1"), get("1"), get("2").not_found(), delete("1"), listing()))


@pytest.mark.parametrize("status", [200, 400])
def test_every_answer_of_a_kind_that_ends_too_soon_is_a_breach(status: int) -> None:
    """Three at least; each of them is told of, as each is what somebody has to mend."""
    history = story(made("1"), *[cut(get("1"), status)] * 3, listing())
    _, broken = judged(READABLE, history)
    assert [breach.call for breach in broken] == list(history)[1:4]
    assert TOO_SOON in broken[0].actual
    assert "3 times of 3" in broken[0].actual


def test_refusals_that_come_whole_do_not_excuse_the_others() -> None:
    """They are written by another hand."""
    history = story(made("1"), *[cut(get("1"))] * 3, get("2").not_found())
    assert len(judged(READABLE, history)[1]) == 3
    history = story(made("1"), get("1"), *[cut(get("2"), 400)] * 3)
    assert len(judged(READABLE, history)[1]) == 3


def test_what_is_cut_now_and_then_is_weather() -> None:
    """Twice, or one of the kind came whole, or each of them is of another kind."""
    assert is_silent(READABLE, story(cut(get("1")), cut(get("1"))))
    assert no_breach(READABLE, story(*[cut(get("1"))] * 9, get("1")))
    assert is_silent(READABLE, story(cut(get("1")), cut(get("1"), 400), cut(delete("1")), cut(listing())))
    assert is_silent(READABLE, story(*[get("1").unknown("connection")] * 9)), "no answer at all is another law's"


@pytest.mark.parametrize("head", [HUGE, NO_HTTP])
def test_a_request_that_need_not_be_read_may_be_answered_by_half(head: bytes) -> None:
    """Whichever of the calls of the kind it was, and it does not help the others to be three."""
    history = story(*[cut(get("1"))] * 3)
    for places in ([0], [1], [2], [0, 1, 2]):
        assert is_silent(READABLE, _raw(history, head, *places))
    assert len(judged(READABLE, _raw(story(*[cut(get("1"))] * 4), head, 0))[1]) == 3


def test_an_answer_that_goes_on_behind_its_end_is_a_breach_at_once() -> None:
    """It was read, and is not what its header says; nor does it speak for those that are cut."""
    step = get("1")
    assert step.response is not None
    longer = replace(step, response=replace(step.response, flaw="2 bytes behind the end"))
    assert "behind the end" in the_breach(READABLE, story(longer)).actual
    assert len(judged(READABLE, story(longer, *[cut(get("1"))] * 3))[1]) == 4


def test_an_answer_is_encoded_only_as_the_request_allows() -> None:
    """identity, an empty field and aws-chunked say nothing that has to be undone."""
    step = get("1")
    assert step.response is not None
    for encoding in ("identity", "", "aws-chunked", "Identity "):
        fields = (*step.response.headers, ("Content-Encoding", encoding))
        assert is_kept(READABLE, story(replace(step, response=replace(step.response, headers=fields))))
    packed = replace(step.response, headers=(*step.response.headers, ("Content-Encoding", "gzip")))
    history = story(replace(step, response=packed))
    assert no_breach(READABLE, history), "who says nothing of encodings takes any"
    call = history.calls[0]
    strict = replace(call, request=replace(call.request, headers=(("Accept-Encoding", "identity"),)))
    assert "gzip" in the_breach(READABLE, History((strict,))).actual
