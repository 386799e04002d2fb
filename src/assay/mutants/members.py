"""Faults of members: an owner that is no account, a provider that nobody gave, a host that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import in_get, in_list, in_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.mutants.wrapping import Change
    from assay.reference.parts import Parts

_RARELY = 50


def _member(name: str, change: Callable[[str], object]) -> Change:
    return lambda shown: {**shown, name: change(str(shown[name]))}


@mutant("owner.number", caught_by=("connection.owner.account",))
def owner_number(parts: Parts) -> Parts:
    """Show the owner's account as a number.

    Twelve digits look like one, and a configuration file in YAML makes one of them.
    """
    return in_views(parts, _member("OwnerAccountId", int))


@mutant("owner.eleven-digits", caught_by=("connection.owner.account",))
def owner_eleven_digits(parts: Parts) -> Parts:
    """Lose the first digit of the owner's account, in List.

    The column is as wide as the author's own account without its leading zero.
    """
    return in_list(parts, _member("OwnerAccountId", lambda account: account[1:]))


@mutant("owner.null-in-letters", caught_by=("connection.owner.account",))
def owner_null_in_letters(parts: Parts) -> Parts:
    """Show `null`, four letters, as the owner's account.

    What is not there was formatted as text.
    """
    return in_views(parts, _member("OwnerAccountId", lambda _: "null"))


@mutant("owner.arn", caught_by=("connection.owner.account",))
def owner_arn(parts: Parts) -> Parts:
    """Show the ARN of the account's root in Get, where the account belongs.

    STS tells the caller's identity in that form.
    """
    return in_get(parts, _member("OwnerAccountId", lambda account: f"arn:aws:iam::{account}:root"))


@mutant("owner.misspelt", caught_by=("connection.get.details",), clause="owner")
def owner_misspelt(parts: Parts) -> Parts:
    """Call the owner's account `OwnerAccountID`.

    The emulator's language writes ID so, and its serialiser follows the field's name.
    """

    def change(shown: dict[str, object]) -> dict[str, object]:
        return {"OwnerAccountID" if key == "OwnerAccountId" else key: value for key, value in shown.items()}

    return in_views(parts, change)


@mutant("provider.always-bitbucket", caught_by=("connection.provider.preserved",))
def provider_always_bitbucket(parts: Parts) -> Parts:
    """Show Bitbucket as the provider of every connection.

    There was no other one in the first release.
    """
    return in_views(parts, _member("ProviderType", lambda _: "Bitbucket"))


@mutant("provider.small-letters-in-list", caught_by=("connection.provider.preserved",))
def provider_small_letters_in_list(parts: Parts) -> Parts:
    """Show the provider in small letters in List.

    The column that List filters by holds them so.
    """
    return in_list(parts, _member("ProviderType", str.lower))


@mutant("provider.gitlab-as-github", caught_by=("connection.provider.preserved",))
def provider_gitlab_as_github(parts: Parts) -> Parts:
    """Show GitHub as the provider of a connection to GitLab.

    What is not Bitbucket is GitHub, said a branch that was written when there were two.
    """
    return in_views(parts, _member("ProviderType", lambda kind: "GitHub" if kind == "GitLab" else kind))


@mutant("provider.once-in-fifty", caught_by=("connection.provider.preserved",))
def provider_once_in_fifty(parts: Parts) -> Parts:
    """Show another provider at every fiftieth Get.

    Objects for answers are pooled, and now and then one comes back with a member of its former life.
    """
    turns = iter(range(1, 2**62))
    others = {"Bitbucket": "GitHub"}

    def change(kind: str) -> str:
        return kind if next(turns) % _RARELY else others.get(kind, "Bitbucket")

    return in_get(parts, _member("ProviderType", change))


@mutant("host.empty", caught_by=("wire.schema",))
def host_empty(parts: Parts) -> Parts:
    """Show an empty HostArn where a connection has no host.

    The zero value of a text in the emulator's language, and a serialiser that leaves nothing out.
    """
    return in_views(parts, lambda shown: {"HostArn": "", **shown})


@mutant("host.false-in-list", caught_by=("wire.schema", "connection.list.agrees"))
def host_false_in_list(parts: Parts) -> Parts:
    """Show false for the HostArn of a connection without a host, in List.

    A language in which nothing, zero and false are nearly one.
    """
    return in_list(parts, lambda shown: {"HostArn": False, **shown})
