"""A history as a person would tell it: one numbered line a call, and one short name for each long word.

ARNs and tokens are long, and what matters about them is which are equal. So each gets a nickname, `arn#1`, `token#1`,
in the order in which it turns up, everywhere in the finding; a legend says what stands behind those that matter.
Nothing is known here of the service: an ARN is a text that begins with `arn:`, a token is what an answer gives under
a name that ends in `Token`.

Many calls of one kind in a row are told by the first and the last of them; the whole history stands in the results.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reports.quotation import legible, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Line", "Nicknames", "transcript"]

_FEW: Final = 4
_SHOWN_ITEMS: Final = 6
_CUT_ARN: Final = re.compile(r"(arn:[^\s\"\u2026]+)\u2026")
_LEGEND: Final = 6
_SHOWN_BYTES: Final = 160
_DULL_FIELDS: Final = frozenset({"host", "accept-encoding", "user-agent", "x-amz-date", "authorization"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A call, or several alike: its number, what was asked, what came of it, and whether the law breaks here."""

    number: str
    asked: str
    came: str
    breaks: bool = False


class Nicknames:
    """Short names for the long words of one history, in the order in which they turn up."""

    def __init__(self, history: Sequence[Mapping[str, Any]]) -> None:
        self.arns: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._given: set[str] = set()
        for call in history:
            for text in _texts(call["input"]):
                if _is_arn(text):
                    self._name_arn(text)
            output = call["outcome"].get("output") or {}
            for member, value in output.items():
                if isinstance(value, str) and member.endswith("Token") and value:
                    self._tokens.setdefault(value, f"token#{len(self._tokens) + 1}")
                if isinstance(value, list):
                    continue  # a page may show strangers' connections
                for text in _texts(value):
                    if _is_arn(text):
                        self._name_arn(text)
                        self._given.add(text)

    def shown(self, value: Any) -> str:
        """A value of a request or an answer, by its nickname where it has one."""
        if isinstance(value, str):
            known = self.arns.get(value) or self._tokens.get(value)
            if known is not None:
                return known
            if _is_arn(value):
                return f"…/{legible(value.rpartition('/')[2], 8)}"
            if value.isascii() and value.isidentifier() and not value.islower():
                return value  # a word of AWS: Bitbucket, PENDING
        return quoted(value)

    def put_into(self, text: str) -> str:
        """A sentence of a law about this history, with the nicknames of its ARNs beside them: `arn#1`."""
        for arn in sorted(self.arns, key=len, reverse=True):
            for written in (f'"{arn}"', arn):
                text = text.replace(written, self.arns[arn])
        return _CUT_ARN.sub(self._cut, text)

    def legend(self, *, everything: bool) -> list[tuple[str, str]]:
        """Nicknames whose ARN has to be told: those that were sent and never given, or all."""
        return [(name, legible(arn, 300)) for arn, name in self.arns.items() if everything or arn not in self._given][
            :_LEGEND
        ]

    def _cut(self, match: re.Match[str]) -> str:
        """The nickname of an ARN that a law had no room for, if it can only be one."""
        begun = [name for arn, name in self.arns.items() if arn.startswith(match[1])]
        return begun[0] if len(begun) == 1 else match[0]

    def _name_arn(self, arn: str) -> None:
        self.arns.setdefault(arn, f"arn#{len(self.arns) + 1}")


def transcript(
    history: Sequence[Mapping[str, Any]], names: Nicknames, *, breaks_at: int, every_call: bool = False
) -> list[Line]:
    """The lines of a history."""
    lines = [
        Line(
            number=str(number),
            asked=_asked(call, names),
            came=_came(call["outcome"], names) + _received(call),
            breaks=call["index"] == breaks_at,
        )
        for number, call in enumerate(history, start=1)
    ]
    if every_call:
        return lines
    shortened: list[Line] = []
    for first, last in _runs(history, breaks_at):
        run = lines[first:last]
        if len(run) <= _FEW:
            shortened += run
        else:
            middle = Line(number="…", asked=f"{len(run) - 2} more {history[first]['operation']} like it", came="")
            shortened += [run[0], middle, run[-1]]
    return shortened


def _runs(history: Sequence[Mapping[str, Any]], breaks_at: int) -> Iterator[tuple[int, int]]:
    """Stretches of calls that are alike: one operation, one kind of outcome, the same members sent."""
    first = 0
    for number in range(1, len(history) + 1):
        if number == len(history) or _kind(history[number], breaks_at) != _kind(history[first], breaks_at):
            yield first, number
            first = number


def _kind(call: Mapping[str, Any], breaks_at: int) -> tuple[object, ...]:
    members = tuple(sorted(member for member in call["input"] if not member.endswith("Token")))
    outcome = call["outcome"]
    how = call["operation"], call.get("signing"), members
    return *how, outcome["kind"], outcome.get("code"), call["index"] == breaks_at


def _bytes_of(message: Mapping[str, Any]) -> str:
    """A body, escaped and cut."""
    body = base64.b64decode(message["body_base64"]).decode("latin-1") if "body_base64" in message else message["body"]
    return quoted(body, _SHOWN_BYTES)


def _asked_raw(request: Mapping[str, Any]) -> str:
    """A request that was no ordinary one: its first line, the fields that say what it is, and its body."""
    first, *lines = base64.b64decode(request["head_base64"]).decode("latin-1").rstrip("\r\n").split("\r\n")
    fields = [line for line in lines if line.partition(":")[0].lower() not in _DULL_FIELDS]
    return "; ".join([legible(first, 80), *(legible(each, _SHOWN_BYTES) for each in fields), _bytes_of(request)])


def _asked(call: Mapping[str, Any], names: Nicknames) -> str:
    if "head_base64" in call["request"]:
        return _asked_raw(call["request"])
    members = ", ".join(f"{legible(member, 60)}={names.shown(value)}" for member, value in call["input"].items())
    ways = {"sdk": " through boto3", "cli": " through the AWS CLI", "beside": ", beside the API, of"}
    through = ways.get(call.get("leg", ""), "")
    signing = f" (signing: {legible(str(call['signing']), 60)})" if "signing" in call else ""
    return f"{call['operation']}{through}{signing} {members}".rstrip()


def _received(call: Mapping[str, Any]) -> str:
    """The bytes of an answer to a raw request that was not simply accepted."""
    answer = call.get("response")
    if answer is None or "head_base64" not in call["request"] or call["outcome"]["kind"] == "accepted":
        return ""
    return f"; {answer['status']} with the body {_bytes_of(answer)}"


def _came(outcome: Mapping[str, Any], names: Nicknames) -> str:
    match outcome["kind"]:
        case "accepted":
            answer = _answer(outcome.get("output") or {}, names)
            return f"accepted: {answer}" if answer else "accepted"
        case "refused":
            code = legible(str(outcome.get("code") or "no error type"), 80)
            slow = ", for its rate" if outcome.get("throttled") else ""
            return f"refused: {code}, HTTP {outcome['status']}{slow}"
        case _:
            detail = legible(str(outcome.get("detail") or ""), 120)
            return f"no clear answer: {outcome['reason']}" + (f" ({detail})" if detail else "")


def _answer(output: Mapping[str, Any], names: Nicknames) -> str:
    parts = []
    for member, value in output.items():
        match value:
            case list():
                parts.append(f"{legible(member, 60)}=[{_items(value, names)}]")
            case dict():
                inner = ", ".join(f"{legible(key, 60)}={names.shown(each)}" for key, each in value.items())
                parts.append(f"{legible(member, 60)}={{{inner}}}")
            case _:
                parts.append(f"{legible(member, 60)}={names.shown(value)}")
    return ", ".join(parts)


def _items(items: Sequence[Any], names: Nicknames) -> str:
    """The items of a page by their ARNs: ours by their nicknames, the rest counted where there are many."""
    arns = [_arn_of(item) for item in items]
    ours = [names.arns[arn] for arn in arns if arn in names.arns]
    if len(items) <= _SHOWN_ITEMS:
        return ", ".join(
            names.shown(arn) if arn is not None else quoted(item) for arn, item in zip(arns, items, strict=True)
        )
    told = ours if len(ours) <= _SHOWN_ITEMS else [*ours[:3], "…", ours[-1]]
    others = len(items) - len(ours)
    return ", ".join(told) + (f"{' and ' if ours else ''}{others} others" if others else "")


def _arn_of(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    return next((value for value in item.values() if isinstance(value, str) and _is_arn(value)), None)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")
