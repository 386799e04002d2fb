"""The programs that strategies draw: they speak of what they make, and every theme reaches what it is about."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from assay.in_force import contract_in_force, put_in_force
from assay.naming import STEM_LENGTH
from assay.program import Create, Delete, Fill, Get, List, Name, Parallel, Program, Walk, steps_within
from selftests.drawing import drawn, every, smallest
from selftests.histories import EDITIONS, FIRST, NEWEST, contract_of
from strategies import FAMILIES, THEMES, programs, races, roll_call

if TYPE_CHECKING:
    from collections.abc import Callable

editions = pytest.mark.parametrize("edition", EDITIONS)


@pytest.fixture(autouse=True)
def _newest_edition() -> Any:
    put_in_force(contract_of(NEWEST))
    yield
    put_in_force(contract_of(NEWEST))


@cache
def _about(theme: str, service: str, edition: str) -> list[Program]:
    """So many programs about a theme: what one in forty has, these have."""
    contract = contract_in_force()
    assert (contract.service, contract.edition) == (service, edition)
    return drawn(programs(theme), 400)


def reaches(theme: str, wanted: Callable[[Program], object], *, within: int = 400) -> None:
    """Some of the first so many programs about a theme has what is wanted."""
    contract = contract_in_force()
    programs_drawn = _about(theme, contract.service, contract.edition)
    assert any(map(wanted, programs_drawn[:within])), f"none of {within} programs about {theme}"


@editions
@pytest.mark.parametrize("theme", THEMES)
def test_a_program_speaks_of_what_it_makes(theme: str, edition: tuple[str, str]) -> None:
    """Labels are given once outside walks, references are to labels made before wherever any were."""
    put_in_force(contract_of(edition))
    kinds = contract_of(edition).every_kind

    def sound(program: Program) -> bool:
        made: list[int] = []
        for step in program.steps:
            if isinstance(step, Create):
                assert step.label not in made
                made.append(step.label)
            elif isinstance(step, Fill):
                assert set(step.kinds) <= set(contract_of(edition).kinds) <= kinds
                made.extend(range(step.label, step.label + step.count))
            elif isinstance(step, Get | Delete) and step.arn is not None and step.arn.of is not None:
                assert step.arn.of in made or not made
        return True

    every(programs(theme), sound)


def test_a_program_is_as_long_as_was_asked_for_at_most() -> None:
    """A group of steps counts as one; the opening does not count."""
    every(
        programs("names", max_steps=3), lambda program: len([s for s in program.steps if not isinstance(s, Fill)]) <= 3
    )


def test_the_smallest_program_of_a_kind_is_short() -> None:
    """Two Creates, and nothing else; their one name is made simple by assay's own shrinker, both at once."""
    program = smallest(programs("names", max_steps=4), lambda program: len(_creates_of_one_name(program)) > 1)
    assert [type(step) for step in program.steps] == [Create, Create]


def _creates_of_one_name(program: Program) -> list[Create]:
    creates = [step for step in program.steps if isinstance(step, Create)]
    return [one for one in creates if sum(one.name == other.name for other in creates) > 1]


def _twins(program: Program) -> bool:
    names = {step.name for step in program.steps if isinstance(step, Create) and step.name is not None}
    return any(
        one.slot == other.slot and one != other and one.length == other.length for one in names for other in names
    )


def _reads_what_it_deleted(program: Program) -> bool:
    gone: set[Any] = set()
    for step in program.steps:
        if isinstance(step, Get) and step.arn in gone:
            return True
        if isinstance(step, Delete) and step.arn is not None and step.arn.change == "exact" and step.arn.of is not None:
            gone.add(step.arn)
    return False


def _reuses_a_freed_name(program: Program) -> bool:
    shapes: dict[int, Name | None] = {}
    freed = set()
    for step in program.steps:
        if isinstance(step, Create):
            if step.name in freed:
                return True
            shapes[step.label] = step.name
        elif isinstance(step, Delete) and step.arn is not None and step.arn.of in shapes and step.arn.change == "exact":
            freed.add(shapes[step.arn.of])
    return False


def _has(kind: type, where: Callable[[Any], object] = lambda step: True) -> Callable[[Program], bool]:
    return lambda program: any(isinstance(step, kind) and bool(where(step)) for step in steps_within(program))


def _walks_at_the_edge(program: Program) -> bool:
    items = sum(step.count for step in program.steps if isinstance(step, Fill))
    return any(
        isinstance(step, Walk) and step.page_size is not None and items > 1 and items % step.page_size == 0
        for step in program.steps
    )


def _three_walks(program: Program) -> bool:
    steps = program.steps
    return any(
        all(isinstance(step, Walk) for step in steps[at : at + 3])
        and steps[at] == steps[at + 2] == Walk() != steps[at + 1]
        for at in range(len(steps) - 2)
    )


@pytest.mark.parametrize(
    ("theme", "wanted"),
    [
        ("names", _creates_of_one_name),
        ("names", _twins),
        ("names", _reuses_a_freed_name),
        ("names", lambda program: _has(Fill, lambda fill: fill.count >= 19)(program) and _creates_of_one_name(program)),
        ("arns", _has(Get, lambda get: get.arn is not None and get.arn.change == "cut")),
        ("arns", _has(Delete, lambda delete: delete.arn is not None and delete.arn.change == "extended")),
        ("arns", _has(Get, lambda get: get.arn is not None and get.arn.change == "fresh")),
        ("arns", _has(Delete, lambda delete: delete.arn is not None and delete.arn.literal is not None)),
        ("arns", _has(Get, lambda get: get.arn is None)),
        ("arns", _reads_what_it_deleted),
        ("statuses", lambda program: _has(Get)(program) and _has(Walk)(program) and _has(Create)(program)),
        ("inputs", _has(Create, lambda create: create.name is None)),
        ("inputs", _has(Create, lambda create: create.name is not None and (create.name.length or 0) == 33)),
        ("inputs", _has(Create, lambda create: create.name is not None and create.name.length == 0)),
        ("inputs", _has(Create, lambda create: create.kind is None)),
        (
            "inputs",
            _has(Create, lambda create: create.kind in {"bitbucket", "BITBUCKET", "github", "GITHUB", "gitlab"}),
        ),
        ("inputs", _has(List, lambda page: (page.page_size or 0) > 100)),
        ("inputs", _has(List, lambda page: (page.page_size or 0) < 0)),
        ("pages", _walks_at_the_edge),
        ("pages", _three_walks),
        (
            "pages",
            lambda program: any(
                isinstance(s, Walk) and any(isinstance(i, Delete) for _, i in s.between) for s in program.steps
            ),
        ),
        ("pages", _has(Fill, lambda fill: fill.count >= 50)),
        ("filters", _has(Walk, lambda walk: walk.kind == "GitHub" and walk.page_size is not None)),
        ("filters", _has(Fill, lambda fill: len(fill.kinds) > 1 and fill.count > 2)),
        ("tokens", _has(List, lambda page: page.token is not None and page.token.kind == "altered")),
        ("tokens", _has(List, lambda page: page.token is not None and page.token.kind == "used")),
        ("removals", _reads_what_it_deleted),
        (
            "removals",
            lambda program: any(
                a == b and isinstance(a, Delete) for a, b in zip(program.steps, program.steps[1:], strict=False)
            ),
        ),
        ("anything", lambda program: len({type(step) for step in program.steps}) >= 5),
    ],
)
def test_a_theme_reaches_what_it_is_about(theme: str, wanted: Callable[[Program], object]) -> None:
    """What the theme is for is no matter of luck."""
    reaches(theme, wanted)


@pytest.mark.parametrize("theme", THEMES)
def test_the_first_edition_has_programs_of_every_theme(theme: str) -> None:
    """No theme counts on what it does not know."""
    put_in_force(contract_of(FIRST))
    every(
        programs(theme),
        lambda program: (
            not _has(Create, lambda create: create.kind == "GitHub")(program) or theme in {"inputs", "anything"}
        ),
    )


def _bursts(program: Program) -> list[list[Any]]:
    """The single steps of each burst."""
    return [
        [branch[0] for branch in step.branches]
        for step in program.steps
        if isinstance(step, Parallel) and step.is_burst
    ]


def _reads_several(steps: list[Any]) -> bool:
    return len({step.arn for step in steps if isinstance(step, Get)}) > 1


def _shares_a_token(steps: list[Any]) -> bool:
    return len([step for step in steps if isinstance(step, List) and step.token is not None]) > 1


@pytest.mark.parametrize(
    ("about", "wanted"),
    [
        ("arns", lambda program: any(map(_reads_several, _bursts(program)))),
        ("lists", lambda program: any(map(_shares_a_token, _bursts(program)))),
    ],
)
def test_a_race_is_about_answers_that_could_be_mixed_up(about: str, wanted: Callable[[Program], object]) -> None:
    """Gets of several connections at once, and one token in several hands."""
    assert wanted(smallest(races(about), wanted))


# -- what is left to no chance


@pytest.mark.parametrize("family", FAMILIES)
def test_a_roll_call_shows_every_text_of_a_family_in_front_and_behind(family: str) -> None:
    """Each is made once, looked at by Get, and there when the list is walked; every name fits."""
    steps = roll_call(family).steps
    names = [step.name for step in steps if isinstance(step, Create)]
    texts = [name.after for name in names if name is not None and name.before == name.after]
    assert texts == list(dict.fromkeys(FAMILIES[family]))
    assert all(2 * len(text) + STEM_LENGTH <= 32 for text in texts)
    assert [step.arn.of for step in steps if isinstance(step, Get)] == list(range(len(texts)))
    assert steps[-1] == Walk()


def test_a_roll_call_of_no_family_is_an_error() -> None:
    """A typo must not look like a test."""
    with pytest.raises(ValueError, match="no family of names 'odd'"):
        roll_call("odd")


@editions
def test_a_program_about_filters_meets_every_provider_type_at_once(edition: tuple[str, str]) -> None:
    """One connection of each and a walk by each, also of those that need a host."""
    put_in_force(contract_of(edition))
    kinds = set(contract_in_force().kinds)

    def has_all(program: Program) -> bool:
        made = {step.kind for step in program.steps if isinstance(step, Create)}
        walked = {step.kind for step in program.steps if isinstance(step, Walk)}
        return kinds <= made and kinds <= walked

    reaches("filters", has_all, within=30)


def test_a_program_about_filters_takes_a_walk_again_after_a_delete() -> None:
    """The same page size and the same filter, with nothing between but the Delete."""

    def has_again(program: Program) -> bool:
        return any(
            isinstance(before, Walk) and before.kind is not None and before == after and isinstance(change, Delete)
            for before, change, after in zip(program.steps, program.steps[1:], program.steps[2:], strict=False)
        )

    reaches("filters", has_again, within=30)


def test_tests_of_a_theme_share_what_hypothesis_has_to_look_through() -> None:
    """Within an edition; another edition has other words."""

    def tree() -> object:
        return programs("filters").wrapped_strategy  # type: ignore[attr-defined]

    newest = tree()
    assert tree() is newest
    put_in_force(contract_of(FIRST))
    assert tree() is not newest
