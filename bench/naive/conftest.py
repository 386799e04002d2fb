"""What the example tests share: a client of the endpoint under test, and connections that are gone after the test."""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def client() -> Any:
    """A client of AWS_ENDPOINT_URL, or of the port where emulators listen.

    It tells what the server said, at once: no retries, and no check of parameters on this side, which would keep wrong
    ones from the server that is to refuse them.
    """
    return boto3.client(
        "codestar-connections",
        endpoint_url=os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False, read_timeout=5, retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def fresh_name() -> Callable[[], str]:
    """Make a name that nobody else has."""
    return lambda: f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def create(client: Any, fresh_name: Callable[[], str]) -> Iterator[Callable[..., str]]:
    """Make a connection and return its ARN; it is deleted after the test."""
    made: list[str] = []

    def creating(name: str | None = None, provider: str = "Bitbucket") -> str:
        answer = client.create_connection(ConnectionName=name or fresh_name(), ProviderType=provider)
        made.append(answer["ConnectionArn"])
        return made[-1]

    yield creating
    for arn in made:
        with contextlib.suppress(ClientError):
            client.delete_connection(ConnectionArn=arn)


@pytest.fixture
def listed(client: Any) -> Callable[..., list[dict[str, Any]]]:
    """Read every page of ListConnections; botocore has no paginator for it."""

    def listing(**members: Any) -> list[dict[str, Any]]:
        connections: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        for _ in range(500):
            page = client.list_connections(**members, **token)
            connections += page["Connections"]
            if not page.get("NextToken"):
                return connections
            token = {"NextToken": page["NextToken"]}
        raise AssertionError("ListConnections does not come to an end")

    return listing
