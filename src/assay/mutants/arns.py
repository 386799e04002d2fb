"""Faults of new ARNs: one is given twice, or is none."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import in_get, in_list
from assay.reference.arns import connection_arn, mint
from assay.reference.constraints import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.callers import Caller
    from assay.reference.constraints import Member, Members
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

_WAIT = 5
_ANY = Text(maximum=1024)


@mutant("arn.from-name", caught_by=("connection.arn.never-reused",))
def from_name(parts: Parts) -> Parts:
    """Derive the ARN from account, Region and name, so that a name made again has its old ARN again.

    A hash of the name is an easy way to ids that stay the same between two runs of a test; many emulators are written
    for just that.
    """

    def derived(_parts: Parts, caller: Caller, service: str, name: str) -> str:
        identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{caller.account}/{caller.region}/{name}")
        return connection_arn(caller, service, str(identifier))

    return replace(parts, mint=derived)


@dataclass(slots=True)
class _Shelf:
    """ARNs that were freed, each with the number of Creates that had passed, by what they begin with."""

    freed: list[tuple[str, int]] = field(default_factory=list)
    creates: Counter[str] = field(default_factory=Counter)


@mutant("arn.freed-given-again", caught_by=("connection.arn.never-reused",))
def freed_given_again(parts: Parts) -> Parts:
    """Give the ARN of a deleted connection to a new one, once five others have been made since.

    A pool of ids with a short quarantine: the author knew that reuse is dangerous, and took five for long enough.
    """
    shelf = _Shelf()
    careful_delete = parts.handlers["DeleteConnection"]

    def reusing(parts: Parts, caller: Caller, service: str, name: str) -> str:
        kin = connection_arn(caller, service, "")
        passed = shelf.creates[kin]
        shelf.creates[kin] += 1
        for entry in shelf.freed:
            arn, since = entry
            if arn.startswith(kin) and passed - since >= _WAIT:
                shelf.freed.remove(entry)
                return arn
        return mint(parts, caller, service, name)

    def shelving(parts: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_delete(parts, call)
        arn = call.members.text("ConnectionArn")
        kin = arn[: arn.rindex("/") + 1]
        shelf.freed.append((arn, shelf.creates[kin]))
        return answer

    return replace(parts, mint=reusing, handlers=parts.handlers_with(DeleteConnection=shelving))


@mutant("arn.numbered-by-maximum", caught_by=("connection.arn.never-reused",))
def numbered_by_maximum(parts: Parts) -> Parts:
    """Number connections, the next one more than the highest that is there.

    `SELECT MAX(id) + 1`: where the newest connection is deleted, the next one has its ARN.
    """

    def numbered(parts_now: Parts, caller: Caller, service: str, _name: str) -> str:
        numbers = (int(live.arn.rpartition("/")[2]) for live in parts_now.store.after(caller.account, 0))
        return connection_arn(caller, service, str(max(numbers, default=0) + 1))

    return replace(parts, mint=numbered)


@mutant("arn.of-eight-bits", caught_by=("connection.arn.never-reused",))
def of_eight_bits(parts: Parts) -> Parts:
    """Draw the id from 256, none that is in use.

    Short ids look well in a log, and the author asked himself how many connections an account can have at once.
    """
    dice = random.Random(8)  # noqa: S311 - the same ids in every run, so that a finding shows again

    def drawn(parts_now: Parts, caller: Caller, service: str, _name: str) -> str:
        free = (connection_arn(caller, service, f"{number:02x}") for number in dice.sample(range(256), 256))
        unused = (arn for arn in free if parts_now.store.get(arn) is None)
        return next(unused, None) or mint(parts_now, caller, service, _name)

    return replace(parts, mint=drawn)


@mutant("arn.from-the-second", caught_by=("connection.arn.never-reused",))
def from_the_second(parts: Parts) -> Parts:
    """Take the time of creation, in whole seconds, for the id; a connection of the same second takes the older's place.

    The connections lie in a map by ARN, and whoever makes them by hand makes one in a second.
    """

    def timed(parts_now: Parts, caller: Caller, service: str, _name: str) -> str:
        arn = connection_arn(caller, service, str(int(time.time())))
        older = parts_now.store.get(arn)
        if older is not None:
            parts_now.store.remove(older)
            parts_now.names.release(older)
        return arn

    return replace(parts, mint=timed)


def _minting(parts: Parts, shape: Callable[[Parts, Caller, str, str], str]) -> Parts:
    """Mint ARNs that the model's pattern may forbid, and take them, and no others like them, in Get and Delete."""
    given: set[str] = set()

    def noted(parts_now: Parts, caller: Caller, service: str, name: str) -> str:
        arn = shape(parts_now, caller, service, name)
        given.add(arn)
        return arn

    def check(operation: str, table: tuple[Member, ...], members: Mapping[str, object]) -> Members:
        arn = members.get("ConnectionArn")
        if isinstance(arn, str) and arn in given:
            table = tuple(replace(row, rule=_ANY) if row.name == "ConnectionArn" else row for row in table)
        return parts.check(operation, table, members)

    return replace(parts, mint=noted, check=check)


@mutant("arn.without-account", caught_by=("connection.arn.well-formed",))
def without_account(parts: Parts) -> Parts:
    """Leave the account out of the ARN: `arn:aws:codestar-connections:us-east-1::connection/…`.

    The emulator has one account only, and ARNs of S3 lack it too.
    """

    def nameless(parts_now: Parts, caller: Caller, service: str, name: str) -> str:
        return mint(parts_now, replace(caller, account=""), service, name)

    return _minting(parts, nameless)


@mutant("arn.without-region", caught_by=("connection.arn.well-formed",))
def without_region(parts: Parts) -> Parts:
    """Leave the Region out of the ARN.

    Connections are global, says the guide, and ARNs of IAM, which are global too, have none.
    """

    def placeless(parts_now: Parts, caller: Caller, service: str, name: str) -> str:
        return mint(parts_now, replace(caller, region=""), service, name)

    return _minting(parts, placeless)


@mutant("arn.grows-with-the-name", caught_by=("connection.arn.well-formed",))
def grows_with_the_name(parts: Parts) -> Parts:
    """Put the name's bytes in hexadecimal behind a long hash, so that a name beyond ASCII makes an ARN too long.

    With names of 32 ASCII letters, which the author took for the longest there are, 256 characters are just enough.
    """

    def growing(_parts: Parts, caller: Caller, service: str, name: str) -> str:
        salt = hashlib.sha512(uuid.uuid4().bytes).hexdigest()
        return connection_arn(caller, service, salt + name.encode().hex())

    return _minting(parts, growing)


@mutant("arn.with-colon", caught_by=("connection.arn.form",))
def with_colon(parts: Parts) -> Parts:
    """Write `connection:` before the id, where AWS writes `connection/`.

    Both forms are common among AWS's services, and a helper for ARNs knows one of them.
    """

    def colon(parts_now: Parts, caller: Caller, service: str, name: str) -> str:
        return mint(parts_now, caller, service, name).replace(":connection/", ":connection:")

    return replace(parts, mint=colon)


@mutant("arn.of-another-service", caught_by=("connection.arn.form",))
def of_another_service(parts: Parts) -> Parts:
    """Give ARNs of the service `codestar`.

    That is the name of the product, of the console and of another service that is no more.
    """

    def other(parts_now: Parts, caller: Caller, _service: str, name: str) -> str:
        return mint(parts_now, caller, "codestar", name)

    return replace(parts, mint=other)


@mutant("arn.upper-case-in-get", caught_by=("connection.arn.stable",))
def upper_case_in_get(parts: Parts) -> Parts:
    """Show the id in upper case in Get.

    The id is a UUID to the database driver, and the two functions print UUIDs in two ways.
    """

    def change(shown: dict[str, object]) -> dict[str, object]:
        head, slash, identifier = str(shown["ConnectionArn"]).rpartition("/")
        return {**shown, "ConnectionArn": head + slash + identifier.upper()}

    return in_get(parts, change)


@mutant("arn.renamed-in-list", caught_by=("connection.arn.stable",))
def renamed_in_list(parts: Parts) -> Parts:
    """Show ARNs of the service's other name in List.

    The service was renamed, new ARNs have the new name, and the author renamed them in one of two places.
    """
    names = {"codestar-connections": "codeconnections", "codeconnections": "codestar-connections"}

    def change(shown: dict[str, object]) -> dict[str, object]:
        fields = str(shown["ConnectionArn"]).split(":")
        return {**shown, "ConnectionArn": ":".join([*fields[:2], names[fields[2]], *fields[3:]])}

    return in_list(parts, change)
