"""The mutants of names: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, client_of, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import Answer, RawClient

SHOWN = Showings()

TWINS = {
    "name.case-folded": ("ab", "AB"),
    "name.normal-forms-folded": ("\u00e9", "e\u0301"),
    "name.outer-spaces-folded": ("cd", " cd "),
    "name.compared-by-sixteen": ("sixteen-letters-a", "sixteen-letters-b"),
}
PRESERVED = {
    "name.trimmed": " one ",
    "name.in-normal-form": "e\u0301",
    "name.cut-to-thirty-one": "x" * 32,
    "name.cut-at-nul": "a\0b",
    "name.astral-lost": "a\U0001f4a5",
}
REFUSED = {
    "name.at-most-thirty-one": "x" * 32,
    "name.single-character-refused": "x",
    "name.counted-in-bytes": "\u00e9" * 17,
    "name.only-of-identifiers": "a b",
    "name.no-leading-digit": "1a",
    "name.no-control-characters": "a\tb",
}
ACCEPTED = {
    "name.at-most-thirty-three": "x" * 33,
    "name.at-most-sixty-four": "x" * 64,
    "name.empty-accepted": "",
}


def made(client: RawClient, name: str, provider: str = "GitHub") -> Answer:
    return client.call("CreateConnection", ConnectionName=name, ProviderType=provider)


def shown(client: RawClient, arn: str) -> tuple[str, str]:
    """The name of one connection, as Get and as List have it."""
    (item,) = client.page()["Connections"]
    return client.get(arn).members["Connection"]["ConnectionName"], item["ConnectionName"]


@SHOWN.of("name.never-freed")
def _(client: RawClient) -> bool:
    client.delete(client.create("one"))
    return made(client, "one").status == 400


@SHOWN.of("name.freed-once")
def _(client: RawClient) -> bool:
    client.delete(client.create("one"))
    client.delete(client.create("one"))
    return made(client, "one").status == 400


@SHOWN.of("name.freed-one-delete-late")
def _(client: RawClient) -> bool:
    client.delete(client.create("one"))
    was = made(client, "one").status
    client.delete(client.create("two"))
    return was == 400 and made(client, "one").status == 200


@SHOWN.of("name.unique-among-recent")
def _(client: RawClient) -> bool:
    client.create_many(10)
    assert made(client, "c-0").status == 400
    client.create("the-eleventh")
    return made(client, "c-0").status == 200


@SHOWN.of("name.unique-by-provider")
def _(client: RawClient) -> bool:
    client.create("one", "GitHub")
    assert made(client, "one", "GitHub").status == 400
    return made(client, "one", "GitLab").status == 200


@SHOWN.of("name.unique-by-worker")
def _(client: RawClient) -> bool:
    client.create("one")
    statuses = [made(client, "one").status]
    client.create("two")
    client.create("three")
    assert made(client, "two").status == 400
    return statuses == [200]


@SHOWN.of("name.freed-by-a-refusal")
def _(client: RawClient) -> bool:
    client.create("one")
    return [made(client, "one").status for _ in range(2)] == [400, 200]


@SHOWN.of("name.all-freed-by-a-delete")
def _(client: RawClient) -> bool:
    first, _ = client.create_many(2)
    assert made(client, "c-1").status == 400
    client.delete(first)
    return made(client, "c-1").status == 200


@SHOWN.of("name.unique-in-ascii")
def _(client: RawClient) -> bool:
    client.create("one")
    client.create("\u00e9")
    assert made(client, "one").status == 400
    return made(client, "\u00e9").status == 200


@SHOWN.of(*TWINS)
def _(client: RawClient) -> bool:
    return [made(client, name).status for pair in TWINS.values() for name in pair].count(400) == 1


@SHOWN.of("name.trimmed-on-entry")
def _(client: RawClient) -> bool:
    arn = client.create(" one ")
    return shown(client, arn) == ("one", "one") and made(client, "one").status == 400


@SHOWN.of("name.trimmed-in-get")
def _(client: RawClient) -> bool:
    return shown(client, client.create(" one ")) == ("one", " one ")


@SHOWN.of("name.escaped-in-list")
def _(client: RawClient) -> bool:
    return shown(client, client.create("a&b")) == ("a&b", "a&amp;b")


def _other(client: RawClient, name: str) -> bool:
    arn = client.create(name)
    first, second = shown(client, arn)
    return first == second != name


for mutant, name in PRESERVED.items():
    SHOWN[mutant] = lambda client, name=name: _other(client, name)
for mutant, name in REFUSED.items():
    SHOWN[mutant] = lambda client, name=name: (
        made(client, "ordinary").status == 200 and made(client, name).status == 400
    )
for mutant, name in ACCEPTED.items():
    SHOWN[mutant] = lambda client, name=name: made(client, "x" * 65).status == 400 and made(client, name).status == 200


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")


@pytest.mark.parametrize(("name", "twins"), TWINS.items())
def test_each_folding_takes_its_own_twins_for_one(name: str, twins: tuple[str, str]) -> None:
    """And frees both with the one that has the name."""
    client = client_of(name)
    arn = client.create(twins[0])
    assert made(client, twins[1]).status == 400
    client.delete(arn)
    assert made(client, twins[1]).status == 200
