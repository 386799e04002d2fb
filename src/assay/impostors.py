"""Impostors: servers that serve nothing of the kind, and that no run may find to conform.

A suite that never says no is worse than none. Each of these is as near to a server as one can be without being one: it
is not there, it never answers, it says one thing to everybody, or it gives what the reference says to somebody else.
Against every one a run must end with another code than 0, and one line must say why. The first lines of the docstrings
are what people read; what an impostor is made of is an application, or what puts one around the reference's.
"""

from __future__ import annotations

import difflib
import inspect
import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from assay.reference.wire import Application, Message, Receive, Send

__all__ = ["ALL", "Impostor", "named"]

_JSON = b"application/x-amz-json-1.0"
_ARN = "arn:aws:codestar-connections:us-east-1:123456789012:connection/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
_CONNECTION = {
    "ConnectionArn": _ARN,
    "ConnectionName": "MyConnection",
    "ConnectionStatus": "AVAILABLE",
    "OwnerAccountId": "123456789012",
    "ProviderType": "Bitbucket",
}
_PAGE = b"<!DOCTYPE html><html><head><title>It works!</title></head><body><h1>It works!</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impostor:
    """One of them: its name, its story, and what it puts around the reference; None where nobody listens at all."""

    name: str
    description: str
    around: Callable[[Application], Application] | None
    options: tuple[str, ...] = ()


_REGISTERED: dict[str, Impostor] = {}


def _impostor(name: str, *, options: tuple[str, ...] = ()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(around: Callable[..., Any]) -> Callable[..., Any]:
        description = inspect.getdoc(around) or ""
        _REGISTERED[name] = Impostor(name=name, description=description, around=around, options=options)
        return around

    return enter


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if not message.get("more_body"):
            return body


async def _send(send: Send, status: int, body: bytes, content_type: bytes = _JSON) -> None:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _saying(status: int, body: bytes, content_type: bytes = _JSON) -> Application:
    """A server that says one thing to everybody."""

    async def serve(_: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await _read(receive)
        await _send(send, status, body, content_type)

    return serve


@_impostor("silent", options=("--timeout", "1s"))
def _silent(_: Application) -> Application:
    """Take every request and never answer."""

    async def serve(_: MutableMapping[str, Any], receive: Receive, __: Send) -> None:
        await _read(receive)
        await receive()  # until the client hangs up

    return serve


@_impostor("always-empty")
def _always_empty(_: Application) -> Application:
    """Answer 200 and `{}` to everything, as a mock does that nobody configured."""
    return _saying(200, b"{}")


@_impostor("always-the-same")
def _always_the_same(_: Application) -> Application:
    """Answer everything with one canned answer, which is right for each operation taken by itself."""
    same = {"ConnectionArn": _ARN, "Connection": _CONNECTION, "Connections": [_CONNECTION]}
    return _saying(200, json.dumps(same).encode())


@_impostor("always-html")
def _always_html(_: Application) -> Application:
    """Answer 200 and a page of HTML to everything: the port belongs to a web server."""
    return _saying(200, _PAGE, b"text/html; charset=utf-8")


@_impostor("always-400")
def _always_400(_: Application) -> Application:
    """Refuse everything with a ValidationException."""
    return _saying(400, b'{"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error"}')


@_impostor("always-404")
def _always_404(_: Application) -> Application:
    """Answer 404 to everything: the server serves something else."""
    return _saying(404, b'{"message":"Not Found"}', b"application/json")


@_impostor("always-not-found")
def _always_not_found(_: Application) -> Application:
    """Find no resource, whatever is asked."""
    return _saying(400, b'{"__type":"com.amazonaws.codestar.connections#ResourceNotFoundException"}')


@_impostor("always-500")
def _always_500(_: Application) -> Application:
    """Fail at everything with status 500."""
    return _saying(500, b'{"__type":"com.amazon.coral.service#InternalFailure"}')


@_impostor("echo")
def _echo(_: Application) -> Application:
    """Answer every request with its own body."""

    async def serve(_: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await _send(send, 200, await _read(receive))

    return serve


def _one_late(app: Application, sort_of: Callable[[MutableMapping[str, Any]], object]) -> Application:
    """The reference, whose every answer goes to the next caller of its sort; the first hears what it asked for."""
    waiting: dict[object, list[Message]] = {}

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await app(scope, receive, keep)
        if not said:
            return  # the caller hung up before it had asked
        sort = sort_of(scope)
        for message in waiting.get(sort, said):
            await send(message)
        waiting[sort] = said

    return serve


@_impostor("shuffled")
def _shuffled(app: Application) -> Application:
    """Carry out every request as the reference does, and hand its answer to whoever calls next."""
    return _one_late(app, lambda _: None)


@_impostor("shuffled-alike")
def _shuffled_alike(app: Application) -> Application:
    """Carry out every request, and hand its answer to whoever calls the same operation next."""
    return _one_late(app, lambda scope: dict(scope["headers"]).get(b"x-amz-target"))


_OBEYED = (
    "</summary><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> ]]> "
    "\x1b[31mred\x1b]0;owned\x07 \x00 \u202eevil \ufffe {{ 7 * 6 }} "
    "# heading\n```\n[link](javascript:alert(1)) | @everyone"
)


@_impostor("hostile")
def _hostile(app: Application) -> Application:
    """Carry out every request, and put what a browser or a terminal would obey into every name and message."""

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await app(scope, receive, keep)
        if not said:
            return  # the caller hung up before it had asked
        headers = dict(scope["headers"])
        secrets = b" ".join(headers.get(name, b"") for name in (b"authorization", b"x-amz-security-token"))
        body = b"".join(message.get("body", b"") for message in said[1:])
        told = _spoilt(json.loads(body), f"{_OBEYED} {secrets.decode('latin-1')}") if body else {}
        await _send(send, said[0]["status"], json.dumps(told).encode())

    return serve


def _spoilt(value: Any, more: str) -> Any:
    """An answer whose names and messages say more than they should, and that has one member too many."""
    match value:
        case dict():
            spoilt = {
                key: f"{each}{more}" if key.lower() in {"connectionname", "message"} else _spoilt(each, more)
                for key, each in value.items()
            }
            return {**spoilt, more: more}
        case list():
            return [_spoilt(each, more) for each in value]
        case _:
            return value


_REGISTERED["stopped"] = Impostor(
    name="stopped", description="Be gone: the port is taken, and nobody listens.", around=None
)

ALL: Mapping[str, Impostor] = MappingProxyType(dict(sorted(_REGISTERED.items())))


def named(name: str) -> Impostor:
    """The impostor of this name."""
    if name not in ALL:
        near = difflib.get_close_matches(name, ALL, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(ALL)}"
        raise UsageError(f"there is no impostor {name!r}", hint=hint)
    return ALL[name]
