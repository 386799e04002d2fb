"""The contract as data: what `specs/` says of one edition of one service, loaded into frozen values.

`load_contract` is the door. Nothing here knows an endpoint, a history or a verdict: a `Law` is a row with a sentence,
and who judges by it lives elsewhere. A file that does not say what its schema demands is a `ContractError` of one line.
"""

from assay.contract.answer import OutputValidator, Problem
from assay.contract.contract import Contract, FrameworkError
from assay.contract.law import Clause, Evidence, Force, Law
from assay.contract.loading import available, clauses_of_every_law, load_contract
from assay.contract.operation import Operation, Pagination, Resource, Role
from assay.contract.shape import Bounds

__all__ = [
    "Bounds",
    "Clause",
    "Contract",
    "Evidence",
    "Force",
    "FrameworkError",
    "Law",
    "Operation",
    "OutputValidator",
    "Pagination",
    "Problem",
    "Resource",
    "Role",
    "available",
    "clauses_of_every_law",
    "load_contract",
]
