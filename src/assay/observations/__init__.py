"""What an endpoint does where the contract is silent: observed in every run, told beside the verdicts, never judged.

Two endpoints can keep every law and still differ in what an author of a client stumbles over: the error of a duplicate
name, the size of a page that nobody asked for, whether a made-up token is refused. None of it is right or wrong. So it
is no law: it has an id, a sentence and the values that were seen, and `assay compare` puts them side by side.

Everything here is a fold over calls, whoever made them, and can be worked out again from a recorded history
(`observed`). The catalogue of sentences is `SENTENCES`; who sees what stands in the modules: `inputs` (what comes of an
unusual input), `pages` (lists and their tokens) and `answers` (the form of what comes back).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.history import FIRST
from assay.observations.answers import Answers
from assay.observations.inputs import Inputs
from assay.observations.pages import Pages
from assay.observations.told import Told
from assay.observations.values import SENTENCES, Values
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.contract import Contract
    from assay.history import Call

__all__ = ["SENTENCES", "Observations", "Told", "observed"]


def observed(calls: Iterable[Call], contract: Contract) -> list[dict[str, Any]]:
    """The observations of a history, as JSON values."""
    observations = Observations(contract)
    for call in calls:
        observations.add(call)
    return observations.as_json()


class Observations:
    """What the calls so far showed of one endpoint.

    Some of it hangs on what is there at the time, which is plain only where a call is alone under way. That is known
    when the next one begins: so each call waits for the one after it.
    """

    def __init__(self, contract: Contract) -> None:
        self._values = Values()
        self._inputs = Inputs(contract, self._values)
        self._pages = Pages(contract, self._values, self._inputs)
        self._answers = Answers(contract, self._values)
        self._waiting: Call | None = None
        self._is_alone = True
        self._latest = 0.0

    def add(self, call: Call) -> None:
        """Look at a call, the calls of a run in the order in which they were sent; only the first account's count."""
        if call.caller != FIRST:
            return
        waiting = self._waiting
        if waiting is not None:
            self._look_at(waiting, is_alone=self._is_alone and call.start >= waiting.end)
        self._waiting = call
        self._is_alone = call.start >= self._latest
        self._latest = max(self._latest, call.end)

    def note(self, observation: str, value: str) -> None:
        """Take in what no single call shows: a value of an observation of the catalogue."""
        self._values.note(observation, value)

    def as_json(self) -> list[dict[str, Any]]:
        """Every observation of the catalogue, also those of which nothing was seen: their value is null."""
        if self._waiting is not None:
            self._look_at(self._waiting, is_alone=self._is_alone)
            self._waiting = None
        return self._values.as_json(self._pages.summary())

    def _look_at(self, call: Call, *, is_alone: bool) -> None:
        if call.is_retried:
            return
        if call.leg in {"raw", "cli"} or call.signing != VALID:
            self._inputs.remember(call)  # how it was sent is what its answer may be about
            return
        is_plain = self._inputs.add(call, is_alone=is_alone)
        self._pages.add(call, is_plain=is_plain)
        self._answers.add(call)
