"""CreateConnection: what it takes, what it refuses, and what is shown of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from assay.program import Arn, Create, Delete, Get, Name, Program, Send, Walk
from assay.recipe import Recipe
from strategies import programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint


NO_HOST = "arn:aws:codestar-connections:us-east-1:123456789012:host/nobody-0badc0de"


@pytest.mark.law("connection.create.accepts")
@given(program=programs("statuses"))
@example(program=Program((Create(0), Create(1, Name(1)), Get(Arn(1)))))
@example(program=Program((Create(0, kind="GitHub"), Create(1, Name(1), "GitLab"))))
@example(program=Program((Create(0, leg="sdk"), Get(Arn(0), leg="sdk"), Walk(leg="sdk"))))
@example(program=Program((Create(0, Name(0, after="a", length=31)), Create(1, Name(0, after="b", length=31)))))
@example(program=Program((Create(0, members={"Tags": [{"Key": "team", "Value": ""}]}), Get(Arn(0)))))
@example(program=Program((Create(0, members={"Tags": [{"Key": "k" * 128, "Value": "v" * 256}]}), Get(Arn(0)))))
@example(program=Program((Create(0, Name(0), "Gitea"), Create(1, Name(0)))))
@example(program=Program((Create(0, Name(0), None), Create(1, Name(0)))))
def test_a_valid_create_is_accepted(endpoint: Endpoint, program: Program) -> None:
    """A Create with a fresh name and a known provider is accepted."""
    endpoint.check(program)


@pytest.mark.law("connection.create.required")
@given(program=programs("inputs"))
@example(program=Program((Create(0, None), Create(1, None, None), Create(2, Name(2), None))))
def test_a_create_without_a_required_member_is_refused(endpoint: Endpoint, program: Program) -> None:
    """Without a name, or without anything that says which provider, nothing is created."""
    endpoint.check(program)


@pytest.mark.law("connection.create.provider")
@given(program=programs("inputs"))
@example(
    program=Program((Create(0, kind="bitbucket"), Create(1, Name(1), "BITBUCKET"), Create(2, Name(2), "Gitea"), Walk()))
)
@example(program=Program((Create(0, kind=""), Create(1, Name(1), " Bitbucket"), Walk())))
@example(program=Program((Create(0, kind="AzureDevOps"), Create(1, Name(1), "GitHub"))))
def test_a_provider_that_nobody_knows_is_refused(endpoint: Endpoint, program: Program) -> None:
    """A ProviderType that no edition knows is refused, a known one in another case too."""
    endpoint.check(program)


@pytest.mark.law("connection.create.no-trace")
@given(program=programs("inputs"))
@example(program=Program((Create(0, Name(0)), Create(1, Name(0)), Walk())))
@example(program=Program((Create(0, Name(0, length=33)), Create(1, Name(1), "Gitea"), Walk())))
@example(program=Program((Create(0, Name(0), None, {"HostArn": NO_HOST}), Walk())))
@example(
    program=Program(
        (
            Send(recipe=Recipe("create", members={"Tags": "x"})),
            Walk(),
            Send(recipe=Recipe("create", body="{<members>")),
            Walk(),
        )
    )
)
def test_a_refused_create_leaves_nothing_behind(endpoint: Endpoint, program: Program) -> None:
    """What was refused is not listed."""
    endpoint.check(program)


@pytest.mark.law("connection.provider.preserved")
@given(program=programs("filters"))
@example(program=Program((Create(0, kind="GitHub"), Create(1, Name(1)), Get(Arn(0)), Get(Arn(1)), Walk())))
@example(program=Program((Create(0, Name(0), "GitHub"), Delete(Arn(0)), Create(1, Name(0)), Get(Arn(1)), Walk())))
def test_a_provider_is_shown_as_it_was_given(endpoint: Endpoint, program: Program) -> None:
    """Get and List show the ProviderType that Create was given."""
    endpoint.check(program)


@pytest.mark.law("connection.owner.account")
@given(program=programs("statuses"))
@example(program=Program((Create(0), Get(Arn(0)), Walk())))
def test_an_owner_is_an_account(endpoint: Endpoint, program: Program) -> None:
    """OwnerAccountId, where it is shown, is twelve digits."""
    endpoint.check(program)
