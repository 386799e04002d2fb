"""What must differ between two endpoints gets the same name at both: only then can their answers be compared.

ARNs are named by the label of the step that made them, names by their slot, whatever the endpoint made of their case;
every token is a token, the owner is the account of the ARN or another one. A null member counts as absent, and a
connection that this program did not make is a stranger's and left out. Header fields, request ids and the words of a
message are not compared at all: the observations of the two sides tell of those.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Contract
    from assay.history import Call
    from assay.symbols import Scope

__all__ = ["Alike"]


class Alike:
    """Names what one side said in words that both sides share."""

    def __init__(self, contract: Contract, scope: Scope) -> None:
        self._contract = contract
        self._arns = {arn: f"arn#{label}" for label, arn in scope.arns.items()}
        self._stems = {
            stem: f"name{slot}" if slot >= 0 else f"name#{-1 - slot}" for slot, (stem, _) in scope.stems.items()
        }
        self._pages = [call for call in scope.calls if call.operation == contract.list.name or not call.operation]
        self._short: dict[str, str] = {}
        for call in scope.calls:
            name = call.input.get(contract.resource.name)
            if isinstance(name, str) and name and call.operation == contract.create.name and not self._has_stem(name):
                self._short.setdefault(name, f"short{len(self._short)}")

    @property
    def shows_strangers(self) -> bool:
        """Does the account hold what this program did not make? Then what fits on a page is no answer to it alone."""
        return any(len(self.items(call)) < len(self._shown(call)) for call in self._pages)

    def answer(self, call: Call) -> tuple[str, Mapping[str, Any]]:
        """What came of a call in a word or two, and the members of what was accepted."""
        outcome = call.outcome
        match outcome:
            case Accepted(output):
                return "accepted", self.members(output)
            case Refused(code=code, status=status):
                return f"refused {code or 'without a name'} {status}", {}
            case Unknown(reason=reason):
                return f"no answer ({reason})", {}

    def members(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """The members of an answer, in words that both sides share."""
        return {member: self._member(member, value, output) for member, value in output.items() if value is not None}

    def items(self, call: Call) -> list[dict[str, Any]]:
        """The connections on a page that this program made."""
        identity = self._contract.resource.identity
        return [self.members(item) for item in self._shown(call) if str(item.get(identity)) in self._arns]

    def asked(self, call: Call) -> str:
        """A call as a person would write it."""
        members = ", ".join(f"{member}={_shown(value)}" for member, value in self.members(call.input).items())
        how = "" if call.signing == "valid" else f" ({call.signing})"
        return f"{call.operation or 'a raw request'} {members}".rstrip() + how

    def came(self, call: Call) -> str:
        """What came of a call, in one line."""
        word, members = self.answer(call)
        paging = self._contract.pagination
        if paging.items in members:
            identity = self._contract.resource.identity
            shown = [str(item.get(identity, "?")) for item in self.items(call)]
            members = {**members, paging.items: f"[{', '.join(shown)}]"}
        told = ", ".join(f"{member}={_shown(value)}" for member, value in members.items())
        return f"{word}: {told}" if told else word

    def _shown(self, call: Call) -> list[dict[str, Any]]:
        if not isinstance(call.outcome, Accepted):
            return []
        raw = call.outcome.output.get(self._contract.pagination.items)
        return [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []

    def _member(self, member: str, value: Any, around: Mapping[str, Any]) -> Any:
        resource, paging = self._contract.resource, self._contract.pagination
        if isinstance(value, dict):
            return self.members(value)
        if member in {paging.token_in, paging.token_out}:
            return "a token" if value else "an empty token"
        if member == "OwnerAccountId":
            return "its account" if f":{value}:" in str(around.get(resource.identity)) else "another account"
        if isinstance(value, list):
            return [self.members(each) if isinstance(each, dict) else each for each in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        known = self._arns.get(text) or self._short.get(text)
        if known is not None:
            return known
        for stem, name in self._stems.items():
            text = _renamed(text, stem, name)
        return "another ARN" if text.startswith("arn:") else text

    def _has_stem(self, name: str) -> bool:
        return any(stem in name for stem in self._stems)


def _renamed(text: str, stem: str, name: str) -> str:
    """A text in which the shared name stands for a stem, in the case in which an endpoint told it."""
    if stem.casefold() not in text.casefold():
        return text
    found = re.compile(re.escape(stem), re.IGNORECASE)
    return found.sub(lambda place: name if place[0] == stem else name.upper(), text)


def _shown(value: Any) -> str:
    if isinstance(value, str) and (value.isidentifier() or value.startswith(("arn#", "[", "a token", "name"))):
        return value
    return json.dumps(value, ensure_ascii=True, default=repr)
