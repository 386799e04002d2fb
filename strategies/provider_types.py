"""ProviderTypes: those of the edition in force, and words that no edition knows."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from assay.in_force import contract_in_force

__all__ = ["provider_types", "unknown_provider_types"]

_STRANGE: Final = ("", " ", "Bitbucket ", "Gitea", "SourceForge", "Bitbucket,GitHub", "null", "0", "CodeCommit", "💥")


def provider_types(*, hosted: bool = False) -> st.SearchStrategy[str]:
    """ProviderTypes of the edition in force that need no host; with `hosted`, those that do as well."""
    return st.deferred(lambda: _known(hosted=hosted))


def unknown_provider_types() -> st.SearchStrategy[str]:
    """Words that are no ProviderType of any edition: another case, another host, or nothing like one."""
    return st.deferred(_unknown)


def _known(*, hosted: bool) -> st.SearchStrategy[str]:
    contract = contract_in_force()
    kinds = [kind for kind in contract.kinds if hosted or kind not in contract.resource.hosted_kinds]
    return st.sampled_from(kinds)


def _unknown() -> st.SearchStrategy[str]:
    known = contract_in_force().every_kind
    cases = {change(kind) for kind in sorted(known) for change in (str.lower, str.upper, str.swapcase, str.title)}
    return st.sampled_from(sorted(({*cases, *_STRANGE}) - known))
