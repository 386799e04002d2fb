"""Scripts that show a finding without assay: Python, curl, the AWS CLI; from its smallest history.

`plan` turns the history into calls whose names are fresh and whose ARNs and tokens are those that the script itself is
given; `claim` says what the answer at which the law is broken must be, where a script can look at that; each of the
other modules writes one kind. What no client sends (raw requests, odd signatures, calls at once) has a plan of its own,
`exact`, from which a Python script is made that writes its own bytes. All are pure functions. Endpoint and credentials
are the environment's and never stand in a script, and every script deletes what it made.

A script exits with 1 where the fault shows, with 0 where it does not, and with 2 where it cannot say: a law about more
than one answer's outcome is often beyond a script of a page, which then prints the answers and says what to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.reproducers import aws_cli, curl, exact_script, python
from assay.reproducers.exact import exact_plan
from assay.reproducers.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.book import Finding
    from assay.contract import Contract

__all__ = ["Reproducers", "reproducers"]

_ORDINARY: Final = "its requests are no ordinary ones, or overlapped: the Python script writes them itself"
_REFUSED: Final = "the AWS CLI would refuse its inputs before they are sent"


@dataclass(frozen=True, slots=True)
class Reproducers:
    """The scripts for a finding, by kind, and why there is none of a kind that is not there."""

    scripts: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def reproducers(finding: Finding, contract: Contract, *, staleness: float = 0.0) -> Reproducers:
    """The scripts for a finding; a kind is left out where it could not send the calls as they were sent.

    Reads may lag by `staleness` seconds, which counts where a script looks for an order of calls.
    """
    plan = plan_of(finding, contract)
    scripts: dict[str, str] = {}
    missing: dict[str, str] = {}
    if plan is not None:
        scripts["curl"] = curl.script(plan)
        if plan.fits_the_cli:
            scripts["aws_cli"] = aws_cli.script(plan)
        else:
            missing["aws_cli"] = _REFUSED
        if plan.fits_the_sdk:
            return Reproducers({**scripts, "python": python.script(plan)}, missing)
    exact = exact_plan(finding, contract, staleness=staleness)
    if isinstance(exact, str):
        return Reproducers(scripts, {**missing, **dict.fromkeys({"python", "curl", "aws_cli"} - scripts.keys(), exact)})
    scripts["python"] = exact_script.script(exact)
    return Reproducers(scripts, {**dict.fromkeys({"curl", "aws_cli"} - scripts.keys(), _ORDINARY), **missing})
