"""Faults of the gate: who is let in without a signature that is worth the name, and who is not let in for nothing.

They show only in a server that checks signatures at all, as the one behind `assay run` does.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import admitted_by, gate_with
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from assay.reference.answers import Answer, Outcome
    from assay.reference.parts import Admission, Parts
    from assay.reference.signatures import Signed

_PREFIX = 8
_A_DAY = timedelta(days=1)


def _forgiving(parts: Parts, *codes: str) -> Parts:
    """Whoever is refused with one of these codes is let in all the same."""

    def admit(careful: Admission, **request: Any) -> None:
        try:
            careful(**request)
        except Refusal as refusal:
            if refusal.code not in codes:
                raise

    return admitted_by(parts, admit)


def _header(request: Any, name: bytes) -> bytes:
    return next((value for each, value in request["headers"] if each == name), b"")


@mutant("auth.missing-accepted", caught_by=("auth.missing",))
def missing_accepted(parts: Parts) -> Parts:
    """Let in who sends no signature.

    Anonymous access was for the health check of a load balancer, and the path was never compared.
    """
    return _forgiving(parts, "MissingAuthenticationTokenException")


@mutant("auth.key-only", caught_by=("auth.signature",))
def key_only(parts: Parts) -> Parts:
    """Look up the access key, and check nothing else.

    The key says which account it is, and that was all that the first test wanted.
    """
    return _forgiving(parts, "InvalidSignatureException")


@mutant("auth.unknown-key-accepted", caught_by=("auth.unknown-key",))
def unknown_key_accepted(parts: Parts) -> Parts:
    """Let in a key that nobody has, whatever it signed with: there is no secret to check it by.

    An emulator makes an account for each key that it meets.
    """
    return _forgiving(parts, "UnrecognizedClientException")


@mutant("auth.prefix-compared", caught_by=("auth.signature",))
def prefix_compared(parts: Parts) -> Parts:
    """Compare the first eight digits of a signature.

    The column of the cache of signatures is that short.
    """
    return gate_with(parts, is_equal=lambda expected, given: expected[:_PREFIX] == given[:_PREFIX])


@mutant("auth.verdict-kept-by-key", caught_by=("auth.signature",))
def verdict_kept_by_key(parts: Parts) -> Parts:
    """Once a key has signed well, let in whatever names it.

    Checking costs time, and the cache of verdicts is keyed by who asks.
    """
    known: set[bytes] = set()

    def admit(careful: Admission, **request: Any) -> None:
        key = _header(request, b"authorization").partition(b"/")[0]
        if key not in known:
            careful(**request)
            known.add(key)

    return admitted_by(parts, admit)


@mutant("auth.any-service", caught_by=("auth.signature",))
def any_service(parts: Parts) -> Parts:
    """Take a signature for any service.

    One gate stands before all the services of an emulator, and knows none by name.
    """
    everything = ("codestar-connections", "codeconnections", "s3", "sts", "iam", "dynamodb")
    return gate_with(parts, services=everything)


@mutant("auth.region-of-the-server", caught_by=("auth.signature",))
def region_of_the_server(parts: Parts) -> Parts:
    """Compute the signature for the Region of the server's first caller as well, whatever the scope says.

    The Region was a setting before it was read from requests, and the old way was left in.
    """
    regions: list[bytes] = []

    def admit(careful: Admission, **request: Any) -> None:
        scope = _header(request, b"authorization").split(b",")[0].split(b"/")
        try:
            careful(**request)
            regions.extend(scope[2:3])
        except Refusal:
            if len(scope) < 3 or not regions:  # noqa: PLR2004 - a key, a day and a Region
                raise
            own = b"/" + regions[0] + b"/"
            mine = [
                (name, value.replace(b"/" + scope[2] + b"/", own, 1) if name == b"authorization" else value)
                for name, value in request["headers"]
            ]
            careful(**{**request, "headers": mine})

    return admitted_by(parts, admit)


@mutant("auth.declared-hash-trusted", caught_by=("auth.tampered",))
def declared_hash_trusted(parts: Parts) -> Parts:
    """Where a header tells the hash of the body, believe it.

    That header is signed, so it was taken for proof; that the body fits it was nobody's task.
    """

    def digest(signed: Signed) -> str:
        return signed.given.get("x-amz-content-sha256") or hashlib.sha256(signed.body).hexdigest()

    return gate_with(parts, digest=digest)


@mutant("auth.target-exchanged", caught_by=("auth.tampered",))
def target_exchanged(parts: Parts) -> Parts:
    """Check the signature against any operation of the service.

    Policies are written for the service, so the gate tries each target that it knows.
    """

    def admit(careful: Admission, **request: Any) -> None:
        target = _header(request, b"x-amz-target")
        service = target.rpartition(b".")[0]
        last: Refusal | None = None
        for operation in (target.rpartition(b".")[2], *(name.encode() for name in parts.handlers)):
            as_if = [
                (name, service + b"." + operation if name == b"x-amz-target" else value)
                for name, value in request["headers"]
            ]
            try:
                careful(**{**request, "headers": as_if})
            except Refusal as refusal:
                last = last or refusal
            else:
                return
        assert last is not None
        raise last

    return admitted_by(parts, admit)


@mutant("auth.date-ignored", caught_by=("auth.expired",))
def date_ignored(parts: Parts) -> Parts:
    """Never ask how old a signature is.

    The clock of the container was wrong once, and the check was taken out.
    """
    return gate_with(parts, tolerance=timedelta(days=100_000))


@mutant("auth.good-for-a-day", caught_by=("auth.expired",))
def good_for_a_day(parts: Parts) -> Parts:
    """Take a signature for as long as its key is good, which is a day.

    The scope holds a day, and the time beside it was overlooked.
    """
    return gate_with(parts, tolerance=_A_DAY)


@mutant("auth.writes-open", caught_by=("auth.missing",))
def writes_open(parts: Parts) -> Parts:
    """Look at the signatures of reads alone.

    The gate was written for a cache in front of the reads, and writes go round it.
    """

    def admit(careful: Admission, **request: Any) -> None:
        if not _header(request, b"x-amz-target").endswith((b"CreateConnection", b"DeleteConnection")):
            careful(**request)

    return admitted_by(parts, admit)


@mutant("auth.reads-open", caught_by=("auth.missing",))
def reads_open(parts: Parts) -> Parts:
    """Look at the signatures of writes alone.

    What may be read was taken for public.
    """

    def admit(careful: Admission, **request: Any) -> None:
        if _header(request, b"x-amz-target").endswith((b"CreateConnection", b"DeleteConnection")):
            careful(**request)

    return admitted_by(parts, admit)


@mutant("auth.refused-and-done", caught_by=("auth.missing", "auth.signature", "auth.tampered"))
def refused_and_done(parts: Parts) -> Parts:
    """Refuse who signed badly, after doing what was asked.

    The signature is checked in parallel to save time, and whichever ends last answers.
    """
    refused: list[Refusal] = []

    def admit(careful: Admission, **request: Any) -> None:
        refused.clear()
        try:
            careful(**request)
        except Refusal as refusal:
            refused.append(refusal)

    def answer(operation: str, outcome: Outcome) -> Answer:
        return parts.answer(operation, refused.pop() if refused else outcome)

    return replace(admitted_by(parts, admit), answer=answer)


@mutant("auth.spaces-kept", caught_by=("auth.signature",))
def spaces_kept(parts: Parts) -> Parts:
    """Sign the values of header fields with all the spaces that are in them.

    Two spaces in a row are rare, so the rule that makes them one was never missed.
    """
    return gate_with(parts, canonical_value=str.strip)


@mutant("auth.empty-fields-dropped", caught_by=("auth.signature",))
def empty_fields_dropped(parts: Parts) -> Parts:
    """Leave out header fields that have no value.

    The map of header fields in this framework does so.
    """

    def admit(careful: Admission, **request: Any) -> None:
        careful(**{**request, "headers": [field for field in request["headers"] if field[1]]})

    return admitted_by(parts, admit)


@mutant("auth.path-as-it-came", caught_by=("auth.signature",))
def path_as_it_came(parts: Parts) -> Parts:
    """Sign the path as it came, with both its slashes.

    S3 does so, and the gate was written for S3.
    """
    return gate_with(parts, canonical_path=str)


@mutant("auth.missing-breaks", caught_by=("wire.no-server-error",))
def missing_breaks(parts: Parts) -> Parts:
    """Fail where there is no signature.

    The header is split before anybody asks whether it is there.
    """

    def admit(careful: Admission, **request: Any) -> None:
        if not _header(request, b"authorization"):
            raise Refusal("InternalFailure", status=500)
        careful(**request)

    return admitted_by(parts, admit)
