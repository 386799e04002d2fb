"""Where liberties of answers show: their members, their headers, the way that they come."""

from __future__ import annotations

import gzip
import json
import ssl
import time
from typing import TYPE_CHECKING

from selftests.liberties_shown.calls import UNKNOWN, on_the_wire
from selftests.showings import Showings

if TYPE_CHECKING:
    from selftests.raw_client import RawClient

SHOWN = Showings()


@SHOWN.of("answer.nulls")
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


@SHOWN.of("answer.null-token")
def _null_token(client: RawClient) -> bool:
    client.create_many(2)
    assert client.page(MaxResults=1)["NextToken"]
    return client.page(MaxResults=2).get("NextToken", 0) is None


@SHOWN.of("owner.another-account")
def _another_account(client: RawClient) -> bool:
    arn = client.create("one")
    shown = [client.get(arn).members["Connection"], *client.page()["Connections"]]
    owners = {connection["OwnerAccountId"] for connection in shown}
    return len(owners) == 1 and owners != {arn.split(":")[4]}


@SHOWN.of("answer.extra-members")
def _extra_members(client: RawClient) -> bool:
    arn = client.create("one")
    shown = [client.page(), client.get(arn).members, client.get(UNKNOWN).members]
    return all("ResponseMetadata" in members for members in shown) and "Links" in shown[0]["Connections"][0]


@SHOWN.of("answer.spelt-otherwise")
def _spelt_otherwise(client: RawClient) -> bool:
    client.create("Zürich")
    body = client.call("ListConnections").body
    assert json.loads(body)["Connections"][0]["ConnectionName"] == "Zürich"
    return b"\n\t" in body and body.isascii()


@SHOWN.of("delete.empty-body")
def _empty_body(client: RawClient) -> bool:
    answer = client.delete(client.create("one"))
    return (answer.status, answer.body, answer.headers.get("content-type")) == (200, b"", None)


@SHOWN.of("header.title-case")
def _title_case(client: RawClient) -> bool:
    return b"\r\nContent-Type: application/x-amz-json-1.0\r\n" in on_the_wire(client)[0] + b"\r\n"


@SHOWN.of("header.upper-case")
def _upper_case(client: RawClient) -> bool:
    return b"\r\nX-AMZN-REQUESTID: " in on_the_wire(client)[0]


@SHOWN.of("header.odd-case")
def _odd_case(client: RawClient) -> bool:
    return b"\r\ncOnTeNt-tYpE: " in on_the_wire(client)[0]


@SHOWN.of("header.many")
def _many(client: RawClient) -> bool:
    return len(on_the_wire(client)[0].splitlines()) > 40


@SHOWN.of("header.proxy")
def _proxy(client: RawClient) -> bool:
    return {"via", "x-forwarded-for", "age"} <= client.call("ListConnections").headers.keys()


@SHOWN.of("header.charset")
def _charset(client: RawClient) -> bool:
    return client.call("ListConnections").headers["content-type"] == "application/x-amz-json-1.0; charset=utf-8"


@SHOWN.of("clock.ahead")
def _ahead(client: RawClient) -> bool:
    date = client.call("ListConnections").headers["date"]
    then = ssl.cert_time_to_seconds(f"{date[8:11]} {int(date[5:7]):2d} {date[17:25]} {date[12:16]} GMT")
    return 100 < then - time.time() < 140


@SHOWN.of("transfer.gzip")
def _gzip(client: RawClient) -> bool:
    plain = client.send(b"{}", {**client.headers("ListConnections"), "Accept-Encoding": "identity, gzip;q=0"})
    assert "content-encoding" not in plain.headers
    answer = client.send(b"{}", {**client.headers("ListConnections"), "Accept-Encoding": "gzip, deflate"})
    return answer.headers.get("content-encoding") == "gzip" and gzip.decompress(answer.body) == plain.body


@SHOWN.of("transfer.in-pieces")
def _in_pieces(client: RawClient) -> bool:
    client.create("x" * 32)
    client.connection.request("POST", "/", b"{}", client.headers("ListConnections"))
    answer = client.connection.getresponse()
    first = answer.read1()
    return 0 < len(first) < int(answer.headers["content-length"]) == len(first + answer.read())


@SHOWN.of("transfer.chunked")
def _chunked(client: RawClient) -> bool:
    head, body = on_the_wire(client)
    return b"\r\ntransfer-encoding: chunked" in head and body.startswith(b"7\r\n")


@SHOWN.of("transfer.close")
def _close(client: RawClient) -> bool:
    head, _ = on_the_wire(client)
    return b"\r\nconnection: close" in head and head.startswith(b"HTTP/1.1 ")


@SHOWN.of("transfer.http-1-0")
def _http_1_0(client: RawClient) -> bool:
    head, body = on_the_wire(client)
    return head.startswith(b"HTTP/1.0 200 ") and b"length" not in head and json.loads(body) == {"Connections": []}


@SHOWN.of("transfer.slow")
def _slow(client: RawClient) -> bool:
    started = time.monotonic()
    client.page()
    return time.monotonic() - started > 0.19


@SHOWN.of("listen.ipv6")
def _ipv6(client: RawClient) -> bool:
    client.page()
    return client.url.startswith("http://[::1]:")


@SHOWN.of("listen.tls")
def _tls(client: RawClient) -> bool:
    client.page()
    return client.url.startswith("https://")
