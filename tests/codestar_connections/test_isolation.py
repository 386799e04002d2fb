"""Two accounts: neither sees, gets or deletes what is the other's. These programs need second credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.history import SECOND
from assay.program import Arn, Create, Delete, Get, List, Name, Parallel, Program, Token, Walk
from strategies import cross_account_programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint

_BOTH = Create(0, Name(0)), Create(1, Name(1), caller=SECOND)


@pytest.mark.law("isolation.account")
@given(program=cross_account_programs())
@example(program=Program((*_BOTH, Walk(caller=SECOND), Walk(), Walk(1, "Bitbucket", caller=SECOND))))
@example(program=Program((*_BOTH, Get(Arn(0)), Get(Arn(0), caller=SECOND), Get(Arn(1)))))
@example(program=Program((*_BOTH, Delete(Arn(0), caller=SECOND), Get(Arn(0)), Delete(Arn(1)), Walk(caller=SECOND))))
@example(program=Program((*_BOTH, Create(2, Name(0), caller=SECOND), Create(3, Name(1)), Walk(), Walk(caller=SECOND))))
@example(program=Program((*_BOTH, Create(2, Name(2)), List(1), List(1, token=Token(), caller=SECOND))))
@example(program=Program((*_BOTH, Parallel(((Walk(),), (Walk(caller=SECOND),), (Get(Arn(0), caller=SECOND),))))))
def test_what_is_another_accounts_is_out_of_reach(endpoint: Endpoint, program: Program) -> None:
    """No account sees, gets or deletes a connection of another, and a name may be in both."""
    endpoint.check(program)
