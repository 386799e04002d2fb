"""The corpus: requests that no SDK would send, as data, and which answers to each are allowed.

`specs/wire/*.toml` holds rows. A row is a recipe and a promise, and where it says `bases` or `each` it stands for
several cases: one for each operation, one for each member. Members are looked up in the edition, so that one corpus
serves every edition of every service. The laws do not know the corpus: they read a request's bytes. What a case says of
its answers is held against them by a selftest, and printed by `assay show`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from assay.contract.document import Document, Library, key_path, merged
from assay.contract.suggestion import closest
from assay.contract.validation import check
from assay.errors import ContractError
from assay.recipe import WORDS, Recipe, unknown_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from assay.contract import Contract, Evidence, Force, Operation, Role

__all__ = ["Answers", "Case", "load_corpus"]

Answers: TypeAlias = Literal["accepted", "refused", "closed", "unimplemented"]

_ROOM: Final = "wire"
_PROMISES: Final = ("says", "law", "answers", "unchanged", "force", "evidence", "source", "why")
_CHOICES: Final = ("bases", "each", "value", "null", "missing", "case")
_TEXTS: Final = ("body", "target", "path", "literal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request: its id, what is odd about it in words, the law that judges it, and the answers that are allowed.

    `row` is the id of the row that it comes from, `member` the member that it is about, where it is about one;
    `unchanged` is what must be as it was after a refusal.
    """

    id: str
    row: str
    says: str
    law: str
    recipe: Recipe
    answers: frozenset[Answers]
    unchanged: frozenset[str]
    force: Force
    evidence: Evidence
    source: tuple[str, ...]
    why: str
    member: str | None = None


def load_corpus(contract: Contract, *, specs: Path) -> tuple[Case, ...]:
    """Every case for an edition, in the order of files and rows.

    Raises:
        ContractError: a file says what its schema forbids, names a law that there is not, or an unknown word.

    """
    library = Library(specs=specs)
    cases: list[Case] = []
    for file in sorted((specs / _ROOM).glob("*.toml")):
        document = library.document(_ROOM, file.name)
        check(document, library, "schemas/wire.schema.json")
        defaults = document.whole.get("defaults", {})
        for name, row in document.whole["cases"].items():
            whole = merged(defaults, row)
            _check_row(document, name, whole, contract)
            cases.extend(_cases(name, whole, contract))
    return tuple(cases)


def _check_row(document: Document, name: str, row: Mapping[str, Any], contract: Contract) -> None:
    def wrong(key: str, trouble: str, remedy: str) -> ContractError:
        path = ("cases", name, key)
        return ContractError(f"{document.file_of(path)}: {key_path(path)}: {trouble}; {remedy}")

    for key in ("law", "bases", "answers", "force", "evidence", "source", "why"):
        if key not in row:
            raise wrong(key, "missing", "add it, or a default of the file")
    if row["law"] not in contract.laws:
        guess = closest(row["law"], contract.laws)
        raise wrong("law", f"there is no law {row['law']!r}", f"write {guess!r}" if guess else "name a law")
    if ("each" in row) != any(key in row for key in ("value", "null", "missing", "case")):
        raise wrong("each", "a member without a change, or a change without a member", "give both")
    fields = [(key, str(row[key])) for key in _TEXTS if key in row]
    fields += [(key, value) for key in ("headers", "more_headers") for _, value in row.get(key, ())]
    for key, text in fields:
        for word in unknown_words(text):
            guess = closest(word, WORDS)
            raise wrong(key, f"<{word}> stands for nothing", f"write <{guess or 'members'}>")


def _cases(name: str, row: Mapping[str, Any], contract: Contract) -> Iterator[Case]:
    changes = {key: value for key, value in row.items() if key not in _PROMISES and key not in _CHOICES}
    for base in row["bases"]:
        operation = contract.by_role(base)
        recipe = Recipe.from_json({**changes, "base": base})
        if "each" not in row:
            yield _case(f"{name}/{operation.name}", name, row, recipe)
            continue
        for member in _members(operation, row["each"]):
            changed = _with_change(recipe, member, row, base, contract)
            if changed is not None:
                yield _case(f"{name}/{operation.name}.{member}", name, row, changed, member)


def _case(id_: str, name: str, row: Mapping[str, Any], recipe: Recipe, member: str | None = None) -> Case:
    return Case(
        id=id_,
        row=name,
        says=row["says"] if member is None else f"{row['says']}: {member}",
        law=row["law"],
        recipe=recipe,
        answers=frozenset(row["answers"]),
        unchanged=frozenset(row.get("unchanged", ())),
        force=row["force"],
        evidence=row["evidence"],
        source=tuple(row["source"]),
        why=row["why"],
        member=member,
    )


def _members(operation: Operation, which: str) -> Iterator[str]:
    for member, schema in operation.members.items():
        required = member in operation.required
        if which in {"any", schema.get("type"), "required" if required else "optional"}:
            yield member


def _with_change(
    recipe: Recipe, member: str, row: Mapping[str, Any], base: Role, contract: Contract
) -> Recipe | None:
    """The recipe with its change to one member; None where it cannot be had."""
    if "null" in row:
        if base == "create" and member == contract.resource.kind:
            return None  # whether it may be absent is connection.create.required's to say
        return replace(recipe, members={**recipe.members, member: None})
    if "missing" in row:
        return replace(recipe, without=(*recipe.without, member))
    if "case" in row:
        spelt = {"lower": member.lower(), "upper": member.upper(), "camel": member[0].lower() + member[1:]}[row["case"]]
        word = "<arn>" if member == contract.resource.identity else "<name>"
        rest = "".join(f',"{name}":"{contract.kinds[0]}"' for name in (contract.resource.kind,) if base == "create")
        if member not in {contract.resource.identity, contract.resource.name}:
            return None
        return replace(recipe, body=f'{{"{spelt}":{word}{rest}}}')
    return replace(recipe, members={**recipe.members, member: row["value"]})
