"""The catalogue of observations, and the values that were seen of each.

An endpoint may answer differently every time; so many values are kept of each observation, and the rest is one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.history import Outcome

__all__ = ["SENTENCES", "Values", "answer_in_words"]

_MOST: Final = 12
_LONGEST: Final = 120
_OTHERS: Final = "(others)"

SENTENCES: Final[Mapping[str, str]] = {
    "create.duplicate-name": "a Create of a name that is taken is answered with",
    "create.without-name": "a Create without a name is answered with",
    "create.name-empty": "a Create of an empty name is answered with",
    "create.name-too-long": "a Create of a name that is too long is answered with",
    "create.name-control-characters": "a Create of a name with control characters is answered with",
    "create.without-provider": "a Create with neither a provider type nor a host is answered with",
    "create.without-host": "a Create for a self-managed provider without a host is answered with",
    "create.provider-unknown": "a Create of a provider type that nobody knows is answered with",
    "create.provider-of-another-edition": "a Create of a provider type of another edition is answered with",
    "create.members": "besides what was sent, the answer to a Create has the members",
    "create.tags": "in the answer to a Create with tags, these are",
    "get.without-arn": "a Get without an ARN is answered with",
    "get.malformed-arn": "a Get of a text that is no ARN is answered with",
    "get.unknown-arn": "a Get of an ARN that was never given is answered with",
    "get.arn-elsewhere": "a Get of an ARN of another account, Region, service or type is answered with",
    "get.deleted-arn": "a Get of the ARN of a deleted connection is answered with",
    "get.members": "a connection as Get describes it has the members",
    "get.owner": "the owner of a connection is",
    "delete.without-arn": "a Delete without an ARN is answered with",
    "delete.malformed-arn": "a Delete of a text that is no ARN is answered with",
    "delete.unknown-arn": "a Delete of an ARN that was never given is answered with",
    "delete.arn-elsewhere": "a Delete of an ARN of another account, Region, service or type is answered with",
    "delete.deleted-arn": "a second Delete of a connection is answered with",
    "delete.body": "the body of the answer to a Delete is",
    "list.default-page-size": "without MaxResults, a page that is not the last holds",
    "list.page-fill": "a page of a given size that is not the last is",
    "list.last-page": "the last page of a longer walk is",
    "list.empty": "an empty list is answered with",
    "list.order": "the connections on a page are in the order of",
    "list.item-members": "a connection as List describes it has the members",
    "list.last-token": "on the last page, NextToken is",
    "list.token-form": "a NextToken is written as",
    "list.token-length": "a NextToken has a length of",
    "list.token-again": "a NextToken that is sent a second time is answered with",
    "list.token-forged": "a NextToken that was never given is answered with",
    "list.max-results-zero": "MaxResults of 0 is answered with",
    "list.max-results-below": "a MaxResults below the range is answered with",
    "list.max-results-above": "a MaxResults above the range is answered with",
    "list.filter-unknown": "a filter by a value that nobody knows is answered with",
    "region.get": "a connection made through one Region, asked for through another, is",
    "region.list": "in a list through another Region, a connection made through the first is",
    "arn.head": "ARNs begin with",
    "arn.id": "the id in an ARN is written as",
    "answer.null-members": "members of answers that are null",
    "answer.content-type": "the content type of an accepted answer is",
    "answer.request-id": "the id of a request is told in",
    "answer.framing": "the length of an answer is told by",
    "error.status": "the status of a refusal is",
    "error.type": "the type of an error is told in",
    "error.message": "the message of an error is told in",
    "error.content-type": "the content type of a refusal is",
}
"""What each observation is about; its value ends the sentence."""


class Values:
    """How many calls showed which value of which observation."""

    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}

    def note(self, observation: str, value: str) -> None:
        """Count a call that showed this value."""
        seen = self._seen.get(observation)
        if seen is None:
            seen = self._seen[observation] = Counter()
        if value not in seen:
            value = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
            if len(seen) >= _MOST and value not in seen:
                value = _OTHERS
        seen[value] += 1

    def as_json(self, instead: Mapping[str, tuple[str, int]]) -> list[dict[str, Any]]:
        """Every observation with its values in the order of the alphabet, so that runs can be compared.

        `instead` are values, and the calls they rest on, that only the whole of the calls tells.
        """
        told = []
        for each, sentence in SENTENCES.items():
            seen = self._seen.get(each, Counter())
            if each in instead:
                value, calls = instead[each]
                seen = Counter({value: calls})
            told.append(
                {
                    "id": each,
                    "sentence": sentence,
                    "value": " | ".join(sorted(seen)) or None,
                    "values": [{"value": value, "calls": seen[value]} for value in sorted(seen)],
                    "calls": seen.total(),
                }
            )
        return told


def answer_in_words(outcome: Outcome) -> str:
    """What came of a call, in one or two words: accepted, or the error and its status."""
    if isinstance(outcome, Accepted):
        return "accepted"
    if isinstance(outcome, Refused):
        return f"{outcome.code or 'a nameless error'} {outcome.status}"
    return "no clear answer"
