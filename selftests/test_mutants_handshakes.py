"""The mutants of handshakes: where each of their faults shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()


def _complete(client: RawClient, arn: str) -> None:
    body = json.dumps({"ConnectionArn": arn, "ConnectionStatus": "AVAILABLE"}).encode()
    assert client.send(body, {}, path="/_assay/handshake").status == 200


def _got(client: RawClient, arn: str) -> dict[str, Any]:
    connection: dict[str, Any] = client.get(arn).members["Connection"]
    return connection


def _status(client: RawClient, arn: str) -> Any:
    return _got(client, arn)["ConnectionStatus"]


@SHOWN.of("handshake.unseen-by-list")
def _unseen_by_list(client: RawClient) -> bool:
    arn = client.create("one")
    _complete(client, arn)
    assert _status(client, arn) == "AVAILABLE"
    return client.page()["Connections"][0]["ConnectionStatus"] == "PENDING"


@SHOWN.of("handshake.forgotten")
def _forgotten(client: RawClient) -> bool:
    arn = client.create("one")
    assert _status(client, arn) == "PENDING"
    _complete(client, arn)
    assert [_status(client, arn) for _ in range(2)] == ["AVAILABLE"] * 2
    return _status(client, arn) == "PENDING"


@SHOWN.of("handshake.undone-by-create")
def _undone_by_create(client: RawClient) -> bool:
    arn = client.create("one")
    _complete(client, arn)
    assert _status(client, arn) == "AVAILABLE"
    client.create("two")
    return _status(client, arn) == "PENDING"


@SHOWN.of("handshake.has-no-effect")
def _has_no_effect(client: RawClient) -> bool:
    arn = client.create("one")
    _complete(client, arn)
    return _status(client, arn) == "PENDING"


@SHOWN.of("handshake.completes-its-neighbours")
def _completes_its_neighbours(client: RawClient) -> bool:
    arn, other, elsewhere = client.create("one"), client.create("two"), client.create("three", "GitHub")
    _complete(client, arn)
    assert (_status(client, arn), _status(client, elsewhere)) == ("AVAILABLE", "PENDING")
    return _status(client, other) == "AVAILABLE"


@SHOWN.of("handshake.renames", "handshake.other-owner", "handshake.other-provider")
def _changes_a_member(client: RawClient) -> bool:
    arn = client.create("one", "GitLab")
    before = _got(client, arn)
    _complete(client, arn)
    after = _got(client, arn)
    assert after.pop("ConnectionStatus") == "AVAILABLE"
    assert before.pop("ConnectionStatus") == "PENDING"
    return before != after


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
