"""The reference with a state file: what was answered is there after a restart, and nothing comes twice."""

from __future__ import annotations

import os
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from assay.errors import UsageError
from assay.reference import BackgroundReference
from assay.reference.connections import Connection
from assay.reference.state import FileStore
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from pathlib import Path


def test_connections_survive_a_restart(tmp_path: Path) -> None:
    """Names, providers, statuses, their order, who owns them, and that names are taken."""
    state = tmp_path / "state.db"
    with BackgroundReference(state=state) as server:
        client = RawClient(server.endpoint_url, region="eu-west-1")
        arns = [client.create("ä\0🦊"), client.create("two", "GitHub"), client.create("three")]
        client.send(f'{{"ConnectionArn":"{arns[0]}","ConnectionStatus":"AVAILABLE"}}', {}, path="/_assay/handshake")
        client.delete(arns[1])
        before = client.page()
        key = client.key
    with BackgroundReference(state=state) as server:
        client = RawClient(server.endpoint_url, key=key, region="eu-west-1")
        assert client.page() == before
        assert [item["ConnectionStatus"] for item in before["Connections"]] == ["AVAILABLE", "PENDING"]
        assert client.get(arns[1]).code == "ResourceNotFoundException"
        assert client.call("CreateConnection", ConnectionName="three", ProviderType="GitHub").status == 400
        assert client.create("two") not in arns
        assert client.arns()[:2] == [arns[0], arns[2]]


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """No orderly end is needed."""
    server = BackgroundReference(state=tmp_path / "state.db").start()
    client = RawClient(server.endpoint_url)
    arns = client.create_many(5)
    os.kill(server._process.pid, signal.SIGKILL)
    server.stop()
    with BackgroundReference(state=tmp_path / "state.db") as again:
        assert RawClient(again.endpoint_url, key=client.key).arns() == arns


def test_a_walk_goes_on_after_a_restart(tmp_path: Path) -> None:
    """The key that seals tokens is part of the state."""
    with BackgroundReference(state=tmp_path / "state.db") as server:
        client = RawClient(server.endpoint_url)
        arns = client.create_many(3)
        token = client.page(MaxResults=1)["NextToken"]
    with BackgroundReference(state=tmp_path / "state.db") as server:
        assert RawClient(server.endpoint_url, key=client.key).arns(NextToken=token) == arns[1:]


def test_given_arns_and_numbers_are_remembered_after_a_delete(tmp_path: Path) -> None:
    """Neither an ARN nor a place in the order is ever given again."""
    store = FileStore(tmp_path / "state.db")
    gone = Connection(
        sequence=store.next_sequence(),
        arn="a",
        name="n",
        provider_type="GitHub",
        account="1",
        region="r",
        tags=(("k", "v"),),
    )
    store.add(gone)
    kept = Connection(
        sequence=store.next_sequence(),
        arn="b",
        name="m",
        provider_type="GitHub",
        account="1",
        region="r",
        tags=(("k", "v"),),
    )
    store.add(kept)
    store.remove(kept)
    store.close()
    again = FileStore(tmp_path / "state.db")
    assert again.was_given("b")
    assert again.get("b") is None
    assert again.get("a") == gone
    assert again.next_sequence() > kept.sequence
    again.close()


def test_a_state_file_belongs_to_one_server(tmp_path: Path) -> None:
    """The second is told so."""
    with BackgroundReference(state=tmp_path / "state.db") as server:
        RawClient(server.endpoint_url).create("one")
        with pytest.raises(UsageError, match="another server has it open"):
            assert BackgroundReference(state=tmp_path / "state.db").start().endpoint_url
        assert RawClient(server.endpoint_url).create("one")


def test_other_files_are_refused_and_left_alone(tmp_path: Path) -> None:
    """Text, somebody else's database, a directory that is not there."""
    text = tmp_path / "notes.txt"
    text.write_text("x" * 5000)
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE theirs (x)")
    database.close()
    before = foreign.read_bytes()
    for path in (text, foreign, tmp_path / "no" / "where.db", tmp_path):
        with pytest.raises(UsageError, match="cannot be used"):
            FileStore(path)
    assert text.read_text() == "x" * 5000
    assert foreign.read_bytes() == before
