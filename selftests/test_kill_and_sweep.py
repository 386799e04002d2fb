"""Runs that are killed with SIGKILL, and what `assay sweep` makes of what they left: the bench, with a handful."""

from __future__ import annotations

import pytest

from bench import kill_and_sweep


@pytest.mark.parametrize("moment", [0.9, 1.4, 2.2])
def test_nothing_is_left_of_a_killed_run_and_nothing_lost_of_strangers(moment: float) -> None:
    tally = kill_and_sweep.Tally()
    kill_and_sweep.trial(moment, tally, kill_and_sweep.emulator, is_pair=False)
    assert tally.is_good, tally


def test_a_run_beside_it_is_not_disturbed() -> None:
    tally = kill_and_sweep.Tally()
    kill_and_sweep.trial(1.5, tally, kill_and_sweep.emulator, is_pair=True)
    assert tally.is_good, tally


def test_nothing_is_left_or_lost_at_the_pretended_aws_either() -> None:
    """Where 150 connections of others come and go beside the strangers'."""
    tally = kill_and_sweep.Tally()
    kill_and_sweep.trial(3.5, tally, kill_and_sweep.pretended_account, is_pair=False)
    assert tally.is_good, tally
