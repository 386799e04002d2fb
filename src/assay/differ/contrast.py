"""The answers to one step, held against each other: in which aspects they differ, the gravest first.

An aspect is a word that is the same wherever the same difference shows: together with the operation and with what each
side said, it is what one difference is told from another by.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.history import Accepted
from assay.program import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.contract import Contract
    from assay.differ.alike import Alike
    from assay.history import Call
    from assay.program import Step

__all__ = ["Contrast", "contrasts"]

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Contrast:
    """An operation, the aspect in which its answers differ, and what each side said; `ends` says that the two go apart.

    Two accounts that hold different connections cannot be compared any further.
    """

    operation: str
    aspect: str
    of_a: str
    of_b: str
    ends: bool = False


def contrasts(
    step: Step, contract: Contract, one: tuple[Sequence[Call], Alike], other: tuple[Sequence[Call], Alike]
) -> Iterator[Contrast]:
    """How the answers to a step differ; nothing where one side could not take it, or was turned away for its rate."""
    if not one[0] or not other[0] or any(call.is_retried for call in (one[0][-1], other[0][-1])):
        return
    if isinstance(step, Walk):
        yield from _of_walks(contract, one, other)
        return
    # Attempts that were turned away for their rate are not answers.
    pairs = zip(*([call for call in calls if not call.is_retried] for calls, _ in (one, other)), strict=False)
    for mine, yours in pairs:
        yield from _of_calls(contract, (mine, one[1]), (yours, other[1]))


def _of_calls(contract: Contract, one: tuple[Call, Alike], other: tuple[Call, Alike]) -> Iterator[Contrast]:
    (call, alike), (other_call, other_alike) = one, other
    operation = call.operation or "a raw request"
    (word, members), (other_word, other_members) = alike.answer(call), other_alike.answer(other_call)
    if word != other_word:
        is_apart = isinstance(call.outcome, Accepted) != isinstance(other_call.outcome, Accepted)
        yield Contrast(operation, "answer", word, other_word, ends=is_apart)
        return
    if operation == contract.list.name or contract.pagination.items in {*members, *other_members}:
        yield from _of_pages(contract, one, other, operation)
        return
    yield from _of_members(operation, members, other_members)


def _of_members(operation: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Contrast]:
    for member in dict.fromkeys([*one, *other]):
        mine, yours = one.get(member), other.get(member)
        if isinstance(mine, dict) and isinstance(yours, dict):
            yield from _of_members(operation, mine, yours)
        elif mine != yours:
            yield Contrast(operation, member, _word(mine), _word(yours))


def _of_pages(
    contract: Contract, one: tuple[Call, Alike], other: tuple[Call, Alike], operation: str
) -> Iterator[Contrast]:
    """Two pages that were asked for alike: a page may be short, so only what is on both is compared by member."""
    (call, alike), (other_call, other_alike) = one, other
    mine, yours = alike.items(call), other_alike.items(other_call)
    identity = contract.resource.identity
    if not (alike.shows_strangers or other_alike.shows_strangers):
        if len(mine) != len(yours):
            is_longer = len(mine) > len(yours)
            words = ("more", "fewer") if is_longer else ("fewer", "more")
            yield Contrast(operation, "connections on a page", *words)
        elif [item[identity] for item in mine] != [item[identity] for item in yours]:
            yield Contrast(operation, "which connections, in which order", "one", "another")
    yield from _of_items(contract, mine, yours, operation)


def _of_walks(
    contract: Contract, one: tuple[Sequence[Call], Alike], other: tuple[Sequence[Call], Alike]
) -> Iterator[Contrast]:
    """Two walks: how they ended, which connections they showed, how often, in which order, as what."""
    operation, identity = contract.list.name, contract.resource.identity
    pages = [
        [call for call in calls if call.operation == operation and not call.is_retried] for calls, _ in (one, other)
    ]
    if not pages[0] or not pages[1]:
        return
    ends = [alike.answer(own[-1])[0] for own, (_, alike) in zip(pages, (one, other), strict=True)]
    if ends[0] != ends[1]:
        yield Contrast(operation, "answer", ends[0], ends[1])
        return
    mine, yours = (
        [item for call in own for item in alike.items(call)]
        for own, (_, alike) in zip(pages, (one, other), strict=True)
    )
    shown, also_shown = Counter(item[identity] for item in mine), Counter(item[identity] for item in yours)
    if shown != also_shown:
        words = [
            f"shows {_excess(a, b)} that the other does not" for a, b in ((shown, also_shown), (also_shown, shown))
        ]
        yield Contrast(operation, "which connections a walk shows", words[0], words[1])
    elif [item[identity] for item in mine] != [item[identity] for item in yours]:
        yield Contrast(operation, "the order of a walk", "one", "another")
    if len(pages[0]) != len(pages[1]) and not (one[1].shows_strangers or other[1].shows_strangers):
        is_longer = len(pages[0]) > len(pages[1])
        yield Contrast(operation, "pages of a walk", *(("more", "fewer") if is_longer else ("fewer", "more")))
    yield from _of_items(contract, mine, yours, operation)


def _of_items(
    contract: Contract, mine: Sequence[Mapping[str, Any]], yours: Sequence[Mapping[str, Any]], operation: str
) -> Iterator[Contrast]:
    identity = contract.resource.identity
    known = {item[identity]: item for item in yours}
    seen: set[Contrast] = set()
    for item in mine:
        if item[identity] in known:
            for each in _of_members(operation, item, known[item[identity]]):
                if each not in seen:
                    seen.add(each)
                    yield each


def _excess(one: Counter[str], other: Counter[str]) -> str:
    """Is anything shown that the other side does not show? How many is luck."""
    return "something" if one - other else "nothing"


def _word(value: Any) -> str:
    if value is None:
        return "absent"
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
