"""Each fault of Delete really is there: calls that the reference and the mutant answer differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()


def _unknown(client: RawClient) -> str:
    """An ARN that was never given."""
    return client.create("for its beginning").rpartition("/")[0] + "/00000000-0000-4000-8000-000000000000"


@SHOWN.of("delete.takes-longer-names")
def _takes_longer_names(client: RawClient) -> bool:
    arns = [client.create(name) for name in ("ab", "a", "abc", "b")]
    client.delete(arns[3])
    assert client.arns() == arns[:3]
    client.delete(arns[0])
    return client.arns() == arns[1:2]


@SHOWN.of("delete.takes-twins")
def _takes_twins(client: RawClient) -> bool:
    arns = [client.create(name) for name in ("name", "Name", "name-2")]
    client.delete(arns[0])
    return client.arns() == arns[2:]


@SHOWN.of("delete.takes-the-newest")
def _takes_the_newest(client: RawClient) -> bool:
    arns = client.create_many(3)
    client.delete(arns[0])
    return client.arns() == arns[:2]


@SHOWN.of("delete.by-beginning")
def _by_beginning(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert client.delete(arns[1][:-3] + "xyz").code == "ResourceNotFoundException"
    return client.delete(arns[1][:-3]).status == 200 and client.arns() == arns[:1]


@SHOWN.of("delete.ignores-case")
def _ignores_case(client: RawClient) -> bool:
    arns = client.create_many(2)
    beginning, _, identifier = arns[1].rpartition("/")
    return client.delete(f"{beginning}/{identifier.upper()}").status == 200 and client.arns() == arns[:1]


@SHOWN.of("delete.newest-without-arn")
def _newest_without_arn(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert client.delete("x").code == "ValidationException"
    return client.call("DeleteConnection").status == 200 and client.arns() == arns[:1]


@SHOWN.of("delete.get-still-knows")
def _get_still_knows(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert client.delete(arns[0]).status == 200
    assert client.arns() == arns[1:]
    assert client.delete(arns[0]).code == "ResourceNotFoundException"
    return client.get(arns[0]).status == 200


@SHOWN.of("delete.undone-by-creates")
def _undone_by_creates(client: RawClient) -> bool:
    arn, taken = client.create("one"), client.create("taken")
    client.delete(arn)
    client.delete(taken)
    made = [client.create("taken"), client.create("two")]
    assert client.arns() == made
    made.append(client.create("three"))
    return client.get(arn).status == 200 and client.arns() == [*made, arn]


@SHOWN.of("delete.at-second-try")
def _at_second_try(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.delete(arn).status == 200
    stays = client.arns() == [arn] and client.delete(arn).status == 200
    assert client.arns() == []
    return stays


@SHOWN.of("delete.every-third-lost")
def _every_third_lost(client: RawClient) -> bool:
    arns = client.create_many(6)
    assert [client.delete(arn).status for arn in arns] == [200] * 6
    return client.arns() == [arns[2], arns[5]]


@SHOWN.of("delete.looks-at-one-page")
def _looks_at_one_page(client: RawClient) -> bool:
    arns = client.create_many(51)
    refused = client.delete(arns[50]).code == "ResourceNotFoundException"
    assert client.delete(arns[0]).status == 200
    return refused and client.delete(arns[50]).status == 200


@SHOWN.of("delete.unknown-succeeds")
def _unknown_succeeds(client: RawClient) -> bool:
    unknown = _unknown(client)
    assert client.get(unknown).code == "ResourceNotFoundException"
    return client.delete(unknown).status == 200


@SHOWN.of("delete.again-succeeds")
def _again_succeeds(client: RawClient) -> bool:
    assert client.delete(_unknown(client)).code == "ResourceNotFoundException"
    arn = client.create("one")
    client.delete(arn)
    return client.delete(arn).status == 200


@SHOWN.of("delete.unknown-is-invalid")
def _unknown_is_invalid(client: RawClient) -> bool:
    unknown = _unknown(client)
    assert client.get(unknown).code == "ResourceNotFoundException"
    return client.delete(unknown).code == "ValidationException"


@SHOWN.of("delete.malformed-succeeds")
def _malformed_succeeds(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.call("DeleteConnection").code == "ValidationException"
    return client.delete(arn.upper()).status == 200 and client.arns() == [arn]


@SHOWN.of("delete.answers-with-connection", "delete.answers-with-arn", "delete.answers-with-null")
def _answers(client: RawClient) -> bool:
    arn = client.create("one")
    told = client.get(arn).members
    answer = client.delete(arn)
    assert answer.status == 200
    assert client.arns() == []
    return answer.members in (told, {"ConnectionArn": arn}, None)


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """Calls that only one of the two answers as it should, whether connections lie in memory or in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
