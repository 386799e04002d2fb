"""ListConnections: a walk from the first page to the last shows all there is, once, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Program, Token, Walk
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint

CASES = tuple(Create(number, Name(0, after=text)) for number, text in enumerate(("b", "A", "a", "B", "c", "C")))
TWO_KINDS = ("Bitbucket", "GitHub")
NO_HOST = "arn:aws:codestar-connections:us-east-1:123456789012:host/nobody-0badc0de"


@pytest.mark.law("connection.list.complete")
@given(program=programs("pages"))
@example(program=Program((Fill(100, 4), Walk(2), Walk(1), Walk(4), Walk(3), Walk())))
@example(program=Program((Fill(100, 3), Walk(1, between=((1, Delete(Arn(100))),)))))
@example(
    program=Program((Fill(100, 5), Walk(2, between=((1, Delete(Arn(101))), (1, Create(0)), (2, Delete(Arn(102)))))))
)
@example(program=Program((Fill(100, 51), Walk(), Walk(50), Walk(17))))
@example(program=Program((*CASES, Walk(1), Walk(2), Walk(3))))
@example(program=Program((Fill(100, 250), Walk(100), Walk())))
def test_a_walk_shows_every_connection(endpoint: Endpoint, program: Program) -> None:
    """A walk to the last page shows every connection that existed throughout, also while others come and go."""
    endpoint.check(program)


@pytest.mark.law("connection.list.once")
@given(program=programs("pages"))
@example(program=Program((Fill(100, 3), Walk(), Walk(2), Walk())))
@example(program=Program((Fill(100, 5), Walk(), Walk(2), Walk(), Walk(1), Walk())))
def test_a_walk_shows_nothing_twice(endpoint: Endpoint, program: Program) -> None:
    """No connection is on two pages of a walk."""
    endpoint.check(program)


@pytest.mark.law("connection.list.truth")
@given(program=programs("removals"))
@example(program=Program((Fill(100, 3), Delete(Arn(101)), Walk(), Walk(1))))
def test_a_walk_shows_nothing_that_is_not_there(endpoint: Endpoint, program: Program) -> None:
    """No deleted connection is listed, and no name that nobody asked for."""
    endpoint.check(program)


@pytest.mark.law("connection.list.terminates")
@given(program=programs("pages"))
@example(program=Program((Fill(100, 3), Walk(1), Walk(2), Walk(0))))
@example(program=Program((Walk(1), Walk())))
@example(program=Program((Create(0), Create(1, Name(1)), Walk(1, news=2))))
def test_a_walk_comes_to_an_end(endpoint: Endpoint, program: Program) -> None:
    """Following NextToken leads to a page without one."""
    endpoint.check(program)


@pytest.mark.law("connection.list.page-size")
@given(program=programs("pages"))
@example(program=Program((Fill(100, 3), List(1), List(2), List(3), Walk(1))))
@example(program=Program((List(2), List(1, None, Token()))))
def test_a_page_holds_no_more_than_was_asked_for(endpoint: Endpoint, program: Program) -> None:
    """No page holds more than MaxResults items."""
    endpoint.check(program)


@pytest.mark.law("connection.list.max-results")
@given(program=programs("inputs"))
@example(program=Program((List(1), List(50), List(100), List(101), List(-1), List(51), List(0), List(2**32 + 1))))
def test_page_sizes_have_bounds(endpoint: Endpoint, program: Program) -> None:
    """MaxResults within the edition's range is accepted, beside it refused."""
    endpoint.check(program)


@pytest.mark.law("connection.list.token")
@given(program=programs("tokens"))
@example(program=Program((Fill(100, 3), Walk(1), Walk(3), List())))
def test_a_token_is_text_of_a_certain_length(endpoint: Endpoint, program: Program) -> None:
    """NextToken has 1 to 1024 characters, and the last page has none."""
    endpoint.check(program)


@pytest.mark.law("connection.list.token-forged")
@given(program=programs("tokens"))
@example(
    program=Program((Fill(100, 3), List(1), List(1, None, Token("altered", 2)), List(1, None, Token("altered", 9))))
)
@example(
    program=Program((List(1, None, Token("invented", text="abc")), List(None, None, Token("invented", text="/+="))))
)
@example(program=Program((Fill(100, 3), List(1), *(List(1, None, Token("counted", number)) for number in range(4)))))
def test_a_token_that_nobody_gave_is_refused(endpoint: Endpoint, program: Program) -> None:
    """Altered and invented tokens are refused."""
    endpoint.check(program)


@pytest.mark.law("connection.list.filter")
@given(program=programs("filters"))
@example(program=Program((Fill(100, 6, TWO_KINDS), Walk(1, "GitHub"), Walk(2, "Bitbucket"), Walk(None, "GitHub"))))
@example(program=Program((Fill(100, 4), Create(0, kind="GitHub"), Walk(2, "GitHub"), Walk(1, "Bitbucket"))))
@example(
    program=Program(
        (
            *(Create(1, Name(1)), Walk(50, "GitHub"), Create(0, kind="GitHub"), Walk(50, "GitHub")),
            *(Walk(2, "GitHub"), Walk(1, "Bitbucket"), List(5, "GitHub", members={"HostArnFilter": NO_HOST})),
            *(Delete(Arn(0)), Walk(50, "GitHub")),
        )
    )
)
def test_a_filter_shows_one_provider_on_every_page(endpoint: Endpoint, program: Program) -> None:
    """ProviderTypeFilter shows all connections of that provider and no others."""
    endpoint.check(program)


@pytest.mark.law("connection.list.filter-value")
@given(program=programs("inputs"))
@example(program=Program((Create(0), List(None, "Gitea"), List(None, "bitbucket"), List(1, ""))))
def test_a_filter_that_is_no_provider_is_refused(endpoint: Endpoint, program: Program) -> None:
    """A ProviderTypeFilter outside the enumeration is refused."""
    endpoint.check(program)


@pytest.mark.law("connection.list.agrees")
@given(program=programs("statuses"))
@example(program=Program((Fill(100, 2, TWO_KINDS), Get(Arn(100)), Get(Arn(101)), Walk(), Walk(1), Get(Arn(100)))))
@example(program=Program((Create(0, Name(0, after=" é")), Walk(), Get(Arn(0)), Walk())))
def test_list_shows_what_get_says(endpoint: Endpoint, program: Program) -> None:
    """An item of List equals what Get says of the same connection."""
    endpoint.check(program)
