"""The strategies: what they draw first, what they never draw, and that every theme reaches what it is about."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

import strategies
from assay.errors import HarnessError
from assay.in_force import _in_force, contract_in_force, put_in_force
from assay.naming import STEM_LENGTH
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Token, Walk, steps_within
from selftests.histories import EDITIONS, FIRST, NEWEST, contract_of
from strategies import (
    FAMILIES,
    THEMES,
    arns,
    changed_arns,
    connection_names,
    improper_lengths,
    malformed_arns,
    name_texts,
    page_sizes,
    programs,
    provider_types,
    races,
    roll_call,
    tokens,
    unknown_arns,
    unknown_provider_types,
    walk_sizes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FAST = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
SEARCH = settings(max_examples=2_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
editions = pytest.mark.parametrize("edition", EDITIONS)


@pytest.fixture(autouse=True)
def _newest_edition() -> Any:
    put_in_force(contract_of(NEWEST))
    yield
    put_in_force(contract_of(NEWEST))


def every(strategy: st.SearchStrategy[Any], judge: Callable[[Any], object]) -> None:
    """What is drawn, all of it, is as `judge` says."""

    @FAST
    @given(strategy)
    def draw(value: Any) -> None:
        assert judge(value), value

    draw()


def smallest(strategy: st.SearchStrategy[Any], where: Callable[[Any], Any] = lambda value: True) -> Any:
    return find(strategy, where, settings=SEARCH)


@cache
def drawn(theme: str, service: str, edition: str) -> list[Program]:
    """So many programs about a theme, the same in every run of this suite: what one in forty has, these have."""
    contract = contract_in_force()
    assert (contract.service, contract.edition) == (service, edition)
    seen: list[Program] = []

    @seed(0)
    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(programs(theme))
    def draw(program: Program) -> None:
        seen.append(program)

    draw()
    return seen


def reaches(theme: str, wanted: Callable[[Program], object], *, within: int = 400) -> None:
    """Some of the first so many programs about a theme has what is wanted."""
    contract = contract_in_force()
    programs_drawn = drawn(theme, contract.service, contract.edition)
    assert any(map(wanted, programs_drawn[:within])), f"none of {within} programs about {theme}"


# -- the facade


def test_the_facade_has_what_it_names_and_nothing_else() -> None:
    """Every public name of every module, sorted."""
    assert all(hasattr(strategies, name) for name in strategies.__all__)
    assert list(strategies.__all__) == sorted(strategies.__all__)
    for name in strategies.__all__:
        assert getattr(strategies, name).__doc__


def test_every_strategy_is_there_before_a_contract_is() -> None:
    """Tests are decorated when they are imported; the contract is asked for when something is drawn."""
    kept = list(_in_force)
    _in_force.clear()
    try:
        for make in (improper_lengths, provider_types, unknown_provider_types, page_sizes, connection_names):
            make()
        for theme in THEMES:
            programs(theme)
        with pytest.raises(HarnessError, match="no contract is in force"):
            contract_in_force()
    finally:
        _in_force[:] = kept


def test_impossible_arguments_raise_at_once() -> None:
    """Not when something is drawn."""
    with pytest.raises(ValueError, match="no theme 'weather'; there are names, "):
        programs("weather")
    for slots in (0, -1):
        with pytest.raises(ValueError, match="slots must be at least 1"):
            connection_names(slots=slots)
    for labels in (0, -1):
        for make in (arns, changed_arns):
            with pytest.raises(ValueError, match="labels must be at least 1"):
                make(labels=labels)
    with pytest.raises(ValueError, match="max_steps must be at least 1"):
        programs(max_steps=0)
    with pytest.raises(ValueError, match="max_size must be at least 0"):
        name_texts(max_size=-1)
    with pytest.raises(ValueError, match="items must be at least 0"):
        walk_sizes(-1)


# -- the smallest


@pytest.mark.parametrize(
    ("strategy", "first"),
    [
        (connection_names(), Name()),
        (connection_names(plain=True), Name()),
        (name_texts(), ""),
        (improper_lengths(), Name(0, length=0)),
        (arns(), Arn(0)),
        (changed_arns(), Arn(0, "cut")),
        (unknown_arns(), Arn(None, "fresh")),
        (malformed_arns(), Arn(literal="")),
        (provider_types(), "Bitbucket"),
        (tokens(), Token("last")),
        (tokens(forged=True), Token("altered")),
        (page_sizes(proper=False), -1),
        (walk_sizes(6), None),
    ],
)
def test_the_smallest_example_is_the_one_that_one_would_write(strategy: st.SearchStrategy[Any], first: Any) -> None:
    """Plain, and nothing around it."""
    assert smallest(strategy) == first


def test_the_smallest_program_of_a_kind_is_short() -> None:
    """Two Creates, and nothing else; their one name is made simple by assay's own shrinker, both at once."""
    program = smallest(programs("names", max_steps=4), lambda program: len(_creates_of_one_name(program)) > 1)
    assert [type(step) for step in program.steps] == [Create, Create]


# -- the space


@editions
def test_names_have_a_length_that_the_edition_allows(edition: tuple[str, str]) -> None:
    """Where a length is asked for; where not, the text around the stem leaves room for it."""
    contract = contract_of(edition)
    put_in_force(contract)
    bounds = contract.name_length

    def allowed(name: Name) -> bool:
        length = name.length if name.length is not None else STEM_LENGTH + len(name.before) + len(name.after)
        return (bounds.minimum or 0) <= length <= (bounds.maximum or length)

    every(connection_names(), allowed)
    every(improper_lengths(), lambda name: not allowed(name))
    for length in (0, 33, 34, 64, 255, 256, 1_000):
        assert smallest(improper_lengths(), lambda name, length=length: name.length == length)  # type: ignore[misc]


def test_names_are_text_of_all_of_unicode() -> None:
    """No lone surrogate; control characters, the astral plane and combining marks among them."""
    every(name_texts(), lambda text: text.encode() is not None and len(text) <= 20)
    for wanted in ("\x00", "💥", "e\u0301", "ﬁ", " ", "\u202e", "\uffff"[:0] + "\ufffe"):
        assert wanted in smallest(name_texts(), lambda text, wanted=wanted: wanted in text)  # type: ignore[misc]


@pytest.mark.parametrize("slots", [1, 2, 40])
def test_names_share_as_many_slots_as_were_asked_for(slots: int) -> None:
    """One slot makes every two names the same or twins."""
    every(connection_names(slots=slots), lambda name: 0 <= name.slot < slots)
    assert smallest(connection_names(slots=slots), lambda name: name.slot == slots - 1)


@editions
def test_providers_are_known_or_unknown_as_asked(edition: tuple[str, str]) -> None:
    """Unknown ones are known in no edition of any service; hosted ones only where they are wanted."""
    contract = contract_of(edition)
    put_in_force(contract)
    plain = set(contract.kinds) - set(contract.resource.hosted_kinds)
    every(provider_types(), lambda kind: kind in plain)
    every(provider_types(hosted=True), lambda kind: kind in contract.kinds)
    every(unknown_provider_types(), lambda kind: kind not in contract.every_kind)
    assert smallest(unknown_provider_types(), lambda kind: kind.lower() == "bitbucket") != "Bitbucket"


@editions
def test_page_sizes_are_inside_or_beside_the_editions_bounds(edition: tuple[str, str]) -> None:
    """Both edges and both nearest neighbours are drawn; a walk never asks for a page of none."""
    contract = contract_of(edition)
    put_in_force(contract)
    least, most = contract.page_sizes.minimum, contract.page_sizes.maximum
    assert least is not None
    assert most is not None
    every(page_sizes(), lambda size: least <= size <= most)
    every(page_sizes(proper=False), lambda size: not least <= size <= most)
    for size in (least, most):
        assert smallest(page_sizes(), lambda drawn, size=size: drawn == size) == size  # type: ignore[misc]
    for size in (least - 1, most + 1):
        assert smallest(page_sizes(proper=False), lambda drawn, size=size: drawn == size) == size  # type: ignore[misc]
    for items in (0, 1, 6, 50, 1_000):
        every(walk_sizes(items), lambda size: size is None or max(1, least) <= size <= most)


def test_the_first_edition_knows_less() -> None:
    """One provider and fifty items, as it was."""
    put_in_force(contract_of(FIRST))
    every(provider_types(hosted=True), lambda kind: kind == "Bitbucket")
    assert smallest(page_sizes(proper=False), lambda size: size == 51) == 51


def test_walk_sizes_lie_around_the_number_of_items() -> None:
    """One less, as many, one more, and the half."""
    for size in (3, 5, 6, 7, 100, None):
        assert smallest(walk_sizes(6), lambda drawn, size=size: drawn == size) == size  # type: ignore[misc]


@editions
def test_malformed_arns_are_forbidden_by_the_model(edition: tuple[str, str]) -> None:
    """By its pattern or its length; so Delete may be sent any of them."""
    contract = contract_of(edition)

    def forbidden(arn: Arn) -> bool:
        text = arn.literal
        assert text is not None
        return len(text) > (contract.identity_length.maximum or 0) or contract.identity_pattern.fullmatch(text) is None

    every(malformed_arns(), forbidden)
    from strategies.arns import _MALFORMED

    assert all(forbidden(Arn(literal=text)) for text in _MALFORMED)
    assert len(set(_MALFORMED)) == len(_MALFORMED)


def test_arns_are_symbols() -> None:
    """None is an ARN that exists: a label, a change of one, or something to make up."""
    every(arns(labels=3), lambda arn: arn == Arn(arn.of) and 0 <= arn.of < 3)
    every(changed_arns(labels=3), lambda arn: arn.change in {"cut", "extended", "case", "bare"} and arn.literal is None)
    every(unknown_arns(), lambda arn: arn.of is None and re.match("fresh|other-", arn.change))


def test_tokens_are_given_or_forged_as_asked() -> None:
    """An invented one is of a length that a token may have."""
    every(tokens(), lambda token: token.kind in {"last", "used"})
    every(
        tokens(forged=True),
        lambda token: (
            token.kind in {"altered", "counted"} or (token.kind == "invented" and 1 <= len(token.text) <= 1_024)
        ),
    )


# -- programs


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
