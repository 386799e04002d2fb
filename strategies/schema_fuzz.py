"""Programs of requests that Schemathesis makes up from the schemas: such as fit them, and such as do not.

Its generation is wanted and nothing else of it: a case becomes a step, so that the driver sends it, all laws judge it,
and a finding is shrunk and replayed like any other. Three things of a case are made ours:

* a name is fresh: the drawn text stands in it as far as there is room, at the drawn length;
* an ARN that fits the pattern may be the one of a connection that was made, as a link from Create to Get has it;
* a Delete is an ordinary step, because the driver sends such a step no ARN that could be a stranger's.

Importing Schemathesis takes half a second, so it is done when the first of its cases is drawn.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st

from assay import openapi
from assay.in_force import contract_in_force
from assay.program import Arn, Create, Delete, Get, List, Name, Program, Send, Step, Walk
from assay.recipe import Recipe

if TYPE_CHECKING:
    from assay.contract import Contract, Role

    _Drawn: TypeAlias = tuple[Role, Any, bool]

__all__ = ["fuzzed_programs"]

_FIRST_LABEL: Final = 200
_MOST_CASES: Final = 4
_LONGEST_NAME: Final = 64  # a name of more characters is sent as it was drawn: no endpoint takes it


def fuzzed_programs() -> st.SearchStrategy[Program]:
    """Programs of one to four of Schemathesis' cases, with a connection before them and looks at the world behind."""
    return st.deferred(lambda: st.lists(_cases(contract_in_force()), min_size=1, max_size=_MOST_CASES).map(_program))


@lru_cache(maxsize=4)
def _cases(contract: Contract) -> st.SearchStrategy[_Drawn]:
    """The role of an operation, the JSON value of a body, and whether an ARN in it shall be that of our connection."""
    import schemathesis  # noqa: PLC0415 - it is slow, and few runs draw from it

    # It asks for a serializer before it draws a body, though nothing is sent by it.
    schemathesis.serializer(contract.content_type)(lambda _, value: json.dumps(value).encode())
    schema = schemathesis.openapi.from_dict(openapi.document(contract))
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    return st.one_of(
        [
            st.tuples(
                st.just(operation.role),
                schema[f"/#{operation.name}"]["POST"].as_strategy(generation_mode=mode).map(lambda case: case.body),
                st.booleans(),
            )
            for operation in contract.operations.values()
            for mode in modes
        ]
    )


def _program(cases: list[_Drawn]) -> Program:
    steps: list[Step] = [Create(0, Name(0))]
    steps += [_step(_FIRST_LABEL + number, *case) for number, case in enumerate(cases)]
    return Program((*steps, Walk(contract_in_force().page_sizes.maximum), Get(Arn(0)), Delete(Arn(0)), List()))


def _step(label: int, role: Role, body: Any, is_ours: bool) -> Step:  # noqa: FBT001 - it is drawn
    resource = contract_in_force().resource
    given = body if isinstance(body, dict) else {}
    name, arn = given.get(resource.name), given.get(resource.identity)
    if role == "delete":
        return Delete(Arn(0) if is_ours else Arn(literal=arn) if isinstance(arn, str) else None)
    words: dict[str, str] = {}
    shape = Name(label)
    if role == "create" and isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME:
        words[resource.name], shape = "<name>", Name(label, after=name, length=len(name))
    elif role == "get" and is_ours and isinstance(arn, str) and arn.startswith("arn:"):
        words[resource.identity] = "<arn>"
    return Send(label=label, name=shape, arn=Arn(0), recipe=Recipe(base=role, body=_text(body, words)))


def _text(body: Any, words: dict[str, str]) -> str:
    """A body as JSON in which no word of a recipe stands but those that are wanted, each in the place of a member."""
    if not isinstance(body, dict):
        return _escaped(body)
    return "{" + ",".join(f"{_escaped(key)}:{words.get(key) or _escaped(body[key])}" for key in body) + "}"


def _escaped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
