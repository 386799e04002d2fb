"""What to send: Hypothesis strategies for the inputs of the contract, and for whole programs of calls.

Each module is a noun. A strategy draws from the whole valid space by default, and the unusual is one option away; what
it draws is a symbol (the shape of a name, the label of a connection), never a name or an ARN that exists, so it knows
no endpoint.
"""

from strategies.accounts import cross_account_programs
from strategies.arns import arns, changed_arns, malformed_arns, unknown_arns
from strategies.members import more_members, unknown_hosts
from strategies.names import FAMILIES, connection_names, improper_lengths, name_texts
from strategies.overlaps import overlapping_programs
from strategies.page_sizes import page_sizes, walk_sizes
from strategies.programs import THEMES, programs, roll_call
from strategies.provider_types import provider_types, unknown_provider_types
from strategies.races import RACES, races
from strategies.schema_fuzz import fuzzed_programs
from strategies.sdk import sdk_programs
from strategies.signings import signed_programs
from strategies.tokens import tokens
from strategies.wire import mutated_recipes, raw_programs

__all__ = [
    "FAMILIES",
    "RACES",
    "THEMES",
    "arns",
    "changed_arns",
    "connection_names",
    "cross_account_programs",
    "fuzzed_programs",
    "improper_lengths",
    "malformed_arns",
    "more_members",
    "mutated_recipes",
    "name_texts",
    "overlapping_programs",
    "page_sizes",
    "programs",
    "provider_types",
    "races",
    "raw_programs",
    "roll_call",
    "sdk_programs",
    "signed_programs",
    "tokens",
    "unknown_arns",
    "unknown_hosts",
    "unknown_provider_types",
    "walk_sizes",
]
