"""Signatures: who signs badly is turned away and has changed nothing; who signs well is let in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Get, List, Name, Program, Walk
from assay.signings import MISSING, OLD, PROPER, TAMPERED, TOLD, UNKNOWN_KEY, WRONG
from strategies import signed_programs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.plugin import Endpoint


def by_everybody(signings: Sequence[str]) -> Program:
    """A connection is made, then looked at, deleted and made again by callers who sign in each of these ways."""
    odd = [
        step
        for number, signing in enumerate(signings, start=1)
        for step in (
            Get(Arn(0), signing=signing),
            Create(number, Name(number), signing=signing),
            Delete(Arn(0), signing=signing),
            List(signing=signing),
        )
    ]
    return Program((Create(0, Name(0)), *odd, Get(Arn(0)), Walk()))


def by_turns(signings: Sequence[str]) -> Program:
    """The same where each signs one request only, the first of them a List, the next a Create, and so on."""
    odd = (List(), Create(1, Name(1)), Get(Arn(0)), Delete(Arn(0)))
    turns = tuple(replace(odd[number % len(odd)], signing=signing) for number, signing in enumerate(signings))
    return Program((Create(0, Name(0)), *turns, Get(Arn(0)), Walk()))


def lists(signings: Sequence[str]) -> Program:
    """One list for each of these ways."""
    return Program(tuple(List(signing=signing) for signing in signings))


@pytest.mark.law("auth.missing")
@given(program=signed_programs(MISSING))
@example(program=by_everybody(MISSING))
def test_a_request_without_a_signature_is_refused(endpoint: Endpoint, program: Program) -> None:
    """Who does not sign is refused, and nothing changes."""
    endpoint.check(program)


@pytest.mark.law("auth.signature")
@given(program=signed_programs((*WRONG, *PROPER)))
@example(program=by_everybody(WRONG))
@example(program=by_turns(WRONG))
@example(program=lists(PROPER))
@example(program=lists(TOLD))
def test_a_wrong_signature_is_refused_and_a_right_one_is_not(endpoint: Endpoint, program: Program) -> None:
    """Who signs badly is refused, and nothing changes; who signs well is let in."""
    endpoint.check(program)


@pytest.mark.law("auth.tampered")
@given(program=signed_programs(TAMPERED))
@example(program=by_everybody(TAMPERED))
@example(program=by_turns(TAMPERED))
def test_a_request_that_was_changed_on_the_way_is_refused(endpoint: Endpoint, program: Program) -> None:
    """What was changed after it was signed is refused, and nothing changes."""
    endpoint.check(program)


@pytest.mark.law("auth.expired")
@given(program=signed_programs(OLD))
@example(program=by_everybody(OLD))
def test_a_request_that_was_signed_long_ago_is_refused(endpoint: Endpoint, program: Program) -> None:
    """What was signed twenty minutes ago is refused, and nothing changes."""
    endpoint.check(program)


@pytest.mark.law("auth.unknown-key")
@given(program=signed_programs(UNKNOWN_KEY))
@example(program=by_everybody(UNKNOWN_KEY))
def test_a_request_of_nobody_is_refused(endpoint: Endpoint, program: Program) -> None:
    """What was signed with an access key that nobody has is refused, and nothing changes."""
    endpoint.check(program)
