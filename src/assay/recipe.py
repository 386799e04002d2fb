"""A request as a recipe: an ordinary one, and what is changed about it before it goes over the wire.

An ordinary request of any of the four operations is known: its verb, its header, its body. A recipe says in data how
another one differs, and nothing that it says is repaired: a length may lie, a header may come twice, a body may be no
JSON. So a malformed request can be drawn, shrunk, stored and printed like any other step of a program. What is fresh at
every execution (a name, an ARN, a date, a signature) is not in a recipe; words in angle brackets stand for it.

In `body`, `target`, the values of header fields and `literal`:
    <members>     the members of the ordinary input, without their braces     <object>     the same with braces
    <name> <arn>  the name, or the ARN, of the ordinary input, in quotes      <deep:N>     N lists, one in the other
    <pad:N> <zeros:N>        N letters, N zeros        <operation> <lower>  the operation's name, also in small letters
    <long> <short> <prefix>  the service in X-Amz-Target: both spellings, and that of this run
    <target>      the ordinary X-Amz-Target        <type>  the ordinary Content-Type       <host>  host and port
    <length> <longer> <shorter>  the length of the body, ten more, ten fewer
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from assay.contract import Contract, Role

__all__ = ["ENCODINGS", "FRAMINGS", "WORDS", "Framing", "Message", "Recipe", "compose", "unknown_words"]

Framing: TypeAlias = Literal["length", "chunked", "none", "both"]

FRAMINGS: Final[tuple[Framing, ...]] = ("length", "chunked", "none", "both")
"""How the end of the body is told: by its length, in chunks, not at all, or in both ways at once."""

ENCODINGS: Final = ("utf-8", "utf-16", "utf-16-le", "utf-32", "latin-1")
"""How the text of a body becomes bytes; latin-1 lets a text hold any byte."""

WORDS: Final = frozenset(
    {
        *("members", "object", "name", "arn", "deep", "pad", "zeros", "operation", "lower", "long", "short", "prefix"),
        *("target", "type", "host", "length", "longer", "shorter"),
    }
)
"""The words that may stand in angle brackets."""

_WORD: Final = re.compile(r"<([a-z]+)(?::([0-9]{1,7}))?>")
_MOST: Final = 1024 * 1024 + 64
_OFF: Final = 10
_SPELLINGS: Final = (None, "<target>", "<short>.<operation>", "<long>.<operation>")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a request differs from the ordinary one of `base`; what is not said is as it is there.

    `members` are put into the input, over what is there; `without` are left out of it. `body` is a text in the place of
    the input's JSON, `encoding` how it becomes bytes. `headers` replace the field of that name, whatever the case, or
    are added where there is none; `more_headers` are added behind all others; `without_headers` are left out. `literal`
    is the whole request, head and body, and then nothing else counts but `base`.
    """

    base: Role = "list"
    members: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    body: str | None = None
    encoding: str = "utf-8"
    method: str = "POST"
    path: str = ""
    version: str = "HTTP/1.1"
    target: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    more_headers: tuple[tuple[str, str], ...] = ()
    without_headers: tuple[str, ...] = ()
    framing: Framing = "length"
    literal: str | None = None

    def __str__(self) -> str:
        """As a person would write it: the base, and each change."""
        changes = []
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "base" or value == getattr(_PLAIN, item.name):
                continue
            text = json.dumps(value, ensure_ascii=True)
            changes.append(f"{item.name.replace('_', ' ')} {text if len(text) <= 60 else text[:59] + '…'}")  # noqa: PLR2004 - a clause
        return self.base + (f" with {', '.join(changes)}" if changes else "")

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Recipe:
        """The recipe whose fields, but for those that are as usual, `as_json` wrote."""
        values = dict(record)
        for name in ("headers", "more_headers"):
            if name in values:
                values[name] = tuple((str(key), str(value)) for key, value in values[name])
        for name in ("without", "without_headers"):
            if name in values:
                values[name] = tuple(map(str, values[name]))
        return cls(**values)

    def says_what_it_is_about(self, members: Collection[str]) -> bool:
        """Is it as readable as the ordinary request, and says of these members what that says?"""
        is_plain = self.body is None and self.literal is None and self.framing in {"length", "chunked"}
        is_addressed = self.target in _SPELLINGS and "X-Amz-Target" not in self.without_headers
        says_other = {*self.members, *self.without}.intersection(members)
        return is_plain and self.encoding == _PLAIN.encoding and is_addressed and not says_other

    def plainer(self) -> Iterator[Recipe]:
        """Recipes with one change fewer."""
        for item in fields(self):
            if item.name != "base" and getattr(self, item.name) != getattr(_PLAIN, item.name):
                yield replace(self, **{item.name: getattr(_PLAIN, item.name)})
        for name in self.members if len(self.members) > 1 else ():
            yield replace(self, members={key: value for key, value in self.members.items() if key != name})

    def as_json(self) -> dict[str, Any]:
        """The fields that are not as usual, as JSON values."""
        record: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value != getattr(_PLAIN, item.name):
                record[item.name] = _plain_json(value)
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request that only lacks its date and its signature: `head` is its first line and its fields, in order.

    `is_literal`: it is sent as it is, unsigned. `content` is the body before it was cut into chunks: what is signed.
    """

    method: str
    path: str
    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    content: bytes
    is_literal: bool = False
    literal: bytes = b""


def compose(  # noqa: PLR0913 - a recipe, and all that it does not say
    recipe: Recipe, contract: Contract, members: Mapping[str, Any], *, spelling: str, host: str, path: str = "/"
) -> Message:
    """The request of a recipe.

    `members` are the ordinary input of its base, `host` and `path` those of the endpoint.

    Raises:
        ValueError: a word in angle brackets that there is not.

    """
    operation = next(each for each in contract.operations.values() if each.role == recipe.base)
    given = {**members, **recipe.members}
    for name in recipe.without:
        given.pop(name, None)
    words = {
        "object": _json(given),
        "members": _json(given)[1:-1],
        "name": _json(members.get(contract.resource.name, "")),
        "arn": _json(members.get(contract.resource.identity, "")),
        "operation": operation.name,
        "lower": operation.name.lower(),
        "prefix": contract.targets[spelling],
        "target": f"{contract.targets[spelling]}.{operation.name}",
        "type": contract.content_type,
        "host": host,
        **contract.targets,
    }
    content = _bytes(_filled("<object>" if recipe.body is None else recipe.body, words), recipe.encoding)
    body = _chunked(content) if recipe.framing in {"chunked", "both"} else content
    for name, length in (("length", len(content)), ("longer", len(content) + _OFF)):
        words[name] = str(length)
    words["shorter"] = str(max(0, len(content) - _OFF))
    if recipe.literal is not None:
        text = _filled(recipe.literal, words)
        return Message(
            method="", path="", version="", headers=(), body=b"", content=b"", is_literal=True,
            literal=text.encode("latin-1", "replace"),
        )  # fmt: skip
    headers = [
        ("Host", host),
        ("Accept-Encoding", "identity"),
        ("X-Amz-Target", words["target"] if recipe.target is None else _filled(recipe.target, words)),
        ("Content-Type", words["type"]),
    ]
    if recipe.framing in {"length", "both"}:
        headers.append(("Content-Length", words["length"]))
    if recipe.framing in {"chunked", "both"}:
        headers.append(("Transfer-Encoding", "chunked"))
    for name, value in recipe.headers:
        _put(headers, name, _filled(value, words))
    left_out = {name.lower() for name in recipe.without_headers}
    headers = [each for each in headers if each[0].lower() not in left_out]
    headers += [(name, _filled(value, words)) for name, value in recipe.more_headers]
    return Message(
        method=recipe.method,
        path=path + _filled(recipe.path, words),
        version=recipe.version,
        headers=tuple(headers),
        body=body,
        content=content,
    )


def unknown_words(text: str) -> list[str]:
    """The words in angle brackets that stand for nothing."""
    return [match[1] for match in _WORD.finditer(text) if match[1] not in WORDS]


def _filled(text: str, words: Mapping[str, str]) -> str:
    def word(match: re.Match[str]) -> str:
        name, number = match[1], min(int(match[2] or 1), _MOST)
        if name == "deep":
            return "[" * number + "]" * number
        if name in {"pad", "zeros"}:
            return ("x" if name == "pad" else "0") * number
        if name not in words:
            raise ValueError(f"<{name}> stands for nothing")
        return words[name]

    return _WORD.sub(word, text)


def _bytes(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


def _chunked(content: bytes) -> bytes:
    """In two chunks, where there is enough of it."""
    half = len(content) // 2
    chunks = [part for part in (content[:half], content[half:]) if part]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in chunks) + b"0\r\n\r\n"


def _put(headers: list[tuple[str, str]], name: str, value: str) -> None:
    for place, (known, _) in enumerate(headers):
        if known.lower() == name.lower():
            headers[place] = (name, value)
            return
    headers.append((name, value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain_json(value: Any) -> Any:
    return [_plain_json(each) for each in value] if isinstance(value, tuple) else value


_PLAIN: Final = Recipe()
