"""The mutants of Create: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import Answer, RawClient

SHOWN = Showings()

ACCEPTED = {
    "create.any-provider": {"ConnectionName": "one", "ProviderType": "Gitea"},
    "create.azure-accepted": {"ConnectionName": "one", "ProviderType": "AzureDevOps"},
    "create.default-provider": {"ConnectionName": "one"},
    "create.default-name": {"ProviderType": "GitHub"},
}
REFUSED = {
    "create.gitlab-refused": {"ConnectionName": "one", "ProviderType": "GitLab"},
    "create.long-tags-refused": {
        "ConnectionName": "one",
        "ProviderType": "GitHub",
        "Tags": [{"Key": "k" * 101, "Value": ""}],
    },
    "create.tags-refused": {
        "ConnectionName": "one",
        "ProviderType": "GitHub",
        "Tags": [{"Key": "a", "Value": "b"}],
    },
}
ANSWERED = {
    "create.answers-with-nothing": set(),
    "create.arn-null": {"ConnectionArn"},
    "create.answers-as-get": {"Connection"},
    "create.tags-an-object": {"ConnectionArn", "Tags"},
}


def made(client: RawClient, name: str, provider: str = "GitHub") -> Answer:
    return client.call("CreateConnection", ConnectionName=name, ProviderType=provider)


def _status(client: RawClient, members: dict[str, object]) -> int:
    """What a Create is answered with where an ordinary one is accepted and a hopeless one is refused."""
    assert made(client, "ordinary").status == 200
    assert made(client, "x" * 33, "Nobody").status == 400
    return client.call("CreateConnection", **members).status


for mutant, members in ACCEPTED.items():
    SHOWN[mutant] = lambda client, members=members: _status(client, members) == 200
for mutant, members in REFUSED.items():
    SHOWN[mutant] = lambda client, members=members: _status(client, members) == 400


def _answers(client: RawClient, members: set[str]) -> bool:
    answer = made(client, "one")
    (arn,) = client.arns()
    return (answer.members.keys() == members and answer.members.get("ConnectionArn") != arn) or "Tags" in answer.members


for mutant, members in ANSWERED.items():
    SHOWN[mutant] = lambda client, members=members: _answers(client, members)


@SHOWN.of("create.provider-in-any-case")
def _(client: RawClient) -> bool:
    if made(client, "one", "gitHUB").status != 200:
        return False
    assert made(client, "two", "Gitea").status == 400
    return client.page()["Connections"][0]["ProviderType"] == "GitHub"


@SHOWN.of("create.refused-beyond-fifty")
def _(client: RawClient) -> bool:
    arns = client.create_many(50)
    refused = made(client, "one-more")
    client.delete(arns[0])
    assert made(client, "in-its-place").status == 200
    return refused.status == 400


@SHOWN.of("create.every-fiftieth-refused")
def _(client: RawClient) -> bool:
    client.create_many(49)
    return made(client, "one-more").status == 400 and made(client, "one-more").status == 200


@SHOWN.of("create.duplicate-leaves-a-trace")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    assert made(client, "one").status == 400
    return len(client.arns()) == 2 and client.arns()[0] == arn


@SHOWN.of("create.checked-too-late")
def _(client: RawClient) -> bool:
    assert made(client, "x" * 33).code == "ValidationException"
    return len(client.arns()) == 1


@SHOWN.of("create.refused-takes-the-name")
def _(client: RawClient) -> bool:
    assert made(client, "one", "Gitea").code == "ValidationException"
    assert made(client, "x" * 33, "GitHub").code == "ValidationException"
    assert client.arns() == []
    return made(client, "one").status == 400


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
