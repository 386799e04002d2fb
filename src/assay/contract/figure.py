"""The figures of an edition in words, for the sentences of its laws.

A sentence that held a figure would be wrong in the next edition, so it holds a placeholder, and this table is all the
placeholders there are: `{name_length.maximum}`, `{page_sizes.above}`, `{statuses}`, `{create.required}` and their like.
Each is named after the property of `Contract` that it shows, so that a reader can guess it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.contract.contract import Contract

__all__ = ["figures_of", "listed"]


def figures_of(contract: Contract) -> Mapping[str, str]:
    """Every placeholder and what stands for it in this edition."""
    figures = {
        f"{name}.{end}": str(getattr(bounds, end))
        for name, bounds in (
            ("name_length", contract.name_length),
            ("identity_length", contract.identity_length),
            ("token_length", contract.token_length),
            ("page_sizes", contract.page_sizes),
        )
        for end in ("minimum", "maximum", "below", "above")
    }
    figures["kinds"] = listed(contract.kinds, "or")
    figures["statuses"] = listed(contract.statuses, "or")
    figures["initial_status"] = contract.resource.initial_status
    figures["completed_status"] = contract.resource.completed_status
    for operation in contract.operations.values():
        figures[f"{operation.role}.required"] = listed(operation.required, "or") or "anything"
    return figures


def listed(words: Sequence[str], last: str) -> str:
    """Words as a person lists them: `PENDING, AVAILABLE or ERROR`."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
