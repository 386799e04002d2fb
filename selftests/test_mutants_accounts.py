"""Each fault between accounts really is there: calls of two accounts answered otherwise than by the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()


def _other(client: RawClient) -> RawClient:
    return client.elsewhere(key="AKIDOFANOTHERACCOUNT")


@SHOWN.of("account.list-shows-all")
def _list_shows_all(client: RawClient) -> bool:
    arns = client.create_many(2)
    own = _other(client).create("own")
    assert _other(client).get(arns[0]).status == 400
    return _other(client).arns(MaxResults=1) == [*arns, own]


@SHOWN.of("account.filtered-list-shows-all")
def _filtered_list_shows_all(client: RawClient) -> bool:
    arn = client.create("one", "GitHub")
    assert _other(client).arns() == []
    return _other(client).arns(ProviderTypeFilter="GitHub") == [arn]


@SHOWN.of("account.get-by-arn-alone")
def _get_by_arn_alone(client: RawClient) -> bool:
    arn = client.create("one")
    assert _other(client).arns() == []
    assert _other(client).delete(arn).status == 400
    return _other(client).get(arn).status == 200


@SHOWN.of("account.delete-by-arn-alone")
def _delete_by_arn_alone(client: RawClient) -> bool:
    arn = client.create("one")
    assert _other(client).get(arn).status == 400
    return _other(client).delete(arn).status == 200 and client.arns() == []


@SHOWN.of("account.names-shared")
def _names_shared(client: RawClient) -> bool:
    arn = client.create("one")
    refused = _other(client).call("CreateConnection", ConnectionName="one", ProviderType="Bitbucket").status == 400
    client.delete(arn)
    assert refused is False or _other(client).create("one")
    return refused


@SHOWN.of("account.get-cached-for-all")
def _get_cached_for_all(client: RawClient) -> bool:
    arn = client.create("one")
    assert _other(client).get(arn).status == 400
    assert client.get(arn).status == 200
    return _other(client).get(arn).status == 200


@SHOWN.of("account.list-cached-for-all")
def _list_cached_for_all(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.arns() == [arn]
    leaked = _other(client).arns() == [arn]
    own = _other(client).create("own")
    assert _other(client).arns() == [own]
    return leaked


@SHOWN.of("account.token-carries-it")
def _token_carries_it(client: RawClient) -> bool:
    arns = client.create_many(2)
    token = client.page(MaxResults=1)["NextToken"]
    answer = _other(client).call("ListConnections", MaxResults=1, NextToken=token)
    return answer.status == 200 and [each["ConnectionArn"] for each in answer.members["Connections"]] == arns[1:]


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """Calls that only one of the two answers as it should, whether connections lie in memory or in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
