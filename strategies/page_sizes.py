"""Page sizes: around the number of items, around the bounds, and beyond them. Faults of paging live at these edges."""

from __future__ import annotations

from hypothesis import strategies as st

from assay.in_force import contract_in_force

__all__ = ["page_sizes", "walk_sizes"]


def page_sizes(*, proper: bool = True) -> st.SearchStrategy[int]:
    """Values of MaxResults that the edition allows; with `proper=False`, those that it forbids, the nearest first."""
    return st.deferred(lambda: _page_sizes(proper=proper))


def walk_sizes(items: int) -> st.SearchStrategy[int | None]:
    """Page sizes for a walk over about `items` items: small ones, those around the number, its half, none at all."""
    if items < 0:
        raise ValueError(f"items must be at least 0, not {items}")
    return st.deferred(lambda: _walk_sizes(items))


def _page_sizes(*, proper: bool) -> st.SearchStrategy[int]:
    bounds = contract_in_force().page_sizes
    least, most = bounds.minimum or 0, bounds.maximum or 1_000
    if proper:
        return st.sampled_from((least, most, least + 1, most - 1)) | st.integers(least, most)
    return st.sampled_from((least - 1, most + 1, -1, most * 2, 1_000, -1_000, 2**31 - 1, -(2**31)))


def _walk_sizes(items: int) -> st.SearchStrategy[int | None]:
    bounds = contract_in_force().page_sizes
    least, most = max(1, bounds.minimum or 1), bounds.maximum or 1_000
    # A page of one over many items costs as many calls; it finds nothing there that it does not find over a few.
    smallest = 1 if items <= 12 else items // 12  # noqa: PLR2004 - pages, at the most
    near = (smallest, smallest + 1, items // 2, items - 1, items, items + 1, most)
    sizes = sorted({size for size in near if least <= size <= most})
    return st.sampled_from(sizes) | st.none()
