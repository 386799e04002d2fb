"""A legal service in a few lines, drawn by Hypothesis: it takes every liberty that the contract leaves, and no other.

It is written from the contract's prose for the laws to be tried on, and shares no code with them or with the
reference. Several clients call it at once; each call has its effect at some moment between its start and its end, or,
where its answer is lost, perhaps has none. Strangers come and go, reads may lag, answers look as odd as they may.

How long a history is and how often the service lags is Hypothesis' to draw and to shrink; the rest is dice, because
thousands of throws by Hypothesis take longer than all the judging.
"""

from __future__ import annotations

import heapq
import itertools
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

from assay.history import Accepted, Call, History, Request, Response, Unknown
from assay.knowledge import Knowledge
from assay.target.reading import read
from selftests.histories import ACCOUNT, PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from assay.contract import Contract

__all__ = ["Service", "legal_runs"]

#: Status, error, output.
Answer: TypeAlias = tuple[int, str | None, dict[str, Any]]

_MODELLED = "com.amazonaws.codestar.connections#"


@dataclass
class Service:
    """The state of an account, and the liberties that this service takes."""

    contract: Contract
    dice: Random
    staleness: float
    snapshots: bool
    partition: str
    owner: str
    uuids: bool
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: list[tuple[float, dict[str, dict[str, Any]]]] = field(default_factory=lambda: [(0.0, {})])
    tokens: dict[str, tuple[dict[str, Any], str, dict[str, dict[str, Any]]]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    strangers: set[str] = field(default_factory=set)

    def one_of(self, *choices: Any) -> Any:
        """One of these, with equal chances."""
        return self.dice.choice(choices)

    def by_chance(self, one_in: int = 2) -> bool:
        """Once in so many times."""
        return self.dice.randrange(one_in) == 0

    # -- what it does, at a moment

    def carry_out(self, operation: str, members: Mapping[str, Any], now: float) -> Answer:
        """The answer to a call that has its effect now: status, error, output."""
        verb = operation.removesuffix("s").removesuffix("Connection").lower()
        return getattr(self, f"_{verb}")(members, now)

    def _create(self, members: Mapping[str, Any], now: float) -> Answer:  # noqa: C901, PLR0911 - one rule a line
        name, kind, host = members.get("ConnectionName"), members.get("ProviderType"), members.get("HostArn")
        if name is None or not self._is_permitted(name):
            return self._invalid()
        if "ProviderType" in self.contract.create.required and kind is None:
            return self._invalid()
        if kind is not None and kind not in self.contract.kinds:
            return self._invalid()
        if kind is None and host is None:
            return self._invalid()
        if host is not None or kind in {"GitHubEnterpriseServer", "GitLabSelfManaged"}:
            wanted = self.one_of(
                None, "ResourceNotFoundException", "ResourceUnavailableException", "ValidationException"
            )
            if wanted is not None and (wanted == "ValidationException" or wanted in self.contract.create.errors):
                return self._refusal(wanted)
            if wanted is not None:
                return self._invalid()
        if any(other["ConnectionName"] == name for other in self.connections.values()):
            code = self.one_of("ConflictException", "ValidationException", "ResourceUnavailableException", "Duplicate")
            return self.one_of(400, 409, 422), code, {}
        if self.by_chance(16):
            return self._refusal("LimitExceededException")
        if host is not None:
            kind = self.one_of("GitHubEnterpriseServer", kind or "GitLabSelfManaged")
        arn = self.add(name, kind, "PENDING", now, host=host)
        return 200, None, {"ConnectionArn": arn}

    def _get(self, members: Mapping[str, Any], now: float) -> Answer:
        arn = members.get("ConnectionArn")
        if arn is None or not self._is_an_arn(arn):
            return self._invalid()
        if ":s3:" in arn:
            return self.one_of((400, "AccessDeniedException", {}), self._invalid())
        found = self.seen(now).get(arn)
        if found is None:
            return self._refusal("ResourceNotFoundException")
        return 200, None, {"Connection": dict(found)}

    def _delete(self, members: Mapping[str, Any], now: float) -> Answer:
        arn = members.get("ConnectionArn")
        if arn is None or not self._is_an_arn(arn):
            return self._invalid()
        if ":s3:" in arn:
            return self.one_of((400, "AccessDeniedException", {}), self._invalid())
        if arn not in self.connections:
            return self._refusal("ResourceNotFoundException")
        self.remove(arn, now)
        return 200, None, {}

    def _list(self, members: Mapping[str, Any], now: float) -> Answer:
        wanted, token = members.get("MaxResults", 50), members.get("NextToken")
        least, most = self.contract.page_sizes.minimum or 0, self.contract.page_sizes.maximum or 0
        kind = members.get("ProviderTypeFilter")
        if not least <= wanted <= most or (kind is not None and kind not in self.contract.kinds):
            return self._invalid()
        if wanted == 0 and self.by_chance():
            return self._invalid()
        wanted = wanted or self.one_of(0, 1, 50)
        inputs = {name: value for name, value in members.items() if name != "NextToken"}
        after, state = "", self.seen(now)
        if token is not None:
            if token not in self.tokens or self.tokens[token][0] != inputs:
                return self._invalid()
            _, after, then = self.tokens[token]
            state = then if self.snapshots else state
        due = [arn for arn in sorted(state, key=lambda arn: arn[::-1]) if arn[::-1] > after]
        due = [arn for arn in due if kind is None or state[arn]["ProviderType"] == kind]
        page = due[: self.one_of(*range(1, wanted + 1), wanted) if 0 < wanted < 5 else wanted]
        output: dict[str, Any] = {"Connections": [dict(state[arn]) for arn in page]}
        is_last = len(page) == len(due) and not (page and self.by_chance(3))
        if wanted and not is_last:
            last = page[-1][::-1]
            number = next(self.numbers)
            told = (
                f"{number}" if self.snapshots else f"after {last} {sorted(inputs.items())}"
            )  # which any walk may be given
            given = self.one_of(f"{number}", f"t+/={number}".ljust(1024, "x"), told)
            self.tokens[given] = (inputs, last, state)
            output["NextToken"] = given
        return 200, None, output

    # -- the account

    def add(self, name: str, kind: Any, status: str, now: float, **members: Any) -> str:
        """Make a connection; its ARN has an id of any form, and is never given again."""
        number = next(self.numbers)
        id_ = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))) if self.uuids else str(number)
        service = self.one_of("codestar-connections", "codeconnections")
        arn = f"arn:{self.partition}:{service}:{members.get('region', 'us-east-1')}:{ACCOUNT}:connection/{id_}"
        told = {"ConnectionName": name, "ConnectionArn": arn, "ProviderType": kind, "ConnectionStatus": status}
        told["OwnerAccountId"] = self.owner
        if members.get("host") is not None:
            told["HostArn"] = members["host"]
        self.connections[arn] = told
        self._note(now)
        return arn

    def remove(self, arn: str, now: float) -> None:
        """Delete a connection."""
        del self.connections[arn]
        self._note(now)

    def strangers_act(self, now: float) -> None:
        """Somebody else makes a connection, or deletes one of theirs."""
        theirs = sorted(self.strangers & self.connections.keys())
        if theirs and self.by_chance():
            self.remove(self.one_of(*theirs), now)
            return
        taken = {told["ConnectionName"] for told in self.connections.values()}
        free = [name for name in ("prod", "Prod", "prod ", "\u4e00", "\u4e0a") if name not in taken]
        if free:
            status = self.one_of("PENDING", "AVAILABLE", "ERROR")
            region = self.one_of("us-east-1", "eu-north-1")
            kind = self.one_of(*sorted(self.contract.every_kind))
            self.strangers.add(self.add(self.one_of(*free), kind, status, now, region=region))

    def seen(self, now: float) -> dict[str, dict[str, Any]]:
        """What a read sees: the account of some moment that is not longer ago than reads may lag."""
        recent = [state for since, state in self.states if since > now - self.staleness] or [self.states[-1][1]]
        if self.staleness:
            first = max(
                (number for number, (since, _) in enumerate(self.states) if since <= now - self.staleness), default=0
            )
            recent.append(self.states[first][1])
            return self.one_of(*recent)
        return self.states[-1][1]

    def _note(self, now: float) -> None:
        self.states.append((now, dict(self.connections)))

    def _is_permitted(self, name: str) -> bool:
        return 1 <= len(name) <= 32

    def _is_an_arn(self, arn: str) -> bool:
        return arn.startswith("arn:aws") and arn.count(":") >= 5 and len(arn) <= 256

    def _invalid(self) -> Answer:
        return 400, "ValidationException", {}

    def _refusal(self, code: str) -> Answer:
        status = 400
        if self.contract.service == "codeconnections":
            own = {"ResourceNotFoundException": 404, "LimitExceededException": 429}.get(code, 400)
            status = self.one_of(400, own)
        return status, code, {}

    # -- how it says so

    def response(self, operation: str, status: int, code: str | None, output: dict[str, Any]) -> Response:
        """The answer in bytes, as odd as it may look."""
        body: dict[str, Any] = dict(output)
        fields = [
            (self.one_of("x-amzn-RequestId", "X-Amzn-Requestid"), str(uuid.uuid4())),
            (
                self.one_of("Content-Type", "content-type"),
                "application/x-amz-json-1.0" + self.one_of("", "; charset=utf-8"),
            ),
            ("X-Surprise", "1"),
        ]
        if code is not None:
            named = (
                self.one_of("", _MODELLED, "com.amazon.coral.validate#") + code + self.one_of("", ":http://internal/")
            )
            if self.by_chance():
                fields.append((self.one_of("x-amzn-ErrorType", "X-Amzn-Errortype"), named))
            else:
                body["__type"] = named
            body |= self.one_of({}, {"message": "no"}, {"Message": "no"}, {"message": None})
        elif operation == "DeleteConnection" and self.by_chance():
            return Response(status, tuple(fields), b"")
        else:
            if body.get("Connections") == [] and self.by_chance():
                del body["Connections"]
            elif "Connections" in body:
                body["Connections"] = [self._adorned(told) for told in body["Connections"]]
            if "Connection" in body:
                body["Connection"] = self._adorned(body["Connection"])
            if operation == "ListConnections" and "NextToken" not in body:
                body |= self.one_of({}, {"NextToken": None})
            body |= self.one_of({}, {"Surprise": [{"ConnectionArn": 1}]})
        return Response(status, tuple(fields), json.dumps(body, ensure_ascii=self.by_chance()).encode())

    def _adorned(self, told: dict[str, Any]) -> dict[str, Any]:
        more = self.one_of({}, {"Surprise": None}, {"HostArn": None})
        return {**more, **told}


@dataclass
class _Client:
    """Somebody at a keyboard, who makes one call after the other."""

    walking: tuple[dict[str, Any], str] | None = None


@dataclass
class _Under:
    """A call on its way."""

    index: int
    client: _Client
    operation: str
    input: dict[str, Any]
    start: float
    fate: str
    response: Response | None = None


class _Run:
    """One history: several clients call at once, and know the ARNs that were answered before they ask."""

    def __init__(self, service: Service, knowledge: Knowledge, ours: list[str], number: int, *, weather: bool) -> None:
        self.service, self.knowledge, self.ours, self.number = service, knowledge, ours, number
        self.one_of = service.one_of
        self.weather = ["throttled", "503 and done", "503 and not done"] if weather else []
        self.calls: dict[int, Call] = {}
        self.losses = 2  # what is lost more often is no weather
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.order = itertools.count()

    def history(self, start: float, first: int, steps: int, clients: int) -> tuple[History, float]:
        self.left, self.index = steps, first
        for _ in range(clients):
            self._at(start, self._starting(_Client()))
        now = start
        while self.events:
            now, _, event = heapq.heappop(self.events)
            event(now)
        return History(tuple(self.calls[index] for index in sorted(self.calls))), now

    def _at(self, moment: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (moment, next(self.order), event))

    def _starting(self, client: _Client) -> Callable[[float], None]:
        def start(now: float) -> None:
            if not self.left:
                return
            self.left -= 1
            if self.service.by_chance(3):
                self.service.strangers_act(now)
            operation, members = self._drawn(client)
            lost = ["lost and done", "lost and not done"] if self.losses else []
            fate = self.one_of(*["answered"] * 25, *self.weather, *lost)
            self.losses -= fate.startswith("lost")
            under = _Under(self.index, client, operation, members, now, fate)
            self.index += 1
            length = self.one_of(0.5, 1.0, 2.5)
            self._at(now + length * self.one_of(0.1, 0.5, 0.9), lambda moment: self._take_effect(under, moment))
            self._at(now + length, lambda moment: self._end(under, moment))

        return start

    def _take_effect(self, under: _Under, now: float) -> None:
        if under.fate in {"throttled", "503 and not done", "lost and not done"}:
            return
        status, code, output = self.service.carry_out(under.operation, under.input, now)
        under.response = self.service.response(under.operation, status, code, output)

    def _end(self, under: _Under, now: float) -> None:
        response = under.response
        if under.fate == "throttled":
            status = self.one_of(400, 429)
            response = self.service.response(under.operation, status, "ThrottlingException", {})
        elif under.fate.startswith("503"):
            response = Response(503, (("Retry-After", "1"),), b"busy")
        elif under.fate.startswith("lost"):
            response = self.one_of(None, Response(500, (), b"{}"))
        outcome = Unknown("timeout") if response is None else read(under.operation, response)
        request = Request("https://localhost/", (), json.dumps(under.input).encode())
        call = Call(under.index, under.operation, under.input, under.start, now, outcome, request, response)
        self.calls[under.index] = call
        if isinstance(outcome, Accepted):
            if under.operation == "CreateConnection":
                self.ours.append(outcome.output["ConnectionArn"])
            if under.operation == "ListConnections":
                token = outcome.output.get("NextToken")
                inputs = {name: value for name, value in under.input.items() if name != "NextToken"}
                under.client.walking = (inputs, token) if token is not None else None
        self._at(now + self.one_of(0.0, 0.5), self._starting(under.client))

    # -- what a client asks for

    def _drawn(self, client: _Client) -> tuple[str, dict[str, Any]]:
        verbs = ["create"] * 4 + ["get"] * 4 + ["delete"] * 2 + ["list"] * 5
        verb = self.one_of(*verbs)
        if verb == "create":
            return "CreateConnection", self._create()
        if verb == "list":
            return "ListConnections", self._list(client)
        operation = "GetConnection" if verb == "get" else "DeleteConnection"
        return operation, self._present(ConnectionArn=self._arn(verb))

    def _create(self) -> dict[str, Any]:
        texts = [
            "a",
            "a",
            "b",
            "b",
            "c",
            "d",
            "A",
            "a ",
            "café",
            "cafe\u0301",
            "x" * 27,
            "x" * 28,
            "\x00",
            "\U0001f600" * 14,
        ]
        short = [chr(0x4E00 + 10 * self.number + n) for n in range(3)]
        name = self.one_of(*[f"{PREFIX}{self.number}{text}" for text in texts], *short, "", ...)
        kinds = ["Bitbucket"] * 8 + ["GitHub", "GitHub", "GitLabSelfManaged", "AzureDevOps", "bitbucket", "", ...]
        more: dict[str, Any] = {}
        if "HostArn" in self.service.contract.create.members:
            host = "arn:aws:codestar-connections:us-east-1:123456789012:host/a-12345678"
            more = self.one_of({}, {}, {}, {}, {}, {"HostArn": host}, {"Tags": [{"Key": "a", "Value": "b"}]})
        return self._present(ConnectionName=name, ProviderType=self.one_of(*kinds), **more)

    def _list(self, client: _Client) -> dict[str, Any]:
        if client.walking is not None and not self.service.by_chance(4):
            inputs, token = client.walking
            return {**inputs, "NextToken": token}
        token: Any = ...
        if self.service.by_chance(10):
            token = f"forged-{self.index}"
            self.knowledge.forged.add(token)
        size = self.one_of(..., ..., ..., ..., 1, 1, 1, 2, 2, 3, 3, 50, 100, 0, -1, 51, 101)
        kind = self.one_of(..., ..., ..., ..., ..., ..., ..., "Bitbucket", "GitHub", "AzureDevOps", "bitbucket")
        return self._present(MaxResults=size, ProviderTypeFilter=kind, NextToken=token)

    def _arn(self, verb: str) -> Any:
        place = f"arn:{self.service.partition}:codestar-connections:us-east-1:{ACCOUNT}:connection/"
        fresh = f"{place}ffffffff-ffff-4fff-8fff-{self.index:012}"
        choice = self.one_of(*["ours"] * 12, "nearly", "fresh", "elsewhere", "malformed", "nearly", "none")
        if choice == "none":
            return ...
        if choice == "malformed":
            return self.one_of("", "x", "arn:aws:s3", place + "x" * 256)
        if choice == "elsewhere":
            elsewhere = fresh.replace("codestar-connections", "s3")
            self.knowledge.elsewhere.add(elsewhere)
            return elsewhere
        if choice == "fresh" or not self.ours:
            self.knowledge.invented.add(fresh)
            return fresh
        arn = self.one_of(*self.ours)
        if choice == "nearly" and (verb == "get" or self.service.uuids):
            return self.one_of(arn[:-1], arn + "0", arn.upper().replace("ARN:AWS", "arn:aws"))
        return arn

    def _present(self, **members: Any) -> dict[str, Any]:
        return {name: value for name, value in members.items() if value is not ...}


@st.composite
def legal_runs(draw: Any, contract: Contract) -> tuple[list[History], Knowledge]:
    """The histories of a run against a legal service, one after the other, and what the run knows beside them."""
    staleness = draw(st.sampled_from([0.0, 0.0, 3.0]))
    service = Service(
        contract,
        draw(st.randoms(use_true_random=True)),
        staleness,
        snapshots=draw(st.booleans()),
        partition=draw(st.sampled_from(["aws", "aws-cn", "aws-us-gov"])),
        owner=draw(st.sampled_from([ACCOUNT, "000000000000"])),
        uuids=draw(st.booleans()),
    )
    knowledge = Knowledge(prefix=PREFIX, staleness=staleness, patience=8)
    ours: list[str] = []
    histories: list[History] = []
    now, index = 1.0, 0
    for number in range(draw(st.integers(1, 2))):
        run = _Run(service, knowledge, ours, number, weather=draw(st.booleans()))
        history, now = run.history(now + 10, index, steps=draw(st.integers(1, 60)), clients=draw(st.integers(1, 3)))
        index += len(history)
        histories.append(history)
    return histories, knowledge
