"""Each held-out fault really shows: where the reference behaves, the mutant does what its docstring says.

A mutant that no law catches is only news about the laws if it is faulty at all. So every one has a story here, a few
calls written by hand, with what comes of it at the reference and at the mutant. No law is asked, nothing is searched.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from assay.mutants import ALL
from assay.reference.server import build

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

_TARGET = "CodeStar_connections_20191201"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    members: dict[str, Any]


class Server:
    """A server in this process, called without a wire."""

    def __init__(self, mutant: str | None) -> None:
        _, self._app = build(mutant=mutant)

    def call(self, operation: str, **members: object) -> Answer:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": json.dumps(members).encode(), "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        headers = [(b"x-amz-target", f"{_TARGET}.{operation}".encode())]
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}

        async def served() -> None:
            await self._app(scope, receive, send)

        asyncio.run(served())
        start, body = sent
        return Answer(status=start["status"], headers=dict(start["headers"]), members=json.loads(body["body"]))

    def create(self, name: str, provider_type: str = "GitHub", **members: object) -> Answer:
        return self.call("CreateConnection", ConnectionName=name, ProviderType=provider_type, **members)

    def arn(self, name: str, provider_type: str = "GitHub") -> str:
        return str(self.create(name, provider_type).members["ConnectionArn"])

    def arns(self, count: int) -> list[str]:
        return [self.arn(f"{number}-of-many") for number in range(count)]

    def get(self, arn: str) -> Answer:
        return self.call("GetConnection", ConnectionArn=arn)

    def delete(self, arn: str) -> Answer:
        return self.call("DeleteConnection", ConnectionArn=arn)

    def page(self, **members: object) -> tuple[list[dict[str, Any]], str | None]:
        answer = self.call("ListConnections", **members)
        return answer.members.get("Connections", []), answer.members.get("NextToken")

    def walk(self, *, by: int, **members: object) -> list[dict[str, Any]]:
        shown, token = self.page(MaxResults=by, **members)
        while token is not None:
            more, token = self.page(MaxResults=by, NextToken=token, **members)
            shown += more
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Calls, and what comes of them at the reference and at the mutant."""

    mutant: str
    tell: Callable[[Server], object] = field(repr=False)
    careful: object
    faulty: object


def _third_create(server: Server) -> list[int]:
    return [server.create("build").status for _ in range(3)]


def _reuse_after_refusal(server: Server) -> list[int]:
    arn = server.arn("build")
    refused = server.create("build").status
    server.delete(arn)
    return [refused, server.create("build").status]


def _arns_given_again(server: Server) -> list[int]:
    given = server.arns(5)
    for arn in given[:4]:
        server.delete(arn)
    early = server.arn("early")
    server.delete(given[4])
    return [given.count(early), given.count(server.arn("late"))]


def _provider_of_namesake(server: Server) -> str:
    server.delete(server.arn("build", "Bitbucket"))
    return str(server.get(server.arn("build", "GitLab")).members["Connection"]["ProviderType"])


def _trace_of_unknown_host(server: Server) -> tuple[int, list[str]]:
    host = "arn:aws:codestar-connections:us-east-1:123456789012:host/mine-28aef605"
    status = server.call("CreateConnection", ConnectionName="build", HostArn=host).status
    return status, [each["ConnectionName"] for each in server.walk(by=10)]


def _empty_tag_value(server: Server) -> list[int]:
    values = ("blue", "")
    return [server.create(f"build{value}", Tags=[{"Key": "colour", "Value": value}]).status for value in values]


def _tags_answered(server: Server) -> object:
    assert "Tags" not in server.create("plain").members
    return server.create("tagged", Tags=[{"Key": "colour", "Value": "blue"}]).members["Tags"]


def _bare_id(server: Server) -> list[int]:
    arn = server.arn("build")
    bare = arn.rpartition("/")[2]
    return [each.status for each in (server.get(str(uuid.uuid4())), server.get(bare), server.delete(bare))] + [
        server.get(arn).status
    ]


def _neighbours_of_deleted(server: Server) -> list[str]:
    for name in ("rebuild", "build-2", "builder", "buil"):
        server.arn(name)
    server.delete(server.arn("build"))
    return [each["ConnectionName"] for each in server.walk(by=10)]


def _sixth_delete(server: Server) -> list[int]:
    given = server.arns(6)
    seen = []
    for arn in given:
        server.delete(arn)
        seen.append(server.get(given[0]).status)
    return seen


def _second_burial(server: Server) -> list[int]:
    first = server.delete(server.arn("build")).status
    arn = server.arn("build")
    return [first, server.delete(arn).status, server.get(arn).status]


def _status_of_gone(server: Server) -> list[int]:
    arn = server.arn("build")
    fresh = arn[: arn.rindex("/") + 1] + str(uuid.uuid4())
    server.delete(arn)
    return [server.get(fresh).status, server.delete(fresh).status, server.get(arn).status, server.delete(arn).status]


def _names_shown(server: Server) -> list[str]:
    arns = [server.arn(name) for name in ("plain", "a+b", "100%41")]
    names = [server.get(arn).members["Connection"]["ConnectionName"] for arn in arns]
    assert names == [each["ConnectionName"] for each in server.walk(by=10)]
    return names


def _known_arns_by_page(server: Server) -> list[bool]:
    given = server.arns(3)
    return [each["ConnectionArn"] in given for each in server.walk(by=2)]


def _four_looks(server: Server) -> list[str]:
    arn = server.arn("build")
    looks = [server.get(arn).members["Connection"]["ConnectionStatus"] for _ in range(4)]
    return [*looks, server.walk(by=1)[0]["ConnectionStatus"]]


def _old_arn(server: Server) -> list[int]:
    arn = server.arn("build")
    server.delete(arn)
    before = server.get(arn).status
    server.arn("build")
    return [before, server.get(arn).status]


def _cut_arn(server: Server) -> list[int]:
    arn = server.arn("build")
    server.arn("another")
    start = arn.rindex("/") + 1
    return [server.get(each).status for each in (arn, arn[:-1], arn[: start + 8], arn[: start + 7], arn[:start])]


def _status_after_list(server: Server) -> list[bool]:
    arn = server.arn("build")
    before = "ConnectionStatus" in server.get(arn).members["Connection"]
    assert [each["ConnectionStatus"] for each in server.walk(by=10)] == ["PENDING"]
    return [before, "ConnectionStatus" in server.get(arn).members["Connection"]]


def _anchor_deleted(server: Server) -> int:
    given = server.arns(5)
    shown, token = server.page(MaxResults=2)
    server.delete(shown[-1]["ConnectionArn"])
    rest, _ = server.page(MaxResults=50, NextToken=token)
    return len({each["ConnectionArn"] for each in rest} & set(given[2:]))


def _walks(server: Server) -> list[list[int]]:
    given = server.arns(4)
    return [[given.index(each["ConnectionArn"]) for each in server.walk(by=by)] for by in (1, 3, 4)]


def _sizes_of_first_pages(server: Server) -> list[int]:
    server.arns(4)
    return [len(server.page(MaxResults=size)[0]) for size in (1, 2, 3, 4)]


def _filtered_after_delete(server: Server) -> list[int]:
    arn = server.arn("build", "GitLab")
    counts = [len(server.walk(by=10, ProviderTypeFilter="GitLab"))]
    server.delete(arn)
    counts += [len(server.walk(by=10, ProviderTypeFilter="GitLab")), len(server.walk(by=10))]
    server.arn("another")
    return [*counts, len(server.walk(by=10, ProviderTypeFilter="GitLab"))]


def _longest_token(server: Server) -> list[bool]:
    server.arns(12)
    legal = []
    _, token = server.page(MaxResults=4)
    while token is not None:
        legal.append(len(token) <= 1024)
        _, token = server.page(MaxResults=4, NextToken=token)
    return legal


def _content_types(server: Server) -> list[bytes]:
    found = []
    for number in range(6):
        server.arn(f"connection-{number}")
        if number in {0, 5}:
            found.append(server.call("ListConnections").headers[b"content-type"])
    return [*found, server.create("x" * 2000).headers[b"content-type"]]


def _types_of_refusals(server: Server) -> list[bool]:
    refused = (server.create(""), server.create("build", "Gopher"), server.create("", "Gopher"))
    assert {each.status for each in refused} == {400}
    return ["__type" in each.members for each in refused]


_JSON_10, _JSON = b"application/x-amz-json-1.0", b"application/json"
_IN_ORDER = [0, 1, 2, 3]

STORIES = (
    Story(mutant="held.names.rollback-frees", tell=_third_create, careful=[200, 400, 400], faulty=[200, 400, 200]),
    Story(mutant="held.names.attempts-counted", tell=_reuse_after_refusal, careful=[400, 200], faulty=[400, 400]),
    Story(mutant="held.arn.short-quarantine", tell=_arns_given_again, careful=[0, 0], faulty=[0, 1]),
    Story(mutant="held.provider.remembered-by-name", tell=_provider_of_namesake, careful="GitLab", faulty="Bitbucket"),
    Story(
        mutant="held.create.host-looked-up-late",
        tell=_trace_of_unknown_host,
        careful=(400, []),
        faulty=(400, ["build"]),
    ),
    Story(mutant="held.create.empty-tag-value", tell=_empty_tag_value, careful=[200, 200], faulty=[200, 400]),
    Story(
        mutant="held.create.tags-as-map",
        tell=_tags_answered,
        careful=[{"Key": "colour", "Value": "blue"}],
        faulty={"colour": "blue"},
    ),
    Story(mutant="held.arn.bare-id", tell=_bare_id, careful=[400, 400, 400, 200], faulty=[400, 200, 200, 400]),
    Story(
        mutant="held.delete.key-prefix",
        tell=_neighbours_of_deleted,
        careful=["rebuild", "build-2", "builder", "buil"],
        faulty=["rebuild", "buil"],
    ),
    Story(
        mutant="held.delete.tombstones-wear-out",
        tell=_sixth_delete,
        careful=[400] * 6,
        faulty=[400, 400, 400, 400, 400, 200],
    ),
    Story(mutant="held.delete.second-burial", tell=_second_burial, careful=[200, 200, 400], faulty=[200, 500, 200]),
    Story(mutant="held.delete.gone-is-410", tell=_status_of_gone, careful=[400] * 4, faulty=[400, 400, 410, 410]),
    Story(
        mutant="held.name.form-decoded",
        tell=_names_shown,
        careful=["plain", "a+b", "100%41"],
        faulty=["plain", "a b", "100A"],
    ),
    Story(
        mutant="held.arn.renamed-on-later-pages",
        tell=_known_arns_by_page,
        careful=[True, True, True],
        faulty=[True, True, False],
    ),
    Story(
        mutant="held.status.available-at-third-look",
        tell=_four_looks,
        careful=["PENDING"] * 5,
        faulty=["PENDING", "PENDING", "AVAILABLE", "AVAILABLE", "AVAILABLE"],
    ),
    Story(mutant="held.get.old-arn-follows-name", tell=_old_arn, careful=[400, 400], faulty=[400, 200]),
    Story(
        mutant="held.get.short-id",
        tell=_cut_arn,
        careful=[200, 400, 400, 400, 400],
        faulty=[200, 200, 200, 400, 400],
    ),
    Story(mutant="held.get.summary-after-list", tell=_status_after_list, careful=[True, True], faulty=[True, False]),
    Story(mutant="held.list.anchor-deleted", tell=_anchor_deleted, careful=3, faulty=0),
    Story(
        mutant="held.list.newest-pinned",
        tell=_walks,
        careful=[_IN_ORDER] * 3,
        faulty=[[3, *_IN_ORDER], [3, *_IN_ORDER], _IN_ORDER],
    ),
    Story(mutant="held.list.orphan-joins", tell=_sizes_of_first_pages, careful=[1, 2, 3, 4], faulty=[1, 2, 4, 4]),
    Story(
        mutant="held.filter.cache-survives-delete",
        tell=_filtered_after_delete,
        careful=[1, 0, 0, 0],
        faulty=[1, 1, 0, 0],
    ),
    Story(mutant="held.token.remembers-everything", tell=_longest_token, careful=[True, True], faulty=[True, False]),
    Story(
        mutant="held.wire.streamed-content-type",
        tell=_content_types,
        careful=[_JSON_10, _JSON_10, _JSON_10],
        faulty=[_JSON_10, _JSON, _JSON_10],
    ),
    Story(
        mutant="held.wire.complaints-as-list",
        tell=_types_of_refusals,
        careful=[True, True, True],
        faulty=[True, True, False],
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.mutant)
def test_the_reference_behaves_where_the_mutant_is_faulty(story: Story) -> None:
    """The same calls, two servers, and the difference is the fault."""
    assert story.careful != story.faulty
    assert story.tell(Server(None)) == story.careful
    assert story.tell(Server(story.mutant)) == story.faulty


def test_every_held_out_mutant_has_its_story() -> None:
    """There are as many stories as mutants, one each."""
    assert sorted(each.mutant for each in STORIES) == [name for name in ALL if name.startswith("held.")]
