"""Where each liberty shows: calls written by hand that the reference and the liberty answer differently."""

from __future__ import annotations

from selftests.liberties_shown import answers, arns, lists, refusals, threads

__all__ = ["SHOWN"]

_TABLES = (arns.SHOWN, lists.SHOWN, refusals.SHOWN, answers.SHOWN, threads.SHOWN)
SHOWN = {name: showing for table in _TABLES for name, showing in table.items()}
assert len(SHOWN) == sum(map(len, _TABLES)), "two showings of one liberty"
