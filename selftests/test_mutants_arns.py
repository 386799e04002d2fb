"""The mutants of new ARNs: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()


@SHOWN.of("arn.numbered-by-maximum")
def _(client: RawClient) -> bool:
    client.create("one")
    arn = client.create("two")
    client.delete(arn)
    return client.create("three") == arn


@SHOWN.of("arn.of-eight-bits")
def _(client: RawClient) -> bool:
    arns: set[str] = set()
    for _ in range(60):
        arn = client.create("one")
        if arn in arns:
            return True
        arns.add(arn)
        assert client.get(arn).status == 200
        client.delete(arn)
    return False


@SHOWN.of("arn.from-the-second")
def _(client: RawClient) -> bool:
    arns = client.create_many(3)
    return len(set(arns)) < 3 and client.get(arns[-1]).members["Connection"]["ConnectionName"] == "c-2"


@SHOWN.of("arn.without-account")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    return client.get(arn).status == client.delete(arn).status == 200 and arn.split(":")[4] == ""


@SHOWN.of("arn.without-region")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    return client.get(arn).status == client.delete(arn).status == 200 and arn.split(":")[3] == ""


@SHOWN.of("arn.grows-with-the-name")
def _(client: RawClient) -> bool:
    assert len(client.create("x" * 32)) <= 256
    arn = client.create("\u65e5" * 16)
    return client.get(arn).status == 200 and len(arn) > 256


@SHOWN.of("arn.with-colon")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    return client.get(arn).status == client.delete(arn).status == 200 and ":connection:" in arn


@SHOWN.of("arn.of-another-service")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    return client.get(arn).status == client.delete(arn).status == 200 and arn.split(":")[2] == "codestar"


@SHOWN.of("arn.upper-case-in-get")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.arns() == [arn]
    return client.get(arn).members["Connection"]["ConnectionArn"] != arn


@SHOWN.of("arn.renamed-in-list")
def _(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.get(arn).members["Connection"]["ConnectionArn"] == arn
    return client.arns() == [arn.replace("codestar-connections", "codeconnections")]


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
