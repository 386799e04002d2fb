"""`assay laws`: the catalogue of an edition, for people, for programs, and for the documentation."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from assay.cli.paragraphs import paragraph, rows, write
from assay.contract.suggestion import closest
from assay.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Callable, Mapping, Sequence

    from assay.contract import Contract, Law

__all__ = ["add_parser", "main"]

_NOT_YET: Final = "not judged yet"


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `laws` to the command line."""
    parser = subparsers.add_parser(
        "laws", help="list the laws", description="List the laws of an edition of the contract, judged and not."
    )
    parser.add_argument("--service", metavar="NAME", default="codestar-connections", help="default: %(default)s")
    parser.add_argument("--edition", metavar="DAY", help="such as 2019-12-19 (default: the newest)")
    parser.add_argument("--law", metavar="GLOB", action="append", help="only laws whose id matches; may be repeated")
    parser.add_argument(
        "--format", metavar="WORD", default="text", help="text, json or markdown (default: %(default)s)"
    )
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Print the catalogue."""
    if args.format not in _FORMATS:
        raise UsageError(f"--format {args.format!r}: there is no such format", hint="choose text, json or markdown")
    from assay.contract import load_contract  # noqa: PLC0415 - no usage error needs it
    from assay.suite import specs_root  # noqa: PLC0415

    contract = load_contract(args.service, args.edition, specs=specs_root())
    laws = [
        law for law in contract.laws.values() if not args.law or any(fnmatchcase(law.id, glob) for glob in args.law)
    ]
    if not laws:
        guess = closest(args.law[0], contract.laws)
        raise UsageError(
            f"--law {args.law[0]!r}: no law of {contract.service} {contract.edition} is called so",
            hint=f"did you mean {guess}?" if guess else "`assay laws` names them all",
        )
    write(_FORMATS[args.format](contract, laws))
    return 0


def _as_text(contract: Contract, laws: Sequence[Law]) -> str:
    parts = [_heading(contract, laws)]
    for noun, group in groupby(laws, lambda law: law.noun):
        parts.append(f"\n{noun}")
        for law in group:
            parts.append(f"\n  {law.id}")
            parts.append(paragraph(law.sentence, indent=4))
            parts.append(paragraph(f"{law.force}, {law.evidence}, {_since(law)}", indent=4))
            clauses = [(clause.force, f"{clause.sentence} ({clause.id})") for clause in law.clauses.values()]
            if clauses:
                parts.append(rows(clauses, indent=4))
    return "\n".join(parts)


def _as_json(contract: Contract, laws: Sequence[Law]) -> str:
    document = {
        "service": contract.service,
        "edition": contract.edition,
        "laws": [_record(law) for law in laws],
    }
    return json.dumps(document, indent=1)


def _as_markdown(contract: Contract, laws: Sequence[Law]) -> str:
    lines = [f"# {_heading(contract, laws)}"]
    for noun, group in groupby(laws, lambda law: law.noun):
        lines += ["", f"## {noun}", "", "| law | sentence | force | evidence | since |", "|---|---|---|---|---|"]
        for law in group:
            clauses = "".join(f"; {clause.force}: {clause.sentence}" for clause in law.clauses.values())
            cells = (f"`{law.id}`", law.sentence + clauses, law.force, law.evidence, law.since or _NOT_YET)
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _record(law: Law) -> dict[str, Any]:
    return {
        "id": law.id,
        "sentence": law.sentence,
        "force": law.force,
        "evidence": law.evidence,
        "confirmed_by": list(law.confirmed_by),
        "source": list(law.source),
        "why": law.why,
        "since": law.since,
        "pending": law.pending,
        "implied_by": list(law.implied_by),
        "on_aws": law.on_aws,
        "clauses": [
            {"id": clause.id, "sentence": clause.sentence, "force": clause.force} for clause in law.clauses.values()
        ],
    }


def _heading(contract: Contract, laws: Sequence[Law]) -> str:
    judged = sum(law.pending is None for law in laws)
    return f"{contract.service} {contract.edition}: {len(laws)} laws, {judged} judged by this release"


def _since(law: Law) -> str:
    return f"judged since {law.since}" if law.since else _NOT_YET


_FORMATS: Final[Mapping[str, Callable[[Contract, Sequence[Law]], str]]] = {
    "text": _as_text,
    "json": _as_json,
    "markdown": _as_markdown,
}
