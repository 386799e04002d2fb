"""A caller who hands requests to an application itself, several at once: what a fault in threads shows to.

A fault in a window is not met every time, so a showing is tried until it shows. On the careful server it never may: the
same trials are made there, and few of them, because they say nothing that the runs against the reference do not.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from typing import TYPE_CHECKING, Any

from assay.reference.server import build
from selftests.raw_client import Answer, RawClient

if TYPE_CHECKING:
    from selftests.showings import Showing

__all__ = ["Crowd", "accepted", "creating", "is_right_in_a_row", "on", "shows", "shows_in_the_reference"]

_TRIALS = 300
_TRIALS_ELSEWHERE = 5
Question = tuple[str, dict[str, Any]]


class Crowd(RawClient):
    """A caller with as many hands as it takes; `mutant` is the fault of the server that it calls."""

    def __init__(self, mutant: str | None = None) -> None:
        super().__init__("http://application.invalid")
        _, self.app = build(mutant=mutant)
        self.trials = 0
        self.loop = asyncio.new_event_loop()
        weakref.finalize(self, self.loop.close)

    def send(self, body: Any, headers: dict[str, str], *, method: str = "POST", path: str = "/") -> Answer:
        return self.loop.run_until_complete(self._asked(body, headers, method, path))

    def at_once(self, *calls: Question) -> list[Answer]:
        """The answers to calls, in their order."""
        return [answers[0] for answers in self.side_by_side(*([call] for call in calls))]

    def side_by_side(self, *branches: list[Question]) -> list[list[Answer]]:
        """The answers to branches that are taken at once; within one, a call waits for the answer before."""

        async def taken(branch: list[Question]) -> list[Answer]:
            return [
                await self._asked(json.dumps(members).encode(), self.headers(operation), "POST", "/")
                for operation, members in branch
            ]

        async def asked() -> list[list[Answer]]:
            return await asyncio.gather(*(taken(branch) for branch in branches))

        return self.loop.run_until_complete(asked())

    async def _asked(self, body: Any, headers: dict[str, str], method: str, path: str) -> Answer:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": given}
        await self.app(scope, receive, send)
        start, *rest = said
        small = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(status=start["status"], headers=small, body=b"".join(message["body"] for message in rest))

    def name(self) -> str:
        """A name of this trial."""
        self.trials += 1
        return f"trial-{self.trials}"


def creating(name: str, kind: str = "Bitbucket") -> Question:
    """A Create of this name."""
    return "CreateConnection", {"ConnectionName": name, "ProviderType": kind}


def on(operation: str, arn: str) -> Question:
    """A Get or a Delete of this ARN."""
    return operation, {"ConnectionArn": arn}


def accepted(answers: list[Answer]) -> int:
    """How many of these were accepted."""
    return [answer.status for answer in answers].count(200)


def shows(mutant: str, showing: Showing) -> bool:
    """Does the fault of a mutant show, sooner or later?"""
    crowd = Crowd(mutant)
    return any(showing(crowd) for _ in range(_TRIALS))


def shows_in_the_reference(showing: Showing) -> bool:
    """Does it show where it may not? The reference answers here one request after the other, as it always does."""
    crowd = Crowd()
    return any(showing(crowd) for _ in range(_TRIALS_ELSEWHERE))


def is_right_in_a_row(mutant: str) -> bool:
    """Is a mutant right about names, deletes and walks where a caller waits for every answer? Asserts what is wrong."""
    client = Crowd(mutant)
    for _ in range(3):
        arns = client.create_many(5)
        assert len(set(arns)) == 5
        assert [client.get(arn).members["Connection"]["ConnectionArn"] for arn in arns] == arns
        assert client.call("CreateConnection", ConnectionName="c-3", ProviderType="GitHub").status == 400
        assert client.arns(MaxResults=2) == arns
        assert [client.delete(arn).status for arn in arns] == [200] * 5
        assert client.delete(arns[0]).status == client.get(arns[0]).status == 400
        assert client.arns() == []
    return True
