"""Calls at once: what is promised of names, deletes and lists, while others act at the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Walk
from strategies import races

if TYPE_CHECKING:
    from assay.plugin import Endpoint


@pytest.mark.law("concurrent.name.unique")
@given(program=races("names"))
@example(program=Program((Parallel(tuple((Create(n, Name(0)),) for n in range(8))), Walk())))
@example(program=Program((Create(0), Parallel(((Delete(Arn(0)),), (Create(1),), (Create(2),))), Create(3), Walk())))
def test_one_of_several_creates_of_a_name_is_accepted(endpoint: Endpoint, program: Program) -> None:
    """Of several Creates of one name at once at most one is accepted."""
    endpoint.check(program)


@pytest.mark.law("concurrent.delete.once")
@given(program=races("deletes"))
@example(program=Program((Create(0), Parallel(((Delete(Arn(0)),),) * 8), Get(Arn(0)), Walk())))
@example(program=Program((Create(0), Parallel(((Get(Arn(0)),), (Delete(Arn(0)),), (Get(Arn(0)),))), Get(Arn(0)))))
def test_one_of_several_deletes_is_accepted(endpoint: Endpoint, program: Program) -> None:
    """Of several Deletes of one ARN at once at most one is accepted, and the connection is gone afterwards."""
    endpoint.check(program)


@pytest.mark.law("connection.arn.never-reused")
@given(program=races("arns"))
@example(program=Program((Parallel(tuple((Create(n, Name(n)),) for n in range(8))), Walk(3))))
def test_no_two_of_several_creates_at_once_are_given_one_arn(endpoint: Endpoint, program: Program) -> None:
    """Each has an ARN of its own, and none is lost."""
    endpoint.check(program)


@pytest.mark.law("concurrent.list.stable")
@given(program=races("lists"))
@example(program=Program((Fill(100, 5), Parallel(((List(),), (Delete(Arn(100)),), (Delete(Arn(102)),))), Walk())))
@example(program=Program((Fill(100, 4), Parallel(((Walk(1),), (Walk(1),), (Create(0), Delete(Arn(0))))))))
def test_a_walk_during_churn_misses_nothing(endpoint: Endpoint, program: Program) -> None:
    """A walk shows every connection that existed throughout, also while others come and go beside it."""
    endpoint.check(program)
