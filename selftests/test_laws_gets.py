"""The laws of Get on trial: what it says of an ARN that names nothing, and what it tells of a connection."""

from __future__ import annotations

from typing import Any

import pytest

from assay.knowledge import Knowledge
from selftests.histories import (
    EDITIONS,
    arn,
    create,
    delete,
    get,
    is_kept,
    is_silent,
    item,
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    world_of,
)

UNKNOWN = "connection.get.unknown"
DETAILS = "connection.get.details"


# -- unknown


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "NotFoundException"])
def test_a_deleted_arn_is_answered_with_resource_not_found(code: str, edition: tuple[str, str]) -> None:
    """Any other refusal is a breach."""
    history = story(made("1"), delete("1"), get("1").refused(code))
    breach = the_breach(UNKNOWN, history, edition=edition)
    assert breach.call is history.calls[2]
    assert "ResourceNotFoundException" in breach.expected
    assert "was deleted" in breach.expected
    assert code in breach.actual


def test_a_fresh_arn_is_answered_with_resource_not_found() -> None:
    """One with our prefix and a random id was never given to anyone."""
    knowledge = known(invented={arn("9")})
    for step in (get("9"), get("9").answers({}), get("9").refused()):
        history = story(step)
        breach = the_breach(UNKNOWN, history, knowledge=knowledge)
        assert breach.call is history.calls[0]
        assert "never given" in breach.expected
    assert is_kept(UNKNOWN, story(get("9").not_found()), knowledge=knowledge)


def test_a_404_without_an_error_type_says_not_found_as_well() -> None:
    """That it names no error is one finding, of another law."""
    assert is_kept(UNKNOWN, story(made("1"), delete("1"), get("1").raw(404, "gone")))


def test_an_arn_from_elsewhere_may_be_refused_in_any_way() -> None:
    """Another service, type, Region or account: which error is not known."""
    other = arn("9", account="999999999999")
    knowledge = known(elsewhere={other})
    assert is_kept(UNKNOWN, story(get(other).refused("AccessDeniedException")), knowledge=knowledge)
    assert is_kept(UNKNOWN, story(get(other).not_found()), knowledge=knowledge)
    history = story(get(other).answers({"Connection": item("9", given=other)}))
    assert the_breach(UNKNOWN, history, knowledge=knowledge).call is history.calls[0]


def test_a_connection_deleted_in_an_earlier_history_is_unknown_for_good() -> None:
    """For good is longer than a program."""
    knowledge = known()
    world_of(story(made("1"), delete("1")), knowledge=knowledge).leave_facts(0)
    history = story(get("1").refused().during(5, 6))
    assert the_breach(UNKNOWN, history, knowledge=knowledge).call is history.calls[0]
    assert is_kept(UNKNOWN, story(get("1").not_found().during(5, 6)), knowledge=knowledge)


def test_an_arn_that_may_name_something_is_not_judged_unknown() -> None:
    """A stranger's, one in doubt, one at the same moment, one that reads may still show, and weather."""
    assert is_silent(UNKNOWN, story(get("9").refused("AccessDeniedException"), get("9")))
    assert is_silent(UNKNOWN, story(made("1"), delete("1").unknown(), get("1").refused()))
    assert is_silent(UNKNOWN, story(made("1"), delete("1").not_found(), get("1").refused()))
    assert is_silent(UNKNOWN, story(made("1"), delete("1").during(1, 3), get("1").refused().during(2, 4)))
    assert is_silent(UNKNOWN, story(made("1"), delete("1"), get("1").unknown(), get("1").throttled()))
    stale = story(made("1"), delete("1"), get("1"))
    assert is_silent(UNKNOWN, stale, knowledge=known(staleness=5.0))


def test_a_get_that_finds_what_was_deleted_is_the_other_laws_finding() -> None:
    """`connection.delete.removes` says it better."""
    assert is_silent(UNKNOWN, story(made("1"), delete("1"), get("1")))


# -- details


@pytest.mark.parametrize("member", ["ConnectionName", "ConnectionArn", "ProviderType", "ConnectionStatus"])
@pytest.mark.parametrize("nothing", [..., None])
def test_a_get_that_keeps_a_member_to_itself_is_a_breach(member: str, nothing: Any) -> None:
    """Name, ARN, provider type and status are told; null counts as absent."""
    told = {key: value for key, value in item("1").items() if key != member}
    if nothing is None:
        told[member] = None
    history = story(made("1"), get("1").answers({"Connection": told}))
    breach = the_breach(DETAILS, history)
    assert breach.call is history.calls[1]
    assert breach.clause is None
    assert member in breach.actual


def test_a_get_without_an_owner_breaks_a_clause_alone() -> None:
    """The owner should be told."""
    breach = the_breach(DETAILS, story(made("1"), get("1").tells("1", owner=...)))
    assert breach.clause == "owner"
    assert "OwnerAccountId" in breach.expected


@pytest.mark.parametrize("output", [{}, {"Connection": None}, {"Connection": "1"}, {"Connection": []}, item("1")])
def test_a_get_without_a_connection_is_a_breach(output: dict[str, Any]) -> None:
    """The members stand in Connection."""
    history = story(made("1"), get("1").answers(output))
    assert the_breach(DETAILS, history).call is history.calls[1]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_a_get_of_a_living_connection_that_is_refused_is_a_breach(code: str) -> None:
    """It tells the details of what exists."""
    history = story(made("1"), get("1").refused(code))
    breach = the_breach(DETAILS, history)
    assert breach.call is history.calls[1]
    assert arn("1") in breach.expected
    assert code in breach.actual


def test_a_refusal_that_no_delete_explains_is_a_breach_also_after_one() -> None:
    """Another connection's Delete can explain that this one is not found, and nothing else."""
    history = story(made("1"), made("2"), delete("2"), get("1").refused("AccessDeniedException"))
    assert the_breach(DETAILS, history).call is history.calls[3]
    assert no_breach(DETAILS, story(made("1"), made("2"), delete("2"), get("1").not_found()))


def test_a_get_that_tells_everything_keeps_the_law() -> None:
    """More than everything is legal, and of a host's connection the provider need not be told."""
    assert is_kept(DETAILS, story(made("1"), get("1").tells("1", Surprise=[1], HostArn=None)))
    host = "arn:aws:codestar-connections:us-east-1:123456789012:host/a-12345678"
    assert is_kept(DETAILS, story(create("our-1", ..., HostArn=host).ok("1"), get("1").tells("1", kind=...)))


def test_a_get_of_what_may_not_be_there_is_not_judged() -> None:
    """A stranger's, one in doubt, one at the same moment, one too young for a read that lags, and weather."""
    nothing = get("1").not_found()
    assert is_silent(DETAILS, story(get("9").not_found(), get("9").answers({})))
    assert is_silent(DETAILS, story(made("1"), delete("1").unknown(), nothing))
    assert is_silent(DETAILS, story(made("1"), delete("1").throttled(503), nothing))
    assert is_silent(DETAILS, story(made("1"), delete("1"), nothing))
    assert is_silent(DETAILS, story(made("1").during(0, 2), nothing.during(1, 3)))
    assert is_silent(DETAILS, story(made("1"), nothing.during(1, 3), delete("1").during(2, 4)))
    assert is_silent(DETAILS, story(made("1"), get("1").unknown(), get("1").throttled()))
    assert is_silent(DETAILS, story(made("1"), nothing), knowledge=known(staleness=5.0))
    assert is_silent(DETAILS, story(create("our-a").unknown(), listing()), knowledge=Knowledge())
