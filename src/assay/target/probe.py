"""What is served here? Asked once, before a run judges anything.

An endpoint that serves nothing of the service must not be judged by it: a wall of failures would hide the one thing to
be said, which is that the wrong port was given, or that the emulator lacks the service. So the probe asks for a list
under each service name and each spelling of X-Amz-Target, and, of the service that is wanted, for every other operation
in a way that does nothing: Get and Delete of an ARN with a fresh random id, and a Create without its required members.
(Where that Create is accepted after all, what it made is deleted.)

Then it finds out whether signatures are looked at: a list that is signed with another secret, one with a key that
nobody has and, where both are served, such a Delete of nothing. Whoever serves all three checks no signatures. A
request without any signature is not asked for this: some route by that header and never read what it says.

An answer counts as served unless it says otherwise. A 5xx to a list does; a 5xx to one of the other operations may be
the very fault that the run is there to find.
"""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from assay.errors import TargetError, UsageError
from assay.history import Accepted, Call, Refused, Unknown
from assay.signings import VALID
from assay.target.endpoint import Endpoint, refuse_real_aws
from assay.target.light import SPELLINGS, Spelling
from assay.target.target import MAX_ATTEMPTS, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.caller import Caller
    from assay.contract import Contract
    from assay.gate import Gate
    from assay.target.credentials import Credentials

__all__ = ["NotServed", "Served", "Serving", "is_about_auth", "probe"]

_ENOUGH: Final = 100  # calls with which a run can begin, and judge a little
_CALLS_WORTH: Final = 3  # the probe takes no longer than so many calls that time out
_ACCOUNT: Final = "000000000000"
_SHORT_ONLY: Final = "boto3 sends the long spelling of X-Amz-Target, which this endpoint does not know"
_UNKNOWN_OPERATION: Final = frozenset(
    {
        *("UnknownOperationException", "UnknownOperation", "UnknownAction", "InvalidAction", "MissingAction"),
        *("NotImplemented", "NotImplementedException", "NotImplementedError", "UnsupportedOperation"),
        *("UnknownService", "UnknownServiceException", "MethodNotAllowed", "NoSuchBucket", "NotFound"),
    }
)
_AUTH: Final = frozenset(
    {
        *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "OptInRequired", "AuthFailure"),
        *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "Forbidden"),
        *("InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException"),
        *("MissingAuthenticationToken", "MissingAuthenticationTokenException", "ExpiredToken", "ExpiredTokenException"),
        *("RequestExpired", "InvalidToken", "InvalidTokenException", "UnauthorizedException", "NotAuthorizedException"),
    }
)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED, _NOT_IMPLEMENTED = 401, 403, 404, 405, 501


@dataclass(frozen=True, slots=True)
class Served:
    """The operation is there."""


@dataclass(frozen=True, slots=True)
class NotServed:
    """The operation is not there; `reason` is what the endpoint answered."""

    reason: str


Way: TypeAlias = tuple[str, Spelling]
"""A service's name and a spelling of X-Amz-Target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What a run can use, what else there is, what is missing, and the calls that showed it."""

    service: str
    spelling: Spelling
    also: tuple[Way, ...]
    missing: tuple[Way, ...]
    operations: Mapping[str, Served | NotServed]
    sdk_leg: bool
    sdk_reason: str | None
    checks_signatures: bool
    calls: tuple[Call, ...]


def probe(  # noqa: PLR0913 - the outside world, as for a target
    endpoint: Endpoint,
    contracts: Mapping[str, Contract],
    wanted: str,
    *,
    credentials: Credentials,
    region: str,
    timeout: float = 10.0,
    clock: Callable[[], float] = time.perf_counter,
    rng: random.Random | None = None,
    sleep: Callable[[float], None] = time.sleep,
    ca_bundle: str | None = None,
    max_calls: int | None = None,
    gate: Gate | None = None,
    watched: Callable[[Caller], Caller] = lambda caller: caller,
) -> Serving:
    """Find out what an endpoint serves of the wanted service, and under which names.

    Raises:
        TargetError: it cannot be reached, lets the caller not in, or serves nothing of the service.
        UnsafeTargetError: it is AWS itself.
        UsageError: there is no contract of the wanted service, or `max_calls` are too few to find out.

    """
    refuse_real_aws(endpoint)
    if wanted not in contracts:
        raise UsageError(f"there is no contract of {wanted}", hint=f"there are {', '.join(sorted(contracts))}")
    origin = clock()
    give_up_at = origin + _CALLS_WORTH * timeout
    jitter = random.Random() if rng is None else rng  # noqa: S311 - it jitters pauses
    calls: list[Call] = []
    targets: list[Target] = []

    def ask_as(service: str, spelling: Spelling) -> _Ask:
        target = Target(
            endpoint,
            contracts[service],
            credentials,
            region,
            spelling=spelling,
            clock=clock,
            timeout=timeout,
            rng=jitter,
            sleep=sleep,
            ca_bundle=ca_bundle,
            origin=origin,
            gate=gate,
        )
        targets.append(target)
        return _Ask(target, watched(target), calls, give_up_at, max_calls)

    try:
        return _Probe(endpoint, contracts, wanted, region, ask_as).serving(calls)
    finally:
        for target in targets:
            target.close()


class _Ask:
    """Makes a call one way and notes all its attempts among the probe's."""

    def __init__(
        self, target: Target, caller: Caller, calls: list[Call], give_up_at: float, max_calls: int | None
    ) -> None:
        self._target, self._caller, self._calls = target, caller, calls
        self._give_up_at, self._max_calls = give_up_at, max_calls

    def __call__(self, operation: str, given: Mapping[str, Any], signing: str = VALID) -> Call | None:
        """The answer; None where the probe's time is over. A hiccup (a 5xx, a cut connection) is made good."""
        answer = self._once(operation, given, signing)
        if answer is None or not isinstance(answer.outcome, Unknown) or answer.is_retried:
            return answer
        is_hiccup = answer.outcome.reason in {"server-error", "connection"}
        return (self._once(operation, given, signing) or answer) if is_hiccup else answer

    def _once(self, operation: str, given: Mapping[str, Any], signing: str) -> Call | None:
        self._target.calls_made = len(self._calls)
        left = MAX_ATTEMPTS if self._max_calls is None else self._max_calls - len(self._calls)
        if left < 1:
            raise UsageError(
                f"--max-calls {self._max_calls} is not enough to find out what {self._target.endpoint.url} serves",
                hint=f"give {_ENOUGH} or more",
            )
        attempts = self._caller.call(
            operation, given, give_up_at=self._give_up_at, max_attempts=left, signing=signing
        )
        self._calls.extend(attempts)
        return attempts[-1] if attempts else None


class _Probe:
    """The questions, in their order."""

    def __init__(
        self,
        endpoint: Endpoint,
        contracts: Mapping[str, Contract],
        wanted: str,
        region: str,
        ask_as: Callable[[str, Spelling], _Ask],
    ) -> None:
        self._endpoint, self._contracts, self._wanted, self._region = endpoint, contracts, wanted, region
        self._contract = contracts[wanted]
        self._ask_as = ask_as

    def serving(self, calls: list[Call]) -> Serving:
        """Ask, and conclude."""
        wanted = self._wanted
        seen: dict[Way, Call | None] = {}
        asks: dict[Way, _Ask] = {}
        for service in (wanted, *(other for other in self._contracts if other != wanted)):
            listing = self._contracts[service].list.name
            for spelling in SPELLINGS:
                way = (service, spelling)
                asks[way] = self._ask_as(service, spelling)
                seen[way] = asks[way](listing, {})
                if service == wanted:
                    self._check_reached(seen[way], is_first=len(seen) == 1)
        served = [way for way, call in seen.items() if self._refusal(call, way[0]) is None]
        spellings = [how for service, how in served if service == wanted] or self._served_without_list(asks)
        if not spellings:
            raise self._nothing_served(seen, served)
        spelling = spellings[0]
        way = (wanted, spelling)
        operations = self._operations(asks[way], seen[way])
        sdk_reason = None if spelling == "long" else _SHORT_ONLY
        return Serving(
            service=wanted,
            spelling=spelling,
            also=tuple(each for each in served if each != way),
            missing=tuple(each for each in seen if each not in served and each != way),
            operations=operations,
            sdk_leg=sdk_reason is None,
            sdk_reason=sdk_reason,
            checks_signatures=self._checks_signatures(asks[way], is_list_served=way in served),
            calls=tuple(calls),
        )

    def _check_reached(self, call: Call | None, *, is_first: bool) -> None:
        """Stop at an endpoint that is not there, or that does not let the caller in."""
        if call is None:
            raise TargetError(f"{self._endpoint.url} did not answer in time", hint="is it the right port?")
        outcome = call.outcome
        if is_first and isinstance(outcome, Unknown) and outcome.reason in {"timeout", "connection"}:
            raise TargetError(
                f"{self._endpoint.url} cannot be reached: {call.operation} {_seen(call)}",
                hint="is it running, and is this the right port?",
            )
        if call.is_retried:
            raise TargetError(
                f"{self._endpoint.url} turns away every call for its rate: {call.operation} {_seen(call)}",
                hint="wait, or raise the limit",
            )
        is_denied = isinstance(outcome, Refused) and outcome.code in _DENIED and self._endpoint.account is not None
        if is_denied:
            return  # at AWS, what one action is missing for is no reason to leave the others out
        if is_first and isinstance(outcome, Refused) and is_about_auth(outcome):
            raise TargetError(
                f"{self._endpoint.url} does not let these credentials in: {call.operation} {_seen(call)}",
                hint="--profile names other credentials; so do AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            )

    def _served_without_list(self, asks: Mapping[Way, _Ask]) -> list[Spelling]:
        """The spellings under which at least a Get is served: an endpoint may lack nothing but the list."""
        found: list[Spelling] = []
        for spelling in SPELLINGS:
            call = asks[self._wanted, spelling](self._contract.get.name, self._fresh())
            if call is not None and self._refusal(call, self._wanted) is None and isinstance(call.outcome, Refused):
                found.append(spelling)
        return found

    def _operations(self, ask: _Ask, listed: Call | None) -> dict[str, Served | NotServed]:
        operations: dict[str, Served | NotServed] = {}
        for name, operation in self._contract.operations.items():
            if operation.role == "list":
                reason = self._refusal(listed, self._wanted)
            elif operation.role in {"get", "delete"}:
                reason = self._refusal(ask(name, self._fresh()), self._wanted, lenient=True)
            else:
                call = ask(name, {})
                reason = self._refusal(call, self._wanted, lenient=True)
                self._undo(ask, call)
            operations[name] = Served() if reason is None else NotServed(reason)
        return operations

    def _checks_signatures(self, ask: _Ask, *, is_list_served: bool) -> bool:
        """Is a request refused because of how it is signed? The same, signed well, is served."""
        listing, delete = self._contract.list.name, self._contract.delete.name
        for signing in ("wrong-secret", "unknown-key") if is_list_served else ():
            call = ask(listing, {}, signing)
            if call is not None and call.is_turned_away and not call.is_retried:
                return True
        call = ask(delete, self._fresh(), "wrong-secret")
        return call is not None and isinstance(call.outcome, Refused) and is_about_auth(call.outcome)

    def _undo(self, ask: _Ask, call: Call | None) -> None:
        """Delete what a Create made that ought to have been refused."""
        if call is not None and isinstance(call.outcome, Accepted):
            identity = self._contract.resource.identity
            arn = call.outcome.output.get(identity)
            if isinstance(arn, str) and arn:
                ask(self._contract.delete.name, {identity: arn})

    def _fresh(self) -> dict[str, str]:
        """The ARN of nothing: its id has 122 random bits."""
        noun = self._contract.resource.noun
        account = self._endpoint.account or _ACCOUNT
        arn = f"arn:aws:{self._contract.service}:{self._region}:{account}:{noun}/{uuid.uuid4()}"
        return {self._contract.resource.identity: arn}

    def _refusal(self, call: Call | None, service: str, *, lenient: bool = False) -> str | None:
        return _refusal_to_serve(call, self._contracts[service].error_names, lenient=lenient)

    def _nothing_served(self, seen: Mapping[Way, Call | None], served: list[Way]) -> TargetError:
        call = seen[self._wanted, "long"]
        what = "" if call is None else f": {call.operation} {_seen(call)}"
        message = f"no operation of {self._wanted} is served at {self._endpoint.url}{what}"
        if served:
            return TargetError(f"{message}; {served[0][0]} is served", hint=f"--service {served[0][0]}")
        return TargetError(message, hint="is it the right port, and does the emulator know the service?")


def _refusal_to_serve(call: Call | None, named: frozenset[str], *, lenient: bool) -> str | None:
    """What the endpoint answered if it says that it does not serve this; None if it serves it.

    `named` are the errors that a contract names. Where `lenient`, an answer that may be a fault in serving (a 5xx,
    silence) is not taken for a refusal to serve.
    """
    if call is None:
        return "was not asked: the probe's time was over"
    outcome, response = call.outcome, call.response
    if isinstance(outcome, Accepted):
        return None
    if isinstance(outcome, Refused):
        is_denied = (
            outcome.code in _UNKNOWN_OPERATION
            or (outcome.status in {_NOT_FOUND, _NOT_ALLOWED} and outcome.code not in named)
            or _is_html(call)
        )
        return _seen(call) if is_denied else None
    if lenient and not _is_html(call):
        is_denied = response is not None and (
            response.status == _NOT_IMPLEMENTED or any(word in outcome.detail for word in _UNKNOWN_OPERATION)
        )
        return _seen(call) if is_denied else None
    return _seen(call)


def is_about_auth(outcome: Refused) -> bool:
    """Does it say that the caller is not let in?"""
    return outcome.code in _AUTH or (outcome.code is None and outcome.status in {_UNAUTHORIZED, _FORBIDDEN})


def _is_html(call: Call) -> bool:
    response = call.response
    if response is None:
        return False
    return "html" in (response.header("content-type") or "").lower() or response.body.lstrip()[:1] == b"<"


def _seen(call: Call) -> str:
    """What was answered, in a few printable words."""
    outcome, response = call.outcome, call.response
    if response is None:
        assert isinstance(outcome, Unknown)
        return f"was not answered ({_plain(outcome.detail)})"
    code = outcome.code if isinstance(outcome, Refused) else None
    content_type = (response.header("content-type") or "no content type").partition(";")[0]
    said = f"answered {response.status} {_plain(code or content_type)}"
    if isinstance(outcome, Unknown) and outcome.reason == "unreadable":
        said += f" ({_plain(outcome.detail)})"
    return said


def _plain(text: str) -> str:
    """Text of an endpoint, cut and without anything that a terminal would obey."""
    return "".join(each if each.isprintable() else "?" for each in text[:120])
