"""The strategies: what they draw first, and what they never draw. Programs are in `test_themes`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import strategies
from assay.errors import HarnessError
from assay.in_force import _in_force, contract_in_force, put_in_force
from assay.naming import STEM_LENGTH
from assay.program import Arn, Name, Token
from selftests.drawing import every, smallest
from selftests.histories import EDITIONS, FIRST, NEWEST, contract_of
from strategies import (
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
    tokens,
    unknown_arns,
    unknown_provider_types,
    walk_sizes,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

editions = pytest.mark.parametrize("edition", EDITIONS)


@pytest.fixture(autouse=True)
def _newest_edition() -> Any:
    put_in_force(contract_of(NEWEST))
    yield
    put_in_force(contract_of(NEWEST))


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
def test_the_smallest_example_is_the_one_that_one_would_write(strategy: SearchStrategy[Any], first: Any) -> None:
    """Plain, and nothing around it."""
    assert smallest(strategy) == first


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
