"""The mutants of Get: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()

DOCUMENTED = {"ConnectionArn", "ConnectionName", "ConnectionStatus", "OwnerAccountId", "ProviderType"}
UNKNOWN = {
    "get.unknown-by-another-name": (400, "ConnectionNotFoundException"),
    "get.unknown-is-invalid": (400, "ValidationException"),
    "get.unknown-is-404": (404, "ResourceNotFoundException"),
    "get.unknown-is-500": (500, "InternalFailure"),
}
FOUND = {
    "get.by-prefix": lambda arn: arn[:-1],
    "get.beyond-the-id": lambda arn: arn + "0",
    "get.in-any-case": lambda arn: "/".join((arn.partition("/")[0], arn.partition("/")[2].upper())),
}


def described(client: RawClient, arn: str) -> dict[str, str]:
    return client.get(arn).members["Connection"]


@SHOWN.of("get.newest-answered")
def _(client: RawClient) -> bool:
    arns = client.create_many(2)
    assert described(client, arns[1])["ConnectionArn"] == arns[1]
    return described(client, arns[0])["ConnectionArn"] == arns[1]


@SHOWN.of("get.only-recent")
def _(client: RawClient) -> bool:
    arns = client.create_many(20)
    assert client.get(arns[0]).status == 200
    client.create("one-more")
    return client.get(arns[0]).code == "ResourceNotFoundException"


@SHOWN.of("get.provider-forgotten")
def _(client: RawClient) -> bool:
    return DOCUMENTED - described(client, client.create("one")).keys() == {"ProviderType"}


@SHOWN.of("get.flat")
def _(client: RawClient) -> bool:
    return client.get(client.create("one")).members.keys() == DOCUMENTED


@SHOWN.of("get.wrapped-twice")
def _(client: RawClient) -> bool:
    return [*client.get(client.create("one")).members] == ["GetConnectionResult"]


@SHOWN.of("get.stale-after-delete")
def _(client: RawClient) -> bool:
    once, twice = client.create_many(2)
    for arn in (once, twice, twice):
        client.get(arn)
    client.delete(once)
    client.delete(twice)
    assert client.get(once).code == "ResourceNotFoundException"
    return client.get(twice).status == 200


@SHOWN.of(*FOUND)
def _(client: RawClient) -> bool:
    arn = client.create("one")
    assert described(client, arn)["ConnectionArn"] == arn
    answers = [client.get(change(arn)) for change in FOUND.values()]
    return [answer.status for answer in answers].count(200) == 1


@SHOWN.of("get.newest-without-arn")
def _(client: RawClient) -> bool:
    first = client.call("GetConnection")
    arn = client.create_many(2)[1]
    second = client.call("GetConnection")
    return first.body == b"{}" and second.members["Connection"]["ConnectionArn"] == arn


@SHOWN.of("get.malformed-not-found")
def _(client: RawClient) -> bool:
    assert client.call("DeleteConnection", ConnectionArn="x").code == "ValidationException"
    return client.get("x").code == "ResourceNotFoundException"


@SHOWN.of("get.malformed-answered")
def _(client: RawClient) -> bool:
    assert client.call("GetConnection").code == "ValidationException"
    return (client.get("x").status, client.get("x").body) == (200, b"{}")


def _unknown(client: RawClient, told: tuple[int, str]) -> bool:
    arn = client.create("one")
    client.delete(arn)
    assert client.delete(arn).code == "ResourceNotFoundException"
    return (client.get(arn).status, client.get(arn).code) == told


for mutant, told in UNKNOWN.items():
    SHOWN[mutant] = lambda client, told=told: _unknown(client, told)


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
