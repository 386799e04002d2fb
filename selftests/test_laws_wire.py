"""The laws of the wire on trial, in raw answers: schema, server errors, headers, and what errors look like."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from selftests.histories import (
    CODECONNECTIONS,
    EDITIONS,
    FIRST,
    NEWEST,
    arn,
    create,
    delete,
    get,
    is_kept,
    is_silent,
    item,
    judged,
    listing,
    made,
    no_breach,
    story,
    the_breach,
)

if TYPE_CHECKING:
    from assay.history import History
    from selftests.histories import Step

SCHEMA = "wire.schema"
NO_SERVER_ERROR = "wire.no-server-error"
CONTENT_TYPE = "wire.content-type"
REQUEST_ID = "wire.request-id"
ERROR_SHAPE = "wire.error-shape"
ERROR_STATUS = "wire.error-status"
JSON = ("Content-Type", "application/x-amz-json-1.0")
HOST = "arn:aws:codestar-connections:us-east-1:123456789012:host/a-12345678"


# -- schema


@pytest.mark.parametrize(
    ("step", "where"),
    [
        (create("our-a").answers({}), "ConnectionArn"),
        (create("our-a").answers({"ConnectionArn": None}), "ConnectionArn"),
        (create("our-a").answers({"ConnectionArn": 7}), "ConnectionArn"),
        (get("1").answers({"Connection": []}), "Connection"),
        (get("1").tells("1", name=7), "ConnectionName"),
        (get("1").tells("1", status="ACTIVE"), "ConnectionStatus"),
        (listing().answers({"Connections": {}}), "Connections"),
        (listing().shows("8", item("9", owner="1")), "Connections.1.OwnerAccountId"),
        (listing().answers({"Connections": ["x"]}), "Connections.0"),
        (listing().answers({"NextToken": 7}), "NextToken"),
    ],
)
def test_an_answer_that_its_schema_forbids_is_a_breach(step: Step, where: str) -> None:
    """Every accepted answer validates, and the breach says where it does not."""
    history = story(step)
    breach = the_breach(SCHEMA, history)
    assert breach.call is history.calls[0]
    assert "schema" in breach.expected
    assert where in breach.actual


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_the_model_leaves_open_is_legal(edition: tuple[str, str]) -> None:
    """Null members, unknown members, missing ones, tokens of any alphabet."""
    steps = [
        create("our-1").answers({"ConnectionArn": arn("1"), "Tags": None, "Surprise": {"a": [1]}}),
        get("1").tells("1", HostArn=None, Surprise=1),
        get("9").answers({"Connection": {}}),
        listing().answers({}),
        listing().answers({"Connections": None, "NextToken": None}),
        listing().shows(token="+/=\u00e9 \n"),
        delete("1").raw(200),
        delete("2").raw(200, "{}", JSON),
        delete("3").raw(200, '{"x": 1}'),
    ]
    kept, broken = judged(SCHEMA, story(*steps), edition=edition)
    assert len(kept) == len(steps)
    assert not broken


def test_a_provider_of_another_edition_is_noted_on_strangers_connections_alone() -> None:
    """An older judge meets a newer account."""
    for edition, kind in ((FIRST, "GitHub"), (NEWEST, "AzureDevOps")):
        strangers = story(listing().shows("8", item("9", kind=kind)), get("9").tells("9", kind=kind))
        assert is_kept(SCHEMA, strangers, edition=edition)
        for step in (listing().shows("8", item("1", kind=kind)), get("1").tells("1", kind=kind)):
            history = story(made("1"), step)
            assert the_breach(SCHEMA, history, edition=edition).call is history.calls[1]


def test_an_item_that_is_no_connection_is_a_breach_beside_a_strangers_provider() -> None:
    """One oddity excuses no other."""
    page = {"Connections": ["x", item("9", kind="AzureDevOps")]}
    assert "Connections.0" in the_breach(SCHEMA, story(listing().answers(page))).actual
    page = {"Connections": [None, item("9", kind="AzureDevOps"), item("1")]}
    breach = the_breach(SCHEMA, story(made("1"), listing().answers(page)))
    assert "ProviderType" not in breach.actual


def test_a_strangers_host_may_carry_the_services_newer_name() -> None:
    """AWS lists the connections of both names together, and the older model knows one pattern."""
    host = HOST.replace("codestar-connections", "codeconnections")
    assert is_kept(SCHEMA, story(listing().shows(item("9", kind="GitLabSelfManaged", HostArn=host))))


def test_refusals_and_weather_have_no_schema() -> None:
    """The law is not exercised."""
    assert is_silent(SCHEMA, story(get("1").not_found(), get("1").unknown(), get("1").throttled()))


# -- no server error


def _three_times(*program: Any, pause: Step | None = None) -> History:
    pause = listing().shows("9") if pause is None else pause
    return story(pause, *program, pause, *program, pause, *program, pause)


def test_an_input_that_breaks_the_server_three_times_of_three_is_a_breach() -> None:
    """While a plain List before and after is served."""
    for reason in ("server-error", "connection", "timeout"):
        history = _three_times(create("our-\x00").unknown(reason))
        breach = the_breach(NO_SERVER_ERROR, history)
        assert breach.call is history.calls[1]
        assert reason in breach.actual
        assert "3 times" in breach.actual


def test_a_program_that_breaks_the_server_at_its_second_get_is_a_breach() -> None:
    """The Get before it is of the same form and of another connection; the names are others each time."""
    steps = []
    for number in ("1", "2", "3"):
        steps += [listing().shows("9"), made(number), get(number), delete(number), get(number).unknown("server-error")]
    history = story(*steps, listing().shows("9"))
    assert the_breach(NO_SERVER_ERROR, history).call is history.calls[4]


def test_a_list_that_is_signed_oddly_is_an_input_like_others() -> None:
    """It asks for nothing, and yet is not the plain List that tells whether the endpoint is up."""
    odd = listing().signed("missing").unknown("server-error")
    history = _three_times(odd)
    assert the_breach(NO_SERVER_ERROR, history).call is history.calls[1]
    assert no_breach(NO_SERVER_ERROR, _three_times(listing().unknown("server-error")))
    assert no_breach(NO_SERVER_ERROR, _three_times(odd, pause=replace(listing().shows("9"), signing="missing")))


def test_what_does_not_repeat_is_weather() -> None:
    """Twice, or three times of four."""
    lost, pause = create("our-a").unknown("server-error"), listing().shows("9")
    assert no_breach(NO_SERVER_ERROR, story(pause, lost, pause, lost, pause))
    assert no_breach(
        NO_SERVER_ERROR, story(pause, lost, pause, lost, pause, create("our-b").ok("1"), pause, lost, pause)
    )
    flaky = [get("1"), get("1").unknown("connection"), get("1"), pause, get("1"), pause]
    assert no_breach(NO_SERVER_ERROR, story(made("1"), pause, *flaky * 5))


def test_a_server_that_is_down_is_weather() -> None:
    """Without a plain List that is served before, between and after, nothing is known of the input."""
    lost, pause = create("our-a").unknown("timeout"), listing().shows("9")
    assert no_breach(NO_SERVER_ERROR, story(pause, lost, lost, lost, pause))
    assert no_breach(NO_SERVER_ERROR, story(lost, pause, lost, pause, lost, pause))
    assert no_breach(NO_SERVER_ERROR, story(pause, lost, pause, lost, pause, lost))
    assert no_breach(NO_SERVER_ERROR, _three_times(lost, pause=listing().unknown()))
    assert no_breach(NO_SERVER_ERROR, _three_times(lost, pause=listing().refused()))


def test_a_server_that_asks_to_come_again_is_weather() -> None:
    """503 with Retry-After is throttling."""
    assert is_silent(NO_SERVER_ERROR, story(create("our-a").throttled(503), create("our-a").throttled()))
    assert no_breach(NO_SERVER_ERROR, _three_times(create("our-a").throttled(503)))


def test_clear_answers_keep_the_law() -> None:
    """Yes and no alike."""
    assert is_kept(NO_SERVER_ERROR, story(create("our-a"), get("1")))
    assert is_silent(NO_SERVER_ERROR, story(create("our-a").unknown()))


# -- content type


@pytest.mark.parametrize(
    "header", [(), (("Content-Type", "application/json"),), (("content-type", "application/x-amz-json-1.1"),)]
)
def test_another_content_type_is_a_breach(header: Any) -> None:
    """A must for what was accepted, a clause for errors."""
    history = story(listing().raw(200, '{"Connections": []}', *header))
    breach = the_breach(CONTENT_TYPE, history)
    assert breach.call is history.calls[0]
    assert breach.clause is None
    assert "application/x-amz-json-1.0" in breach.expected
    error = story(listing().raw(400, '{"__type": "ValidationException"}', *header))
    assert the_breach(CONTENT_TYPE, error).clause == "errors"


@pytest.mark.parametrize(
    "header",
    [
        JSON,
        ("CONTENT-TYPE", "Application/X-Amz-JSON-1.0"),
        ("content-type", "application/x-amz-json-1.0; charset=utf-8"),
    ],
)
def test_the_content_type_may_have_parameters_and_any_case(header: Any) -> None:
    """Header names have no case, nor have media types."""
    assert is_kept(CONTENT_TYPE, story(listing().raw(200, "{}", header)))


def test_an_empty_body_needs_no_content_type() -> None:
    """And what nobody could read is not judged by it."""
    assert is_silent(CONTENT_TYPE, story(delete("1").raw(200), get("1").raw(500, "<html>"), get("1").unknown()))


# -- request id


def test_a_request_id_that_is_missing_or_comes_twice_is_a_breach() -> None:
    """It is present and different each time."""
    ids = [(), (("x-amzn-requestid", "a"),), (("X-Amzn-RequestId", "a"),)]
    kept, broken = judged(REQUEST_ID, story(*[listing().raw(200, "{}", *header) for header in ids]))
    assert [call.index for call in kept] == [1]
    assert [(breach.call.index, breach.actual) for breach in broken] == [(0, "none"), (2, '"a" twice')]


def test_request_ids_of_their_own_keep_the_law() -> None:
    """On errors as well; what was never answered has none."""
    assert is_kept(REQUEST_ID, story(get("1"), get("1"), get("1").not_found()))
    assert is_silent(REQUEST_ID, story(get("1").unknown(), get("1").unknown("server-error"), get("1").throttled()))


# -- error shape


@pytest.mark.parametrize("body", ["", "{}", "no", '{"message": "no"}', '{"code": "ValidationException"}', "<html/>"])
def test_an_error_that_does_not_name_its_type_is_a_breach(body: Any) -> None:
    """Neither in __type nor in the header."""
    history = story(get("1").raw(400, body))
    breach = the_breach(ERROR_SHAPE, history)
    assert breach.call is history.calls[0]
    assert "__type" in breach.expected
    assert "HTTP 400" in breach.actual


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ('{"__type": "ResourceNotFoundException"}', ()),
        ('{"__type": "com.amazonaws.codestar.connections#ResourceNotFoundException", "Message": "no"}', ()),
        ('{"message": null, "__type": "com.amazon.coral.service#AccessDeniedException:http://x/"}', ()),
        ("{}", (("X-AMZN-ERRORTYPE", "ResourceNotFoundException:http://internal/"),)),
        ("", (("x-amzn-errortype", "ResourceNotFoundException"),)),
    ],
)
def test_a_type_may_be_named_in_any_legal_way(body: Any, header: Any) -> None:
    """With a namespace or without, in the body or in the header, with Message, message or neither."""
    assert is_kept(ERROR_SHAPE, story(get("1").raw(400, body, *header)))


def test_accepted_and_unknown_answers_are_no_errors() -> None:
    """The law is not exercised."""
    assert is_silent(ERROR_SHAPE, story(get("1"), get("1").unknown("server-error"), get("1").throttled()))


# -- error status


@pytest.mark.parametrize("edition", [FIRST, NEWEST])
@pytest.mark.parametrize("status", [401, 404, 409, 422, 429])
def test_a_modelled_error_with_another_status_is_a_breach(status: Any, edition: tuple[str, str]) -> None:
    """It is 400 for all of them, not found included."""
    code = "LimitExceededException" if status == 429 else "ResourceNotFoundException"
    history = story(get("1").refused(code, status))
    breach = the_breach(ERROR_STATUS, history, edition=edition)
    assert breach.call is history.calls[0]
    assert "400" in breach.expected
    assert str(status) in breach.actual


def test_a_modelled_error_under_a_200_is_a_breach() -> None:
    """An error is no success."""
    body = json.dumps({"__type": "ResourceNotFoundException"})
    assert the_breach(ERROR_STATUS, story(get("1").raw(200, body, JSON))).actual == "HTTP status 200"


def test_the_newer_service_may_use_the_models_own_status() -> None:
    """Its model names one for each error since 2026-11."""
    for step in (
        get("1").not_found(),
        get("1").refused("ResourceNotFoundException", 404),
        create("our-a").refused("LimitExceededException", 429),
        get("1").refused("LimitExceededException", 429),
    ):
        assert is_kept(ERROR_STATUS, story(step), edition=CODECONNECTIONS)
    history = story(get("1").refused("ResourceNotFoundException", 410))
    assert the_breach(ERROR_STATUS, history, edition=CODECONNECTIONS).clause == "model-status"


def test_a_duplicate_name_may_be_refused_with_any_4xx() -> None:
    """Also where the first one was made by a lost Create, a stranger, or is a twin."""
    again = create("our-a").refused("ResourceUnavailableException", 409)
    assert no_breach(ERROR_STATUS, story(create("our-a").ok("1"), again))
    assert no_breach(ERROR_STATUS, story(create("our-a").unknown(), again))
    assert no_breach(ERROR_STATUS, story(create("our-a").throttled(503), again))
    assert no_breach(ERROR_STATUS, story(create("our-a").ok("1").during(0, 2), again.during(1, 3)))
    assert no_breach(ERROR_STATUS, story(create("a").refused("ResourceUnavailableException", 409)))
    assert the_breach(ERROR_STATUS, story(again))
    assert the_breach(ERROR_STATUS, story(create("our-a").ok("1"), delete("1"), again))


def test_errors_that_no_operation_models_have_any_status() -> None:
    """Newer lists say 404 for unknown operations, other services 403 for signatures."""
    for code, status in (("UnknownOperationException", 404), ("AccessDeniedException", 403), ("Surprise", 418)):
        assert is_silent(ERROR_STATUS, story(get("1").refused(code, status)))


def test_errors_that_are_as_documented_keep_the_law() -> None:
    """And accepted, unknown and throttled answers say nothing."""
    assert is_kept(ERROR_STATUS, story(get("1").not_found(), create("our-a").refused("LimitExceededException")))
    assert is_silent(ERROR_STATUS, story(get("1"), get("1").unknown(), get("1").throttled(429)))
