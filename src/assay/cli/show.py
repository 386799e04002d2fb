"""`assay show LAW`: one law, and everything that touches it.

What the contract says of it stands in the contract. Which tests exercise it is read from the markers of the suite's
own tests, by looking at their text and not by importing them; which mutants it must catch, from the catalogue of
mutants.
"""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING

from assay.cli.paragraphs import paragraph, rows, write
from assay.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Iterator
    from pathlib import Path

    from assay.contract import Contract, Law

__all__ = ["add_parser", "main"]


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `show` to the command line."""
    parser = subparsers.add_parser(
        "show",
        help="tell everything about one law",
        description="Tell what a law says, why it is believed, and which tests and mutants touch it.",
    )
    parser.add_argument("law", metavar="LAW", help="its id, such as connection.name.unique")
    parser.add_argument("--service", metavar="NAME", default="codestar-connections", help="default: %(default)s")
    parser.add_argument("--edition", metavar="DAY", help="such as 2019-12-19 (default: the newest that has the law)")
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Print everything about a law."""
    from assay.contract import available, load_contract  # noqa: PLC0415 - `--help` needs no contract
    from assay.suite import find_suite, specs_root  # noqa: PLC0415

    specs = specs_root()
    if args.edition is not None or args.service not in available(specs):
        load_contract(args.service, args.edition, specs=specs)
    contracts = [
        load_contract(service, edition, specs=specs)
        for service, editions in available(specs).items()
        for edition in editions
    ]
    mine = [contract for contract in contracts if contract.service == args.service]
    having = [contract for contract in mine if args.law in contract.laws and args.edition in {None, contract.edition}]
    if not having:
        raise _unknown(args.law, mine, args.edition)
    contract = having[-1]
    law = contract.laws[args.law]
    write(law.id)
    write(paragraph(law.sentence, indent=2))
    write("")
    write(rows(list(_about(law, contract, contracts)), indent=2))
    write("")
    write(rows(list(_touching(law, contracts, find_suite() / "tests")), indent=2))
    cases = list(_cases(law, contract, specs))
    if cases:
        write("")
        write(rows(cases, indent=2))
    return 0


def _cases(law: Law, contract: Contract, specs: Path) -> Iterator[tuple[str, str]]:
    """The rows of the corpus that the law judges: what is odd, and which answers are allowed."""
    from assay.corpus import Case, load_corpus  # noqa: PLC0415 - `--help` needs no corpus

    counts: dict[str, int] = {}
    first: dict[str, Case] = {}
    for case in load_corpus(contract, specs=specs):
        if case.law == law.id:
            counts[case.row] = counts.get(case.row, 0) + 1
            first.setdefault(case.row, case)
    for row, case in first.items():
        times = f" ({counts[row]} cases)" if counts[row] > 1 else ""
        says = case.says if case.member is None else case.says.rpartition(":")[0]
        yield "requests", f"{row}, {case.force}: {says}{times}: {' or '.join(sorted(case.answers))}"


def _about(law: Law, contract: Contract, contracts: list[Contract]) -> Iterator[tuple[str, str]]:
    on_aws = f" ({law.on_aws} on AWS itself)" if law.on_aws and law.on_aws != law.force else ""
    yield "force", law.force + on_aws
    for clause in law.clauses.values():
        yield "clauses", f"{clause.id}, {clause.force}: {clause.sentence}"
    confirmed = f", confirmed as {' and '.join(law.confirmed_by)}" if law.confirmed_by else ""
    yield "evidence", law.evidence + confirmed
    for source in law.source:
        yield "source", source
    yield "why", law.why
    yield "judged", f"since {law.since}" if law.since else f"not yet: {law.pending}"
    yield "wording", f"of {contract.service} {contract.edition}"
    for each in contracts:
        if law.id in each.laws:
            yield "editions", f"{each.service} {each.edition}"


def _touching(law: Law, contracts: list[Contract], tests: Path) -> Iterator[tuple[str, str]]:
    from assay.mutants import ALL  # noqa: PLC0415 - imports the reference

    for cause in law.implied_by:
        yield "follows from", cause
    consequences = dict.fromkeys(
        each.id for contract in contracts for each in contract.laws.values() if law.id in each.implied_by
    )
    for consequence in consequences:
        yield "leads to", consequence
    found = list(tests_of(law.id, tests))
    for name in found or ["none"]:
        yield "tests", name
    caught = [mutant for mutant in ALL.values() if law.id in mutant.caught_by]
    for mutant in caught:
        yield "mutants", f"{mutant.name}: {mutant.description.splitlines()[0]}"
    if not caught:
        yield "mutants", "none"


def tests_of(law: str, tests: Path) -> Iterator[str]:
    """The node ids of the tests that carry the law in their marker, in the order of files and lines."""
    for file in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.FunctionDef) and law in _laws_of(node):
                yield f"{file.relative_to(tests.parent).as_posix()}::{node.name}"


def _laws_of(function: ast.FunctionDef) -> Iterator[str]:
    for mark in function.decorator_list:
        match mark:
            case ast.Call(func=ast.Attribute(attr="law"), args=[ast.Constant(value=str(law)), *_]):
                yield law


def _unknown(law: str, contracts: list[Contract], edition: str | None) -> UsageError:
    known = dict.fromkeys(each for contract in contracts for each in contract.laws)
    if law in known:
        having = " and ".join(contract.edition for contract in contracts if law in contract.laws)
        return UsageError(f"{law} is no law of the edition {edition}", hint=f"it is one of {having}")
    near = get_close_matches(law, known, n=3, cutoff=0.5) or [each for each in known if law in each][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else "`assay laws` names them all"
    return UsageError(f"there is no law {law!r}", hint=hint)
