"""The state of a run between pytest's hooks: what was asked for, how far it is, and what its results are.

The plugin calls; this knows what a run is. Nothing here is pytest's but the configuration that the options come from.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay import results
from assay.book import Book
from assay.budget import Budget, BudgetSpentError
from assay.contract import clauses_of_every_law
from assay.errors import AssayError, HarnessError, TargetError
from assay.expectations import read_expectations
from assay.explaining import tries
from assay.interrupts import Interrupts
from assay.ledgers import notes_of_earlier
from assay.log import LOG, log_call
from assay.own_server import background_reference
from assay.parts import Part, joined
from assay.program_json import from_json
from assay.progress import Progress
from assay.rate import RATED_AT_LEAST, tries_for
from assay.results.expecting import surroundings
from assay.session import Session
from assay.settings import Settings, matching_laws, open_contract
from assay.share import ALONE
from assay.suite import specs_root
from assay.witness import write_observations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hypothesis.database import ExampleDatabase

    from assay.book import Finding
    from assay.crew import Worker
    from assay.examples import Examples
    from assay.expectations import Entry
    from assay.own_server import Server
    from assay.progress import Mode
    from assay.results import TargetFacts

__all__ = ["Run"]



class Run:
    """The state of a run between pytest's hooks."""

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        settings: Settings,
        *,
        progress: Mode = "auto",
        until_broken: Iterable[str] = (),
        run_id: str | None = None,
        expect: str | None = None,
        worker: Worker | None = None,
    ) -> None:
        self.settings = settings
        self.expected = read_expectations(expect, clauses_of_every_law(specs_root())) if expect is not None else ()
        self.run_id = run_id
        self.contract = open_contract(self.settings)
        self.progress = Progress(progress)
        self.trouble: AssayError | None = None
        self.interrupted = False
        self.interrupts = Interrupts()
        self.tests_done = 0
        self.tests = 0
        self.missing: list[str] = []  # packages that tests of this run would need
        self.missing_commands: list[str] = []  # programs that they would need on PATH
        own: Server | None = background_reference(self.settings, self.contract) if worker is None else worker.lent
        self.reference = own
        self.worker = worker
        self.database: ExampleDatabase | None = None
        self.examples: tuple[Examples, ...] = ()
        self.session = Session(self.settings, self.contract, own, ALONE if worker is None else worker.place)
        self.document: dict[str, Any] | None = None
        self.told: set[str] = set()
        globs = tuple(until_broken)
        self.until: frozenset[str] = frozenset(matching_laws(self.contract, globs) if globs else ())

    def is_over(self) -> bool:
        """Is a law broken that the run was to go on for, and with its whole force? A `must` that only warns is not.

        Raises:
            KeyboardInterrupt: somebody wished it to end.

        """
        self.interrupts.insist()
        if self.is_stopped():
            return True
        is_over = bool(self.until) and any(map(self.session.is_broken, self.until))
        if is_over and self.worker is not None:
            self.worker.end_the_search()
        return is_over

    def is_stopped(self) -> bool:
        """Has another process of this run ended the search?"""
        return self.worker is not None and self.worker.is_over

    def open(self) -> None:
        """Ask the endpoint what it serves; where it cannot be judged, that is the run's result."""
        try:
            self.session.open(on_call=log_call if LOG.handlers else None)
        except AssayError as error:
            self.trouble = error
            return
        for package in dict.fromkeys(self.missing):
            note = f"{package} is not installed, so its inputs were not tried: pip install 'assay[{package}]'"
            self.session.search.book.notes.append(note)
        for command in dict.fromkeys(self.missing_commands):
            note = f"the AWS CLI was not tried: no {command} on PATH"
            self.session.search.book.notes.append(note)
        in_force = self._in_force()
        self.session.search.book.expected = frozenset(
            finding for entry in in_force if entry.finding is not None for finding in (entry.finding, *entry.also)
        )

    def _in_force(self) -> list[Entry]:
        run = surroundings(self.session.target, self.contract, self.session.started)
        return [entry for entry in self.expected if entry.standing(run) == "in force"]

    def why_expected(self, finding: Finding) -> str | None:
        """The reason why a finding is a known failure; None where it is none."""
        covering = (entry for entry in self._in_force() if entry.covers(finding.id, finding.law, finding.clause))
        return next((entry.reason for entry in covering), None)

    def look_for_the_expected(self, already: Iterable[Finding] = ()) -> None:
        """Run the programs of known failures that did not show themselves, before any of them is called gone."""
        search = self.session.search
        for entry in self._in_force():
            if entry.program is None or entry.law not in self.session.selected:
                continue
            program = from_json(list(entry.program))
            for _ in range(max(tries_for(entry.shows), RATED_AT_LEAST * tries(program))):
                found = [*already, *search.book.every()]
                if any(entry.covers(finding.id, finding.law, finding.clause) for finding in found):
                    break
                with suppress(BudgetSpentError, TargetError):
                    search.examine(program, Budget(within=search.budget))
        search.explain()

    def share(self, at_most: float | None = None, *, is_named: bool = False) -> Budget:
        """The next test's part of what is left of the run's calls and seconds, `at_most` so many of these.

        A test that is to run what it names may have every call, and half of the time: those come first and cheapest
        first, and where calls are slow or few, some programs that come to their end tell more than many that do not.
        """
        whole = self.session.search.budget
        of = 1 if self.worker is None else self.worker.place.of
        tests_left = max(1, -(-self.tests // of) - self.tests_done)
        now = time.perf_counter()
        left = max(0.0, (whole.deadline or now) - now)
        if self.session.plan is not None:
            return Budget(within=whole)  # a plan deals out programs
        calls = None
        if whole.max_calls is not None and not is_named:
            calls = max(1, (whole.max_calls - whole.spent) // tests_left)
        part = left / (min(2, tests_left) if is_named else tests_left)
        seconds = part if at_most is None else min(at_most, part)
        return Budget(max_calls=calls, deadline=now + seconds, within=whole, is_complete_when_late=seconds == at_most)

    def tell_findings(self) -> None:
        """Say at once what was found."""
        book = self.session.search.book
        for finding in book.every():
            if finding.id not in self.told:
                self.told.add(finding.id)
                self.progress.line(self.line_of(finding))

    def line_of(self, finding: Finding) -> str:
        """What is said at once of a finding."""
        call, second = finding.found_at
        expected = ", as expected" if finding.id in self.session.search.book.expected else ""
        return f"found: {finding.law} is broken{expected} (call {call}, {second:.1f} s)"

    def part(self) -> Part:
        """Clean up, and say what this process found out."""
        cleanup = self.session.close(interruptible=self.interrupts.cleaning)
        is_open = self.session.is_open
        if is_open and self.is_over() and not self.is_stopped():
            self.session.limits_reached.append("until-broken")
        book = self.session.search.book if is_open else Book()
        book.notes.extend(each.trouble for each in self.examples if each.trouble is not None)
        observed = [] if book.observations is None else book.observations.as_json()
        return Part(
            book=replace(book, coverage=None, observations=None),
            coverage=None if book.coverage is None else book.coverage.counts(),
            observations=observed,
            target=self.session.target,
            serving=self.session.serving,
            cleanup=cleanup,
            unsupported=self.session.unsupported,
            limits_reached=tuple(dict.fromkeys(self.session.limits_reached)),
            trouble=self.trouble,
            interrupted=self.interrupted,
            ledgers=self.session.ledgers,
        )

    def finish(self) -> None:
        """Look once more for what was expected, clean up, work out what it all means, and write it down."""
        if self.session.is_open and self.trouble is None and not self.interrupted:
            self.look_for_the_expected()
        part = self.part()
        self._end(part, self.session.search.book if self.session.is_open else part.book)

    def finish_with(self, parts: Sequence[Part]) -> None:
        """The same for a run that was split: `parts` are what its workers found out."""
        found = [finding for part in parts for finding in part.book.every()]
        whole = joined(parts or [self.part()], self.contract)
        self.trouble = self.trouble or whole.trouble
        self.interrupted = self.trouble is None and (whole.interrupted or self.interrupts.is_wished)
        if self.trouble is None and not self.interrupted and self._is_anything_missing(found, whole.target):
            self.open()
            if self.session.is_open:
                self.look_for_the_expected(found)
            whole = joined([*parts, self.part()], self.contract)
        whole.book.notes.extend(notes_of_earlier(Path(self.settings.report_dir), whole.ledgers))
        self._end(whole, whole.book)

    def _is_anything_missing(self, found: Sequence[Finding], target: TargetFacts) -> bool:
        """Is a known failure, which has a program, among none of these findings?"""
        run = surroundings(target, self.contract, self.session.started)
        return any(
            entry.program is not None
            and entry.law in self.session.selected
            and entry.standing(run) == "in force"
            and not any(entry.covers(finding.id, finding.law, finding.clause) for finding in found)
            for entry in self.expected
        )

    def _end(self, part: Part, book: Book) -> None:
        """Work out what was found, and write it down."""
        if self.reference is not None:
            self._complain()
            self.reference.stop()
        self.progress.end()
        self.document = results.build(
            contract=self.contract,
            selected=self.session.selected,
            book=book,
            settings=self.settings,
            target=part.target,
            serving=part.serving,
            cleanup=part.cleanup,
            started=self.session.started,
            duration_s=round(self.session.duration, 3),
            trouble=self.trouble,
            interrupted=self.interrupted,
            limits_reached=part.limits_reached,
            run_id=self.run_id,
            forces=self.session.force,
            expected=self.expected,
            unsupported=part.unsupported,
            observed=part.observations,
        )
        place = Path(self.settings.report_dir)
        place.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.document, indent=1, ensure_ascii=True) + "\n"
        unfinished = place / f".results.{os.getpid()}.json"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(place / "results.json")
        write_observations(self.document, self.session.endpoint, place)
        if self.run_id is not None:
            # For `assay run`, which takes it away: results.json may be another run's a moment later.
            (place / f".results.{self.run_id}.json").write_text(text, encoding="utf-8")

    def _complain(self) -> None:
        complaints = self.reference.complaints().strip() if self.reference is not None else ""
        if complaints and self.trouble is None:
            self.trouble = HarnessError(
                f"the reference server met a fault of its own: {complaints.splitlines()[-1][:200]}"
            )
