"""Two accounts in one run: who is let in, whose is what, and who cleans up where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget
from assay.driver import Driver
from assay.history import FIRST, SECOND, Refused, as_record, from_record
from assay.naming import Naming
from assay.program import Arn, Create, Delete, Get, List, Name, Parallel, Program, Walk
from assay.program_json import from_json, to_json
from assay.second import meet
from selftests.histories import arn
from selftests.in_memory import Account, arns_deleted, driver_for

if TYPE_CHECKING:
    from assay.history import Call

_FIRST, _OTHER = "123456789012", "210987654321"


class _Second(Account):
    """An account of its own, whose calls say so."""

    def call(self, *what: Any, **how: Any) -> tuple[Call, ...]:
        return tuple(replace(call, caller=SECOND) for call in super().call(*what, **how))


def _pair(of: str = _OTHER) -> tuple[Account, Account, Driver, Driver]:
    """Two accounts, and a driver for each; the second's ARNs name this account."""
    one = Account(mint=lambda number: arn(str(number)))
    two = _Second(mint=lambda number: arn(f"9{number}", account=of))
    naming = Naming()
    first = driver_for(one, naming)
    second = Driver(two, two.contract, first.knowledge, naming=naming, region="us-east-1", caller=SECOND)
    return one, two, first, second


def _joined() -> tuple[Account, Account, Driver, Driver]:
    one, two, first, second = _pair()
    assert meet(first, second, Budget(), []) is None
    one.made.clear()
    two.made.clear()
    return one, two, first, second


def test_two_accounts_are_joined_and_left_as_they_were() -> None:
    """A Delete of nothing, and what was made to see whose a key is, is deleted at once; the calls are told."""
    one, two, first, second = _pair()
    calls: list[Call] = []
    assert meet(first, second, Budget(), calls) is None
    assert (first.holdings.account, second.holdings.account) == (_FIRST, _OTHER)
    assert [call.caller for call in calls] == [SECOND, FIRST, FIRST, SECOND, SECOND]
    assert not one.ours
    assert not two.ours
    assert first.accounts == second.accounts == {FIRST: first, SECOND: second}


def test_keys_of_one_account_are_not_joined() -> None:
    """The reason names the account; steps of the second account are passed over."""
    one, two, first, second = _pair(of=_FIRST)
    assert _FIRST in str(meet(first, second, Budget(), []))
    two.made.clear()
    history = first.run(Program((Create(0, caller=SECOND), Create(1), Walk(caller=SECOND))), Budget())
    assert {call.caller for call in history} == {FIRST}
    assert not two.made
    assert not one.ours


def test_a_key_that_is_refused_is_not_joined_and_the_reason_says_how() -> None:
    """An endpoint that knows one key is not accused of it."""
    _, two, first, second = _pair()
    two.before = lambda operation, members: Refused("UnrecognizedClientException", 403)
    reason = str(meet(first, second, Budget(), []))
    assert "second credentials" in reason
    assert "UnrecognizedClientException, HTTP 403" in reason
    assert SECOND not in first.accounts


def test_arns_without_an_account_tell_no_accounts_apart() -> None:
    """Nor are they guessed at."""
    _, two, first, second = _pair()
    two.mint = lambda number: f"arn:aws:codestar-connections:us-east-1::connection/{number:012d}-and-more"
    assert meet(first, second, Budget(), []) == "the endpoint's ARNs name no account"


def test_each_account_is_tidied_with_its_own_credentials() -> None:
    """Whatever was made is deleted where it was made, and one slot is one name in both."""
    one, two, first, second = _joined()
    history = first.run(Program((Create(0, Name(0)), Create(1, Name(0), caller=SECOND))), Budget())
    names = [call.input["ConnectionName"] for call in history if call.operation == "CreateConnection"]
    assert names[0] == names[1]
    assert not one.ours
    assert not two.ours
    assert all(f":{_FIRST}:" in each for each in arns_deleted(one))
    assert all(f":{_OTHER}:" in each for each in arns_deleted(two))
    assert not first.everything_left
    assert first.holdings.created - first.holdings.deleted == second.holdings.created - second.holdings.deleted == 0


def test_what_cannot_be_deleted_is_owed_by_its_account() -> None:
    """It is listed with the rest, and stays in its own driver's care."""
    _, two, first, second = _joined()
    two.before = lambda operation, members: Refused("Busy", 400) if operation.startswith("Delete") else None
    first.run(Program((Create(0), Create(1, caller=SECOND))), Budget())
    assert not first.holdings.left_behind
    assert list(first.everything_left) == list(second.holdings.left_behind) == list(two.ours)
    assert first.owed == 1


def test_an_arn_of_the_other_account_may_be_sent_to_delete_and_get() -> None:
    """It was given to this run, and names the account that it was given in."""
    one, two, first, _ = _joined()
    first.run(Program((Create(0), Get(Arn(0), caller=SECOND), Delete(Arn(0), caller=SECOND))), Budget())
    assert [members["ConnectionArn"] for members in two.sent("GetConnection")] == arns_deleted(two)
    assert arns_deleted(one) == arns_deleted(two)


def test_what_an_account_shows_of_a_stranger_is_not_deleted_there_though_the_other_was_given_it() -> None:
    """Two accounts may call two connections the same where ARNs are not what they should be."""
    one, two, first, _ = _joined()
    two.mint = lambda number: arn(f"8{number}", account=_FIRST)
    two.strangers[arn("7")] = "a stranger's"
    one.mint = lambda number: arn("7")
    first.run(Program((Walk(caller=SECOND), Create(0), Delete(Arn(0), caller=SECOND))), Budget())
    assert arn("7") not in arns_deleted(two)
    assert arn("7") in two.strangers


def test_a_burst_is_of_one_account_and_what_is_of_two_takes_workers() -> None:
    """One thread writes to the sockets of one caller."""
    both = Parallel(((Get(Arn(0)),), (Get(Arn(0), caller=SECOND),)))
    assert not both.is_burst
    assert Parallel(((Get(Arn(0), caller=SECOND),), (List(caller=SECOND),))).is_burst
    one, two, first, _ = _joined()
    first.run(Program((Create(0), both, Parallel(((Get(Arn(0), caller=SECOND),),) * 2))), Budget())
    assert len(one.sent("GetConnection")) == 1
    assert len(two.sent("GetConnection")) == 3


def test_a_program_says_whose_its_steps_are() -> None:
    """In words and in JSON, and only where they are not the first account's."""
    program = Program((Create(0), Get(Arn(0), caller=SECOND), Walk(2, caller=SECOND)))
    assert str(program) == "create #0 name0; get #0 (second account); walk by 2 (second account)"
    assert from_json(to_json(program)) == program
    assert ["caller" in step for step in to_json(program)] == [False, True, True]
    assert program.with_clean_up().steps[-1] == Delete(Arn(0))
    assert Program((Create(4, caller=SECOND),)).with_clean_up().steps[-1] == Delete(Arn(4), caller=SECOND)
    with pytest.raises(ValueError, match="no caller 'third'"):
        from_json([{"do": "get", "caller": "third"}])


def test_a_recorded_call_says_whose_it_is_and_an_older_record_is_the_firsts() -> None:
    """Nothing is written where it is as ever."""
    _, _, first, _ = _joined()
    call = first.run(Program((List(caller=SECOND),)), Budget()).calls[0]
    assert from_record(as_record(call)) == call
    assert call.caller == SECOND
    assert from_record({**as_record(call), "caller": FIRST}) == replace(call, caller=FIRST)
    assert "caller" not in as_record(replace(call, caller=FIRST))
