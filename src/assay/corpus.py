"""The corpus: requests that no SDK would send, as data, and which answers to each are allowed.

`specs/wire/*.toml` holds rows. A row is a recipe and a promise, and where it says `bases` or `each` it stands for
several cases: one for each operation, one for each member. Members and their bounds are looked up in the edition, so
that one corpus serves every edition of every service. The laws do not know the corpus: they read a request's bytes.
What a case says of its answers is held against them by a selftest, and printed by `assay show`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from assay.contract.document import Document, Library, key_path, merged
from assay.contract.suggestion import closest
from assay.contract.validation import check
from assay.edges import edge_of, figure_at, filled
from assay.errors import ContractError
from assay.recipe import WORDS, Recipe, unknown_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from assay.contract import Contract, Evidence, Force, Operation

__all__ = ["Answers", "Case", "load_corpus"]

Answers: TypeAlias = Literal["accepted", "refused", "closed", "unimplemented"]

_ROOM: Final = "wire"
_PROMISES: Final = ("says", "law", "answers", "unchanged", "force", "evidence", "source", "why")
_CHANGES: Final = ("value", "null", "missing", "case", "edge")
_CHOICES: Final = ("bases", "each", *_CHANGES)
_TEXTS: Final = ("body", "target", "path", "literal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request: its id, what is odd about it in words, the law that judges it, and the answers that are allowed.

    `row` is the id of the row that it comes from, `member` the member that it is about, where it is about one, as in
    `ConnectionName` or `Tags.Key`. `name_length` is how many characters the fresh name has, where it is about that.
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
    name_length: int | None = None


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
    if ("each" in row) != any(key in row for key in _CHANGES):
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
        for path, schema in _members(operation, row["each"], contract):
            id_ = f"{name}/{operation.name}.{path}"
            if "edge" in row and base == "create" and path == contract.resource.name:
                figure = figure_at(schema, row["edge"])
                if figure is not None:
                    yield replace(_case(id_, name, row, recipe, path), name_length=figure)
                continue
            changed = _with_change(recipe, operation, (path, schema), row, contract)
            if changed is not None:
                yield _case(id_, name, row, changed, path)


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


def _members(operation: Operation, which: str, contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The members of an input that a word speaks of, with their schemas; `Tags.Key` is one of the items of a list."""
    outer, _, inner = which.partition(".")
    if outer in operation.members:
        schema = operation.members[outer]
        if inner:
            schema = schema["items"]["properties"][inner]
        yield which, schema
        return
    for member, schema in operation.members.items():
        required = member in operation.required
        word = "required" if required else "optional"
        if not required and operation.role == "create" and member == contract.resource.kind:
            word = "provider"  # whether it may be absent is connection.create.required's to say
        if which in {"any", schema.get("type"), word}:
            yield member, schema


def _with_change(
    recipe: Recipe,
    operation: Operation,
    of: tuple[str, Mapping[str, Any]],
    row: Mapping[str, Any],
    contract: Contract,
) -> Recipe | None:
    """The recipe with its change to one member; None where it cannot be had."""
    path, schema = of
    if "missing" in row:
        return replace(recipe, without=(*recipe.without, path))
    if "case" in row:
        spelt = {"lower": path.lower(), "upper": path.upper(), "camel": path[0].lower() + path[1:]}[row["case"]]
        word = "<arn>" if path == contract.resource.identity else "<name>"
        is_created = operation.role == "create"
        rest = "".join(f',"{name}":"{contract.kinds[0]}"' for name in (contract.resource.kind,) if is_created)
        if path not in {contract.resource.identity, contract.resource.name}:
            return None
        return replace(recipe, body=f'{{"{spelt}":{word}{rest}}}')
    if "null" in row:
        value = None
    elif "edge" in row:
        value = edge_of(schema, row["edge"], contract.service)
        if value is None:
            return None
    else:
        value = row["value"]
    member, _, inner = path.partition(".")
    if inner:
        value = [{**filled(operation.members[member]["items"], contract.service), inner: value}]
    return replace(recipe, members={**recipe.members, member: value})
