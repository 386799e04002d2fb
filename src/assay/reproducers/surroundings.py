"""What a script needs of its surroundings beside an endpoint and keys: keys of a second account, and handshakes.

It is told in the head of each script that needs it, in the same words, whatever kind of script it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.reference.handshake import PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["PATH", "SECOND_KEYS", "imports", "notes"]

SECOND_KEYS: Final = ("ASSAY_SECOND_ACCESS_KEY_ID", "ASSAY_SECOND_SECRET_ACCESS_KEY", "ASSAY_SECOND_SESSION_TOKEN")
"""The variables that hold the keys of a second account; the last one goes with temporary keys alone."""


def notes(*, two_accounts: bool, handshakes: bool) -> Iterator[str]:
    """Lines of at most 120 characters for the head of a script."""
    if two_accounts:
        key, secret, _ = SECOND_KEYS
        yield f"It acts from two accounts; the keys of the second: {key}, {secret}."
    if handshakes:
        yield f"A handshake is completed by the side door of `assay serve`, POST {PATH}; for any other endpoint,"
        yield "ASSAY_HANDSHAKE is a command that does it, the ARN behind its words (sh -c 'read _' -: you, then Enter)."


def imports(modules: Iterable[str], *, handshakes: bool) -> str:
    """The imports of a Python script, one a line: these modules, and what completing a handshake takes."""
    needed = {*modules, *(("shlex", "subprocess", "urllib.request") if handshakes else ())}
    return "\n".join(f"import {module}" for module in sorted(needed))
