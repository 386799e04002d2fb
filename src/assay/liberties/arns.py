"""Choices about ARNs: the partition, the service and the id that stand in them.

The model asks of an ARN a prefix, twelve digits and something behind them; the form with a lower-case UUID is only what
AWS was seen to give. Each mint here asks the one below it for an ARN and puts something else in one place, so that they
can be had together; all keep the promise that no ARN is given twice.
"""

from __future__ import annotations

import itertools
import secrets
import string
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.liberties.catalogue import liberty

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.reference.callers import Caller
    from assay.reference.parts import Parts

_LONGEST_ARN = 256
_PATTERN = "ConnectionArn's pattern is arn:aws(-[\\w]+)*:.+:.+:[0-9]{12}:.+, and says nothing of the id"
_LETTERS = string.ascii_lowercase + string.digits


def _minted(parts: Parts, change: Callable[[str], str]) -> Parts:
    def mint(parts_now: Parts, caller: Caller, service: str, name: str) -> str:
        while parts_now.store.was_given(arn := change(parts.mint(parts_now, caller, service, name))):
            pass
        return arn

    return replace(parts, mint=mint)


def _with_field(number: int, word: str) -> Callable[[Parts], Parts]:
    def change(arn: str) -> str:
        fields = arn.split(":", 5)
        fields[number] = word
        return ":".join(fields)

    return lambda parts: _minted(parts, change)


def _with_id(identifier: Callable[[str], str]) -> Callable[[Parts], Parts]:
    """Parts whose ARNs end in what is made of everything before the id."""

    def change(arn: str) -> str:
        head = arn[: arn.index(":connection/")] + ":connection/"
        return head + identifier(head)

    return lambda parts: _minted(parts, change)


@liberty("partition.china", because="AWS has several partitions, and the pattern allows all", excludes=("partition.*",))
def china(parts: Parts) -> Parts:
    """Give ARNs of the partition `aws-cn`, whatever the Region."""
    return _with_field(1, "aws-cn")(parts)


@liberty(
    "partition.government", because="AWS has several partitions, and the pattern allows all", excludes=("partition.*",)
)
def government(parts: Parts) -> Parts:
    """Give ARNs of the partition `aws-us-gov`, whatever the Region."""
    return _with_field(1, "aws-us-gov")(parts)


@liberty("arn.renamed-service", because="AWS says that connections made today carry the service's new name")
def renamed_service(parts: Parts) -> Parts:
    """Write `codeconnections` into every ARN, whichever service the request was addressed to."""
    return _with_field(2, "codeconnections")(parts)


@liberty("id.counted", because=_PATTERN, excludes=("id.*",))
def counted(parts: Parts) -> Parts:
    """Number the connections: `connection/1`, `connection/2`; an ARN cut or extended by a digit is another one's."""
    numbers = itertools.count(1)
    return _with_id(lambda _: str(next(numbers)))(parts)


@liberty("id.short", because=_PATTERN, excludes=("id.*",))
def short(parts: Parts) -> Parts:
    """Give ids of ten random letters and digits, as many emulators do."""
    return _with_id(lambda _: "".join(secrets.choice(_LETTERS) for _ in range(10)))(parts)


@liberty("id.longest", because="an ARN may have 256 characters", excludes=("id.*",))
def longest(parts: Parts) -> Parts:
    """Give ids that make every ARN exactly as long as the model allows."""
    return _with_id(lambda head: "".join(secrets.choice(_LETTERS) for _ in range(_LONGEST_ARN - len(head))))(parts)


@liberty("id.odd-characters", because=_PATTERN, excludes=("id.*",))
def odd_characters(parts: Parts) -> Parts:
    """Give ids with colons, slashes, spaces, quotes, a percent sign and letters beyond ASCII."""
    return _with_id(lambda _: f"a:b/{secrets.token_hex(8)} +%2F='\"<&>?#\\ Zürich~連")(parts)


@liberty("id.upper-case", because=_PATTERN, excludes=("id.*",))
def upper_case(parts: Parts) -> Parts:
    """Give ids that are UUIDs in capitals."""
    return _with_id(lambda _: "-".join(secrets.token_hex(size).upper() for size in (4, 2, 2, 2, 6)))(parts)
