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
import time
from typing import TYPE_CHECKING, Any, Final

from assay.history import Call, Leg, Request, Response, Unknown
from assay.target.endpoint import Endpoint, refuse_real_aws
from assay.target.light import LightLeg, Spelling
from assay.target.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.contract import Contract
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
    """An endpoint as one caller sees it; not for two threads at once.

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
    ) -> None:
        refuse_real_aws(endpoint)
        self.endpoint, self.contract, self.region, self.spelling = endpoint, contract, region, spelling
        self.clock, self.timeout = clock, timeout
        self.origin = clock() if origin is None else origin
        self.calls_made = calls_made
        self._credentials, self._ca_bundle = credentials, ca_bundle
        self._rng = random.Random() if rng is None else rng  # noqa: S311 - it jitters pauses
        self._sleep = sleep
        self._sdk: SdkLeg | None = None
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
    ) -> tuple[Call, ...]:
        """Make a call, again while it is turned away for its rate; of all the attempts, the last is the answer.

        `give_up_at` is a reading of `clock` that no attempt and no pause goes beyond. Where it has passed already
        nothing is sent, and there are no attempts. `max_attempts` is for whoever has not so many calls to spend.
        """
        calls: list[Call] = []
        pause = _FIRST_PAUSE
        while True:
            limit = self.timeout if timeout is None else timeout
            if give_up_at is not None:
                limit = min(limit, give_up_at - self.clock())
                if limit <= 0:
                    return tuple(calls)
            call = self._attempt(operation, input, leg, limit)
            calls.append(call)
            if not call.is_retried or len(calls) >= min(max_attempts, MAX_ATTEMPTS):
                return tuple(calls)
            wait = max(pause * self._rng.uniform(0.5, 1.0), min(_retry_after(call.response), _LONGEST_PAUSE))
            if give_up_at is not None and self.clock() + wait >= give_up_at:
                return tuple(calls)
            self._sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def close(self) -> None:
        """Close the connections; the next call opens them again."""
        self._light.close()
        if self._sdk is not None:
            self._sdk.close()
            self._sdk = None

    def _attempt(self, operation: str, input: Mapping[str, Any], leg: Leg, timeout: float) -> Call:  # noqa: A002 - as above
        if leg == "sdk":
            # Where boto3 cannot say such an input, nothing was sent, and the light leg can.
            for interval, exchange in self._boto3().attempts(operation, input, timeout):
                return self._noted(operation, input, interval, exchange, "sdk")
        payload = encode(input)
        start = self.clock()
        exchange = self._light.exchange(operation, payload, timeout)
        return self._noted(operation, input, (start, self.clock()), exchange, "light")

    def _noted(
        self,
        operation: str,
        input: Mapping[str, Any],  # noqa: A002 - as above
        interval: tuple[float, float],
        exchange: tuple[Request, Response | None, Unknown | None],
        leg: Leg,
    ) -> Call:
        request, response, unknown = exchange
        start, end = interval
        outcome = unknown if unknown is not None else read(operation, response) if response is not None else _NOTHING
        index = self.calls_made
        self.calls_made += 1
        origin = self.origin
        return Call(index, operation, input, start - origin, end - origin, outcome, request, response, leg)

    def _boto3(self) -> SdkLeg:
        if self._sdk is None:
            from assay.target.sdk import SdkLeg  # noqa: PLC0415 - it imports boto3: 0.4 s, and only for who asks

            self._sdk = SdkLeg(
                self.endpoint,
                self.contract,
                self._credentials,
                self.region,
                ca_bundle=self._ca_bundle,
                clock=self.clock,
            )
        return self._sdk


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
