"""What a script calls by a name of its own: fresh names, and the ARNs and tokens that it is given on the way.

A history is read from its first call on; every text in it is taken apart into what stands there and what was given
before. The same history says so in the same words, whatever kind of script is made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from assay.history import Accepted, Call

if TYPE_CHECKING:
    from assay.contract import Contract

__all__ = ["Ref", "Symbols", "Text"]

_STEM: Final = re.compile("as[0-9a-z]{10}")


@dataclass(frozen=True, slots=True)
class Ref:
    """What an earlier answer gave, or a fresh name: `arn`, `token` or `name`, and which; `change` is that of an ARN."""

    kind: str
    number: int
    change: str = "exact"

    @property
    def variable(self) -> str:
        """What it is called in a script."""
        return f"{self.kind}{self.number}"


Text: TypeAlias = tuple["str | Ref", ...]


class Symbols:
    """What a history was given so far, and the names that it made."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._arns: dict[str, Ref] = {}
        self._tokens: dict[str, Ref] = {}
        self.stems: dict[str, int] = {}

    def given(self, number: int, call: Call) -> Ref | None:
        """What the answer to a call gives, kept under a name; None for nothing."""
        contract = self._contract
        output = call.outcome.output if isinstance(call.outcome, Accepted) else {}
        if call.operation == contract.create.name:
            ref = Ref("arn", number)
            if isinstance(arn := output.get(contract.resource.identity), str) and arn:
                self._arns.setdefault(arn, ref)
            return ref
        if call.operation == contract.list.name:
            ref = Ref("token", number)
            if isinstance(token := output.get(contract.pagination.token_out), str) and token:
                self._tokens[token] = ref
            return ref
        return None

    def arn_in(self, arn: str) -> Ref | None:
        """The variable that holds an ARN."""
        return self._arns.get(arn)

    def in_text(self, text: str) -> Text:
        """Any text, taken apart wherever something that was given, or a name, stands in it."""
        known = {**self._arns, **self._tokens}
        pattern = "|".join([*map(re.escape, sorted(known, key=len, reverse=True)), _STEM.pattern])
        parts: list[str | Ref] = []
        end = 0
        for found in re.finditer(pattern, text):
            parts += [text[end : found.start()]] if found.start() > end else []
            word = found[0]
            parts.append(known.get(word) or Ref("name", self.stems.setdefault(word, len(self.stems) + 1)))
            end = found.end()
        return tuple([*parts, text[end:]] if end < len(text) or not parts else parts)

    def told(self, text: str) -> str:
        """A text for people, in which what the recorded run was given or made up is called by the call that did it."""
        words = {"arn": "the ARN that call {} gave", "token": "the token that call {} gave", "name": "name {}"}
        for known in sorted({**self._arns, **self._tokens}, key=len, reverse=True):
            ref = self._arns.get(known) or self._tokens[known]
            for shown in (f'"{known}"', known):
                text = text.replace(shown, words[ref.kind].format(ref.number))
        for stem, number in self.stems.items():
            for shown in (f'"{stem}"', stem):
                text = text.replace(shown, words["name"].format(number))
        return text

    def symbolised(self, value: Any) -> Any:  # noqa: PLR0911 - one for each kind of text
        """A text as parts, what earlier answers gave among them; anything else as it is."""
        if not isinstance(value, str):
            return value
        if value in self._tokens:
            return (self._tokens[value],)
        for arn, ref in self._arns.items():
            head, _, id_ = arn.rpartition("/")
            if value == arn:
                return (ref,)
            if value == arn[:-1]:
                return (Ref("arn", ref.number, "cut"),)
            if value.startswith(arn):
                return (ref, value[len(arn) :])
            if value == id_:
                return (Ref("arn", ref.number, "bare"),)
            if value == f"{head}/{id_.swapcase()}":
                return (Ref("arn", ref.number, "case"),)
        parts: list[str | Ref] = []
        end = 0
        for found in _STEM.finditer(value):
            parts += [value[end : found.start()]] if found.start() > end else []
            parts.append(Ref("name", self.stems.setdefault(found[0], len(self.stems) + 1)))
            end = found.end()
        return tuple([*parts, value[end:]] if end < len(value) or not parts else parts)
