"""What `--workers` saves: the same run by one process and by several, by turns, against one endpoint.

    python bench/workers.py [--workers 2] [--rounds 3] [--effort quick] [--latency 0.0]

One reference server is started for all, as an endpoint that is judged would be; `--latency` (seconds) holds every
answer back, as a network would. The seed is the same, so the programs are; shown are seconds from the first to the last
call, calls, and the verdict of each run. Processes that work at the same time need cores: the load is told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from assay.reference.editions import DEFAULT_EDITION, EDITIONS
from assay.reference.parts import careful_parts
from assay.reference.wire import application


def main() -> int:
    """Measure, and print a table; 1 where two runs came to different verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return _serve(args.latency)
    command = [sys.executable, __file__, "--serve", f"--latency={args.latency}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        try:
            return _compare(args, url)
        finally:
            server.terminate()


def _compare(args: argparse.Namespace, url: str) -> int:
    seconds: dict[int, list[float]] = {1: [], args.workers: []}
    verdicts = set()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {args.latency * 1_000:g} ms held back")
    for _ in range(args.rounds):
        for workers, measured in seconds.items():
            results = _run(workers, args.effort, url)
            measured.append(results["duration_s"])
            verdicts.add(tuple((law["id"], law["verdict"]) for law in results["laws"]))
            calls = results["calls"]["total"]
            print(f"{workers} worker(s): {results['duration_s']:6.2f} s, {calls:,} calls, {results['verdict']}")
    medians = {workers: statistics.median(each) for workers, each in seconds.items()}
    print(f"median: {medians[1]:.2f} s alone, {medians[args.workers]:.2f} s by {args.workers}: ", end="")
    agree = "agree" if len(verdicts) == 1 else "DIFFER"
    print(f"{medians[1] / medians[args.workers]:.2f} times as fast; verdicts {agree}")
    return 0 if len(verdicts) == 1 else 1


def _run(workers: int, effort: str, url: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "assay", "run", "--endpoint-url", url, "--effort", effort, "--seed", "1"]
        command += ["--quiet", "--time-limit", "10m", "--workers", str(workers)]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        results: dict[str, Any] = json.loads(Path(folder, ".assay", "results.json").read_text(encoding="utf-8"))
        return results


def _serve(latency: float) -> int:
    """The reference server, slowed down without being kept from answering others meanwhile."""
    served = application(parts=careful_parts(), edition=EDITIONS[DEFAULT_EDITION])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if latency:
            await asyncio.sleep(latency)
        await served(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error", ws="none"))

    def announce() -> None:
        while not server.started:
            time.sleep(0.01)
        print(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True)

    threading.Thread(target=announce, daemon=True).start()
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
