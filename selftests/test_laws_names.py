"""The laws of names on trial: unique, exact, reusable, preserved, of a certain length."""

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
    judged,
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    walk,
)

UNIQUE = "connection.name.unique"
EXACT = "connection.name.exact"
REUSABLE = "connection.name.reusable"
PRESERVED = "connection.name.preserved"
LENGTH = "connection.name.length"


# -- unique


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_second_connection_of_a_living_name_is_a_breach(edition: tuple[str, str]) -> None:
    """While a connection of a name exists, a second one is refused."""
    history = story(made("1"), create("our-1").ok("2"))
    breach = the_breach(UNIQUE, history, edition=edition)
    assert breach.call is history.calls[1]
    assert '"our-1"' in breach.expected
    assert arn("1") in breach.expected
    assert arn("2") in breach.actual


@pytest.mark.parametrize(
    ("code", "status"),
    [("ConflictException", 409), ("ValidationException", 400), ("ResourceUnavailableException", 404)],
)
def test_a_duplicate_may_be_refused_with_any_code(code: str, status: Any) -> None:
    """No error is modelled for a duplicate, so any refusal will do."""
    assert is_kept(UNIQUE, story(made("1"), create("our-1").refused(code, status)))


def test_a_name_is_not_judged_unique_while_its_holder_may_be_gone() -> None:
    """A Delete that was sent, whatever came of it, leaves the holder in doubt."""
    for answer in (delete("1"), delete("1").unknown(), delete("1").during(2, 5)):
        assert is_silent(UNIQUE, story(made("1"), answer, create("our-1").ok("2").during(3, 4)))


def test_creates_of_one_name_at_once_are_not_judged() -> None:
    """Which of two overlapping Creates came first nobody knows: another law's business."""
    history = story(made("1").during(0, 2), create("our-1").ok("2").during(1, 3))
    assert is_silent(UNIQUE, history)


def test_a_create_that_was_never_answered_holds_no_name_for_sure() -> None:
    """It may have made nothing."""
    assert is_silent(UNIQUE, story(create("our-1").unknown(), made("1")))


def test_a_second_create_that_was_never_answered_proves_nothing() -> None:
    """Unknown is unknown."""
    assert is_silent(UNIQUE, story(made("1"), create("our-1").unknown(), create("our-1").throttled()))


def test_a_refusal_for_the_quota_does_not_show_that_names_are_unique() -> None:
    """A full account refuses every name."""
    assert is_silent(UNIQUE, story(made("1"), create("our-1").refused("LimitExceededException")))


def test_twins_are_different_names() -> None:
    """Only exactly the same name is the same name."""
    assert is_silent(UNIQUE, story(made("1", name="our-a"), made("2", name="our-A"), made("3", name="our-a ")))


def test_one_name_may_be_used_in_two_regions() -> None:
    """AWS was seen to allow it: the ARNs name the Regions."""
    elsewhere = create("our-1").answers({"ConnectionArn": arn("2", region="eu-west-1")})
    assert no_breach(UNIQUE, story(made("1"), elsewhere))


def test_one_name_may_be_used_in_two_accounts() -> None:
    """A name is unique in its account."""
    elsewhere = create("our-1").answers({"ConnectionArn": arn("2", account="210987654321")})
    assert no_breach(UNIQUE, story(made("1"), elsewhere))


# -- exact


@pytest.mark.parametrize("twin", ["our-CAFÉ", "our-café ", " our-café", "our-cafe\u0301"])
def test_a_twin_that_is_refused_is_a_breach(twin: str) -> None:
    """Names that differ in case, spaces or normal form are different names."""
    history = story(made("1", name="our-café"), create(twin).refused("ConflictException"))
    breach = the_breach(EXACT, history)
    assert breach.call is history.calls[1]
    assert "our-caf" in breach.expected
    assert "ConflictException" in breach.actual


def test_a_twin_that_is_accepted_keeps_names_exact() -> None:
    """Both exist, side by side."""
    assert is_kept(EXACT, story(made("1", name="our-a"), made("2", name="our-A")))


def test_names_that_are_no_twins_say_nothing_of_exactness() -> None:
    """Without a twin the law is not exercised."""
    assert is_silent(EXACT, story(made("1", name="our-a"), create("our-b").refused()))


def test_a_twin_may_be_refused_for_another_reason() -> None:
    """A bad provider, a name that is too long, the quota, or a name that a lost Create may have taken."""
    one = made("1", name="our-a")
    assert no_breach(EXACT, story(one, create("our-A", "bitbucket").refused()))
    assert no_breach(EXACT, story(one, create("our-a" + " " * 30).refused()))
    assert no_breach(EXACT, story(one, create("our-A").refused("LimitExceededException")))
    assert no_breach(EXACT, story(one, create("our-A").unknown(), create("our-A").refused("ConflictException")))
    assert no_breach(EXACT, story(one, made("2", name="our-A"), create("our-A").refused("ConflictException")))
    assert no_breach(EXACT, story(one, create("our-A").throttled(503), create("our-A").refused("ConflictException")))


def test_a_twin_beside_a_connection_in_doubt_is_not_judged() -> None:
    """What may be gone cannot be in the way."""
    assert no_breach(EXACT, story(made("1", name="our-a"), delete("1").unknown(), create("our-A").refused()))


def test_a_twin_that_may_be_a_strangers_name_is_not_judged() -> None:
    """Where names are not of the run's making anybody may hold them."""
    history = story(made("1", name="a"), create("A").refused("ConflictException"))
    assert no_breach(EXACT, history, knowledge=Knowledge())
    assert no_breach(EXACT, history)


# -- reusable


def test_the_name_of_a_deleted_connection_that_stays_taken_is_a_breach() -> None:
    """The name of a deleted connection can be used again."""
    history = story(made("1"), delete("1"), create("our-1").refused("ConflictException"))
    breach = the_breach(REUSABLE, history)
    assert breach.call is history.calls[2]
    assert arn("1") in breach.expected
    assert "ConflictException" in breach.actual


def test_a_name_that_is_used_again_keeps_the_law() -> None:
    """The second connection of the name is a new one."""
    assert is_kept(REUSABLE, story(made("1"), delete("1"), create("our-1").ok("2")))


def test_without_a_delete_no_name_is_reused() -> None:
    """The law is not exercised."""
    assert is_silent(REUSABLE, story(made("1"), create("our-1").refused("ConflictException")))


def test_a_name_may_stay_taken_for_another_reason() -> None:
    """Its second holder, a lost Create, a lost Delete, a Delete at the same time, a bad provider, the quota."""
    again = create("our-1").refused("ConflictException")
    assert no_breach(REUSABLE, story(made("1"), delete("1"), create("our-1").ok("2"), again))
    assert no_breach(REUSABLE, story(made("1"), delete("1"), create("our-1").unknown(), again))
    assert no_breach(REUSABLE, story(made("1"), delete("1").unknown(), again))
    assert no_breach(REUSABLE, story(made("1"), delete("1").during(1, 3), again.during(2, 4)))
    assert no_breach(REUSABLE, story(made("1"), delete("1"), create("our-1", "bitbucket").refused()))
    assert no_breach(REUSABLE, story(made("1"), delete("1"), create("our-1", "GitLabSelfManaged").refused()))
    assert no_breach(REUSABLE, story(made("1"), delete("1"), create("our-1").refused("LimitExceededException")))
    assert no_breach(REUSABLE, story(made("1"), delete("1"), create("our-1").throttled(503), again))


def test_a_name_may_stay_taken_for_as_long_as_reads_may_lag() -> None:
    """The bound on staleness is the caller's word that the endpoint is slow by design."""
    history = story(made("1"), delete("1"), create("our-1").refused("ConflictException"))
    assert no_breach(REUSABLE, history, knowledge=known(staleness=5.0))


# -- preserved


@pytest.mark.parametrize("shown", ["our-É", "our-é ", "our-e\u0301", "OUR-é", "our-?"])
def test_a_name_that_comes_back_changed_is_a_breach(shown: Any) -> None:
    """Get and List return the name exactly as given."""
    for sighting in (get("1").tells("1", name=shown), listing().shows(item("1", name=shown))):
        history = story(made("1", name="our-é"), sighting)
        breach = the_breach(PRESERVED, history)
        assert breach.call is history.calls[1]
        assert "our-\\u00e9" in breach.expected
        assert "ConnectionName" in breach.actual


def test_a_name_that_comes_back_as_it_was_keeps_the_law() -> None:
    """Whatever characters it has."""
    name = "our-é\x00\n\U0001f600'\"<b>"
    history = story(made("1", name=name), get("1").tells("1", name=name), listing().shows(item("1", name=name)))
    kept, broken = judged(PRESERVED, history)
    assert len(kept) == 2
    assert not broken


def test_names_of_strangers_and_missing_names_say_nothing_of_preservation() -> None:
    """Nobody knows what strangers asked for; a member that is missing is another law's."""
    history = story(made("1"), listing().shows(item("9", name="theirs"), item("1", name=...)))
    assert is_silent(PRESERVED, history)


def test_names_seen_under_an_arn_that_was_given_twice_are_not_judged() -> None:
    """One fault, one finding: the ARN's."""
    history = story(made("1", name="our-a"), create("our-b").ok("1"), get("1").tells("1", name="our-a"))
    assert is_silent(PRESERVED, history)


def test_an_answer_after_the_delete_does_not_speak_of_the_name() -> None:
    """What answers there is no connection of ours any more; the law about deletes speaks."""
    history = story(made("1"), delete("1"), get("1").tells("1", name="another"))
    assert is_silent(PRESERVED, history)


def test_a_lone_surrogate_belongs_to_the_wire() -> None:
    """Not every JSON reader can carry half a character."""
    history = story(made("1", name="our-\ud800"), get("1").tells("1", name="our-\ufffd"))
    assert no_breach(PRESERVED, history)


# -- length


@pytest.mark.parametrize("name", ["", "our-" + "x" * 29, "our-" + "é" * 29, "our-" + "x" * 4000])
def test_a_name_of_a_forbidden_length_that_is_accepted_is_a_breach(name: str) -> None:
    """0 and 33 characters are refused."""
    history = story(create(name).ok("1"))
    breach = the_breach(LENGTH, history)
    assert breach.call is history.calls[0]
    assert f"{len(name)} characters is refused: 1 to 32" in breach.expected


@pytest.mark.parametrize("name", ["our-" + "x" * 28, "our-" + "é" * 28, "our-ab\u4e00\u4e8c"])
def test_a_name_of_a_permitted_length_that_is_refused_is_a_breach(name: str) -> None:
    """1 to 32 characters are accepted."""
    history = story(create(name).refused())
    breach = the_breach(LENGTH, history)
    assert breach.call is history.calls[0]
    assert breach.clause is None
    assert f"{len(name)} characters is accepted" in breach.expected


def test_control_characters_are_a_clause_of_their_own() -> None:
    """A name with control characters should be accepted."""
    assert the_breach(LENGTH, story(create("our-\x00\n").refused())).clause == "control-characters"


def test_lengths_that_are_judged_as_the_model_says_keep_the_law() -> None:
    """At both ends, and on both sides of each."""
    history = story(
        create("").refused(),
        create("\u4e00").ok("1"),
        create("our-" + "x" * 28).ok("2"),
        create("our-" + "x" * 29).refused(),
    )
    kept, broken = judged(LENGTH, history)
    assert [call.index for call in kept] == [0, 1, 2, 3]
    assert not broken


@pytest.mark.parametrize("name", ["our-" + "\U0001f600" * 15, "our-\ud800" + "x" * 27, "our-\udc00" + "x" * 40])
def test_a_name_whose_length_depends_on_the_unit_is_not_judged(name: str) -> None:
    """Code points and UTF-16 units disagree on it, or it is half a character."""
    assert is_silent(LENGTH, story(create(name).refused()))
    assert is_silent(LENGTH, story(create(name).ok("1")))


def test_one_short_name_may_be_a_strangers() -> None:
    """A name of one character says nothing; two that are both refused do."""
    assert no_breach(LENGTH, story(create("\u4e00").refused("ConflictException")))
    history = story(create("\u4e00").refused(), create("\u4e8c").refused())
    assert the_breach(LENGTH, history).call is history.calls[1]
    accepted = create("\u4e09").ok("1")
    assert no_breach(LENGTH, story(create("\u4e00").refused(), create("\u4e8c").refused(), accepted))


def test_a_short_name_may_be_held_by_a_create_of_ours_that_was_never_answered() -> None:
    """Two lost Creates and two refusals are no proof."""
    names = ("\u4e00", "\u4e8c")
    history = story(*[step for name in names for step in (create(name).unknown(), create(name).refused())])
    assert no_breach(LENGTH, history)


def test_short_names_of_control_characters_are_no_must() -> None:
    """Refusing them breaks a clause at most."""
    _, broken = judged(LENGTH, story(create("\x00").refused(), create("\x01").refused()))
    assert all(breach.clause == "control-characters" for breach in broken)


def test_a_name_may_be_refused_for_another_reason_than_its_length() -> None:
    """A provider that wants a host, the quota, a holder, a twin that holds it."""
    long = "our-" + "x" * 28
    assert no_breach(LENGTH, story(create(long, "GitHubEnterpriseServer").refused()))
    assert no_breach(LENGTH, story(create(long).refused("LimitExceededException")))
    assert no_breach(LENGTH, story(create(long).ok("1"), create(long).refused("ConflictException")))
    assert no_breach(LENGTH, story(create(long).ok("1"), create(long.upper()).refused("ConflictException")))
    assert no_breach(LENGTH, story(create(long).unknown(), create(long).refused("ConflictException")))
    assert no_breach(LENGTH, story(create(long).refused()), knowledge=Knowledge())


def test_the_quota_does_not_show_that_long_names_are_refused() -> None:
    """A full account refuses every name."""
    assert is_silent(LENGTH, story(create("our-" + "x" * 29).refused("LimitExceededException")))


def test_ordinary_names_that_are_refused_are_another_laws() -> None:
    """A plain name of middling length speaks for `connection.create.accepts`."""
    assert is_silent(LENGTH, story(create("our-plain").refused()))


def test_lists_and_gets_say_nothing_of_lengths() -> None:
    """Without a Create the law is not exercised."""
    assert is_silent(LENGTH, story(walk().pages(["9"]), get("9")))
