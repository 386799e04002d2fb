"""The contract in force in this process: set once, when a run knows its edition, and read by strategies when they draw.

Tests are decorated when their module is imported, before anybody can hand them a contract; so strategies ask for it
here, at the last moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import HarnessError

if TYPE_CHECKING:
    from assay.contract import Contract

__all__ = ["contract_in_force", "put_in_force"]

_in_force: list[Contract] = []


def put_in_force(contract: Contract) -> None:
    """Let `contract` be the one that strategies draw for."""
    _in_force[:] = [contract]


def contract_in_force() -> Contract:
    """The contract that strategies draw for."""
    if not _in_force:
        raise HarnessError(
            "no contract is in force", hint="start the tests with the plugin assay.plugin, or call put_in_force"
        )
    return _in_force[0]
