"""Several requests at once from one thread: sent back to back over as many open connections, then the answers are read.

No other way makes an endpoint work on so many requests within so few microseconds: they are signed beforehand, the
connections are open, and between two of them lies one system call. There is never more than one request on a
connection (no pipelining).

What an endpoint may do to a burst is decided here:

* it may take fewer connections than asked for: from then on bursts are as wide as what it took, and the rest goes out
  in a second wave;
* it may serve one connection at a time, and the next one only when the first is closed: where nothing comes for a
  while, connections that were answered are closed, and once that has helped they are closed at once;
* it may close after every answer: a connection is opened again before the next burst, not during it.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.history import Request, Response, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.target.light import LightLeg
    from assay.target.wire import Connection

__all__ = ["Burst", "Exchanged"]

Exchanged: TypeAlias = tuple[int, tuple[float, float], tuple[Request, Response | None, Unknown | None]]
"""The number of a call, the readings of the clock around it, and the exchange."""

_TO_CONNECT_S: Final = 1.0  # for any connection but the first, before it counts as one too many
_SILENCE_S: Final = 0.25  # without any answer, before connections that were answered are closed
_LAST_LOOK_S: Final = 0.005  # for an answer that has come by the deadline and has not been read


class Burst:
    """Connections to send on at once. `number` gives the calls their numbers, in the order in which they are sent.

    `let_go` closes what else is open to the endpoint, for one that serves a single connection at a time.
    """

    def __init__(
        self,
        leg: LightLeg,
        connect: Callable[[], Connection],
        *,
        clock: Callable[[], float],
        number: Callable[[], int],
        let_go: Callable[[], None],
    ) -> None:
        self._leg, self._connect, self._clock, self._number, self._let_go = leg, connect, clock, number, let_go
        self._connections: list[Connection] = []
        self._widest: int | None = None
        self._one_at_a_time = False

    def send(self, requests: Sequence[tuple[str, bytes]], timeout: float) -> list[Exchanged]:
        """Send operations' inputs at once; the exchanges, in the order of the requests."""
        exchanged: list[Exchanged] = []
        if self._one_at_a_time:
            self._let_go()
        while len(exchanged) < len(requests):
            exchanged += self._wave(requests[len(exchanged) :][: self._widest], timeout)
        if self._one_at_a_time:
            self.close()
        return exchanged

    def close(self) -> None:
        """Close the connections; the next burst opens them again."""
        for connection in self._connections:
            connection.close()

    def _wave(self, requests: Sequence[tuple[str, bytes]], timeout: float) -> list[Exchanged]:
        signed = [self._leg.signed(operation, payload) for operation, payload in requests]
        connections, trouble = self._opened(len(signed), timeout)
        if trouble is not None:
            return [self._unsent(request, trouble) for _, request, _ in signed]
        numbers: list[int] = []
        starts: list[float] = []
        failed: dict[int, Unknown] = {}
        deadline = self._clock() + timeout
        for place, connection in enumerate(connections):
            numbers.append(self._number())
            starts.append(self._clock())
            unsent = connection.post(signed[place][0], deadline)
            if unsent is not None:
                failed[place] = unsent
        came = self._answers(connections, failed, deadline)
        exchanged: list[Exchanged] = []
        for place, (end, response, unknown) in sorted(came.items()):
            _, request, authorization = signed[place]
            answer = self._leg.without_echo(response, authorization)
            exchanged.append((numbers[place], (starts[place], end), (request, answer, unknown)))
        return exchanged

    def _opened(self, count: int, timeout: float) -> tuple[list[Connection], Unknown | None]:
        """So many open connections, or as many as the endpoint takes; and why there is not even one."""
        while len(self._connections) < count:
            self._connections.append(self._connect())
        for place, connection in enumerate(self._connections[:count]):
            patience = timeout if place == 0 else min(timeout, _TO_CONNECT_S)
            trouble = connection.prepare(self._clock() + patience)
            if trouble is not None and place == 0:
                return [], trouble
            if trouble is not None:
                self._widest = place
                return self._connections[:place], None
        return self._connections[:count], None

    def _unsent(self, request: Request, trouble: Unknown) -> Exchanged:
        now = self._clock()
        return self._number(), (now, now), (request, None, trouble)

    def _answers(
        self, connections: Sequence[Connection], failed: dict[int, Unknown], deadline: float
    ) -> dict[int, tuple[float, Response | None, Unknown | None]]:
        """The answers by the place of their connection, each with the reading of the clock when it was whole."""
        came: dict[int, tuple[float, Response | None, Unknown | None]] = {
            place: (self._clock(), None, unknown) for place, unknown in failed.items()
        }
        closed_for_silence = False
        while len(came) < len(connections):
            waiting = {
                sock: place
                for place, connection in enumerate(connections)
                if place not in came and (sock := connection.open_socket) is not None
            }
            remaining = deadline - self._clock()
            ready = select.select(list(waiting), [], [], max(0.0, min(remaining, _SILENCE_S)))[0]
            if not ready and remaining <= 0:
                ready = list(waiting)  # each is told that the time is over
            if not ready:
                closed_for_silence = True
                self._let_go()
                for place in came:
                    connections[place].close()
            for sock in ready:
                place = waiting[sock]
                response, unknown = connections[place].fetch(max(deadline, self._clock() + _LAST_LOOK_S))
                came[place] = self._clock(), response, unknown
                if self._one_at_a_time:
                    connections[place].close()
                elif closed_for_silence and unknown is None:
                    self._one_at_a_time = True
        if closed_for_silence:
            self.close()
        return came
