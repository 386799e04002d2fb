"""Faults of state: workers that do not share it, readers that lag, rows that are lost, come back, or give way."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import handled_as
from assay.reference.operations import find
from assay.reference.refusals import Refusal, not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_CREATE, _GET, _DELETE = "CreateConnection", "GetConnection", "DeleteConnection"
_MANY = 50
_RARELY = 50
_BUCKETS = 64


@mutant("state.two-workers", caught_by=("connection.get.details",))
def two_workers(parts: Parts) -> Parts:
    """Keep connections in the memory of one of two workers; a Get that the other one receives finds nothing.

    A server that forks has as many memories as processes. Create and Get go to the workers in turn.
    """
    turns = iter(range(2**62))
    worker_of: dict[str, int] = {}

    def creating(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            worker = next(turns) % 2
            answer = careful(parts_now, call)
            worker_of[str(answer["ConnectionArn"])] = worker
            return answer

        return create

    def getting(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            worker, arn = next(turns) % 2, call.members.text("ConnectionArn")
            if worker_of.get(arn, worker) != worker:
                raise not_found(arn)
            return careful(parts_now, call)

        return get

    return handled_as(handled_as(parts, _CREATE, creating), _GET, getting)


@mutant("state.read-after-write", caught_by=("connection.get.details",))
def read_after_write(parts: Parts) -> Parts:
    """Find nothing at the first Get of a connection, where no other Create has passed since its own.

    Reads go to a replica that is one write behind.
    """
    newest: list[str] = []

    def creating(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            answer = careful(parts_now, call)
            newest[:] = [str(answer["ConnectionArn"])]
            return answer

        return create

    def getting(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            connection = find(parts_now, call)
            if connection.arn in newest:
                newest.clear()
                raise not_found(connection.arn)
            return careful(parts_now, call)

        return get

    return handled_as(handled_as(parts, _CREATE, creating), _GET, getting)


def _after_create(parts: Parts, react: Callable[[Parts, Connection], None]) -> Parts:
    """Do something more after every Create that is accepted."""

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            answer = careful(parts_now, call)
            made = parts_now.store.get(str(answer["ConnectionArn"]))
            assert made is not None
            react(parts_now, made)
            return answer

        return create

    return handled_as(parts, _CREATE, change)


def _drop(parts: Parts, connection: Connection) -> None:
    parts.store.remove(connection)
    parts.names.release(connection)


@mutant("state.oldest-evicted", caught_by=("connection.get.details", "connection.list.complete"))
def oldest_evicted(parts: Parts) -> Parts:
    """Lose the oldest connection of an account when the fifty-first is made.

    The store is a cache of recently used things, with the bound that its library has by default.
    """

    def react(parts_now: Parts, made: Connection) -> None:
        if parts_now.store.count(made.account) > _MANY:
            _drop(parts_now, next(parts_now.store.after(made.account, 0)))

    return _after_create(parts, react)


@mutant("state.every-fiftieth-lost", caught_by=("connection.get.details", "connection.list.complete"))
def every_fiftieth_lost(parts: Parts) -> Parts:
    """Answer every fiftieth Create with an ARN, and store nothing.

    Writes are gathered, and the one that begins a new batch falls between the two.
    """
    turns = iter(range(1, 2**62))

    def react(parts_now: Parts, made: Connection) -> None:
        if next(turns) % _RARELY == 0:
            _drop(parts_now, made)

    return _after_create(parts, react)


@mutant("state.buckets-of-one", caught_by=("connection.get.details", "connection.list.complete"))
def buckets_of_one(parts: Parts) -> Parts:
    """Let a new connection take the place of another one whose name falls into the same of 64 buckets.

    A hash table written by hand, by somebody who put off what to do where two keys meet.
    """

    def bucket(connection: Connection) -> int:
        return hashlib.sha256(connection.name.encode()).digest()[0] % _BUCKETS

    def react(parts_now: Parts, made: Connection) -> None:
        for other in list(parts_now.store.after(made.account, 0)):
            if other.arn != made.arn and bucket(other) == bucket(made):
                _drop(parts_now, other)

    return _after_create(parts, react)


@mutant("state.lost-to-a-duplicate", caught_by=("connection.get.details", "connection.list.complete"))
def lost_to_a_duplicate(parts: Parts) -> Parts:
    """Lose the connection that holds a name when a second one of that name is refused.

    The refusal is cleaned up after by name, as if what is there were the half of what was refused. The name itself
    stays taken.
    """

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            try:
                return careful(parts_now, call)
            except Refusal as refusal:
                if refusal.code == "ResourceAlreadyExistsException":
                    _lose(parts_now, call)
                raise

        return create

    return handled_as(parts, _CREATE, change)


def _lose(parts: Parts, call: Call) -> None:
    """Remove the connection that has the name that a Create asked for, if it is still there."""
    name, caller = call.members.text("ConnectionName"), call.caller
    for one in list(parts.store.after(caller.account, 0)):
        if (one.region, one.name) == (caller.region, name):
            parts.store.remove(one)


@mutant("state.name-wakes-the-deleted", caught_by=("connection.delete.removes",))
def name_wakes_the_deleted(parts: Parts) -> Parts:
    """Bring a deleted connection back when another one of its name is made.

    Rows are marked as deleted by name, and Create takes the mark of its name away.
    """
    asleep: dict[tuple[str, str, str], Connection] = {}
    awake: dict[str, Connection] = {}

    def deleting(careful: Handler) -> Handler:
        def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
            arn = call.members.text("ConnectionArn")
            if arn in awake and awake[arn].account == call.caller.account:
                del awake[arn]
                return {}
            connection = find(parts_now, call)
            asleep[connection.account, connection.region, connection.name] = connection
            return careful(parts_now, call)

        return delete

    def getting(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            connection = awake.get(call.members.text("ConnectionArn"))
            if connection is not None and connection.account == call.caller.account:
                return {"Connection": parts_now.get_view(connection)}
            return careful(parts_now, call)

        return get

    def react(_parts: Parts, made: Connection) -> None:
        woken = asleep.pop((made.account, made.region, made.name), None)
        if woken is not None:
            awake[woken.arn] = woken

    return handled_as(handled_as(_after_create(parts, react), _GET, getting), _DELETE, deleting)


@mutant("state.answers-mixed-up", caught_by=("connection.arn.stable", "connection.name.preserved"))
def answers_mixed_up(parts: Parts) -> Parts:
    """Answer every fiftieth Get with what the Get before it was told.

    A buffer is shared between requests, and now and then one is sent before it is filled anew.
    """
    turns = iter(range(1, 2**62))
    last: dict[str, Mapping[str, object]] = {}

    def change(careful: Handler) -> Handler:
        def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
            account = call.caller.account
            answer = careful(parts_now, call)
            before, last[account] = last.get(account, answer), answer
            return before if next(turns) % _RARELY == 0 else answer

        return get

    return handled_as(parts, _GET, change)
