"""Programs: plain data that is written, read, joined, enlarged and said in words without losing anything."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

from assay.in_force import put_in_force
from assay.program import (
    ARN_CHANGES,
    Arn,
    Create,
    Delete,
    Fill,
    Get,
    List,
    Name,
    Program,
    Token,
    Walk,
    enlarged,
    repeated,
    steps_within,
)
from assay.program_json import from_json, to_json
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import Account, driver_for
from strategies import THEMES, programs

put_in_force(contract_of(NEWEST))

texts = st.text(max_size=5)
names = st.builds(Name, st.integers(-200, 200), texts, texts, st.none() | st.integers(0, 40))
arns = st.builds(Arn, st.none() | st.integers(0, 9), st.sampled_from(ARN_CHANGES)) | st.builds(Arn, literal=texts)
tokens = st.builds(Token, st.sampled_from(("last", "used", "altered", "invented")), st.integers(0, 40), texts)
members = st.dictionaries(
    texts, st.none() | st.booleans() | st.integers() | texts | st.lists(st.integers()), max_size=2
)
legs = st.sampled_from(("light", "sdk"))
creates = st.builds(Create, st.integers(0, 300), st.none() | names, st.none() | texts, members, legs)
gets = st.builds(Get, st.none() | arns, legs)
deletes = st.builds(Delete, st.none() | arns, legs)
between = st.lists(st.tuples(st.integers(1, 9), creates | gets | deletes), max_size=3).map(tuple)
sizes = st.none() | st.integers()
STEPS: dict[str, st.SearchStrategy[Any]] = {
    "create": creates,
    "fill": st.builds(Fill, st.integers(0, 300), st.integers(0, 100), st.lists(texts, max_size=3).map(tuple)),
    "get": gets,
    "delete": deletes,
    "list": st.builds(List, sizes, st.none() | texts, st.none() | tokens, legs),
    "walk": st.builds(Walk, sizes, st.none() | texts, between, legs),
}


def again(program: Program) -> Program:
    return from_json(json.loads(json.dumps(to_json(program))))


def names_made(program: Program) -> list[Any]:
    """The names that a program's Creates send, which tell who shares one."""
    account = Account()
    driver_for(account).run(program, _free())
    return [members["ConnectionName"] for members in account.sent("CreateConnection")]


def _free() -> Any:
    from assay.budget import Budget

    return Budget()


# -- JSON


@pytest.mark.parametrize("verb", STEPS)
@settings(max_examples=60, deadline=None, database=None)
@given(data=st.data())
def test_every_step_is_read_as_it_was_written(verb: str, data: st.DataObject) -> None:
    """Whatever stands in it, through the text of JSON."""
    step = data.draw(STEPS[verb])
    (read,) = again(Program((step,))).steps
    assert read == step
    assert type(read) is type(step)


@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=15, deadline=None, database=None)
@given(data=st.data())
def test_every_program_that_is_drawn_is_read_as_it_was_written(theme: str, data: st.DataObject) -> None:
    """Of every theme."""
    program = data.draw(programs(theme))
    assert again(program) == program


def test_what_equals_its_default_is_not_written() -> None:
    """A finding's program is short to read."""
    assert to_json(Program((Create(), Get(), Walk(2)))) == [
        {"do": "create"},
        {"do": "get"},
        {"do": "walk", "page_size": 2},
    ]
    assert to_json(Program((Get(None), Create(name=None)))) == [
        {"do": "get", "arn": None},
        {"do": "create", "name": None},
    ]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "list of steps"),
        ("create", "list of steps"),
        ([{"do": "create"}, {"do": "dance"}], "step 1 .*dance"),
        ([{}], "step 0 .*do"),
        ([7], "step 0"),
        ([None], "step 0"),
        ([{"do": []}], "step 0"),
        ([{"do": "create", "colour": "red"}], "step 0 .*colour"),
        ([{"do": "create", "name": 3}], "step 0"),
        ([{"do": "get", "arn": {"from": 1}}], "step 0 .*from"),
        ([{"do": "walk", "between": [["x", {"do": "get"}]]}], "step 0"),
        ([{"do": "walk", "between": [[1]]}], "step 0"),
        ([{"do": "walk", "between": 1}], "step 0"),
        ([{"do": "fill", "kinds": None}], "step 0"),
    ],
)
def test_what_is_no_program_is_refused_with_the_number_of_the_step(document: Any, words: str) -> None:
    """A stored file may hold anything."""
    with pytest.raises(ValueError, match=words):
        from_json(document)


# -- joining and enlarging


@settings(max_examples=100, deadline=None, database=None)
@given(programs(), programs())
def test_a_program_after_another_keeps_its_labels_and_slots_apart(first: Program, second: Program) -> None:
    """No step of the second speaks of a connection of the first, and none of its names is one of the first's."""
    joined = first.followed_by(second)
    assert joined.steps[: len(first.steps)] == first.steps
    moved = Program(joined.steps[len(first.steps) :])
    assert not _labels(first) & _labels(moved)
    assert not _slots(first) & _slots(moved)
    assert [type(step) for step in steps_within(moved)] == [type(step) for step in steps_within(second)]


@settings(max_examples=60, deadline=None, database=None)
@given(programs("names"), programs("names"))
def test_a_program_after_another_makes_the_same_of_its_names(first: Program, second: Program) -> None:
    """Who shared a name shares it, and who had another has another."""
    alone = names_made(second)
    behind = names_made(first.followed_by(second))[len(names_made(first)) :]
    assert [[one == other for other in alone] for one in alone] == [
        [one == other for other in behind] for one in behind
    ]


def test_the_name_of_a_filled_connection_moves_with_it() -> None:
    """A slot below 0 is the slot of a Fill."""
    twin = Program((Fill(100, 3), Create(0, Name(-102))))
    joined = twin.followed_by(twin)
    first, second = names_made(twin), names_made(joined)
    assert first[3] == first[1]
    assert second[3] == second[1]
    assert second[7] == second[5] != second[1]
    assert names_made(Program((Create(0, Name(-102)),)).followed_by(Program((Create(), Create(1, Name(1))))))


def test_a_programs_clean_up_deletes_whatever_it_made() -> None:
    """Each label once, those between the pages of a walk too."""
    program = Program((Create(3), Fill(100, 2), Walk(1, between=((1, Create(7)), (2, Create(7))))))
    assert str(program.with_clean_up()).endswith("delete #3; delete #100; delete #101; delete #7")
    assert Program().with_clean_up() == Program()


@settings(max_examples=60, deadline=None, database=None)
@given(programs(), st.integers(2, 12))
def test_an_enlarged_program_begins_with_more_and_is_otherwise_the_same(program: Program, times: int) -> None:
    """So many times what it filled in, or a few connections more that nothing else speaks of."""
    more = enlarged(program, times)
    before, after = _filled(program), _filled(more)
    assert after == (before * times if before else 4 * times)
    others = [step for step in program.steps if not isinstance(step, Fill)]
    assert [step for step in more.steps if not isinstance(step, Fill)] == others
    if not before:
        assert not _labels(program) & _labels(Program(more.steps[-1:]))


@settings(max_examples=30, deadline=None, database=None)
@given(programs(), st.integers(1, 6), st.sampled_from([None, Program((List(),))]))
def test_a_repeated_program_is_the_same_over_and_over_with_fresh_names_and_a_clean_up_between(
    program: Program, times: int, between: Program | None
) -> None:
    """No two rounds share a label, what is put between them follows each clean-up, and the last ends as the program."""
    whole = repeated(program, times, between)
    tidy = program.with_clean_up()
    rounds = [tidy.with_steps((*tidy.steps, *(between.steps if between else ())))] * (times - 1) + [program]
    assert [step.verb for step in whole.steps] == [step.verb for each in rounds for step in each.steps]
    ends = [number for number, step in enumerate(whole.steps, 1) if number % len(rounds[0].steps) == 0]
    labels = [_labels(Program(whole.steps[start:end])) for start, end in pairwise([0, *ends[: times - 1]])]
    assert not any(one & other for one, other in combinations(labels, 2))


def _filled(program: Program) -> int:
    return sum(step.count for step in program.steps if isinstance(step, Fill))


def _labels(program: Program) -> set[int]:
    labels: set[int] = set()
    for step in steps_within(program):
        if isinstance(step, Create):
            labels.add(step.label)
        elif isinstance(step, Fill):
            labels.update(range(step.label, step.label + step.count))
    return labels


def _slots(program: Program) -> set[int]:
    slots: set[int] = set()
    for step in steps_within(program):
        if isinstance(step, Create) and step.name is not None:
            slots.add(step.name.slot)
        elif isinstance(step, Fill):
            slots.update(-1 - label for label in range(step.label, step.label + step.count))
    return slots


# -- words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Create(), "create #0 name0"),
        (Create(1, Name(2, " ", "é"), "GitHub"), r"create #1 ' '+name2+'\xe9' as GitHub"),
        (Create(0, Name(0, length=33), "git hub"), "create #0 name0 (33 characters) as 'git hub'"),
        (Create(0, Name(-101)), "create #0 the name of #100"),
        (Create(0, None, None), "create #0 without a name without a provider"),
        (Create(0, Name(), "Bitbucket", {"Tags": []}), "create #0 name0 Tags=[]"),
        (Fill(100, 24), "create 24 more from #100 on"),
        (Get(), "get #0"),
        (Get(None), "get without an ARN"),
        (Get(Arn(2, "cut")), "get #2 cut"),
        (Get(Arn(None, "fresh")), "get a fresh ARN"),
        (Delete(Arn(None, "other-region")), "delete an ARN of another region"),
        (Delete(Arn(literal="💥\n")), r"delete '\U0001f4a5\n'"),
        (List(), "list"),
        (List(2, "GitHub", Token("altered", 3)), "list by 2 of GitHub with an altered token"),
        (List(kind="💥"), r"list of '\U0001f4a5'"),
        (Walk(1, "git hub"), "walk by 1 of 'git hub'"),
        (Create(0, Name(), "é"), r"create #0 name0 as '\xe9'"),
        (List(token=Token("invented", text="x")), "list with the token 'x'"),
        (List(token=Token()), "list with the last token"),
        (Walk(0), "walk by 0"),
        (
            Walk(2, None, ((1, Delete()), (2, Create(1, Name(1))))),
            "walk by 2, delete #0 after page 1, create #1 name1 after page 2",
        ),
    ],
)
def test_a_step_reads_as_one_would_say_it(step: Any, words: str) -> None:
    """In one line of ASCII."""
    assert str(step) == words


def test_a_member_that_is_not_ascii_is_written_as_it_is_in_python() -> None:
    """A terminal of another encoding can show it."""
    assert str(Create(members={"Tags": [{"Key": "é"}]})) == "create #0 name0 Tags=[{'Key': '\\xe9'}]"


def test_a_program_reads_as_its_steps() -> None:
    """In their order; one without steps says so."""
    assert str(Program((Create(), Get(), Delete()))) == "create #0 name0; get #0; delete #0"
    assert str(Program()) == "nothing"


@settings(max_examples=60, deadline=None, database=None)
@given(programs())
def test_no_program_reads_as_more_than_a_line(program: Program) -> None:
    """Whatever is in a name, an ARN or a token, a terminal can show it."""
    assert str(program).isprintable()
    assert str(program).isascii()


def test_hypothesis_shows_a_program_in_the_words_of_a_person() -> None:
    assert pretty(Program((Fill(1, 575),))) == f"<{Program((Fill(1, 575),))}>"
