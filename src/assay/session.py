"""A run, opened and closed: from settings to an endpoint that was asked what it serves, and back to a tidy account.

The plugin opens one for a run of tests, `assay replay` for a finding. Opening is where a run can still end as a usage
error; from then on everything that goes wrong is something the results have to tell.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from assay.budget import Budget, BudgetSpentError, Meter
from assay.choice import Choice
from assay.cleaning import clean_up
from assay.contract import Contract, available, load_contract
from assay.denials import Denials
from assay.driver import Driver
from assay.explaining import EXPLAIN_CALLS, EXPLAIN_SECONDS
from assay.gate import Gate
from assay.handshakes import DOOR, NOBODY, Command, Person, SideDoor, words_of
from assay.history import FIRST, SECOND
from assay.knowledge import Knowledge
from assay.ledgers import Ledgers
from assay.naming import Naming
from assay.own_server import background_reference
from assay.pace import Pace
from assay.plan import PATIENCE, ROUNDS, Plan
from assay.program import Program, Walk
from assay.reach import reached
from assay.regions import look_across
from assay.results import Cleanup, TargetFacts
from assay.search import Search
from assay.second import NO_KEYS, SAME, meet
from assay.served import (
    UNCHECKED,
    fingerprint,
    laws_without_handshakes,
    notes_on,
    spelling_of,
    unsupported_laws,
)
from assay.settings import matching_laws, open_contract
from assay.share import ALONE
from assay.suite import specs_root
from assay.target import (
    Endpoint,
    Serving,
    Target,
    find_ca_bundle,
    find_region,
    probe,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from assay.handshakes import Shaker
    from assay.history import Call
    from assay.own_server import Server
    from assay.reach import Reach
    from assay.reference import BackgroundReference
    from assay.settings import Settings
    from assay.share import Place

__all__ = ["Session", "open_session"]


_BETWEEN_ACCOUNTS: Final = "isolation"  # what laws are about that ask for a second account
_EXPLAINING_PLANNED: Final = (40, 120.0)  # calls and seconds for one finding, where calls are few and slow
_NAMED: Final = 10  # names of connections that may exist are listed, so many of them


class Session:
    """One run against one endpoint, from the probe to the clean-up."""

    def __init__(
        self, settings: Settings, contract: Contract, reference: Server | None = None, place: Place = ALONE
    ) -> None:
        self.settings = settings
        self.contract = contract
        self.started = datetime.now(UTC)
        self.limits_reached: list[str] = []
        self._reference = reference
        self._clock = time.perf_counter
        self._place = place
        self.origin = self._clock() if place.origin is None else place.origin
        self.selected: tuple[str, ...] = matching_laws(contract, settings.laws)
        self.serving: Serving | None = None
        self.unsupported: Mapping[str, str] = {}
        self._search: Search | None = None
        self._target: Target | None = None
        self._second: Target | None = None
        self._drivers: dict[str, Driver] = {}
        self._ledgers: Ledgers | None = None
        self._choice: Choice | None = None
        self._gate: Gate | None = None
        self.plan: Plan | None = None
        self._facts: TargetFacts | None = None

    @property
    def search(self) -> Search:
        """The search; the session must be open."""
        assert self._search is not None, "the session is not open"
        return self._search

    @property
    def choice(self) -> Choice:
        """Which programs are carried out; the session must be open."""
        assert self._choice is not None, "the session is not open"
        return self._choice

    @property
    def is_open(self) -> bool:
        """Has the endpoint been found to serve the operations?"""
        return self._search is not None

    @property
    def endpoint(self) -> Endpoint | None:
        """Where the requests went, once the session has been opened."""
        return None if self._target is None else self._target.endpoint

    @property
    def duration(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self.origin

    @property
    def target(self) -> TargetFacts:
        """Whom this run talks to, as far as it is known by now."""
        if self._facts is None:
            url = self.settings.endpoint_url or ("AWS" if self.settings.is_aws else "the reference server")
            return self._facts_of(url, self.settings.region or "")
        if self._search is None:
            return self._facts
        return replace(self._facts, account=self._search.driver.holdings.account)

    def open(self, *, on_call: Callable[[Call], None] | None = None) -> None:
        """Find out what the endpoint serves, and make everything ready to search.

        Raises:
            AssayError: wrong settings, an endpoint that must not be touched, or one that serves nothing of the service.

        """
        settings = self.settings
        reach = self._reach()
        self._facts = self._facts_of(reach.endpoint.url, reach.region, reach.credentials.source)
        self.plan = self._planned(reach)
        limit = settings.max_calls if self.plan is None else self.plan.calls
        gate = self._gate = self._gate_of(self.plan)
        naming = Naming(place=self._place)
        ledgers = self._ledgers = Ledgers(settings, self.contract, reach)
        if self._reference is None:  # a reference of ours ends with the run, and takes everything along
            ledgers.open(naming, self.started)
        serving = probe(
            reach.endpoint,
            self._contracts(),
            self.contract.service,
            credentials=reach.credentials,
            region=reach.region,
            timeout=settings.timeout,
            ca_bundle=reach.ca_bundle,
            max_calls=limit,
            gate=gate,
            watched=ledgers.watched,
        )
        self.serving = serving
        shaker = self._shaker(reach.endpoint, reach.region, reach.ca_bundle)
        self.unsupported = {
            **unsupported_laws(self.contract, serving, is_demanded=settings.auth or settings.is_aws),
            **({} if shaker is not None else laws_without_handshakes(self.contract, settings.handshake)),
        }
        spelling = spelling_of(settings.spelling, serving)
        ledgers.know(FIRST, spelling=spelling)
        self._facts = replace(self._facts, fingerprint=fingerprint(serving))
        target = self._target = Target(
            reach.endpoint,
            self.contract,
            reach.credentials,
            reach.region,
            spelling=spelling,
            timeout=settings.timeout,
            ca_bundle=reach.ca_bundle,
            rng=random.Random(settings.seed),  # noqa: S311 - it jitters pauses
            origin=self.origin,
            calls_made=len(serving.calls),
            gate=gate,
        )
        driver = Driver(
            ledgers.watched(target),
            self.contract,
            _knowledge(naming, settings),
            naming=naming,
            region=reach.region,
            sdk_leg=settings.spelling != "short",
            account=reach.endpoint.account,
            most_alive=None if self.plan is None else self.plan.alive,
            shaker=shaker,
            settles=None if self.plan is None else time.sleep,
        )
        self._drivers[FIRST] = driver
        budget = Budget(
            max_calls=limit,
            deadline=self.origin + settings.seconds,
            spent=len(serving.calls),
            kept=0 if self.plan is None else self.plan.kept,
            now=self._clock,
        )
        accounts = {FIRST: reach.endpoint.account, SECOND: reach.second_account}
        search = self._search = Search(
            driver,
            self.contract,
            tuple(law for law in self.selected if law not in self.unsupported),
            budget,
            forces=self.force,
            clock=self._clock,
            origin=self.origin,
            on_call=on_call,
            denials=None if reach.endpoint.account is None else Denials(self.contract, accounts, reach.region),
            pace=None if gate is None else gate.pace,
            explaining=(EXPLAIN_CALLS, EXPLAIN_SECONDS) if self.plan is None else _EXPLAINING_PLANNED,
        )
        self._choice = Choice(
            self.plan,
            driver,
            budget,
            is_concurrent=settings.concurrent,
            is_exercised=self._is_exercised,
            is_denied=lambda program: search.denials is not None and bool(search.denials.missing_for(program)),
        )
        for call in serving.calls:
            search.book.count(call)
        driver.hearing.adopt(serving.calls)
        search.book.notes.extend(notes_on(serving))
        if any(self.unsupported.get(law) == UNCHECKED for law in self.selected):
            search.book.notes.append(f"signatures: auth.* was not judged, because {UNCHECKED}")
        if search.denials is not None:
            search.denials.heard(serving.calls)
        between = [law for law in self.selected if self.contract.laws[law].noun == _BETWEEN_ACCOUNTS]
        if between and (reason := self._let_the_second_in(search, target, reach, ledgers)) is not None:
            self.unsupported = {**self.unsupported, **dict.fromkeys(between, reason)}
        if reach.second_region is not None:
            self._look_across(search, target, *reach.second_region)
        if self.plan is not None:
            with suppress(BudgetSpentError):  # how crowded it is, in as few calls as can be
                search.examine(Program((Walk(self.contract.page_sizes.maximum),)), budget)

    def _is_exercised(self, law: str) -> bool:
        tally = self.search.book.tallies.get(law)
        return tally is not None and tally.examples > 0

    def is_broken(self, law: str) -> bool:
        """Is a law broken with its whole force? A `must` of which a clause warned is not: more may be found."""
        findings = self.search.book.findings.values()
        return any(
            finding.law == law and (finding.force == "must" or self.force(law, None) == "should")
            for finding in findings
        )

    def force(self, law: str, clause: str | None) -> str:
        """The force of a law, or of a clause of it, as this run has it."""
        row = self.contract.laws[law]
        if clause is not None:
            part = row.clauses.get(clause)
            if part is not None and part.follows is not None:
                return self.force(part.follows, None)
            own: str = row.force if part is None else part.force
            return own
        usual = row.on_aws if self.settings.is_aws and row.on_aws is not None else row.force
        return self.settings.forces.get(law, usual)

    def close(self, *, interruptible: Callable[[], AbstractContextManager[None]] = nullcontext) -> Cleanup:
        """Delete what the run made and could not delete before, look once more, and say what became of it all.

        `interruptible` is where a KeyboardInterrupt may come from: it ends the clean-up, and nothing else.
        """
        if self._search is None or self._ledgers is None:
            if self._ledgers is not None:
                self._ledgers.end({})  # what the probe made, it deleted
            return Cleanup()
        book, drivers = self._search.book, self._drivers
        held = [driver.holdings for driver in drivers.values()]
        calls: list[Call] = []
        budget = self._last_budget(self._search.budget)
        try:
            with interruptible():
                for driver in drivers.values():
                    clean_up(driver, calls, budget, is_lost=self._search.lost is not None)
        except KeyboardInterrupt:
            book.notes.append("the clean-up was broken off, as asked")
        if maybe_created := set[str]().union(*(each.maybe_created for each in held)):
            names = ", ".join(sorted(maybe_created)[:_NAMED])
            book.notes.append(
                f"connections of these names may be there still, as no answer to their Create was seen: {names}"
            )
        for call in calls:
            book.count(call)
        book.lag = max(each.lag for each in held)
        for target in (self._target, self._second):
            if target is not None:
                target.close()
        book.notes.extend(self._ledgers.end(drivers))
        if self._place.of == 1:
            book.notes.extend(self._ledgers.notes_of_others())
        return Cleanup(
            created=sum(each.created for each in held),
            deleted=sum(each.deleted for each in held),
            left_behind=tuple(pair for each in held for pair in each.may_be_left.items()),
        )

    def _last_budget(self, whole: Budget) -> Budget:
        """What the end may take of the calls of a run: all that are left, also those that were held back for it."""
        if self._gate is not None:
            self._gate.meter.begin_the_end()
        return Budget(max_calls=whole.max_calls, spent=whole.spent, now=self._clock)

    def _let_the_second_in(self, search: Search, target: Target, reach: Reach, ledgers: Ledgers) -> str | None:
        """Have programs act from a second account as well; the reason why not, where they cannot."""
        if reach.second is None:
            return NO_KEYS
        if reach.second_account is not None and reach.second_account == reach.endpoint.account:
            return SAME.format(reach.second_account)
        first = search.driver
        self._second = target.signed_by(reach.second, caller=SECOND)
        second = Driver(
            ledgers.watched_second(self._second, reach.second.access_key_id),
            self.contract,
            search.knowledge,
            naming=first.naming,
            region=reach.region,
            account=reach.second_account,
            most_alive=first.most_alive,
            caller=SECOND,
        )
        self._drivers[SECOND] = second
        calls: list[Call] = []
        reason = meet(first, second, search.budget, calls)
        for call in calls:
            search.book.count(call)
        if search.denials is not None:
            search.denials.heard(calls)
        for driver in (first, second):
            ledgers.know(driver.caller, account=driver.holdings.account)
        return reason

    def _look_across(self, search: Search, target: Target, endpoint: Endpoint, region: str) -> None:
        """Tell what is seen of the run through another Region."""
        assert search.book.observations is not None, "a search observes"
        elsewhere = target.elsewhere(endpoint, region)
        try:
            calls = look_across(search.driver, elsewhere, search.budget, search.book.observations)
        finally:
            elsewhere.close()
        for call in calls:
            search.book.count(call)

    @property
    def ledgers(self) -> tuple[str, ...]:
        """The names of the ledgers that this run wrote."""
        return () if self._ledgers is None else self._ledgers.names

    def _facts_of(self, url: str, region: str, credentials_source: str = "given") -> TargetFacts:
        settings = self.settings
        return TargetFacts(
            endpoint_url=url,
            region=region,
            is_reference=self._reference is not None,
            credentials_source=credentials_source,
            mutant=settings.mutant,
            liberties=settings.liberties,
            impostor=settings.impostor,
        )

    def _reach(self) -> Reach:
        settings, own = self.settings, self._reference
        given = settings.ca_bundle or (None if own is None else own.ca_bundle)
        bundle = find_ca_bundle(given, settings.profile, os.environ)
        region = find_region(settings.region, settings.profile, os.environ)
        own_url = None if own is None or settings.endpoint_url is not None else own.endpoint_url
        return reached(settings, self.contract.sdk, own_url, region, bundle)

    def _planned(self, reach: Reach) -> Plan | None:
        settings = self.settings
        if not settings.is_planned:
            return None
        return Plan.of(
            self.contract,
            max_calls=settings.max_calls,
            rate=settings.calls_a_second,
            region=reach.region,
            accounts=1 if reach.second_account is None else 2,
            staleness=settings.staleness,
        )

    def _gate_of(self, plan: Plan | None) -> Gate | None:
        """What every call passes: the plan's meter and the rate; None where there is neither."""
        rate = self.settings.calls_a_second
        if plan is None and rate is None:
            return None
        if plan is None:
            meter = Meter(sys.maxsize, {})
        else:
            meter = Meter(plan.calls, plan.by_operation, kept=plan.kept_of(self.contract))
        return Gate(meter=meter, pace=None if rate is None else Pace(rate))

    def _shaker(self, endpoint: Endpoint, region: str, ca_bundle: str | None) -> Shaker | None:
        """Whoever completes handshakes in this run; None for nobody."""
        has_a_door = self._reference is not None and self.settings.impostor is None
        match self.settings.handshake or (DOOR if has_a_door else NOBODY):
            case "nobody":
                return None
            case "door":
                return SideDoor(endpoint, ca_bundle=ca_bundle)
            case "ask":
                return Person(region, is_aws=endpoint.account is not None)
            case command:
                return Command(words_of(command))

    def _contracts(self) -> Mapping[str, Contract]:
        """The contract of this run, and for the probe that of every other service that has its edition."""
        contracts = {self.contract.service: self.contract}
        if self.settings.is_aws:
            return contracts  # what it serves is known, and a policy allows the one
        specs = specs_root()
        for service, editions in available(specs).items():
            if service not in contracts and self.contract.edition in editions:
                contracts[service] = load_contract(service, self.contract.edition, specs=specs)
        return contracts


class open_session:  # noqa: N801 - used as a function, in a with statement
    """A session for the length of a `with` block; starts the reference where the settings name no endpoint."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._reference: BackgroundReference | None = None

    def __enter__(self) -> Session:
        """The open session."""
        contract = open_contract(self._settings)
        self._reference = background_reference(self._settings, contract)
        try:
            session = Session(self._settings, contract, self._reference)
            session.open()
        except BaseException:
            self._stop()
            raise
        self._session = session
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clean up and stop."""
        if self._session is not None:
            self._session.close()
        self._stop()

    def _stop(self) -> None:
        if self._reference is not None:
            self._reference.stop()


def _knowledge(naming: Naming, settings: Settings) -> Knowledge:
    """What a run knows at its beginning; one that is planned gives up an endless walk sooner."""
    knowledge = Knowledge(prefix=naming.prefix, staleness=settings.staleness)
    return replace(knowledge, patience=PATIENCE, rounds=ROUNDS) if settings.is_planned else knowledge
