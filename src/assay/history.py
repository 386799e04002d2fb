"""What was seen: the calls of a run, in order, as frozen values.

A history is all that a law may look at, so it holds what any observer of the wire could have written down (a property
test, a proxy, a recorder in somebody's production) and nothing of why the calls were made. Three rules follow:

* an outcome is `Accepted`, `Refused` or `Unknown`, and it is never guessed: a timeout, a cut connection, a 5xx or an
  answer that nobody can read is `Unknown`, because the call may have had its effect;
* every attempt is a call of its own, a retried one too;
* what would let a reader act as the caller (Authorization, session tokens) is left out when the value is made, not
  when it is printed: a history can be stored and shared.

Times are seconds on one monotonic clock that starts with the run. `dump` and `load` are the JSON Lines form; one line
is one call.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias

from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "CALLERS",
    "FIRST",
    "HANDSHAKE",
    "SECOND",
    "Accepted",
    "Call",
    "History",
    "Leg",
    "Outcome",
    "Raised",
    "Refused",
    "Request",
    "Response",
    "Returned",
    "SdkView",
    "Unknown",
    "dump",
    "load",
    "without_secrets",
]

Leg: TypeAlias = Literal["light", "sdk", "raw", "cli", "beside"]

HANDSHAKE: Final = "handshake"
"""What stands for the operation of a handshake, which the API has not."""

FIRST: Final = "first"
"""The account that a run acts from, where nothing else is said."""

SECOND: Final = "second"
"""The account of a run's second credentials."""

CALLERS: Final = (FIRST, SECOND)

_UNKNOWN_OPERATION: Final = frozenset({"UnknownOperationException", "UnknownOperation", "NotImplemented"})
_SECRET_HEADERS: Final = frozenset({"authorization", "x-amz-security-token", "proxy-authorization", "cookie"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """The endpoint did as it was asked; `output` is the JSON object of its answer (`{}` for an empty body)."""

    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """The endpoint said no: the error's name without its namespace (None where there is none), status, message.

    The status is 0 where nobody saw it.
    """

    code: str | None
    status: int
    message: str | None = None
    throttled: bool = False

    @property
    def is_not_found(self) -> bool:
        """Does it say that the resource does not exist, by name or, where no error is named, by a 404?"""
        return self.code == "ResourceNotFoundException" or (self.code is None and self.status == 404)  # noqa: PLR2004 - HTTP

    @property
    def is_about_quota(self) -> bool:
        """Does it say that the account is full?"""
        return self.code == "LimitExceededException"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether the call had its effect; `reason` is one of the words below, `detail` is for people.

    `unfinished`: the request never became whole, so that whoever waits for more of it, or closes, owes no answer.
    """

    reason: Literal["timeout", "connection", "server-error", "unreadable", "unfinished"]
    detail: str = ""
    throttled: bool = False


Outcome: TypeAlias = Accepted | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Request:
    """The request as it went over the wire, without what would let a reader act as the caller.

    `head` is all that stood before the body, byte for byte but for stars in the place of secrets, where the request was
    no ordinary one and its very form is what is judged; `body` is then what followed, chunks and all. Where `head` is
    None, the request is a POST of `body` as every SDK sends it.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """The answer as it came: status, header fields in order and spelling, the body without its content encoding.

    `flaw` says in words how it contradicts its own header, where it does: it ends too soon, or goes on behind its end.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    flaw: str = ""

    def header(self, name: str) -> str | None:
        """The first value of a header field, whatever the case of its name."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Returned:
    """boto3 returned: `output` is what it returned, without its own ResponseMetadata."""

    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raised:
    """boto3 raised: the name of the exception's class, and the error code that it carries, if it is such a one."""

    exception: str
    code: str | None = None


SdkView: TypeAlias = Returned | Raised
"""What a plain boto3 client, or the AWS CLI, made of an answer; a name that the CLI tells is a ClientError's code."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request and what came of it.

    `operation` is empty, and so is `input`, where the request plainly calls none: what it asks is then for the laws of
    the wire to read from its bytes. `index` numbers the calls of a run in the order in which they were sent. `input` is
    the input as JSON values: a member that is absent was not sent. `start` and `end` are seconds since the run began;
    between them the call had its effect, if it had one.

    `signing` is a word of `assay.signings` and says what was odd about the signature, which itself is not kept. `sdk`
    is what boto3 made of the answer, where the call went through boto3, or the AWS CLI, where it went through that:
    then what the CLI printed is all that was seen, there is no response, and the request is but the plain form of the
    input. A handshake, which is no request of the API, is a call of the leg `beside` with the operation `handshake`:
    it is written down because it changes what later answers may say. `caller` is whose credentials signed it: the first
    account's or the second's, one of `CALLERS`.
    """

    index: int
    operation: str
    input: Mapping[str, Any]
    start: float
    end: float
    outcome: Outcome
    request: Request
    response: Response | None = None
    leg: Leg = "light"
    signing: str = VALID
    sdk: SdkView | None = None
    caller: str = FIRST

    @property
    def is_turned_away(self) -> bool:
        """Was it signed oddly on purpose, and refused? Then it says nothing but about signatures."""
        return self.signing != VALID and isinstance(self.outcome, Refused)

    @property
    def is_not_understood(self) -> bool:
        """Did it go through boto3, or the CLI, to an endpoint that does not know the operation by their name for it?"""
        return self.leg in {"sdk", "cli"} and self._met_no_operation

    @property
    def is_turned_away_at_the_door(self) -> bool:
        """Was it a raw request that whoever looks for the operation refused? Then no operation has said anything."""
        return self.request.head is not None and self._met_no_operation

    @property
    def _met_no_operation(self) -> bool:
        refused = self.outcome
        if not isinstance(refused, Refused):
            return False
        return refused.code in _UNKNOWN_OPERATION or (refused.code is None and refused.status in {404, 405})

    @property
    def is_hearsay(self) -> bool:
        """Is it known from what a command printed alone, so that nobody can say what the answer looked like?"""
        return self.leg == "cli"

    @property
    def is_beside_the_api(self) -> bool:
        """Is it no request of the API, but something done to a connection beside it, such as its handshake?"""
        return self.leg == "beside"

    @property
    def is_retried(self) -> bool:
        """Was it turned away for its rate, so that it says nothing about the contract?"""
        return not isinstance(self.outcome, Accepted) and self.outcome.throttled

    def overlaps(self, other: Call) -> bool:
        """Were the two under way at one moment?"""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class History:
    """Calls in the order in which they were sent."""

    calls: tuple[Call, ...] = ()

    def __iter__(self) -> Iterator[Call]:
        """The calls, first to last."""
        return iter(self.calls)

    def __len__(self) -> int:
        """How many calls there are."""
        return len(self.calls)


def without_secrets(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The header fields but for those that carry a credential, a signature or a session."""
    return tuple((name, value) for name, value in headers if name.lower() not in _SECRET_HEADERS)


def dump(history: Iterable[Call], stream: IO[str]) -> None:
    """Write a history as JSON Lines, one call a line."""
    for call in history:
        stream.write(json.dumps(as_record(call), ensure_ascii=True, separators=(",", ":")) + "\n")


def load(stream: Iterable[str]) -> History:
    """Read a history from JSON Lines.

    Raises:
        ValueError: a line is not a call; the message names its number.

    """
    calls: list[Call] = []
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            calls.append(from_record(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            message = f"line {number} is not a call: {error}"
            raise ValueError(message) from error
    return History(tuple(calls))


def as_record(call: Call) -> dict[str, Any]:
    """A call as JSON values, for JSON Lines and for `results.json`."""
    outcome: dict[str, Any]
    match call.outcome:
        case Accepted(output):
            outcome = {"kind": "accepted", "output": output}
        case Refused(code, status, message, throttled):
            outcome = {"kind": "refused", "code": code, "status": status, "message": message}
            if throttled:
                outcome["throttled"] = True
        case Unknown(reason, detail, throttled):
            outcome = {"kind": "unknown", "reason": reason, "detail": detail}
            if throttled:
                outcome["throttled"] = True
    record: dict[str, Any] = {
        "index": call.index,
        "operation": call.operation,
        "input": call.input,
        "start": round(call.start, 6),
        "end": round(call.end, 6),
        "outcome": outcome,
        "request": {
            "url": call.request.url,
            "headers": [list(field) for field in call.request.headers],
            **_body_record(call.request.body),
        },
        "leg": call.leg,
    }
    if call.request.head is not None:
        record["request"]["head_base64"] = base64.b64encode(call.request.head).decode("ascii")
    record |= _manner_record(call)
    if call.response is not None:
        record["response"] = {
            "status": call.response.status,
            "headers": [list(field) for field in call.response.headers],
            **_body_record(call.response.body),
        }
        if call.response.flaw:
            record["response"]["flaw"] = call.response.flaw
    return record


def from_record(record: Mapping[str, Any]) -> Call:
    """The call that `as_record` wrote."""
    request, response, outcome = record["request"], record.get("response"), record["outcome"]
    return Call(
        index=int(record["index"]),
        operation=record["operation"],
        input=record["input"],
        start=float(record["start"]),
        end=float(record["end"]),
        outcome=_outcome_from(outcome),
        request=Request(
            request["url"],
            _headers_from(request),
            _body_from(request),
            base64.b64decode(request["head_base64"]) if "head_base64" in request else None,
        ),
        response=None
        if response is None
        else Response(int(response["status"]), _headers_from(response), _body_from(response), response.get("flaw", "")),
        leg=record.get("leg", "light"),
        signing=str(record.get("signing", VALID)),
        sdk=_sdk_from(record["sdk"]) if "sdk" in record else None,
        caller=str(record.get("caller", FIRST)),
    )


def _manner_record(call: Call) -> dict[str, Any]:
    """Who signed it, and how, and what boto3 made of it, where there is something to tell."""
    manner: dict[str, Any] = {} if call.caller == FIRST else {"caller": call.caller}
    if call.signing != VALID:
        manner["signing"] = call.signing
    return manner if call.sdk is None else {**manner, "sdk": _sdk_record(call.sdk)}


def _sdk_record(view: SdkView) -> dict[str, Any]:
    if isinstance(view, Returned):
        return {"returned": view.output}
    return {"raised": view.exception, "code": view.code}


def _sdk_from(record: Mapping[str, Any]) -> SdkView:
    if "returned" in record:
        return Returned(record["returned"])
    return Raised(str(record["raised"]), record.get("code"))


def _outcome_from(record: Mapping[str, Any]) -> Outcome:
    kind, throttled = record["kind"], bool(record.get("throttled", False))
    if kind == "accepted":
        return Accepted(record["output"])
    if kind == "refused":
        return Refused(record["code"], int(record["status"]), record.get("message"), throttled)
    if kind == "unknown":
        return Unknown(record["reason"], record.get("detail", ""), throttled)
    message = f"outcome.kind is {kind!r}, not accepted, refused or unknown"
    raise ValueError(message)


def _headers_from(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in record["headers"])


def _body_record(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}


def _body_from(record: Mapping[str, Any]) -> bytes:
    if "body_base64" in record:
        return base64.b64decode(record["body_base64"])
    return str(record.get("body", "")).encode("utf-8")
