"""Each fault of lists, tokens, filters and caches really is there: calls answered otherwise than by the reference."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()

HOST = "arn:aws:codestar-connections:us-east-1:123456789012:host/00000000-0000-4000-8000-000000000000"


def _of_two_kinds(client: RawClient, count: int = 4) -> tuple[list[str], list[str]]:
    """Connections of GitHub and of Bitbucket in turn."""
    arns = [client.create(str(number), ("GitHub", "Bitbucket")[number % 2]) for number in range(count)]
    return arns[::2], arns[1::2]


def _items(client: RawClient, **members: Any) -> list[Any]:
    items = client.page(**members)["Connections"]
    assert isinstance(items, list)
    return items


@SHOWN.of("list.first-hundred")
def _first_hundred(client: RawClient) -> bool:
    arns = client.create_many(102)
    return client.arns(MaxResults=60) == client.arns() == arns[:100]


@SHOWN.of("list.all-but-the-last-of-quota")
def _all_but_the_last_of_quota(client: RawClient) -> bool:
    arns = client.create_many(249)
    assert client.arns(MaxResults=100) == arns
    client.create("the-last")
    return client.arns(MaxResults=100) == client.arns() == arns


@SHOWN.of("list.one-provider")
def _one_provider(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    return client.arns() == github


@SHOWN.of("list.other-owner", "list.no-provider")
def _not_as_get_says(client: RawClient) -> bool:
    told = client.get(client.create("one")).members["Connection"]
    (listed,) = _items(client)
    assert told["ConnectionName"] == listed["ConnectionName"] == "one"
    return bool(told["OwnerAccountId"] != listed["OwnerAccountId"]) != ("ProviderType" not in listed)


@SHOWN.of("list.null-for-deleted")
def _null_for_deleted(client: RawClient) -> bool:
    arns = client.create_many(3)
    client.delete(arns[1])
    has_hole = [item and item["ConnectionArn"] for item in _items(client)] == [arns[0], None, arns[2]]
    client.create("new")
    assert None not in _items(client)
    return has_hole


@SHOWN.of("list.deleted-on-later-pages")
def _deleted_on_later_pages(client: RawClient) -> bool:
    arns = client.create_many(4)
    client.delete(arns[0])
    client.delete(arns[2])
    assert client.arns() == [arns[1], arns[3]]
    return client.arns(MaxResults=1) == arns[1:]


@SHOWN.of("list.refused-shown", "list.draft-shown")
def _refused_shown(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.arns() == [arn]
    assert client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub").status == 400
    strange = [item for item in _items(client) if item["ConnectionArn"] != arn]
    return [item["ConnectionName"] for item in strange] in (["one"], ["one.tmp"])


@SHOWN.of("list.newest-twice")
def _newest_twice(client: RawClient) -> bool:
    arns = [client.create("one")]
    assert client.arns() == arns
    arns.append(client.create("two"))
    return client.arns() == [*arns, arns[1]]


@SHOWN.of("token.empty-at-end")
def _empty_at_end(client: RawClient) -> bool:
    client.create_many(2)
    assert client.page(MaxResults=1)["NextToken"]
    return client.page().get("NextToken") == ""


@SHOWN.of("token.number")
def _number(client: RawClient) -> bool:
    arns = client.create_many(3)
    token = client.page(MaxResults=1)["NextToken"]
    return isinstance(token, int) and client.arns(NextToken=str(token)) == arns[1:]


@SHOWN.of("token.holds-the-page")
def _holds_the_page(client: RawClient) -> bool:
    arns = client.create_many(12)
    assert client.arns(MaxResults=2) == arns
    token = client.page(MaxResults=11)["NextToken"]
    return len(token) > 1024 and client.call("ListConnections", NextToken=token).status == 400


@SHOWN.of("token.never-given")
def _never_given(client: RawClient) -> bool:
    arns = client.create_many(3)
    return client.walk(MaxResults=2) == [arns[:2]]


@SHOWN.of("token.always-given")
def _always_given(client: RawClient) -> bool:
    arns = client.create_many(2)
    return client.walk(MaxResults=2, pages=5) == [arns, [], [], [], []]


@SHOWN.of("token.plain-number")
def _plain_number(client: RawClient) -> bool:
    client.create_many(3)
    assert client.call("ListConnections", NextToken="x1").status == 400
    return client.call("ListConnections", NextToken="1").status == 200


@SHOWN.of("token.unsealed")
def _unsealed(client: RawClient) -> bool:
    arns = client.create_many(3)
    token = client.page(MaxResults=1)["NextToken"]
    for garbage in ("x", "bm90IGEgdG9rZW4=", "e30=", "MTI="):
        assert client.call("ListConnections", NextToken=garbage).status == 400
    try:
        read = json.loads(base64.b64decode(token))
    except ValueError:
        return False
    forged = base64.b64encode(json.dumps({**read, "position": read["position"] + 1}).encode()).decode()
    return client.arns(NextToken=forged) == arns[2:]


@SHOWN.of("token.garbage-is-first-page")
def _garbage_is_first_page(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.arns(MaxResults=1) == arns
    return client.call("ListConnections", NextToken="x").status == 200 and client.arns(NextToken="x") == arns


@SHOWN.of("token.lost-with-filter")
def _lost_with_filter(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    assert len(client.arns(MaxResults=1)) == 4
    return client.walk(MaxResults=1, ProviderTypeFilter="GitHub", pages=5) == [github[:1]] * 5


@SHOWN.of("filter.ignored")
def _ignored(client: RawClient) -> bool:
    github, bitbucket = _of_two_kinds(client)
    return sorted(client.arns(MaxResults=3, ProviderTypeFilter="GitHub")) == sorted([*github, *bitbucket])


@SHOWN.of("filter.turned-round")
def _turned_round(client: RawClient) -> bool:
    _, bitbucket = _of_two_kinds(client)
    return client.arns(MaxResults=1, ProviderTypeFilter="GitHub") == bitbucket


@SHOWN.of("filter.ends-at-short-page")
def _ends_at_short_page(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    assert client.arns(ProviderTypeFilter="GitHub") == github
    return client.arns(ProviderTypeFilter="GitHub", MaxResults=2) == github[:1]


@SHOWN.of("filter.by-prefix")
def _by_prefix(client: RawClient) -> bool:
    arns = [client.create(kind, kind) for kind in ("GitHub", "GitHubEnterpriseServer", "GitLab")]
    assert client.arns(ProviderTypeFilter="GitHubEnterpriseServer") == arns[1:2]
    return client.arns(ProviderTypeFilter="GitHub") == arns[:2]


@SHOWN.of("filter.lost-with-page-size")
def _lost_with_page_size(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    assert client.arns(ProviderTypeFilter="GitHub") == github
    return len(client.arns(ProviderTypeFilter="GitHub", MaxResults=3)) == 4


@SHOWN.of("filter.two-cancel-out")
def _two_cancel_out(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    assert client.arns(ProviderTypeFilter="GitHub") == github
    assert client.arns(HostArnFilter=HOST) == []
    return len(client.arns(ProviderTypeFilter="GitHub", HostArnFilter=HOST)) == 4


@SHOWN.of("filter.in-any-case")
def _in_any_case(client: RawClient) -> bool:
    _of_two_kinds(client)
    assert client.call("ListConnections", ProviderTypeFilter="Gitea").status == 400
    answer = client.call("ListConnections", ProviderTypeFilter="github")
    return answer.status == 200 and len(answer.members["Connections"]) == 2


@SHOWN.of("filter.empty-is-none")
def _empty_is_none(client: RawClient) -> bool:
    assert client.call("ListConnections", ProviderTypeFilter="github").status == 400
    return client.call("ListConnections", ProviderTypeFilter="").status == 200


@SHOWN.of("filter.unknown-shows-all")
def _unknown_shows_all(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    assert client.arns(ProviderTypeFilter="GitHub") == github
    answer = client.call("ListConnections", ProviderTypeFilter="Gitea")
    return answer.status == 200 and len(answer.members["Connections"]) == 4


@SHOWN.of("filter.unknown-shows-nothing")
def _unknown_shows_nothing(client: RawClient) -> bool:
    github, _ = _of_two_kinds(client)
    assert client.arns(ProviderTypeFilter="GitHub") == github
    answer = client.call("ListConnections", ProviderTypeFilter="Gitea")
    return answer.status == 200 and answer.members["Connections"] == []


@SHOWN.of("cache.list-outlives-creates")
def _list_outlives_creates(client: RawClient) -> bool:
    arns = [client.create("one")]
    assert client.arns() == arns
    arns.append(client.create("two"))
    stale = client.arns() == arns[:1]
    assert client.arns(MaxResults=5) == arns
    assert client.arns() == arns
    return stale


@SHOWN.of("cache.list-outlives-deletes")
def _list_outlives_deletes(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert client.arns() == arns
    client.delete(arns[0])
    assert client.arns(MaxResults=5) == arns[1:]
    stale = client.arns() == arns
    client.create("new")
    assert arns[0] not in client.arns()
    return stale


@SHOWN.of("cache.second-list-lags")
def _second_list_lags(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert client.arns() == arns
    stale = client.arns() == arns[:1]
    assert client.arns() == arns
    return stale


@SHOWN.of("cache.one-for-each-worker")
def _one_for_each_worker(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert client.arns() == client.arns() == arns
    client.delete(arns[0])
    seen = [client.arns() for _ in range(4)]
    return seen == [arns, arns[1:]] * 2


@SHOWN.of("cache.size-not-in-key")
def _size_not_in_key(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.arns() == arns
    stale = client.arns(MaxResults=1) == arns and len(client.page(MaxResults=1)["Connections"]) == 3
    client.create("new")
    assert len(client.page(MaxResults=1)["Connections"]) == 1
    return stale


@SHOWN.of("cache.filter-stays")
def _filter_stays(client: RawClient) -> bool:
    github, bitbucket = _of_two_kinds(client)
    assert client.arns(ProviderTypeFilter="GitHub") == github
    stale = client.arns() == github
    assert sorted(client.arns()) == sorted([*github, *bitbucket])
    return stale


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """Calls that only one of the two answers as it should, whether connections lie in memory or in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
