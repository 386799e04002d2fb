"""The mutants of state: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()


def _not_found(client: RawClient, arns: list[str]) -> list[int]:
    """The numbers of the connections that Get does not find."""
    return [number for number, arn in enumerate(arns) if client.get(arn).status == 400]


@SHOWN.of("state.two-workers")
def _(client: RawClient) -> bool:
    arns = client.create_many(4)
    assert client.arns() == arns
    return _not_found(client, arns) == [] and _not_found(client, [arns[1], arns[0]]) == [0, 1]


@SHOWN.of("state.read-after-write")
def _(client: RawClient) -> bool:
    arns = client.create_many(2)
    return _not_found(client, arns) == [1] and _not_found(client, arns) == []


@SHOWN.of("state.oldest-evicted")
def _(client: RawClient) -> bool:
    arns = client.create_many(51)
    return _not_found(client, arns) == [0] and client.arns() == arns[1:]


@SHOWN.of("state.every-fiftieth-lost")
def _(client: RawClient) -> bool:
    arns = client.create_many(51)
    return _not_found(client, arns) == [49] and client.arns() == arns[:49] + arns[50:]


@SHOWN.of("state.buckets-of-one")
def _(client: RawClient) -> bool:
    arns = client.create_many(40)
    lost = _not_found(client, arns)
    assert client.arns() == [arn for number, arn in enumerate(arns) if number not in lost]
    return lost != [] and 39 not in lost


@SHOWN.of("state.lost-to-a-duplicate")
def _(client: RawClient) -> bool:
    arns = client.create_many(2)
    for _ in range(2):
        assert client.call("CreateConnection", ConnectionName="c-0", ProviderType="GitHub").status == 400
    return _not_found(client, arns) == [0] and client.arns() == arns[1:]


@SHOWN.of("state.name-wakes-the-deleted")
def _(client: RawClient) -> bool:
    first = client.create("one")
    client.delete(first)
    assert client.get(first).code == "ResourceNotFoundException"
    second = client.create("one")
    woken = client.get(first).status == 200
    assert client.get(second).status == 200
    return woken and client.delete(first).status == 200 and client.get(first).status == 400


@SHOWN.of("state.answers-mixed-up")
def _(client: RawClient) -> bool:
    arns = client.create_many(2)
    told = [client.get(arns[turn % 2]).members["Connection"]["ConnectionArn"] for turn in range(51)]
    return [turn for turn in range(51) if told[turn] != arns[turn % 2]] == [49]


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
