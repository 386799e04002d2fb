"""The reference keeps the contract of the four operations, in both editions and under both names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from assay.reference import BackgroundReference
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SERVICES = ("codestar-connections", "codeconnections")


@pytest.fixture(scope="module")
def today() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server
        assert server.complaints() == ""


@pytest.fixture(scope="module")
def first_release() -> Iterator[BackgroundReference]:
    with BackgroundReference(edition="2019-12-19") as server:
        yield server
        assert server.complaints() == ""


@pytest.fixture
def client(today: BackgroundReference) -> RawClient:
    return RawClient(today.endpoint_url)


@pytest.fixture
def old_client(first_release: BackgroundReference) -> RawClient:
    return RawClient(first_release.endpoint_url)


@pytest.mark.parametrize("service", SERVICES)
def test_an_arn_names_service_region_and_account(client: RawClient, service: str) -> None:
    """A new ARN has the form that AWS shows everywhere."""
    arn = client.elsewhere(service=service, region="eu-west-1").create("one")
    uuid4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(rf"arn:aws:{service}:eu-west-1:[0-9]{{12}}:connection/{uuid4}", arn)


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_an_arn_is_in_the_partition_of_its_region(client: RawClient, region: str, partition: str) -> None:
    """China and GovCloud are partitions of their own."""
    assert client.elsewhere(region=region).create("one").startswith(f"arn:{partition}:")


def test_get_and_list_tell_what_create_was_told(client: RawClient) -> None:
    """Name, provider and owner come back, and the status is PENDING."""
    arn = client.create("näme\n\x00 🦊", "GitHub")
    expected = {
        "ConnectionArn": arn,
        "ConnectionName": "näme\n\x00 🦊",
        "ConnectionStatus": "PENDING",
        "OwnerAccountId": arn.split(":")[4],
        "ProviderType": "GitHub",
    }
    got = client.get(arn)
    assert got.members == {"Connection": expected}
    assert list(got.members["Connection"]) == sorted(expected)
    assert client.page() == {"Connections": [expected]}


def test_a_deleted_connection_is_gone(client: RawClient) -> None:
    """Get and Delete do not find it, List does not show it, and the answer to Delete is empty."""
    arn = client.create("one")
    deleted = client.delete(arn)
    assert (deleted.status, deleted.body) == (200, b"{}")
    for answer in (client.get(arn), client.delete(arn)):
        assert (answer.status, answer.code) == (400, "ResourceNotFoundException")
        assert answer.members["__type"] == "com.amazonaws.codestar.connections#ResourceNotFoundException"
        assert answer.members["Message"]
    assert client.page() == {"Connections": []}


def test_a_name_is_unique_in_account_and_region(client: RawClient) -> None:
    """A second one is refused there and leaves no trace; elsewhere it is accepted."""
    client.create("one")
    refused = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
    assert (refused.status, refused.code) == (400, "ResourceAlreadyExistsException")
    assert len(client.arns()) == 1
    client.elsewhere(region="eu-west-1").create("one")
    RawClient(client.url).create("one")
    assert len(client.arns()) == 2


def test_names_are_compared_exactly(client: RawClient) -> None:
    """Case, spaces and normal form make different names."""
    names = ["a", "A", "a ", " a", "\u00e9", "e\u0301"]
    assert len({client.create(name) for name in names}) == len(names)


def test_a_name_is_free_after_delete_and_the_arn_is_new(client: RawClient) -> None:
    """The ARN is never reused."""
    before = client.create("one")
    client.delete(before)
    assert client.create("one") != before


def test_connections_are_global_in_their_account(client: RawClient) -> None:
    """Every Region and both services get, list and delete them."""
    arn = client.create("one")
    other = client.elsewhere(region="ap-south-1", service="codeconnections")
    assert other.get(arn).status == 200
    assert other.arns() == [arn]
    assert other.delete(arn).status == 200
    assert client.get(arn).code == "ResourceNotFoundException"


def test_another_account_finds_nothing(client: RawClient) -> None:
    """An account neither sees nor deletes what is another's."""
    arn = client.create("one")
    stranger = RawClient(client.url)
    assert stranger.get(arn).code == "ResourceNotFoundException"
    assert stranger.delete(arn).code == "ResourceNotFoundException"
    assert stranger.arns() == []
    assert client.get(arn).status == 200


def test_without_authorization_there_is_a_default_account(client: RawClient) -> None:
    """So curl needs no keys."""
    headers = client.headers("ListConnections")
    del headers["Authorization"]
    assert client.send(b"{}", headers).status == 200


@pytest.mark.parametrize("status", ["AVAILABLE", "ERROR"])
def test_the_side_door_completes_a_handshake(client: RawClient, status: int) -> None:
    """Get and List show the status that the handshake led to."""
    arn = client.create("one")
    body = f'{{"ConnectionArn": "{arn}", "ConnectionStatus": "{status}"}}'
    assert client.send(body, {}, path="/_assay/handshake").members == {}
    assert client.get(arn).members["Connection"]["ConnectionStatus"] == status
    assert client.page()["Connections"][0]["ConnectionStatus"] == status


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"ConnectionArn": "arn:aws:x", "ConnectionStatus": "AVAILABLE"}', "ResourceNotFoundException"),
        ('{"ConnectionArn": "arn:aws:x", "ConnectionStatus": "PENDING"}', "ValidationException"),
        ("{}", "ValidationException"),
        ("nonsense", "SerializationException"),
    ],
)
def test_the_side_door_refuses_nonsense(client: RawClient, body: bytes, code: str) -> None:
    """Unknown ARNs, statuses that lead back, and what is no JSON."""
    answer = client.send(body, {}, path="/_assay/handshake")
    assert (answer.status, answer.code) == (400, code)


def test_the_quota_counts_by_account_and_region() -> None:
    """One more than the quota is refused; a delete makes room, another Region has its own."""
    with BackgroundReference(quota=2) as server:
        client = RawClient(server.endpoint_url)
        first, _ = client.create_many(2)
        refused = client.call("CreateConnection", ConnectionName="more", ProviderType="GitHub")
        assert (refused.status, refused.code) == (400, "LimitExceededException")
        client.elsewhere(region="eu-west-1").create("more")
        client.delete(first)
        client.create("more")


def test_tags_come_back_where_they_were_given(client: RawClient) -> None:
    """Create echoes tags, and has no Tags member without them; Get never has one."""
    tags = [{"Key": "b", "Value": ""}, {"Key": "a", "Value": "x"}]
    made = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub", Tags=tags).members
    assert made["Tags"] == tags
    assert "Tags" not in client.get(made["ConnectionArn"]).members["Connection"]
    bare = client.call("CreateConnection", ConnectionName="two", ProviderType="GitHub", Tags=[])
    assert list(bare.members) == ["ConnectionArn"]


HOST = "arn:aws:codestar-connections:us-east-1:123456789012:host/mine-12345678"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"ConnectionName": "one"}, "ValidationException"),
        ({"ProviderType": "GitHub"}, "ValidationException"),
        ({"ConnectionName": None, "ProviderType": "GitHub"}, "ValidationException"),
        ({"ConnectionName": "", "ProviderType": "GitHub"}, "ValidationException"),
        ({"ConnectionName": "x" * 33, "ProviderType": "GitHub"}, "ValidationException"),
        ({"ConnectionName": "one", "ProviderType": "bitbucket"}, "ValidationException"),
        ({"ConnectionName": "one", "ProviderType": "AzureDevOps"}, "ValidationException"),
        ({"ConnectionName": "one", "HostArn": "nonsense"}, "ValidationException"),
        ({"ConnectionName": "one", "HostArn": HOST}, "ResourceNotFoundException"),
        ({"ConnectionName": "\ud800", "ProviderType": "GitHub"}, "SerializationException"),
        ({"ConnectionName": 1, "ProviderType": "GitHub"}, "SerializationException"),
        ({"ConnectionName": "one", "ProviderType": "GitHub", "Tags": [{"Key": "k"}]}, "ValidationException"),
        ({"ConnectionName": "one", "ProviderType": "GitHub", "Tags": [{"Value": "v"}]}, "ValidationException"),
        ({"ConnectionName": "one", "ProviderType": "GitHub", "Tags": [None]}, "ValidationException"),
        ({"ConnectionName": "one", "ProviderType": "GitHub", "Tags": ["k"]}, "SerializationException"),
        ({"ConnectionName": "one", "ProviderType": "GitHub", "Tags": {}}, "SerializationException"),
        (
            {"ConnectionName": "one", "ProviderType": "GitHub", "Tags": [{"Key": "k" * 129, "Value": "v"}]},
            "ValidationException",
        ),
        (
            {"ConnectionName": "one", "ProviderType": "GitHub", "Tags": [{"Key": "k", "Value": "v" * 257}]},
            "ValidationException",
        ),
        (
            {
                "ConnectionName": "one",
                "ProviderType": "GitHub",
                "Tags": [{"Key": str(number), "Value": ""} for number in range(201)],
            },
            "ValidationException",
        ),
    ],
)
def test_what_create_refuses_today_leaves_no_trace(client: RawClient, members: dict[str, Any], code: str) -> None:
    """Each broken constraint is a 400 of the right kind, and nothing was made."""
    answer = client.call("CreateConnection", **members)
    assert (answer.status, answer.code) == (400, code)
    assert client.arns() == []


@pytest.mark.parametrize(
    "provider_type", ["Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged"]
)
@pytest.mark.parametrize("service", SERVICES)
def test_both_services_know_the_provider_types_of_today(client: RawClient, service: str, provider_type: str) -> None:
    """Five types through either service."""
    client.elsewhere(service=service).create("one", provider_type)


def test_only_codeconnections_knows_azure(client: RawClient) -> None:
    """AzureDevOps, in Create and in the filter; the list of the other service shows it all the same."""
    new = client.elsewhere(service="codeconnections")
    arn = new.create("one", "AzureDevOps")
    assert new.arns(ProviderTypeFilter="AzureDevOps") == [arn]
    assert client.call("ListConnections", ProviderTypeFilter="AzureDevOps").code == "ValidationException"
    assert client.arns() == [arn]


def test_names_of_1_and_of_32_code_points_are_accepted(client: RawClient) -> None:
    """Lengths count code points, so 32 characters of the astral plane fit."""
    for name in ("x", "x" * 32, "🦊" * 32):
        assert client.get(client.create(name)).members["Connection"]["ConnectionName"] == name


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"ConnectionName": "one"}, "ValidationException"),
        ({"ProviderType": "Bitbucket"}, "ValidationException"),
        ({"ConnectionName": "one", "ProviderType": "GitHub"}, "ValidationException"),
    ],
)
def test_what_create_refuses_in_the_first_release(old_client: RawClient, members: dict[str, Any], code: str) -> None:
    """Both members are required, and Bitbucket is the only provider."""
    answer = old_client.call("CreateConnection", **members)
    assert (answer.status, answer.code) == (400, code)


def test_the_first_release_ignores_the_members_of_later_ones(old_client: RawClient) -> None:
    """HostArn, Tags and HostArnFilter are unknown members there."""
    members = {"ConnectionName": "one", "ProviderType": "Bitbucket", "HostArn": 5, "Tags": 5}
    made = old_client.call("CreateConnection", **members).members
    assert list(made) == ["ConnectionArn"]
    assert old_client.arns(HostArnFilter=5) == [made["ConnectionArn"]]


@pytest.mark.parametrize(
    ("size", "is_legal"), [(0, False), (1, True), (50, True), (51, False), (-1, False), (5.0, True), (2**40, False)]
)
def test_page_sizes_of_the_first_release(old_client: RawClient, size: float, *, is_legal: bool) -> None:
    """1 to 50."""
    answer = old_client.call("ListConnections", MaxResults=size)
    assert (answer.status, answer.code) == ((200, "") if is_legal else (400, "ValidationException"))


@pytest.mark.parametrize(("size", "is_legal"), [(0, True), (1, True), (100, True), (101, False), (-1, False)])
def test_page_sizes_of_today(client: RawClient, size: float, *, is_legal: bool) -> None:
    """0 to 100."""
    answer = client.call("ListConnections", MaxResults=size)
    assert (answer.status, answer.code) == ((200, "") if is_legal else (400, "ValidationException"))


@pytest.mark.parametrize("operation", ["GetConnection", "DeleteConnection"])
@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (None, "ValidationException"),
        ("", "ValidationException"),
        ("nonsense", "ValidationException"),
        ("arn:aws:codestar-connections:us-east-1:12345678901:connection/x", "ValidationException"),
        ("arn:aws:codestar-connections:us-east-1:123456789012:" + "x" * 256, "ValidationException"),
        (":" * 100_000, "ValidationException"),
        ("arn:aws:s3:us-east-1:123456789012:bucket", "ResourceNotFoundException"),
        ("arn:aws:codestar-connections:us-east-1:123456789012:connection/x", "ResourceNotFoundException"),
        (5, "SerializationException"),
    ],
    ids=range(9),
)
def test_arns_that_name_nothing(client: RawClient, operation: str, arn: str | int | None, code: str) -> None:
    """Missing and malformed ones break a constraint, well-formed ones are not found."""
    answer = client.call(operation, ConnectionArn=arn)
    assert (answer.status, answer.code) == (400, code)


def test_an_arn_is_found_only_as_it_was_given(client: RawClient) -> None:
    """Cut, extended or in another case it is another ARN."""
    arn = client.create("one")
    for twisted in (arn[:-1], arn + "0", arn.upper().replace("ARN:AWS", "arn:aws"), arn + " "):
        assert client.get(twisted).status == 400
