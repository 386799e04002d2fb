"""Choices about the body of an answer that was accepted: what is there that need not be, and what is not there.

The model requires no member of an item, the JSON protocol lets null stand for what is absent, and a client ignores what
it does not know.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.liberties.catalogue import liberty

if TYPE_CHECKING:
    from assay.liberties.answers import Answer, Question

_NULL = "a null member of an answer counts as absent"
_EMPTY_LIST = "a missing list is an empty one to every SDK; the model requires no member of the answer"
_EXTRA = "new members may be added to an answer at any time, and clients ignore those they do not know"
_OTHER_ACCOUNT = "210987654321"


def _connections(members: dict[str, Any]) -> list[dict[str, Any]]:
    """The connections that an answer shows, to be changed in place."""
    shown = [*(members.get("Connections") or ()), members.get("Connection")]
    return [item for item in shown if isinstance(item, dict)]


@liberty("answer.nulls", because=_NULL, to="answer")
def nulls(question: Question, answer: Answer) -> Answer:
    """Write every optional member that is absent as null: HostArn, NextToken, Tags."""
    if not answer.is_success:
        return answer
    members = answer.members
    for item in _connections(members):
        item.setdefault("HostArn", None)
    if question.operation == "CreateConnection":
        members.setdefault("Tags", None)
    if question.operation == "ListConnections":
        members.setdefault("NextToken", None)
    return answer.with_members(members)


@liberty("answer.null-token", because=_NULL, to="answer")
def null_token(question: Question, answer: Answer) -> Answer:
    """Write `NextToken: null` on the last page."""
    if question.operation != "ListConnections" or not answer.is_success:
        return answer
    return answer.with_members({"NextToken": None, **answer.members})


@liberty("list.absent-when-empty", because=_EMPTY_LIST, to="answer", excludes=("list.null-when-empty",))
def absent_when_empty(_: Question, answer: Answer) -> Answer:
    """Leave out `Connections` where there are none to show."""
    members = answer.members
    if members.get("Connections") != []:
        return answer
    del members["Connections"]
    return answer.with_members(members)


@liberty("list.null-when-empty", because=_EMPTY_LIST, to="answer", excludes=("list.absent-when-empty",))
def null_when_empty(_: Question, answer: Answer) -> Answer:
    """Write `Connections: null` where there are none to show."""
    members = answer.members
    return answer.with_members({**members, "Connections": None}) if members.get("Connections") == [] else answer


@liberty("owner.another-account", because="the prose calls the owner that of the external provider", to="answer")
def another_account(_: Question, answer: Answer) -> Answer:
    """Show an OwnerAccountId that is not the caller's account."""
    members = answer.members
    shown = _connections(members)
    for item in shown:
        item["OwnerAccountId"] = _OTHER_ACCOUNT
    return answer.with_members(members) if shown else answer


@liberty("answer.extra-members", because=_EXTRA, to="answer")
def extra_members(_: Question, answer: Answer) -> Answer:
    """Add members that no model has to every object, errors included: texts, numbers, lists, nulls, a nested object."""
    if not answer.body:
        return answer
    members = answer.members
    for item in _connections(members):
        item |= {"CreatedAt": 1.760336788e9, "Links": [{"Rel": "self"}, None], "connectionName": "a trap", "Tags": []}
    extra = {"ResponseMetadata": {"Depth": {"Of": [1, 2.5, True]}}, "TotalCount": 0, "nextToken": "a trap", "": ""}
    return answer.with_members({**extra, **members})


@liberty("answer.spelt-otherwise", because="these are other spellings of one and the same JSON", to="answer")
def spelt_otherwise(_: Question, answer: Answer) -> Answer:
    """Write JSON with spaces and line breaks, members in another order, and everything beyond ASCII escaped."""
    if not answer.body:
        return answer
    backwards = dict(reversed(answer.members.items()))
    return replace(answer, body=b"\r\n" + json.dumps(backwards, indent="\t").encode() + b"\n")


@liberty("delete.empty-body", because="the API reference of DeleteConnection shows an empty HTTP body", to="answer")
def empty_body(question: Question, answer: Answer) -> Answer:
    """Answer an accepted Delete with no body, and with no type of one."""
    if question.operation != "DeleteConnection" or not answer.is_success:
        return answer
    return replace(answer.without_header(b"content-type"), body=b"")
