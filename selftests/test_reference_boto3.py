"""An unmodified boto3 client is content with the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from assay.reference import BackgroundReference

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=["2026-11-10", "2019-12-19"])
def server(request: pytest.FixtureRequest) -> Iterator[BackgroundReference]:
    credentials = {"AKIDEXAMPLE": "secret"}
    with BackgroundReference(edition=request.param, verify_signatures=True, credentials=credentials) as started:
        yield started
        assert started.complaints() == ""


@pytest.mark.parametrize("service", ["codestar-connections", "codeconnections"])
def test_boto3_makes_reads_lists_and_deletes(server: BackgroundReference, service: str) -> None:
    """The life of a connection, signed and verified, in one Region of its own."""
    client = boto3.client(
        service,
        endpoint_url=server.endpoint_url,
        region_name="eu-central-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
    )
    arns = [
        client.create_connection(ConnectionName=f"{service[:8]}-{number}", ProviderType="Bitbucket")["ConnectionArn"]
        for number in range(3)
    ]
    connection = client.get_connection(ConnectionArn=arns[0])["Connection"]
    assert connection == {
        "ConnectionName": f"{service[:8]}-0",
        "ConnectionArn": arns[0],
        "ProviderType": "Bitbucket",
        "OwnerAccountId": arns[0].split(":")[4],
        "ConnectionStatus": "PENDING",
    }
    assert arns[0].startswith(f"arn:aws:{service}:eu-central-1:")
    first = client.list_connections(MaxResults=2)
    second = client.list_connections(MaxResults=2, NextToken=first["NextToken"])
    listed = [item["ConnectionArn"] for page in (first, second) for item in page["Connections"]]
    assert listed == arns
    assert "NextToken" not in second
    for arn in arns:
        client.delete_connection(ConnectionArn=arn)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_connection(ConnectionArn=arns[0])
    with pytest.raises(ClientError, match=r"ValidationException.*length less than or equal to 32"):
        client.create_connection(ConnectionName="x" * 33, ProviderType="Bitbucket")
