"""The laws of signatures on trial: who signs badly is turned away and changed nothing, who signs well is let in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.history import History
from assay.laws import JUDGES, Remark
from assay.signings import MISSING, OLD, PROPER, SIGNINGS, TAMPERED, TOLD, UNKNOWN_KEY, VALID, WRONG
from selftests.histories import (
    create,
    delete,
    get,
    is_kept,
    is_silent,
    judged,
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    walk,
    world_of,
)

if TYPE_CHECKING:
    from selftests.histories import Step

#: Each word that has to be turned away, and the law that says so.
LAWS = {
    **dict.fromkeys(MISSING, "auth.missing"),
    **dict.fromkeys(WRONG, "auth.signature"),
    **dict.fromkeys(TAMPERED, "auth.tampered"),
    **dict.fromkeys(OLD, "auth.expired"),
    **dict.fromkeys(UNKNOWN_KEY, "auth.unknown-key"),
}
AUTH = sorted(set(LAWS.values()))


def test_every_word_stands_in_one_group() -> None:
    """So that no signature is sent of which no law and no remark says anything."""
    groups = (MISSING, WRONG, TAMPERED, OLD, UNKNOWN_KEY, PROPER, TOLD, (VALID,))
    assert sorted(word for group in groups for word in group) == sorted(SIGNINGS)


@pytest.mark.parametrize("word", LAWS)
@pytest.mark.parametrize("step", [create("our-2").signed("x"), get("1").signed("x"), delete("1").signed("x")])
def test_who_signs_badly_is_refused(word: str, step: Step) -> None:
    """By the law of its word, and by no other."""
    refused = story(made("1"), replace(step, signing=word))
    accepted = story(made("1"), replace(step, signing=word).ok("2"))
    assert is_kept(LAWS[word], refused)
    breach = the_breach(LAWS[word], accepted)
    assert breach.call is accepted.calls[1]
    assert SIGNINGS[word] in breach.expected
    assert breach.clause is None
    for law in AUTH:
        if law != LAWS[word]:
            assert is_silent(law, accepted)


@pytest.mark.parametrize("word", LAWS)
def test_no_answer_and_a_refusal_for_something_else_prove_nothing(word: str) -> None:
    """An ARN that is not there is not found, whoever asks; a 5xx may be anything; a rate is weather."""
    law = LAWS[word]
    for step in (
        get("1").signed(word).not_found(),
        create("our-1").signed(word).refused("LimitExceededException"),
        create("our-1").signed(word).refused("ValidationException"),
        get("1").signed(word).unknown("server-error"),
        get("1").signed(word).throttled(),
    ):
        assert is_silent(law, story(step)), step


@pytest.mark.parametrize("code", ["AccessDeniedException", "MissingAuthenticationTokenException", "Whatever"])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_any_refusal_will_do(code: str, status: int) -> None:
    """No code is modelled for it."""
    assert is_kept("auth.missing", story(listing().signed("missing").refused(code, status)))


@pytest.mark.parametrize("word", LAWS)
def test_a_refused_create_makes_nothing(word: str) -> None:
    """Its name is in no list; and where somebody else may have made it, nobody is accused."""
    odd = create("our-2").signed(word)
    history = story(odd, walk().pages(["2"]))
    breach = the_breach(LAWS[word], history)
    assert breach.call is history.calls[1]
    assert "our-2" in breach.actual
    assert is_kept(LAWS[word], story(odd, walk().pages(["1"])))
    assert is_kept(LAWS[word], story(odd, made("2"), walk().pages(["2"])))
    assert is_kept(LAWS[word], story(odd, create("our-2").unknown(), walk().pages(["2"])))
    assert is_kept(LAWS[word], story(create("strange").signed(word), listing().shows({"ConnectionName": "strange"})))


@pytest.mark.parametrize("word", LAWS)
def test_a_refused_delete_deletes_nothing(word: str) -> None:
    """Get still finds it; where another Delete may have removed it, nobody is accused."""
    odd = delete("1").signed(word)
    history = story(made("1"), odd, get("1").not_found())
    assert the_breach(LAWS[word], history).call is history.calls[2]
    assert is_kept(LAWS[word], story(made("1"), odd, get("1")))
    assert is_kept(LAWS[word], story(made("1"), odd, delete("1"), get("1").not_found()))
    assert is_kept(LAWS[word], story(made("1"), odd, delete("1").unknown(), get("1").not_found()))
    assert is_kept(LAWS[word], story(odd, get("1").not_found()))
    late = known(staleness=60.0)
    assert is_kept(LAWS[word], story(made("1"), odd, get("1").not_found()), knowledge=late)


def test_only_who_is_alone_is_accused_of_a_trace() -> None:
    """Of two that were turned away, either may have done it."""
    history = story(made("1"), delete("1").signed("missing"), delete("1").signed("wrong-secret"), get("1").not_found())
    assert no_breach("auth.missing", history)
    assert no_breach("auth.signature", history)


@pytest.mark.parametrize("word", PROPER)
def test_who_signs_well_is_let_in(word: str) -> None:
    """A refusal for the signature is a breach; any other says nothing."""
    assert is_kept("auth.signature", story(made("1"), replace(get("1"), signing=word)))
    for step in (get("1").signed(word), get("1").signed(word).raw(403, b"no")):
        history = story(made("1"), step)
        breach = the_breach("auth.signature", history)
        assert breach.call is history.calls[1]
        assert "let in" in breach.expected
    for step in (
        get("1").signed(word).not_found(),
        get("1").signed(word).raw(404, b"no such path"),
        get("1").signed(word).unknown(),
    ):
        assert is_silent("auth.signature", story(made("1"), step))


@pytest.mark.parametrize("word", TOLD)
def test_what_nobody_knows_is_told_and_not_judged(word: str) -> None:
    """Accepted or refused, it breaks nothing."""
    for step, said in ((replace(listing(), signing=word), "accepted"), (listing().signed(word), "refused")):
        history = story(step)
        assert is_silent("auth.signature", history)
        (remark,) = JUDGES["auth.signature"](world_of(history))
        assert isinstance(remark, Remark)
        assert said in remark.text
        assert SIGNINGS[word] in remark.text


def _answered_at(date: str | None, signed: str = "20261122T100000Z") -> History:
    """A request that was signed at ten, accepted when the endpoint's clock says `date`."""
    (call,) = story(listing().signed("old-date").shows("1")).calls
    assert call.response is not None
    headers = call.response.headers if date is None else (*call.response.headers, ("Date", date))
    request = replace(call.request, headers=(*call.request.headers, ("X-Amz-Date", signed)))
    return History((replace(call, request=request, response=replace(call.response, headers=headers)),))


@pytest.mark.parametrize(
    ("date", "is_late"),
    [
        ("Sun, 22 Nov 2026 10:20:00 GMT", True),
        ("Sun, 22 Nov 2026 10:15:01 GMT", True),
        ("Sun, 22 Nov 2026 10:15:00 GMT", False),
        ("Sun, 22 Nov 2026 09:00:00 GMT", False),
        ("yesterday", True),
        (None, True),
    ],
)
def test_a_signature_is_as_old_as_the_endpoints_clock_says(date: str | None, *, is_late: bool) -> None:
    """A clock that lags makes nobody a liar; where none is shown it is taken to be right."""
    _, broken = judged("auth.expired", _answered_at(date))
    assert bool(broken) == is_late


def test_no_other_law_speaks_of_what_was_turned_away() -> None:
    """A valid Create was refused, a connection is gone for a moment, an error has no type: it was the signature."""
    refusal = create("our-2").signed("missing").raw(403, b"<html>")
    history = story(made("1"), refusal, delete("1").signed("wrong-secret"), get("1").not_found(), walk().pages(["2"]))
    world = world_of(history)
    accused = {law for law, judge in JUDGES.items() if not law.startswith("auth.") and list(judge(world))}
    silent = {
        "connection.create.accepts",
        "connection.delete.removes",
        "connection.get.details",
        "connection.list.complete",
        "wire.error-shape",
    }
    breaches = {
        law
        for law in accused
        for ruling in JUDGES[law](world)
        if not isinstance(ruling, Remark) and hasattr(ruling, "expected")
    }
    assert not breaches & silent, breaches
    assert not breaches, breaches
