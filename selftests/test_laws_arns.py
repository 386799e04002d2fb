"""The laws of ARNs on trial: their form, given once, stable, exact, required, malformed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assay.knowledge import Knowledge
from selftests.histories import (
    EDITIONS,
    Step,
    arn,
    contract_of,
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

WELL_FORMED = "connection.arn.well-formed"
FORM = "connection.arn.form"
NEVER_REUSED = "connection.arn.never-reused"
STABLE = "connection.arn.stable"
EXACT = "connection.arn.exact"
REQUIRED = "connection.arn.required"
MALFORMED = "connection.arn.malformed"

LEGAL = [
    arn("1"),
    arn("1", service="codeconnections"),
    arn("1", region="cn-north-1").replace("arn:aws:", "arn:aws-cn:"),
    "arn:aws-us-gov:codestar-connections:us-gov-west-1:000000000000:connection/7",
    "arn:aws:codestar-connections:us-east-1:123456789012:connection/not a uuid, but an id",
]
BROKEN = [
    "",
    "1",
    "arn:aws:codestar-connections:us-east-1:1234:connection/1",
    "arn:aws:codestar-connections::123456789012:connection/1",
    "arn:aws:codestar-connections:us-east-1:123456789012:",
    "urn:aws:codestar-connections:us-east-1:123456789012:connection/1",
    arn("1") + "\n",
    arn("1") + "x" * 256,
    7,
    {},
    [arn("1")],
    True,
]


# -- well-formed, form


@pytest.mark.parametrize("given", LEGAL)
@pytest.mark.parametrize("law", [WELL_FORMED, FORM])
def test_every_arn_of_the_form_is_legal(law: str, given: Any) -> None:
    """Any partition, either service name, any id."""
    history = story(create("our-1").answers({"ConnectionArn": given}), listing().shows(item("1", given=given)))
    kept, broken = judged(law, history)
    assert [call.index for call in kept] == [0, 1]
    assert not broken


@pytest.mark.parametrize("given", BROKEN)
def test_an_arn_that_breaks_the_pattern_is_a_breach_wherever_it_appears(given: Any) -> None:
    """In Create, Get and List, of ours and of strangers'."""
    for step in (
        create("our-1").answers({"ConnectionArn": given}),
        get("1").tells("1", given=given),
        listing().shows("8", item("9", given=given)),
    ):
        history = story(step)
        breach = the_breach(WELL_FORMED, history)
        assert breach.call is history.calls[0]
        assert "256" in breach.expected
        assert "ConnectionArn" in breach.actual


@pytest.mark.parametrize(
    "given",
    [
        "arn:aws:s3:us-east-1:123456789012:connection/1",
        "arn:aws:codestar-connections:us-east-1:123456789012:host/1",
        "arn:aws:codestar-connections:us-east-1:123456789012:1",
    ],
)
def test_an_arn_of_another_form_breaks_the_form_alone(given: Any) -> None:
    """The model promises less than every sample shows."""
    history = story(create("our-1").answers({"ConnectionArn": given}))
    breach = the_breach(FORM, history)
    assert breach.call is history.calls[0]
    assert "connection/<id>" in breach.expected
    assert given in breach.actual
    assert is_kept(WELL_FORMED, history)


def test_a_malformed_arn_is_not_accused_of_its_form_as_well() -> None:
    """One fault, one finding."""
    assert is_silent(FORM, story(create("our-1").answers({"ConnectionArn": "1"})))


@pytest.mark.parametrize("law", [WELL_FORMED, FORM])
def test_without_an_arn_nothing_is_said_of_arns(law: str) -> None:
    """Refusals, empty pages, missing and null members."""
    history = story(create("our-1"), listing(), create("our-2").answers({"ConnectionArn": None}), get("3").answers({}))
    assert is_silent(law, history)


def test_a_huge_arn_is_judged_at_once() -> None:
    """The pattern was not made for a megabyte of colons."""
    history = story(create("our-1").answers({"ConnectionArn": "arn:aws:" + ":1" * 500_000}))
    started = time.perf_counter()
    assert the_breach(WELL_FORMED, history).call is history.calls[0]
    assert is_silent(FORM, history)
    assert no_breach(MALFORMED, story(get("arn:aws:" + ":1" * 500_000).refused()))
    assert time.perf_counter() - started < 1


# -- never reused


@pytest.mark.parametrize("between", [[], [delete("1")]])
def test_an_arn_that_is_given_twice_is_a_breach(between: list[Step]) -> None:
    """To a live connection or a deleted one, an ARN is never given again."""
    history = story(made("1", name="our-a"), *between, create("our-b").ok("1"))
    breach = the_breach(NEVER_REUSED, history)
    assert breach.call is history.calls[-1]
    assert arn("1") in breach.expected
    assert ("deleted" in breach.expected) == bool(between)
    assert "our-a" in breach.actual
    assert "our-b" in breach.actual


def test_an_arn_of_an_earlier_history_is_remembered() -> None:
    """Never is longer than a program: the breach says which program made it."""
    knowledge = known()
    world_of(story(made("1"), delete("1")), knowledge=knowledge).leave_facts(7)
    history = story(create("our-b").ok("1"))
    breach = the_breach(NEVER_REUSED, history, knowledge=knowledge)
    assert breach.call is history.calls[0]
    assert breach.earlier == 7
    assert "deleted" in breach.expected


def test_new_arns_keep_the_law_and_without_creates_it_is_silent() -> None:
    """A reused name has a new ARN."""
    assert is_kept(NEVER_REUSED, story(made("1"), delete("1"), create("our-1").ok("2")))
    assert is_silent(NEVER_REUSED, story(create("our-1"), create("our-1").unknown(), get("1"), listing().shows("1")))


# -- stable


def test_a_get_that_answers_with_another_arn_is_a_breach() -> None:
    """Create and Get give one connection one ARN."""
    history = story(made("1"), get("1").tells("1", given=arn("2")))
    breach = the_breach(STABLE, history)
    assert breach.call is history.calls[1]
    assert arn("1") in breach.expected
    assert arn("2") in breach.actual


def test_a_list_that_shows_another_arn_is_a_breach() -> None:
    """Create and List give one connection one ARN."""
    history = story(made("1"), listing().shows(item("1", given=arn("2"))))
    breach = the_breach(STABLE, history)
    assert breach.call is history.calls[1]
    assert arn("1") in breach.expected
    assert arn("2") in breach.actual


def test_one_arn_everywhere_keeps_the_law() -> None:
    """In Get and in List."""
    kept, broken = judged(STABLE, story(made("1"), get("1"), listing().shows("1", "9")))
    assert [call.index for call in kept] == [1, 2]
    assert not broken


def test_a_list_may_show_two_connections_of_one_name() -> None:
    """One that a lost Create made, or a duplicate: the name does not say which is which."""
    shows = listing().shows(item("1", given=arn("2")))
    assert no_breach(STABLE, story(create("our-1").unknown(), made("1"), shows))
    assert no_breach(STABLE, story(create("our-1").throttled(503), made("1"), shows))
    assert no_breach(STABLE, story(made("1"), create("our-1").ok("2"), shows))
    assert no_breach(STABLE, story(made("1"), create("our-1").unknown(), delete("1"), shows))


def test_strangers_and_empty_answers_say_nothing_of_stability() -> None:
    """Only of our own connections is the ARN known."""
    history = story(made("1"), listing().shows(item("9", name="theirs")), get("1").answers({}), get("1").not_found())
    assert is_silent(STABLE, history)


# -- exact


@pytest.mark.parametrize("sent", [arn("1a")[:-1], arn("1a") + "0", arn("1A")])
def test_a_get_of_nearly_an_arn_that_answers_with_the_connection_is_a_breach(sent: str) -> None:
    """Cut, extended, or in another case."""
    for answer in ({"Connection": item("1a")}, {"Connection": item("1a", given=sent)}):
        history = story(made("1a"), get(sent).answers(answer))
        breach = the_breach(EXACT, history)
        assert breach.call is history.calls[1]
        assert sent in breach.expected
        assert arn("1a") in breach.expected


def test_any_other_answer_to_nearly_an_arn_keeps_the_law() -> None:
    """Any refusal, or another connection that has exactly that ARN."""
    longer = arn("1") + "0"
    assert is_kept(EXACT, story(made("1"), get(longer).not_found()))
    assert is_kept(EXACT, story(made("1"), get(longer).refused("AccessDeniedException")))
    assert is_kept(EXACT, story(made("1"), get(longer).answers({"Connection": item("9", given=longer)})))
    assert is_kept(EXACT, story(made("1"), get(longer).answers({})))


def test_ids_of_which_one_begins_with_the_other_are_different_connections() -> None:
    """An endpoint may count its connections."""
    ten = "arn:aws:codestar-connections:us-east-1:123456789012:connection/10"
    first = create("our-a").answers({"ConnectionArn": ten[:-1]})
    tenth = create("our-b").answers({"ConnectionArn": ten})
    history = story(first, tenth, get(ten).answers({"Connection": item("0", name="our-b", given=ten)}))
    assert no_breach(EXACT, history)


def test_nearly_an_arn_of_a_connection_in_doubt_is_not_judged() -> None:
    """Deleted, perhaps deleted, or an answer that never came."""
    near = get(arn("1") + "0")
    assert is_silent(EXACT, story(made("1"), delete("1"), near.tells("1")))
    assert is_silent(EXACT, story(made("1"), delete("1").unknown(), near.tells("1")))
    assert is_silent(EXACT, story(made("1"), near.unknown()))
    assert is_silent(EXACT, story(made("1"), get("2").not_found()))


# -- required


@pytest.mark.parametrize("step", [get(), delete()])
def test_a_get_or_delete_without_an_arn_that_is_accepted_is_a_breach(step: Step) -> None:
    """Both are refused."""
    history = story(step.answers({}))
    breach = the_breach(REQUIRED, history)
    assert breach.call is history.calls[0]
    assert f"{history.calls[0].operation} without ConnectionArn" in breach.expected


def test_any_refusal_of_a_missing_arn_keeps_the_law() -> None:
    """Which error it is nobody judges."""
    kept, _ = judged(REQUIRED, story(get().refused(), delete().refused("SerializationException"), get().not_found()))
    assert len(kept) == 3


def test_an_arn_that_is_there_or_null_and_weather_say_nothing_of_a_missing_one() -> None:
    """Null members are another law's."""
    history = story(get("1"), delete("1"), get(None), get().unknown(), delete().throttled())
    assert is_silent(REQUIRED, history)


# -- malformed


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("sent", ["", "x", "arn:aws:s3:::bucket", arn("1") + "x" * 256, "arn:aws:a:b:12345678901:c"])
def test_a_malformed_arn_that_is_accepted_is_a_breach(sent: str, edition: tuple[str, str]) -> None:
    """Get and Delete refuse it."""
    for step in (get(sent).answers({}), delete(sent).answers({})):
        history = story(step)
        breach = the_breach(MALFORMED, history, edition=edition)
        assert breach.call is history.calls[0]
        assert breach.clause is None
        assert "refused" in breach.expected


def test_another_refusal_of_a_malformed_arn_breaks_the_clause_alone() -> None:
    """It should be a ValidationException."""
    assert the_breach(MALFORMED, story(get("x").not_found())).clause == "code"
    assert is_kept(MALFORMED, story(get("x").refused()))
    nameless = Step("GetConnection", {"ConnectionArn": "x"}).raw(400, "{}")
    assert is_kept(MALFORMED, story(nameless))


def test_well_formed_arns_and_weather_say_nothing_of_malformed_ones() -> None:
    """The pattern is loose: any service's ARN fits it."""
    history = story(get(arn("1", service="s3")), get("1"), get("x").unknown(), delete("x").throttled(), get(7))
    assert is_silent(MALFORMED, history)


def test_a_connection_that_a_malformed_delete_took_along_is_a_breach() -> None:
    """Nothing is deleted by it."""
    history = story(made("1"), get("1"), delete("connection/").refused(), get("1").not_found())
    _, broken = judged(MALFORMED, history)
    assert [breach.call for breach in broken] == [history.calls[3]]
    assert arn("1") in broken[0].expected


def test_a_connection_may_be_gone_after_a_malformed_delete_for_another_reason() -> None:
    """Its own Delete, or a read that may lag behind its Create."""
    malformed = delete("connection/").refused()
    assert no_breach(MALFORMED, story(made("1"), malformed, delete("1"), get("1").not_found()))
    assert no_breach(MALFORMED, story(made("1"), malformed, delete("1").unknown(), get("1").not_found()))
    stale = story(made("1"), malformed, get("1").not_found())
    assert no_breach(MALFORMED, stale, knowledge=known(staleness=5.0))


# -- the contract's own words


def test_a_pattern_is_read_as_widely_as_any_dialect_reads_it() -> None:
    """A dot may be anything but a line feed, so only what every dialect forbids is malformed."""
    pattern = contract_of().identity_pattern
    assert pattern.fullmatch(arn("1") + "\u2028é")
    assert not pattern.fullmatch(arn("1") + "\n")


def test_nothing_is_known_of_arns_in_recorded_traffic_but_what_was_seen() -> None:
    """Without a prefix the laws of ARNs hold all the same."""
    history = story(made("1"), get("1"), walk(by=1).pages(["9"], ["1"]), delete("1"), get("1").not_found())
    for law in (WELL_FORMED, FORM, NEVER_REUSED, STABLE, EXACT, REQUIRED, MALFORMED):
        assert no_breach(law, history, knowledge=Knowledge())
