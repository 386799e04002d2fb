"""The laws of Create on trial: what is accepted, what is required, and what a refused one leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assay.knowledge import Knowledge
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
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    walk,
    world_of,
)

if TYPE_CHECKING:
    from selftests.histories import Step

ACCEPTS = "connection.create.accepts"
REQUIRED = "connection.create.required"
PROVIDER = "connection.create.provider"
NO_TRACE = "connection.create.no-trace"
PRESERVED = "connection.provider.preserved"
OWNER = "connection.owner.account"
HOST = "arn:aws:codestar-connections:us-east-1:123456789012:host/host-12345678"


# -- accepts


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_valid_create_that_is_refused_is_a_breach(edition: tuple[str, str]) -> None:
    """What the model permits and no rule forbids has to work."""
    history = story(create("our-a").refused("AccessDeniedException"))
    breach = the_breach(ACCEPTS, history, edition=edition)
    assert breach.call is history.calls[0]
    assert "our-a" in breach.expected
    assert "AccessDeniedException" in breach.actual


def test_a_valid_create_that_is_accepted_keeps_the_law() -> None:
    """Whatever provider of the edition it asks for, with tags or without."""
    tags = [{"Key": "team", "Value": "one"}]
    assert is_kept(ACCEPTS, story(create("our-a").ok("1"), create("our-b", "GitHub", Tags=tags).ok("2")))
    assert the_breach(ACCEPTS, story(create("our-b", "GitHub", Tags=tags).refused()))


@pytest.mark.parametrize(
    "step",
    [
        create("our-a", "GitHubEnterpriseServer"),
        create("our-a", "GitLabSelfManaged"),
        create("our-a", HostArn=HOST),
        create("our-a", ..., HostArn=HOST),
        create("our-a", "bitbucket"),
        create("our-a", "AzureDevOps"),
        create("our-a", ...),
        create("our-a", None),
        create(),
        create(7),
        create(""),
        create("our-" + "x" * 29),
        create("our-a", Surprise=1),
        create("our-a", Tags=[{"Key": "aws:x", "Value": ""}]),
        create("our-a", Tags=[{"Key": "x"}]),
        create("our-a", Tags=[{"Key": "x", "Value": "y" * 257}]),
        create("our-a", Tags=[{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}]),
        create("our-a", Tags="x"),
    ],
)
def test_a_create_that_need_not_be_accepted_may_be_refused(step: Step) -> None:
    """A host is wanted, a member is wrong, or nobody has said what it means."""
    assert no_breach(ACCEPTS, story(step.refused()))


def test_a_create_may_be_refused_for_the_account_or_for_its_name() -> None:
    """Quota, throttling, a holder, a twin, a lost Create, a stranger."""
    assert is_silent(ACCEPTS, story(create("our-a").refused("LimitExceededException", 429)))
    assert is_silent(ACCEPTS, story(create("our-a").throttled(), create("our-a").unknown()))
    assert no_breach(ACCEPTS, story(create("our-a").ok("1"), create("our-a").refused()))
    assert no_breach(ACCEPTS, story(create("our-a").ok("1"), create("our-A").refused()))
    assert no_breach(ACCEPTS, story(create("our-a").unknown(), create("our-a").refused()))
    assert no_breach(ACCEPTS, story(create("our-a").unknown(), create("our-A ").refused()))
    assert no_breach(ACCEPTS, story(create("our-a").throttled(503), create("our-a").refused()))
    assert no_breach(ACCEPTS, story(create("our-a").ok("1").during(0, 2), create("our-a").refused().during(1, 3)))
    assert no_breach(ACCEPTS, story(create("our-a").refused().during(0, 2), create("our-a").ok("1").during(1, 3)))
    assert no_breach(ACCEPTS, story(create("prod").refused()), knowledge=Knowledge())
    assert no_breach(ACCEPTS, story(create("ab").refused()))


def test_a_create_that_came_later_excuses_no_refusal() -> None:
    """Nobody held the name when it was refused."""
    history = story(create("our-a").refused(), create("our-a").ok("1"))
    assert the_breach(ACCEPTS, history).call is history.calls[0]


def test_histories_without_a_valid_create_say_nothing_of_accepting() -> None:
    """The law is not exercised."""
    assert is_silent(ACCEPTS, story(get("1"), create("our-a", "x").refused(), create("").refused()))


# -- required


def test_a_create_without_a_required_member_that_is_accepted_is_a_breach() -> None:
    """2019: name and provider; since then the name."""
    for edition, step in ((FIRST, create(kind="Bitbucket")), (FIRST, create("our-a", ...)), (NEWEST, create())):
        history = story(step.ok("1"))
        breach = the_breach(REQUIRED, history, edition=edition)
        assert breach.call is history.calls[0]
        assert breach.clause is None
        assert "is refused" in breach.expected
        assert is_kept(REQUIRED, story(step.refused()), edition=edition)


@pytest.mark.parametrize("edition", [NEWEST, CODECONNECTIONS])
def test_a_create_with_neither_provider_nor_host_breaks_a_clause(edition: tuple[str, str]) -> None:
    """One of them should be there, since hosts came."""
    breach = the_breach(REQUIRED, story(create("our-a", ...).ok("1")), edition=edition)
    assert breach.clause == "neither"
    assert "ProviderType and HostArn" in breach.expected
    assert is_kept(REQUIRED, story(create("our-a", ...).refused()), edition=edition)
    assert is_silent(REQUIRED, story(create("our-a", ..., HostArn=HOST).ok("1")), edition=edition)


def test_complete_creates_nulls_and_weather_say_nothing_of_required_members() -> None:
    """Null members are another law's."""
    history = story(
        create("our-a").ok("1"),
        create(None).ok("2"),
        create().refused("LimitExceededException"),
        create().unknown(),
        create().throttled(),
    )
    assert is_silent(REQUIRED, history)


# -- provider


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("kind", ["bitbucket", "BITBUCKET", "", "Gitea", " Bitbucket"])
def test_a_provider_that_nobody_knows_is_refused(kind: str, edition: tuple[str, str]) -> None:
    """Other case included."""
    history = story(create("our-a", kind).ok("1"))
    breach = the_breach(PROVIDER, history, edition=edition)
    assert breach.call is history.calls[0]
    assert breach.clause is None
    assert "Bitbucket" in breach.expected
    assert is_kept(PROVIDER, story(create("our-a", kind).refused()), edition=edition)


def test_a_provider_of_another_edition_breaks_a_clause_alone() -> None:
    """An endpoint may be older or newer than its judge."""
    for edition, kind in ((FIRST, "GitHub"), (FIRST, "AzureDevOps"), (NEWEST, "AzureDevOps")):
        assert the_breach(PROVIDER, story(create("our-a", kind).ok("1")), edition=edition).clause == "other-edition"
    assert is_silent(PROVIDER, story(create("our-a", "AzureDevOps").ok("1")), edition=CODECONNECTIONS)


def test_known_providers_other_types_and_weather_say_nothing_of_providers() -> None:
    """A wrong JSON type is the wire's, the quota is nobody's."""
    history = story(
        create("our-a").ok("1"),
        create("our-b", 7).refused(),
        create("our-c", ...).refused(),
        create("our-d", "x").unknown(),
        create("our-e", "x").throttled(),
        create("our-f", "x").refused("LimitExceededException"),
    )
    assert is_silent(PROVIDER, history)


# -- no trace


def test_a_connection_of_a_refused_create_is_a_breach() -> None:
    """A refused Create leaves nothing behind."""
    history = story(create("our-a", "x").refused(), walk(by=1).pages(["9"], [item("1", name="our-a")]))
    breach = the_breach(NO_TRACE, history)
    assert breach.call is history.calls[2]
    assert "our-a" in breach.expected
    assert arn("1") in breach.actual


def test_a_refused_duplicate_that_was_made_all_the_same_is_a_breach() -> None:
    """List shows two of the name, and one was made."""
    shows = listing().shows(item("1", name="our-a"), item("2", name="our-a"))
    history = story(create("our-a").ok("1"), create("our-a").refused("ConflictException"), shows)
    breach = the_breach(NO_TRACE, history)
    assert breach.call is history.calls[2]
    assert arn("2") in breach.actual


def test_an_account_without_a_trace_keeps_the_law() -> None:
    """A walk to the end that does not show it, or shows only what somebody made."""
    assert is_kept(NO_TRACE, story(create("our-a", "x").refused(), listing().shows("9")))
    shows = listing().shows(item("1", name="our-a"))
    assert is_kept(NO_TRACE, story(create("our-a").ok("1"), create("our-a").refused(), shows))
    assert is_kept(NO_TRACE, story(create("our-a", "x").refused(), create("our-a").ok("1"), shows))


def test_a_trace_may_be_another_creates() -> None:
    """A lost one's, a throttled one's, one of the same time, a stranger's, an earlier history's, a twin's."""
    shows = listing().shows(item("1", name="our-a"))
    refused = create("our-a", "x").refused()
    assert no_breach(NO_TRACE, story(create("our-a").unknown(), refused, shows))
    assert no_breach(NO_TRACE, story(refused, create("our-a").unknown(), shows))
    assert no_breach(NO_TRACE, story(create("our-a").throttled(503), create("our-a").refused(), shows))
    assert no_breach(NO_TRACE, story(refused, create("our-a").ok("1").during(1, 4), shows.during(2, 3)))
    assert no_breach(NO_TRACE, story(create("theirs", "x").refused(), listing().shows(item("1", name="theirs"))))
    trimmed = story(create("our-a ").ok("1"), create("our-a").refused(), shows)
    assert no_breach(NO_TRACE, trimmed)
    knowledge = known()
    world_of(story(create("our-a").ok("1")), knowledge=knowledge).leave_facts(0)
    assert no_breach(NO_TRACE, story(create("our-a").refused(), shows), knowledge=knowledge)


def test_without_a_refused_create_or_a_walk_after_it_there_is_no_question_of_a_trace() -> None:
    """The law is not exercised."""
    assert is_silent(NO_TRACE, story(create("our-a").ok("1"), listing().shows("1")))
    assert is_silent(NO_TRACE, story(listing().shows("9"), create("our-a").refused()))
    assert is_silent(NO_TRACE, story(create("our-a").refused(), listing().unknown()))
    assert is_silent(NO_TRACE, story(create("our-a").refused(), listing().throttled()))


# -- provider preserved


def test_a_provider_that_comes_back_changed_is_a_breach() -> None:
    """ProviderType is the one given."""
    for step in (get("1").tells("1", kind="Bitbucket"), listing().shows(item("1", kind="Bitbucket"))):
        history = story(made("1", kind="GitHub"), step)
        breach = the_breach(PRESERVED, history)
        assert breach.call is history.calls[1]
        assert "GitHub" in breach.expected
        assert "Bitbucket" in breach.actual


def test_a_provider_that_comes_back_keeps_the_law() -> None:
    """In Get and in List."""
    history = story(
        made("1", kind="GitHub"), get("1").tells("1", kind="GitHub"), listing().shows(item("1", kind="GitHub"))
    )
    kept, broken = judged(PRESERVED, history)
    assert len(kept) == 2
    assert not broken


def test_the_provider_of_a_host_a_stranger_or_a_deleted_connection_is_not_judged() -> None:
    """A host brings its own provider; where both were given nobody has said which counts."""
    shows = get("1").tells("1", kind="GitHubEnterpriseServer", HostArn=HOST)
    assert is_silent(PRESERVED, story(create("our-1", ..., HostArn=HOST).ok("1"), shows))
    assert is_silent(PRESERVED, story(create("our-1", HostArn=HOST).ok("1"), shows))
    assert is_silent(
        PRESERVED, story(listing().shows(item("9", kind="GitLab")), made("1"), get("1").tells("1", kind=None))
    )
    assert is_silent(PRESERVED, story(made("1"), delete("1"), get("1").tells("1", kind="GitLab")))


# -- owner


@pytest.mark.parametrize("owner", ["", "1234", "12345678901x", "1234567890123", "١٢٣٤٥٦٧٨٩٠١٢", 123456789012, []])
def test_an_owner_that_is_not_twelve_digits_is_a_breach(owner: Any) -> None:
    """Of ours and of strangers'."""
    for step in (get("1").tells("1", owner=owner), listing().shows("8", item("9", owner=owner))):
        history = story(step)
        breach = the_breach(OWNER, history)
        assert breach.call is history.calls[0]
        assert "twelve digits" in breach.expected


def test_any_account_is_legal_and_a_missing_one_says_nothing() -> None:
    """Whose account it is nobody asks."""
    assert is_kept(OWNER, story(listing().shows(item("9", owner="000000000000"))))
    assert is_silent(OWNER, story(made("1"), get("1").tells("1", owner=None), listing().shows(item("9", owner=...))))
