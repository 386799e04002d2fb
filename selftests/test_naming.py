"""Names and ids that nobody else has, in exactly the shape that was asked for."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assay.in_force import put_in_force
from assay.naming import PREFIX_LENGTH, STEM_LENGTH, Naming, fresh_id
from assay.program import Name
from selftests.histories import NEWEST, contract_of
from strategies import connection_names, name_texts

put_in_force(contract_of(NEWEST))

texts = name_texts(max_size=12)


def test_two_runs_have_two_prefixes() -> None:
    """Nothing of a name comes from a seed, so two runs of one seed at once do not meet."""
    prefixes = {Naming().prefix for _ in range(400)}
    assert len(prefixes) > 395
    assert {len(prefix) for prefix in prefixes} == {PREFIX_LENGTH}


def test_a_seed_does_not_make_names_again() -> None:
    """Hypothesis sets the seed of `random` at every example; that moves nothing here."""
    import random

    runs = []
    for _ in range(2):
        random.seed(7)
        naming = Naming()
        runs.append({naming.realize(Name(), naming.stem()) for _ in range(20)})
    assert not runs[0] & runs[1]


def test_a_run_gives_no_stem_twice() -> None:
    """Nor one that begins another; each is lower-case letters and digits."""
    naming = Naming()
    stems = [naming.stem()[0] for _ in range(3_000)]
    assert len(set(stems)) == 3_000
    assert {len(stem) for stem in stems} == {STEM_LENGTH}
    assert all(re.fullmatch(r"as[a-z0-9]{6}[0-9a-z]{4}", stem) for stem in stems)


def test_a_run_can_be_given_its_id() -> None:
    """For a replay's report to name the run it is of."""
    assert Naming("abc123").prefix == "asabc123"


@pytest.mark.parametrize("length", range(41))
@settings(max_examples=15, deadline=None, database=None)
@given(before=texts, after=texts)
def test_a_length_is_kept_to_the_code_point(length: int, before: str, after: str) -> None:
    """From 0 to 40, whatever stands around the stem; with the prefix in it wherever there is room."""
    naming = Naming()
    stem = naming.stem()
    name = naming.realize(Name(0, before, after, length), stem)
    assert len(name) == length
    assert (stem[0] in name) is (length >= STEM_LENGTH)
    if length < STEM_LENGTH:
        assert all("\u4e00" <= character <= "\u9fff" for character in name), "one code point is one UTF-16 unit"
        assert unicodedata.normalize("NFKD", name) == name == name.casefold()


@settings(max_examples=100, deadline=None, database=None)
@given(connection_names(slots=1), connection_names(slots=1))
def test_shapes_are_equal_as_their_names_are(one: Name, other: Name) -> None:
    """Under one stem equal shapes give equal names; without a length, other text gives another name."""
    naming = Naming()
    stem = naming.stem()
    first, second = naming.realize(one, stem), naming.realize(other, stem)
    assert naming.realize(one, stem) == first
    if one.length is None and other.length is None:
        assert (first == second) is ((one.before, one.after) == (other.before, other.after))


@settings(max_examples=100, deadline=None, database=None)
@given(texts, texts, st.integers(24, 40))
def test_other_text_behind_the_stem_is_another_name(one: str, other: str, length: int) -> None:
    """Also where a length pads the name, as long as the text has room; what is padded with is no text that is drawn."""
    assume(one.lstrip("x") != other.lstrip("x"))
    naming = Naming()
    stem = naming.stem()
    assert naming.realize(Name(0, "", one), stem) != naming.realize(Name(0, "", other), stem)
    assert naming.realize(Name(0, "", one, length), stem) != naming.realize(Name(0, "", other, length), stem)


@settings(max_examples=100, deadline=None, database=None)
@given(connection_names())
def test_a_name_is_text(shape: Name) -> None:
    """No lone surrogate stands in it, so it can be sent as UTF-8."""
    naming = Naming()
    assert naming.realize(shape, naming.stem()).encode()


def test_short_names_of_a_run_differ_as_long_as_they_can() -> None:
    """Names of one ideograph for a few thousand slots."""
    naming = Naming()
    names = [naming.realize(Name(0, length=1), naming.stem()) for _ in range(5_000)]
    assert len(set(names)) == 5_000
    longer = [naming.realize(Name(0, length=4), naming.stem()) for _ in range(5_000)]
    assert len(set(longer)) == 5_000


def test_a_fresh_id_is_128_random_bits() -> None:
    """All of them: none is fixed, as a version would be."""
    ids = [fresh_id() for _ in range(2_000)]
    assert len(set(ids)) == 2_000
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id_) for id_ in ids)
    bits = [int(id_.replace("-", ""), 16) for id_ in ids]
    for place in range(128):
        ones = sum(number >> place & 1 for number in bits)
        assert 800 < ones < 1_200, place
