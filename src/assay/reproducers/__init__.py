"""Scripts that show a finding without assay: Python with boto3, curl, the AWS CLI; from its smallest history.

`plan` turns the history into calls whose names are fresh and whose ARNs and tokens are those that the script itself is
given; `claim` says what the answer at which the law is broken must be, where a script can look at that; each of the
other modules writes one kind. All are pure functions. Endpoint and credentials are the environment's and never stand in
a script, and every script deletes what it made.

A script exits with 1 where the fault shows, with 0 where it does not, and with 2 where it cannot say: a law about more
than one answer's outcome is often beyond a script of a page, which then prints the answers and says what to look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.reproducers import aws_cli, curl, python
from assay.reproducers.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.book import Finding
    from assay.contract import Contract

__all__ = ["reproducers"]


def reproducers(finding: Finding, contract: Contract) -> Mapping[str, str]:
    """The scripts for a finding, by kind; a kind is left out where it could not send the calls as they were sent."""
    plan = plan_of(finding, contract)
    if plan is None:
        return {}
    scripts = {"curl": curl.script(plan)}
    if plan.fits_the_sdk:
        scripts["python"] = python.script(plan)
    if plan.fits_the_cli:
        scripts["aws_cli"] = aws_cli.script(plan)
    return scripts
