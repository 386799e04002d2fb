"""The mutants of races: where each of their faults shows, and that it shows nowhere but there.

A fault in a window is not met every time, so a showing is tried until it shows. On the careful server it never may: the
same trials are made there, and few of them, because they say nothing that the runs against the reference do not.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from assay.mutants import ALL
from assay.reference.server import build
from selftests.raw_client import Answer, RawClient
from selftests.showings import Showings

if TYPE_CHECKING:
    from assay.reference.wire import Application

SHOWN = Showings()
_TRIALS = 300
_TRIALS_ELSEWHERE = 5
_WIDTH = 6


class Crowd(RawClient):
    """A caller who hands requests to an application itself, several at once where it is asked to."""

    def __init__(self, app: Application) -> None:
        super().__init__("http://application.invalid")
        self.app = app
        self.trials = 0
        self.loop = asyncio.new_event_loop()
        weakref.finalize(self, self.loop.close)

    def send(self, body: Any, headers: dict[str, str], *, method: str = "POST", path: str = "/") -> Answer:
        return self.loop.run_until_complete(self._asked(body, headers, method, path))

    def at_once(self, *calls: tuple[str, dict[str, Any]]) -> list[Answer]:
        """The answers to calls, in their order."""

        async def asked() -> list[Answer]:
            return await asyncio.gather(
                *(
                    self._asked(json.dumps(members).encode(), self.headers(operation), "POST", "/")
                    for operation, members in calls
                )
            )

        return self.loop.run_until_complete(asked())

    async def _asked(self, body: Any, headers: dict[str, str], method: str, path: str) -> Answer:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": given}
        await self.app(scope, receive, send)
        start, *rest = said
        small = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(status=start["status"], headers=small, body=b"".join(message["body"] for message in rest))

    def name(self) -> str:
        """A name of this trial."""
        self.trials += 1
        return f"trial-{self.trials}"


def _creating(name: str, kind: str = "Bitbucket") -> tuple[str, dict[str, Any]]:
    return "CreateConnection", {"ConnectionName": name, "ProviderType": kind}


def _on(operation: str, arn: str) -> tuple[str, dict[str, Any]]:
    return operation, {"ConnectionArn": arn}


def _accepted(answers: list[Answer]) -> int:
    return [answer.status for answer in answers].count(200)


@SHOWN.of("race.name-check-2ms", "race.name-check-200us", "race.name-check-20us")
def _(crowd: Any) -> bool:
    return _accepted(crowd.at_once(*[_creating(crowd.name())] * _WIDTH)) > 1


@SHOWN.of("race.name-check-by-provider")
def _(crowd: Any) -> bool:
    name = crowd.name()
    assert _accepted(crowd.at_once(*[_creating(name)] * _WIDTH)) == 1
    name = crowd.name()
    return _accepted(crowd.at_once(*(_creating(name, kind) for kind in ("Bitbucket", "GitHub", "GitLab")))) > 1


@SHOWN.of("race.insert-before-check")
def _(crowd: Any) -> bool:
    return _accepted(crowd.at_once(*[_creating(crowd.name())] * _WIDTH)) == 0


@SHOWN.of("race.deletes-both-accepted")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    shows = _accepted(crowd.at_once(*[_on("DeleteConnection", arn)] * _WIDTH)) > 1
    assert crowd.get(arn).status == crowd.delete(arn).status == 400
    return shows


def _made_at_once(crowd: Any) -> list[str]:
    answers = crowd.at_once(*(_creating(crowd.name()) for _ in range(_WIDTH)))
    assert _accepted(answers) == _WIDTH
    return [answer.members["ConnectionArn"] for answer in answers]


@SHOWN.of("race.create-lost")
def _(crowd: Any) -> bool:
    return any(crowd.get(arn).status == 400 for arn in _made_at_once(crowd))


@SHOWN.of("race.index-rewritten")
def _(crowd: Any) -> bool:
    made = _made_at_once(crowd)
    assert all(crowd.get(arn).status == 200 for arn in made)
    missing = not set(made) <= set(crowd.arns())
    for arn in made:
        crowd.delete(arn)
    return missing


@SHOWN.of("race.counter-without-lock", "race.creates-coalesced")
def _(crowd: Any) -> bool:
    made = _made_at_once(crowd)
    return len(set(made)) < len(made)


@SHOWN.of("race.list-torn")
def _(crowd: Any) -> bool:
    stem = crowd.name()
    arns = crowd.create_many(5, stem)
    shown, *_ = crowd.at_once(("ListConnections", {}), *(_on("DeleteConnection", arn) for arn in arns[:2]))
    listed = {item["ConnectionArn"] for item in shown.members["Connections"]}
    assert set(crowd.arns()) >= set(arns[2:])
    for arn in arns[2:]:
        crowd.delete(arn)
    return not set(arns[2:]) <= listed


@SHOWN.of("race.stale-cache")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    crowd.at_once(*[_on("GetConnection", arn)] * 3, _on("DeleteConnection", arn), _on("GetConnection", arn))
    assert arn not in crowd.arns()
    return crowd.get(arn).status == 200


@SHOWN.of("race.tokens-shared")
def _(crowd: Any) -> bool:
    if not crowd.trials:
        crowd.create_many(6, crowd.name())
    page = crowd.page(MaxResults=1)
    behind = crowd.page(MaxResults=1, NextToken=page["NextToken"])["Connections"][0]["ConnectionArn"]
    one = ("ListConnections", {"MaxResults": 1, "NextToken": page["NextToken"]})
    pages = crowd.at_once(one, ("ListConnections", {"MaxResults": 4}), one, one)
    return any(pages[n].members["Connections"][0]["ConnectionArn"] != behind for n in (0, 2, 3))


@SHOWN.of("race.create-undoes-delete")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    _, gone, _ = crowd.at_once(_creating(crowd.name()), _on("DeleteConnection", arn), _creating(crowd.name()))
    assert gone.status == 200
    return crowd.get(arn).status == 200


@SHOWN.of("race.delete-takes-the-new")
def _(crowd: Any) -> bool:
    name = crowd.name()
    arn = crowd.create(name)
    answers = crowd.at_once(_on("DeleteConnection", arn), *[_creating(name)] * 4)[1:]
    made = [answer.members["ConnectionArn"] for answer in answers if answer.status == 200]
    assert len(made) <= 2  # what was taken has freed the name again
    return any(crowd.get(arn).status == 400 for arn in made)


@SHOWN.of("race.delete-frees-anothers-name")
def _(crowd: Any) -> bool:
    name = crowd.name()
    arn = crowd.create(name)
    answers = crowd.at_once(_on("DeleteConnection", arn), *[_creating(name)] * 3)[1:]
    return _accepted(answers) > 0 and crowd.call(*_creating(name)[:1], **_creating(name)[1]).status == 200


@SHOWN.of("race.answers-swapped")
def _(crowd: Any) -> bool:
    first, second = crowd.create(crowd.name()), crowd.create(crowd.name())
    answers = crowd.at_once(*[_on("GetConnection", first), _on("GetConnection", second)] * 2)
    return [answer.members["Connection"]["ConnectionArn"] for answer in answers] != [first, second] * 2


@SHOWN.of("race.second-worker")
def _(crowd: Any) -> bool:
    return any(crowd.get(arn).status == 400 for arn in _made_at_once(crowd))


def _crowd(mutant: str) -> Crowd:
    _, app = build(mutant=mutant)
    return Crowd(app)


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str) -> None:
    """The reference answers here one request after the other, as it always does."""
    _, careful = build()
    crowd = Crowd(careful)
    assert not any(SHOWN[name](crowd) for _ in range(_TRIALS_ELSEWHERE))
    crowd = _crowd(name)
    assert any(SHOWN[name](crowd) for _ in range(_TRIALS))


@pytest.mark.parametrize("name", SHOWN)
def test_one_after_the_other_a_mutant_is_right(name: str) -> None:
    """Names, deletes and walks of a caller who waits for every answer."""
    client = _crowd(name)
    for _ in range(3):
        arns = client.create_many(5)
        assert len(set(arns)) == 5
        assert [client.get(arn).members["Connection"]["ConnectionArn"] for arn in arns] == arns
        assert client.call("CreateConnection", ConnectionName="c-3", ProviderType="GitHub").status == 400
        assert client.arns(MaxResults=2) == arns
        assert [client.delete(arn).status for arn in arns] == [200] * 5
        assert client.delete(arns[0]).status == client.get(arns[0]).status == 400
        assert client.arns() == []


def test_every_race_is_shown_and_runs_in_threads() -> None:
    races = {name for name in ALL if name.startswith("race.")}
    assert races == set(SHOWN)
    assert {name for name, mutant in ALL.items() if mutant.in_threads} == races
