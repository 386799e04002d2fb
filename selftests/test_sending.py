"""What is sent raw: no Delete but of what is ours, exactly the bytes of the recipe, and no secret that is kept.

The laws of what comes back are tried elsewhere; here is what leaves, and what is written down of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget
from assay.history import Response, Unknown, as_record
from assay.program import Arn, Create, Name, Program, Send, Walk
from assay.program_json import from_json, to_json
from assay.recipe import Recipe, compose
from assay.sending import _may_be_a_delete, _names_nothing_else
from assay.shrink import shrunk
from assay.target import Credentials, Endpoint, Target
from assay.target.raw import RawLeg
from selftests.histories import contract_of
from selftests.misbehaving import Misbehaving, answer, answering

if TYPE_CHECKING:
    from assay.history import Call

ROOT = Path(__file__).parent.parent
KEY, SECRET, TOKEN = "AKIDEXAMPLE", "planted-secret-of-the-key", "planted+session/token=="
ARN = "arn:aws:codestar-connections:us-east-1:123456789012:connection/0b69c731-0000-4000-8000-000000000000"
DELETE = "DeleteConnection"


# -- no Delete that could be a stranger's


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("list", target="<prefix>.DeleteConnection"),
        Recipe("get", target="<long>.deleteconnection"),
        Recipe("get", headers=(("X-Amz-Target", "<short>.DeleteConnection"),)),
        Recipe("create", more_headers=(("x-amz-target", "<short>.DELETECONNECTION"),)),
        Recipe("get", path="?Action=DeleteConnection"),
        Recipe("list", literal="POST / HTTP/1.1\r\nX-Amz-Target: <prefix>.DeleteConnection\r\n\r\n{}"),
    ],
)
def test_a_recipe_that_speaks_of_a_delete_is_one(recipe: Recipe) -> None:
    """Wherever a server may look for the operation, and in whatever case."""
    assert _may_be_a_delete(recipe, DELETE)


def test_a_delete_names_nothing_but_the_arn_of_the_driver() -> None:
    """No member, no body and no bytes of its own."""
    assert _names_nothing_else(Recipe("delete"))
    assert _names_nothing_else(Recipe("delete", target="<short>.<operation>", framing="chunked"))
    assert not _names_nothing_else(Recipe("delete", members={"ConnectionArn": ARN}))
    assert not _names_nothing_else(Recipe("delete", members={"X": ARN}))
    assert not _names_nothing_else(Recipe("delete", body=f'{{"ConnectionArn":"{ARN}"}}'))
    assert not _names_nothing_else(Recipe("delete", without=("ConnectionArn",)))
    assert not _names_nothing_else(Recipe("delete", literal="POST / HTTP/1.1\r\n\r\n"))


# -- what is put on the wire, and what is kept of it


def sent(recipe: Recipe, reply: bytes = answer(b"{}"), **given: Any) -> tuple[bytes, Call]:
    """The request as a server received it, and the call as it is kept."""
    credentials = Credentials(access_key_id=KEY, secret_access_key=SECRET, session_token=TOKEN)
    with Misbehaving(answering(reply)) as server:
        target = Target(Endpoint.parse(server.url), contract_of(), credentials, "us-east-1")
        (call,) = target.send(recipe, given)
        target.close()
        return (server.requests or [b""])[0], call


def test_what_is_sent_is_what_the_recipe_says() -> None:
    """In its order and its spelling, and what comes twice comes twice."""
    recipe = Recipe(
        "list", method="PUT", path="a?b", headers=(("x-aMz-tArGeT", "one"),), more_headers=(("X-Two", "2"),) * 2
    )
    request, _ = sent(recipe)
    assert request.startswith(b"PUT /a?b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nx-aMz-tArGeT: one\r\n" in request
    assert request.count(b"\r\nX-Two: 2\r\n") == 1
    assert request.count(b"X-Two: 2") == 2
    assert request.endswith(b"\r\n\r\n{}")


def test_a_literal_is_sent_as_it_is_and_unsigned() -> None:
    """Nothing is added to it."""
    request, call = sent(Recipe("list", literal="GET / HTTP/1.1\r\nHost: <host>\r\n\r\n"))
    assert request == call.request.head
    assert b"authorization" not in request.lower()


@pytest.mark.parametrize("recipe", [Recipe("list"), Recipe("list", members={"X": 1}, framing="chunked")])
def test_no_secret_is_kept_even_where_the_endpoint_says_it_again(recipe: Recipe) -> None:
    """Neither the key nor the token nor the signature, in the head, the fields, the answer or the file."""
    request, _ = sent(recipe)
    signature = request.partition(b"Signature=")[2][:64]
    assert len(signature) == 64
    assert TOKEN.encode() in request

    def again(connection: Any, seen: bytes) -> bool:
        connection.sendall(answer(seen.hex().encode() + seen, "400 Bad Request"))
        return False

    credentials = Credentials(access_key_id=KEY, secret_access_key=SECRET, session_token=TOKEN)
    with Misbehaving(again) as server:
        (call,) = Target(Endpoint.parse(server.url), contract_of(), credentials, "us-east-1").send(recipe, {})
        signed = server.requests[0].partition(b"Signature=")[2][:64].decode()
    kept = repr(call) + json.dumps(as_record(call))
    assert b"Authorization: ***" in (call.request.head or b"")
    for secret in (SECRET, TOKEN, signed):
        assert secret not in kept


def test_a_request_that_never_becomes_whole_is_soon_given_up() -> None:
    """And its outcome says that nobody owed an answer."""
    _, call = sent(Recipe("list", headers=(("Content-Length", "<longer>"),)))
    assert isinstance(call.outcome, Unknown)
    assert call.outcome.reason == "unfinished"
    assert call.end - call.start < 5


def test_silence_is_waited_for_in_full_once() -> None:
    """The same fields again have two seconds, whatever else is changed; another form has all of its time once."""
    credentials = Credentials(access_key_id=KEY, secret_access_key=SECRET)
    endpoint = Endpoint.parse("http://127.0.0.1:1")
    now = [0.0]
    leg = RawLeg(endpoint, credentials, "us-east-1", "codestar-connections", clock=lambda: now[0])
    patience: list[float | None] = []
    took, outcome = 0.5, Unknown("timeout", "")

    def converse(*_: object, **how: Any) -> tuple[None, Unknown | None]:
        patience.append(how["patience"])
        now[0] += took
        return None, outcome

    leg._connection.converse = converse  # type: ignore[method-assign, assignment]
    for recipe in (Recipe("list"), Recipe("create"), Recipe("list", more_headers=(("Odd", "x"),))) * 2:
        leg.exchange(compose(recipe, contract_of(), {}, spelling="long", host="h"), 10.0)
    assert patience == [None, 2.0, None, 2.0, 2.0, 2.0]


def test_a_slow_endpoint_is_not_taken_for_a_silent_one() -> None:
    """However long it was silent once, it has several times as long as its slowest answer took."""
    credentials = Credentials(access_key_id=KEY, secret_access_key=SECRET)
    now = [0.0]
    answered = [(3.0, None), (10.0, Unknown("timeout", "")), (3.0, None)]
    leg = RawLeg(Endpoint.parse("http://127.0.0.1:1"), credentials, "us-east-1", "x", clock=lambda: now[0])
    patience: list[float | None] = []

    def converse(*_: object, **how: Any) -> tuple[Response, Unknown | None]:
        patience.append(how["patience"])
        took, outcome = answered[len(patience) - 1]
        now[0] += took
        return Response(200, (), b"{}"), outcome

    leg._connection.converse = converse  # type: ignore[method-assign, assignment]
    for _ in answered:
        leg.exchange(compose(Recipe("list"), contract_of(), {}, spelling="long", host="h"), 10.0)
    assert patience == [None, None, 15.0]


def test_the_seconds_of_silence_are_the_runs_and_not_the_tests() -> None:
    """A test's part ends later by them, and the run when it always would."""
    whole = Budget(deadline=100.0, now=lambda: 0.0)
    part = Budget(deadline=5.0, within=whole, now=lambda: 0.0)
    for budget in (whole, part):
        budget.forgive(10.0)
    assert (whole.deadline, part.deadline) == (100.0, 15.0)


# -- as a step of a program


def test_a_raw_step_is_stored_and_read_as_any_other() -> None:
    """Its recipe and its case, too."""
    step = Send(name=Name(3), arn=Arn(1), recipe=Recipe("get", target="", headers=(("A", "b"),)), case="x/y")
    program = Program((Create(0), step, Walk()))
    assert from_json(to_json(program)) == program
    assert str(step) == 'send get with target "", headers [["A", "b"]] (x/y)'


def test_a_finding_of_a_raw_step_keeps_what_it_is_about_and_nothing_else() -> None:
    """The change that fails stays, the others go, and so do the steps beside it."""
    odd = Recipe("list", target="", members={"MaxResults": 5}, path="x", more_headers=(("A", "b"),))
    program = Program((Create(0), Send(recipe=Recipe("get")), Send(recipe=odd), Walk()))

    def attempt(candidate: Program) -> Any:
        fails = any(isinstance(step, Send) and step.recipe.target == "" for step in candidate.steps)
        return ((None,) * len(candidate.steps), None) if fails else None

    smallest, _, _ = shrunk(program, ((None,) * 4, None), attempt)  # type: ignore[arg-type]
    (only,) = smallest.steps
    assert isinstance(only, Send)
    assert only.recipe == Recipe("list", target="")


def test_some_hundred_drawn_requests_leave_the_reference_as_it_was() -> None:
    """No 5xx, no silence, no connection lost but where HTTP allows it, no law broken, and nothing left."""
    bench = [sys.executable, "bench/raw_requests.py", "--requests", "400"]
    ended = subprocess.run(bench, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures = dict(line.rsplit(None, 1) for line in ended.stdout.splitlines())
    assert int(figures["requests"]) >= 400
    assert (figures.get("lost", "0"), figures["laws broken"], figures["left in the account"]) == ("0", "none", "0")
