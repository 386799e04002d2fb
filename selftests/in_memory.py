"""Endpoints in memory, to drive programs against without a socket: fast, scripted, and with a clock of their own.

`Account` is a few lines that take anything for an id and answer anything; `Reference` is the real reference server, its
application called in this process, with any mutant's fault. Both number their calls, let a millisecond pass at each,
and have two hooks: `before` may put an outcome in the place of a call, or raise, and the call has no effect; `after`
may put one in the place of the answer to a call that had its effect.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias

from assay.budget import Budget
from assay.driver import Driver
from assay.history import HANDSHAKE, Accepted, Call, Outcome, Refused, Request, Response, Unknown
from assay.knowledge import Knowledge
from assay.naming import Naming
from assay.reference.connections import Connection
from assay.reference.server import build
from assay.search import Search
from assay.target.reading import read
from selftests.histories import NEWEST, contract_of

if TYPE_CHECKING:
    from assay.book import Finding
    from assay.contract import Contract

__all__ = ["LOST", "Account", "InMemory", "Reference", "arns_deleted", "driver_for", "search_for"]

Before: TypeAlias = Callable[[str, Mapping[str, Any]], Outcome | None]
After: TypeAlias = Callable[[str, Mapping[str, Any], Outcome], Outcome]

LOST = Unknown("timeout", "no answer in time")
_REGION, _OWNER = "us-east-1", "123456789012"


class InMemory:
    """Numbers calls and keeps time; what is answered is up to `answer`."""

    timeout = 10.0

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.now = 0.0
        self.made: list[Call] = []
        self._one_at_a_time = threading.Lock()  # workers on threads call it, and a number is given once
        self.before: Before = lambda operation, members: None
        self.after: After = lambda operation, members, outcome: outcome

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def call(  # noqa: PLR0913 - what a call can be told, by name
        self,
        operation: str,
        input: Mapping[str, Any],  # noqa: A002 - AWS' word
        *,
        leg: Any = "light",
        give_up_at: float | None = None,
        max_attempts: int = 8,  # noqa: ARG002 - nothing is turned away here
        signing: str = "valid",
    ) -> tuple[Call, ...]:
        if give_up_at is not None and self.now >= give_up_at:
            return ()
        with self._one_at_a_time:
            start = self.now + 0.0001
            self.now = end = start + 0.0009
        response = None
        outcome = self.before(operation, input)
        if outcome is None:
            with self._one_at_a_time:
                response = self.answer(operation, input)
            said = read(operation, response)
            outcome = self.after(operation, input, said)
            response = response if outcome is said else None
        request = Request("http://127.0.0.1/", (), json.dumps(input).encode())
        with self._one_at_a_time:
            end = max(end, self.now)
            call = Call(len(self.made), operation, input, start, end, outcome, request, response, leg, signing)
            self.made.append(call)
        return (call,)

    def burst(
        self,
        requests: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        give_up_at: float | None = None,
        max_attempts: int = 8,
    ) -> list[tuple[Call, ...]]:
        """One after the other, but all of them are sent before the first is answered."""
        start, first = self.now, len(self.made)
        for operation, members in requests:
            self.call(operation, members, give_up_at=give_up_at, max_attempts=max_attempts)
        self.made[first:] = [
            replace(call, start=start + 1e-6 * place, end=self.now) for place, call in enumerate(self.made[first:])
        ]
        return [(call,) for call in self.made[first:]] or [() for _ in requests]

    def beside(self, members: Mapping[str, Any], deed: Callable[[], Outcome]) -> Call:
        start = self.now + 0.0001
        outcome = deed()
        self.now = start + 0.0009
        request = Request("http://127.0.0.1/", (), json.dumps(members).encode())
        call = Call(len(self.made), HANDSHAKE, members, start, self.now, outcome, request, leg="beside")
        self.made.append(call)
        return call

    def twin(self, number: int) -> InMemory:  # noqa: ARG002 - one endpoint, whoever asks
        return self

    def answer(self, operation: str, members: Mapping[str, Any]) -> Response:
        raise NotImplementedError

    def sent(self, operation: str) -> list[Mapping[str, Any]]:
        """The inputs of an operation's calls, in order."""
        return [call.input for call in self.made if call.operation == operation]


class Account(InMemory):
    """Connections in a dict: whatever is asked for exactly is found, and nothing is checked but the quota and names."""

    def __init__(
        self, contract: Contract | None = None, *, mint: Callable[[int], str] | None = None, quota: int = 10_000
    ) -> None:
        super().__init__(contract_of(NEWEST) if contract is None else contract)
        self.mint = _uuid_like if mint is None else mint
        self.quota = quota
        self.ours: dict[str, Any] = {}
        self.strangers: dict[str, Any] = {}
        self.minted = 0

    @property
    def everything(self) -> dict[str, Any]:
        """ARNs and names, ours and strangers'."""
        return {**self.strangers, **self.ours}

    def answer(self, operation: str, members: Mapping[str, Any]) -> Response:
        status, body = getattr(self, f"_{operation.removesuffix('Connection').removesuffix('Connections').lower()}")(
            members
        )
        return Response(status, (("content-type", "application/x-amz-json-1.0"),), json.dumps(body).encode())

    def _create(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        name = members.get("ConnectionName")
        if name in self.ours.values() or name in self.strangers.values():
            return 400, {"__type": "InvalidInputException"}
        if len(self.ours) + len(self.strangers) >= self.quota:
            return 400, {"__type": "LimitExceededException"}
        self.minted += 1
        arn = self.mint(self.minted)
        self.ours[arn] = name
        return 200, {"ConnectionArn": arn}

    def _get(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        arn = members.get("ConnectionArn")
        for kept in (self.ours, self.strangers):
            if arn in kept:
                return 200, {"Connection": {"ConnectionArn": arn, "ConnectionName": kept[arn]}}
        return 400, {"__type": "ResourceNotFoundException"}

    def _delete(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        arn = members.get("ConnectionArn")
        for kept in (self.ours, self.strangers):
            if arn in kept:
                del kept[arn]
                return 200, {}
        return 400, {"__type": "ResourceNotFoundException"}

    def _list(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        token, size = members.get("NextToken"), members.get("MaxResults") or 50
        first = int(token) if isinstance(token, str) and token.isdecimal() else 0
        after = first + max(1, size)
        page = islice(chain(self.strangers.items(), self.ours.items()), first, after)
        items = [{"ConnectionArn": arn, "ConnectionName": name} for arn, name in page]
        is_last = after >= len(self.ours) + len(self.strangers)
        return 200, {"Connections": items, **({} if is_last else {"NextToken": str(after)})}


class Reference(InMemory):
    """The reference server, called in this process, by any edition and with any mutant's fault."""

    def __init__(self, mutant: str | None = None, *, edition: tuple[str, str] = NEWEST, quota: int = 250) -> None:
        super().__init__(contract_of(edition))
        self.parts, self._application = build(edition=edition[1], mutant=mutant, quota=quota)

    def add_stranger(self, arn: str, name: str) -> None:
        """A connection of the same account that somebody else made."""
        stranger = Connection(
            sequence=self.parts.store.next_sequence(),
            arn=arn,
            name=name,
            provider_type="Bitbucket",
            account=_OWNER,
            region=_REGION,
        )
        self.parts.store.add(stranger)
        self.parts.names.take(stranger)

    @property
    def everything(self) -> dict[str, str]:
        """ARNs and names of all that lives."""
        return {connection.arn: connection.name for connection in self.parts.store}

    def answer(self, operation: str, members: Mapping[str, Any]) -> Response:
        target = f"{self.contract.targets['long']}.{operation}".encode()
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "query_string": b"",
            "headers": [(b"x-amz-target", target)],
        }
        told: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": json.dumps(members).encode(), "more_body": False}

        async def send(message: Any) -> None:
            told.append(message)

        # The application awaits nothing but these two, which wait for nothing: one step is the whole way.
        try:
            self._application(scope, receive, send).send(None)  # type: ignore[attr-defined]
        except StopIteration:
            start, body = told
            headers = tuple((name.decode(), value.decode()) for name, value in start["headers"])
            return Response(start["status"], headers, body["body"])
        raise AssertionError("the reference waits for something")


def driver_for(endpoint: InMemory, naming: Naming | None = None, *, most_alive: int | None = None) -> Driver:
    """A driver that begins a run against an endpoint in memory."""
    naming = Naming() if naming is None else naming
    known = Knowledge(prefix=naming.prefix)
    return Driver(endpoint, endpoint.contract, known, naming=naming, region=_REGION, most_alive=most_alive)


def search_for(endpoint: InMemory, laws: Collection[str] | None = None, **limits: Any) -> Search:
    """A search with all laws, or these, on the endpoint's own clock."""
    contract = endpoint.contract
    return Search(
        driver_for(endpoint),
        contract,
        tuple(contract.laws if laws is None else laws),
        Budget(now=endpoint.clock, **limits),
        forces=lambda law, clause: contract.laws[law].force,
        clock=endpoint.clock,
        sleep=endpoint.sleep,
    )


def arns_deleted(endpoint: InMemory) -> list[str]:
    """Every ARN that Delete was sent."""
    return [members["ConnectionArn"] for members in endpoint.sent("DeleteConnection") if "ConnectionArn" in members]


def refused(code: str) -> Refused:
    """A refusal by name."""
    return Refused(code, 400)


def accepted(**output: Any) -> Accepted:
    """An accepted answer."""
    return Accepted(output)


def finding_of(search: Search, law: str) -> Finding:
    """The one finding of a law."""
    found = search.book.broken(law)
    assert found is not None, f"{law} was not found broken"
    return found


def _uuid_like(number: int) -> str:
    return f"arn:aws:codestar-connections:{_REGION}:{_OWNER}:connection/{uuid.uuid4()}"
