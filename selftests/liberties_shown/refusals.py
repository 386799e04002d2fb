"""Where liberties of refusals show: what is refused, by whom, and in which words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from selftests.liberties_shown.calls import UNKNOWN, on_the_wire, refused
from selftests.showings import Showings

if TYPE_CHECKING:
    from selftests.raw_client import RawClient

SHOWN = Showings()


@SHOWN.of("host.wanted")
def _host_wanted(client: RawClient) -> bool:
    client.create("one", "GitHub")
    statuses = [
        client.call("CreateConnection", ConnectionName=kind, ProviderType=kind).status
        for kind in ("GitHubEnterpriseServer", "GitLabSelfManaged")
    ]
    return statuses == [400, 400]


@SHOWN.of("name.utf16-units")
def _utf16_units(client: RawClient) -> bool:
    client.create("😀" * 16)
    client.create("é" * 32)
    return client.call("CreateConnection", ConnectionName="😀" * 17, ProviderType="GitHub").status == 400


@SHOWN.of("body.empty-refused")
def _empty_refused(client: RawClient) -> bool:
    return client.send(b"", client.headers("ListConnections")).code == "SerializationException"


def _lists(client: RawClient, body: Any = b"{}", path: str = "/", method: str = "POST", **fields: str) -> int:
    """The status that a List gets."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.send(body, {**client.headers("ListConnections"), **named}, method=method, path=path).status


@SHOWN.of("front.pages")
def _pages(client: RawClient) -> bool:
    assert (_lists(client), _lists(client, method="GET"), _lists(client, path="/x")) == (200, 405, 404)
    answer = client.send(b"", client.headers("ListConnections"), method="PUT")
    return answer.body.startswith(b"<html>")


@SHOWN.of("front.forbids")
def _forbids(client: RawClient) -> bool:
    return _lists(client) == 200 and _lists(client, path="/?a=b") == _lists(client, path="/x") == 403


@SHOWN.of("front.any-path")
def _any_path(client: RawClient) -> bool:
    return _lists(client) == _lists(client, path="/nobody/knows") == 200


@SHOWN.of("front.preflight")
def _preflight(client: RawClient) -> bool:
    answer = client.send(None, {}, method="OPTIONS")
    return (answer.status, answer.headers.get("access-control-allow-origin")) == (200, "*")


def _typed(client: RawClient, content_type: str) -> tuple[int, Any]:
    fields = client.headers("CreateConnection") | {"Content-Type": content_type}
    answer = client.send(b'{"ConnectionName":"typed","ProviderType":"GitHub"}', fields)
    return answer.status, answer.members.get("Output", {}).get("__type", "").rpartition("#")[2]


@SHOWN.of("type.looked-at")
def _looked_at(client: RawClient) -> bool:
    refused = _typed(client, "application/json") == (404, "UnknownOperationException") and client.arns() == []
    return refused and _typed(client, "Application/X-Amz-Json-1.0 ; charset=utf-8")[0] == 200


@SHOWN.of("type.looked-at-with-200")
def _looked_at_with_200(client: RawClient) -> bool:
    return _typed(client, "application/json") == (200, "UnknownOperationException") and client.arns() == []


@SHOWN.of("tags.fifty")
def _fifty_tags(client: RawClient) -> bool:
    def tagged(count: int) -> Any:
        tags = [{"Key": f"k{number}", "Value": "v"} for number in range(count)]
        return client.call("CreateConnection", ConnectionName=f"c-{count}", ProviderType="GitHub", Tags=tags)

    assert tagged(50).status == 200
    return tagged(51).code == "LimitExceededException"


@SHOWN.of("host.unknown-in-a-filter")
def _unknown_in_a_filter(client: RawClient) -> bool:
    host = "arn:aws:codestar-connections:us-east-1:000000000000:host/nobodys"
    return client.call("ListConnections", HostArnFilter=host).code == "ResourceNotFoundException"


@SHOWN.of("size.long-not-serializable")
def _long_not_serializable(client: RawClient) -> bool:
    assert client.call("ListConnections", MaxResults=2**31 - 1).code == "ValidationException"
    return client.call("ListConnections", MaxResults=2**31).code == "SerializationException"


@SHOWN.of("refusal.header-beside-code")
def _header_beside_code(client: RawClient) -> bool:
    answer = refused(client)
    said = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    return (said, answer.members.get("code")) == ("ResourceNotFoundException", 400) and "__type" not in answer.members


@SHOWN.of("front.no-chunks")
def _no_chunks(client: RawClient) -> bool:
    return _lists(client) == 200 and _lists(client, iter([b"{", b"}"])) == 411


@SHOWN.of("front.no-expectations")
def _no_expectations(client: RawClient) -> bool:
    head, _ = on_the_wire(client, headers={"Expect": "100-continue"})
    return head.startswith(b"HTTP/1.1 417")


@SHOWN.of("front.small-requests")
def _small_requests(client: RawClient) -> bool:
    long = _lists(client, b"{" + b" " * 200_000 + b"}"), _lists(client, path="/" + "x" * 5000)
    return (*long, _lists(client, X_Long="x" * 9000)) == (413, 414, 431)


@SHOWN.of("front.closes-after-errors")
def _closes_after_errors(client: RawClient) -> bool:
    assert "connection" not in client.call("ListConnections").headers
    return client.call("ListConnections", MaxResults=-1).headers.get("connection") == "close"


@SHOWN.of("json.skips-mark")
def _skips_mark(client: RawClient) -> bool:
    return _lists(client, b"\xef\xbb\xbf{}") == 200


@SHOWN.of("json.refuses-twins")
def _refuses_twins(client: RawClient) -> bool:
    return _lists(client) == 200 and _lists(client, b'{"X":1,"X":2}') == 400


@SHOWN.of("refusal.denied-elsewhere")
def _denied_elsewhere(client: RawClient) -> bool:
    assert refused(client).code == "ResourceNotFoundException"
    return client.get(UNKNOWN).code == client.delete(UNKNOWN).code == "AccessDeniedException"


@SHOWN.of("refusal.duplicate-conflict")
def _duplicate_conflict(client: RawClient) -> bool:
    client.create("one")
    answer = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
    return (answer.status, answer.code) == (409, "ConnectionNameInUseException")


@SHOWN.of("refusal.filter-code")
def _filter_code(client: RawClient) -> bool:
    return client.call("ListConnections", ProviderTypeFilter="Gitea").code == "InvalidInputException"


@SHOWN.of("refusal.unknown-operation-404")
def _unknown_operation_404(client: RawClient) -> bool:
    return client.call("ForgetConnection").status == 404


@SHOWN.of("refusal.modelled-status")
def _modelled_status(client: RawClient) -> bool:
    return client.get(UNKNOWN).status == 404


@SHOWN.of("account.one-for-all")
def _one_for_all(client: RawClient) -> bool:
    arn = client.create("one")
    seen = client.elsewhere(key="AKIDOFANOTHERACCOUNT").get(arn).status == 200
    client.delete(arn)
    return seen


@SHOWN.of("account.guests-refused")
def _guests_refused(client: RawClient) -> bool:
    assert client.call("ListConnections").status == 200
    return client.elsewhere(key="AKIDOFANOTHERACCOUNT").call("ListConnections").status == 403


def said(client: RawClient) -> set[str]:
    """How the message is spelt in an error of the service and in one of the framework."""
    errors = (client.get(UNKNOWN), client.call("GetConnection"))
    return {name for error in errors for name in error.members if name != "__type"}


@SHOWN.of("refusal.small-message")
def _small_message(client: RawClient) -> bool:
    return said(client) == {"message"}


@SHOWN.of("refusal.large-message")
def _large_message(client: RawClient) -> bool:
    return said(client) == {"Message"}


@SHOWN.of("refusal.no-message")
def _no_message(client: RawClient) -> bool:
    return said(client) == set()


@SHOWN.of("refusal.bare-type")
def _bare_type(client: RawClient) -> bool:
    return client.get(UNKNOWN).members["__type"] == "ResourceNotFoundException"


@SHOWN.of("refusal.adorned-type")
def _adorned_type(client: RawClient) -> bool:
    return re.fullmatch(r".+#ResourceNotFoundException:http.+", client.get(UNKNOWN).members["__type"]) is not None


@SHOWN.of("refusal.header-type")
def _header_type(client: RawClient) -> bool:
    answer = client.get(UNKNOWN)
    return "__type" not in answer.members and answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"
