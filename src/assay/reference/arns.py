"""New ARNs: the form that AWS shows everywhere, with a random id.

The service that a request was addressed to stands in the ARN, the Region that it was signed for, and the partition of
that Region. The id is a random UUID, and the record of what was given is asked all the same: "never reused" is then no
matter of luck.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from assay.reference.callers import partition_of

if TYPE_CHECKING:
    from assay.reference.callers import Caller
    from assay.reference.parts import Parts

__all__ = ["connection_arn", "mint"]


def connection_arn(caller: Caller, service: str, identifier: str) -> str:
    """The ARN of a connection that has this id."""
    partition = partition_of(caller.region)
    return f"arn:{partition}:{service}:{caller.region}:{caller.account}:connection/{identifier}"


def mint(parts: Parts, caller: Caller, service: str, name: str) -> str:  # noqa: ARG001 - a mutant's mint looks at the name
    """An ARN that was never given before."""
    while parts.store.was_given(arn := connection_arn(caller, service, str(uuid.uuid4()))):
        pass
    return arn
