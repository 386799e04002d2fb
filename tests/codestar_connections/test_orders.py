"""Calls that are under way at once: some order of them explains what each was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Get, List, Name, Parallel, Program, Walk
from strategies import overlapping_programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint

_LOOKS = (Get(Arn(0)),) * 4


@pytest.mark.law("concurrent.linearizable")
@given(program=overlapping_programs())
@example(program=Program((Create(0), Parallel(((Delete(Arn(0)),), _LOOKS, _LOOKS)), Get(Arn(0)), Walk())))
@example(program=Program((Create(0), Parallel(((Delete(Arn(0)),), (Delete(Arn(0)),), _LOOKS)), Get(Arn(0)))))
@example(program=Program((Create(0), Parallel(((Delete(Arn(0)),), (Delete(Arn(0)), Get(Arn(0)), List()))))))
@example(program=Program((Create(0), Parallel(((Delete(Arn(0)),), (Create(1, Name(0)), Get(Arn(0)), List()))))))
def test_some_order_explains_what_calls_at_once_were_answered(endpoint: Endpoint, program: Program) -> None:
    """A connection does not come back, and nobody sees it again who had seen it gone, while others write."""
    endpoint.check(program)
