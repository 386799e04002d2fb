"""Judging stays linear in the length of a history: thousands are judged in a run, and walks over thousands."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from assay.laws import JUDGES, Breach
from assay.world import World
from selftests.histories import (
    arn,
    contract_of,
    create,
    delete,
    get,
    item,
    known,
    listing,
    made,
    story,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from assay.history import History


def _seconds_to_judge(history: History) -> tuple[float, list[tuple[str, Breach]]]:
    """How long all laws take together, and what they object to."""
    contract = contract_of()
    contract.output_validator("ListConnections").problems({})
    started = time.process_time()
    world = World(history, contract, known())
    broken = [(law, ruling) for law, judge in JUDGES.items() for ruling in judge(world) if isinstance(ruling, Breach)]
    world.leave_facts(0)
    return time.process_time() - started, broken


def test_a_walk_of_two_thousand_pages_is_judged_in_bounded_time() -> None:
    """20,000 connections, some hundred of them ours, on pages of ten."""
    ours = [str(number) for number in range(1, 201)]
    strangers = [item(str(number), name=f"theirs-{number}") for number in range(1000, 20_800)]
    everything = [*ours, *strangers]
    pages = [everything[first : first + 10] for first in range(0, len(everything), 10)]
    history = story(
        *[made(short) for short in ours], walk(by=10).pages(*pages, [], ends=True), walk().pages(everything)
    )
    seconds, broken = _seconds_to_judge(history)
    assert not broken
    assert seconds < 10


def test_twenty_thousand_connections_of_ours_are_judged_in_bounded_time() -> None:
    """Made, found by two walks, and all of them missing from a third."""
    ours = [str(number) for number in range(1, 20_001)]
    pages = [ours[first : first + 100] for first in range(0, len(ours), 100)]
    walks = [walk(by=100).pages(*pages), walk(by=100).pages(*pages), walk(by=100).pages([], [])]
    seconds, broken = _seconds_to_judge(story(*[made(short) for short in ours], *walks))
    assert [law for law, _ in broken] == ["connection.list.complete"]
    assert seconds < 20


def _refusals(count: int) -> list[Any]:
    """An endpoint that refuses every Create."""
    return [create(f"our-{number}").refused() for number in range(count)]


def _one_connection(count: int) -> list[Any]:
    """One connection that is asked for again and again, between Deletes of others and Gets of nearly its ARN."""
    steps = [made("1")]
    for number in range(count // 4):
        steps += [get("1"), delete(str(number + 2)).not_found(), listing().shows("1"), get(arn("1") + "x").not_found()]
    return steps


def _lives(count: int) -> list[Any]:
    """Connections that come and go, each with a name of its own, and a look at the list after each."""
    steps = []
    for number in range(count // 4):
        short = str(number + 1)
        steps += [made(short), get(short), delete(short), listing().shows(item("0", name="theirs"))]
    return steps


def _faults(count: int) -> list[Any]:
    """An endpoint that makes every mistake again and again: refused Creates in the list, lost connections, 5xx."""
    steps = [made("1"), made("2"), get("2").not_found()]
    for number in range(count // 4):
        name = f"our-{number}-x"
        steps += [
            create(name, "x").refused(),
            listing().shows(item("7", name=name)),
            get("9").unknown("server-error"),
            get("1").not_found(),
        ]
    return steps


def _steps_to_judge(history: History) -> int:
    """How many bytecodes all laws take together: the same on every machine, however busy."""
    contract = contract_of()
    contract.output_validator("ListConnections").problems({})
    steps = 0

    def count(frame: FrameType, _event: str, _arg: object) -> Any:
        nonlocal steps
        steps += 1
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        world = World(history, contract, known())
        for judge in JUDGES.values():
            for _ in judge(world):
                pass
        world.leave_facts(0)
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("shape", [_refusals, _one_connection, _lives, _faults])
def test_four_times_the_calls_take_four_times_the_steps(shape: Callable[[int], list[Any]]) -> None:
    """No law looks at every pair of calls."""
    assert _steps_to_judge(story(*shape(2_000))) < 4.5 * _steps_to_judge(story(*shape(500)))
