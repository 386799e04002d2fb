"""Whose fault is it? Every error that assay raises on purpose says so in its type.

A user meets them in this order: a wrong option (`UsageError`), an endpoint that must not be touched
(`UnsafeTargetError`), a broken contract file (`ContractError`), an endpoint that does not do what a run needs
(`TargetError`), and, never we hope, a fault of assay itself (`HarnessError`). Each carries a message of one line and,
where there is a next step, a hint; the command line turns them into two lines on standard error and an exit code, and
never into a stack trace.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = ["AssayError", "ContractError", "HarnessError", "TargetError", "UnsafeTargetError", "UsageError"]


class AssayError(Exception):
    """What all errors of assay have in common: a message of one line, a hint, and an exit code."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message, and the hint behind it where there is one."""
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(AssayError):
    """The caller's: an unknown option, law, edition or file; a configuration that says two things at once."""

    exit_code = 2


class ContractError(AssayError):
    """Ours, in data: a file below `specs/` that does not say what its schema demands. Names file, key and remedy."""

    exit_code = 3


class TargetError(AssayError):
    """Theirs: the endpoint cannot be reached, does not speak the protocol, or does not serve the operations."""

    exit_code = 4


class UnsafeTargetError(AssayError):
    """Refused before a packet was sent: the endpoint may be a real AWS account."""

    exit_code = 6


class HarnessError(AssayError):
    """Ours, in code: something that cannot happen did."""

    exit_code = 3
