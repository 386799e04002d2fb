"""The mutants of the wire and of breakdowns: where each of their faults shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from selftests.showings import Showings, tried

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import Answer, RawClient

SHOWN = Showings()

TYPE = "application/x-amz-json-1.0"
#: The content types of a success and of an error.
TYPES = {
    "wire.type-of-json": ("application/json", "application/json"),
    "wire.type-of-json-1.1": ("application/x-amz-json-1.1", "application/x-amz-json-1.1"),
    "wire.type-missing": (None, TYPE),
    "wire.type-of-errors": (TYPE, "text/html"),
}
#: How many different request ids five answers have, and how many have none.
REQUEST_IDS = {
    "wire.request-id-missing": (0, 5),
    "wire.request-id-missing-on-errors": (3, 2),
    "wire.request-id-constant": (1, 0),
    "wire.request-id-of-body": (3, 0),
}
#: The status and the members of a refusal for a name that is too long, and of one for an ARN that is deleted.
ERRORS = {
    "wire.error-type-in-code": ((400, "code message"), (400, "code message")),
    "wire.error-without-type": ((400, "message"), (400, "Message __type")),
    "wire.error-in-two-hundred": ((200, "__type message"), (200, "Message __type")),
    "wire.not-found-is-404": ((400, "__type message"), (404, "Message __type")),
}
CODES = {
    "wire.error-names-in-camel-case": ("validationException", "resourceNotFoundException"),
    "wire.error-names-cut": ("Validation", "ResourceNotFound"),
}
#: The name, or the ARN, that a server fails at.
BREAKING = {
    "breakdown.emoji": ("CreateConnection", "a\U0001f4a5"),
    "breakdown.apostrophe": ("CreateConnection", "it's"),
    "breakdown.nul": ("CreateConnection", "a\0"),
    "breakdown.right-to-left": ("CreateConnection", "a\u202eb"),
    "breakdown.long-name": ("CreateConnection", "x" * 33),
    "breakdown.no-arn": ("GetConnection", None),
    "breakdown.malformed-arn": ("GetConnection", "x"),
}


def refusals(client: RawClient) -> tuple[Answer, Answer]:
    """For a name that is too long, and for an ARN that is deleted."""
    arn = client.create("one")
    client.delete(arn)
    return client.call("CreateConnection", ConnectionName="x" * 33, ProviderType="GitHub"), client.get(arn)


def _types(client: RawClient) -> tuple[str | None, str | None]:
    answers = client.call("ListConnections"), client.get("x")
    return answers[0].headers.get("content-type"), answers[1].headers.get("content-type")


def _request_ids(client: RawClient) -> tuple[int, int]:
    lists = [client.call("ListConnections") for _ in range(2)]
    made = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
    ids = [answer.headers.get("x-amzn-requestid") for answer in (*lists, made, client.get("x"), client.get("x"))]
    return len({each for each in ids if each is not None}), ids.count(None)


for mutant, types in TYPES.items():
    SHOWN[mutant] = lambda client, types=types: _types(client) == types
for mutant, numbers in REQUEST_IDS.items():
    SHOWN[mutant] = lambda client, numbers=numbers: _request_ids(client) == numbers
for mutant, errors in ERRORS.items():
    SHOWN[mutant] = lambda client, errors=errors: (
        tuple((answer.status, " ".join(sorted(answer.members))) for answer in refusals(client)) == errors
    )
for mutant, codes in CODES.items():
    SHOWN[mutant] = lambda client, codes=codes: tuple(answer.code for answer in refusals(client)) == codes


def _breaks(client: RawClient, operation: str, text: str | None) -> bool:
    """Does one text break the server, and no ordinary one?"""
    assert client.get(client.create("ordinary \u00e9")).status == 200
    if operation == "GetConnection":
        return client.call(operation, **({} if text is None else {"ConnectionArn": text})).status == 500
    return client.call(operation, ConnectionName=text, ProviderType="GitHub").status == 500


for mutant, (operation, text) in BREAKING.items():
    SHOWN[mutant] = lambda client, operation=operation, text=text: _breaks(client, operation, text)


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same calls; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")
