"""What a Python script looks at among the members that answers show, where a claim about one outcome says too little.

Laws about what is preserved, what agrees and what must be there break in an answer that was accepted. What the law
wanted is read from the words of the breach, which are its own; where they say it in another way there is no look, and
the script tells the answers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from assay.history import Accepted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.book import Finding
    from assay.history import Call

__all__ = ["Look", "look_of"]

_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_IS: Final = re.compile(rf"(\w+) ({_TEXT}), as Create was given it")
_WAS: Final = re.compile(rf"(\w+) of ({_TEXT}) is ({_TEXT}), as before its handshake")
_AS_GET_SAYS: Final = re.compile(rf"({_TEXT}) has (\w+) .*, as Get says")
_AGREE: Final = re.compile(rf"List and Get agree on (\w+) of ({_TEXT})")
_HAS: Final = re.compile(r"Get tells (\w+(?:, \w+)*)")
_AT_MOST: Final = re.compile(r"at most (\d+) items: .*")
_SAID: Final = re.compile(rf"(\w+) ({_TEXT}|null|\d+)")
_NEVER: Final = frozenset(
    {
        *("connection.status.enum", "connection.status.pending", "connection.owner.account"),
        "connection.handshake.completes",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What must be of the members that answers show.

    Wherever the connection of `arn` is shown, its `members` (one) say `value` (`is`), do not (`is-not`), or say the
    same (`agree`); the last Get shows all `members` (`has`); the last page shows `value` items at most (`at-most`).
    """

    that: Literal["is", "is-not", "agree", "has", "at-most"]
    members: tuple[str, ...] = ()
    arn: str | None = None
    value: Any = None


def look_of(finding: Finding) -> Look | None:  # noqa: PLR0911 - one for each way in which laws say it
    """What a script can look at to see the finding; None where it cannot."""
    law, breach = finding.law, finding.breach
    if not isinstance(breach.call.outcome, Accepted):
        return None
    said = _SAID.fullmatch(breach.actual)
    if said is not None and law in _NEVER:
        value = json.loads(said[2])
        return _about(breach.call, said[1], value, Look(that="is-not", members=(said[1],), value=value))
    if (found := _IS.fullmatch(breach.expected)) and said is not None:
        look = Look(that="is", members=(found[1],), value=json.loads(found[2]))
        return _about(breach.call, found[1], json.loads(said[2]), look)
    if found := _WAS.fullmatch(breach.expected):
        return Look(that="is", members=(found[1],), arn=json.loads(found[2]), value=json.loads(found[3]))
    if found := _AS_GET_SAYS.fullmatch(breach.expected):
        return Look(that="agree", members=(found[2],), arn=json.loads(found[1]))
    if found := _AGREE.fullmatch(breach.expected):
        return Look(that="agree", members=(found[1],), arn=json.loads(found[2]))
    if found := _HAS.fullmatch(breach.expected):
        return Look(that="has", members=tuple(found[1].split(", ")))
    if found := _AT_MOST.fullmatch(breach.expected):
        return Look(that="at-most", value=int(found[1]))
    return None


def _about(call: Call, member: str, value: Any, look: Look) -> Look | None:
    """The look at the connection that is shown with a value; None where a law shortened it, or nothing shows it."""
    arn = next((arn for arn, item in _shown(call) if item.get(member) == value), None)
    return None if arn is None else Look(that=look.that, members=look.members, arn=arn, value=look.value)


def _shown(call: Call) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every connection that an answer shows, by the ARN that was asked for or is shown."""
    assert isinstance(call.outcome, Accepted)
    one, many = call.outcome.output.get("Connection"), call.outcome.output.get("Connections")
    if isinstance(one, dict) and isinstance(arn := call.input.get("ConnectionArn"), str):
        yield arn, one
    for item in many if isinstance(many, list) else ():
        if isinstance(item, dict) and isinstance(arn := item.get("ConnectionArn"), str):
            yield arn, item
