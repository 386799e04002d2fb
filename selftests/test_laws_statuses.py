"""The laws of statuses on trial: one of three words, PENDING until a handshake, the same whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from assay.knowledge import Knowledge
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
)

ENUM = "connection.status.enum"
PENDING = "connection.status.pending"
AGREES = "connection.status.agrees"


# -- enum


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("status", ["ACTIVE", "pending", "", 7, ["PENDING"], {}])
def test_a_status_that_is_none_of_the_words_is_a_breach_wherever_it_appears(
    status: Any, edition: tuple[str, str]
) -> None:
    """In Get and in List, of ours and of strangers'."""
    for step in (get("1").tells("1", status=status), listing().shows("8", item("9", status=status))):
        history = story(made("1"), step)
        breach = the_breach(ENUM, history, edition=edition)
        assert breach.call is history.calls[1]
        assert "PENDING, AVAILABLE" in breach.expected
        assert "ConnectionStatus" in breach.actual


def test_every_word_of_the_model_is_legal_and_a_null_or_missing_one_says_nothing() -> None:
    """Strangers' connections may have any of them."""
    words = listing().shows(item("7"), item("8", status="AVAILABLE"), item("9", status="ERROR"))
    assert is_kept(ENUM, story(words))
    assert is_silent(ENUM, story(listing().shows(item("8", status=None), item("9", status=...)), made("1"), listing()))


# -- pending


@pytest.mark.parametrize("status", ["AVAILABLE", "ERROR"])
def test_a_connection_whose_handshake_nobody_completed_is_not_available(status: Any) -> None:
    """A new connection is PENDING and stays so."""
    for step in (get("1").tells("1", status=status), listing().shows(item("1", status=status))):
        history = story(made("1"), get("1"), step)
        breach = the_breach(PENDING, history)
        assert breach.call is history.calls[2]
        assert "PENDING" in breach.expected
        assert status in breach.actual


def test_a_pending_connection_keeps_the_law() -> None:
    """In Get and in List."""
    kept, broken = judged(PENDING, story(made("1"), get("1"), listing().shows("1")))
    assert len(kept) == 2
    assert not broken


def test_strangers_unknown_words_and_missing_statuses_say_nothing_of_pending() -> None:
    """Somebody may have completed a stranger's handshake; other words are another law's."""
    history = story(made("1"), listing().shows(item("9", status="AVAILABLE"), item("1", status="ACTIVE")))
    assert is_silent(PENDING, history)
    assert is_silent(PENDING, story(made("1"), get("1").tells("1", status=None)))
    assert is_silent(PENDING, story(made("1"), create("our-b").ok("1"), get("1").tells("1", status="AVAILABLE")))


def test_in_recorded_traffic_somebody_may_have_completed_the_handshake() -> None:
    """Only of a run's own connections is it known that nobody did."""
    history = story(made("1"), get("1"), get("1").tells("1", status="AVAILABLE"))
    assert no_breach(PENDING, history, knowledge=Knowledge())


# -- agrees


@pytest.mark.parametrize("listed", ["AVAILABLE", "ERROR", ..., None])
def test_a_list_that_says_another_status_than_get_is_a_breach(listed: Any) -> None:
    """Get and List agree, and neither keeps to itself what the other says."""
    for steps in (
        [get("1"), listing().shows(item("1", status=listed))],
        [listing().shows(item("1", status=listed)), get("1")],
    ):
        history = story(made("1"), *steps)
        breach = the_breach(AGREES, history)
        assert breach.call is history.calls[2]
        assert "ConnectionStatus" in breach.expected
        assert '"PENDING"' in breach.actual


def test_one_status_from_both_keeps_the_law() -> None:
    """Whatever the status is."""
    for status in ("PENDING", "AVAILABLE", "ACTIVE", ...):
        history = story(made("1"), get("1").tells("1", status=status), listing().shows(item("1", status=status)))
        assert is_kept(AGREES, history)


def test_one_witness_cannot_disagree() -> None:
    """Get alone, List alone, strangers, and answers about what was deleted."""
    assert is_silent(AGREES, story(made("1"), get("1"), get("1")))
    assert is_silent(AGREES, story(made("1"), listing().shows("1"), listing().shows(item("1", status="ERROR"))))
    assert is_silent(AGREES, story(get("9"), listing().shows(item("9", status="ERROR"))))
    assert is_silent(AGREES, story(made("1"), get("1"), delete("1"), listing().shows(item("1", status="ERROR"))))


def test_in_recorded_traffic_a_handshake_may_fall_between_get_and_list() -> None:
    """Nobody knows who else was there."""
    history = story(made("1"), get("1"), listing().shows(item("1", status="AVAILABLE")))
    assert no_breach(AGREES, history, knowledge=Knowledge())
    assert the_breach(AGREES, history, knowledge=known(staleness=1.0)).call is history.calls[2]
