"""Where liberties of lists show: order, pages, tokens, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selftests.showings import Showings

if TYPE_CHECKING:
    from selftests.raw_client import RawClient

SHOWN = Showings()


def orders(client: RawClient) -> tuple[list[str], list[str], list[str]]:
    """Names as they were made, and as two walks in pages of three show them."""
    made = [f"{letter}{number}" for number, letter in enumerate("qwertyuiopasdfgh")]
    for name in made:
        client.create(name)
    walks = []
    for _ in range(2):
        token: dict[str, str] = {}
        names: list[str] = []
        while True:
            page = client.page(MaxResults=3, **token)
            names += [item["ConnectionName"] for item in page["Connections"]]
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        assert sorted(names) == sorted(made)
        walks.append(names)
    return made, walks[0], walks[1]


@SHOWN.of("order.by-name")
def _by_name(client: RawClient) -> bool:
    made, first, second = orders(client)
    return first == second == sorted(made)


@SHOWN.of("order.newest-first")
def _newest_first(client: RawClient) -> bool:
    made, first, second = orders(client)
    return first == second == made[::-1]


@SHOWN.of("order.by-hash")
def _by_hash(client: RawClient) -> bool:
    made, first, second = orders(client)
    return first == second and first not in (made, made[::-1], sorted(made))


@SHOWN.of("order.shuffled")
def _shuffled(client: RawClient) -> bool:
    _, first, second = orders(client)
    return first != second


@SHOWN.of("page.shorter")
def _shorter(client: RawClient) -> bool:
    arns = client.create_many(30)
    pages = client.walk(MaxResults=10)
    assert [arn for page in pages for arn in page] == arns
    return any(len(page) < 10 for page in pages[:-1])


@SHOWN.of("page.empty-between")
def _empty_between(client: RawClient) -> bool:
    arns = client.create_many(5)
    return client.walk(MaxResults=2) == [arns[:2], [], arns[2:4], [], arns[4:]]


@SHOWN.of("page.empty-last")
def _empty_last(client: RawClient) -> bool:
    arns = client.create_many(3)
    return client.walk(MaxResults=2) == [arns[:2], arns[2:], []]


def a_token(client: RawClient) -> str:
    client.create_many(3)
    token = client.page(MaxResults=1)["NextToken"]
    assert len(client.page(NextToken=token)["Connections"]) == 2
    assert client.call("ListConnections", NextToken=token[:-1] + "!").status == 400
    return token


@SHOWN.of("token.fresh")
def _fresh(client: RawClient) -> bool:
    return a_token(client) != client.page(MaxResults=1)["NextToken"]


@SHOWN.of("token.longest")
def _longest_token(client: RawClient) -> bool:
    return len(a_token(client)) == 1024


@SHOWN.of("token.plus-and-slash")
def _plus_and_slash(client: RawClient) -> bool:
    return {"+", "/", "="} <= set(a_token(client))


@SHOWN.of("token.once")
def _once(client: RawClient) -> bool:
    return client.call("ListConnections", NextToken=a_token(client)).status == 400


@SHOWN.of("size.zero-refused")
def _zero_refused(client: RawClient) -> bool:
    return client.call("ListConnections", MaxResults=0).status == 400


@SHOWN.of("size.zero-means-all")
def _zero_means_all(client: RawClient) -> bool:
    arns = client.create_many(52)
    return client.walk(MaxResults=0) == [arns]


@SHOWN.of("size.zero-means-one")
def _zero_means_one(client: RawClient) -> bool:
    arns = client.create_many(3)
    return client.walk(MaxResults=0) == [[arn] for arn in arns]


@SHOWN.of("size.float-refused")
def _float_refused(client: RawClient) -> bool:
    return client.call("ListConnections", MaxResults=5.0).code == "SerializationException"


@SHOWN.of("list.absent-when-empty")
def _absent_when_empty(client: RawClient) -> bool:
    empty = client.page()
    client.create("one")
    assert len(client.page()["Connections"]) == 1
    return empty == {}


@SHOWN.of("list.null-when-empty")
def _null_when_empty(client: RawClient) -> bool:
    return client.page() == {"Connections": None}
