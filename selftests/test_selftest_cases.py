"""Which servers `assay selftest` tries: the same for the same wish, and what was named alone."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from assay.errors import UsageError
from assay.liberties import ALL as LIBERTIES
from assay.mutants import ALL as MUTANTS
from assay.selftest import Catalogues, Wish, planned

RELEASE = Catalogues.of_this_release()


def kinds(wish: Wish) -> Counter[str]:
    return Counter(case.kind for case in planned(wish, RELEASE))


def test_everything_is_tried_unless_something_is_named() -> None:
    """The reference in each edition and service, every mutant, every liberty, ten pairs in quick, every impostor."""
    found = kinds(Wish(effort="quick"))
    assert found["reference"] == 3
    assert found["mutant"] == len(MUTANTS)
    assert found["liberty"] == len(LIBERTIES)
    assert found["pair"] == 10
    assert found["impostor"] >= 6
    assert kinds(Wish(effort="standard"))["pair"] == 20
    assert kinds(Wish(effort="quick", seeds=(1, 2)))["mutant"] == 2 * len(MUTANTS)


def test_naming_some_leaves_out_everything_else() -> None:
    """Whoever names a mutant is after that one."""
    assert kinds(Wish(mutants=("status.active",))) == {"mutant": 1}
    assert kinds(Wish(liberties=("order.by-name",))) == {"liberty": 1}
    assert kinds(Wish(liberties=("order.*", "token.*"), pairs=2, mutants=("status.active",)))["pair"] == 2
    assert set(kinds(Wish(only="impostors"))) == {"impostor"}
    assert set(kinds(Wish(only="liberties", pairs=0))) == {"liberty"}
    assert kinds(Wish(only="liberties", pairs=2))["pair"] == 2
    assert kinds(Wish(only="pairs")) == {"pair": 20}
    assert kinds(Wish(only="pairs", pairs=3, seeds=(1, 2))) == {"pair": 6}
    assert kinds(Wish(only="pairs", liberties=("order.by-name", "token.*"), pairs=2)) == {"pair": 2}
    assert set(kinds(Wish(only="reference"))) == {"reference"}


def test_the_reference_comes_first_and_the_mutants_last() -> None:
    """If the reference is accused, nothing else means anything; what may be slow must not be left for the end."""
    cases = planned(Wish(seeds=(1, 2)), RELEASE)
    order = ["reference", "liberty", "impostor", "mutant"]
    ranks = [order.index(case.kind.replace("pair", "liberty")) for case in cases]
    assert ranks == sorted(ranks)


def test_pairs_are_drawn_from_the_seed_and_never_contradict_each_other() -> None:
    """The same seed, the same pairs."""
    wish = Wish(only="liberties", seeds=(1, 2, 3), pairs=40)
    pairs = [case for case in planned(wish, RELEASE) if case.kind == "pair"]
    assert pairs == [case for case in planned(wish, RELEASE) if case.kind == "pair"]
    assert len({case.name for case in pairs}) > 60
    for case in pairs:
        one, other = (LIBERTIES[name] for name in case.name.split(" + "))
        assert not one.contradicts(other)
        assert case.options == ("--liberty", one.name, "--liberty", other.name)


def test_there_are_no_more_pairs_than_there_can_be() -> None:
    """Three liberties of which two contradict each other make two pairs."""

    def liberty(name: str, *, foe: str = "") -> SimpleNamespace:
        return SimpleNamespace(
            name=name, description=name, obstacle=None, contradicts=lambda other: foe != "" and other.name == foe
        )

    few = {each.name: each for each in (liberty("a", foe="b"), liberty("b", foe="a"), liberty("c"))}
    cases = planned(Wish(only="liberties", pairs=50), Catalogues(liberties=few))
    assert sorted(case.name for case in cases if case.kind == "pair") == ["a + c", "b + c"]


def test_what_this_machine_cannot_have_is_planned_with_the_reason() -> None:
    """Alone and in a pair; a trial on such a machine says so, and tries everything else."""

    def liberty(name: str, obstacle: str | None) -> SimpleNamespace:
        return SimpleNamespace(name=name, description=name, obstacle=obstacle, contradicts=lambda other: False)

    few = {each.name: each for each in (liberty("a", None), liberty("b", "no such address"), liberty("c", None))}
    cases = planned(Wish(only="liberties", pairs=3), Catalogues(liberties=few))
    impossible = {case.name for case in cases if case.obstacle == "no such address"}
    assert impossible == {"b", "a + b", "b + c"}
    assert {case.name for case in cases if case.obstacle is None} == {"a", "c", "a + c"}


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(mutants=("status.activ",)), "did you mean status.active"),
        (Wish(liberties=("order.by-nam",)), "did you mean order.by-name"),
    ],
)
def test_a_pattern_that_matches_nothing_is_a_usage_error_with_a_guess(wish: Wish, message: str) -> None:
    """A typo must not look like a trial that went well."""
    with pytest.raises(UsageError) as caught:
        planned(wish, RELEASE)
    assert message in str(caught.value.hint)


def test_a_trial_of_nothing_is_a_usage_error() -> None:
    """It would end with 0."""
    with pytest.raises(UsageError, match="nothing to try"):
        planned(Wish(only="impostors"), Catalogues())
