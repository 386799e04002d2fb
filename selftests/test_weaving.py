"""Weaving: several programs become one that asks what each of them asks, in fewer calls, and knows what is whose."""

from __future__ import annotations

import pytest

from assay.fitting import worst_case
from assay.program import (
    Arn,
    Create,
    Delete,
    Fill,
    Get,
    Handshake,
    List,
    Name,
    Parallel,
    Program,
    Send,
    Token,
    Walk,
    steps_within,
)
from assay.recipe import Recipe
from assay.signings import VALID
from assay.weaving import Frame, alive, parts_with, woven


def _lives(step: Create | Send) -> bool:
    if isinstance(step, Send):
        return step.recipe.base == "create" and step.recipe.body is None
    return step.name is not None and step.kind != "Gitea" and step.signing == VALID


def _woven(*programs: Program, calls: int = 1_000, most_alive: int = 10) -> list[Frame]:
    return woven(programs, worst_case, calls, most_alive=most_alive, lives=_lives)[0]


def _whole(*programs: Program) -> str:
    (frame,) = _woven(*programs)
    return str(frame.program)


SEEN = Program((Create(0), Get(Arn(0)), Walk()))


def test_one_connection_serves_all_who_leave_it_alone() -> None:
    nearly = Program((Create(0), Get(Arn(0, "cut")), Get(Arn(0, "extended")), Walk()))
    assert _whole(SEEN, nearly) == "create #0 name0; get #0; get #0 cut; get #0 extended; walk"


def test_who_deletes_it_comes_behind_all_looks_and_looks_then() -> None:
    gone = Program((Create(0), Delete(Arn(0)), Get(Arn(0)), Walk()))
    assert _whole(gone, SEEN) == "create #0 name0; get #0; walk; delete #0; get #0; walk"


def test_who_counts_on_a_connection_to_the_end_has_one_that_nobody_deletes() -> None:
    gone = Program((Create(0), Delete(Arn(0)), Get(Arn(0))))
    other = Program((Create(0), Create(1, Name(1)), Delete(Arn(1)), Get(Arn(0))))
    (frame,) = _woven(gone, other)
    deleted = [step.arn.of for step in frame.program.steps if isinstance(step, Delete) and step.arn is not None]
    alive_to_the_end = next(part for part in frame.parts if part.program == other)
    looked_at = [frame.program.steps[n] for n in sorted(alive_to_the_end.steps)][-1]
    assert isinstance(looked_at, Get)
    assert looked_at.arn is not None
    assert looked_at.arn.of not in deleted


def test_a_handshake_is_nothing_to_share_with_who_deletes() -> None:
    shaken = Program((Create(0), Handshake(Arn(0)), Get(Arn(0))))
    gone = Program((Create(0), Delete(Arn(0)), Get(Arn(0))))
    (frame,) = _woven(shaken, gone)
    assert sum(isinstance(step, Create) for step in frame.program.steps) == 2


def test_deletes_that_are_signed_oddly_share_a_connection_with_each_other_alone() -> None:
    """They are to be refused; and laws do not count on a connection after a Delete of it, whatever the answer."""
    odd = [Program((Create(0), Delete(Arn(0), signing=word), Get(Arn(0)))) for word in ("missing", "old-date")]
    near = Program((Create(0), Delete(Arn(0, "cut")), Get(Arn(0)), Delete(Arn(0, "case")), Get(Arn(0))))
    gone = Program((Create(0), Delete(Arn(0)), Get(Arn(0))))
    (frame,) = _woven(*odd, gone, near)
    steps = [(place, step) for place, step in enumerate(frame.program.steps) if isinstance(step, Delete)]
    of = [step.arn.of for _, step in steps if step.arn is not None]
    assert sum(isinstance(step, Create) for step in frame.program.steps) == 2
    assert [step.signing for _, step in steps] == ["valid", "valid", "missing", "old-date", "valid"]
    assert of[2] == of[3] != of[4], "what is deleted is another one"
    looks = [place for place, step in enumerate(frame.program.steps) if step == Get(Arn(of[0]))]
    assert steps[0][0] < looks[0] < steps[2][0], "whoever is nearly right looks before anybody doubts"


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_name_that_is_used_again_is_not_one_that_has_twins(is_turned: bool) -> None:  # noqa: FBT001 - a parameter
    """What is refused then may be so for either reason."""
    again = Program((Create(0, Name(0)), Delete(Arn(0)), Create(1, Name(0))))
    twins = Program((Create(0, Name(0)), Create(1, Name(0, after=" ")), Get(Arn(1))))
    (frame,) = _woven(*((twins, again) if is_turned else (again, twins)))
    slots = [step.name.slot for step in frame.program.steps if isinstance(step, Create) and step.name is not None]
    assert sorted(map(slots.count, set(slots))) == [2, 2]


def test_twins_are_made_once_for_all_who_begin_with_the_same() -> None:
    twins = (Create(0, Name(0)), Create(1, Name(0, after=" ")))
    assert _whole(Program((*twins, Get(Arn(1)))), Program((*twins, Get(Arn(0))))) == (
        "create #0 name0; create #1 name0+' '; get #1; get #0"
    )


def test_twins_are_made_again_beside_who_uses_their_name_for_more() -> None:
    """A third Create of the name is to be refused, and that of two texts has to be theirs."""
    twins = Program((Create(0, Name(0)), Create(1, Name(0, after=" ")), Get(Arn(1))))
    thrice = Program((Create(0, Name(0)), Create(1, Name(0, after=" ")), Create(2, Name(0)), Get(Arn(0))))
    (frame,) = _woven(thrice, twins)
    assert sum(isinstance(step, Create) for step in frame.program.steps) == 5


def test_twins_are_made_again_where_one_of_them_is_another_or_out_of_reach() -> None:
    """Of twins of which only one is shared, the other would ask for a name that is taken."""
    twins = (Create(0, Name(0)), Create(1, Name(0, after=" ")))
    other = (Create(0, Name(0)), Create(1, Name(0, after=" "), kind="GitHub"))
    (frame,) = _woven(Program((*twins, Get(Arn(1)))), Program((*other, Get(Arn(1)))))
    assert sum(isinstance(step, Create) for step in frame.program.steps) == 4
    gone = Program((*twins, Delete(Arn(1)), Get(Arn(0))))
    (frame,) = _woven(Program((*twins, Create(2, Name(2)), Delete(Arn(2)), Get(Arn(1)))), gone)
    names = [step.name for step in frame.program.steps if isinstance(step, Create)]
    assert len(set(names)) == len(names)
    assert sum(isinstance(step, Delete) for step in frame.program.steps) == 2


def test_deletes_of_several_programs_are_one_and_each_keeps_its_order() -> None:
    twice = Program((Create(0), Delete(Arn(0)), Delete(Arn(0))))
    again = Program((Create(0), Delete(Arn(0)), Create(1, Name(0)), Delete(Arn(1)), Create(2, Name(0))))
    once_again = Program((Create(0), Delete(Arn(0)), Create(1, Name(0)), Get(Arn(1))))
    (frame,) = _woven(twice, again, once_again)
    assert sum(isinstance(step, Create) for step in frame.program.steps) == 3
    assert sum(isinstance(step, Delete) for step in frame.program.steps) == 3


def test_what_a_fill_makes_is_shared_and_its_names_are_told_apart() -> None:
    filled = Program((Fill(100, 3), Walk(), Get(Arn(102)), Create(0, Name(-103))))
    (frame,) = _woven(SEEN, filled)
    creates = [step for step in frame.program.steps if isinstance(step, Create)]
    names = [step.name for step in creates]
    assert len(creates) == 4
    assert names[3] == names[2], "the one that asks for the third name again"
    assert len(set(names)) == 3


@pytest.mark.parametrize("text", ["A", "ab"])
def test_twins_of_one_name_do_not_meet_the_twins_of_another_program(text: str) -> None:
    one = Program((Create(0, Name(0, after="a")), Create(1, Name(0, after="A")), Walk()))
    two = Program((Create(0, Name(0, after="a")), Create(1, Name(0, after=text)), Get(Arn(1))))
    (frame,) = _woven(one, two)
    names = [step.name for step in frame.program.steps if isinstance(step, Create)]
    assert len(set(names)) == len(names), "each Create is to be accepted"


def test_raw_requests_share_what_stands_around_them() -> None:
    def sent(recipe: Recipe) -> Program:
        return Program((Create(0), Send(name=Name(1), arn=Arn(0), recipe=recipe), Walk(), Get(Arn(0)), List()))

    (frame,) = _woven(*(sent(Recipe("create", body=body)) for body in ("{", "[]", "1")))
    steps = frame.program.steps
    assert [type(step) for step in steps] == [Create, Send, Send, Send, Walk, Get, List]
    sends = [step for step in steps if isinstance(step, Send)]
    assert len({step.name.slot for step in sends}) == len({step.label for step in sends}) == 3
    assert all(step.arn == Arn(0) for step in sends)


def test_tokens_stay_behind_the_page_that_gives_them() -> None:
    forged = Program((Fill(100, 2), List(1), List(1, None, Token("altered", 2))))
    counted = Program((Fill(100, 2), List(1), List(1, None, Token("counted", 0))))
    text = _whole(SEEN, forged, counted)
    assert text.index("list by 1;") < text.index("altered") < text.index("counted on") < text.index("get #0")


def test_no_more_connections_live_than_may() -> None:
    programs = [Program((Create(0, Name(0, after=text)), Create(1, kind="Gitea"), Get(Arn(0)))) for text in "abcde"]
    frames = _woven(*programs, most_alive=3)
    assert [alive(frame.program, _lives) for frame in frames] == [3, 2]
    assert [len(frame.programs) for frame in frames] == [3, 2]


def test_what_sends_at_once_stays_alone() -> None:
    race = Program((Create(0), Parallel(((Get(Arn(0)),), (Get(Arn(0)),)))))
    first, second = _woven(SEEN, race, Program((Create(0), Get(Arn(0)))))
    assert (len(first.programs), second.programs, second.program) == (2, (race,), race)
    with pytest.raises(ValueError, match="closed"):
        second.with_program(SEEN)


def test_what_makes_more_than_may_live_is_left_out() -> None:
    (frame,) = _woven(SEEN, Program((Fill(100, 11), Walk())))
    assert frame.programs == (SEEN,)


def test_what_there_are_no_calls_for_is_left_out_and_what_costs_less_is_not() -> None:
    dear = Program((Fill(100, 9), Walk(1)))
    frames = _woven(SEEN, dear, Program((Create(0), Get(Arn(0)), List())), calls=5)
    assert [len(frame.programs) for frame in frames] == [2]


def test_a_part_knows_its_steps_and_a_step_its_parts() -> None:
    gone = Program((Create(0), Delete(Arn(0)), Get(Arn(0)), Walk()))
    (frame,) = _woven(SEEN, gone)
    steps = frame.program.steps
    first, second = frame.parts
    assert [str(steps[n]) for n in sorted(first.steps)] == ["create #0 name0", "get #0", "walk"]
    assert [str(steps[n]) for n in sorted(second.steps)] == ["create #0 name0", "delete #0", "get #0", "walk"]
    assert parts_with(frame.parts, 0) == (SEEN, gone), "the shortest first"
    assert parts_with(frame.parts, 3) == (gone,)


def test_every_step_of_every_program_is_in_the_whole() -> None:
    """Whatever tests name: no question is lost, and none is asked of a connection that its program did not make."""
    import tests.codestar_connections.test_deletes as deletes
    import tests.codestar_connections.test_names as names

    programs = [
        value
        for module in (deletes, names)
        for test in vars(module).values()
        for each in getattr(test, "hypothesis_explicit_examples", ())
        for value in each.kwargs.values()
        if isinstance(value, Program) and alive(value, _lives) <= 10
    ]
    frames = _woven(*programs)
    assert sum(worst_case(frame.program) for frame in frames) < 0.75 * sum(map(worst_case, programs))
    for frame in frames:
        for part in frame.parts:
            own = [frame.program.steps[n] for n in sorted(part.steps)]
            wanted = [s for s in steps_within(part.program) if not isinstance(s, Fill)]
            fills = sum(step.count for step in part.program.steps if isinstance(step, Fill))
            assert len(own) == len(wanted) + fills
            made: set[int] = set()
            for step in own:
                if isinstance(step, Create):
                    made.add(step.label)
                elif isinstance(step, Get | Delete) and step.arn is not None and step.arn.of is not None:
                    assert step.arn.of in made
