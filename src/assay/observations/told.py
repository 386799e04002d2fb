"""Observations that several processes made of one endpoint, put together: each value with the calls of all of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Told"]


class Told:
    """Observations as `Observations.as_json` tells them, of several at once."""

    def __init__(self, several: Sequence[Sequence[Mapping[str, Any]]]) -> None:
        self._several = several

    def as_json(self) -> list[dict[str, Any]]:
        """The same, in the order of the first."""
        seen: dict[str, Counter[str]] = {}
        sentences: dict[str, str] = {}
        for told in self._several:
            for each in told:
                sentences.setdefault(each["id"], each["sentence"])
                counts = seen.setdefault(each["id"], Counter())
                counts.update({value["value"]: value["calls"] for value in each["values"]})
        return [
            {
                "id": id_,
                "sentence": sentences[id_],
                "value": " | ".join(sorted(values)) or None,
                "values": [{"value": value, "calls": values[value]} for value in sorted(values)],
                "calls": values.total(),
            }
            for id_, values in seen.items()
        ]
