"""The mutants of requests on the wire: where each fault shows, and that the corpus shows it to its law."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from assay.asked import asked, plain_call
from assay.history import Accepted, Call, History, Response
from assay.knowledge import Knowledge
from assay.laws import JUDGES, Breach
from assay.mutants import ALL
from assay.target.reading import read
from assay.world import World
from selftests.histories import PREFIX, contract_of
from selftests.recipes import named, request_of
from selftests.showings import Showings, client_of, tried
from selftests.test_corpus import corpus

if TYPE_CHECKING:
    from pathlib import Path

    from selftests.raw_client import RawClient

SHOWN = Showings()

LONG = "com.amazonaws.codestar.connections.CodeStar_connections_20191201"
SHORT = "CodeStar_connections_20191201"
NAMED = '"ConnectionName":"one","ProviderType":"GitHub"'
LIST, CREATE = "ListConnections", "CreateConnection"

#: The members, or the body, that the mutant answers with another status than the reference, and the operation.
BODIES: dict[str, tuple[str, str | bytes]] = {
    "request.numbers-as-strings": (CREATE, '{"ConnectionName":5,"ProviderType":"GitHub"}'),
    "request.booleans-as-strings": (CREATE, '{"ConnectionName":true,"ProviderType":"GitHub"}'),
    "request.digits-as-integers": (LIST, '{"MaxResults":"10"}'),
    "request.true-is-one": (LIST, '{"MaxResults":true}'),
    "request.list-of-one": (CREATE, '{"ConnectionName":"one","ProviderType":["GitHub"]}'),
    "request.wrong-types-dropped": (LIST, '{"NextToken":{}}'),
    "request.unknown-refused": (LIST, '{"Unknown":1}'),
    "request.unknown-objects-refused": (LIST, '{"Unknown":{}}'),
    "request.constructor-refused": (LIST, '{"constructor":1}'),
    "request.any-case": (CREATE, '{"connectionname":"one","ProviderType":"GitHub"}'),
    "request.null-refused": (LIST, '{"NextToken":null}'),
    "request.null-page-size-refused": (LIST, '{"MaxResults":null}'),
    "request.null-is-a-name": (CREATE, '{"ConnectionName":null,"ProviderType":"GitHub"}'),
    "json.nan": (CREATE, f'{{"Unknown":NaN,{NAMED}}}'),
    "json.text-behind": (LIST, "{}{}"),
    "json.any-encoding": (LIST, "{}".encode("utf-16")),
    "json.trailing-comma": (CREATE, f"{{{NAMED},}}"),
    "json.null-is-empty": (LIST, "null"),
    "json.list-of-one": (LIST, "[{}]"),
    "json.broken-is-empty": (LIST, "{"),
    "json.broken-is-500": (LIST, "{"),
    "json.empty-is-500": (LIST, ""),
    "json.half-a-pair-is-500": (LIST, '{"Unknown":"\\ud800"}'),
    "request.wrong-type-is-500": (LIST, '{"MaxResults":"10"}'),
    "request.page-size-wraps": (LIST, '{"MaxResults":4294967297}'),
    "request.long-page-size-is-500": (LIST, '{"MaxResults":4294967297}'),
    "json.deep-is-500": (LIST, f'{{"Unknown":{"[" * 600}{"]" * 600}}}'),
}
#: The header fields that the mutant answers with another status.
FIELDS: dict[str, dict[str, str | None]] = {
    "target.long-only": {"X-Amz-Target": f"{SHORT}.{LIST}"},
    "target.short-only": {"X-Amz-Target": f"{LONG}.{LIST}"},
    "target.short-lacks-delete": {"X-Amz-Target": f"{SHORT}.DeleteConnection"},
    "target.name-alone": {"X-Amz-Target": f"Nobody.{LIST}"},
    "target.begins-with": {"X-Amz-Target": f"{LONG}.{LIST}s"},
    "target.missing-lists": {"X-Amz-Target": None},
    "target.any-case": {"X-Amz-Target": f"{LONG}.{LIST}".lower()},
    "target.unknown-is-403": {"X-Amz-Target": f"{LONG}.Nobody"},
    "type.charset-refused": {"Content-Type": "application/x-amz-json-1.0; charset=utf-8"},
    "type.charset-in-capitals-refused": {"Content-Type": "application/x-amz-json-1.0; charset=UTF-8"},
    "type.charset-wants-a-blank": {"Content-Type": "application/x-amz-json-1.0;charset=utf-8"},
}
#: What the reference answers to each of them is a status and a code; the mutant answers another one.
CAREFUL = client_of


def answered(client: RawClient, operation: str, body: str | bytes, **fields: str | None) -> tuple[int, str]:
    headers = {key: value for key, value in {**client.headers(operation), **fields}.items() if value is not None}
    answer = client.send(body.encode() if isinstance(body, str) else body, headers)
    return answer.status, answer.code


@cache
def careful(operation: str, body: str | bytes, fields: tuple[tuple[str, str | None], ...] = ()) -> tuple[int, str]:
    """What the reference answers."""
    return answered(CAREFUL(), operation, body, **dict(fields))


def _differs(client: RawClient, operation: str, body: str | bytes, fields: dict[str, Any]) -> bool:
    return answered(client, operation, body, **fields) != careful(operation, body, tuple(fields.items()))


for mutant, (asked_of, sent) in BODIES.items():
    SHOWN[mutant] = lambda client, asked_of=asked_of, sent=sent: _differs(client, asked_of, sent, {})
for mutant, changed in FIELDS.items():
    SHOWN[mutant] = lambda client, changed=changed: _differs(client, LIST, "{}", changed)
SHOWN["json.validation-exception"] = lambda client: _differs(client, LIST, "{", {})


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str, tmp_path: Path) -> None:
    """The same request; only one of the two answers as it should, also with its connections in a file."""
    assert tried(name, SHOWN[name], state=tmp_path / "state.db")


def breaches(mutant: str | None) -> set[tuple[str, str | None]]:
    """The laws and clauses that a server breaks with the requests of the corpus that are usual HTTP."""
    contract = contract_of()
    client = client_of(mutant)
    calls: list[Call] = []

    def note(request: Any, operation: str, members: Any, answer: Any, *, leg: Any = "raw") -> None:
        response = Response(answer.status, tuple(answer.headers.items()), answer.body)
        start = float(len(calls))
        outcome = read(operation, response)
        calls.append(Call(len(calls), operation, members, start, start + 0.5, outcome, request, response, leg))

    for case in corpus():
        if case.recipe.base in {"get", "delete"}:
            continue
        request = request_of(case.recipe, contract, named(case, len(calls)))
        call = Call(0, "", {}, 0.0, 0.0, Accepted({}), request, leg="raw")
        seen = asked(call, contract)
        if seen.http != "usual":
            continue
        signed = dict(request.headers) | {"Authorization": client.headers(LIST)["Authorization"]}
        answer = client.send(request.body, signed)
        operation, members = plain_call(seen, contract)
        note(request, operation, members, answer)
    world = World(History(tuple(calls)), contract, Knowledge(prefix=PREFIX))
    return {
        (law, ruling.clause)
        for law, judge in JUDGES.items()
        if law.startswith("wire.") or law == "connection.list.max-results"
        for ruling in judge(world)
        if isinstance(ruling, Breach)
    }


ELSEWHERE = {
    "json.broken-is-500",
    "json.deep-is-500",
    "json.empty-is-500",
    "json.half-a-pair-is-500",
    "request.long-page-size-is-500",
    "request.wrong-type-is-500",
    "target.short-lacks-delete",
}


def test_the_reference_breaks_no_law_by_the_corpus() -> None:
    """Not one request of it is answered wrongly."""
    assert breaches(None) == set()


@pytest.mark.parametrize("name", sorted(SHOWN.keys() - ELSEWHERE))
def test_the_corpus_shows_a_fault_to_the_law_that_it_names(name: str) -> None:
    """By the clause that it names, where it names one."""
    mutant = ALL[name]
    found = breaches(name)
    assert {(law, mutant.clause) for law in mutant.caught_by} & found, found
