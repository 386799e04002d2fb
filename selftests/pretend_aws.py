"""The reference as AWS: what a run at a real account meets, on loopback and without luck.

TLS, signatures, an IAM policy, an STS that says whose account it is, a quota, calls that are turned away, latency, and
150 connections of others that come and go with every call. It writes down what a run did to it: how many calls of each
operation, how many of the run's connections lived at once, and whether any Delete hit what the run had not made. What
it does in the middle of a run is set with `then`: take a permission away, or let the credentials expire.

`judged` runs `assay run --target aws` against it, in a process of its own, as a user would; `swept` runs `assay sweep`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.contract import load_contract
from assay.liberties import named as liberties_named
from assay.liberties.answers import read_whole
from assay.liberties.heads import protocol_with
from assay.liberties.private_ca import make_certificates
from assay.liberties.weather import _Others
from assay.mutants import named
from assay.plan import policy
from assay.reference.callers import account_of, caller_of
from assay.reference.editions import DEFAULT_EDITION, EDITIONS
from assay.reference.handshake import PATH as DOOR
from assay.reference.parts import careful_parts
from assay.reference.pool import in_threads
from assay.reference.signatures import SignatureCheck
from assay.reference.wire import application
from assay.suite import specs_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence

    from assay.liberties import Liberty
    from assay.mutants import Mutant
    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Parts
    from assay.reference.wire import Receive, Send

KEY, SECRET = "AKIAPRETEND", "pretended"
SECOND_KEY, SECOND_SECRET = "AKIASECOND", "pretended-too"
ACCOUNT: Final = account_of(KEY)
SECOND_ACCOUNT: Final = account_of(SECOND_KEY)
REGION: Final = "eu-west-3"
OTHERS, QUOTA, EVERY = 150, 20, 15  # connections of others; room for ours; one call in so many is turned away
#: Time, two hundred times as fast as by default: two calls a second, reads that lag by three seconds.
SCALED: Final = ("--rate", "400", "--staleness", "0.015")
_LATENCY_S: Final = 0.001
_STS: Final = "/sts"
_KNOWN: Final = {KEY: SECRET, SECOND_KEY: SECOND_SECRET}
THE_SECOND: Final = {"ASSAY_SECOND_ACCESS_KEY_ID": SECOND_KEY, "ASSAY_SECOND_SECRET_ACCESS_KEY": SECOND_SECRET}
#: The names that AWS gives to the service and to STS; nobody looks them up here, but a proxy may lead them to us.
NAMES: Final = (f"codestar-connections.{REGION}.amazonaws.com", f"sts.{REGION}.amazonaws.com")
_JSON: Final = [(b"content-type", b"application/x-amz-json-1.0")]


@dataclass(slots=True)
class PretendAws:
    """Two pretended accounts, the second for whoever wants one.

    `made` are the ARNs that its callers created, `given` those that they were told: where ids are so poor that others
    have the same, a caller has no way to know. `told_gone` are those whose Delete was accepted.
    `turns_away` says of a call, by its number, whether it is too much for the endpoint.
    """

    app: Any
    policy: dict[str, Any]
    everything: Callable[[], Iterable[str]]
    others: Callable[[], set[str]]
    name_of: Callable[[str], str]
    turns_away: Callable[[int], bool] = field(default=lambda number: number % EVERY == 0)
    then: dict[int, Callable[[PretendAws], None]] = field(default_factory=dict)
    expired: bool = False
    url: str = ""
    ca_bundle: Path = Path()
    calls: Counter[str] = field(default_factory=Counter)
    sts: int = 0
    made: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    told_gone: set[str] = field(default_factory=set)
    foreign_gone: list[str] = field(default_factory=list)
    denied: Counter[str] = field(default_factory=Counter)
    most_alive: int = 0

    def is_there(self, arn: str) -> bool:
        """Does a connection live, whosever it is?"""
        return arn in self.everything()

    @property
    def left(self) -> set[str]:
        """The connections of its callers that live still; where an ARN was given to others, too, nobody can tell."""
        return self.made.intersection(self.everything()) - self.others()

    def deny(self, operation: str) -> None:
        """Take a permission away."""
        for statement in self.policy["Statement"]:
            statement["Action"] = [each for each in statement["Action"] if not each.endswith(f":{operation}")]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await read_whole(receive)
        if body is None:
            return
        headers = dict(scope["headers"])
        if scope["path"] == _STS or headers.get(b"host", b"").startswith(b"sts."):
            await self._say_who(headers, send)
            return
        if scope["path"] == DOOR:
            await self._serve(scope, body, receive, send, "")
            return
        await asyncio.sleep(_LATENCY_S)
        operation = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
        self.calls[operation] += 1
        number = self.calls.total()
        for when in [when for when in self.then if when <= number]:
            self.then.pop(when)(self)
        if self.expired:
            await _refuse(send, "ExpiredTokenException", "The security token included in the request is expired")
        elif self.turns_away(number):
            await _refuse(send, "ThrottlingException", "Rate exceeded")
        elif not self._allows(headers, operation, body):
            self.denied[operation] += 1
            await _refuse(send, "AccessDeniedException", f"not authorized to perform: {operation}")
        else:
            await self._serve(scope, body, receive, send, operation)

    async def _serve(
        self, scope: MutableMapping[str, Any], body: bytes, rest: Receive, send: Send, operation: str
    ) -> None:
        answer: list[Any] = []
        ahead = [{"type": "http.request", "body": body, "more_body": False}]
        arn = _object(body).get("ConnectionArn") if operation == "DeleteConnection" else None
        is_somebodys = isinstance(arn, str) and arn in self.others() - self.given and self.is_there(arn)
        before = set(self.everything()) if operation == "CreateConnection" else set()

        async def receive() -> Any:
            return ahead.pop() if ahead else await rest()

        async def keep(message: Any) -> None:
            answer.append(message)

        await self.app(scope, receive, keep)
        if answer and answer[0]["status"] == 200:
            self._note(operation, body, before, b"".join(message.get("body", b"") for message in answer))
            self.foreign_gone += [str(arn)] if is_somebodys else []
        for message in answer:
            await send(message)

    def _note(self, operation: str, asked: bytes, before: set[str], answered: bytes) -> None:
        if operation == "CreateConnection":  # whatever it answered: of what is new, what is nobody else's
            self.made |= set(self.everything()) - before - self.others()
            self.given.add(str(_object(answered).get("ConnectionArn")))
        elif operation == "DeleteConnection":
            self.told_gone.add(str(_object(asked).get("ConnectionArn")))
        self.most_alive = max(self.most_alive, len(self.left - self.told_gone))

    def _allows(self, headers: dict[bytes, bytes], operation: str, body: bytes) -> bool:
        """Does the policy allow it? What is no request of an operation, or nobody's, IAM does not get to see."""
        target = headers.get(b"x-amz-target", b"").decode("latin-1")
        service = "codeconnections" if "codeconnections" in target.lower() else "codestar-connections"
        arn = _object(body).get("ConnectionArn")
        is_about_one = operation in {"GetConnection", "DeleteConnection"}
        if b"authorization" not in headers:
            return True
        if operation not in {"CreateConnection", "ListConnections"} and not is_about_one:
            return True
        if is_about_one:
            parts = arn.split(":", 5) if isinstance(arn, str) else []
            if len(parts) != 6 or parts[0] != "arn" or not parts[4].isdecimal():
                return True
            service = parts[2]
        resource = arn if is_about_one else "*"
        return any(
            any(fnmatchcase(f"{service}:{operation}", action) for action in statement["Action"])
            and any(fnmatchcase(str(resource), each) for each in _listed(statement["Resource"]))
            and statement["Condition"]["StringEquals"]["aws:RequestedRegion"] == REGION
            for statement in self.policy["Statement"]
        )

    async def _say_who(self, headers: dict[bytes, bytes], send: Send) -> None:
        self.sts += 1
        account = caller_of(headers.get(b"authorization")).account
        text = (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>arn:aws:iam::{account}:user/somebody</Arn><UserId>AIDA</UserId><Account>{account}</Account>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>"
        )
        await _answer(send, 200, [(b"content-type", b"text/xml")], text.encode())


class _Crowd(_Others):
    """Others, of whom it is known which connections were ever theirs."""

    def __init__(self, *of: Any) -> None:
        self.arns: set[str] = set()
        super().__init__(*of)

    def _newcomer(self, parts: Parts, call: Call) -> Connection:
        connection = super()._newcomer(parts, call)
        self.arns.add(connection.arn)
        return connection


@contextmanager
def pretend_aws(
    mutant: str | None = None,
    *,
    liberties: Sequence[str] = (),
    others: int = OTHERS,
    changes_every: int = 1,
    throttles: bool = True,
) -> Iterator[PretendAws]:
    """A pretended account that serves until the end of the block, with a mutant's fault or the choices of liberties.

    One of the `others` goes and one comes after so many calls.
    """
    import uvicorn

    fault = None if mutant is None else named(mutant)
    chosen = liberties_named(liberties)
    parts = replace(careful_parts(quota=others + QUOTA), admit=SignatureCheck(credentials=_KNOWN))
    for each in (*(() if fault is None else (fault,)), *chosen):
        parts = each.apply(parts)
    crowd = _Crowd(parts, others, (None,)) if others else None
    if crowd is not None:
        crowd.changes_every = changes_every
        parts = replace(parts, handlers=crowd.handlers)
    app = application(parts=parts, edition=EDITIONS[DEFAULT_EDITION])
    if fault is not None:
        app = in_threads(app) if fault.in_threads else app
        app = app if fault.around is None else fault.around(app)
    for each in chosen:
        app = each.around(app)
    contract = load_contract("codestar-connections", None, specs=specs_root())
    allowed = policy(contract, region=REGION, partition="aws", accounts=(ACCOUNT, SECOND_ACCOUNT))
    store = parts.store
    pretended = PretendAws(
        app,
        allowed,
        lambda: [each.arn for each in list(store)],
        lambda: crowd.arns if crowd is not None else set(),
        lambda arn: next(each.name for each in list(store) if each.arn == arn),
    )
    if not throttles:
        pretended.turns_away = lambda _: False
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:
        made = make_certificates(Path(folder), hosts=NAMES)
        config = uvicorn.Config(
            pretended, port=0, lifespan="off", access_log=False, log_level="error",
            ssl_certfile=str(made.certificate), ssl_keyfile=str(made.key), ws="none", http=_protocol(fault, chosen),
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        pretended.url, pretended.ca_bundle = f"https://127.0.0.1:{port}", made.ca_bundle
        try:
            yield pretended
        finally:
            server.should_exit = True
            thread.join(10)


def _protocol(fault: Mutant | None, chosen: Sequence[Liberty]) -> Any:
    """What speaks HTTP: uvicorn's own, unless a fault or a liberty lies below the application."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    protocol: Any = AutoHTTPProtocol
    if fault is not None and fault.protocol is not None:
        protocol = fault.protocol(protocol)
    heads = tuple(each.head for each in chosen if each.head is not None)
    return protocol_with(heads, protocol) if heads else protocol


def environment(pretended: PretendAws, home: Path, **more: str) -> dict[str, str]:
    """What a user of the pretended account has in the environment, and nothing of the developer's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ASSAY_"))}
    kept = {name: value for name, value in kept.items() if "proxy" not in name.lower()}
    source = str(Path(__file__).resolve().parents[1] / "src")
    return {
        **kept,
        "PYTHONPATH": source,
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_CA_BUNDLE": str(pretended.ca_bundle),
        "AWS_ENDPOINT_URL_STS": pretended.url + _STS,
        "AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS": pretended.url,
        "AWS_ENDPOINT_URL_CODECONNECTIONS": pretended.url,
        **more,
    }


def judged(
    pretended: PretendAws, folder: Path, *words: str, listed: tuple[str, ...] = (ACCOUNT,), **more: str
) -> tuple[int, dict[str, Any], str]:
    """Run `assay run --target aws` in a folder: the exit code, the results, and what it said on standard error."""
    (folder / "assay.toml").write_text(f"[allow]\naccounts = {json.dumps(list(listed))}\n")
    usual = ("--target", "aws", "--yes", *SCALED)
    ended = subprocess.run(
        [sys.executable, "-m", "assay", "run", *usual, *words],
        cwd=folder,
        env=environment(pretended, folder, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    place = folder / ".assay" / "results.json"
    results = json.loads(place.read_text()) if place.exists() else {}
    return ended.returncode, results, ended.stderr


def swept(pretended: PretendAws, folder: Path, **more: str) -> int:
    """Run `assay sweep --target aws` in the folder of a run: its exit code."""
    ended = subprocess.run(
        [sys.executable, "-m", "assay", "sweep", "--target", "aws"],
        cwd=folder,
        env=environment(pretended, folder, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return ended.returncode


async def _refuse(send: Send, code: str, message: str) -> None:
    body = json.dumps({"__type": f"com.amazon.coral.service#{code}", "Message": message}).encode()
    await _answer(send, 400, [*_JSON, (b"x-amzn-requestid", os.urandom(8).hex().encode())], body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    fields = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):  # what is nested deeply is the service's to judge
        return {}
    return found if isinstance(found, dict) else {}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
