"""What a request asks, read from its bytes alone: is it HTTP, whom does it call, is its body JSON, are its types right?

The laws about requests must judge a history that a proxy wrote as well as one of our own, so nothing here knows why a
request was made. Three things are told apart with care, because a false word about them would be a false alarm:

* HTTP. A request is `usual` (as every SDK writes it), `legal` (HTTP, but a server or a proxy may turn it away without
  asking the service: chunks, other verbs, a megabyte), or `broken` (no HTTP: whoever closes the connection is right).
* JSON. A body is an `object`, another `value`, `malformed`, `lenient` or `recoded` (no JSON, but some parsers read it:
  NaN, comments, text behind the object; or no UTF-8), or `disputed`: parsers may legally differ (two members of one
  name, a byte order mark, lone surrogates, nesting without end, nothing at all), so nothing is concluded.
* Calls. A request *plainly calls* an operation where all of it is as an SDK could have sent it. Only such a request is
  one of the operation's calls to the laws of connections.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import httptools

from assay.history import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Contract, Operation
    from assay.history import Call, Request

__all__ = [
    "Asked",
    "Body",
    "Http",
    "asked",
    "is_lost",
    "is_unfinished",
    "may_be_dropped",
    "mentions",
    "misfit",
    "plain_call",
    "read_body",
]

Http: TypeAlias = Literal["usual", "legal", "broken"]
Kind: TypeAlias = Literal["object", "value", "malformed", "lenient", "recoded", "disputed"]

_LARGE: Final = 64 * 1024  # from here on a front end may say no before the service is asked; so it may to long headers
_LONG_HEAD: Final = 4 * 1024
_DEEP: Final = 64
_LONG_NUMBER: Final = 300
_INTERNAL: Final = 500
_NOT_KNOWN: Final = frozenset({501, 505})
_FIRST_LINE: Final = re.compile(rb"POST /[\x21-\x7e]* HTTP/1\.1")
_FIELD: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+:[\x20-\x7e\t]*")
_UNUSUAL_FIELDS: Final = frozenset({"transfer-encoding", "expect", "upgrade", "te", "trailer", "content-encoding"})
_CONNECTION: Final = frozenset({"", "keep-alive", "close"})
_CHARSET: Final = re.compile(r"\s*charset\s*=\s*(utf-?8|\"utf-?8\")\s*", re.IGNORECASE)
_COMMENT: Final = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/|//[^\n]*', re.DOTALL)
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str, "integer": int, "array": list, "object": dict, "boolean": bool, "number": (int, float),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a body holds; `value` is its JSON value where there is one."""

    kind: Kind
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, read. `spelling` and `operation` are None where its target names none that the contract knows.

    `targets` are the values of X-Amz-Target, `media` that of Content-Type (None where there is none, or several).
    `charset`: it says utf-8. `path` is what stands in the first line, query and all.
    """

    http: Http
    method: str = "POST"
    path: str = "/"
    targets: tuple[str, ...] = ()
    spelling: str | None = None
    operation: Operation | None = None
    media: str | None = None
    charset: bool = False
    body: Body = field(default_factory=lambda: Body(kind="disputed"))

    @property
    def is_for_the_service(self) -> bool:
        """Does it reach the service, if anybody reaches it: usual HTTP, and a target that begins as ours do?"""
        return self.http == "usual" and self.spelling is not None

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of its input; none where the body is no object."""
        return self.body.value if self.body.kind == "object" else {}


def asked(call: Call, contract: Contract) -> Asked:
    """What a call's request asks."""
    if call.request.head is None:
        operation = contract.operations.get(call.operation)
        target = next((value for name, value in call.request.headers if name.lower() == "x-amz-target"), "")
        return Asked(
            http="usual",
            targets=(target,),
            spelling=_spelling(target.rpartition(".")[0], contract) or "long",
            operation=operation,
            media=contract.content_type,
            body=Body(kind="object", value=call.input),
        )
    return _asked(call.request, contract)


def plain_call(read: Asked, contract: Contract) -> tuple[str, Mapping[str, Any]]:
    """The operation and the input of a request that plainly calls one; two empty ones for any other."""
    operation = read.operation
    if (
        read.http != "usual"
        or operation is None
        or read.body.kind != "object"
        or read.media != contract.content_type
        or not operation.members.keys() >= read.members.keys()
        or not all(_is_of_its_type(operation.members[name], value) for name, value in read.members.items())
    ):
        return "", {}
    return operation.name, read.members


def _is_of_its_type(schema: Mapping[str, Any], value: Any) -> bool:
    """Is a value surely of the type that the model gives it?"""
    if schema.get("type") == "integer" and isinstance(value, float):
        return False
    return value is not None and not misfit(schema, value)


def may_be_dropped(request: Request) -> bool:
    """May a server close the connection on it without an answer: no HTTP, or so large that it need not be read?"""
    if request.head is None:
        return False
    return _form(request)[0] == "broken" or _is_large(request)


def is_unfinished(request: Request) -> bool:
    """Does a request, as far as it is HTTP, break off: does who reads it have to wait for more?"""
    if request.head is None:
        return False
    found = _Parsed()
    try:
        httptools.HttpRequestParser(found).feed_data(request.head + request.body)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return False
    return found.ended == 0


def mentions(request: Request, text: str) -> bool:
    """Does the body of a request hold this text, put together where it was sent in chunks?"""
    wanted = text.encode("utf-8", "replace")
    if wanted in request.body or request.head is None:
        return wanted in request.body
    return wanted in b"".join(_form(request)[1].content)


def is_lost(call: Call) -> bool:
    """Was a clear answer owed to a call, and did none come?

    Whoever closes the connection on what is no HTTP, or is too large, owes none; nor does a server that does not know a
    verb or a version of HTTP (501, 505), or that has a page for people at another verb or path. What is done beside the
    API is nothing that the endpoint owes an answer to.
    """
    outcome, head = call.outcome, call.request.head
    if not isinstance(outcome, Unknown) or call.is_beside_the_api:
        return False
    if head is None:
        return True
    status = call.response.status if call.response is not None else 0
    if _form(call.request)[0] == "usual":
        return True
    if status in _NOT_KNOWN or outcome.reason == "unreadable":
        return False
    return status == _INTERNAL or not may_be_dropped(call.request)


def misfit(schema: Mapping[str, Any], value: Any) -> str:
    """What is of a wrong JSON type in a value, in words; empty where nothing surely is.

    A null and a float where an integer belongs are not judged.
    """
    wanted = str(schema.get("type"))
    if value is None or wanted not in _TYPES or (wanted == "integer" and type(value) is float):
        return ""
    if not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
        return f"{_named(value)} for {_ARTICLES[wanted]}"
    if isinstance(value, list):
        return next((found for each in value if (found := misfit(schema.get("items", {}), each))), "")
    if isinstance(value, dict):
        inner: Mapping[str, Any] = schema.get("properties", {})
        return next((found for key, each in value.items() if (found := misfit(inner.get(key, {}), each))), "")
    return ""


def read_body(content: bytes) -> Body:  # noqa: PLR0911 - one for each way to be no plain object
    """What the bytes of a body hold."""
    if not content.strip():
        return Body(kind="disputed")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Body(kind="recoded" if _is_readable_otherwise(content) else "malformed")
    if text.startswith("\ufeff") or content.count(b"[") + content.count(b"{") > _DEEP:
        return Body(kind="disputed" if _parses(text.removeprefix("\ufeff")) else "malformed")
    if "\0" in text and _is_readable_otherwise(content):
        return Body(kind="recoded")
    try:
        value = _STRICT.decode(text)
    except _DisputedError:
        return Body(kind="disputed")
    except (ValueError, RecursionError):
        return Body(kind="lenient" if _is_readable_leniently(text) else "malformed")
    if _has_lone_surrogates(text, value):
        return Body(kind="disputed")
    return Body(kind="object" if isinstance(value, dict) else "value", value=value)


def _asked(request: Request, contract: Contract) -> Asked:
    http, parsed = _form(request)
    method, path, headers, content = parsed.method, parsed.path, parsed.headers, b"".join(parsed.content)
    targets = tuple(value for name, value in headers if name.lower() == "x-amz-target")
    prefix, _, name = targets[0].rpartition(".") if len(targets) == 1 else ("", "", "")
    spelling = _spelling(prefix, contract)
    types = [value for key, value in headers if key.lower() == "content-type"]
    media, charset = _media(types[0]) if len(types) == 1 else (None, False)
    return Asked(
        http=http,
        method=method,
        path=path,
        targets=targets,
        spelling=spelling,
        operation=contract.operations.get(name) if spelling is not None else None,
        media=media,
        charset=charset,
        body=read_body(content),
    )


def _spelling(prefix: str, contract: Contract) -> str | None:
    return next((spelling for spelling, known in contract.targets.items() if known == prefix), None)


def _media(value: str) -> tuple[str | None, bool]:
    """The media type, where nothing but a charset of UTF-8 stands behind it, and whether that does."""
    kind, *parameters = value.split(";")
    if not all(_CHARSET.fullmatch(each) for each in parameters) or len(parameters) > 1:
        return None, False
    return kind.strip(), bool(parameters)


# -- HTTP


def _form(request: Request) -> tuple[Http, _Parsed]:
    """How usual a request is, for the endpoint that it was sent to, and what is in it."""
    assert request.head is not None
    http, found = _http(request.head, request.body)
    if http == "usual" and (_is_large(request) or found.path != (urlsplit(request.url).path or "/")):
        return "legal", found
    return http, found


class _Parsed:
    """What llhttp found in the bytes of a request; its callbacks are the methods."""

    def __init__(self) -> None:
        self.method = self.path = ""
        self.headers: list[tuple[str, str]] = []
        self.content: list[bytes] = []
        self.begun = self.ended = 0

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.path += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.ended == 0:
            self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, data: bytes) -> None:
        if self.ended == 0:
            self.content.append(data)

    def on_message_complete(self) -> None:
        self.ended += 1


def _http(head: bytes, body: bytes) -> tuple[Http, _Parsed]:
    """Is it one whole request of HTTP, and one as every client writes it?"""
    found = _Parsed()
    parser = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(head + body)
    except httptools.HttpParserUpgrade:
        return "legal", found
    except httptools.HttpParserError:
        return "broken", found
    found.method = parser.get_method().decode("latin-1")
    hosts = sum(name.lower() == "host" for name, _ in found.headers)
    if found.begun != 1 or found.ended != 1 or (hosts != 1 and parser.get_http_version() != "1.0"):
        return "broken", found
    return "usual" if _is_usual(head, found.headers) else "legal", found


def _is_usual(head: bytes, headers: list[tuple[str, str]]) -> bool:
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if _FIRST_LINE.fullmatch(first) is None or b"?" in first or b"//" in first or b"%" in first:
        return False
    if not all(_FIELD.fullmatch(line) for line in lines):
        return False
    names = [name.lower() for name, _ in headers]
    connection = next((value.lower() for name, value in headers if name.lower() == "connection"), "")
    return (
        not _UNUSUAL_FIELDS & set(names)
        and connection in _CONNECTION
        and all(names.count(name) == 1 for name in ("host", "content-length"))
    )


def _is_large(request: Request) -> bool:
    return len(request.body) > _LARGE or len(request.head or b"") > _LONG_HEAD


# -- JSON


class _DisputedError(ValueError):
    """A member comes twice, or a number is longer than some parsers read."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DisputedError
    return members


def _short(digits: str) -> int:
    if len(digits) > _LONG_NUMBER:
        raise _DisputedError
    return int(digits)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_once, parse_int=_short, parse_constant=_no_constant)
_LENIENT: Final = json.JSONDecoder(strict=False, parse_int=float)


def _parses(text: str) -> bool:
    """May some parser read it as JSON, however deep it is nested?"""
    try:
        json.loads(text, parse_int=float)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _is_readable_leniently(text: str) -> bool:
    """Is there a value in it for a parser that takes NaN, comments, control characters, or more behind the value?"""
    for each in (text, _COMMENT.sub(lambda match: match[1] or " ", text)):
        try:
            _LENIENT.raw_decode(each.lstrip())
        except (ValueError, RecursionError):
            continue
        return True
    return _is_readable_leniently(text.replace("'", '"')) if "'" in text else False


def _is_readable_otherwise(content: bytes) -> bool:
    """Is it JSON in another encoding, or where bytes that are no UTF-8 are replaced?"""
    encoding = json.detect_encoding(content)
    texts = [content.decode(encoding, "replace"), content.decode("utf-8", "replace"), content.decode("latin-1")]
    return any(_is_readable_leniently(text.removeprefix("\ufeff")) for text in texts)


def _has_lone_surrogates(text: str, value: Any) -> bool:
    if "\\ud" not in text and "\\uD" not in text:
        return False
    return any("\ud800" <= character <= "\udfff" for character in json.dumps(value, ensure_ascii=False))


_ARTICLES: Final = {
    "string": "a string", "integer": "an integer", "array": "a list", "object": "an object",
    "boolean": "a Boolean", "number": "a number",
}  # fmt: skip


def _named(value: Any) -> str:
    names = {str: "a string", bool: "a Boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "null")
