"""The mutants that only an SDK meets: where each of their faults shows in the bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()
MARK = b"\xef\xbb\xbf"


def _marked(client: RawClient) -> tuple[bool, bool]:
    """Does a success begin with a byte order mark, and does an error?"""
    return client.call("ListConnections").body.startswith(MARK), client.get("x").body.startswith(MARK)


@SHOWN.of("sdk.byte-order-mark")
def _marks_all(client: RawClient) -> bool:
    return _marked(client) == (True, True)


@SHOWN.of("sdk.byte-order-mark-on-errors")
def _marks_errors(client: RawClient) -> bool:
    return _marked(client) == (False, True)


@SHOWN.of("sdk.error-in-an-envelope")
def _wraps_errors(client: RawClient) -> bool:
    assert "Connections" in json.loads(client.call("ListConnections").body)
    return set(json.loads(client.get("x").body)) == {"Output", "Version"}


@SHOWN.of("sdk.long-target-unknown")
def _knows_the_short_target_alone(client: RawClient) -> bool:
    long, short = (
        client.send(b"{}", {"X-Amz-Target": f"{prefix}CodeStar_connections_20191201.ListConnections"})
        for prefix in ("com.amazonaws.codestar.connections.", "")
    )
    assert short.status == 200
    return long.status == 400


@pytest.mark.parametrize("mutant", SHOWN)
def test_a_mutant_does_what_it_says(mutant: str, tmp_path: Path) -> None:
    """The reference does not, and the mutant does, also with its connections in a file."""
    assert tried(mutant, SHOWN[mutant], state=tmp_path / "state.json")
