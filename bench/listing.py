"""What the laws cost over one long walk: a history of many pages, made up or served, judged by every law.

`python bench/listing.py --items 20000 --page-size 100` makes the history up, as the target would have recorded it;
with `--served` it comes from a reference server whose account holds so many connections, through the driver and the
target. One walk is one process, because what it held at most is asked of the system. It prints one line of JSON.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metered import metered_reference

from assay.budget import Budget
from assay.contract import load_contract
from assay.driver import Driver
from assay.history import Accepted, Call, History, Request, Response
from assay.knowledge import Knowledge
from assay.laws import JUDGES, Breach
from assay.naming import Naming
from assay.program import Create, Fill, Get, Name, Program, Walk
from assay.target import HARMLESS, Endpoint, Target
from assay.world import World

if TYPE_CHECKING:
    from assay.contract import Contract

_SPECS = Path(__file__).resolve().parent.parent / "specs"
_URL = "http://127.0.0.1:1"
_PREFIX = "asbench1"
_OURS = 250  # connections of this run among the strangers', as many as an account's quota allows
_TIMES = 3  # judgings, the fastest of which counts
_KIND = ("Bitbucket", "GitHub")


def main() -> int:
    """Make or fetch the history, judge it, print what that took."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--items", type=int, default=20_000, help="connections in the account (default: %(default)s)")
    options.add_argument("--page-size", type=int, default=100, help="connections a page (default: %(default)s)")
    options.add_argument("--served", action="store_true", help="walk over a reference server, not over made-up pages")
    chosen = options.parse_args()
    contract = load_contract("codestar-connections", specs=_SPECS)
    if chosen.served:
        history, knowledge, facts = _walked(contract, chosen.items, chosen.page_size)
    else:
        history, knowledge, facts = _made_up(contract, chosen.items, chosen.page_size)
    seconds, judged, breaches = _judge(history, contract, knowledge)
    lists = sum(call.operation == contract.list.name for call in history)
    figures = {
        "items": chosen.items,
        "pages": lists,
        "calls": len(history),
        "judge_s": round(seconds, 4),
        "laws": len(judged),
        "breaches": breaches,
        "peak_mb": round(_peak() / 1e6, 1),
        **facts,
    }
    print(json.dumps(figures))
    return 0


def _judge(history: History, contract: Contract, knowledge: Knowledge) -> tuple[float, list[str], list[str]]:
    """Seconds that it takes to read and judge a history by every law; the laws that spoke; what they objected to."""
    best, spoke, objected = float("inf"), dict[str, None](), dict[str, None]()
    for _ in range(_TIMES):  # the machine has other work; what it takes undisturbed is what is asked
        gc.collect()
        started = time.process_time()
        world = World(history, contract, knowledge)
        for law, judge in JUDGES.items():
            for ruling in judge(world):
                spoke[law] = None
                if isinstance(ruling, Breach):
                    objected[f"{law}: {ruling.actual[:200]}"] = None
        best = min(best, time.process_time() - started)
    return best, list(spoke), list(objected)


def _walked(contract: Contract, items: int, page_size: int) -> tuple[History, Knowledge, dict[str, Any]]:
    """A real walk: the driver's, through the target, over an account that holds so many."""
    naming = Naming()
    knowledge = Knowledge(prefix=naming.prefix)
    program = Program((Create(0, Name()), Fill(count=3), Get(), Walk(page_size=page_size)))
    with metered_reference(connections=items) as reference:
        target = Target(Endpoint.parse(reference.url), contract, HARMLESS, "us-east-1")
        driver = Driver(target, contract, knowledge, naming=naming, region="us-east-1")
        started = time.perf_counter()
        history = driver.run(program, Budget())
        seconds = time.perf_counter() - started
        target.close()
        requests = reference.read().requests
    return history, knowledge, {"walk_s": round(seconds, 4), "requests": requests}


def _made_up(contract: Contract, items: int, page_size: int) -> tuple[History, Knowledge, dict[str, Any]]:
    """The same, made up: connections of this run among many strangers', and one walk over all of them."""
    resource_, pagination = contract.resource, contract.pagination
    calls: list[Call] = []

    def call(operation: str, given: dict[str, Any], answer: dict[str, Any]) -> None:
        """One exchange; like the target, the answer is read from bytes, so that no two calls share a value."""
        index, body, sent = len(calls), json.dumps(answer).encode(), json.dumps(given).encode()
        headers = (
            ("Host", "127.0.0.1:1"),
            ("X-Amz-Target", f"{contract.targets['long']}.{operation}"),
            ("Content-Type", contract.content_type),
            ("X-Amz-Date", "20261122T120000Z"),
            ("Content-Length", str(len(sent))),
        )
        response = Response(
            200, (("content-type", contract.content_type), ("x-amzn-requestid", str(uuid.uuid4()))), body
        )
        start = index / 1000
        calls.append(
            Call(
                *(index, operation, given, start, start + 0.0005),
                *(Accepted(json.loads(body)), Request(_URL, headers, sent), response),
            )
        )

    def connection(number: int) -> dict[str, Any]:
        name = f"{_PREFIX}{number:06}" if number < _OURS else f"stranger-{number}"
        return {
            resource_.identity: _arn(number),
            resource_.name: name,
            resource_.status: resource_.initial_status,
            resource_.owner: "123456789012",
            resource_.kind: _KIND[number % 2],
        }

    for number in range(min(_OURS, items)):
        one = connection(number)
        asked = {resource_.name: one[resource_.name], resource_.kind: one[resource_.kind]}
        call(contract.create.name, asked, {resource_.identity: one[resource_.identity]})
        call(contract.get.name, {resource_.identity: one[resource_.identity]}, {contract.get.holder or "": one})
    token: str | None = None
    for first in range(0, items, page_size):
        given = {pagination.page_size: page_size} | ({pagination.token_in: token} if token else {})
        page = [connection(number) for number in range(first, min(first + page_size, items))]
        token = uuid.uuid4().hex * 4 if first + page_size < items else None
        call(contract.list.name, given, {pagination.items: page} | ({pagination.token_out: token} if token else {}))
    return History(tuple(calls)), Knowledge(prefix=_PREFIX), {}


def _arn(number: int) -> str:
    identifier = uuid.uuid5(uuid.NAMESPACE_OID, str(number))
    return f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{identifier}"


def _peak() -> int:
    """The most memory that this process ever held, interpreter and all, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    sys.exit(main())
