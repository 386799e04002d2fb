"""Requests as recipes: all of the corpus about a law, one after the other, and mutations of it that the corpus has not.

The corpus is a seed and not a limit. What is smallest is the whole of it, so every run begins with that; from there on
a few cases are drawn and changed: another base, two changes at once, a body cut or with a character put in.

Between and behind the requests the world is looked at in the ordinary way: whether what was refused left a trace, and
whether the endpoint still serves.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from assay.corpus import Case, load_corpus
from assay.in_force import contract_in_force
from assay.program import Arn, Create, Delete, Get, List, Name, Program, Send, Step, Walk
from assay.recipe import Recipe
from assay.suite import specs_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.contract import Contract

__all__ = ["mutated_recipes", "raw_programs"]

_FIRST_LABEL: Final = 200
_LOOK_EVERY: Final = 12  # requests between two looks
_FRAGMENTS: Final = ('"', "{", "}", "[", "]", ",", ":", "\\", "\\u", "\0", "\x1f", "é", "\ufeff", "1e999", "-", "null")
_ODD_VALUES: Final[tuple[Any, ...]] = (5, -1, 0, 1.5, True, False, [], {}, [None], [[]], {"a": None}, "", None, 2**63)
_ODD_TARGETS: Final = ("", ".", "<prefix>.", ".<operation>", "<operation>", "<prefix>.<lower>", "nobody.<operation>")
_ODD_TYPES: Final = ("<type>;charset=utf-8", "<type>; a=b", "<type>,<type>", "text/plain", "*/*", "<type>;", "a" * 300)
_VERBS: Final = ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
_PATHS: Final = ("/", "//", "a", "?a=b", "?", "%00", "..", "a/../", "?X-Amz-Target=x", "*")


def raw_programs(about: str) -> st.SearchStrategy[Program]:
    """Programs of raw requests about a law, or about all that the corpus has where `about` is `anything`."""
    return st.deferred(lambda: _raw_programs(about))


def mutated_recipes(*, bases: Sequence[str] = ("create", "list", "get")) -> st.SearchStrategy[Recipe]:
    """Recipes with one to three changes, each of a kind of its own, to the ordinary request of any of the bases."""
    changes = st.lists(st.one_of(_changes()), min_size=1, max_size=3)
    return st.builds(_changed, st.sampled_from(bases), changes)


def _raw_programs(about: str) -> st.SearchStrategy[Program]:
    cases = [case for case in _corpus(contract_in_force()) if about in {"anything", _drawn_for(case)}]
    whole = st.just(_program([_step(case) for case in cases]))
    some = st.lists(st.sampled_from(cases), min_size=1, max_size=4).map(lambda drawn: [_step(case) for case in drawn])
    odd = st.lists(mutated_recipes().map(lambda recipe: Send(recipe=recipe)), min_size=1, max_size=4)
    both = st.tuples(st.sampled_from(cases).map(_step), mutated_recipes()).map(
        lambda drawn: [_combined(drawn[0], drawn[1])]
    )
    return st.one_of(whole, st.one_of(some, odd, both).map(_program))


@lru_cache(maxsize=4)
def _corpus(contract: Contract) -> tuple[Case, ...]:
    return load_corpus(contract, specs=specs_root())


def _drawn_for(case: Case) -> str:
    """The law that a case is drawn for: laws of connections have programs of their own, and none of raw requests."""
    return case.law if case.law.startswith("wire.") else "wire.no-server-error"


def _step(case: Case) -> Send:
    return Send(recipe=case.recipe, case=case.id, name=Name(length=case.name_length))


def _combined(step: Send, recipe: Recipe) -> Send:
    """The changes of both, those of the case over the others."""
    other = recipe.as_json() | {"base": step.recipe.base}
    return Send(recipe=Recipe.from_json({**other, **step.recipe.as_json()}), name=step.name)


def _program(sends: Sequence[Send]) -> Program:
    """The requests in their order, a connection before them, and looks at the world between and behind them.

    A Delete has a connection of its own, made just before.
    """
    steps: list[Step] = [Create(0, Name(0))]
    for number, send in enumerate(sends):
        label = _FIRST_LABEL + number
        if send.recipe.base == "delete":
            made = 1 + number
            steps.append(Create(made, Name(made)))
            steps.append(replace(send, label=label, name=replace(send.name, slot=label), arn=Arn(made)))
        else:
            steps.append(replace(send, label=label, name=replace(send.name, slot=label), arn=Arn(0)))
        if (number + 1) % _LOOK_EVERY == 0:
            steps += (Walk(contract_in_force().page_sizes.maximum), List())
    return Program((*steps, Walk(contract_in_force().page_sizes.maximum), Get(Arn(0)), Delete(Arn(0)), List()))


# -- changes


def _changes() -> list[st.SearchStrategy[dict[str, Any]]]:
    contract = contract_in_force()
    members = sorted({name for operation in contract.operations.values() for name in operation.members})
    names = st.sampled_from((*members, *(name.lower() for name in members), "Unknown", ""))
    return [
        st.dictionaries(names, st.sampled_from(_ODD_VALUES), min_size=1, max_size=3).map(lambda it: {"members": it}),
        st.sampled_from(members).map(lambda name: {"without": [name]}),
        st.builds(_broken_body, st.integers(0, 60), st.sampled_from((*_FRAGMENTS, "")), st.booleans()),
        st.sampled_from(("utf-16", "utf-16-le", "utf-32")).map(lambda name: {"encoding": name}),
        st.sampled_from(_ODD_TARGETS).map(lambda target: {"target": target}),
        st.sampled_from(_ODD_TYPES).map(lambda value: {"headers": [["Content-Type", value]]}),
        st.sampled_from(_VERBS).map(lambda verb: {"method": verb}),
        st.sampled_from(_PATHS).map(lambda path: {"path": path}),
        st.sampled_from(("chunked", "none", "both")).map(lambda framing: {"framing": framing}),
        st.sampled_from(("<longer>", "<shorter>", "0", "-1", "x", "1e3")).map(
            lambda length: {"headers": [["Content-Length", length]]}
        ),
        st.sampled_from(("X-Amz-Target", "Content-Type", "Accept-Encoding")).map(
            lambda name: {"without_headers": [name]}
        ),
        st.sampled_from((["Expect", "100-continue"], ["Connection", "close"], ["X-Odd", "a\tb"], ["X-Empty", ""])).map(
            lambda field: {"more_headers": [field]}
        ),
    ]


def _broken_body(place: int, fragment: str, cut: bool) -> dict[str, Any]:  # noqa: FBT001 - it is drawn
    """The ordinary members with something put in: before, behind, or in a text of their own; or cut off there."""
    text = '{"Unknown":"x","Other":[1,2,{"a":null}],<members>}'
    at = place % len(text)
    while "<" in text[max(0, at - 8) : at] and at < len(text) - 1:
        at += 1  # not within a word
    return {"body": text[:at] + fragment + ("" if cut else text[at:])}


def _changed(base: str, changes: Sequence[dict[str, Any]]) -> Recipe:
    record: dict[str, Any] = {"base": base}
    for change in changes:
        record |= change
    return Recipe.from_json(record)
