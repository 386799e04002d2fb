"""What a test acts through: programs go in, and the law in the test's marker holds or the test fails.

The search does the work, and all that it finds is in the book before this module raises anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.budget import Budget, BudgetSpentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.program import Program
    from assay.progress import Progress
    from assay.session import Session

__all__ = ["Endpoint", "LawBrokenError"]


class LawBrokenError(AssertionError):
    """The law of a test is broken; the finding in the book says how."""


class Endpoint:
    """What a test acts through: programs go in, and the law in the test's marker holds or the test fails."""

    def __init__(
        self,
        session: Session,
        law: str,
        budget: Budget,
        progress: tuple[Progress, int, int],
        is_over: Callable[[], bool],
    ) -> None:
        self._session = session
        self._is_over = is_over
        self._law = law
        self._budget = budget
        self._progress, self._done, self._of = progress

    @property
    def programs(self) -> int:
        """How many programs this test has run."""
        return self._budget.programs

    def check(self, program: Program) -> None:
        """Run a program; every law judges its history, and this test fails if its own is broken.

        Raises:
            LawBrokenError: the test's law is broken, now or since an earlier test.

        """
        book = self._session.search.book
        self._raise_if_broken()
        if self._law in self._session.unsupported:
            pytest.skip("the endpoint is not held to this law")
        if self._is_over():
            pytest.skip("what the run was to look for is found")
        fitted = self._fitted(program)
        if fitted is None:
            return
        try:
            self._session.search.examine(fitted, self._budget, self._session.choice.parts_of(program))
        except BudgetSpentError:
            if self._budget.is_late:
                whole = self._budget.within
                if not self._budget.is_complete_when_late or (whole is not None and whole.is_late):
                    self._session.limits_reached.append("time-limit")
            elif self._budget.calls_left is not None:
                self._session.limits_reached.append("max-calls")
            pytest.skip("the budget of calls or seconds is spent")
        calls = sum(book.calls_by_operation.values())
        self._progress.step(self._done, self._of, calls, len(book.findings), self._law)
        self._raise_if_broken()

    def _fitted(self, program: Program) -> Program | None:
        """The program as this run may carry it out; None where a permission is missing, or the plan has no room."""
        session, search = self._session, self._session.search
        missing = () if search.denials is None else search.denials.missing_for(program)
        if missing:
            search.book.tally(self._law).missing.update(dict.fromkeys(missing))
            return None
        return session.choice.fitted(program) if session.choice.has_room_for(program) else None

    def _raise_if_broken(self) -> None:
        if self._session.is_broken(self._law):
            raise LawBrokenError(self._law)
