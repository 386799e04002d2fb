"""The reference's pages: all, once, to an end, by tokens that nobody can make."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.reference import BackgroundReference
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@pytest.fixture(scope="module", params=["2026-11-10", "2019-12-19"])
def server(request: pytest.FixtureRequest) -> Iterator[BackgroundReference]:
    with BackgroundReference(edition=request.param) as started:
        yield started
        assert started.complaints() == ""


@pytest.fixture
def client(server: BackgroundReference) -> RawClient:
    return RawClient(server.endpoint_url)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 50])
def test_a_walk_shows_everything_once_in_full_pages(client: RawClient, size: float) -> None:
    """Six connections by any page size."""
    arns = client.create_many(6)
    pages = client.walk(MaxResults=size)
    assert [arn for page in pages for arn in page] == arns
    assert {len(page) for page in pages[:-1]} <= {size}
    assert 0 < len(pages[-1]) <= size


def test_the_default_page_holds_fifty(client: RawClient) -> None:
    """Without a page size."""
    client.create_many(51)
    assert [len(page) for page in client.walk()] == [50, 1]


def test_a_page_size_of_zero_means_the_default() -> None:
    """Legal today, and taken for absent."""
    with BackgroundReference() as server:
        client = RawClient(server.endpoint_url)
        client.create_many(51)
        assert [len(page) for page in client.walk(MaxResults=0)] == [50, 1]


def test_a_token_keeps_to_the_pattern_of_the_first_release(client: RawClient) -> None:
    """Letters, digits, `=`, `-`, `/` and the backslash, though `+` is accepted."""
    client.create_many(9)
    token = client.page(MaxResults=1)["NextToken"]
    assert set(token) <= {*string.ascii_letters, *string.digits, *"=-\\/"}
    assert client.call("ListConnections", NextToken="a+b").code == "ValidationException"


def test_a_walk_survives_deletes_and_inserts_between_pages(client: RawClient) -> None:
    """What existed throughout is shown once, wherever the deletes fall: before the position, at it, and behind it."""
    arns = client.create_many(8)
    page = client.page(MaxResults=3)
    shown = [item["ConnectionArn"] for item in page["Connections"]]
    for victim in (arns[0], arns[2], arns[3], arns[7]):
        client.delete(victim)
    late = client.create("late")
    shown += [arn for arn in _rest(client, page["NextToken"], MaxResults=2) if arn]
    assert shown == [*arns[:3], *arns[4:7], late]


def test_a_token_outlives_everything_that_came_before_it(client: RawClient) -> None:
    """All shown ones deleted: the walk goes on where it was."""
    arns = client.create_many(4)
    token = client.page(MaxResults=2)["NextToken"]
    client.delete(arns[0])
    client.delete(arns[1])
    assert _rest(client, token, MaxResults=2) == arns[2:]


def test_a_token_whose_rest_was_deleted_leads_to_an_empty_last_page(client: RawClient) -> None:
    """And the walk ends."""
    arns = client.create_many(3)
    token = client.page(MaxResults=2)["NextToken"]
    client.delete(arns[2])
    assert client.page(NextToken=token) == {"Connections": []}


def test_a_token_may_be_used_again_and_with_another_page_size(client: RawClient) -> None:
    """It names a position, not a page."""
    arns = client.create_many(5)
    token = client.page(MaxResults=1)["NextToken"]
    assert _rest(client, token, MaxResults=1) == _rest(client, token, MaxResults=4) == arns[1:]


def test_a_token_belongs_to_its_account(client: RawClient) -> None:
    """Another account's token is refused."""
    client.create_many(2)
    stranger = RawClient(client.url)
    stranger.create_many(2)
    token = client.page(MaxResults=1)["NextToken"]
    assert stranger.call("ListConnections", NextToken=token).code == "ValidationException"


def test_a_token_belongs_to_its_filter(client: RawClient) -> None:
    """With a filter added or left out it is refused."""
    client.create_many(3)
    plain = client.page(MaxResults=1)["NextToken"]
    filtered = client.page(MaxResults=1, ProviderTypeFilter="Bitbucket")["NextToken"]
    answers = [
        client.call("ListConnections", NextToken=plain, ProviderTypeFilter="Bitbucket"),
        client.call("ListConnections", NextToken=filtered),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [(400, "ValidationException")] * 2


def test_every_altered_token_is_refused(client: RawClient) -> None:
    """One character changed, cut or added, anywhere."""
    client.create_many(3)
    token = client.page(MaxResults=1)["NextToken"]
    altered = {token + "A", token + "=", token[:-1], token[1:], "A" + token, token.swapcase(), token * 2}
    for place in range(len(token)):
        altered |= {token[:place] + other + token[place + 1 :] for other in "Aa0-/+" if other != token[place]}
    for forged in altered:
        answer = client.call("ListConnections", NextToken=forged)
        assert (answer.status, answer.code) == (400, "ValidationException"), forged


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    forged=st.text(max_size=40)
    | st.text("abcXYZ019-/+=", min_size=32, max_size=32)
    | st.text(min_size=1025, max_size=1030)
)
def test_an_invented_token_is_refused(client: RawClient, forged: str) -> None:
    """Whatever it is made of."""
    answer = client.call("ListConnections", NextToken=forged)
    assert (answer.status, answer.code) == (400, "ValidationException")


def test_filters_show_all_and_only_their_provider() -> None:
    """On every page."""
    with BackgroundReference() as server:
        client = RawClient(server.endpoint_url)
        kinds = ["GitHub", "Bitbucket", "GitHub", "GitLab", "GitHub", "Bitbucket", "GitHub"]
        arns = [client.create(f"c{number}", kind) for number, kind in enumerate(kinds)]
        for size in (1, 2, 3):
            expected = [arn for arn, kind in zip(arns, kinds, strict=True) if kind == "GitHub"]
            assert client.arns(ProviderTypeFilter="GitHub", MaxResults=size) == expected
        assert client.arns(ProviderTypeFilter="GitLabSelfManaged") == []
        host = "arn:aws:codestar-connections:us-east-1:123456789012:host/mine-12345678"
        assert client.arns(HostArnFilter=host) == []
        assert client.call("ListConnections", ProviderTypeFilter="github").code == "ValidationException"


def _rest(client: RawClient, token: str | None, **members: Any) -> list[str]:
    found = []
    while token is not None:
        page = client.page(NextToken=token, **members)
        found += [item["ConnectionArn"] for item in page["Connections"]]
        token = page.get("NextToken")
    return found
