"""Each liberty really is taken: calls written by hand that the reference and the liberty answer differently.

That no law objects to any is `assay selftest`'s to say; here they are held to what they promise, alone and in pairs.
"""

from __future__ import annotations

import gzip
import http.client
import inspect
import json
import random
import re
import select
import shutil
import socket
import ssl
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.cli.options import OPTIONS
from assay.errors import UsageError
from assay.liberties import ALL, Liberty, liberty, named
from assay.liberties.private_ca import SHIPPED, Certificates, make_certificates
from assay.reference import BackgroundReference
from assay.target import Credentials
from assay.target.signing import Signer
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.reference.parts import Parts

GATE_KEY, GATE_SECRET = "AKIDEXAMPLE", "secret"  # of a server that checks signatures
Showing = Callable[[RawClient], bool]
SHOWN: dict[str, Showing] = {}
UNKNOWN = "arn:aws:codestar-connections:us-east-1:999999999999:connection/0b69c731-0000-4000-8000-000000000000"


def shows(name: str) -> Callable[[Showing], Showing]:
    """Enter a function that answers True where the liberty shows."""

    def enter(function: Showing) -> Showing:
        SHOWN[name] = function
        return function

    return enter


def client_of(server: BackgroundReference) -> RawClient:
    """A client that trusts the server's certificate, where it has one."""
    client = RawClient(server.endpoint_url)
    if server.ca_bundle is not None:
        trusted = ssl.create_default_context(cafile=server.ca_bundle)
        host, port = client.connection.host, client.connection.port
        client.connection = http.client.HTTPSConnection(host, port, timeout=10, context=trusted)
        weakref.finalize(client, client.connection.close)
    return client


def on_the_wire(client: RawClient, *, headers: dict[str, str] | None = None) -> tuple[bytes, bytes]:
    """The head and the body of a List's answer, as they came, from a connection that nobody keeps open."""
    fields = {**client.headers("ListConnections"), "Host": "x", "Content-Length": "2", **(headers or {})}
    head = "POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    with socket.create_connection((client.connection.host, client.connection.port), timeout=10) as raw:
        raw.settimeout(10)
        raw.sendall(head.encode() + b"{}")
        received = b""
        while True:
            if b"\r\n\r\n" in received and b"connection: close" not in received.lower():
                raw.settimeout(0.2)  # kept alive: what has not come by then does not come
            try:
                more = raw.recv(65536)
            except TimeoutError:
                break
            if not more:
                break
            received += more
    head_bytes, _, body = received.partition(b"\r\n\r\n")
    return head_bytes, body


def refused(client: RawClient) -> Any:
    """A Get that finds nothing."""
    return client.get(client.create("x").rpartition("/")[0] + "/0b69c731-0000-4000-8000-000000000000")


# -- ARNs


@shows("partition.china")
def _china(client: RawClient) -> bool:
    return client.create("one").startswith("arn:aws-cn:codestar-connections:us-east-1:")


@shows("partition.government")
def _government(client: RawClient) -> bool:
    return client.create("one").startswith("arn:aws-us-gov:")


@shows("arn.renamed-service")
def _renamed_service(client: RawClient) -> bool:
    return client.create("one").split(":")[2] == "codeconnections"


@shows("id.counted")
def _counted(client: RawClient) -> bool:
    first, second = (client.create(name).rpartition("/")[2] for name in ("one", "two"))
    return second.isdecimal() and int(second) == int(first) + 1


@shows("id.short")
def _short(client: RawClient) -> bool:
    return len(client.create("one").rpartition("/")[2]) == 10


@shows("id.longest")
def _longest_id(client: RawClient) -> bool:
    arn = client.create("one")
    return len(arn) == 256 and client.get(arn).status == 200


@shows("id.odd-characters")
def _odd_characters(client: RawClient) -> bool:
    arn = client.create("one")
    assert client.get(arn).members["Connection"]["ConnectionArn"] == arn
    assert client.delete(arn).status == 200
    return "連" in arn


@shows("id.upper-case")
def _upper_case_id(client: RawClient) -> bool:
    id_ = client.create("one").rpartition("/")[2]
    return id_ == id_.upper() and len(id_) == 36


# -- lists


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


@shows("order.by-name")
def _by_name(client: RawClient) -> bool:
    made, first, second = orders(client)
    return first == second == sorted(made)


@shows("order.newest-first")
def _newest_first(client: RawClient) -> bool:
    made, first, second = orders(client)
    return first == second == made[::-1]


@shows("order.by-hash")
def _by_hash(client: RawClient) -> bool:
    made, first, second = orders(client)
    return first == second and first not in (made, made[::-1], sorted(made))


@shows("order.shuffled")
def _shuffled(client: RawClient) -> bool:
    _, first, second = orders(client)
    return first != second


@shows("page.shorter")
def _shorter(client: RawClient) -> bool:
    arns = client.create_many(30)
    pages = client.walk(MaxResults=10)
    assert [arn for page in pages for arn in page] == arns
    return any(len(page) < 10 for page in pages[:-1])


@shows("page.empty-between")
def _empty_between(client: RawClient) -> bool:
    arns = client.create_many(5)
    return client.walk(MaxResults=2) == [arns[:2], [], arns[2:4], [], arns[4:]]


@shows("page.empty-last")
def _empty_last(client: RawClient) -> bool:
    arns = client.create_many(3)
    return client.walk(MaxResults=2) == [arns[:2], arns[2:], []]


def a_token(client: RawClient) -> str:
    client.create_many(3)
    token = client.page(MaxResults=1)["NextToken"]
    assert len(client.page(NextToken=token)["Connections"]) == 2
    assert client.call("ListConnections", NextToken=token[:-1] + "!").status == 400
    return token


@shows("token.fresh")
def _fresh(client: RawClient) -> bool:
    return a_token(client) != client.page(MaxResults=1)["NextToken"]


@shows("token.longest")
def _longest_token(client: RawClient) -> bool:
    return len(a_token(client)) == 1024


@shows("token.plus-and-slash")
def _plus_and_slash(client: RawClient) -> bool:
    return {"+", "/", "="} <= set(a_token(client))


@shows("token.once")
def _once(client: RawClient) -> bool:
    return client.call("ListConnections", NextToken=a_token(client)).status == 400


@shows("size.zero-refused")
def _zero_refused(client: RawClient) -> bool:
    return client.call("ListConnections", MaxResults=0).status == 400


@shows("size.zero-means-all")
def _zero_means_all(client: RawClient) -> bool:
    arns = client.create_many(52)
    return client.walk(MaxResults=0) == [arns]


@shows("size.zero-means-one")
def _zero_means_one(client: RawClient) -> bool:
    arns = client.create_many(3)
    return client.walk(MaxResults=0) == [[arn] for arn in arns]


@shows("size.float-refused")
def _float_refused(client: RawClient) -> bool:
    return client.call("ListConnections", MaxResults=5.0).code == "SerializationException"


@shows("list.absent-when-empty")
def _absent_when_empty(client: RawClient) -> bool:
    empty = client.page()
    client.create("one")
    assert len(client.page()["Connections"]) == 1
    return empty == {}


@shows("list.null-when-empty")
def _null_when_empty(client: RawClient) -> bool:
    return client.page() == {"Connections": None}


# -- the world


@shows("account.other-regions")
def _other_regions(client: RawClient) -> bool:
    arn = client.create("one")
    listed = client.arns()
    assert listed.count(arn) == 1
    return {each.split(":")[3] for each in listed} > {"us-east-1"} and len(listed) == 8


@shows("account.crowded")
def _crowded(client: RawClient) -> bool:
    arns = client.create_many(3)
    first, second = client.arns(MaxResults=100), client.arns(MaxResults=100)
    assert set(arns) <= set(first)
    assert set(arns) <= set(second)
    return len(first) > 1900 and bool(set(first) - set(second)) and bool(set(second) - set(first))


@shows("quota.ten")
def _quota_of_ten(client: RawClient) -> bool:
    client.create_many(10)
    return client.call("CreateConnection", ConnectionName="x", ProviderType="GitHub").code == "LimitExceededException"


@shows("reads.late")
def _late(client: RawClient) -> bool:
    was_late = False
    for number in range(20):
        arn = client.create(f"c{number}")
        was_late = was_late or client.get(arn).status == 400
        assert client.delete(arn).status == 200
        was_late = was_late or arn in client.arns()
    time.sleep(0.6)
    assert client.arns() == []
    return was_late


def turned_away(client: RawClient) -> list[Any]:
    answers = [client.call("ListConnections") for _ in range(40)]
    away = [number for number, answer in enumerate(answers) if answer.status != 200]
    assert not away or (len(away) == 8 and away[:4] == list(range(away[0], away[0] + 4)))
    return [answers[number] for number in away]


@shows("throttle.exception")
def _throttling_exception(client: RawClient) -> bool:
    return {(answer.status, answer.code) for answer in turned_away(client)} == {(400, "ThrottlingException")}


@shows("throttle.too-many-requests")
def _too_many_requests(client: RawClient) -> bool:
    return {answer.status for answer in turned_away(client)} == {429}


@shows("throttle.unavailable")
def _unavailable(client: RawClient) -> bool:
    return {(answer.status, answer.headers.get("retry-after")) for answer in turned_away(client)} == {(503, "1")}


# -- refusals


@shows("host.wanted")
def _host_wanted(client: RawClient) -> bool:
    client.create("one", "GitHub")
    statuses = [
        client.call("CreateConnection", ConnectionName=kind, ProviderType=kind).status
        for kind in ("GitHubEnterpriseServer", "GitLabSelfManaged")
    ]
    return statuses == [400, 400]


@shows("name.utf16-units")
def _utf16_units(client: RawClient) -> bool:
    client.create("😀" * 16)
    client.create("é" * 32)
    return client.call("CreateConnection", ConnectionName="😀" * 17, ProviderType="GitHub").status == 400


@shows("body.empty-refused")
def _empty_refused(client: RawClient) -> bool:
    return client.send(b"", client.headers("ListConnections")).code == "SerializationException"


def _lists(client: RawClient, body: Any = b"{}", path: str = "/", method: str = "POST", **fields: str) -> int:
    """The status that a List gets."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.send(body, {**client.headers("ListConnections"), **named}, method=method, path=path).status


@shows("front.pages")
def _pages(client: RawClient) -> bool:
    assert (_lists(client), _lists(client, method="GET"), _lists(client, path="/x")) == (200, 405, 404)
    answer = client.send(b"", client.headers("ListConnections"), method="PUT")
    return answer.body.startswith(b"<html>")


@shows("front.forbids")
def _forbids(client: RawClient) -> bool:
    return _lists(client) == 200 and _lists(client, path="/?a=b") == _lists(client, path="/x") == 403


@shows("front.any-path")
def _any_path(client: RawClient) -> bool:
    return _lists(client) == _lists(client, path="/nobody/knows") == 200


@shows("front.preflight")
def _preflight(client: RawClient) -> bool:
    answer = client.send(None, {}, method="OPTIONS")
    return (answer.status, answer.headers.get("access-control-allow-origin")) == (200, "*")


def _typed(client: RawClient, content_type: str) -> tuple[int, Any]:
    fields = client.headers("CreateConnection") | {"Content-Type": content_type}
    answer = client.send(b'{"ConnectionName":"typed","ProviderType":"GitHub"}', fields)
    return answer.status, answer.members.get("Output", {}).get("__type", "").rpartition("#")[2]


@shows("type.looked-at")
def _looked_at(client: RawClient) -> bool:
    refused = _typed(client, "application/json") == (404, "UnknownOperationException") and client.arns() == []
    return refused and _typed(client, "Application/X-Amz-Json-1.0 ; charset=utf-8")[0] == 200


@shows("type.looked-at-with-200")
def _looked_at_with_200(client: RawClient) -> bool:
    return _typed(client, "application/json") == (200, "UnknownOperationException") and client.arns() == []


@shows("tags.fifty")
def _fifty_tags(client: RawClient) -> bool:
    def tagged(count: int) -> Any:
        tags = [{"Key": f"k{number}", "Value": "v"} for number in range(count)]
        return client.call("CreateConnection", ConnectionName=f"c-{count}", ProviderType="GitHub", Tags=tags)

    assert tagged(50).status == 200
    return tagged(51).code == "LimitExceededException"


@shows("host.unknown-in-a-filter")
def _unknown_in_a_filter(client: RawClient) -> bool:
    host = "arn:aws:codestar-connections:us-east-1:000000000000:host/nobodys"
    return client.call("ListConnections", HostArnFilter=host).code == "ResourceNotFoundException"


@shows("size.long-not-serializable")
def _long_not_serializable(client: RawClient) -> bool:
    assert client.call("ListConnections", MaxResults=2**31 - 1).code == "ValidationException"
    return client.call("ListConnections", MaxResults=2**31).code == "SerializationException"


@shows("refusal.header-beside-code")
def _header_beside_code(client: RawClient) -> bool:
    answer = refused(client)
    said = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    return (said, answer.members.get("code")) == ("ResourceNotFoundException", 400) and "__type" not in answer.members


@shows("front.no-chunks")
def _no_chunks(client: RawClient) -> bool:
    return _lists(client) == 200 and _lists(client, iter([b"{", b"}"])) == 411


@shows("front.no-expectations")
def _no_expectations(client: RawClient) -> bool:
    head, _ = on_the_wire(client, headers={"Expect": "100-continue"})
    return head.startswith(b"HTTP/1.1 417")


@shows("front.small-requests")
def _small_requests(client: RawClient) -> bool:
    long = _lists(client, b"{" + b" " * 200_000 + b"}"), _lists(client, path="/" + "x" * 5000)
    return (*long, _lists(client, X_Long="x" * 9000)) == (413, 414, 431)


@shows("front.closes-after-errors")
def _closes_after_errors(client: RawClient) -> bool:
    assert "connection" not in client.call("ListConnections").headers
    return client.call("ListConnections", MaxResults=-1).headers.get("connection") == "close"


@shows("json.skips-mark")
def _skips_mark(client: RawClient) -> bool:
    return _lists(client, b"\xef\xbb\xbf{}") == 200


@shows("json.refuses-twins")
def _refuses_twins(client: RawClient) -> bool:
    return _lists(client) == 200 and _lists(client, b'{"X":1,"X":2}') == 400


@shows("refusal.denied-elsewhere")
def _denied_elsewhere(client: RawClient) -> bool:
    assert refused(client).code == "ResourceNotFoundException"
    return client.get(UNKNOWN).code == client.delete(UNKNOWN).code == "AccessDeniedException"


@shows("refusal.duplicate-conflict")
def _duplicate_conflict(client: RawClient) -> bool:
    client.create("one")
    answer = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
    return (answer.status, answer.code) == (409, "ConnectionNameInUseException")


@shows("refusal.filter-code")
def _filter_code(client: RawClient) -> bool:
    return client.call("ListConnections", ProviderTypeFilter="Gitea").code == "InvalidInputException"


@shows("refusal.unknown-operation-404")
def _unknown_operation_404(client: RawClient) -> bool:
    return client.call("ForgetConnection").status == 404


@shows("refusal.modelled-status")
def _modelled_status(client: RawClient) -> bool:
    return client.get(UNKNOWN).status == 404


@shows("account.one-for-all")
def _one_for_all(client: RawClient) -> bool:
    arn = client.create("one")
    seen = client.elsewhere(key="AKIDOFANOTHERACCOUNT").get(arn).status == 200
    client.delete(arn)
    return seen


@shows("account.guests-refused")
def _guests_refused(client: RawClient) -> bool:
    assert client.call("ListConnections").status == 200
    return client.elsewhere(key="AKIDOFANOTHERACCOUNT").call("ListConnections").status == 403


def said(client: RawClient) -> set[str]:
    """How the message is spelt in an error of the service and in one of the framework."""
    errors = (client.get(UNKNOWN), client.call("GetConnection"))
    return {name for error in errors for name in error.members if name != "__type"}


@shows("refusal.small-message")
def _small_message(client: RawClient) -> bool:
    return said(client) == {"message"}


@shows("refusal.large-message")
def _large_message(client: RawClient) -> bool:
    return said(client) == {"Message"}


@shows("refusal.no-message")
def _no_message(client: RawClient) -> bool:
    return said(client) == set()


@shows("refusal.bare-type")
def _bare_type(client: RawClient) -> bool:
    return client.get(UNKNOWN).members["__type"] == "ResourceNotFoundException"


@shows("refusal.adorned-type")
def _adorned_type(client: RawClient) -> bool:
    return re.fullmatch(r".+#ResourceNotFoundException:http.+", client.get(UNKNOWN).members["__type"]) is not None


@shows("refusal.header-type")
def _header_type(client: RawClient) -> bool:
    answer = client.get(UNKNOWN)
    return "__type" not in answer.members and answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"


# -- the shapes of answers


@shows("answer.nulls")
def _nulls(client: RawClient) -> bool:
    answer = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub").members
    shown = client.get(answer["ConnectionArn"]).members["Connection"]
    page = client.page()
    return (
        answer.get("Tags", 0) is None
        and shown.get("HostArn", 0) is None
        and page.get("NextToken", 0) is None
        and page["Connections"][0].get("HostArn", 0) is None
    )


@shows("answer.null-token")
def _null_token(client: RawClient) -> bool:
    client.create_many(2)
    assert client.page(MaxResults=1)["NextToken"]
    return client.page(MaxResults=2).get("NextToken", 0) is None


@shows("owner.another-account")
def _another_account(client: RawClient) -> bool:
    arn = client.create("one")
    shown = [client.get(arn).members["Connection"], *client.page()["Connections"]]
    owners = {connection["OwnerAccountId"] for connection in shown}
    return len(owners) == 1 and owners != {arn.split(":")[4]}


@shows("answer.extra-members")
def _extra_members(client: RawClient) -> bool:
    arn = client.create("one")
    shown = [client.page(), client.get(arn).members, client.get(UNKNOWN).members]
    return all("ResponseMetadata" in members for members in shown) and "Links" in shown[0]["Connections"][0]


@shows("answer.spelt-otherwise")
def _spelt_otherwise(client: RawClient) -> bool:
    client.create("Zürich")
    body = client.call("ListConnections").body
    assert json.loads(body)["Connections"][0]["ConnectionName"] == "Zürich"
    return b"\n\t" in body and body.isascii()


@shows("delete.empty-body")
def _empty_body(client: RawClient) -> bool:
    answer = client.delete(client.create("one"))
    return (answer.status, answer.body, answer.headers.get("content-type")) == (200, b"", None)


# -- headers and the way


@shows("header.title-case")
def _title_case(client: RawClient) -> bool:
    return b"\r\nContent-Type: application/x-amz-json-1.0\r\n" in on_the_wire(client)[0] + b"\r\n"


@shows("header.upper-case")
def _upper_case(client: RawClient) -> bool:
    return b"\r\nX-AMZN-REQUESTID: " in on_the_wire(client)[0]


@shows("header.odd-case")
def _odd_case(client: RawClient) -> bool:
    return b"\r\ncOnTeNt-tYpE: " in on_the_wire(client)[0]


@shows("header.many")
def _many(client: RawClient) -> bool:
    return len(on_the_wire(client)[0].splitlines()) > 40


@shows("header.proxy")
def _proxy(client: RawClient) -> bool:
    return {"via", "x-forwarded-for", "age"} <= client.call("ListConnections").headers.keys()


@shows("header.charset")
def _charset(client: RawClient) -> bool:
    return client.call("ListConnections").headers["content-type"] == "application/x-amz-json-1.0; charset=utf-8"


@shows("clock.ahead")
def _ahead(client: RawClient) -> bool:
    date = client.call("ListConnections").headers["date"]
    then = ssl.cert_time_to_seconds(f"{date[8:11]} {int(date[5:7]):2d} {date[17:25]} {date[12:16]} GMT")
    return 100 < then - time.time() < 140


@shows("transfer.gzip")
def _gzip(client: RawClient) -> bool:
    plain = client.send(b"{}", {**client.headers("ListConnections"), "Accept-Encoding": "identity, gzip;q=0"})
    assert "content-encoding" not in plain.headers
    answer = client.send(b"{}", {**client.headers("ListConnections"), "Accept-Encoding": "gzip, deflate"})
    return answer.headers.get("content-encoding") == "gzip" and gzip.decompress(answer.body) == plain.body


@shows("transfer.in-pieces")
def _in_pieces(client: RawClient) -> bool:
    client.create("x" * 32)
    client.connection.request("POST", "/", b"{}", client.headers("ListConnections"))
    answer = client.connection.getresponse()
    first = answer.read1()
    return 0 < len(first) < int(answer.headers["content-length"]) == len(first + answer.read())


@shows("transfer.chunked")
def _chunked(client: RawClient) -> bool:
    head, body = on_the_wire(client)
    return b"\r\ntransfer-encoding: chunked" in head and body.startswith(b"7\r\n")


@shows("transfer.close")
def _close(client: RawClient) -> bool:
    head, _ = on_the_wire(client)
    return b"\r\nconnection: close" in head and head.startswith(b"HTTP/1.1 ")


@shows("transfer.http-1-0")
def _http_1_0(client: RawClient) -> bool:
    head, body = on_the_wire(client)
    return head.startswith(b"HTTP/1.0 200 ") and b"length" not in head and json.loads(body) == {"Connections": []}


@shows("transfer.slow")
def _slow(client: RawClient) -> bool:
    started = time.monotonic()
    client.page()
    return time.monotonic() - started > 0.19


@shows("listen.ipv6")
def _ipv6(client: RawClient) -> bool:
    client.page()
    return client.url.startswith("http://[::1]:")


@shows("listen.tls")
def _tls(client: RawClient) -> bool:
    client.page()
    return client.url.startswith("https://")


# -- signatures


def signed_at(client: RawClient, moment: float) -> int:
    """The status that a well-signed List gets which was signed at a moment."""
    fields = client.headers("ListConnections")
    headers = tuple((name, fields[name]) for name in ("X-Amz-Target", "Content-Type"))
    credentials = Credentials(access_key_id=GATE_KEY, secret_access_key=GATE_SECRET)
    host = client.url.partition("//")[2]
    signable = Signer(credentials, "us-east-1", "codestar-connections").prepare(host, "/", headers)
    date, authorization = signable.sign(b"{}", moment)
    return client.send(b"{}", {**dict(headers), "X-Amz-Date": date, "Authorization": authorization}).status


@shows("auth.unchecked")
def _unchecked(client: RawClient) -> bool:
    return client.call("ListConnections").status == 200


@shows("auth.forbidden")
def _forbidden(client: RawClient) -> bool:
    answer = client.call("ListConnections")
    assert signed_at(client, time.time()) == 200
    return (answer.status, answer.code) == (403, "UnrecognizedClientException")


@shows("auth.unauthorized")
def _unauthorized(client: RawClient) -> bool:
    answer = client.call("ListConnections")
    assert signed_at(client, time.time()) == 200
    return (answer.status, answer.members) == (401, {"message": "Unauthorized"})


@shows("auth.five-minutes")
def _five_minutes(client: RawClient) -> bool:
    assert signed_at(client, time.time() - 240) == 200
    return signed_at(client, time.time() - 360) == 400


@shows("auth.looked-at-last")
def _looked_at_last(client: RawClient) -> bool:
    assert signed_at(client, time.time()) == 200
    assert client.call("ListConnections").code == "UnrecognizedClientException"
    return client.call("ListConnections", MaxResults="1").code == "SerializationException"


# -- threads


@shows("threads.jitter")
def _jitter(client: RawClient) -> bool:
    """A call overtakes one that was sent before it."""
    return any(_is_overtaken(client) for _ in range(60))


def _is_overtaken(client: RawClient) -> bool:
    first, second = (socket.create_connection((client.connection.host, client.connection.port)) for _ in "12")
    with first, second:
        for each in (first, second):
            each.sendall(request_of(client, "ListConnections", {}))
        return select.select([first, second], [], [], 10)[0] == [second]


@shows("threads.one-lock")
def _one_lock(client: RawClient) -> bool:
    """No call is answered sooner than the lock is free again."""
    seconds = []
    for _ in range(30):
        began = time.perf_counter()
        client.page()
        seconds.append(time.perf_counter() - began)
    return min(seconds) >= 0.005


@shows("threads.conflict")
def _conflict(client: RawClient) -> bool:
    return _steps_back(client, b"ConflictException")


@shows("threads.concurrent-modification")
def _concurrent_modification(client: RawClient) -> bool:
    return _steps_back(client, b"ConcurrentModificationException")


def _steps_back(client: RawClient, code: bytes) -> bool:
    """Creates of two names at once, of which one is refused; it is accepted where it comes again."""
    for trial in range(60):
        members = [{"ConnectionName": f"{trial}-{each}", "ProviderType": "GitHub"} for each in "12"]
        sockets = [socket.create_connection((client.connection.host, client.connection.port)) for _ in members]
        for each, given in zip(sockets, members, strict=True):
            each.sendall(request_of(client, "CreateConnection", given))
        answers = [each.recv(65536) for each in sockets]
        for each in sockets:
            each.close()
        refused = [given for given, answer in zip(members, answers, strict=True) if b"#" + code in answer]
        if refused:
            return len(refused) == 1 and client.call("CreateConnection", **refused[0]).status == 200
    return False


def request_of(client: RawClient, operation: str, members: dict[str, Any]) -> bytes:
    """A whole request as bytes, for a socket of one's own."""
    body = json.dumps(members).encode()
    fields = {**client.headers(operation), "Host": "x", "Content-Length": str(len(body))}
    return ("POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n").encode() + body


# -- and the catalogue


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server


def test_every_liberty_is_shown() -> None:
    """None without an exchange, no exchange without one."""
    assert SHOWN.keys() == ALL.keys()


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_liberty_shows_and_the_reference_takes_it_not(reference: BackgroundReference, name: str) -> None:
    """The same calls, answered differently, and no complaint on either side."""
    if (obstacle := ALL[name].obstacle) is not None:
        pytest.skip(obstacle)
    gate: dict[str, Any] = {}
    if name.startswith("auth."):
        gate = {"verify_signatures": True, "credentials": {GATE_KEY: GATE_SECRET}}
        with BackgroundReference(**gate) as gated:
            assert not SHOWN[name](client_of(gated))
    else:
        assert not SHOWN[name](client_of(reference))
    with BackgroundReference(liberties=[name], **gate) as server:
        assert SHOWN[name](client_of(server))
        assert server.complaints() == ""


def pairs() -> list[tuple[str, str]]:
    """Every liberty with two others that it can be had with, drawn at random but always the same."""
    rng = random.Random(3)
    fitting = [(one, other) for one, other in combinations(ALL, 2) if not ALL[one].contradicts(ALL[other])]
    rng.shuffle(fitting)
    wanted = dict.fromkeys(ALL, 2)
    chosen = []
    for one, other in fitting:
        # Two that are slow or scarce are tried as well, but each with one that is neither.
        if wanted[one] > 0 and wanted[other] > 0 and not any(map(_is_scarce, (one, other))):
            wanted[one] -= 1
            wanted[other] -= 1
            chosen.append((one, other))
    return chosen


def _is_scarce(name: str) -> bool:
    return name.startswith(("throttle.", "reads.", "transfer.slow", "threads.", "account.", "quota."))


@pytest.mark.parametrize("names", pairs(), ids="+".join)
def test_a_pair_is_a_server_too(names: tuple[str, str]) -> None:
    """One connection through its life, and a walk over a few; nothing is lost where two liberties meet."""
    for name in names:
        if (obstacle := ALL[name].obstacle) is not None:
            pytest.skip(obstacle)
    with BackgroundReference(liberties=names) as server:
        client = client_of(server)
        arns = [client.create(f"c-{number}") for number in range(7)]
        listed: list[str] = []
        token: dict[str, Any] = {}
        for _ in range(30):
            page = client.page(MaxResults=2, **token)
            listed += [item["ConnectionArn"] for item in page.get("Connections") or ()]
            if page.get("NextToken") is None:
                break
            token = {"NextToken": page["NextToken"]}
        assert sorted(listed) == sorted(arns)
        assert client.get(arns[3]).members["Connection"]["ConnectionName"] == "c-3"
        assert client.delete(arns[3]).status == 200
        assert client.get(arns[3]).status in {400, 404}
        assert client.call("CreateConnection", ConnectionName="c-0", ProviderType="GitHub").status in {400, 409}
        assert server.complaints() == ""


def test_every_liberty_tells_its_story() -> None:
    """A docstring, a reason, options that `assay run` has, and exclusions that mean somebody."""
    known = {f"--{option.name}" for option in OPTIONS}
    assert len(ALL) >= 35
    for name, one in ALL.items():
        assert isinstance(one, Liberty)
        assert one.name == name
        assert one.description.rstrip().endswith(".")
        assert one.because
        assert not one.because.endswith(".")
        assert set(one.options[::2]) <= known
        assert len(one.options) % 2 == 0
        for pattern in one.excludes:
            assert any(other is not one and one.contradicts(other) for other in ALL.values()), pattern


def test_the_order_of_names_is_of_no_consequence() -> None:
    """A pair is one server, and not two."""
    names = ["transfer.chunked", "id.short", "refusal.bare-type", "partition.china"]
    assert named(names) == named(names[::-1])
    assert [each.name for each in named(names)] == ["partition.china", "id.short", *names[2::-2]]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["order.by-nam"], r"no liberty 'order.by-nam'.*\n.*did you mean order\.by-name\?"),
        (["order.by-name", "order.shuffled"], "contradict each other"),
        (["transfer.http-1-0", "transfer.chunked"], "contradict each other"),
        (["id.short", "id.short"], "named twice"),
    ],
)
def test_what_cannot_be_had_is_told(names: list[str], words: str) -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match=words):
        named(names)
    with pytest.raises(UsageError, match=words):
        BackgroundReference(liberties=names).start()


def test_the_catalogue_refuses_what_it_could_not_render() -> None:
    """A second liberty of a name, a name that is none, no docstring."""

    def untold(parts: Parts) -> Parts:
        return parts

    with pytest.raises(ValueError, match="no name"):
        liberty("order.by-name", because="it is")
    with pytest.raises(ValueError, match="no name"):
        liberty("Nonsense", because="it is")
    with pytest.raises(ValueError, match="docstring"):
        liberty("order.untold", because="it is")(untold)
    assert "order.untold" not in ALL


def test_the_reference_takes_no_liberty_of_its_own() -> None:
    """Its modules speak of them only where a server is started with one."""
    folder = Path(inspect.getfile(BackgroundReference)).parent
    speaking = {path.name for path in folder.glob("*.py") if "assay.liberties" in path.read_text(encoding="utf-8")}
    assert speaking == {"server.py", "background.py"}


@pytest.mark.parametrize("openssl", ["openssl", "no-such-command"])
def test_certificates_are_good_with_and_without_openssl(tmp_path: Path, openssl: str) -> None:
    """The shipped ones take the place of those that cannot be made; neither leaves an authority's key."""
    made = make_certificates(tmp_path, openssl=openssl)
    is_made = made != Certificates.within(SHIPPED)
    assert is_made is (openssl != "no-such-command" and shutil.which(openssl) is not None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    ssl.create_default_context(cafile=str(made.ca_bundle))
    assert not (tmp_path / "ca.key").exists()
    facts = ssl._ssl._test_decode_cert(str(made.certificate))
    assert ssl.cert_time_to_seconds(facts["notAfter"]) > time.time() + 86_400
    assert ("IP Address", "0:0:0:0:0:0:0:1") in facts["subjectAltName"]


# -- the command line


def assay(*words: str) -> subprocess.CompletedProcess[str]:
    """The command, from a folder without an assay.toml."""
    command = [sys.executable, "-m", "assay", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_liberties_can_be_listed() -> None:
    """One a line, with the reason."""
    lines = assay("serve", "--list-liberties").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(ALL)
    assert all(" Legal: " in line for line in lines)


def test_a_run_takes_them_with_what_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of a liberty hold where the caller says nothing; results say what was taken."""
    monkeypatch.chdir(tmp_path)
    names = ["refusal.modelled-status", "reads.late", "listen.tls"]
    given = [word for name in names for word in ("--liberty", name)]
    ended = assay("run", *given, "--law", "wire.*", "--max-calls", "60", "--effort", "quick")
    results = json.loads((tmp_path / ".assay" / "results.json").read_text(encoding="utf-8"))
    assert results["service"] == "codeconnections"
    assert results["settings"]["staleness"] == 1.0
    assert results["target"]["liberties"] == names
    assert results["target"]["endpoint_url"].startswith("https://")
    assert " with refusal.modelled-status, reads.late, listen.tls" in " ".join(ended.stdout.split())


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [
        (["--liberty", "order.by-nam"], "did you mean order.by-name?"),
        (["--liberty", "order.by-name", "--liberty", "order.by-hash"], "contradict each other"),
        (["--liberty", "order.by-name", "--endpoint-url", "http://127.0.0.1:1"], "is to be judged"),
        (["--impostor", "echo", "--endpoint-url", "http://127.0.0.1:1"], "is to be judged"),
        (["--impostor", "ecko"], "did you mean echo?"),
    ],
)
def test_what_a_run_cannot_take_is_a_usage_error(words: list[str], said_of_it: str) -> None:
    """Before anything is started."""
    ended = assay("run", *words)
    assert ended.returncode == 2
    assert said_of_it in ended.stderr
