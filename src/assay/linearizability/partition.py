"""Cut a history into parts that can be judged one by one.

Linearizability is local (Herlihy and Wing, 1990, theorem 1): where every operation is on one object and the objects'
answers do not depend on each other, a history has an order exactly if the calls on each object have one. So it is
sound to search the parts, if the objects are well chosen:

* **By ARN, without the promise that names are unique.** What `finds`, `misses`, `creates` and `deletes` say of one
  connection depends on that connection alone, and a refused Create, `taken`, is then no claim about any.
* **By name, with it.** A Create depends on who holds its name, so all connections of one name in one place belong
  together; every claim about a connection belongs to the name that its Create gave it. Connections of other names and
  of the same name elsewhere change nothing.

A call whose answer is about several connections (a page) is one operation on many objects, and there the theorem ends.
It makes separate claims instead, each with the whole time of its walk, so the parts are judged by less than a picture
of one moment would say: an order of the whole always gives orders of the parts, and a page is never accused for being
put together from several moments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable

    from assay.history import Call
    from assay.linearizability.claims import Claim

__all__ = ["by_arn", "by_name", "is_side_by_side"]


def by_name(claims: Iterable[Claim]) -> list[list[Claim]]:
    """The claims about each name in its place, in the order in which the names turn up."""
    return _parts(claims, lambda claim: claim.room)


def by_arn(claims: Iterable[Claim]) -> list[list[Claim]]:
    """The claims about each connection; what a refused Create says of a name is left out."""
    return _parts((claim for claim in claims if claim.kind != "taken"), lambda claim: claim.arn)


def is_side_by_side(calls: Iterable[Call], writes: Collection[str]) -> bool:
    """Was any call under way at once with another, and one of the two an operation that writes?"""
    busy = busy_writing = float("-inf")
    for call in sorted(calls, key=lambda call: call.start):
        is_write = call.operation in writes
        if call.start < (busy if is_write else busy_writing):
            return True
        busy = max(busy, call.end)
        if is_write:
            busy_writing = max(busy_writing, call.end)
    return False


def _parts(claims: Iterable[Claim], key: Callable[[Claim], Hashable]) -> list[list[Claim]]:
    parts: dict[Hashable, list[Claim]] = {}
    for claim in claims:
        parts.setdefault(key(claim), []).append(claim)
    return list(parts.values())
