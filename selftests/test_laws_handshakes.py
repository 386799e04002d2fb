"""The laws of handshakes on trial: what somebody did beside the API, and what the answers behind it may say."""

from __future__ import annotations

from typing import Any

import pytest

from selftests.histories import (
    EDITIONS,
    create,
    delete,
    get,
    handshake,
    is_kept,
    is_silent,
    item,
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
)

COMPLETES = "connection.handshake.completes"
ONLY = "connection.handshake.only"
PENDING = "connection.status.pending"
AGREES = "connection.status.agrees"
ITEMS = "connection.list.agrees"
AVAILABLE = "AVAILABLE"


def _completed(short: str, **members: Any) -> dict[str, Any]:
    return item(short, **{"status": AVAILABLE, **members})


# -- completes


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_completed_connection_is_available_whoever_asks(edition: tuple[str, str]) -> None:
    looks = [get("1").tells("1", status=AVAILABLE), listing().shows(_completed("1"))]
    assert is_kept(COMPLETES, story(made("1"), get("1"), handshake("1"), *looks), edition=edition)


@pytest.mark.parametrize("late", [get("1"), listing().shows("1")])
def test_a_connection_that_is_pending_behind_its_handshake_breaks_the_law(late: Any) -> None:
    history = story(made("1"), handshake("1"), late)
    breach = the_breach(COMPLETES, history)
    assert breach.call is history.calls[2]
    assert "its handshake was completed" in breach.expected
    assert "PENDING" in breach.actual


def test_what_was_shown_available_is_not_pending_again_even_where_nobody_said_that_it_was_done() -> None:
    shown = get("1").tells("1", status=AVAILABLE)
    doubtful = [made("1"), handshake("1").unknown(), get("1")]
    assert is_silent(COMPLETES, story(*doubtful)), "it may not have been done"
    assert "it was so before" in the_breach(COMPLETES, story(*doubtful, shown, get("1"))).expected


@pytest.mark.parametrize(
    "steps",
    [
        [made("1"), get("1")],  # nobody shook hands
        [made("1"), handshake("1").refused(), get("1")],  # it was not done
        [made("1"), made("2"), handshake("1"), get("2")],  # of another
        [made("1"), handshake("2"), listing().shows("2")],  # of a stranger's
        [made("1"), handshake("1").during(2, 4), get("1").during(3, 3.5)],  # asked while it was under way
        [made("1"), handshake("1"), get("1").tells("1", status="ERROR")],  # the provider's matter
        [made("1"), handshake("1"), get("1").tells("1", status=None)],
        [made("1"), handshake("1"), get("1").tells("1", status="ACTIVE")],  # the enumeration's
        [made("1"), handshake("1"), delete("1"), get("1").not_found()],
    ],
)
def test_what_no_handshake_surely_changed_is_not_judged(steps: list[Any]) -> None:
    assert is_silent(COMPLETES, story(*steps))


def test_a_read_may_lag_behind_a_handshake_as_behind_any_write() -> None:
    history = story(made("1"), handshake("1"), get("1"))
    assert is_silent(COMPLETES, history, knowledge=known(staleness=2.0))
    the_breach(COMPLETES, history, knowledge=known(staleness=0.4))


# -- only


@pytest.mark.parametrize(
    ("member", "changed"),
    [("ConnectionName", {"name": "other"}), ("ProviderType", {"kind": "GitHub"}), ("HostArn", {"HostArn": "arn:2"})],
)
@pytest.mark.parametrize("by", ["get", "list"])
def test_another_member_that_a_handshake_changes_breaks_the_law(member: str, changed: Any, by: str) -> None:
    def look(**members: Any) -> Any:
        return get("1").tells("1", **members) if by == "get" else listing().shows(item("1", **members))

    host = {"HostArn": "arn:1"}
    steps = [made("1"), look(**host), handshake("1"), look(**{**host, "status": AVAILABLE, **changed})]
    breach = the_breach(ONLY, story(*steps))
    assert (breach.aspect, breach.clause) == (member, None)


def test_another_owner_is_told_as_a_warning() -> None:
    """The reference speaks of the owner at the provider, whom a handshake may bring to light."""
    after = get("1").tells("1", status=AVAILABLE, owner="000000000007")
    assert the_breach(ONLY, story(made("1"), get("1"), handshake("1"), after)).clause == "owner"


def test_what_stays_as_it_was_keeps_the_law() -> None:
    steps = [made("1"), get("1"), listing().shows("1"), handshake("1"), get("1").tells("1", status=AVAILABLE)]
    assert is_kept(ONLY, story(*steps, listing().shows(_completed("1"))))


@pytest.mark.parametrize(
    "steps",
    [
        [handshake("1"), get("1").tells("1", status=AVAILABLE, name="other")],  # nobody looked before
        [get("1"), handshake("1"), listing().shows(_completed("1", name="other"))],  # list.agrees compares them
        [get("1").tells("1", owner=None), handshake("1"), get("1").tells("1", status=AVAILABLE)],
        [get("1"), get("1").tells("1", name="other")],  # no handshake
    ],
)
def test_what_no_handshake_surely_changed_is_another_laws(steps: list[Any]) -> None:
    assert no_breach(ONLY, story(made("1"), *steps))


# -- what the other laws make of it


def test_a_handshake_is_what_may_make_a_connection_available() -> None:
    available = get("1").tells("1", status=AVAILABLE)
    assert is_kept(PENDING, story(made("1"), get("1"), handshake("1"), available))
    assert no_breach(PENDING, story(made("1"), handshake("1").unknown(), available)), "it may have been done"
    assert "PENDING" in the_breach(PENDING, story(made("1"), available, handshake("1"))).expected, "not before it"
    neighbour = [made("1"), made("2"), handshake("1"), get("2").tells("2", status=AVAILABLE)]
    the_breach(PENDING, story(*neighbour))


@pytest.mark.parametrize("law", [AGREES, ITEMS])
def test_what_lies_on_two_sides_of_a_handshake_is_not_compared(law: str) -> None:
    later = listing().shows(_completed("1"))
    assert no_breach(law, story(made("1"), get("1"), handshake("1"), later))
    assert no_breach(law, story(made("1"), get("1"), handshake("1").during(5, 9), later.during(6, 7)))
    available = get("1").tells("1", status=AVAILABLE)
    assert is_kept(law, story(made("1"), get("1"), handshake("1"), available, later))
    the_breach(law, story(made("1"), get("1"), handshake("1"), available, listing().shows("1")))
    the_breach(law, story(made("1"), get("1"), listing().shows(_completed("1")), handshake("1")))


def test_a_handshake_is_no_call_of_the_api() -> None:
    history = story(made("1"), handshake("1"), get("1").tells("1", status=AVAILABLE), create("our-2").ok("2"))
    for law in ("wire.schema", "wire.request-id", "wire.content-type", "concurrent.linearizable"):
        assert no_breach(law, history)
