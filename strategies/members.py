"""Members of CreateConnection besides name and provider, in the editions that have them: tags, and the ARN of a host.

What is drawn is valid, and a refusal of it means something; the host is one that nobody made.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from assay.in_force import contract_in_force

__all__ = ["more_members", "unknown_hosts"]

_KEYS: Final = ("team", "Team", "stage", "x", "a1")
_VALUES: Final = ("", "x", "Blue", "two words", "1", "é")


def more_members() -> st.SearchStrategy[dict[str, Any]]:
    """Valid members to send besides: tags where the edition has them, or nothing."""
    return st.deferred(_more_members)


def unknown_hosts() -> st.SearchStrategy[dict[str, Any]]:
    """The ARN of a host that does not exist, where the edition knows hosts, or nothing."""
    return st.deferred(_unknown_hosts)


def _more_members() -> st.SearchStrategy[dict[str, Any]]:
    if "Tags" not in contract_in_force().create.members:
        return st.just({})
    tags = st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_VALUES), max_size=3)
    return tags.map(lambda drawn: {"Tags": [{"Key": key, "Value": value} for key, value in drawn.items()]})


def _unknown_hosts() -> st.SearchStrategy[dict[str, Any]]:
    contract = contract_in_force()
    if "HostArn" not in contract.create.members:
        return st.just({})
    return st.just({"HostArn": f"arn:aws:{contract.service}:us-east-1:123456789012:host/nobody-0badc0de"})
