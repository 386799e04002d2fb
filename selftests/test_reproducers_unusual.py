"""Scripts for findings that take more than one caller who waits for every answer: executed against fault and reference.

Calls whose order nobody can explain, two accounts, handshakes, and every way in which a request can be signed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import types
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from racing import altered, raced

from assay.book import Finding
from assay.history import Accepted, Call, Refused
from assay.knowledge import Knowledge
from assay.laws.linearizable import linearizable
from assay.laws.registry import Breach
from assay.program import Arn, Create, Delete, Get, Handshake, Name, Parallel, Program, Send, Walk
from assay.recipe import Recipe
from assay.reproducers import reproducers
from assay.reproducers.exact_runtime import ODD
from assay.reproducers.orders import LOOK
from assay.session import open_session
from assay.settings import Settings
from assay.signings import PROPER, SIGNINGS, VALID
from assay.world import World
from selftests.histories import NEWEST, contract_of
from selftests.scripts import AWS, KEY, SECOND, SECRET, executed, found_at, guarded, left_at

if TYPE_CHECKING:
    from pathlib import Path

    from assay.history import History

KINDS = {"python", "curl", "aws_cli"}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of two accounts, that the servers of these tests know."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    for name, value in SECOND.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with an `aws` that sends what the AWS CLI would send, through boto3."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "aws").write_text(AWS.format(python=sys.executable), encoding="utf-8")
    (folder / "aws").chmod(0o755)
    return str(folder)


#: A mutant, the clause of `concurrent.linearizable` that it breaks, and a program in which it does, now and then.
ORDERS: tuple[tuple[str, str | None, Program], ...] = (
    ("race.name-check-2ms", "names", Program((Parallel(((Create(0),), (Create(1),))),))),
    (
        "get.stale-after-delete",
        None,
        Program((Create(0), Parallel(((Get(Arn(0)), Get(Arn(0))), (Delete(Arn(0)), Get(Arn(0))))))),
    ),
    ("race.insert-before-check", "refusal", Program((Parallel(((Create(0),), (Create(1),))),))),
)


@pytest.mark.parametrize(("mutant", "clause", "program"), ORDERS, ids=[fault[0] for fault in ORDERS])
def test_a_script_finds_answers_that_no_order_explains(
    mutant: str, clause: str | None, program: Program, tmp_path: Path
) -> None:
    """It begins the calls at once, as often as it takes, and looks for an order itself."""
    with guarded(mutant) as faulty:
        finding = found_at(faulty, "concurrent.linearizable", program)
        assert finding.clause == clause
        script = reproducers(finding, contract_of(NEWEST)).scripts["python"]
        assert "It may take more than one try" in script
        code, said = executed("python", script, faulty, "", tmp_path)
        assert code == 1, f"{script}\n{said}"
        assert "broken: " in said
        assert " of at most " in said
    with guarded(None) as right:
        code, said = executed("python", script, right, "", tmp_path)
        assert code == 0, f"{script}\n{said}"
        assert left_at(right) == 0


def judged_by_the_law(history: History) -> str | None:
    """The clause that the law finds broken, `` for the law itself, None for none."""
    world = World(history, contract_of(NEWEST), Knowledge(prefix="story-"))
    return next((ruling.clause or "" for ruling in linearizable(world) if isinstance(ruling, Breach)), None)


def judged_by_the_script(history: History) -> dict[str, int]:
    """What `order` of a script says of the answers of a history, by clause."""
    contract = contract_of(NEWEST)
    words: dict[str, Any] = {
        "CREATE": contract.create.name,
        "LIST": contract.list.name,
        "DELETE": contract.delete.name,
        "IDENTITY": contract.resource.identity,
        "NAME": contract.resource.name,
        "TOKEN_IN": contract.pagination.token_in,
        "TOKEN_OUT": contract.pagination.token_out,
        "LAG": 0.0,
        "said": {call.index + 1: _as_answer(call) for call in history},
    }
    exec(LOOK, words)  # what is executed is ours
    creates = [call.index + 1 for call in history if call.operation == contract.create.name]
    promises = {"": (False, ()), "names": (True, ()), "refusal": (True, creates)}
    return {clause: words["order"](*promise) for clause, promise in promises.items()}


def _as_answer(call: Any) -> types.SimpleNamespace:
    request = types.SimpleNamespace(operation=call.operation, members=call.input, by=call.caller)
    match call.outcome:
        case Accepted(output):
            status, error = 200, None
        case Refused(error, status):
            output = {}
        case _:
            status, error, output = 0, "TimeoutError", {}
    return types.SimpleNamespace(
        request=request, start=call.start, end=call.end, status=status, error=error, output=output
    )


def test_a_script_looks_for_an_order_as_the_law_does() -> None:
    """Hundreds of histories that race, half of them with an answer turned round: each clause, the same word."""
    chance = random.Random(7)
    met = dict.fromkeys(("", "names", "refusal", None), 0)
    for number in range(600):
        history = raced(chance, calls=4 + number % 7, branches=2 + number % 3)
        history = altered(chance, history) if number % 2 else history
        by_law, by_script = judged_by_the_law(history), judged_by_the_script(history)
        met[by_law] += 1
        if by_law is None:  # it may be silent where nothing overlapped: then a script would not be made
            continue
        assert by_script[by_law] == 1, history
        for lesser in ("refusal", "names", "")[("refusal", "names", "").index(by_law) + 1 :]:
            assert by_script[lesser] == 0, (by_law, lesser, history)
    assert met[""] > 20, met


def test_a_script_accuses_no_service_that_does_one_thing_after_the_other() -> None:
    """Whatever overlaps, and whatever is lost on the way."""
    chance = random.Random(11)
    for number in range(400):
        history = raced(chance, calls=6 + number % 9, branches=2 + number % 4, unknown=0 if number % 2 else 5)
        assert set(judged_by_the_script(history).values()) == {0}, history


#: A mutant of two accounts, and a program that shows it.
ACCOUNTS: tuple[tuple[str, Program], ...] = (
    ("account.get-by-arn-alone", Program((Create(0), Get(Arn(0), caller="second")))),
    ("account.delete-by-arn-alone", Program((Create(0), Delete(Arn(0), caller="second")))),
    ("account.list-shows-all", Program((Create(0), Walk(1, caller="second")))),
    ("account.names-shared", Program((Create(0), Create(1, caller="second")))),
)


@pytest.mark.parametrize(("mutant", "program"), ACCOUNTS, ids=[fault[0] for fault in ACCOUNTS])
def test_every_kind_acts_from_two_accounts(mutant: str, program: Program, stub: str, tmp_path: Path) -> None:
    """The keys of the second are the environment's too, and are asked for where they are missing."""
    with guarded(mutant) as faulty:
        finding = found_at(faulty, "isolation.account", program)
        scripts = reproducers(finding, contract_of(NEWEST)).scripts
        assert set(scripts) == KINDS
        for kind, script in scripts.items():
            assert "ASSAY_SECOND_ACCESS_KEY_ID" in script.partition("\nimport")[0]
            assert not any(secret in script for secret in (KEY, SECOND["ASSAY_SECOND_ACCESS_KEY_ID"]))
            code, said = executed(kind, script, faulty, stub, tmp_path)
            assert code == 1, f"{kind}:\n{script}\n{said}"
    with guarded(None) as right:
        for kind, script in scripts.items():
            code, said = executed(kind, script, right, stub, tmp_path)
            assert code == 0, f"{kind}:\n{script}\n{said}"
            code, said = executed(kind, script, right, stub, tmp_path, {"ASSAY_SECOND_SECRET_ACCESS_KEY": ""})
            assert code == 2
            assert "set ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY" in said
        assert left_at(right) == left_at(right, *SECOND.values()) == 0


def test_a_script_that_writes_its_own_bytes_acts_from_two_accounts(tmp_path: Path) -> None:
    """Each call is signed by whose it is, and what each made is deleted with its own keys."""
    raw = Send(recipe=Recipe(base="list", target="<short>.<operation>"))
    program = Program((Create(0), raw, Create(1, Name(1), caller="second"), Get(Arn(0), caller="second")))
    with guarded("account.get-by-arn-alone") as faulty:
        script = reproducers(found_at(faulty, "isolation.account", program), contract_of(NEWEST)).scripts["python"]
        assert "raw(" in script
        assert "by='second'" in script
        code, said = executed("python", script, faulty, "", tmp_path)
        assert code == 1, f"{script}\n{said}"
        assert left_at(faulty) == left_at(faulty, *SECOND.values()) == 0
    with guarded(None) as right:
        code, said = executed("python", script, right, "", tmp_path)
        assert code == 0, f"{script}\n{said}"


HANDSHAKES: tuple[tuple[str, str, Program], ...] = (
    (
        "handshake.has-no-effect",
        "connection.handshake.completes",
        Program((Create(0), Handshake(Arn(0)), Get(Arn(0)))),
    ),
    (
        "handshake.completes-its-neighbours",
        "connection.status.pending",
        Program((Create(0), Create(1, Name(1)), Handshake(Arn(0)), Get(Arn(1)))),
    ),
)


@pytest.mark.parametrize(("mutant", "law", "program"), HANDSHAKES, ids=[fault[0] for fault in HANDSHAKES])
def test_every_kind_has_a_handshake_completed(
    mutant: str, law: str, program: Program, stub: str, tmp_path: Path
) -> None:
    """By the side door where nothing else is said, by a command where one is, and exit code 2 where nobody could."""
    with guarded(mutant) as faulty:
        finding = found_at(faulty, law, program, handshake="door")
        scripts = reproducers(finding, contract_of(NEWEST)).scripts
        assert set(scripts) == KINDS
        for kind, script in scripts.items():
            assert "side door" in script
            code, said = executed(kind, script, faulty, stub, tmp_path)
            assert code == 1, f"{kind}:\n{script}\n{said}"
    with guarded(None) as right:
        command = f"{sys.executable} {tmp_path / 'door.py'} {right}"
        (tmp_path / "door.py").write_text(DOOR, encoding="utf-8")
        for kind, script in scripts.items():
            for more in ({}, {"ASSAY_HANDSHAKE": command}):
                code, said = executed(kind, script, right, stub, tmp_path, more)
                assert code == 0, f"{kind} {more}:\n{script}\n{said}"
            code, said = executed(kind, script, right, stub, tmp_path, {"ASSAY_HANDSHAKE": "false"})
            assert code == 2, said
            assert "set ASSAY_HANDSHAKE" in said
        assert left_at(right) == 0


DOOR = """
import json, sys, urllib.request
body = json.dumps({"ConnectionArn": sys.argv[2], "ConnectionStatus": "AVAILABLE"}).encode()
urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/_assay/handshake", body, method="POST")).close()
"""


@pytest.mark.parametrize("signing", [word for word in SIGNINGS if word != VALID])
def test_a_script_signs_as_it_was_signed(signing: str, tmp_path: Path) -> None:
    """What a server says to a request of each word, it says to a script's of that word."""
    with guarded(None) as right:
        calls = made_at(right, Program((Create(0), Get(Arn(0), signing=signing))))
        was_let_in = isinstance(calls[-1].outcome, Accepted)
        assert was_let_in or signing not in PROPER
        last = replace(calls[-1], outcome=Refused("InvalidSignatureException", 400))  # so that a yes is what is wanted
        breach = Breach(call=last, expected="a request is let in", actual="it is not")
        finding = Finding("auth.signature", None, "must", Program(), breach, (*calls[:-1], last), (1, 0.0), 1)
        script = reproducers(finding, contract_of(NEWEST)).scripts["python"]
        code, said = executed("python", script, right, "", tmp_path)
        assert code == (0 if was_let_in else 1), f"{script}\n{said}"


def made_at(url: str, program: Program) -> list[Call]:
    """The calls of a program, without what is tidied up behind it."""
    settings = Settings(endpoint_url=url, edition=NEWEST[1], report_dir=tempfile.mkdtemp())
    with open_session(settings) as session:
        search, calls = session.search, list[Call]()
        search.driver.run(program, search.budget, calls)
        return calls[:2]


def test_every_way_to_sign_has_its_line() -> None:
    """A word that is new to the suite is new to the scripts."""
    assert {*ODD, "missing", VALID} == set(SIGNINGS)
