"""Each mutant really has its fault: calls written by hand that the reference and the mutant answer differently."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.errors import UsageError
from assay.mutants import ALL, Mutant, mutant, named
from assay.reference import BackgroundReference
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.reference.parts import Parts

Showing = Callable[[RawClient], bool]
SHOWN: dict[str, Showing] = {}


def shows(name: str) -> Callable[[Showing], Showing]:
    """Enter a function that answers True where the fault shows."""

    def enter(function: Showing) -> Showing:
        SHOWN[name] = function
        return function

    return enter


@shows("name.duplicate-accepted")
def _duplicate_accepted(client: RawClient) -> bool:
    client.create("one")
    return client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub").status == 200


@shows("name.duplicate-accepted-among-many")
def _duplicate_accepted_among_many(client: RawClient) -> bool:
    client.create_many(19)
    assert client.call("CreateConnection", ConnectionName="c-0", ProviderType="GitHub").status == 400
    client.create("the-twentieth")
    return client.call("CreateConnection", ConnectionName="c-0", ProviderType="GitHub").status == 200


@shows("arn.from-name")
def _arn_from_name(client: RawClient) -> bool:
    first = client.create("one")
    client.delete(first)
    return client.create("one") == first


@shows("arn.freed-given-again")
def _freed_given_again(client: RawClient) -> bool:
    first = client.create("one")
    client.delete(first)
    assert first not in client.create_many(5)
    return client.create("one") == first and client.get(first).members["Connection"]["ConnectionName"] == "one"


@shows("status.active")
def _active(client: RawClient) -> bool:
    arn = client.create("one")
    shown = [client.get(arn).members["Connection"], *client.page()["Connections"]]
    return [connection["ConnectionStatus"] for connection in shown] == ["ACTIVE", "ACTIVE"]


@shows("status.missing-in-list")
def _missing_in_list(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.get(arn).members["Connection"]["ConnectionStatus"] == "PENDING"
    return "ConnectionStatus" not in client.page()["Connections"][0]


@shows("list.last-item-lost")
def _last_item_lost(client: RawClient) -> bool:
    arns = client.create_many(4)
    assert client.arns(MaxResults=3) == arns
    return client.arns(MaxResults=2) == arns[:3]


@shows("list.first-item-repeated")
def _first_item_repeated(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.arns(MaxResults=1) == arns
    return client.arns(MaxResults=2) == [arns[0], arns[1], arns[1], arns[2]]


@shows("list.offset-token")
def _offset_token(client: RawClient) -> bool:
    arns = client.create_many(4)
    assert client.arns(MaxResults=2) == arns
    token = client.page(MaxResults=2)["NextToken"]
    client.delete(arns[0])
    return client.arns(NextToken=token) == arns[3:]


@shows("list.token-leads-back")
def _token_leads_back(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.arns() == arns
    return client.walk(MaxResults=2, pages=4) == [arns[:2], arns[2:]] * 2


@shows("list.max-results-ignored")
def _max_results_ignored(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.call("ListConnections", MaxResults=101).status == 400
    return client.walk(MaxResults=2) == [arns]


@shows("list.filter-forgotten")
def _filter_forgotten(client: RawClient) -> bool:
    arns = [client.create(str(number), kind) for number, kind in enumerate(["GitHub", "GitHub", "Bitbucket", "GitHub"])]
    return client.arns(MaxResults=1, ProviderTypeFilter="GitHub") == arns


@shows("delete.stays-listed")
def _stays_listed(client: RawClient) -> bool:
    arns = client.create_many(3)
    assert client.delete(arns[1]).status == 200
    assert client.get(arns[1]).code == "ResourceNotFoundException"
    client.create("c-1")
    return client.arns(MaxResults=2)[:3] == arns


@shows("delete.takes-the-next")
def _takes_the_next(client: RawClient) -> bool:
    arns = client.create_many(3)
    client.delete(arns[0])
    return client.arns() == arns[2:]


@shows("get.unknown-answered")
def _unknown_answered(client: RawClient) -> bool:
    arn = client.create("one")
    client.delete(arn)
    return client.get(arn).status == 200


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(reference: BackgroundReference, name: str) -> None:
    """The same calls; only one of the two answers as it should."""
    assert not SHOWN[name](RawClient(reference.endpoint_url))
    with BackgroundReference(mutant=name) as server:
        assert SHOWN[name](RawClient(server.endpoint_url))
        assert server.complaints() == ""


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_mutant_keeps_its_fault_in_a_state_file(name: str, tmp_path: Path) -> None:
    """No fault runs into what the file forbids."""
    with BackgroundReference(mutant=name, state=tmp_path / "state.db") as server:
        assert SHOWN[name](RawClient(server.endpoint_url))
        assert server.complaints() == ""


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_mutant_is_otherwise_the_reference(reference: BackgroundReference, name: str) -> None:
    """One connection through its whole life, where none of the faults can show."""

    def life(client: RawClient) -> str:
        made = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
        arn = made.members["ConnectionArn"]
        got = client.get(arn).members["Connection"]
        got.pop("ConnectionStatus")
        listed = client.page(MaxResults=50)["Connections"]
        again = client.call("ListConnections", NextToken="forged")
        account = arn.split(":")[4]
        told = str([made.status, list(got.items()), len(listed), again.status, client.delete(arn).body])
        return told.replace(arn, "ARN").replace(account, "ACCOUNT")

    with BackgroundReference(mutant=name) as server:
        assert life(RawClient(server.endpoint_url)) == life(RawClient(reference.endpoint_url))


def test_every_mutant_is_shown_somewhere() -> None:
    """Each of them has a showing by its name: here, or in the module of its noun."""
    written = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_mutants*.py"))
    assert [name for name in ALL if f'"{name}"' not in written] == []


def test_every_mutant_tells_its_story() -> None:
    """A first line of its own, a reason, and laws with their permanent ids."""
    assert len(ALL) >= 15
    for name, one in ALL.items():
        assert isinstance(one, Mutant)
        assert one.name == name
        first, _, reason = one.description.partition("\n\n")
        assert first.endswith(".") or first.count("\n")
        assert reason
        assert all(
            re.fullmatch(r"(connection|wire|auth|concurrent|isolation)(\.[a-z-]+)+", law) for law in one.caught_by
        )


def test_the_catalogue_refuses_what_it_could_not_render() -> None:
    """A second mutant of a name, a name that is none, no docstring."""

    def untold(parts: Parts) -> Parts:
        return parts

    with pytest.raises(ValueError, match="no name"):
        mutant("name.duplicate-accepted", caught_by=("connection.name.unique",))
    with pytest.raises(ValueError, match="no name"):
        mutant("Nonsense", caught_by=("connection.name.unique",))
    with pytest.raises(ValueError, match="docstring"):
        mutant("name.untold", caught_by=("connection.name.unique",))(untold)
    assert "name.untold" not in ALL


def test_an_unknown_mutant_is_answered_with_the_nearest() -> None:
    """For people who mistype."""
    with pytest.raises(UsageError, match=r"did you mean list\.offset-token\?"):
        named("list.ofset-token")


def test_the_reference_holds_no_fault() -> None:
    """No module of it speaks of mutants but the one that starts a server with one."""
    folder = Path(named.__code__.co_filename).parents[1] / "reference"
    importing = {path.name for path in folder.glob("*.py") if "assay.mutants" in path.read_text(encoding="utf-8")}
    assert importing == {"server.py"}
