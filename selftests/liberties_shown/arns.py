"""Where liberties of ARNs show, and those of the account that they name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from selftests.showings import Showings

if TYPE_CHECKING:
    from selftests.raw_client import RawClient

SHOWN = Showings()


@SHOWN.of("partition.china")
def _china(client: RawClient) -> bool:
    return client.create("one").startswith("arn:aws-cn:codestar-connections:us-east-1:")


@SHOWN.of("partition.government")
def _government(client: RawClient) -> bool:
    return client.create("one").startswith("arn:aws-us-gov:")


@SHOWN.of("arn.renamed-service")
def _renamed_service(client: RawClient) -> bool:
    return client.create("one").split(":")[2] == "codeconnections"


@SHOWN.of("id.counted")
def _counted(client: RawClient) -> bool:
    first, second = (client.create(name).rpartition("/")[2] for name in ("one", "two"))
    return second.isdecimal() and int(second) == int(first) + 1


@SHOWN.of("id.short")
def _short(client: RawClient) -> bool:
    return len(client.create("one").rpartition("/")[2]) == 10


@SHOWN.of("id.longest")
def _longest_id(client: RawClient) -> bool:
    arn = client.create("one")
    return len(arn) == 256 and client.get(arn).status == 200


@SHOWN.of("id.odd-characters")
def _odd_characters(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.get(arn).members["Connection"]["ConnectionArn"] == arn
    assert client.delete(arn).status == 200
    return "連" in arn


@SHOWN.of("id.upper-case")
def _upper_case_id(client: RawClient) -> bool:
    id_ = client.create("one").rpartition("/")[2]
    return id_ == id_.upper() and len(id_) == 36


@SHOWN.of("account.other-regions")
def _other_regions(client: RawClient) -> bool:
    arn = client.create("one")
    listed = client.arns()
    assert listed.count(arn) == 1
    return {each.split(":")[3] for each in listed} > {"us-east-1"} and len(listed) == 8


@SHOWN.of("account.crowded")
def _crowded(client: RawClient) -> bool:
    arns = client.create_many(3)
    first, second = client.arns(MaxResults=100), client.arns(MaxResults=100)
    assert set(arns) <= set(first)
    assert set(arns) <= set(second)
    return len(first) > 1900 and bool(set(first) - set(second)) and bool(set(second) - set(first))


@SHOWN.of("quota.ten")
def _quota_of_ten(client: RawClient) -> bool:
    client.create_many(10)
    return client.call("CreateConnection", ConnectionName="x", ProviderType="GitHub").code == "LimitExceededException"


@SHOWN.of("reads.late")
def _late(client: RawClient) -> bool:
    was_late = False
    for number in range(20):
        arn = client.create(f"c{number}")
        was_late = was_late or client.get(arn).status == 400
        assert client.delete(arn).status == 200
        was_late = was_late or arn in client.arns()
    time.sleep(0.6)
    assert client.arns() == []
    return was_late


def turned_away(client: RawClient) -> list[Any]:
    answers = [client.call("ListConnections") for _ in range(40)]
    away = [number for number, answer in enumerate(answers) if answer.status != 200]
    assert not away or (len(away) == 8 and away[:4] == list(range(away[0], away[0] + 4)))
    return [answers[number] for number in away]


@SHOWN.of("throttle.exception")
def _throttling_exception(client: RawClient) -> bool:
    return {(answer.status, answer.code) for answer in turned_away(client)} == {(400, "ThrottlingException")}


@SHOWN.of("throttle.too-many-requests")
def _too_many_requests(client: RawClient) -> bool:
    return {answer.status for answer in turned_away(client)} == {429}


@SHOWN.of("throttle.unavailable")
def _unavailable(client: RawClient) -> bool:
    return {(answer.status, answer.headers.get("retry-after")) for answer in turned_away(client)} == {(503, "1")}
