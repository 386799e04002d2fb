"""Twenty-five example tests of CodeStar Connections, as the author of an emulator would write them.

One call or a few, one assertion or a few, values that come to mind. Nothing in here is careless on purpose: it is what
a good developer writes in an afternoon, and stands beside assay in `bench/rivals.py`.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    Create = Callable[..., str]
    Listed = Callable[..., list[dict[str, Any]]]

ARN = re.compile(r"arn:aws:(codestar-connections|codeconnections):us-east-1:\d{12}:connection/[\w-]+")


def unknown_arn(client: Any) -> str:
    """Spell an ARN of this account that names nothing."""
    answer = client.create_connection(ConnectionName=f"gone-{uuid.uuid4().hex[:12]}", ProviderType="Bitbucket")
    client.delete_connection(ConnectionArn=answer["ConnectionArn"])
    return f"{answer['ConnectionArn'].rpartition('/')[0]}/{uuid.uuid4()}"


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    """Tell the code and the status of a refusal."""
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


# -- create


def test_create_returns_an_arn(create: Create) -> None:
    """It names the service, the Region, an account and a connection."""
    assert ARN.fullmatch(create())


def test_two_connections_have_two_arns(create: Create) -> None:
    """An ARN names one connection."""
    assert create() != create()


@pytest.mark.parametrize("provider", ["Bitbucket", "GitHub", "GitLab"])
def test_create_keeps_the_provider(client: Any, create: Create, provider: str) -> None:
    """Each provider that needs no host."""
    connection = client.get_connection(ConnectionArn=create(provider=provider))["Connection"]
    assert connection["ProviderType"] == provider


def test_create_refuses_a_duplicate_name(client: Any, create: Create, fresh_name: Callable[[], str]) -> None:
    """A name is unique in an account."""
    name = fresh_name()
    create(name)
    with pytest.raises(ClientError) as error:
        client.create_connection(ConnectionName=name, ProviderType="Bitbucket")
    assert 400 <= refused(error)[1] < 500  # noqa: PLR2004 - HTTP's own


def test_create_accepts_the_name_of_a_deleted_connection(
    client: Any, create: Create, fresh_name: Callable[[], str]
) -> None:
    """Under a new ARN."""
    name = fresh_name()
    first = create(name)
    client.delete_connection(ConnectionArn=first)
    assert create(name) != first


def test_create_accepts_a_name_of_32_characters(client: Any, create: Create) -> None:
    """The longest that there is."""
    name = uuid.uuid4().hex
    assert client.get_connection(ConnectionArn=create(name))["Connection"]["ConnectionName"] == name


@pytest.mark.parametrize("name", ["", "x" * 33])
def test_create_refuses_a_name_of_the_wrong_length(client: Any, name: str) -> None:
    """None, or one character too many."""
    with pytest.raises(ClientError) as error:
        client.create_connection(ConnectionName=name, ProviderType="Bitbucket")
    assert refused(error) == ("ValidationException", 400)


def test_create_needs_a_name(client: Any) -> None:
    """It is the required member."""
    with pytest.raises(ClientError) as error:
        client.create_connection(ProviderType="Bitbucket")
    assert refused(error) == ("ValidationException", 400)


def test_create_refuses_an_unknown_provider(client: Any, fresh_name: Callable[[], str]) -> None:
    """What is not in the enum."""
    with pytest.raises(ClientError) as error:
        client.create_connection(ConnectionName=fresh_name(), ProviderType="SourceForge")
    assert refused(error) == ("ValidationException", 400)


# -- get


def test_get_returns_what_was_created(client: Any, create: Create, fresh_name: Callable[[], str]) -> None:
    """Name, ARN, provider, and whose it is."""
    name = fresh_name()
    arn = create(name, "GitHub")
    connection = client.get_connection(ConnectionArn=arn)["Connection"]
    assert connection["ConnectionName"] == name
    assert connection["ConnectionArn"] == arn
    assert connection["ProviderType"] == "GitHub"
    assert re.fullmatch(r"\d{12}", connection["OwnerAccountId"])


def test_a_new_connection_is_pending(client: Any, create: Create) -> None:
    """Until somebody completes the handshake in the console."""
    assert client.get_connection(ConnectionArn=create())["Connection"]["ConnectionStatus"] == "PENDING"


def test_get_refuses_an_unknown_arn(client: Any) -> None:
    """Right in form, and nobody's."""
    with pytest.raises(ClientError) as error:
        client.get_connection(ConnectionArn=unknown_arn(client))
    assert refused(error) == ("ResourceNotFoundException", 400)


def test_get_refuses_what_is_no_arn(client: Any) -> None:
    """It does not match the pattern of the model."""
    with pytest.raises(ClientError) as error:
        client.get_connection(ConnectionArn="not-an-arn")
    assert refused(error) == ("ValidationException", 400)


def test_get_needs_an_arn(client: Any) -> None:
    """It is the required member."""
    with pytest.raises(ClientError) as error:
        client.get_connection()
    assert refused(error) == ("ValidationException", 400)


# -- list


def test_list_shows_a_connection_as_get_does(client: Any, create: Create, listed: Listed) -> None:
    """Every member of it."""
    arn = create()
    (item,) = [each for each in listed() if each["ConnectionArn"] == arn]
    assert item == client.get_connection(ConnectionArn=arn)["Connection"]


def test_list_shows_every_connection_once_over_pages(create: Create, listed: Listed) -> None:
    """Seven by two: three full pages and a last one."""
    arns = [create() for _ in range(7)]
    shown = [each["ConnectionArn"] for each in listed(MaxResults=2)]
    assert sorted(arn for arn in shown if arn in arns) == sorted(arns)


def test_no_page_is_longer_than_asked_for(client: Any, create: Create) -> None:
    """MaxResults is a maximum."""
    for _ in range(4):
        create()
    page = client.list_connections(MaxResults=3)
    assert 0 < len(page["Connections"]) <= 3  # noqa: PLR2004 - as asked for
    assert page["NextToken"]


@pytest.mark.parametrize("size", [-1, 101])
def test_list_refuses_a_page_size_out_of_range(client: Any, size: int) -> None:
    """The model says 0 to 100."""
    with pytest.raises(ClientError) as error:
        client.list_connections(MaxResults=size)
    assert refused(error) == ("ValidationException", 400)


def test_list_filters_by_provider(create: Create, listed: Listed) -> None:
    """All of that provider and none of another, over pages too."""
    hub = {create(provider="GitHub") for _ in range(3)}
    create(provider="Bitbucket")
    shown = listed(ProviderTypeFilter="GitHub", MaxResults=2)
    assert hub <= {each["ConnectionArn"] for each in shown}
    assert {each["ProviderType"] for each in shown} == {"GitHub"}


def test_list_refuses_an_unknown_filter(client: Any) -> None:
    """What is not in the enum."""
    with pytest.raises(ClientError) as error:
        client.list_connections(ProviderTypeFilter="SourceForge")
    assert refused(error) == ("ValidationException", 400)


# -- delete


def test_a_deleted_connection_is_gone(client: Any, create: Create, listed: Listed) -> None:
    """From Get and from List."""
    arn = create()
    client.delete_connection(ConnectionArn=arn)
    with pytest.raises(ClientError) as error:
        client.get_connection(ConnectionArn=arn)
    assert refused(error) == ("ResourceNotFoundException", 400)
    assert arn not in {each["ConnectionArn"] for each in listed()}


def test_delete_leaves_the_others_alone(client: Any, create: Create, listed: Listed) -> None:
    """The one before and the one after."""
    before, middle, after = create(), create(), create()
    client.delete_connection(ConnectionArn=middle)
    assert {before, after} <= {each["ConnectionArn"] for each in listed()}


def test_delete_answers_nothing(client: Any, create: Create) -> None:
    """An empty structure."""
    answer = client.delete_connection(ConnectionArn=create())
    assert set(answer) == {"ResponseMetadata"}


def test_delete_refuses_an_unknown_arn(client: Any) -> None:
    """Right in form, and nobody's."""
    with pytest.raises(ClientError) as error:
        client.delete_connection(ConnectionArn=unknown_arn(client))
    assert refused(error) == ("ResourceNotFoundException", 400)


def test_delete_refuses_a_second_time(client: Any, create: Create) -> None:
    """It is gone already."""
    arn = create()
    client.delete_connection(ConnectionArn=arn)
    with pytest.raises(ClientError) as error:
        client.delete_connection(ConnectionArn=arn)
    assert refused(error) == ("ResourceNotFoundException", 400)
