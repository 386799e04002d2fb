"""The catalogue of laws as a page: every law of every edition, why we believe it, and what was made to break it.

    python docs/catalogue.py

A pure function of `specs/` and of the catalogue of mutants; the build of the documentation calls it.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Final

from assay.contract import available, load_contract
from assay.mutants import ALL
from assay.suite import specs_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.contract import Contract, Law

__all__ = ["catalogue"]

_OPENING: Final = """\
Made from `specs/` when this documentation was built: {laws} laws, in the words of the newest edition that holds them.

* **must** fails a run, **should** warns (and fails under `--strict`).
* **evidence** is the strongest reason to believe the law: *documented* in the words of AWS; *modelled* in the service
  model that the SDKs are made from; *observed* at AWS by somebody, who is named; *observed-cousin*, at another service
  of the same framework; *protocol*, from the description of awsJson or of HTTP; *inferred*, with the reason given.
* **mutants** are the servers with one fault that this law has to catch (`assay serve --mutant NAME`).
"""
_NOUNS: Final = {
    "connection": "Connections",
    "wire": "The wire",
    "auth": "Signatures",
    "concurrent": "Calls at once",
    "isolation": "Accounts",
}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>{}|])")


def catalogue() -> str:
    """The page, as Markdown."""
    specs = specs_root()
    contracts = [load_contract(each, day, specs=specs) for each, days in available(specs).items() for day in days]
    newest: dict[str, Law] = {}
    for contract in sorted(contracts, key=lambda each: (each.edition, each.service == "codestar-connections")):
        for law in contract.laws.values():
            newest[law.id] = law
    order = [law for contract in contracts for law in contract.laws]
    laws = sorted(newest.values(), key=lambda law: (list(_NOUNS).index(law.noun), order.index(law.id)))
    lines = [_OPENING.format(laws=len(laws))]
    for noun, group in groupby(laws, lambda law: law.noun):
        lines += [f"## {_NOUNS[noun]}", ""]
        for law in group:
            lines += _about(law, contracts)
    return "\n".join(lines)


def _about(law: Law, contracts: list[Contract]) -> Iterator[str]:
    yield f"### {law.id}"
    yield ""
    yield f"{_plain(law.sentence[:1].upper() + law.sentence[1:])}."
    yield ""
    on_aws = f" (*{law.on_aws}* on AWS itself)" if law.on_aws and law.on_aws != law.force else ""
    confirmed = f", also {' and '.join(law.confirmed_by)}" if law.confirmed_by else ""
    pending = f"; not judged yet: {_plain(law.pending)}" if law.pending else ""
    yield f"**{law.force}**{on_aws}, **{law.evidence}**{confirmed}{pending}. {_plain(law.why)}"
    yield ""
    for clause in law.clauses.values():
        yield f"* `{clause.id}`, **{clause.force}**: {_plain(clause.sentence)}"
    yield f"* source: {'; '.join(map(_source, law.source))}"
    for each in contracts:
        other = each.laws.get(law.id)
        if other is not None and (other.sentence, other.force) != (law.sentence, law.force):
            because = "; ".join(_source(one) for one in other.source if one not in law.source)
            also = f" ({because})" if because else ""
            yield f"* in {each.service} {each.edition}, **{other.force}**: {_plain(other.sentence)}{also}"
    editions = [f"{each.service} {each.edition}" for each in contracts if law.id in each.laws]
    if len(editions) < len(contracts):
        yield f"* only in {' and '.join(editions)}"
    if law.implied_by:
        yield f"* follows from {', '.join(_link(each) for each in law.implied_by)}"
    mutants = [name for name, mutant in _mutants().items() if law.id in mutant]
    if mutants:
        yield f"* mutants: {', '.join(f'`{name}`' for name in mutants)}"
    yield ""


def _mutants() -> Mapping[str, frozenset[str]]:
    return {mutant.name: frozenset(mutant.caught_by) for mutant in ALL.values()}


def _link(law: str) -> str:
    return f"[{law}](#{law.replace('.', '')})"


def _source(source: str) -> str:
    return f"<{source}>" if re.fullmatch(r"https://[!-~]+", source) else _plain(source)


def _plain(text: str) -> str:
    """Words of the contract, in which nothing means anything to Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


if __name__ == "__main__":
    sys.stdout.write(catalogue())
