"""What a history lets us know about the account that it was made in.

Every law asks the same few questions: which connections surely existed from here to there, which were surely gone, what
did each answer say of them. They are answered once, here, and with three rules:

* **Open.** Others use the account. Of a connection that this history did not make, nothing is concluded but what it
  showed of itself.
* **Three-valued.** A call had its effect somewhere between its start and its end, and an unknown one perhaps.
  `lives_throughout` and `is_gone_by` are both false of what may or may not exist, and a law that gets two noes says
  nothing.
* **Unspoilt by one fault.** An ARN that was given twice names two connections; every question about it is answered with
  a no, and the law about ARNs alone speaks.

Staleness (seconds that a read may lag) enters only here, so no law has to remember it. Which pages make up one walk is
worked out in `assay.walks`, what they say of connections that others made in `assay.strangers`.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from assay.asked import Asked, asked
from assay.asked import mentions as holds
from assay.history import Accepted, Call, History, Refused, Unknown
from assay.knowledge import Knowledge, Past
from assay.lives import Connection, Sighting
from assay.spans import Spans
from assay.strangers import Strangers
from assay.walks import Walks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.contract import Contract

__all__ = ["World", "mentions"]

# What a service says that lets one of several writers through; no contract names it for these operations.
_CONFLICTS = frozenset({"ConflictException", "ConcurrentModificationException", "OperationAbortedException"})


class World:
    """The answers, each worked out once for a history.

    `calls` leaves out attempts that were refused for their rate, but not those that a 503 sent away: they may have had
    their effect. `turned_away` are calls that were signed oddly on purpose and refused: they are none of `calls`, since
    they speak of signatures alone; that they left no trace is for the laws about signatures to say. Nor are calls
    through boto3 that the endpoint does not know by their name; and of what the AWS CLI did, which is known by hearsay,
    only writes that may have had their effect are among them. `creates`, `gets`, `deletes` and `lists` are those
    calls by operation. `made` maps an ARN to the connections that this history made under it, which should be one:
    `given_twice` are the ARNs that name more, and `ours` the last of each. `odd` are the requests that plainly call no
    operation, but may have had the effect of one.

    A world is one account's. `beside` are those of other accounts that the same history acted from, `accounts` what its
    own ARNs call it where there are others, and `meddling` are Deletes that others sent: whether they had an effect
    here is nothing that this world knows.
    """

    def __init__(
        self,
        history: History,
        contract: Contract,
        knowledge: Knowledge | None = None,
        *,
        meddling: Sequence[Call] = (),
    ) -> None:
        self.history = history
        self.beside: tuple[World, ...] = ()
        self.accounts: frozenset[str] = frozenset()
        self._meddling = meddling
        self.contract = contract
        self.knowledge = knowledge or Knowledge()
        heard = [
            call
            for call in history.calls
            if not ((call.is_retried and isinstance(call.outcome, Refused)) or call.is_beside_the_api)
        ]
        writes = {contract.create.name, contract.delete.name}
        self.calls = [
            call
            for call in heard
            if not (call.is_turned_away or call.is_not_understood)
            and (not call.is_hearsay or (call.operation in writes and not isinstance(call.outcome, Refused)))
        ]
        self.turned_away = [call for call in heard if call.is_turned_away]
        by_name: dict[str, list[Call]] = {name: [] for name in contract.operations}
        self.odd: list[Call] = []
        for call in self.calls:
            if call.operation in by_name and not call.is_turned_away_at_the_door:
                by_name[call.operation].append(call)
            elif call.request.head is not None:
                self.odd.append(call)
        self.creates = by_name[contract.create.name]
        self.gets = by_name[contract.get.name]
        self.deletes = by_name[contract.delete.name]
        self.lists = by_name[contract.list.name]
        self.ours: dict[str, Connection] = {}
        self.made: dict[str, list[Connection]] = {}
        self.by_name: dict[Any, list[Connection]] = {}
        self._read_creates()
        self._given_oddly = set(self._read_odd_gifts())
        known = self._given_oddly | self.knowledge.past.keys()
        self.given_twice = {arn for arn, made in self.made.items() if len(made) > 1 or arn in known}
        self._read_deletes()
        self._read_handshakes()
        self.shown: list[Sighting] = []
        self._read_gets()
        walks = self._read_lists()
        self.walks, self.tokens_given = walks.found, walks.tokens

    # -- questions

    def connection(self, arn: Any) -> Connection | None:
        """The connection of ours that an ARN surely names."""
        return self.ours.get(arn) if isinstance(arn, str) and arn not in self.given_twice else None

    def past(self, arn: Any) -> Past | None:
        """A connection of an earlier history, where nothing has given its ARN again."""
        if not isinstance(arn, str) or any(arn in given for given in (self.made, self._given_oddly)):
            return None
        return None if arn in self.knowledge.given_twice else self.knowledge.past.get(arn)

    def is_gone(self, arn: Any, moment: float) -> bool:
        """Was this ARN's connection, of this history or an earlier one, gone for so long that a read must know?"""
        moment -= self.knowledge.staleness
        mine = self.connection(arn)
        if mine is not None:
            return mine.is_gone_by(moment)
        earlier = self.past(arn)
        return earlier is not None and earlier.gone_at is not None and earlier.gone_at <= moment

    def is_settled(self, connection: Connection, start: float, end: float) -> bool:
        """Did it exist throughout, and from so long before that a read must show it?"""
        return connection.lives_throughout(start - self.knowledge.staleness, end)

    def settled(self, start: float, end: float) -> list[Connection]:
        """The connections of ours that existed throughout, and from so long before that a read must show them."""
        return self._lives.covering(start - self.knowledge.staleness, end)

    @cached_property
    def _lives(self) -> Spans[Connection]:
        return Spans(
            (made, made.created.end, min((delete.start for delete in made.deletes), default=math.inf))
            for arn, made in self.ours.items()
            if arn not in self.given_twice
        )

    def asked(self, call: Call) -> Asked:
        """What a call's request asks, read from its bytes where it was no ordinary one."""
        known = self._asked.get(id(call))
        if known is None:
            known = self._asked[id(call)] = asked(call, self.contract)
        return known

    def may_have_claimed(self, name: str) -> bool:
        """May an odd request have made a connection of this name?"""
        return any(not isinstance(call.outcome, Refused) and mentions(call, name) for call in self.odd)

    @cached_property
    def _asked(self) -> dict[int, Asked]:
        return {}

    def name_of(self, call: Call) -> Any:
        """The name that a Create asked for."""
        return call.input.get(self.contract.resource.name)

    def creates_like(self, name: Any) -> list[Call]:
        """The Creates of a name and of its twins: names that a careless database takes for the same."""
        return self._creates_by_fold.get(_folded(name), []) if isinstance(name, str) else []

    @cached_property
    def _creates_by_fold(self) -> dict[str, list[Call]]:
        creates: dict[str, list[Call]] = {}
        for call in self.creates:
            if isinstance(name := self.name_of(call), str):
                creates.setdefault(_folded(name), []).append(call)
        return creates

    def kind_of(self, call: Call) -> Any:
        """The ProviderType that a Create asked for."""
        return call.input.get(self.contract.resource.kind)

    def arn_in(self, call: Call) -> Any:
        """The ARN that a Get or Delete asked for."""
        return call.input.get(self.contract.resource.identity)

    def described(self, call: Call) -> Mapping[str, Any] | None:
        """The connection in an accepted Get, null members left out; empty where the answer holds none."""
        if not isinstance(call.outcome, Accepted):
            return None
        holder = self.contract.get.holder
        found = call.outcome.output.get(holder) if holder else call.outcome.output
        return _without_nulls(found) if isinstance(found, dict) else {}

    def page(self, call: Call) -> list[Mapping[str, Any]]:
        """The items of a page, null members left out; a missing list is an empty one."""
        pagination = self.contract.pagination
        if not isinstance(call.outcome, Accepted):
            return []
        items = call.outcome.output.get(pagination.items)
        return [_without_nulls(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def filter_of(self, call: Call) -> Any:
        """The ProviderTypeFilter that a List sent."""
        pagination = self.contract.pagination
        for member, filtered in pagination.filters.items():
            if filtered == self.contract.resource.kind:
                return call.input.get(member)
        return None

    @cached_property
    def strangers(self) -> Strangers:
        """The connections that others made, as the walks show them."""
        return Strangers(self.walks, self.contract.resource, is_strange=self._is_strange, lag=self.knowledge.staleness)

    def _is_strange(self, arn: str) -> bool:
        """Has this run nothing to do with an ARN, which is of its own account and Region?

        Those of other Regions are copies, and nobody says how late they are.
        """
        if arn in self.made or arn in self.knowledge.past or arn in self.missed or arn in self._sent_to_delete:
            return False
        return _place_of(arn) in self._home

    @cached_property
    def _home(self) -> set[tuple[str, ...]]:
        return {_place_of(arn) for arn in (*self.made, *self.knowledge.prefixes.values())}

    @cached_property
    def _sent_to_delete(self) -> set[str]:
        return {str(self.arn_in(call)) for call in (*self.deletes, *self.turned_away, *self._meddling)}

    def is_plain(self, call: Call) -> bool:
        """Does a List ask for everything, without any filter?"""
        pagination = self.contract.pagination
        return not any(member in call.input for member in pagination.filters)

    def deletes_within(self, start: float, end: float) -> Iterator[Call]:
        """Deletes that were sent between two moments."""
        starts, deletes = self._deletes_by_start
        for number in range(bisect_left(starts, start), bisect_right(starts, end)):
            yield deletes[number]

    @cached_property
    def _deletes_by_start(self) -> tuple[list[float], list[Call]]:
        deletes = sorted(self.deletes, key=lambda delete: delete.start)
        return [delete.start for delete in deletes], deletes

    def changes_within(self, start: float, end: float) -> list[Call]:
        """Creates and Deletes that may have had an effect between two moments."""
        return self._changes.touching(start, end)

    @cached_property
    def _changes(self) -> Spans[Call]:
        changes = (call for call in (*self.creates, *self.deletes) if not isinstance(call.outcome, Refused))
        return Spans((call, call.start, call.end) for call in changes)

    @cached_property
    def missed(self) -> dict[str, list[Call]]:
        """The Gets that were refused, by their ARNs."""
        missed: dict[str, list[Call]] = {}
        for call in self.gets:
            if isinstance(call.outcome, Refused) and isinstance(arn := self.arn_in(call), str):
                missed.setdefault(arn, []).append(call)
        return missed

    def is_weather(self, call: Call) -> bool:
        """Does the answer speak of the account's quota, or of others who change it just now, not of the contract?"""
        if not isinstance(call.outcome, Refused):
            return False
        return call.outcome.is_about_quota or (call.outcome.code in _CONFLICTS and self._is_beside_a_write(call))

    def is_at_once(self, call: Call) -> bool:
        """Was another call under way at the same moment?"""
        return call.index in self._at_once

    @cached_property
    def _at_once(self) -> set[int]:
        together: set[int] = set()
        last: Call | None = None  # of those sent so far, the one that ends last
        for call in sorted(self.history.calls, key=lambda call: call.start):
            if last is not None and call.start < last.end:
                together |= {call.index, last.index}
            if last is None or call.end > last.end:
                last = call
        return together

    def _is_beside_a_write(self, call: Call) -> bool:
        """Was a write under way with this call, or may one be of which nobody knows that it has ended?"""
        writes = (*self.creates, *self.deletes)
        endless = (*(write for write in writes if isinstance(write.outcome, Unknown)), *self.odd)
        return any(other is not call and other.overlaps(call) for other in writes) or any(
            other is not call and other.start < call.end for other in endless
        )

    def is_ours_by_name(self, name: Any) -> bool:
        """Does a name carry the prefix of this run?"""
        return self.knowledge.prefix is not None and isinstance(name, str) and self.knowledge.prefix in name

    def leave_facts(self, program: int) -> None:
        """Leave this history's facts with the run, as those of its `program`-th program."""
        knowledge = self.knowledge
        for arn, connection in self.ours.items():
            gone_at = min((d.end for d in connection.deletes if isinstance(d.outcome, Accepted)), default=None)
            name = connection.name if isinstance(connection.name, str) else None
            knowledge.past[arn] = Past(name, connection.created, program, gone_at)
        for delete in self.deletes:
            earlier = self.past(self.arn_in(delete))
            if earlier is not None and earlier.gone_at is None and isinstance(delete.outcome, Accepted):
                knowledge.past[self.arn_in(delete)] = replace(earlier, gone_at=delete.end)
        knowledge.given_twice |= self.given_twice | (self._given_oddly & knowledge.past.keys())
        knowledge.tokens.update(map(hash, self.tokens_given))
        knowledge.names.update(name for call in self.creates if isinstance(name := self.name_of(call), str))
        names = (sighting.members.get(self.contract.resource.name) for sighting in self.shown)
        knowledge.seen.update(name for name in names if isinstance(name, str) and self.is_ours_by_name(name))

    # -- reading the history, once

    def _read_creates(self) -> None:
        identity = self.contract.resource.identity
        for call in self.creates:
            if not isinstance(call.outcome, Accepted):
                continue
            arn = call.outcome.output.get(identity)
            if not isinstance(arn, str) or not arn:
                continue
            # Beside a host, whose provider counts is written nowhere.
            kind = None if "HostArn" in call.input else self.kind_of(call)
            connection = Connection(arn, self.name_of(call), kind, call)
            self.made.setdefault(arn, []).append(connection)
            self.ours[arn] = connection
            if isinstance(connection.name, str):
                self.by_name.setdefault(connection.name, []).append(connection)

    def _read_odd_gifts(self) -> Iterator[str]:
        """ARNs that odd requests were given, so that they may name another connection from then on."""
        for call in self.odd:
            if isinstance(call.outcome, Accepted):
                arn = call.outcome.output.get(self.contract.resource.identity)
                if isinstance(arn, str):
                    yield arn

    def _read_deletes(self) -> None:
        doubtful = [call for call in self.turned_away if call.operation == self.contract.delete.name]
        for call in (*self.deletes, *doubtful):
            arn = self.arn_in(call)
            for connection in self.made.get(arn, ()) if isinstance(arn, str) else ():
                if call.end >= connection.created.start:
                    connection.deletes.append(call)
        self._read_meddling()
        # An odd request may be taken for a Delete: nobody knows.
        word = self.contract.delete.name.lower().encode()
        for call in self.odd:
            if not isinstance(call.outcome, Refused) and word in (call.request.head or b"").lower():
                for connection in self.ours.values():
                    if mentions(call, connection.arn):
                        connection.deletes.append(replace(call, outcome=_ODD))

    def _read_meddling(self) -> None:
        for call in self._meddling:
            if not isinstance(call.outcome, Refused):
                for connection in self.made.get(str(self.arn_in(call)), ()):
                    connection.deletes.append(replace(call, outcome=_MEDDLING))

    def _read_handshakes(self) -> None:
        for call in self.history.calls:
            if call.is_beside_the_api:
                connection = self.connection(self.arn_in(call))
                if connection is not None:
                    connection.handshakes.append(call)

    def _read_gets(self) -> None:
        for call in self.gets:
            members = self.described(call)
            if members:
                self._show(Sighting(call, "get", members), self.arn_in(call))

    def _read_lists(self) -> Walks:
        walks, identity = Walks(self.contract.pagination), self.contract.resource.identity
        for call in self.lists:
            items = self.page(call)
            for item in items:
                self._show(Sighting(call, "list", item), item.get(identity))
            walks.add(call, items)
        return walks

    def _show(self, sighting: Sighting, arn: Any) -> None:
        self.shown.append(sighting)
        connection = self.connection(arn)
        if connection is not None and not connection.is_gone_by(sighting.call.start):
            connection.sightings.append(sighting)


def mentions(call: Call, text: str) -> bool:
    """Does a request's body hold this text?"""
    return holds(call.request, text)


_ODD: Final = Unknown("unreadable", "an odd request")
_MEDDLING: Final = Unknown("unreadable", "another account's request")


def _place_of(arn: str) -> tuple[str, ...]:
    """The Region and the account that an ARN names."""
    return tuple(arn.split(":")[3:5])


def _folded(name: str) -> str:
    """What a careless database makes of a name: compatibility form, no case, no accents, no outer or doubled spaces."""
    text = unicodedata.normalize("NFKD", name)
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).casefold().split())


def _without_nulls(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return (
        members if None not in members.values() else {key: value for key, value in members.items() if value is not None}
    )
