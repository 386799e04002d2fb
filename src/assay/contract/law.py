"""A law as a value: what is required, how hard, and why we believe it. How it is judged is another room's business.

The rows of `laws.toml` are checked by their schema before they come here; this module fills in the edition's figures
and leaves out what does not hold in the edition. Sentences never hold figures themselves: a placeholder that is not
known stops the loading, because a report that shows a brace to an emulator's author has lost him.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from assay.contract.document import Document, key_path
from assay.contract.suggestion import closest
from assay.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["Clause", "Evidence", "Force", "Law", "laws_from"]

Force = Literal["must", "should"]
Evidence = Literal["documented", "modelled", "observed", "observed-cousin", "protocol", "inferred"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of a law whose force is another, such as the error code of a refusal that is a must."""

    id: str
    sentence: str
    force: Force
    #: A law whose force is this clause's as well, also where the caller gives that law another.
    follows: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One requirement, under its permanent id."""

    id: str
    sentence: str
    force: Force
    evidence: Evidence
    #: What else speaks for the law, beside `evidence`, which is the strongest.
    confirmed_by: tuple[Evidence, ...]
    source: tuple[str, ...]
    why: str
    #: The release that judged it first; None where `pending` says why it is not judged yet.
    since: str | None
    pending: str | None
    #: More special laws: where one of them is broken by the same calls, this one breaks as a consequence.
    implied_by: tuple[str, ...]
    #: What a run must have beside an endpoint, such as `handshake`; None where it needs nothing.
    needs: str | None
    #: The force on AWS itself, where it is another.
    on_aws: Force | None
    clauses: Mapping[str, Clause]

    @property
    def noun(self) -> str:
        """What the law is about: `connection`, `wire`, `auth`, `concurrent`, `isolation`."""
        return self.id.partition(".")[0]


def laws_from(
    document: Document, *, edition: str, editions: Collection[str], figures: Mapping[str, str]
) -> Mapping[str, Law]:
    """The laws that hold in an edition, their sentences filled with its figures, in the order of the file."""
    rows: Mapping[str, Mapping[str, Any]] = document.whole["laws"]
    _check_implications(document, rows)
    _check_editions(document, rows, editions)
    laws = {}
    for law_id, row in rows.items():

        def text(*path: str, row_id: str = law_id) -> str:
            return _filled(document, ("laws", row_id, *path), figures)

        # Every row is filled, also one that this edition leaves out: a typo must not wait for another edition.
        law = _law_from(law_id, row, edition=edition, text=text)
        if _holds(row, edition):
            laws[law_id] = law
    return MappingProxyType(laws)


def _law_from(law_id: str, row: Mapping[str, Any], *, edition: str, text: Callable[..., str]) -> Law:
    clauses = {
        clause_id: Clause(
            id=clause_id,
            sentence=text("clauses", clause_id, "sentence"),
            force=clause["force"],
            follows=clause.get("follows"),
        )
        for clause_id, clause in row.get("clauses", {}).items()
    }
    return Law(
        id=law_id,
        sentence=text("sentence"),
        force=row["force"],
        evidence=row["evidence"],
        confirmed_by=tuple(row.get("confirmed_by", ())),
        source=tuple(row["source"]),
        why=text("why"),
        since=row.get("since"),
        pending=row.get("pending"),
        implied_by=tuple(row.get("implied_by", ())),
        needs=row.get("needs"),
        on_aws=row.get("on_aws"),
        clauses=MappingProxyType(
            {clause_id: clause for clause_id, clause in clauses.items() if _holds(row["clauses"][clause_id], edition)}
        ),
    )


def _holds(row: Mapping[str, Any], edition: str) -> bool:
    return edition in row.get("editions", (edition,))


def _filled(document: Document, path: tuple[str, ...], figures: Mapping[str, str]) -> str:
    """The text at a path with its placeholders filled in."""
    value: Any = document.whole
    for step in path:
        value = value[step]

    def figure(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in figures:
            raise ContractError(
                f"{document.file_of(path)}: {key_path(path)}: {match.group()} is no placeholder; "
                f"write {{{closest(name, figures) or next(iter(figures))}}} or another of {', '.join(figures)}"
            )
        return figures[name]

    return _PLACEHOLDER.sub(figure, str(value))


def _check_editions(document: Document, rows: Mapping[str, Mapping[str, Any]], editions: Collection[str]) -> None:
    """Every edition that a law or a clause names is one: a typo would take the law out of all of them, unseen."""
    for law_id, row in rows.items():
        places: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [(("laws", law_id), row)]
        places += [(("laws", law_id, "clauses", key), clause) for key, clause in row.get("clauses", {}).items()]
        for place, part in places:
            for index, edition in enumerate(part.get("editions", ())):
                if edition not in editions:
                    path: tuple[str | int, ...] = (*place, "editions", index)
                    raise ContractError(
                        f"{document.file_of(path)}: {key_path(path)}: there is no edition {edition}; "
                        f"write one of {', '.join(sorted(editions))}"
                    )


def _check_implications(document: Document, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Every law named by `implied_by` or `follows` exists, and no law follows from itself."""
    for law_id, row in rows.items():
        named: list[tuple[tuple[str | int, ...], str]] = [
            (("laws", law_id, "implied_by", index), cause) for index, cause in enumerate(row.get("implied_by", ()))
        ]
        named += [
            (("laws", law_id, "clauses", clause_id, "follows"), clause["follows"])
            for clause_id, clause in row.get("clauses", {}).items()
            if "follows" in clause
        ]
        for path, cause in named:
            if cause not in rows:
                guess = closest(cause, rows)
                remedy = f"write {guess!r}" if guess else "name a law of this file"
                raise ContractError(f"{document.file_of(path)}: {key_path(path)}: there is no law {cause!r}; {remedy}")
    for law_id in rows:
        reached: set[str] = set()
        ahead = list(rows[law_id].get("implied_by", ()))
        while ahead:
            cause = ahead.pop()
            if cause == law_id:
                circle = ("laws", law_id, "implied_by")
                raise ContractError(
                    f"{document.file_of(circle)}: {key_path(circle)}: the law follows from itself; cut the circle"
                )
            if cause not in reached:
                reached.add(cause)
                ahead.extend(rows[cause].get("implied_by", ()))
