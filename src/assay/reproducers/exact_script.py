"""A finding as a Python script that needs nothing but Python: it signs and writes its own bytes.

So it can send what no client sends (raw requests, odd signatures), and calls at once: the first of every chain is
signed and connected beforehand, and all of them are written back to back, in any order; of longer chains every other
try is begun a little apart. Where a fault need not show every time the script tries again, with fresh names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from assay.history import CALLERS, FIRST
from assay.reproducers.exact_runtime import HANDSHAKE, MODULES, ODD, ONCE, OPENING, RUNTIME, TAIL
from assay.reproducers.orders import LOOK
from assay.reproducers.surroundings import PATH, imports, notes
from assay.reproducers.symbols import Ref
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.reproducers.exact import Exact, Raw, Request
    from assay.reproducers.symbols import Text

__all__ = ["script"]

_RUN: Final = re.compile(r"(.)\1{199,}", re.DOTALL)
_CHANGED: Final = {
    "cut": "{}[:-1]",
    "bare": "{}.rpartition('/')[2]",
    "case": "{0}.rpartition('/')[0] + '/' + {0}.rpartition('/')[2].swapcase()",
}


def script(plan: Exact) -> str:
    """The script's text."""
    contract = plan.contract
    two_accounts, handshakes = plan.needs_two_accounts, plan.needs_handshakes
    opening = OPENING.format(
        law=plan.law,
        sentence=plan.sentence,
        expected=plan.expected,
        service=contract.service,
        target=contract.targets["long"],
        version=contract.json_version,
        get=contract.get.name,
        list=contract.list.name,
        delete=contract.delete.name,
        identity=contract.resource.identity,
        name=contract.resource.name,
        create=contract.create.name,
        token_in=contract.pagination.token_in,
        token_out=contract.pagination.token_out,
        tries=plan.tries,
        accounts=repr(CALLERS if two_accounts else (FIRST,)),
        notes="".join(f"{note}\n" for note in _notes(plan)),
        imports=imports(MODULES, handshakes=handshakes),
    )
    opening += f"DOOR = {PATH!a}\n" if handshakes else ""
    opening += f"LAG = {plan.lag!r}\n" if plan.orders is not None else ""
    words = {each.signing for each in plan.requests}
    odd = "".join(f"    if signing == {word!r}:\n        {ODD[word]}\n" for word in sorted(words & ODD.keys()))
    lines = [f"it[{f'name{number}'!r}] = 'as' + secrets.token_hex(5)" for number in plan.names]
    for chains in plan.groups:
        lines += _group(chains)
    lines += _verdict(plan)
    body = "\n".join(f"    {line}" for line in lines)
    runtime = RUNTIME.replace("    # odd signatures\n", odd)
    runtime += (HANDSHAKE if handshakes else "") + (LOOK if plan.orders is not None else "")
    return f"{opening}{runtime.rstrip()}{ONCE}{body}\n{TAIL}"


def _notes(plan: Exact) -> Iterator[str]:
    if plan.tries > 1:
        yield f"It may take more than one try: this script makes up to {plan.tries}, with fresh names."
    yield from notes(two_accounts=plan.needs_two_accounts, handshakes=plan.needs_handshakes)


def _group(chains: tuple[tuple[Request, ...], ...]) -> Iterator[str]:
    if len(chains) == 1:
        yield f"chain({_chain(chains[0])})"
        return
    yield "at_once("
    for steps in chains:
        yield f"    {_chain(steps)},"
    yield ")"


def _chain(steps: tuple[Request, ...]) -> str:
    return f"[{', '.join(f'({step.number}, lambda: {_request(step)})' for step in steps)}]"


def _request(step: Request) -> str:
    if step.raw is not None:
        return _raw(step.raw)
    if step.is_beside:
        return f"handshake({_expression(next(iter(step.members.values())))})"
    signing = "" if step.signing == VALID else f", {step.signing!r}"
    signing += "" if step.caller == FIRST else f", by={step.caller!r}"
    return f"plain({step.operation!r}, {_members(step.members)}{signing})"


def _raw(raw: Raw) -> str:
    lines = ", ".join(_line(line) for line in raw.lines)
    body, content = (f"{_expression(text)}.encode('latin-1')" for text in (raw.body, raw.content))
    words = [f"[{lines}]", body, "None" if content == body else content]
    words += [] if raw.is_signed else ["signed=False"]
    words += ["ends=True"] if raw.is_ended else []
    words += [f"method={raw.method!a}"] if raw.method == "HEAD" else []
    return f"raw({', '.join(words)})"


def _line(line: Text) -> str:
    first = line[0]
    if isinstance(first, str) and first.lower().startswith("host:") and len(line) == 1:
        return f"{first[:5]!a} + ' ' + HOST"
    return _expression(line)


def _verdict(plan: Exact) -> list[str]:  # noqa: PLR0911 - one for each kind of claim
    claim, seen = plan.claim, f"said.get({plan.breaks})"
    if plan.orders is not None:
        return [f"return order({plan.orders.unique_names}, {plan.orders.taken})"]
    if claim is None:
        return ["return 2"]
    if claim.that in {"at-most-one", "one-at-least"}:
        wanted = "<= 1" if claim.that == "at-most-one" else ">= 1"
        return [f"return 0 if sum(said[n].error is None for n in {plan.rivals} if n in said) {wanted} else 1"]
    if claim.that == "answered":
        return [f"came = {seen}", "return 2 if came is None else 0 if 0 < came.status < 500 else 1"]
    if claim.that in {"shown", "not-shown", "once"}:
        sought = f"it.get({plan.sought.variable!r})" if plan.sought is not None else "None"
        members = {key: value for key, value in plan.members.items() if key != plan.contract.pagination.token_in}
        pages = tuple(plan.pages)
        caller = next(step.caller for step in plan.requests if step.number == plan.breaks)
        by = "" if caller == FIRST else f", by={caller!r}"
        is_kept = {"shown": "{0} in shown", "not-shown": "{0} not in shown", "once": "shown.count({0}) < 2"}[claim.that]
        return [
            f"shown = listed({pages}, {_members(members)}{by})",
            f"return {_unclear(plan)} if shown is None or not {sought} else 0 if {is_kept.format(sought)} else 1",
        ]
    nothing = "0" if plan.is_at_once else "2"
    lines = [f"came = {seen}", f"if came is None or not came.status:  # it was not asked for\n        return {nothing}"]
    if claim.that == "accepted":
        return [*lines, "return 0 if came.error is None else 1"]
    if claim.that == "refused":
        wanted = "came.error is not None" if claim.code is None else f"came.error == {claim.code!r}"
        return [*lines, f"return 0 if {wanted} else 1"]
    if claim.said is not None:
        text = f'"{claim.said[0]}": {claim.said[1]}'
        return [*lines, f"return 2 if came.error else 1 if {text!a} in json.dumps(came.output) else 0"]
    assert plan.sought is not None
    return [*lines, f"return 0 if it.get('arn{plan.breaks}') != it.get({plan.sought.variable!r}) else 1"]


def _unclear(plan: Exact) -> int:
    """What an answer that did not come about says: 0 where an endpoint may rightly see to it that it does not."""
    steps = [step for chains in plan.groups for chain in chains for step in chain]
    return 0 if plan.is_at_once or any(step.signing != VALID for step in steps) else 2


def _members(members: Mapping[str, Any]) -> str:
    pairs = ", ".join(
        f"{key!a}: {_expression(value) if isinstance(value, tuple) else ascii(value)}" for key, value in members.items()
    )
    return f"{{{pairs}}}"


def _expression(text: Text) -> str:
    parts = [_part(part) for part in text] or ["''"]
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"


def _part(part: str | Ref) -> str:
    if isinstance(part, Ref):
        given = f"have({part.variable!r})"
        return _CHANGED.get(part.change, "{}").format(given)
    pieces, end = [], 0
    for run in _RUN.finditer(part):
        pieces += [ascii(part[end : run.start()])] if run.start() > end else []
        pieces.append(f"{run[1]!a} * {len(run[0])}")
        end = run.end()
    pieces += [ascii(part[end:])] if end < len(part) or not pieces else []
    return pieces[0] if len(pieces) == 1 else f"({' + '.join(pieces)})"
