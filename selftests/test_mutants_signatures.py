"""The mutants of the gate: whom each of them lets in, or keeps out, that the reference does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from assay.reference.server import build
from assay.signings import PROPER, SIGNINGS, VALID
from assay.target import Credentials
from assay.target.missigned import Plain, missigned
from selftests.histories import contract_of
from selftests.showings import sent

if TYPE_CHECKING:
    from assay.reference.wire import Application

KEY, SECRET = "AKIDEXAMPLE", "secret"
#: Whom a mutant treats otherwise than the reference does, by the operation and how it is signed; `*` is all four.
SHOWN = {
    "auth.missing-accepted": {("*", "missing"), ("*", "presigned-query")},
    "auth.key-only": {
        ("*", word)
        for word in SIGNINGS
        if word not in {VALID, *PROPER, "missing", "presigned-query", "unknown-key", "foreign-token"}
    },
    "auth.unknown-key-accepted": {("*", "unknown-key")},
    "auth.prefix-compared": {("*", "altered-signature")},
    "auth.any-service": {("*", "wrong-service")},
    "auth.region-of-the-server": {("*", "wrong-region")},
    "auth.declared-hash-trusted": {("*", "tampered-declared"), ("*", "unsigned-payload")},
    "auth.target-exchanged": {("*", "tampered-target")},
    "auth.date-ignored": {("*", "old-date")},
    "auth.good-for-a-day": {("*", "old-date")},
    "auth.spaces-kept": {("*", "odd-spaces")},
    "auth.empty-fields-dropped": {("*", "odd-empty")},
    "auth.path-as-it-came": {("*", "odd-path")},
}
OPEN = {
    "auth.writes-open": ("CreateConnection", "DeleteConnection"),
    "auth.reads-open": ("GetConnection", "ListConnections"),
}
OPERATIONS = ("CreateConnection", "DeleteConnection", "GetConnection", "ListConnections")
BAD = [word for word in SIGNINGS if word not in {VALID, *PROPER, "foreign-token"}]
_GATE = {
    "MissingAuthenticationTokenException",
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "UnrecognizedClientException",
}


def _served(mutant: str | None = None) -> Application:
    return build(mutant=mutant, credentials={KEY: SECRET})[1]


def _code(app: Application, operation: str, word: str, body: bytes = b"{}") -> str | None:
    """The error that an operation without members is answered with; None where it is accepted."""
    contract = contract_of()
    prefix = contract.targets["long"]
    plain = Plain(
        host="localhost:1",
        path="/",
        fields=(("X-Amz-Target", f"{prefix}.{operation}"), ("Content-Type", contract.content_type)),
        body=body,
        another_target=f"{prefix}.{'GetConnection' if operation != 'GetConnection' else 'ListConnections'}",
        credentials=Credentials(access_key_id=KEY, secret_access_key=SECRET),
        region="us-east-1",
        signing_name="codestar-connections",
        now=time.time(),
    )
    made = missigned(word, plain) if word != VALID else missigned("odd-order", plain)
    path, _, query = made.path.partition("?")
    return sent(app, made.body, made.fields, path=path, query=query.encode()).code


def _let_in(app: Application, operation: str, word: str) -> bool:
    return _code(app, operation, word) not in _GATE


def _otherwise(mutant: str) -> set[tuple[str, str]]:
    """Whom the mutant and the reference do not treat alike."""
    careful, faulty = _served(), _served(mutant)
    return {
        (operation, word)
        for operation in OPERATIONS
        for word in SIGNINGS
        if _let_in(careful, operation, word) != _let_in(faulty, operation, word)
    }


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_in_nothing_else(name: str) -> None:
    """Every operation, signed in every way."""
    expected = {(each, word) for operation, word in SHOWN[name] for each in (OPERATIONS if operation == "*" else ())}
    assert _otherwise(name) == expected


@pytest.mark.parametrize("name", OPEN)
def test_half_of_the_operations_are_open_to_anybody(name: str) -> None:
    """However badly they are signed; the other half is not."""
    assert _otherwise(name) == {(operation, word) for operation in OPEN[name] for word in BAD}


def test_a_verdict_is_kept_for_whoever_names_the_key() -> None:
    """The fault of `"auth.verdict-kept-by-key"`: before the key has signed well, nobody is let in."""
    faulty, careful = _served("auth.verdict-kept-by-key"), _served()
    for app in (faulty, careful):
        assert not _let_in(app, "ListConnections", "wrong-secret")
        assert _let_in(app, "ListConnections", VALID)
        assert not _let_in(app, "ListConnections", "unknown-key")
    assert _let_in(faulty, "ListConnections", "wrong-secret")
    assert not _let_in(careful, "ListConnections", "wrong-secret")


def test_what_is_refused_is_done() -> None:
    """The fault of `"auth.refused-and-done"`."""
    for name, is_done in ((None, False), ("auth.refused-and-done", True)):
        parts, app = build(mutant=name, credentials={KEY: SECRET})
        body = b'{"ConnectionName":"one","ProviderType":"GitHub"}'
        assert _code(app, "CreateConnection", "wrong-secret", body) == "InvalidSignatureException"
        assert [connection.name for connection in parts.store] == (["one"] if is_done else [])
        assert _let_in(app, "ListConnections", VALID)


def test_a_missing_signature_breaks_the_server() -> None:
    """The fault of `"auth.missing-breaks"`."""
    assert _code(_served("auth.missing-breaks"), "ListConnections", "missing") == "InternalFailure"
    assert _code(_served("auth.missing-breaks"), "ListConnections", "wrong-secret") == "InvalidSignatureException"


@pytest.mark.parametrize("name", [*SHOWN, *OPEN])
def test_where_signatures_are_not_looked_at_the_fault_does_not_show(name: str) -> None:
    """The gate is not there."""
    _, app = build(mutant=name)
    assert all(_let_in(app, "ListConnections", word) for word in SIGNINGS)


def test_helpers_speak_the_truth() -> None:
    """The reference lets in who signs well, and nobody else."""
    app: Any = _served()
    assert {word for word in SIGNINGS if _let_in(app, "GetConnection", word)} == {VALID, *PROPER, "foreign-token"}
