"""Histories as pictures in text, so that a hand-written one can be read like the story that it tells.

A line is a branch, a column is a moment, and two bars are a call: from where it was sent to where it was answered.

    a: |create x = 1|  |------------delete 1 = ok------------|
    b:                     |get 1 = gone|  |get 1 = found|

Between the bars stand what was asked and what came; hyphens and blanks around it only make room.

=====================  =============================================================================================
`create x = 1`         CreateConnection of the name x; the connection is 1. `no`: refused, `full`: for the quota
`get 1 = found`        GetConnection of 1. `gone`: ResourceNotFoundException, `no`: refused for something else
`delete 1 = ok`        DeleteConnection of 1. `gone` and `no` as for a Get
`list = 1 2 ~t`        a page that shows 1 and 2, and gives the token t; `list = ` shows nothing. `no`: refused
`list ~t = 3`          the page that this token asks for
`… = ?`                no clear answer; `… = busy`: turned away for its rate
=====================  =============================================================================================

Words are small letters and digits; `1@eu-west-1` is a connection whose ARN names that Region. Blank lines, and lines
that begin with `#`, are passed over. `history_from` and `text_of` are each other's inverse up to the width of the
columns: what overlaps what stays as it was.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted, Call, History, Outcome, Refused, Request, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.contract import Contract

__all__ = ["PREFIX", "history_from", "text_of"]

PREFIX: Final = "story-"
_ACCOUNT, _REGION = "123456789012", "us-east-1"
_URL: Final = "https://connections.invalid/"
_SOURCE: Final = re.compile(
    r"(?P<verb>create|get|delete|list) ?(?P<about>~?[a-z0-9@-]*) ?= ?(?P<answer>[a-z0-9@~? -]*)", re.ASCII
)
_ARN_END: Final = re.compile(r":(?P<region>[^:]*):\d{12}:[^:/]*/0*(?P<id>[0-9a-z]+)$")
_GONE: Final = Refused("ResourceNotFoundException", 400)
_NO: Final = Refused("ValidationException", 400)
_REFUSALS: Final[dict[str, Outcome]] = {
    "gone": _GONE,
    "full": Refused("LimitExceededException", 400),
    "busy": Refused("ThrottlingException", 400, throttled=True),
    "no": _NO,
    "?": Unknown("timeout"),
}


def history_from(text: str, contract: Contract) -> History:
    """The history that a picture shows, its times in columns.

    Raises:
        ValueError: a line is not a branch, or something between two bars is not a call; the message says where.

    """
    drawn: list[tuple[int, int, str, int]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        bars = [column for column, character in enumerate(line) if character == "|"]
        if len(bars) % 2 or ":" not in line[: bars[0] if bars else None]:
            raise ValueError(f"line {number} is not a branch: a name, a colon, and two bars for each call")
        pairs = zip(bars[::2], bars[1::2], strict=True)
        drawn += [(first, last, line[first + 1 : last], number) for first, last in pairs]
    words = _Words(contract)
    calls = []
    for index, (first, last, source, number) in enumerate(sorted(drawn)):
        match = _SOURCE.fullmatch(source.strip(" -"))
        try:
            if match is None:
                raise ValueError("ask and answer are `verb about = answer`")  # noqa: TRY301 - said once, below
            operation, asked, outcome = words.call(match["verb"], match["about"].rstrip("-"), match["answer"].split())
        except ValueError as error:
            raise ValueError(f"line {number}, column {first}: {source!r} is not a call: {error}") from None
        request = Request(_URL, (), json.dumps(asked).encode())
        calls.append(Call(index, operation, asked, float(first), float(last), outcome, request))
    return History(tuple(calls))


def text_of(history: Sequence[Call] | History, contract: Contract) -> str:
    """A history as a picture: one that could have been written by hand.

    Raises:
        ValueError: a call has no form in this notation.

    """
    words = _Words(contract)
    calls = sorted(history, key=lambda call: (call.start, call.index))
    sources = [words.source(call) for call in calls]
    moments = sorted(
        moment for position, call in enumerate(calls) for moment in ((call.start, 0, position), (call.end, 1, position))
    )
    starts, ends, column = [0] * len(calls), [0] * len(calls), 0
    for _, is_end, position in moments:
        if is_end:
            ends[position] = column = max(column + 1, starts[position] + len(sources[position]) + 1)
        else:
            starts[position] = column = column + 1
    branches: list[list[int]] = []
    for position, start in enumerate(starts):
        branch = next((branch for branch in branches if ends[branch[-1]] < start), None)
        if branch is None:
            branches.append([position])
        else:
            branch.append(position)
    lines = []
    for number, branch in enumerate(branches):
        line = f"{chr(ord('a') + number) if number < 26 else f'b{number}'}:".ljust(6)  # noqa: PLR2004 - the alphabet
        for position in branch:
            room = ends[position] - starts[position] - 1
            line = line.ljust(5 + starts[position]) + f"|{sources[position]:-^{room}}|"
        lines.append(line)
    return "\n".join(lines) + "\n"


class _Words:
    """The words of the notation in those of a contract, and back."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._resource = contract.resource
        self._pagination = contract.pagination

    def call(self, verb: str, about: str, answer: list[str]) -> tuple[str, dict[str, Any], Outcome]:
        """Operation, input and outcome."""
        said = answer[0] if len(answer) == 1 else ""
        if verb != "list" and (not about or not said):
            raise ValueError(f"{verb} is about one word and has one answer")
        refusal = _REFUSALS.get(said)
        match verb:
            case "create":
                asked = {self._resource.name: PREFIX + about, self._resource.kind: self._contract.kinds[0]}
                made = Accepted({self._resource.identity: self._arn(said)})
                return self._contract.create.name, asked, refusal or made
            case "get":
                holder = self._contract.get.holder
                shown = self._item(about)
                found = Accepted({holder: shown} if holder else shown)
                return self._contract.get.name, {self._resource.identity: self._arn(about)}, _one(said, "found", found)
            case "delete":
                asked = {self._resource.identity: self._arn(about)}
                return self._contract.delete.name, asked, _one(said, "ok", Accepted({}))
            case _:
                token = {self._pagination.token_in: about[1:]} if about else {}
                page: dict[str, Any] = {self._pagination.items: [self._item(each) for each in answer if each[0] != "~"]}
                for each in answer:
                    if each[0] == "~":
                        page[self._pagination.token_out] = each[1:]
                return self._contract.list.name, token, refusal or Accepted(page)

    def source(self, call: Call) -> str:
        """What stands between the bars of a call."""
        refusal = next((word for word, outcome in _REFUSALS.items() if _is_like(call.outcome, outcome)), "")
        identity = call.input.get(self._resource.identity)
        output = call.outcome.output if isinstance(call.outcome, Accepted) else {}
        if call.operation == self._contract.create.name:
            name = str(call.input.get(self._resource.name)).removeprefix(PREFIX)
            return self._checked(f"create {name} = {refusal or self._id(output.get(self._resource.identity))}")
        if call.operation == self._contract.get.name:
            return self._checked(f"get {self._id(identity)} = {refusal or 'found'}")
        if call.operation == self._contract.delete.name:
            return self._checked(f"delete {self._id(identity)} = {refusal or 'ok'}")
        token_in, token_out = call.input.get(self._pagination.token_in), output.get(self._pagination.token_out)
        items = [self._id(item.get(self._resource.identity)) for item in output.get(self._pagination.items, ())]
        page = " ".join([*items, *([f"~{token_out}"] if token_out else [])])
        return self._checked(f"list{f' ~{token_in}' if token_in else ''} = {refusal or page}".rstrip())

    def _checked(self, source: str) -> str:
        if _SOURCE.fullmatch(source) is None:
            raise ValueError(f"there are no words for this call: {source}")
        return source

    def _arn(self, word: str) -> str:
        short, _, region = word.partition("@")
        name = f"{self._contract.service}:{region or _REGION}:{_ACCOUNT}:{self._resource.noun}"
        return f"arn:aws:{name}/{short.rjust(12, '0')}"

    def _id(self, arn: Any) -> str:
        match = _ARN_END.search(str(arn))
        if match is None:
            raise ValueError(f"there are no words for this ARN: {arn!r}")
        return match["id"] if match["region"] == _REGION else f"{match['id']}@{match['region']}"

    def _item(self, word: str) -> dict[str, Any]:
        return {self._resource.identity: self._arn(word)}


def _one(said: str, yes: str, accepted: Outcome) -> Outcome:
    if said != yes and said not in _REFUSALS:
        raise ValueError(f"the answer is {yes} or one of {', '.join(_REFUSALS)}")
    return accepted if said == yes else _REFUSALS[said]


def _is_like(outcome: Outcome, example: Outcome) -> bool:
    match outcome, example:
        case Refused(), Refused():
            return outcome.throttled == example.throttled and (outcome.code == example.code or example is _NO)
        case Unknown(), Unknown():
            return True
        case _:
            return False
