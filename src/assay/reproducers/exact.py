"""A smallest history as what was sent, byte for byte, and when: for findings that no ordinary client can show.

The plan of a script that writes its own bytes: raw requests, requests whose signature is odd on purpose, and calls that
overlapped, as chains that are begun together. What cannot be told even so has a reason, which the report gives.

Where an order is what is broken (`concurrent.linearizable`), the script looks for one itself, by the promises of the
clause that is broken. That a refused Create claims its name to be taken is held only of Creates that nobody could
refuse for anything else: a fresh name and a known provider, and nothing besides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from assay.asked import may_be_dropped
from assay.history import FIRST, SECOND, Accepted
from assay.rate import tries_for
from assay.reproducers.claim import Claim, claim_of
from assay.reproducers.plan import LONGEST
from assay.reproducers.symbols import Ref, Symbols, Text
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.book import Finding
    from assay.contract import Contract
    from assay.history import Call

__all__ = ["Exact", "Raw", "Request", "exact_plan"]

_LARGEST: Final = 200_000  # bytes of one request; runs of one byte are written short
_TRIES: Final = 30  # of calls at once, which need not show the fault every time
_MOST_TRIES: Final = 300
_ORDERLY: Final = frozenset({"shown", "once", "new", "not-said", "at-most-one", "one-at-least"})
_ORDER: Final = "concurrent.linearizable"
_STARRED: Final = ("authorization", "x-amz-security-token")
_OURS: Final = ("x-amz-date", "user-agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A request as its lines and its body; `content` is what is signed of the body, where it is signed at all."""

    lines: tuple[Text, ...]
    body: Text
    content: Text
    is_signed: bool
    is_ended: bool
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: its number from 1; either an operation with its members and how they are signed, or raw.

    `caller` is whose credentials sign it. One that `is_beside` the API is the handshake of a connection.
    """

    number: int
    operation: str
    members: Mapping[str, Any]
    signing: str = VALID
    raw: Raw | None = None
    caller: str = FIRST
    is_beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """By which promises an order is looked for, and the Creates whose refusal says that their name is taken."""

    unique_names: bool
    taken: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Everything that a script is made of; `groups` are chains of calls, more than one where they are begun at once."""

    law: str
    sentence: str
    expected: str
    groups: tuple[tuple[tuple[Request, ...], ...], ...]
    breaks: int
    claim: Claim | None
    sought: Ref | None
    rivals: tuple[int, ...]
    pages: tuple[int, ...]
    members: Mapping[str, Any]
    names: tuple[int, ...]
    tries: int
    contract: Contract
    orders: Orders | None = None
    lag: float = 0.0

    @property
    def requests(self) -> Iterator[Request]:
        """Every request, in the order of the chains."""
        return (step for chains in self.groups for steps in chains for step in steps)

    @property
    def needs_two_accounts(self) -> bool:
        """Does it act from a second account?"""
        return any(step.caller == SECOND for step in self.requests)

    @property
    def needs_handshakes(self) -> bool:
        """Does somebody complete a handshake in the middle of it?"""
        return any(step.is_beside for step in self.requests)

    @property
    def is_at_once(self) -> bool:
        """Are any calls begun at once?"""
        return any(len(chains) > 1 for chains in self.groups)


def exact_plan(finding: Finding, contract: Contract, *, staleness: float = 0.0) -> Exact | str:
    """The plan of a finding, or why there is none, in words. Reads may lag by `staleness` seconds."""
    calls = [call for call in finding.calls if not call.is_retried]
    broken = next((number for number, call in enumerate(calls, 1) if call.index == finding.breach.call.index), None)
    reason = _why_not(calls, broken)
    if reason is not None:
        return reason
    assert broken is not None
    groups = _groups(calls)
    symbols = Symbols(contract)
    requests: dict[int, Request] = {}
    for number, call in enumerate(calls, 1):
        made = _request(number, call, symbols)
        if isinstance(made, str):
            return made
        requests[number] = made
        symbols.given(number, call)
    together = next({n for chain in chains for n in chain} for chains in groups if any(broken in c for c in chains))
    orders = _orders(finding, requests, contract) if finding.law == _ORDER else None
    claim = claim_of(finding)
    if orders is None and len(together) > 1 and claim is not None and claim.that not in _ORDERLY:
        return "what is broken is the order of calls that overlapped, which no script of a page can look at"
    sought = symbols.arn_in(claim.arn) if claim is not None and claim.arn is not None else None
    law = contract.laws[finding.law]
    clause = law.clauses.get(finding.clause) if finding.clause is not None else None
    is_at_once = any(len(chains) > 1 for chains in groups)
    shown, of = finding.shows
    seldom = max(_TRIES if is_at_once else 1, tries_for(finding.shows) if shown < of else 1)
    return Exact(
        law=finding.law,
        sentence=(clause or law).sentence,
        expected=symbols.told(finding.breach.expected),
        groups=tuple(tuple(tuple(requests[n] for n in chain) for chain in chains) for chains in groups),
        breaks=broken,
        claim=claim if claim is None or claim.arn is None or sought is not None else None,
        sought=sought,
        rivals=tuple(n for n in sorted(together) if _are_rivals(calls[n - 1], calls[broken - 1], contract)),
        pages=_pages(broken, requests, contract),
        members=requests[broken].members,
        names=tuple(symbols.stems.values()),
        tries=min(_MOST_TRIES, seldom),
        contract=contract,
        orders=orders,
        lag=staleness,
    )


def _orders(finding: Finding, requests: Mapping[int, Request], contract: Contract) -> Orders:
    """What the clause that is broken promises (see `assay.laws.linearizable`)."""
    taken: tuple[int, ...] = ()
    if finding.clause == "refusal":
        taken = tuple(number for number, request in requests.items() if _can_only_be_taken(request, contract))
    return Orders(unique_names=finding.clause is not None, taken=taken)


def _can_only_be_taken(request: Request, contract: Contract) -> bool:
    name, kind = contract.resource.name, contract.resource.kind
    members = request.members
    return (
        request.operation == contract.create.name
        and request.signing == VALID
        and request.raw is None
        and members.keys() == {name, kind}
        and isinstance(members[name], tuple)
        and [type(part) for part in members[name]] == [Ref]
        and members[kind] in {(word,) for word in contract.kinds}
    )


def _why_not(calls: Sequence[Call], broken: int | None) -> str | None:
    if len(calls) > LONGEST:
        return f"its smallest history has {len(calls)} calls, more than anybody would paste"
    if broken is None:
        return "the call at which the law is broken is not among those that were kept"
    if any(call.leg == "cli" for call in calls):
        return "it is about what the AWS CLI printed"
    if any(call.is_beside_the_api and not isinstance(call.outcome, Accepted) for call in calls):
        return "a handshake in the middle of it was not completed, or perhaps"
    return None


def _groups(calls: Sequence[Call]) -> list[list[list[int]]]:
    """The numbers of the calls, in groups that overlap; each group as chains of which one follows the other."""
    groups: list[list[list[int]]] = []
    until = float("-inf")
    for number, call in enumerate(calls, 1):
        if call.start >= until:
            groups.append([])
        chains = groups[-1]
        free = [chain for chain in chains if calls[chain[-1] - 1].end <= call.start]
        tokens = [chain for chain in free if _gave(calls[chain[-1] - 1]) in _texts(call)]
        if free:
            (tokens or free)[0].append(number)
        else:
            chains.append([number])
        until = max(until, call.end)
    return groups


def _gave(call: Call) -> str | None:
    """The token of a page."""
    token = call.outcome.output.get("NextToken") if isinstance(call.outcome, Accepted) else None
    return token if isinstance(token, str) else None


def _texts(call: Call) -> list[Any]:
    return list(call.input.values())


def _are_rivals(call: Call, broken: Call, contract: Contract) -> bool:
    """Do two calls of one operation ask for the same thing?"""
    member = {contract.create.name: contract.resource.name, contract.delete.name: contract.resource.identity}
    wanted = member.get(broken.operation)
    return wanted is not None and call.operation == broken.operation and call.input.get(wanted) == broken.input[wanted]


def _pages(broken: int, requests: Mapping[int, Request], contract: Contract) -> tuple[int, ...]:
    """The pages of the walk to which a call belongs, up to it."""
    pages = [broken]
    while requests[pages[0]].operation == contract.list.name:
        token = requests[pages[0]].members.get(contract.pagination.token_in)
        given = token[0] if isinstance(token, tuple) else None
        if not isinstance(given, Ref) or given.kind != "token" or given.number >= pages[0]:
            break
        pages.insert(0, given.number)
    return tuple(pages)


def _request(number: int, call: Call, symbols: Symbols) -> Request | str:
    members = {key: symbols.symbolised(value) for key, value in call.input.items()}
    if call.is_beside_the_api:
        return Request(number=number, operation=call.operation, members=members, is_beside=True)
    if call.request.head is None:
        try:
            is_plain = json.loads(call.request.body or b"{}") == dict(call.input)
        except (ValueError, RecursionError):
            is_plain = False
        if not is_plain or not call.operation:
            return "the bytes of its requests were not kept"
        return Request(
            number=number, operation=call.operation, members=members, signing=call.signing, caller=call.caller
        )
    if len(call.request.head) + len(call.request.body) > _LARGEST:
        return f"one of its requests has {len(call.request.body):,} bytes"
    return Request(number=number, operation=call.operation, members=members, raw=_raw(call, symbols))


def _raw(call: Call, symbols: Symbols) -> Raw:
    """The request without what is signed anew: its date, its session, its authorization."""
    assert call.request.head is not None
    head = call.request.head.decode("latin-1").removesuffix("\r\n\r\n")
    lines = head.split("\r\n")
    names = [line.partition(":")[0].lower() for line in lines]
    is_signed = any(name in _STARRED for name in names)
    kept = [line for name, line in zip(names, lines, strict=True) if not is_signed or name not in _STARRED + _OURS]
    body = call.request.body.decode("latin-1")
    chunked = is_signed and any(line.lower().replace(" ", "") == "transfer-encoding:chunked" for line in kept)
    content = _unchunked(call.request.body).decode("latin-1") if chunked else body
    return Raw(
        lines=tuple(symbols.in_text(line) for line in kept),
        body=symbols.in_text(body),
        content=symbols.in_text(content),
        is_signed=is_signed,
        is_ended=may_be_dropped(call.request),
        method=kept[0].partition(" ")[0] if kept else "",
    )


def _unchunked(body: bytes) -> bytes:
    """The content of chunks, as far as they are whole."""
    content, rest = b"", body
    while rest:
        size, found, rest = rest.partition(b"\r\n")
        try:
            length = int(size.partition(b";")[0], 16)
        except ValueError:
            return body
        if not found or not length:
            break
        content, rest = content + rest[:length], rest[length + 2 :]
    return content
