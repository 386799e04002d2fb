"""What is observed and never judged follows from the calls alone, where it is plain what an answer is about."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import runs
from histories import NEWEST, arn, contract_of, create, delete, get, item, listing, made, story, walk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from in_memory import Account, Reference, search_for

from assay.budget import Budget
from assay.history import Accepted, Call, Request
from assay.observations import SENTENCES, Observations, observed
from assay.program import Arn, Create, Delete, Fill, Get, Name, Program, Walk

if TYPE_CHECKING:
    from histories import Step

FORM = ("answer.null-members", "answer.content-type", "answer.request-id", "answer.framing")
DUPLICATE = create("our-1").refused("ResourceAlreadyExistsException", 409)


def seen(*steps: Step | list[Step]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in observed(story(*steps), contract_of(NEWEST))}


def value(observation: str, *steps: Step | list[Step]) -> str | None:
    told: str | None = seen(*steps)[observation]["value"]
    return told


@pytest.mark.parametrize(
    ("observation", "steps", "expected"),
    [
        ("create.duplicate-name", (made("1"), DUPLICATE), "ResourceAlreadyExistsException 409"),
        ("create.duplicate-name", (made("1"), delete("1"), made("2", name="our-1")), None),
        ("create.duplicate-name", (made("1"), delete("1").unknown(), DUPLICATE), None),
        ("create.duplicate-name", (made("1"), create("our-1", kind="Nobody's").refused()), None),
        ("create.name-empty", (create("").refused(),), "ValidationException 400"),
        ("create.name-control-characters", (create("a\x07").ok("1"),), "accepted"),
        ("create.without-provider", (create("a", kind=...).ok("1"),), "accepted"),
        ("create.without-host", (create("a", kind="GitLabSelfManaged").unknown(),), "no clear answer"),
        ("create.provider-unknown", (create("a", kind="Nobody's").refused(),), "ValidationException 400"),
        ("create.provider-of-another-edition", (create("a", kind="AzureDevOps").ok("1"),), "accepted"),
        ("get.deleted-arn", (made("1"), delete("1"), get("1").not_found()), "ResourceNotFoundException 400"),
        ("get.arn-elsewhere", (get("1").not_found(),), "ResourceNotFoundException 400"),
        ("get.unknown-arn", (made("2"), get("1").not_found()), "ResourceNotFoundException 400"),
        ("get.malformed-arn", (get("none").refused(),), "ValidationException 400"),
        ("delete.without-arn", (delete().refused("SerializationException"),), "SerializationException 400"),
        ("delete.body", (delete("1").raw(200, b""),), "empty"),
        ("get.owner", (get("1").tells("1", owner="000000000000"),), "another account than the ARN names"),
        ("list.max-results-zero", (listing(by=0).shows(),), "accepted"),
        ("list.max-results-above", (listing(by=101).refused(),), "ValidationException 400"),
        ("list.filter-unknown", (listing(kind="Nobody's").shows(),), "accepted"),
        ("list.token-forged", (listing(token="made up").refused(),), "ValidationException 400"),
        ("list.default-page-size", (walk().pages(["1", "2"], ["3"]),), "2"),
        ("list.page-fill", (walk(by=3).pages(["1", "2"], ["3"]),), "shorter"),
        ("list.last-page", (walk(by=2).pages(["1", "2"], []),), "empty"),
        ("list.last-token", (listing().shows("1", token=None),), "null"),
        ("list.empty", (listing().answers({}),), "no member Connections"),
        ("list.token-form", (walk().pages(["1"], ["2"]),), "letters, digits and -"),
        ("answer.null-members", (listing().shows({**item("1"), "HostArn": None}),), "HostArn"),
        ("arn.id", (made("1"),), "a UUID"),
        ("error.type", (create("").refused(),), "__type with a namespace"),
        ("error.message", (create("").refused(message=None),), "nothing"),
    ],
)
def test_an_observation_follows_from_the_calls(
    observation: str, steps: tuple[Step | list[Step], ...], expected: str | None
) -> None:
    """Each is seen where its sentence holds, and not where it does not."""
    assert value(observation, *steps) == expected


def test_what_may_have_happened_at_once_is_no_observation() -> None:
    """A Create beside a Delete of the name's owner: nobody can say whether the name was taken."""
    assert value("create.duplicate-name", made("1"), DUPLICATE.during(2.0, 4.0), delete("1").during(3.0, 5.0)) is None


def test_a_token_is_forged_used_or_neither() -> None:
    """A token that was given is no forged one; sent again, it is one that was used."""
    first, second = walk(by=1).pages(["1"], ["2"])
    told = seen(first, second, second)
    assert told["list.token-forged"]["value"] is None
    assert (told["list.token-again"]["value"], told["list.token-again"]["calls"]) == ("accepted", 1)


def test_an_answer_that_was_turned_away_for_its_rate_is_no_answer() -> None:
    """Throttling is weather."""
    assert value("create.name-empty", create("").throttled()) is None


def test_an_answer_to_a_call_that_was_sent_oddly_is_about_how_it_was_sent() -> None:
    """It is no observation, but what it made is there."""
    history = story(made("1"), DUPLICATE, get("1"), get("1").not_found())
    odd = [replace(call, leg="raw") if n < 2 else replace(call, signing="unsigned") for n, call in enumerate(history)]
    told = {each["id"]: each["value"] for each in observed([*odd, *story(delete("1"))], contract_of(NEWEST))}
    assert {each for each, value in told.items() if value} == {"delete.body", *FORM}


def test_values_are_told_in_one_order_whatever_came_first() -> None:
    """So that two runs of one endpoint do not differ by luck."""
    one, other = get("none").answers({}), get("none").refused()
    assert value("get.malformed-arn", one, other) == value("get.malformed-arn", other, one)
    assert value("get.malformed-arn", one, other) == "ValidationException 400 | accepted"


def test_an_endpoint_that_says_something_new_every_time_does_not_fill_the_results() -> None:
    """So many values are kept, and none is longer than a line."""
    told = seen(*(create("").refused(f"{number}{'E' * 500}") for number in range(100)))["create.name-empty"]
    assert told["calls"] == 100
    assert len(told["values"]) < 20
    assert max(len(each["value"]) for each in told["values"]) <= 120


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (lambda number: number, "creation, the oldest first"),
        (lambda number: -number, "creation, the newest first"),
        (lambda number: f"{number * 7 % 10}", "names"),
        (lambda number: number * 3 % 10, "nothing that is plain"),
    ],
)
def test_the_order_of_a_list_is_the_one_that_every_page_has(key: Any, expected: str) -> None:
    """With names and ARNs that are in no order of their own."""
    numbers = list(range(10))
    named = {number: f"our-{number * 7 % 10}" for number in numbers}
    creates = [made(str(number * 9 % 10 + 10), name=named[number]) for number in numbers]
    page = [item(str(number * 9 % 10 + 10), name=named[number]) for number in sorted(numbers, key=key)]
    assert value("list.order", creates, [listing().shows(*page) for _ in range(10)]) == expected


def test_the_reference_is_observed_as_it_is() -> None:
    """A run of a program in memory, down to the size of a page."""
    endpoint = Reference()
    search = search_for(endpoint)
    fill = Program((Fill(100, 60), Walk(), Get(Arn(100)), Delete(Arn(100)), Get(Arn(100))))
    search.examine(fill, Budget(now=endpoint.clock))
    search.examine(Program((Create(0, Name(0)), Create(1, Name(0)))), Budget(now=endpoint.clock))
    assert search.book.observations is not None
    told = {each["id"]: each["value"] for each in search.book.observations.as_json()}
    assert told["list.default-page-size"] == "50"
    assert told["create.duplicate-name"] == "ResourceAlreadyExistsException 400"
    assert told["get.deleted-arn"] == "ResourceNotFoundException 400"
    assert told["arn.head"] == "arn:aws:codestar-connections"


ODD = st.sampled_from(
    (None, True, 0, -1, 2.5, 10**30, "", "a", "\ud800", arn("1"), [], ["a"], [{}], [[]], {}, {"a": {}}, [item("1")] * 3)
)
MEMBERS = ["ConnectionName", "ConnectionArn", "ProviderType", "MaxResults", "NextToken", "ProviderTypeFilter", "Tags"]
OUTPUTS = [*MEMBERS, "Connection", "Connections"]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(["CreateConnection", "GetConnection", "DeleteConnection", "ListConnections", "Other"]),
            st.dictionaries(st.sampled_from(MEMBERS), ODD, max_size=3),
            st.dictionaries(st.sampled_from(OUTPUTS), ODD, max_size=3),
        ),
        max_size=6,
    )
)
def test_no_input_and_no_answer_is_too_odd_to_be_observed(calls: Any) -> None:
    """Whatever was sent and whatever came: it is looked at, and told as text."""
    request = Request("http://127.0.0.1/", (), b"")
    history = [
        Call(number, operation, members, number, number + 0.5, Accepted(output), request)
        for number, (operation, members, output) in enumerate(calls)
    ]
    told = observed(history, contract_of(NEWEST))
    assert [each["id"] for each in told] == list(SENTENCES)
    json.dumps(told)


def test_observing_is_cheap() -> None:
    """A small part of what it takes to make and judge the calls, even in memory."""
    endpoint = Account()
    search = search_for(endpoint)
    started = time.process_time()
    for _ in range(10):
        search.examine(Program((Fill(100, 20), Walk(3), Walk())), Budget(now=endpoint.clock))
    whole = time.process_time() - started
    observations = Observations(endpoint.contract)
    started = time.process_time()
    for call in endpoint.made:
        observations.add(call)
    assert time.process_time() - started < whole / 5


def test_results_tell_every_observation_also_without_a_run() -> None:
    """With a value of null."""
    told = runs.results(runs.book())["observations"]
    assert [each["id"] for each in told] == list(SENTENCES)
    assert all(each["value"] is None and each["calls"] == 0 for each in told)
