"""The catalogue of laws against a list that was copied by hand: an id or a force that changes, changes for users."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from assay.contract import Contract, Evidence, Force, available, load_contract

_SPECS = Path(__file__).parent.parent / "specs"
_CONTRACTS = [(service, edition) for service, editions in available(_SPECS).items() for edition in editions]

# id, force, evidence (the strongest first), clauses
_CATALOGUE = """
connection.name.unique           must    documented
connection.name.exact            should  inferred
connection.name.reusable         should  inferred
connection.name.preserved        must    inferred
connection.name.length           must    modelled observed    | control-characters
connection.arn.well-formed       must    modelled
connection.arn.form              should  observed
connection.arn.never-reused      must    documented
connection.arn.stable            must    inferred
connection.status.enum           must    modelled
connection.status.pending        must    documented observed
connection.status.agrees         must    inferred
connection.handshake.completes   must    documented
connection.handshake.only        must    inferred             | owner
connection.owner.account         must    modelled
connection.provider.preserved    must    inferred
connection.create.accepts        must    modelled
connection.create.required       must    modelled documented  | neither
connection.create.provider       must    modelled             | other-edition
connection.create.no-trace       must    inferred
connection.get.unknown           must    modelled observed
connection.get.details           must    documented           | owner
connection.arn.exact             must    inferred
connection.arn.required          must    modelled
connection.arn.malformed         must    inferred             | code
connection.list.filter-value     should  inferred
connection.delete.removes        must    documented observed
connection.delete.only           must    inferred
connection.delete.unknown        must    modelled observed
connection.delete.empty          must    documented
connection.list.complete         must    documented
connection.list.once             must    documented           | overlapping
connection.list.truth            must    inferred
connection.list.terminates       must    documented
connection.list.page-size        must    documented
connection.list.max-results      must    modelled
connection.list.token            must    modelled
connection.list.token-forged     should  inferred
connection.list.filter           must    documented
connection.list.agrees           must    inferred
wire.schema                      must    modelled
wire.no-server-error             must    protocol
wire.readable                    must    protocol
wire.content-type                must    protocol             | errors
wire.request-id                  should  observed-cousin
wire.error-shape                 must    protocol
wire.error-status                must    documented observed
wire.target                      must    observed
wire.sdk                         must    protocol
wire.unknown-operation           must    observed-cousin      | case status
wire.malformed-json              must    observed-cousin      | code encoding extensions
wire.wrong-type                  must    observed-cousin
wire.unknown-members             must    protocol             | case
wire.null-members                should  protocol
wire.charset                     must    protocol
auth.missing                     must    observed-cousin
auth.signature                   must    observed-cousin
auth.tampered                    must    observed-cousin
auth.expired                     must    observed-cousin
auth.unknown-key                 must    observed-cousin
concurrent.name.unique           must    documented           | exactly-one
concurrent.delete.once           must    inferred
concurrent.linearizable          must    inferred             | names refusal
concurrent.list.stable           must    documented
isolation.account                must    inferred
"""

_JUDGED = {"schema", "no-server-error", "content-type", "request-id", "error-shape", "error-status", "linearizable"}
_JUDGED_LATER = {
    **dict.fromkeys(("readable", "target", "unknown-operation", "malformed-json", "wrong-type"), "0.2.0"),
    **dict.fromkeys(("unknown-members", "null-members", "charset", "sdk"), "0.2.0"),
}
_SECOND_RELEASE = {
    *("concurrent.name.unique", "concurrent.delete.once", "concurrent.list.stable"),
    *("connection.handshake.completes", "connection.handshake.only"),
}


def _rows() -> dict[str, tuple[str, list[str], set[str]]]:
    rows = {}
    for line in _CATALOGUE.strip().splitlines():
        stated, _, clauses = line.partition("|")
        law_id, force, *evidence = stated.split()
        rows[law_id] = (force, evidence, set(clauses.split()))
    return rows


@pytest.fixture(params=_CONTRACTS, ids="/".join)
def contract(request: pytest.FixtureRequest) -> Contract:
    """Each edition of each service."""
    service, edition = request.param
    return load_contract(service, edition, specs=_SPECS)


def _expected(contract: Contract) -> dict[str, tuple[str, list[str], set[str]]]:
    """The catalogue as it is in one contract: what differs is said here a second time, on purpose."""
    rows = _rows()
    if contract.edition == "2019-12-19":
        rows["connection.create.required"][2].remove("neither")
    if contract.service == "codeconnections":
        rows["wire.error-status"] = ("should", ["documented", "observed"], {"model-status"})
    return rows


def test_every_law_is_there_with_its_force_its_evidence_and_its_clauses(contract: Contract) -> None:
    """No law is lost, none is new, and none means more or less than it did."""
    found = {law.id: (law.force, [law.evidence, *law.confirmed_by], set(law.clauses)) for law in contract.laws.values()}
    assert found == _expected(contract)


def test_every_clause_is_a_should_and_knows_its_own_name(contract: Contract) -> None:
    """Every clause is softer than its law, but for one that is as hard as another law."""
    clauses = [(key, clause) for law in contract.laws.values() for key, clause in law.clauses.items()]
    assert all(clause.id == key for key, clause in clauses)
    assert {clause.follows for _, clause in clauses if clause.force != "should"} == {"connection.name.unique"}


def test_only_names_are_softer_on_aws(contract: Contract) -> None:
    """What AWS does with a duplicate name was never published, so on AWS itself the law is a should."""
    softer = {law.id: law.on_aws for law in contract.laws.values() if law.on_aws}
    assert softer == {"connection.name.unique": "should", "concurrent.name.unique": "should"}


def test_a_law_is_judged_since_a_release_or_says_why_it_is_not(contract: Contract) -> None:
    """All laws of connections are judged, those of the wire, of races and of signatures."""
    for law in contract.laws.values():
        word = law.id.removeprefix(f"{law.noun}.")
        since = "0.1.0" if law.noun == "connection" or word in _JUDGED else _JUDGED_LATER.get(word)
        since = "0.2.0" if law.id in _SECOND_RELEASE or law.noun in {"auth", "isolation"} else since
        assert (law.since, law.pending is None) == (since, since is not None), law.id


def test_every_word_of_a_law_is_one_that_the_types_allow(contract: Contract) -> None:
    """Force and evidence are plain strings at run time, and no others than the types name."""
    for law in contract.laws.values():
        assert law.force in get_args(Force)
        assert {law.evidence, *law.confirmed_by} <= set(get_args(Evidence))
        assert law.evidence not in law.confirmed_by


def test_sentences_are_whole_and_say_nothing_twice(contract: Contract) -> None:
    """A sentence is read alone: no placeholder is left, no full stop ends it, no two laws say the same."""
    texts = [law.sentence for law in contract.laws.values()]
    texts += [clause.sentence for law in contract.laws.values() for clause in law.clauses.values()]
    assert not [text for text in texts if re.search(r"[{}\n]|\.$|  ", text)]
    sentences = [law.sentence for law in contract.laws.values()]
    assert len(set(sentences)) == len(sentences)
    assert not [
        law.id for law in contract.laws.values() if not law.why.endswith(".") or "\n" in law.why or "{" in law.why
    ]


def test_sentences_hold_the_figures_of_their_edition() -> None:
    """The same row says 50 in the first edition and 100 today."""
    old, new = (load_contract(edition=edition, specs=_SPECS) for edition in ("2019-12-19", "2026-11-10"))
    law = "connection.list.max-results"
    assert old.laws[law].sentence == "MaxResults of 1 to 50 is accepted, and 0 and 51 are refused"
    assert new.laws[law].sentence == "MaxResults of 1 to 100 is accepted, and -1 and 101 are refused"
    assert old.laws["connection.create.required"].sentence == "Create without ProviderType or ConnectionName is refused"
    assert new.laws["connection.create.required"].sentence == "Create without ConnectionName is refused"


def test_a_should_never_hides_that_a_must_is_broken_but_where_it_is_meant(contract: Contract) -> None:
    """A soft fault is not to fail a run by its consequence; these are all the pairs where it could."""
    softened = {
        (law.id, cause)
        for law in contract.laws.values()
        for cause in law.implied_by
        if law.force == "must" and contract.laws[cause].force == "should"
    }
    assert softened == {
        ("connection.create.accepts", "connection.name.exact"),
        ("connection.create.accepts", "connection.name.reusable"),
        ("connection.create.accepts", "wire.null-members"),
        ("connection.list.filter", "connection.list.filter-value"),
    }
