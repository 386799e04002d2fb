"""Each fault of cursors and pages really is there: calls that the reference and the mutant answer differently."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()


def _created_in_one_second(client: RawClient, count: int) -> list[str]:
    if time.time() % 1 > 0.7:
        time.sleep(1 - time.time() % 1)
    return client.create_many(count)


@SHOWN.of("cursor.same-second-skipped")
def _same_second_skipped(client: RawClient) -> bool:
    arns = _created_in_one_second(client, 3)
    assert client.arns() == arns
    return client.arns(MaxResults=2) == arns[:2]


@SHOWN.of("cursor.same-second-again")
def _same_second_again(client: RawClient) -> bool:
    arns = _created_in_one_second(client, 3)
    assert client.arns() == arns
    return client.walk(MaxResults=2, pages=4) == [arns[:2]] * 4


@SHOWN.of("cursor.by-first-letters")
def _by_first_letters(client: RawClient) -> bool:
    arns = [client.create(name) for name in ("a", "b", "same-beginning-1", "same-beginning-2")]
    assert client.arns(MaxResults=2) == arns
    return client.arns(MaxResults=3) == arns[:3]


@SHOWN.of("cursor.by-provider")
def _by_provider(client: RawClient) -> bool:
    arns = [client.create(str(number), kind) for number, kind in enumerate(("Bitbucket", "GitHub", "GitHub"))]
    assert client.arns() == arns
    return client.arns(MaxResults=1) == arns[:2]


@SHOWN.of("cursor.by-folded-name")
def _by_folded_name(client: RawClient) -> bool:
    arns = [client.create(name) for name in ("a", "name", "NAME", "z")]
    assert client.arns(MaxResults=3) == arns
    return client.arns(MaxResults=2) == [*arns[:2], arns[3]]


@SHOWN.of("cursor.two-collations")
def _two_collations(client: RawClient) -> bool:
    arns = [client.create(name) for name in ("a", "B", "c")]
    assert client.arns() == arns
    return client.arns(MaxResults=1) == [arns[0], arns[2]] and client.arns(MaxResults=2) == [
        *arns[:2],
        *arns[:1],
        arns[2],
    ]


@SHOWN.of("cursor.newest-first")
def _newest_first(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert sorted(client.arns(MaxResults=2)) == sorted(arns)
    page = client.page(MaxResults=2)
    shown = [item["ConnectionArn"] for item in page["Connections"]]
    client.create("between")
    return [*shown, *client.arns(NextToken=page["NextToken"])] == [arns[2], arns[1], arns[1], arns[0]]


@SHOWN.of("cursor.shuffled")
def _shuffled(client: RawClient) -> bool:
    arns = sorted(client.create_many(12))
    assert sorted(client.arns()) == arns
    return sorted(client.arns(MaxResults=1)) != arns


@SHOWN.of("cursor.by-bucket")
def _by_bucket(client: RawClient) -> bool:
    wrong = 0
    for round_ in range(20):
        mine = client.elsewhere(key=f"{client.key}{round_}")
        arns = sorted(mine.create_many(5))
        assert sorted(mine.arns(MaxResults=2)) == arns
        page = mine.page(MaxResults=3)
        mine.create("the sixth: the table grows")
        shown = [item["ConnectionArn"] for item in page["Connections"]]
        walk = [*shown, *mine.arns(NextToken=page["NextToken"])]
        wrong += not set(walk) >= set(arns) or len(set(walk)) != len(walk)
    return wrong > 0


@SHOWN.of("cursor.ties-by-plan")
def _ties_by_plan(client: RawClient) -> bool:
    arns = client.create_many(5)
    assert client.arns() == arns
    assert client.arns(MaxResults=3) == arns
    return client.walk(MaxResults=2) == [[arns[4], arns[3]], [arns[2], arns[3]], [arns[4]]]


@SHOWN.of("page.one-too-many")
def _one_too_many(client: RawClient) -> bool:
    arns = client.create_many(4)
    assert client.arns(MaxResults=3) == arns
    return client.walk(MaxResults=2) == [arns[:3], arns[3:]]


@SHOWN.of("page.of-one-is-default")
def _of_one_is_default(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.walk(MaxResults=2) == [arns[:2], arns[2:]]
    return client.walk(MaxResults=1) == [arns]


@SHOWN.of("page.of-one-stands-still")
def _of_one_stands_still(client: RawClient) -> bool:
    arns = client.create_many(4)
    assert client.arns(MaxResults=2) == client.arns(MaxResults=3) == arns
    return client.walk(MaxResults=1, pages=9) == [[]] * 9


@SHOWN.of("page.first-loses-one")
def _first_loses_one(client: RawClient) -> bool:
    arns = client.create_many(5)
    assert client.arns() == arns
    return client.walk(MaxResults=2) == [arns[:1], arns[2:4], arns[4:]]


@SHOWN.of("page.largest-refused")
def _largest_refused(client: RawClient) -> bool:
    assert client.page(MaxResults=99) == {"Connections": []}
    return client.call("ListConnections", MaxResults=100).code == "ValidationException"


@SHOWN.of("page.smallest-refused")
def _smallest_refused(client: RawClient) -> bool:
    assert client.page(MaxResults=2) == {"Connections": []}
    return client.call("ListConnections", MaxResults=1).code == "ValidationException"


@SHOWN.of("page.one-above-accepted")
def _one_above_accepted(client: RawClient) -> bool:
    assert client.call("ListConnections", MaxResults=102).status == 400
    return client.call("ListConnections", MaxResults=101).status == 200


@SHOWN.of("page.clamped")
def _clamped(client: RawClient) -> bool:
    assert client.call("ListConnections", MaxResults=-1).status == 400
    return client.call("ListConnections", MaxResults=1000).status == 200


@SHOWN.of("page.minus-one-is-default")
def _minus_one_is_default(client: RawClient) -> bool:
    assert client.call("ListConnections", MaxResults=-2).status == 400
    return client.call("ListConnections", MaxResults=-1).status == 200


@SHOWN.of("page.capped-but-not-counted")
def _capped_but_not_counted(client: RawClient) -> bool:
    arns = client.create_many(56)
    assert client.arns(MaxResults=50) == arns
    return client.walk(MaxResults=55) == [arns[:50], arns[55:]]


@SHOWN.of("page.default-has-no-token")
def _default_has_no_token(client: RawClient) -> bool:
    arns = client.create_many(51)
    assert client.arns(MaxResults=50) == arns
    return client.arns() == arns[:50]


@SHOWN.of("page.first-size-kept")
def _first_size_kept(client: RawClient) -> bool:
    arns = client.create_many(5)
    assert client.walk(MaxResults=2) == [arns[:2], arns[2:4], arns[4:]]
    token = client.page(MaxResults=3)["NextToken"]
    return len(client.page(MaxResults=1, NextToken=token)["Connections"]) == 2


@SHOWN.of("page.one-in-fifty-short")
def _one_in_fifty_short(client: RawClient) -> bool:
    arns = client.create_many(2)
    return [number for number in range(1, 101) if client.arns() != arns] == [50, 100]


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """Calls that only one of the two answers as it should, whether connections lie in memory or in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
