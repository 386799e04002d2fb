"""What Schemathesis makes up from the schemas, judged by the laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from strategies import fuzzed_programs

if TYPE_CHECKING:
    from assay.plugin import Endpoint
    from assay.program import Program


@pytest.mark.law("wire.no-server-error")
@pytest.mark.least_effort("standard")
@pytest.mark.at_most(standard=4.0)
@pytest.mark.needs("schemathesis")
@given(program=fuzzed_programs())
def test_nothing_that_fits_the_schemas_or_does_not_breaks_the_server(endpoint: Endpoint, program: Program) -> None:
    """A body that Schemathesis makes up is served or refused, and all else is as the laws say."""
    endpoint.check(program)
