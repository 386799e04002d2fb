"""Choices about accounts: whether there is more than one, and who is let in. Two accounts are nobody's duty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.liberties.catalogue import liberty
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_THE_ONE = "000000000000"


def _everywhere(parts: Parts, change: Callable[[Call], Call]) -> Parts:
    """Every handler, given another call than the one that came."""

    def changed(handler: Handler) -> Handler:
        def handle(parts_now: Parts, call: Call) -> Mapping[str, object]:
            return handler(parts_now, change(call))

        return handle

    handlers = {operation: changed(handler) for operation, handler in parts.handlers.items()}
    return replace(parts, handlers=parts.handlers_with(**handlers))


@liberty("account.one-for-all", because="an emulator need not keep accounts apart, and ARNs say that it does not")
def one_for_all(parts: Parts) -> Parts:
    """Take every access key for a key of one account."""
    return _everywhere(parts, lambda call: replace(call, caller=replace(call.caller, account=_THE_ONE)))


@liberty(
    "account.guests-refused",
    because="nobody has to let in every access key, and which error a stranger gets is not documented",
    excludes=("account.one-for-all",),
)
def guests_refused(parts: Parts) -> Parts:
    """Know the account that called first, and refuse all others with 403."""
    known: list[str] = []

    def check(call: Call) -> Call:
        if not known:
            known.append(call.caller.account)
        if call.caller.account != known[0]:
            raise Refusal("AccessDeniedException", "You are not authorized to perform this operation", status=403)
        return call

    return _everywhere(parts, check)
