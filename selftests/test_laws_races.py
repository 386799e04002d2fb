"""The laws of calls at once, on histories written by hand: what no order explains, and all that some order does."""

from __future__ import annotations

import pytest

from selftests.histories import (
    Step,
    create,
    delete,
    get,
    is_kept,
    is_silent,
    listing,
    made,
    story,
    the_breach,
    walk,
)

_UNIQUE, _ONCE, _STABLE = "concurrent.name.unique", "concurrent.delete.once", "concurrent.list.stable"


def _at_once(*steps: Step) -> list[Step]:
    """Steps that are all sent before the first is answered."""
    return [step.during(10 + n / 10, 11 + n / 10) for n, step in enumerate(steps)]


# -- names


def test_two_creates_of_one_name_at_once_are_not_both_accepted() -> None:
    breach = the_breach(_UNIQUE, story(_at_once(create("our-x").ok("1"), create("our-x").ok("2"))))
    assert breach.call.index == 1
    assert breach.clause is None


def test_one_of_them_is_enough() -> None:
    assert is_kept(_UNIQUE, story(_at_once(create("our-x").refused(), create("our-x").ok("2"), create("our-x"))))


@pytest.mark.parametrize("refusals", [("InvalidInputException",) * 2, ("Conflict", "AlreadyExists")])
def test_none_of_them_is_too_few(refusals: tuple[str, ...]) -> None:
    breach = the_breach(_UNIQUE, story(_at_once(*(create("our-x").refused(code) for code in refusals))))
    assert breach.clause == "exactly-one"


@pytest.mark.parametrize(
    "steps",
    [
        [create("our-x").refused("ConflictException"), create("our-x").refused("ConcurrentModificationException")],
        [create("our-x").refused("LimitExceededException"), create("our-x").refused()],
        [create("our-x").unknown(), create("our-x").refused()],
        [create("a"), create("a")],  # a stranger may be called so
        [create("our-x", "NoSuch"), create("our-x", "NoSuch")],
        [create("our-x"), create("our-x"), create("our-X").ok("1")],  # a twin at the same moment
        [create("our-x"), create("our-y")],
        [create("our-x")],
        [create(), create()],
    ],
)
def test_refusals_that_something_else_explains_are_not_judged(steps: list[Step]) -> None:
    assert is_silent(_UNIQUE, story(_at_once(*steps)))


def test_a_name_that_is_held_is_refused_to_all_of_them() -> None:
    assert is_silent(_UNIQUE, story(create("our-x").ok("1"), _at_once(create("our-x"), create("our-x"))))


def test_what_follows_each_other_is_not_at_once() -> None:
    assert is_silent(_UNIQUE, story(create("our-x").ok("1"), create("our-x").ok("2")))


def test_a_delete_between_two_creates_explains_them() -> None:
    """The first was answered and deleted while the second was under way."""
    steps = (
        create("our-x").ok("1").during(0, 1),
        delete("1").during(1.1, 2),
        create("our-x").ok("2").during(0.5, 3),
    )
    assert is_kept(_UNIQUE, story(*steps))


@pytest.mark.parametrize("lost", [delete("1").unknown(), delete("1").refused()])
def test_a_delete_that_may_have_had_its_effect_is_no_alarm(lost: Step) -> None:
    steps = (create("our-x").ok("1").during(0, 1), lost.during(1.1, 2), create("our-x").ok("2").during(0.5, 3))
    assert is_kept(_UNIQUE, story(*steps))


def test_a_delete_after_both_were_answered_explains_nothing() -> None:
    steps = _at_once(create("our-x").ok("1"), create("our-x").ok("2"))
    assert the_breach(_UNIQUE, story(steps, delete("1"), delete("2"))).call.index == 1


def test_names_are_unique_beside_the_delete_of_their_holder() -> None:
    """It frees the name for one of them, not for both."""
    steps = _at_once(delete("1"), create("our-x").ok("2"), create("our-x").ok("3"))
    assert the_breach(_UNIQUE, story(create("our-x").ok("1"), steps)).call.index == 3


def test_one_arn_for_both_is_another_laws() -> None:
    assert is_kept(_UNIQUE, story(_at_once(create("our-x").ok("1"), create("our-x").ok("1"))))


def test_two_regions_are_two_rooms_for_names() -> None:
    other = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/00000000-0000-4000-8000-000000000002"
    steps = _at_once(create("our-x").ok("1"), create("our-x").answers({"ConnectionArn": other}))
    assert is_kept(_UNIQUE, story(steps))


# -- deletes


def test_two_deletes_of_one_arn_at_once_are_not_both_accepted() -> None:
    breach = the_breach(_ONCE, story(made("1"), _at_once(delete("1"), delete("1"), delete("1").not_found())))
    assert breach.call.index == 2


@pytest.mark.parametrize("second", [delete("1").not_found(), delete("1").refused("ConflictException")])
def test_one_delete_is_enough(second: Step) -> None:
    assert is_kept(_ONCE, story(made("1"), _at_once(delete("1"), second)))


@pytest.mark.parametrize(
    "steps", [[delete("1"), delete("2")], [delete("1"), delete("1").unknown()], [delete("9"), delete("9")]]
)
def test_deletes_that_need_not_exclude_each_other_are_not_judged(steps: list[Step]) -> None:
    assert is_silent(_ONCE, story(made("1"), made("2"), _at_once(*steps)))


def test_deletes_that_follow_each_other_are_another_laws() -> None:
    assert is_silent(_ONCE, story(made("1"), delete("1"), delete("1")))


# -- walks


def _walk_beside(page_one: list[str], page_two: list[str], *beside: Step) -> list[Step]:
    first, second = walk(2).pages(page_one, page_two)
    return [first.during(10, 11), *beside, second.during(11.5, 13)]


def test_a_walk_beside_deletes_shows_what_existed_throughout() -> None:
    setting = made("1"), made("2"), made("3")
    churn = delete("1").during(10.5, 12)
    assert is_kept(_STABLE, story(*setting, _walk_beside(["1", "2"], ["3"], churn)))
    assert is_kept(_STABLE, story(*setting, _walk_beside(["2"], ["3"], churn)))
    assert the_breach(_STABLE, story(*setting, _walk_beside(["1", "2"], [], churn))).call.index == 5


def test_a_connection_that_comes_or_goes_meanwhile_may_be_shown_or_not() -> None:
    setting = made("1"), made("2")
    coming, going = made("3").during(10.5, 11.2), delete("2").during(10.5, 12)
    for shown in (["1"], ["1", "2"]), (["1", "2"], ["3"]), (["1"], []):
        assert is_kept(_STABLE, story(*setting, _walk_beside(*shown, coming, going)))


def test_a_walk_beside_a_create_that_was_lost_is_judged_by_what_exists_for_sure() -> None:
    setting = made("1"), made("2")
    lost = create("our-3").unknown().during(10.5, 12)
    assert the_breach(_STABLE, story(*setting, _walk_beside(["1"], ["3"], lost)))


@pytest.mark.parametrize(
    "beside",
    [
        [],
        [delete("3").during(11.1, 11.4)],  # between the pages, and beside neither
        [get("1").during(10.5, 12)],
        [create("our-2").refused().during(10.5, 12)],  # changed nothing
    ],
)
def test_a_walk_that_nobody_disturbs_is_another_laws(beside: list[Step]) -> None:
    assert is_silent(_STABLE, story(made("1"), made("2"), made("3"), _walk_beside(["1"], [], *beside)))


def test_a_walk_that_ends_in_the_middle_is_not_judged() -> None:
    setting = made("1"), made("2")
    page = listing(1).shows("1", token="t").during(10, 12)
    assert is_silent(_STABLE, story(*setting, page, delete("1").during(10.5, 11)))
