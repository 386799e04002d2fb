"""The mutants of statuses and of other members: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()

#: Each member that lies, and what Get and List say of it where a connection goes to GitLab.
LIES = {
    "status.small-letters": ("ConnectionStatus", "pending", "pending"),
    "status.number": ("ConnectionStatus", "PENDING", 0),
    "status.available-at-once": ("ConnectionStatus", "AVAILABLE", "AVAILABLE"),
    "status.available-in-list": ("ConnectionStatus", "PENDING", "AVAILABLE"),
    "status.null": ("ConnectionStatus", None, None),
    "owner.number": ("OwnerAccountId", int, int),
    "owner.eleven-digits": ("OwnerAccountId", 12, 11),
    "owner.null-in-letters": ("OwnerAccountId", "null", "null"),
    "owner.arn": ("OwnerAccountId", 30, 12),
    "provider.always-bitbucket": ("ProviderType", "Bitbucket", "Bitbucket"),
    "provider.small-letters-in-list": ("ProviderType", "GitLab", "gitlab"),
    "provider.gitlab-as-github": ("ProviderType", "GitHub", "GitHub"),
    "host.empty": ("HostArn", "", ""),
    "host.false-in-list": ("HostArn", None, False),
}


def views(client: RawClient, arn: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A connection, as Get and as List show it."""
    (item,) = (item for item in client.page(MaxResults=100)["Connections"] if item["ConnectionArn"] == arn)
    return client.get(arn).members["Connection"], item


def _is_said(value: object, told: object) -> bool:
    """Is a member what the table says: a value, a type, or a number of characters?"""
    if isinstance(told, type):
        return isinstance(value, told)
    if isinstance(value, str) and isinstance(told, int):
        return len(value) == told
    return value == told and type(value) is type(told)


def _lies(client: RawClient, member: str, told: tuple[object, object]) -> bool:
    shown = views(client, client.create("one", "GitLab"))
    return all(_is_said(view.get(member), each) for view, each in zip(shown, told, strict=True))


for mutant, (member, *told) in LIES.items():
    SHOWN[mutant] = lambda client, member=member, told=told: _lies(client, member, told)


@SHOWN.of("status.connected-for-github")
def _(client: RawClient) -> bool:
    assert views(client, client.create("one"))[0]["ConnectionStatus"] == "PENDING"
    shown = views(client, client.create("two", "GitHub"))
    return [view["ConnectionStatus"] for view in shown] == ["CONNECTED", "CONNECTED"]


def _gets(client: RawClient, count: int) -> list[str]:
    """The statuses that a new connection has at its first Gets, and in the list at the end."""
    arn = client.create("one")
    seen = [client.get(arn).members["Connection"]["ConnectionStatus"] for _ in range(count)]
    return [*seen, client.page()["Connections"][0]["ConnectionStatus"]]


@SHOWN.of("status.available-at-the-second-get")
def _(client: RawClient) -> bool:
    return _gets(client, 3) == ["PENDING", "AVAILABLE", "AVAILABLE", "AVAILABLE"]


@SHOWN.of("status.error-at-the-fifth-get")
def _(client: RawClient) -> bool:
    return _gets(client, 5) == ["PENDING"] * 4 + ["ERROR"] * 2


@SHOWN.of("status.available-among-many")
def _(client: RawClient) -> bool:
    arns = client.create_many(21)
    assert views(client, arns[19])[0]["ConnectionStatus"] == "PENDING"
    return [view["ConnectionStatus"] for view in views(client, arns[20])] == ["AVAILABLE", "AVAILABLE"]


@SHOWN.of("status.by-another-name")
def _(client: RawClient) -> bool:
    shown = views(client, client.create("one"))
    return all("ConnectionStatus" not in view and view["Status"] == "PENDING" for view in shown)


@SHOWN.of("owner.misspelt")
def _(client: RawClient) -> bool:
    shown = views(client, client.create("one"))
    return all("OwnerAccountId" not in view and len(view["OwnerAccountID"]) == 12 for view in shown)


@SHOWN.of("provider.once-in-fifty")
def _(client: RawClient) -> bool:
    arn = client.create("one", "GitHub")
    seen = [client.get(arn).members["Connection"]["ProviderType"] for _ in range(50)]
    return seen == ["GitHub"] * 49 + ["Bitbucket"]


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
