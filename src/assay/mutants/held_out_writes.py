"""Faults in what a Create or a Delete does, drafted from the design alone, so that laws meet what they were not cut to.

A suite that is tuned until it catches its own mutants says little of the faults that nobody thought of. These were
written without a look at how anything is searched for or judged, and are to be left as they are: one that slips
through is news about the suite, not about the mutant. What they have in common is that a single call looks right; it
takes a second one, in a certain order or number, to see the lie.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference import arns, operations
from assay.reference.constraints import Members
from assay.reference.names import ExactNames
from assay.reference.refusals import FRAMEWORK, VALIDATION, Refusal, not_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assay.reference.callers import Caller
    from assay.reference.connections import Connection
    from assay.reference.constraints import Member
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

__all__: list[str] = []

_QUARANTINE = 4
_TOMBSTONES = 5


class _RollbackFrees(ExactNames):
    """An index that gives a name back when it has just refused it."""

    def is_taken(self, account: str, region: str, name: str) -> bool:
        taken = super().is_taken(account, region, name)
        self._taken.discard((account, region, name))
        return taken


@mutant("held.names.rollback-frees", caught_by=("connection.name.unique",))
def rollback_frees_the_name(parts: Parts) -> Parts:
    """The second Create of a name is refused, the third is accepted, though the first connection still lives.

    The clean-up after a failed Create releases the reservation of its name, without asking whose reservation it was.
    """
    names = _RollbackFrees()
    for connection in parts.store:
        names.take(connection)
    return replace(parts, names=names)


class _CountedNames:
    """An index that counts: every attempt up, every Delete down."""

    def __init__(self, living: Iterable[Connection]) -> None:
        self._uses = Counter((each.account, each.region, each.name) for each in living)

    def is_taken(self, account: str, region: str, name: str) -> bool:
        self._uses[account, region, name] += 1
        return self._uses[account, region, name] > 1

    def take(self, connection: Connection) -> None:
        """Counted already, when it was asked for."""

    def release(self, connection: Connection) -> None:
        self._uses[connection.account, connection.region, connection.name] -= 1


@mutant("held.names.attempts-counted", caught_by=("connection.name.reusable",))
def refused_attempts_count(parts: Parts) -> Parts:
    """A name whose second Create was refused stays taken after its connection is deleted.

    Names are counted with an atomic increment-and-look, and the refused increment is never taken back.
    """
    return replace(parts, names=_CountedNames(parts.store))


@mutant("held.arn.short-quarantine", caught_by=("connection.arn.never-reused",))
def recycled_after_quarantine(parts: Parts) -> Parts:
    """From the fifth Delete on, a new connection gets the ARN of the one that was deleted longest ago.

    Ids come from a pool of rows; freed rows wait in a short queue, which passes for "never again" in a short test.
    """
    freed: dict[str, deque[str]] = {}

    def mint(parts: Parts, caller: Caller, service: str, name: str) -> str:
        waiting = freed.get(arns.connection_arn(caller, service, ""), deque())
        return waiting.popleft() if len(waiting) > _QUARANTINE else arns.mint(parts, caller, service, name)

    def delete(parts: Parts, call: Call) -> Mapping[str, object]:
        answer = operations.delete(parts, call)
        arn = call.members.text("ConnectionArn")
        freed.setdefault(arn[: arn.rindex("/") + 1], deque()).append(arn)
        return answer

    return replace(parts, mint=mint, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("held.provider.remembered-by-name", caught_by=("connection.provider.preserved",))
def provider_remembered_by_name(parts: Parts) -> Parts:
    """A connection made under the name of a deleted one shows the provider type of the deleted one.

    The provider lives in a side table keyed by name, which Create fills with "insert if absent" and Delete forgets.
    """
    remembered: dict[tuple[str, str, str], str] = {}

    def create(parts: Parts, call: Call) -> Mapping[str, object]:
        answer = operations.create(parts, call)
        connection = parts.store.get(str(answer["ConnectionArn"]))
        assert connection is not None
        key = (connection.account, connection.region, connection.name)
        provider_type = remembered.setdefault(key, connection.provider_type)
        parts.store.update(replace(connection, provider_type=provider_type))
        return answer

    return replace(parts, handlers=parts.handlers_with(CreateConnection=create))


@mutant("held.create.host-looked-up-late", caught_by=("connection.create.no-trace",))
def host_looked_up_late(parts: Parts) -> Parts:
    """A Create with the HostArn of an unknown host is refused, and the connection is there all the same.

    The row is inserted first and the host resolved afterwards, outside of the transaction.
    """

    def create(parts: Parts, call: Call) -> Mapping[str, object]:
        host_arn = call.members.optional_text("HostArn")
        if host_arn is None:
            return operations.create(parts, call)
        without_host = {
            "ConnectionName": call.members.text("ConnectionName"),
            "ProviderType": call.members.optional_text("ProviderType") or "GitHubEnterpriseServer",
        }
        operations.create(parts, replace(call, members=Members(without_host)))
        raise not_found(host_arn, what="Host")

    return replace(parts, handlers=parts.handlers_with(CreateConnection=create))


@mutant("held.create.empty-tag-value", caught_by=("connection.create.accepts",))
def empty_tag_value_refused(parts: Parts) -> Parts:
    """A Create with a tag whose value is the empty string is refused, though the model's minimum is 0.

    `if not tag.get("Value")` is how one checks for a missing member, and an empty string is as false as none.
    """

    def create(parts: Parts, call: Call) -> Mapping[str, object]:
        if not all(call.members.tags("Tags").values()):
            raise Refusal("ValidationException", "Tag values must not be null", namespace=VALIDATION)
        return operations.create(parts, call)

    return replace(parts, handlers=parts.handlers_with(CreateConnection=create))


@mutant("held.create.tags-as-map", caught_by=("wire.schema",))
def tags_as_map(parts: Parts) -> Parts:
    """Create with Tags answers them as one object, `{"key": "value"}`, where the model has a list of pairs.

    Tags are kept as a dictionary, half of AWS's services show them so, and most clients never look at this answer.
    """

    def create(parts: Parts, call: Call) -> Mapping[str, object]:
        answer = dict(operations.create(parts, call))
        if "Tags" in answer:
            answer["Tags"] = call.members.tags("Tags")
        return answer

    return replace(parts, handlers=parts.handlers_with(CreateConnection=create))


@mutant("held.arn.bare-id", caught_by=("connection.arn.malformed",))
def bare_id_served(parts: Parts) -> Parts:
    """Get and Delete take the id alone, `df03df74-…`, for the whole ARN, and do what they were asked.

    Ids are the keys of the store, an ARN is cut down to its id before the look-up, and an id has nothing to cut.
    """

    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        arn = given.get("ConnectionArn")
        if isinstance(arn, str) and ":" not in arn:
            whole = next((each.arn for each in parts.store if each.arn.endswith(f"/{arn}")), arn)
            given = {**given, "ConnectionArn": whole}
        return parts.check(operation, table, given)

    return replace(parts, check=check)


@mutant("held.delete.key-prefix", caught_by=("connection.delete.only", "connection.list.complete"))
def deletes_by_key_prefix(parts: Parts) -> Parts:
    """Delete of `build` takes `build-2` and `builder` with it: every connection whose name begins with the same text.

    A key-value store keeps the parts of a connection under `connections/<name>`, and Delete drops all keys with that
    prefix, the final slash forgotten.
    """

    def delete(parts: Parts, call: Call) -> Mapping[str, object]:
        named = operations.find(parts, call)
        answer = operations.delete(parts, call)
        room = (named.account, named.region)
        for other in [each for each in parts.store if (each.account, each.region) == room]:
            if other.name.startswith(named.name):
                parts.store.remove(other)
                parts.names.release(other)
        return answer

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("held.delete.tombstones-wear-out", caught_by=("connection.delete.removes", "connection.list.truth"))
def tombstones_wear_out(parts: Parts) -> Parts:
    """At the sixth Delete the connection that was deleted first comes back, unless its name was given anew.

    The store only appends: a Delete writes a tombstone, the set of tombstones is bounded, and compaction never came.
    """
    tombstones: deque[Connection] = deque()

    def delete(parts: Parts, call: Call) -> Mapping[str, object]:
        tombstones.append(operations.find(parts, call))
        answer = operations.delete(parts, call)
        if len(tombstones) > _TOMBSTONES:
            risen = replace(tombstones.popleft(), sequence=parts.store.next_sequence())
            if not parts.names.is_taken(risen.account, risen.region, risen.name):
                parts.store.add(risen)
                parts.names.take(risen)
        return answer

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("held.delete.second-burial", caught_by=("wire.no-server-error",))
def second_burial_crashes(parts: Parts) -> Parts:
    """Delete answers 500 where a connection of this name was deleted before, and the connection lives on.

    Rows are deleted by a flag, and the unique index stands on name and flag: there is room for one deleted row a name.
    """
    buried: set[tuple[str, str, str]] = set()

    def delete(parts: Parts, call: Call) -> Mapping[str, object]:
        connection = operations.find(parts, call)
        key = (connection.account, connection.region, connection.name)
        if key in buried:
            raise Refusal("InternalFailure", namespace=FRAMEWORK, status=500)
        buried.add(key)
        return operations.delete(parts, call)

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("held.delete.gone-is-410", caught_by=("wire.error-status",))
def deleted_is_410(parts: Parts) -> Parts:
    """Get and Delete of an ARN that was once deleted answer 410, of one that never was 400.

    An author who keeps tombstones anyway, and knows HTTP well, says Gone where something is gone.
    """

    def or_gone(parts: Parts, call: Call, operation: str) -> Mapping[str, object]:
        try:
            return careful[operation](parts, call)
        except Refusal as refusal:
            arn = call.members.text("ConnectionArn")
            if parts.store.was_given(arn) and parts.store.get(arn) is None:
                raise Refusal(refusal.code, refusal.message, status=410) from None
            raise

    careful = parts.handlers
    return replace(
        parts,
        handlers=parts.handlers_with(
            GetConnection=lambda parts, call: or_gone(parts, call, "GetConnection"),
            DeleteConnection=lambda parts, call: or_gone(parts, call, "DeleteConnection"),
        ),
    )
