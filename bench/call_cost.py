"""What one call costs the client: the target's light leg, history kept, beside a plain boto3 client.

The goal (at most a fifth) is about the client's CPU time, so the server runs in a process of its own and does as little
as it can: it answers every request with the same bytes. The two take turns in blocks, in one process, so that a busy
machine slows both; what is printed is the median block. `python bench/call_cost.py [--calls N] [--endpoint-url URL]`;
the exit code is 1 where the goal is missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import socket
import statistics
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from assay.contract import load_contract
from assay.history import Accepted, Call
from assay.target import HARMLESS, Endpoint, Target

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parent.parent
_GOAL = 1 / 5
_BLOCKS = 20
_ARN = "arn:aws:codestar-connections:us-east-1:123456789012:connection/6b2d0ab7-7e5f-4c1d-9d6f-0b8a4f2f5a11"
_NAME = f"assay-bench-{uuid.uuid4().hex[:12]}"
_ONE = {
    "ConnectionArn": _ARN,
    "ConnectionName": _NAME,
    "ConnectionStatus": "PENDING",
    "OwnerAccountId": "123456789012",
    "ProviderType": "Bitbucket",
}
_ANSWERS = {
    "CreateConnection": {"ConnectionArn": _ARN},
    "DeleteConnection": {},
    "GetConnection": {"Connection": _ONE},
    "ListConnections": {"Connections": [_ONE] * 10},
}


def main() -> int:
    """Measure and print; 1 where the goal is missed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--calls", type=int, default=4000, help="calls of each kind (default: %(default)s)")
    options.add_argument("--endpoint-url", help="measure against this endpoint, not the bench's own server")
    chosen = options.parse_args()
    if chosen.endpoint_url:
        return _measure(chosen.endpoint_url, chosen.calls)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        return _measure(f"http://127.0.0.1:{ours.recv()}", chosen.calls)
    finally:
        server.terminate()
        server.join(5)


def _measure(url: str, calls: int) -> int:
    contract = load_contract("codestar-connections", specs=_ROOT / "specs")
    target = Target(Endpoint.parse(url), contract, HARMLESS, "us-east-1")
    made = target.call("CreateConnection", {"ConnectionName": _NAME, "ProviderType": "Bitbucket"})[-1].outcome
    arn = made.output["ConnectionArn"] if isinstance(made, Accepted) else sys.exit(f"{url} makes no connection: {made}")
    client = boto3.client(
        "codestar-connections",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=HARMLESS.access_key_id,
        aws_secret_access_key=HARMLESS.secret_access_key,
    )
    history: list[Call] = []
    contenders: dict[tuple[str, str], Callable[[], object]] = {
        ("list_connections", "assay"): lambda: history.extend(target.call("ListConnections", {})),
        ("list_connections", "boto3"): client.list_connections,
        ("get_connection", "assay"): lambda: history.extend(target.call("GetConnection", {"ConnectionArn": arn})),
        ("get_connection", "boto3"): lambda: client.get_connection(ConnectionArn=arn),
    }
    for call in contenders.values():
        for _ in range(50):
            call()
    spent: dict[tuple[str, str], list[tuple[float, float]]] = {key: [] for key in contenders}
    for _ in range(_BLOCKS):
        for key, call in contenders.items():
            spent[key].append(_block(call, max(1, calls // _BLOCKS)))
    target.call("DeleteConnection", {"ConnectionArn": arn})
    target.close()
    return _print(url, spent, len(history))


def _block(call: Callable[[], object], times: int) -> tuple[float, float]:
    """CPU and wall time of one call, in µs, over a block of calls."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        call()
    return (time.process_time() - cpu) / times * 1e6, (time.perf_counter() - wall) / times * 1e6


def _print(url: str, spent: dict[tuple[str, str], list[tuple[float, float]]], kept: int) -> int:
    print(f"µs per call against {url}, median of {_BLOCKS} blocks taken in turn; {kept} calls kept in the history")
    print(f"{'call':<20}{'client':<10}{'cpu':>8}{'wall':>8}{'cpu, share of boto3':>22}")
    is_met = True
    for (operation, client), blocks in spent.items():
        cpu, wall = (statistics.median(block[i] for block in blocks) for i in (0, 1))
        share = cpu / statistics.median(block[0] for block in spent[operation, "boto3"])
        is_met = is_met and (client == "boto3" or share <= _GOAL)
        print(f"{operation:<20}{client:<10}{cpu:>8.1f}{wall:>8.1f}{f'1/{1 / share:.1f}':>22}")
    print(f"goal: at most 1/{1 / _GOAL:.0f}: {'met' if is_met else 'MISSED'}")
    return 0 if is_met else 1


def _serve(pipe: multiprocessing.connection.Connection) -> None:  # type: ignore[name-defined] # a submodule
    """Answer every request with bytes made beforehand, until killed."""
    listener = socket.create_server(("127.0.0.1", 0))
    pipe.send(listener.getsockname()[1])
    answers = {name.encode(): _answer(json.dumps(value).encode()) for name, value in _ANSWERS.items()}
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_converse, args=(connection, answers), daemon=True).start()


def _converse(connection: socket.socket, answers: dict[bytes, bytes]) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while more := connection.recv(65536):
        data += more
        head, end, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().rpartition(b"content-length:")[2].split(b"\r\n")[0]) if end else 0
        if end and len(body) >= length:
            data = b""
            connection.sendall(next(answer for name, answer in answers.items() if name in head))


def _answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "x-amzn-RequestId: 2d9f1f0e-5c9b-4d5c-8f5c-3a8f8d0f6f2a\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    sys.exit(main())
