"""What the symbols of a program stand for in one execution of it: a label for an ARN, a slot for a name.

Whatever is made up here is written down in the run's knowledge, because a law may only count on an ARN that names
nothing, or on a token that nobody gave, where this run made it up.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from assay.naming import Naming, fresh_id

if TYPE_CHECKING:
    from threading import Lock

    from assay.history import Call
    from assay.knowledge import Knowledge
    from assay.program import Arn, Name, Token

__all__ = ["Scope", "Symbols", "split_arn"]

_FURTHER: Final = 1_000  # far enough that no walk of this run was given the number, and not beyond what a server reads


@dataclass(slots=True)
class Scope:
    """What the symbols of one execution stand for.

    In a branch of a parallel step, `branch` is its number, `turn` the lock that is held but while a call is under way,
    and `pages` are Lists whose ARNs are looked at when all branches have ended. `written_at` is when something was last
    written, on the budget's clock (None where reads have settled since), and `has_removed` says that it was more than a
    Create.
    """

    arns: dict[int, str] = field(default_factory=dict)
    stems: dict[int, tuple[str, int]] = field(default_factory=dict)
    tokens: list[Any] = field(default_factory=list)
    used_tokens: list[Any] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    branch: int | None = None
    turn: Lock | None = None
    pages: list[Call] = field(default_factory=list)
    written_at: float | None = None
    has_removed: bool = False

    def for_branch(self, number: int, turn: Lock) -> Scope:
        """The scope of a branch: it knows what is known now, and shares the names."""
        return Scope(dict(self.arns), self.stems, list(self.tokens), list(self.used_tokens), [], number, turn)


class Symbols:
    """Names, ARNs and tokens for the symbols of programs; `prefix` is what this run's ARNs are known to begin with."""

    def __init__(self, naming: Naming, knowledge: Knowledge, prefix: str) -> None:
        self._naming = naming
        self._knowledge = knowledge
        self.prefix = prefix

    def name(self, shape: Name, scope: Scope) -> str:
        """The name that a shape stands for: a fresh one for each slot of each execution."""
        stem = scope.stems.get(shape.slot)
        if stem is None:
            stem = scope.stems[shape.slot] = self._naming.stem()
        return self._naming.realize(shape, stem)

    def token(self, token: Token, scope: Scope) -> Any:
        """What is sent as NextToken; None where none was given yet."""
        match token.kind:
            case "last":
                return scope.tokens[-1] if scope.tokens else None
            case "used":
                return scope.used_tokens[-1] if scope.used_tokens else None
            case "altered":
                last = scope.tokens[-1] if scope.tokens else None
                if not isinstance(last, str) or not last:
                    return None
                at = token.position % max(1, len(last) - 4)
                forged = last[:at] + ("A" if last[at] != "A" else "B") + last[at + 1 :]
            case "counted":
                last = scope.tokens[-1] if scope.tokens else None
                counted = _counted_on(last, token.position) if isinstance(last, str) else None
                if counted is None:
                    return None
                forged = counted
            case _:
                forged = token.text
        self._knowledge.forged.add(forged)
        return forged

    def arn(self, arn: Arn, scope: Scope) -> str | None:  # noqa: PLR0911 - one for each kind of ARN
        """The ARN that a symbol stands for; None where its connection was never made, or has no such twin."""
        if arn.literal is not None:
            return arn.literal
        if arn.of is None:
            return self._invent(arn.change)
        known = scope.arns.get(arn.of)
        if known is None:
            return None
        head, id_ = split_arn(known)
        match arn.change:
            case "exact":
                return known
            case "cut":
                return known[:-1] if len(id_) > 1 else None
            case "extended":
                return known + ("0" if not known.endswith("0") else "1")
            case "case":
                other = head + id_.swapcase()
                return other if other != known else None
            case "bare":
                return id_ or None
            case _:
                return None

    def _invent(self, change: str) -> str:
        if change == "fresh":
            arn = self.prefix + fresh_id()
            self._knowledge.invented.add(arn)
            return arn
        fields = self.prefix.rstrip("/").split(":")
        match change:
            case "other-account":
                fields[4] = "999999999999" if fields[4] != "999999999999" else "888888888888"
            case "other-region":
                fields[3] = "eu-central-1" if fields[3] != "eu-central-1" else "us-west-2"
            case "other-service":
                fields[2] = "s3"
            case _:
                fields[5] = "host"
        arn = ":".join(fields) + "/" + fresh_id()
        self._knowledge.elsewhere.add(arn)
        return arn


def _counted_on(token: str, position: int) -> str | None:
    """A token with one of the numbers in it counted on: in the text that its Base64 hides, if any, or as it stands."""
    padded = token + "=" * (-len(token) % 4)
    for altchars in (b"+/", b"-_"):
        try:
            text = base64.b64decode(padded, altchars=altchars, validate=True).decode("ascii")
        except ValueError:
            continue
        higher = _higher(text, position) if text.isprintable() else None
        if higher is not None:
            encoded = base64.b64encode(higher.encode("ascii"), altchars=altchars).decode("ascii")
            return encoded if token.endswith("=") or len(token) % 4 == 0 else encoded.rstrip("=")
    return _higher(token, position)


def _higher(text: str, position: int) -> str | None:
    numbers = list(re.finditer("[0-9]{1,18}", text))
    if not numbers:
        return None
    found = numbers[position % len(numbers)]
    return f"{text[: found.start()]}{int(found[0]) + _FURTHER}{text[found.end() :]}"


def split_arn(arn: str) -> tuple[str, str]:
    """An ARN as everything up to the id, and the id."""
    for separator in "/:":
        head, found, id_ = arn.rpartition(separator)
        if found:
            return head + found, id_
    return "", arn
