"""The target of a run: an operation and its input go in, the calls that it took come out.

Every attempt is a call of its own, numbered over the whole run, also one that was turned away for its rate and made
again: only throttling is repeated, with a jittered back-off that grows, up to a bound, and never beyond the time that
the caller has. Whatever else an endpoint does is written down and handed back. What a call means to the contract is not
known here.
"""

from __future__ import annotations

import email.utils
import json
import random
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from assay.asked import asked, plain_call
from assay.budget import BudgetSpentError
from assay.history import FIRST, HANDSHAKE, Call, Leg, Outcome, Request, Response, SdkView, Unknown
from assay.recipe import compose
from assay.signings import VALID
from assay.target.burst import Burst
from assay.target.endpoint import Endpoint, refuse_real_aws
from assay.target.light import LightLeg, Spelling
from assay.target.raw import RawLeg
from assay.target.reading import read
from assay.target.wire import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.contract import Contract
    from assay.gate import Gate
    from assay.recipe import Recipe
    from assay.target.credentials import Credentials
    from assay.target.sdk import SdkLeg

__all__ = ["MAX_ATTEMPTS", "Target", "encode"]

MAX_ATTEMPTS: Final = 8
"""How often a call is made while it is turned away for its rate."""

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ASCII_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


class Target:
    """An endpoint as one caller sees it; not for two threads at once, of which each takes a `twin`.

    `origin` and `calls_made` let a target go on where another stopped: the calls of a run share one clock and one
    numbering.
    """

    def __init__(  # noqa: PLR0913 - all that the outside world is made of enters here
        self,
        endpoint: Endpoint,
        contract: Contract,
        credentials: Credentials,
        region: str,
        *,
        spelling: Spelling = "long",
        clock: Callable[[], float] = time.perf_counter,
        timeout: float = 10.0,
        rng: random.Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
        ca_bundle: str | None = None,
        origin: float | None = None,
        calls_made: int = 0,
        gate: Gate | None = None,
        caller: str = FIRST,
    ) -> None:
        refuse_real_aws(endpoint)
        self.endpoint, self.contract, self.region, self.spelling = endpoint, contract, region, spelling
        self.clock, self.timeout, self.caller = clock, timeout, caller
        self.origin = clock() if origin is None else origin
        self._numbers = Numbers(calls_made)
        self._twins: dict[int, Target] = {}
        self._burst: Burst | None = None
        self._credentials, self._signs_as, self._ca_bundle = credentials, credentials, ca_bundle
        self._rng = random.Random() if rng is None else rng  # noqa: S311 - it jitters pauses
        self._sleep = sleep
        self._gate = gate
        self._sdk: SdkLeg | None = None
        self._raw_leg: RawLeg | None = None
        self._light = LightLeg(
            endpoint, contract, credentials, region, spelling=spelling, ca_bundle=ca_bundle, clock=clock
        )

    def __repr__(self) -> str:
        """The endpoint and the service, and nothing of the caller."""
        return f"Target({self.endpoint.url!r}, {self.contract.service!r}, {self.region!r}, spelling={self.spelling!r})"

    def call(  # noqa: PLR0913 - what a call can be told, by name
        self,
        operation: str,
        input: Mapping[str, Any],  # noqa: A002 - AWS' word, and the history's
        *,
        leg: Leg = "light",
        timeout: float | None = None,
        give_up_at: float | None = None,
        max_attempts: int = MAX_ATTEMPTS,
        signing: str = VALID,
    ) -> tuple[Call, ...]:
        """Make a call, again while it is turned away for its rate; of all the attempts, the last is the answer.

        `signing` is a word of `assay.signings`; what is not signed as it should be goes over the light leg.

        `give_up_at` is a reading of `clock` that no attempt and no pause goes beyond. Where it has passed already
        nothing is sent, and there are no attempts. `max_attempts` is for whoever has not so many calls to spend.
        """
        calls: list[Call] = []
        while True:
            if not self._is_admitted(operation, give_up_at, calls):
                return tuple(calls)
            limit = self.timeout if timeout is None else timeout
            if give_up_at is not None:
                limit = min(limit, give_up_at - self.clock())
                if limit <= 0:
                    return tuple(calls)
            call = self._heard(self._attempt(operation, input, leg, limit, signing))
            calls.append(call)
            # A command takes a second to start: it is given once.
            if not call.is_retried or call.is_hearsay or len(calls) >= min(max_attempts, MAX_ATTEMPTS):
                return tuple(calls)
            if not self._waits(calls, give_up_at):
                return tuple(calls)

    def _waits(self, calls: Sequence[Call], give_up_at: float | None) -> bool:
        """Wait before a call that was turned away is made again; False where it would be too late then."""
        pause = min(_FIRST_PAUSE * 2 ** (len(calls) - 1), _LONGEST_PAUSE)
        wait = max(self._jittered(pause, len(calls)), min(_retry_after(calls[-1].response), _LONGEST_PAUSE))
        if give_up_at is not None and self.clock() + wait >= give_up_at:
            return False
        self._sleep(wait)
        return True

    def burst(
        self,
        requests: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        give_up_at: float | None = None,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> list[tuple[Call, ...]]:
        """Make several calls at once: for each request all its attempts, of which the last is the answer.

        The requests go out back to back, each on a connection of its own, before any answer is read. What is turned
        away for its rate is sent again, at once again, after a pause. `give_up_at` and `max_attempts` (of each request)
        as for `call`; where the time has passed already, there are no attempts.
        """
        attempts: list[list[Call]] = [[] for _ in requests]
        payloads = [(operation, encode(members)) for operation, members in requests]
        open_places = list(range(len(requests)))
        pause = _FIRST_PAUSE
        while True:
            limit = self.timeout if give_up_at is None else min(self.timeout, give_up_at - self.clock())
            if limit <= 0:
                break
            if not all(self._is_admitted(payloads[place][0], give_up_at, payloads) for place in open_places):
                break
            sent = self._together().send([payloads[place] for place in open_places], limit)
            for place, (index, interval, exchange) in zip(open_places, sent, strict=True):
                attempts[place].append(self._heard(self._noted(index, requests[place], interval, exchange)))
            open_places = [place for place in open_places if attempts[place][-1].is_retried]
            tried = max(map(len, attempts), default=0)
            if not open_places or tried >= min(max_attempts, MAX_ATTEMPTS):
                break
            asked_for = max(_retry_after(attempts[place][-1].response) for place in open_places)
            wait = max(self._jittered(pause, tried), min(asked_for, _LONGEST_PAUSE))
            if give_up_at is not None and self.clock() + wait >= give_up_at:
                break
            self._sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return [tuple(calls) for calls in attempts]

    def twin(self, number: int) -> Target:
        """The `number`-th other caller of this endpoint: connections of its own, the same clock and numbering."""
        if number not in self._twins:
            self._twins[number] = self.signed_by(self._credentials, caller=self.caller)
        return self._twins[number]

    def elsewhere(self, endpoint: Endpoint, region: str) -> Target:
        """Another Region, as the same caller, at its endpoint. Who makes such a target closes it."""
        return self._other(endpoint, self._credentials, region, self.caller)

    def signed_by(self, credentials: Credentials, *, caller: str) -> Target:
        """The same endpoint with other credentials: connections of its own, the same clock and numbering.

        `caller` is what its calls say of whose credentials they are. Who makes such a target closes it.
        """
        return self._other(self.endpoint, credentials, self.region, caller)

    def _other(self, endpoint: Endpoint, credentials: Credentials, region: str, caller: str) -> Target:
        other = Target(
            endpoint,
            self.contract,
            credentials,
            region,
            spelling=self.spelling,
            clock=self.clock,
            timeout=self.timeout,
            rng=random.Random(self._rng.random()),  # noqa: S311 - it jitters pauses
            sleep=self._sleep,
            ca_bundle=self._ca_bundle,
            origin=self.origin,
            gate=self._gate,
            caller=caller,
        )
        other._numbers = self._numbers
        return other

    @property
    def calls_made(self) -> int:
        """How many calls were made, its twins' and those that were made before it included."""
        return self._numbers.given

    @calls_made.setter
    def calls_made(self, calls: int) -> None:
        self._numbers.given = calls

    def send(
        self,
        recipe: Recipe,
        members: Mapping[str, Any],
        *,
        give_up_at: float | None = None,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> tuple[Call, ...]:
        """Send the request of a recipe, whose base has these members, as it is, and again as `call` does.

        Where it plainly calls an operation, the call says so; where not, it has no operation and no input.
        """
        message = compose(
            recipe,
            self.contract,
            members,
            spelling=self.spelling,
            host=self.endpoint.authority,
            path=self.endpoint.path,
        )
        roles = {operation.role: name for name, operation in self.contract.operations.items()}
        calls: list[Call] = []
        while self._is_admitted(roles.get(recipe.base, ""), give_up_at, calls):
            limit = self.timeout if give_up_at is None else min(self.timeout, give_up_at - self.clock())
            if limit <= 0:
                break
            start = self.clock()
            exchange = self._raw().exchange(message, limit)
            interval = start, self.clock()
            asks = asked(Call(0, "", {}, 0.0, 0.0, _NOTHING, exchange[0]), self.contract)
            plain = plain_call(asks, self.contract)
            calls.append(self._heard(self._noted(self._numbers.next(), plain, interval, exchange, "raw")))
            is_last = not calls[-1].is_retried or len(calls) >= min(max_attempts, MAX_ATTEMPTS)
            if is_last or not self._waits(calls, give_up_at):
                break
        return tuple(calls)

    def beside(self, members: Mapping[str, Any], deed: Callable[[], Outcome]) -> Call:
        """Do something beside the API, and number and time it like a call; it passes no gate, being none."""
        index, start = self._numbers.next(), self.clock()
        outcome = deed()
        request = Request(self.endpoint.url, (), encode(members))
        interval = start - self.origin, self.clock() - self.origin
        return Call(index, HANDSHAKE, members, *interval, outcome, request, leg="beside")

    def close(self) -> None:
        """Close the connections; the next call opens them again."""
        self._light.close()
        if self._burst is not None:
            self._burst.close()
        for twin in self._twins.values():
            twin.close()
        if self._raw_leg is not None:
            self._raw_leg.close()
        if self._sdk is not None:
            self._sdk.close()
            self._sdk = None

    def _attempt(
        self,
        operation: str,
        input: Mapping[str, Any],  # noqa: A002 - as above
        leg: Leg,
        timeout: float,
        signing: str,
    ) -> Call:
        if leg == "sdk" and signing == VALID:
            # Where boto3 cannot say such an input, nothing was sent, and the light leg can.
            attempts, view = self._boto3().attempts(operation, input, timeout)
            for interval, exchange in attempts:
                call = self._noted(self._numbers.next(), (operation, input), interval, exchange)
                return replace(call, leg="sdk", sdk=view)
        payload = encode(input)
        index = self._numbers.next()
        start = self.clock()
        if leg == "cli" and signing == VALID:
            # Where no command says such an input, or there is no CLI, the light leg can.
            heard = self._commanded(operation, input, timeout)
            if heard is not None:
                request = Request(self.endpoint.url, (), payload)
                interval = (start - self.origin, self.clock() - self.origin)
                return Call(index, operation, input, *interval, heard[0], request, leg="cli", sdk=heard[1])
        if signing == VALID:
            exchange = self._light.exchange(operation, payload, timeout)
            return self._noted(index, (operation, input), (start, self.clock()), exchange)
        exchange = self._light.exchange_missigned(operation, payload, timeout, signing)
        return replace(self._noted(index, (operation, input), (start, self.clock()), exchange), signing=signing)

    def _together(self) -> Burst:
        if self._burst is None:
            self._burst = Burst(
                self._light,
                lambda: Connection(self.endpoint, ca_bundle=self._ca_bundle, clock=self.clock),
                clock=self.clock,
                number=self._numbers.next,
                let_go=self._let_go,
            )
        return self._burst

    def _let_go(self) -> None:
        """Close what is open beside a burst."""
        self._light.close()
        for twin in self._twins.values():
            twin.close()
        if self._sdk is not None:
            self._sdk.close()
            self._sdk = None

    def _noted(
        self,
        index: int,
        asked: tuple[str, Mapping[str, Any]],
        interval: tuple[float, float],
        exchange: tuple[Request, Response | None, Unknown | None],
        leg: Leg = "light",
    ) -> Call:
        request, response, unknown = exchange
        operation, members = asked
        start, end = interval
        outcome = unknown if unknown is not None else read(operation, response) if response is not None else _NOTHING
        origin = self.origin
        return Call(
            index, operation, members, start - origin, end - origin, outcome, request, response, leg, caller=self.caller
        )

    def _is_admitted(self, operation: str, give_up_at: float | None, made: Sequence[object] = ()) -> bool:
        """Wait for the turn of a call; false where the plan ends, and what was `made` before is still to be told."""
        if self._gate is None or (give_up_at is not None and self.clock() >= give_up_at):
            return True
        try:
            self._gate.admit(operation)
        except BudgetSpentError:
            if not made:
                raise
            return False
        return True

    def _heard(self, call: Call) -> Call:
        if self._gate is not None:
            self._gate.heard(call)
        return call

    def _jittered(self, pause: float, attempts: int) -> float:
        """A pause after so many attempts: from half of it, or, where the SDKs' rules hold, from nothing."""
        if self._gate is None:
            return pause * self._rng.uniform(0.5, 1.0)
        return self._gate.pause(attempts - 1, pause) * self._rng.uniform(0.0, 1.0)

    def _renew(self) -> None:
        """Part with the legs that sign with credentials which have been renewed since; the light leg does it itself."""
        current = self._credentials.current()
        if current is self._signs_as:
            return
        self._signs_as = current
        for leg in (self._raw_leg, self._sdk):
            if leg is not None:
                leg.close()
        self._raw_leg = self._sdk = None

    def _raw(self) -> RawLeg:
        self._renew()
        if self._raw_leg is None:
            self._raw_leg = RawLeg(
                self.endpoint,
                self._signs_as,
                self.region,
                self.contract.signing_name,
                ca_bundle=self._ca_bundle,
                clock=self.clock,
            )
        return self._raw_leg

    def _commanded(
        self, operation: str, members: Mapping[str, Any], timeout: float
    ) -> tuple[Outcome, SdkView | None] | None:
        from assay.target.cli import CliLeg, find_cli  # noqa: PLC0415 - it imports botocore, and only for who asks

        command = find_cli()
        if command is None:
            return None
        leg = CliLeg(command, self.endpoint, self.contract, self.region, ca_bundle=self._ca_bundle)
        return leg.call(operation, members, self._credentials.current(), timeout)

    def _boto3(self) -> SdkLeg:
        self._renew()
        if self._sdk is None:
            from assay.target.sdk import SdkLeg  # noqa: PLC0415 - it imports boto3: 0.4 s, and only for who asks

            self._sdk = SdkLeg(
                self.endpoint,
                self.contract,
                self._signs_as,
                self.region,
                ca_bundle=self._ca_bundle,
                clock=self.clock,
            )
        return self._sdk


class Numbers:
    """Numbers for the calls of a run, in the order in which they are sent, whoever sends them."""

    def __init__(self, first: int) -> None:
        self.given = first
        self._lock = threading.Lock()

    def next(self) -> int:
        """The next number."""
        with self._lock:
            self.given += 1
            return self.given - 1


_NOTHING: Final = Unknown("connection", "no answer and no reason")


def encode(input: Mapping[str, Any]) -> bytes:  # noqa: A002 - as above
    """An input as the body of its request: UTF-8, but escaped where a lone surrogate leaves no other way."""
    try:
        return _ENCODER.encode(input).encode()
    except UnicodeEncodeError:
        return _ASCII_ENCODER.encode(input).encode()


def _retry_after(response: Response | None) -> float:
    """The seconds that the endpoint asks for, as a number or a date; 0 where it does not, or not understandably."""
    said = None if response is None else response.header("retry-after")
    if said is None:
        return 0.0
    if said.strip().isdecimal():
        return float(said[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
