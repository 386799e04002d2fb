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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.budget import Budget, BudgetSpentError, Meter
from assay.contract import Contract, available, load_contract
from assay.denials import Denials
from assay.driver import Driver
from assay.errors import AssayError, UsageError
from assay.gate import Gate
from assay.handshakes import DOOR, NOBODY, Command, Person, SideDoor, words_of
from assay.history import HANDSHAKE, Unknown
from assay.knowledge import Knowledge
from assay.ledger import FOLDER, Heading, Ledger, Watched, broken_off, fingerprint
from assay.naming import Naming
from assay.pace import AWS_RATE, Pace
from assay.plan import Plan, chosen, gentle, worst_case
from assay.program import Program, Walk
from assay.reference import BackgroundReference
from assay.results import Cleanup, TargetFacts
from assay.search import EXPLAIN_CALLS, EXPLAIN_SECONDS, Search
from assay.suite import specs_root
from assay.target import (
    Endpoint,
    Serving,
    Target,
    find_credentials,
    find_region,
    probe,
    proxied,
    refuse_public,
    resolve_endpoint_url,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from assay.book import Book
    from assay.caller import Caller
    from assay.handshakes import Shaker
    from assay.history import Call
    from assay.target import Credentials, Spelling

__all__ = ["EFFORTS", "Effort", "Session", "Settings", "matching_laws", "open_session"]


_LOOPBACK: Final = "http://127.0.0.1"
_UNCHECKED: Final = "the endpoint checks no signatures; --auth demands that it does"
_NOBODY_SHAKES: Final = "nobody completes a handshake here: --handshake says who could"
_NO_TERMINAL: Final = "there was no terminal at which --handshake ask could ask"
_EXPLAINING_PLANNED: Final = (40, 120.0)  # calls and seconds for one finding, where calls are few and slow
_OVERBOOKED: Final = 1.3  # programs take fewer calls than they might; what does not fit in the end is left out
_NAMED: Final = 10  # names of connections that may exist are listed, so many of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard a run looks: programs drawn for each test, and the seconds after which it ends at the latest.

    `is_planned` is one that is held to a plan; `staleness` is in seconds, and what it lets reads lag.
    """

    examples: int
    seconds: float
    is_planned: bool = False
    staleness: float = 0.0


EFFORTS: Final[Mapping[str, Effort]] = {
    "quick": Effort(examples=5, seconds=60.0),
    "standard": Effort(examples=45, seconds=300.0),
    "deep": Effort(examples=600, seconds=3_600.0),
    "aws": Effort(examples=1, seconds=1_800.0, is_planned=True, staleness=3.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a caller may choose. Times are in seconds; None leaves it to the effort, the environment or chance.

    With `is_aws`, AWS is judged, and `accounts` are those that may be used; `hosts` are public ones that may be.
    `handshake` is `door`, `ask`, `nobody` or a command; None is the door of a reference that the run started itself.
    """

    endpoint_url: str | None = None
    is_aws: bool = False
    accounts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    service: str = "codestar-connections"
    edition: str | None = None
    effort: str = "standard"
    laws: tuple[str, ...] = ()
    seed: int = 0
    max_calls: int | None = None
    time_limit: float | None = None
    timeout: float = 10.0
    staleness: float = 0.0
    strict: bool = False
    auth: bool = False
    profile: str | None = None
    region: str | None = None
    ca_bundle: str | None = None
    spelling: str | None = None
    mutant: str | None = None
    liberties: tuple[str, ...] = ()
    impostor: str | None = None
    report_dir: str = ".assay"
    forces: Mapping[str, str] = field(default_factory=dict)
    rate: float | None = None
    concurrent: bool = False
    handshake: str | None = None

    @property
    def is_planned(self) -> bool:
        """Is the run held to a plan? At AWS, always."""
        return self.is_aws or EFFORTS[self.effort].is_planned

    @property
    def calls_a_second(self) -> float | None:
        """The rate that the run keeps to; None where nothing slows it down."""
        return self.rate if self.rate is not None else AWS_RATE if self.is_aws else None

    @property
    def seconds(self) -> float:
        """When the run ends at the latest."""
        return self.time_limit if self.time_limit is not None else EFFORTS[self.effort].seconds


def matching_laws(contract: Contract, globs: Iterable[str]) -> tuple[str, ...]:
    """The ids of the laws that any of the globs matches, in the contract's order; all where there is no glob."""
    patterns = tuple(globs)
    return tuple(law for law in contract.laws if not patterns or any(fnmatchcase(law, pattern) for pattern in patterns))


def open_contract(settings: Settings) -> Contract:
    """The contract that the settings name."""
    if settings.effort not in EFFORTS:
        raise UsageError(f"there is no effort {settings.effort!r}", hint=f"choose one of {', '.join(EFFORTS)}")
    return load_contract(settings.service, settings.edition, specs=specs_root())


class Session:
    """One run against one endpoint, from the probe to the clean-up."""

    def __init__(self, settings: Settings, contract: Contract, reference: BackgroundReference | None = None) -> None:
        self.settings = settings
        self.contract = contract
        self.started = datetime.now(UTC)
        self.limits_reached: list[str] = []
        self._reference = reference
        self._clock = time.perf_counter
        self._origin = self._clock()
        self.selected: tuple[str, ...] = matching_laws(contract, settings.laws)
        self.serving: Serving | None = None
        self.unsupported: Mapping[str, str] = {}
        self._search: Search | None = None
        self._target: Target | None = None
        self._ledger: Ledger | None = None
        self.plan: Plan | None = None
        self._chosen: set[str] = set()
        self._facts: TargetFacts | None = None

    @property
    def search(self) -> Search:
        """The search; the session must be open."""
        assert self._search is not None, "the session is not open"
        return self._search

    @property
    def is_open(self) -> bool:
        """Has the endpoint been found to serve the operations?"""
        return self._search is not None

    @property
    def duration(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._origin

    @property
    def target(self) -> TargetFacts:
        """Whom this run talks to, as far as it is known by now."""
        if self._facts is None:
            url = self.settings.endpoint_url or ("AWS" if self.settings.is_aws else "the reference server")
            return TargetFacts(
                endpoint_url=url,
                region=self.settings.region or "",
                mutant=self.settings.mutant,
                liberties=self.settings.liberties,
                impostor=self.settings.impostor,
            )
        if self._search is None:
            return self._facts
        account = self._search.driver.account
        facts = self._facts
        return TargetFacts(
            endpoint_url=facts.endpoint_url,
            region=facts.region,
            account=account,
            is_reference=facts.is_reference,
            fingerprint=facts.fingerprint,
            credentials_source=facts.credentials_source,
            mutant=facts.mutant,
            liberties=facts.liberties,
            impostor=facts.impostor,
        )

    def open(self, *, on_call: Callable[[Call], None] | None = None) -> None:
        """Find out what the endpoint serves, and make everything ready to search.

        Raises:
            AssayError: wrong settings, an endpoint that must not be touched, or one that serves nothing of the service.

        """
        settings = self.settings
        ca_bundle = settings.ca_bundle or (self._reference.ca_bundle if self._reference is not None else None)
        region = find_region(settings.region, settings.profile, os.environ)
        endpoint, credentials = self._reached(region, ca_bundle)
        self._facts = TargetFacts(
            endpoint_url=endpoint.url,
            region=region,
            is_reference=self._reference is not None,
            credentials_source=credentials.source,
            mutant=settings.mutant,
            liberties=settings.liberties,
            impostor=settings.impostor,
        )
        self.plan = self._planned(region)
        limit = settings.max_calls if self.plan is None else self.plan.calls
        gate = self._gate(self.plan)
        naming = Naming()
        watched = self._watcher(naming, endpoint, credentials, region, ca_bundle)
        serving = probe(
            endpoint,
            self._contracts(),
            self.contract.service,
            credentials=credentials,
            region=region,
            timeout=settings.timeout,
            ca_bundle=ca_bundle,
            max_calls=limit,
            gate=gate,
            watched=watched,
        )
        self.serving = serving
        shaker = self._shaker(endpoint, region, ca_bundle)
        self.unsupported = {
            **_unsupported(self.contract, serving, is_demanded=settings.auth),
            **({} if shaker is not None else _without_handshakes(self.contract, settings.handshake)),
        }
        spelling = _spelling(settings.spelling, serving)
        if self._ledger is not None:
            self._ledger.know(spelling=spelling)
        self._facts = TargetFacts(
            endpoint_url=endpoint.url,
            region=region,
            is_reference=self._reference is not None,
            fingerprint=_fingerprint(serving),
            credentials_source=credentials.source,
            mutant=settings.mutant,
            liberties=settings.liberties,
            impostor=settings.impostor,
        )
        target = Target(
            endpoint,
            self.contract,
            credentials,
            region,
            spelling=spelling,
            timeout=settings.timeout,
            ca_bundle=ca_bundle,
            rng=random.Random(settings.seed),  # noqa: S311 - it jitters pauses
            origin=self._origin,
            calls_made=len(serving.calls),
            gate=gate,
        )
        driver = Driver(
            watched(target),
            self.contract,
            Knowledge(prefix=naming.prefix, staleness=settings.staleness),
            naming=naming,
            region=region,
            sdk_leg=settings.spelling != "short",
            account=endpoint.account,
            most_alive=None if self.plan is None else self.plan.alive,
            shaker=shaker,
        )
        budget = Budget(
            max_calls=limit,
            deadline=self._origin + settings.seconds,
            spent=len(serving.calls),
            kept=0 if self.plan is None else self.plan.kept,
            now=self._clock,
        )
        self._target = target
        self._search = Search(
            driver,
            self.contract,
            tuple(law for law in self.selected if law not in self.unsupported),
            budget,
            forces=self.force,
            clock=self._clock,
            origin=self._origin,
            on_call=on_call,
            denials=None if endpoint.account is None else Denials(self.contract, endpoint.account, region),
            pace=None if gate is None else gate.pace,
            explaining=(EXPLAIN_CALLS, EXPLAIN_SECONDS) if self.plan is None else _EXPLAINING_PLANNED,
        )
        for call in serving.calls:
            self._search.book.count(call)
        driver.adopt(serving.calls)
        self._search.book.notes.extend(_notes(serving))
        if any(self.unsupported.get(law) == _UNCHECKED for law in self.selected):
            self._search.book.notes.append(f"signatures: auth.* was not judged, because {_UNCHECKED}")
        if self._search.denials is not None:
            self._search.denials.heard(serving.calls)
        if self.plan is not None:
            with suppress(BudgetSpentError):  # how crowded it is, in as few calls as can be
                self._search.examine(Program((Walk(self.contract.page_sizes.maximum),)), budget)

    def choose(self, named: Sequence[Sequence[Program]]) -> None:
        """Choose, of the programs that tests name, those that the plan has room for; all where there is no plan."""
        if self.plan is None:
            return
        budget, driver = self.search.budget, self.search.driver
        room = int(_OVERBOOKED * ((budget.calls_left or 0) - budget.calls_kept))
        fitted = [[self.fitted(one) for one in each if self._is_wanted(one)] for each in named]
        self._chosen = set(map(str, chosen(fitted, driver.crowd, room)))

    def _is_wanted(self, program: Program) -> bool:
        """Is a program one that this run can learn something new from?"""
        has_part = self.settings.concurrent or not program.is_parallel
        return has_part and (self.search.driver.shaker is not None or not program.needs_handshakes)

    def fitted(self, program: Program) -> Program:
        """The program as this run carries it out."""
        if self.plan is None:
            return program
        crowd = self.search.driver.crowd
        return gentle(program, crowd, self.contract.page_sizes.maximum or crowd)

    def has_room_for(self, program: Program) -> bool:
        """Is a program, as it is carried out, still to be run by the plan, and are there calls left for it?"""
        if self.plan is None:
            return True
        if str(program) not in self._chosen:
            return False
        self._chosen.remove(str(program))
        budget, driver = self.search.budget, self.search.driver
        room = (budget.calls_left or 0) - budget.calls_kept - driver.owed
        return worst_case(program, driver.crowd) <= room

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
        if self._search is None:
            if self._ledger is not None:
                self._ledger.end()  # what the probe made, it deleted
            return Cleanup()
        driver, book, is_lost = self._search.driver, self._search.book, self._search.lost is not None
        calls: list[Call] = []
        whole = self._search.budget
        budget = Budget(max_calls=whole.max_calls, spent=whole.spent, now=self._clock)
        try:
            with interruptible():
                # What could not be deleted is listed below; that the endpoint or the calls are gone was told before.
                for look in (driver.settle, partial(driver.tidy, thorough=not is_lost), driver.look_for_leftovers):
                    with suppress(AssayError, BudgetSpentError):
                        look(calls, budget)
                    if is_lost and calls and isinstance(calls[-1].outcome, Unknown):
                        break  # it has not come back
        except KeyboardInterrupt:
            book.notes.append("the clean-up was broken off, as asked")
        if driver.maybe_created:
            names = ", ".join(sorted(driver.maybe_created)[:_NAMED])
            book.notes.append(
                f"connections of these names may be there still, as no answer to their Create was seen: {names}"
            )
        for call in calls:
            book.count(call)
        book.lag = driver.lag
        if self._target is not None:
            self._target.close()
        self._end_the_ledger(book, is_clean=not (driver.left_behind or driver.maybe_created))
        return Cleanup(
            created=driver.created,
            deleted=driver.deleted,
            left_behind=(*driver.left_behind.items(), *driver.disputed.items()),
        )

    def _watcher(
        self, naming: Naming, endpoint: Endpoint, credentials: Credentials, region: str, ca_bundle: str | None
    ) -> Callable[[Caller], Caller]:
        """Open the ledger, and have every caller write into it; the reference of a run ends with it, and needs none."""
        if self._reference is not None:
            return lambda caller: caller
        heading = Heading(
            run=naming.run_id,
            prefix=naming.prefix,
            started=self.started.isoformat(timespec="seconds"),
            endpoint_url=endpoint.url,
            service=self.contract.service,
            edition=self.contract.edition,
            region=region,
            profile=self.settings.profile or os.environ.get("AWS_PROFILE"),
            ca_bundle=ca_bundle,
            caller=fingerprint(naming.run_id, credentials.access_key_id),
        )
        ledger = Ledger(Path(self.settings.report_dir) / FOLDER, heading, is_forced=not endpoint.is_loopback)
        self._ledger = ledger
        return lambda caller: Watched(caller, ledger, self.contract)

    def _end_the_ledger(self, book: Book, *, is_clean: bool) -> None:
        """Say what is left of this run, and that earlier ones left something behind, where they have a ledger here."""
        if self._ledger is None:
            return
        self._ledger.end(is_clean=is_clean)
        place = self._ledger.place
        if not is_clean:
            book.notes.append(f"`assay sweep` tries again to remove what is left: {_shown(place)} knows of it")
        others = [other for other in broken_off(Path(self.settings.report_dir)) if other != place]
        if others:
            what = "an earlier run has" if len(others) == 1 else f"{len(others)} earlier runs have"
            book.notes.append(f"{what} left connections behind: `assay sweep` removes them")

    def _planned(self, region: str) -> Plan | None:
        settings = self.settings
        if not settings.is_planned:
            return None
        return Plan.of(self.contract, max_calls=settings.max_calls, rate=settings.calls_a_second, region=region)

    def _gate(self, plan: Plan | None) -> Gate | None:
        """What every call passes: the plan's meter and the rate; None where there is neither."""
        rate = self.settings.calls_a_second
        if plan is None and rate is None:
            return None
        meter = Meter(sys.maxsize, {}) if plan is None else Meter(plan.calls, plan.by_operation)
        return Gate(meter=meter, pace=None if rate is None else Pace(rate))

    def _reached(self, region: str, ca_bundle: str | None) -> tuple[Endpoint, Credentials]:
        """Where the requests go, and as whom; whoever started this run has looked already, and here it is decided."""
        settings = self.settings
        if settings.is_aws:
            from assay.target.aws import Aws, refuse_unlisted  # noqa: PLC0415 - it needs botocore

            found = Aws.found(self.contract.sdk, region, settings.profile, ca_bundle=ca_bundle)
            identity = found.identity()
            refuse_unlisted(identity.account, settings.accounts)
            return found.service.with_account(identity.account), found.credentials()
        url = settings.endpoint_url or (self._reference.endpoint_url if self._reference is not None else None)
        if url is None:
            raise UsageError("there is no endpoint", hint="give one with --endpoint-url")
        endpoint = proxied(Endpoint.parse(url))
        refuse_public(endpoint, settings.hosts)
        return endpoint, find_credentials(settings.profile, endpoint, os.environ)

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


def background_reference(settings: Settings, contract: Contract) -> BackgroundReference | None:
    """The reference server, started, where the settings name no endpoint; it is ready some moments later."""
    if settings.endpoint_url is not None or settings.is_aws:
        return None
    keys = _keys_of(settings)
    reference = BackgroundReference(
        edition=contract.edition,
        mutant=settings.mutant,
        liberties=settings.liberties,
        impostor=settings.impostor,
        verify_signatures=bool(keys),
        credentials=keys,
    )
    reference.start()
    return reference


def _keys_of(settings: Settings) -> dict[str, str]:
    """The key that the run will sign with, for the reference to know; none where it cannot be read, which `open` tells.

    An impostor is no reference, and knows nobody.
    """
    if settings.impostor is not None:
        return {}
    try:
        credentials = find_credentials(settings.profile, Endpoint.parse(_LOOPBACK), os.environ)
    except AssayError:
        return {}
    return {credentials.access_key_id: credentials.secret_access_key}


def endpoint_from_environment(option: str | None, service: str) -> str | None:
    """The endpoint that the caller names, by the option or in the environment as boto3's users do; None for none."""
    return resolve_endpoint_url(option, os.environ, service=service)


def _shown(place: Path) -> str:
    return ascii(str(place))[1:-1]


def _spelling(wanted: str | None, serving: Serving) -> Spelling:
    if wanted is None:
        return serving.spelling
    for spelling in (serving.spelling, *(other for service, other in serving.also if service == serving.service)):
        if spelling == wanted:
            return spelling
    raise UsageError(f"the endpoint does not serve the {wanted} spelling of X-Amz-Target", hint="leave out --spelling")


def _unsupported(contract: Contract, serving: Serving, *, is_demanded: bool) -> dict[str, str]:
    """Laws that ask for something which the endpoint does not set out to do, and why: nobody is held to those."""
    if serving.checks_signatures or is_demanded:
        return {}
    return {law.id: _UNCHECKED for law in contract.laws.values() if law.noun == "auth"}


def _without_handshakes(contract: Contract, said: str | None) -> dict[str, str]:
    """The laws that somebody would have to complete a handshake for, and why nobody does."""
    reason = _NO_TERMINAL if said == NOBODY else _NOBODY_SHAKES
    return {law.id: reason for law in contract.laws.values() if law.needs == HANDSHAKE}


def _fingerprint(serving: Serving) -> Mapping[str, object]:
    server = next((call.response.header("server") for call in serving.calls if call.response is not None), None)
    served = [
        f"{serving.service} ({serving.spelling})",
        *(f"{service} ({spelling})" for service, spelling in serving.also),
    ]
    return {"server": server, "served": served}


def _notes(serving: Serving) -> list[str]:
    notes = []
    if serving.missing:
        ways = ", ".join(f"{service} in the {spelling} spelling" for service, spelling in serving.missing)
        notes.append(f"X-Amz-Target: not served are {ways}")
    if serving.sdk_reason is not None:
        notes.append(f"boto3 cannot call this endpoint: {serving.sdk_reason}")
    return notes
