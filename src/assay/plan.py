"""The worst case of a run, known before anything is sent: the promise that a run at AWS is held to.

A plan is figures, not a forecast. It says how many calls of each operation a run can make at the most, how many of its
connections live at once, how long that takes at the rate, and what a policy has to allow for it. The driver keeps below
it (`Budget`, `most_alive`), and a `Meter` sees to it that nothing passes beyond.

The shares of the operations were chosen so that a run is not kept from anything that it would sensibly do: each
connection is created, read, listed and deleted, and a Delete is owed for each Create, and tried again where it fails.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assay.contract import Contract, Role

__all__ = [
    "ALIVE",
    "AWS_STALENESS",
    "CALLS",
    "KEPT",
    "PATIENCE",
    "QUOTA",
    "ROUNDS",
    "Plan",
    "policy",
]

CALLS: Final = 400
"""The calls of a run at AWS, where the caller does not say another number."""

ALIVE: Final = 10
"""The connections of a run that may live at once."""

QUOTA: Final = 250
"""Connections in an account and Region, where AWS has not raised it (the quotas page of the developer tools)."""

AWS_STALENESS: Final = 3.0
"""Seconds that reads may lag at AWS, where the caller says nothing: nobody has seen a lag, yet some clients wait."""

KEPT: Final = 14
"""Calls that are held back for the end: two walks through all there is, and Deletes that have to be tried again."""

_KEPT_SHARES: Final[Mapping[Role, float]] = {"list": 0.6, "delete": 0.4}

PATIENCE: Final = 40
"""Pages in a row without anything new, after which a walk counts as endless."""

ROUNDS: Final = 5
"""How often a walk may show one connection before it counts as endless: others make every page of it a new one."""

_SHARES: Final[Mapping[str, float]] = {"create": 0.4, "get": 0.35, "list": 0.5, "delete": 0.45}
_STS_CALLS: Final = 6  # two processes look, with three attempts each


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run may do at the most; `rate` is in calls a second, None where nothing slows it down.

    Where it acts from two `accounts`, all of this is what it may do in both of them together.
    `staleness` is what reads may lag, in seconds: so long a program waits behind its writes. `handshakes` are words for
    who completes those of the run's connections, None where nobody does.
    """

    calls: int
    by_operation: Mapping[str, int]
    alive: int
    rate: float | None
    service: str
    region: str
    kept: int = KEPT
    accounts: int = 1
    staleness: float = 0.0
    handshakes: str | None = None

    @classmethod
    def of(  # noqa: PLR0913 - what a plan hangs on
        cls,
        contract: Contract,
        *,
        max_calls: int | None,
        rate: float | None,
        region: str,
        accounts: int = 1,
        staleness: float = 0.0,
        handshakes: str | None = None,
    ) -> Self:
        """The plan of a run by this contract."""
        calls = CALLS if max_calls is None else max_calls
        shares = {
            name: max(1, int(calls * _SHARES[operation.role]))
            for name, operation in contract.operations.items()
            if operation.role in _SHARES
        }
        return cls(
            calls=calls,
            by_operation=shares,
            alive=ALIVE,
            rate=rate,
            service=contract.service,
            region=region,
            kept=min(KEPT, calls // 4),
            accounts=accounts,
            staleness=staleness,
            handshakes=handshakes,
        )

    def kept_of(self, contract: Contract) -> dict[str, int]:
        """Of `kept`, how many are held back of each operation."""
        return {contract.by_role(role).name: math.ceil(self.kept * share) for role, share in _KEPT_SHARES.items()}

    @property
    def seconds(self) -> float | None:
        """How long it takes at the rate, the answers' own time aside; None where nothing slows it down."""
        return None if self.rate is None else self.calls / self.rate

    @property
    def idle_seconds(self) -> float:
        """The waiting for reads to settle, at the most: there is a write before each, and a call behind it."""
        return self.staleness * (self.calls // 2)

    def lines(self) -> list[tuple[str, str]]:
        """The plan for people: what, and how much of it."""
        most = ", ".join(f"{name} {count}" for name, count in self.by_operation.items())
        seconds = self.seconds
        time = "as fast as it answers" if seconds is None else f"{seconds:,.0f} s at {self.rate:g} calls a second"
        both = "" if self.accounts == 1 else ", in both accounts together"
        asked = _STS_CALLS * self.accounts
        if self.staleness:
            idle = f"{self.idle_seconds:,.0f} s of waiting for reads to settle ({self.staleness:g} s each)"
            time += f", and at most {idle}"
        return [
            ("calls", f"at most {self.calls} ({most}), and {asked} of STS GetCallerIdentity{both}"),
            ("alive", f"at most {self.alive} connections at once{both}, of a quota of {QUOTA} (AWS' default)"),
            ("time", time),
            ("writes", f"connections in {self.region}, under names of this run alone; each is deleted again"),
            *(() if self.handshakes is None else (("beside", self._deeds()),)),
            ("never", "touches what it did not create: it may list it, and deletes nothing of it"),
        ]

    def _deeds(self) -> str:
        """What is done to connections beside the API."""
        return (
            f"handshakes of the run's own connections are completed by {self.handshakes}: they become AVAILABLE until "
            "they are deleted; what the provider's app was let in to stays there until you remove it"
        )

    def as_json(self) -> dict[str, Any]:
        """The plan for machines."""
        return {
            "service": self.service,
            "region": self.region,
            "calls": self.calls,
            "by_operation": dict(self.by_operation),
            "connections_alive": self.alive,
            "quota": QUOTA,
            "rate": self.rate,
            "seconds": self.seconds,
            "accounts": self.accounts,
            "idle_seconds": self.idle_seconds,
            "handshakes": self.handshakes,
        }


def policy(
    contract: Contract, *, region: str, partition: str, accounts: Collection[str], also_seen_through: str | None = None
) -> dict[str, Any]:
    """The least IAM policy with which a run can do what it plans, as the JSON of an identity-based policy.

    Create and List have no resource to be limited to (service authorization reference of AWS CodeStar Connections),
    but a Region. Get and Delete are limited to connections of the accounts; which of the two service names their ARNs
    have is AWS' choice, and the action is that of the ARN, so both are there. Through another Region they are read, and
    nothing else.
    """
    names = {operation.role: name for name, operation in contract.operations.items()}
    here = {"StringEquals": {"aws:RequestedRegion": region}}
    services = ("codestar-connections", "codeconnections")
    noun = contract.resource.noun
    connections = [
        f"arn:{partition}:{service}:{region}:{account}:{noun}/*"
        for service in services
        for account in (accounts or ("*",))
    ]
    statements: list[dict[str, Any]] = []
    if also_seen_through is not None:
        there = {"StringEquals": {"aws:RequestedRegion": also_seen_through}}
        reads = [f"{service}:{names['get']}" for service in services]
        statements = [
            {"Sid": "AssayListsElsewhere", "Effect": "Allow", "Action": [f"{contract.service}:{names['list']}"],
             "Resource": "*", "Condition": there},
            {"Sid": "AssayReadsElsewhere", "Effect": "Allow", "Action": reads,
             "Resource": connections, "Condition": there},
        ]  # fmt: skip
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AssayCreatesAndLists",
                "Effect": "Allow",
                "Action": [f"{contract.service}:{names[role]}" for role in ("create", "list")],
                "Resource": "*",
                "Condition": here,
            },
            {
                "Sid": "AssayReadsAndDeletes",
                "Effect": "Allow",
                "Action": [f"{service}:{names[role]}" for service in services for role in ("get", "delete")],
                "Resource": connections,
                "Condition": here,
            },
            *statements,
        ],
    }
