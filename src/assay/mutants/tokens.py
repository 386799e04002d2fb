"""Faults of tokens: what they look like, when they are given, and who else can make them."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.refusals import VALIDATION, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.lists import Page, PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Parts
    from assay.reference.tokens import TokenSealer


def _not_ours() -> Refusal:
    return Refusal("ValidationException", "The NextToken is not valid for this request", namespace=VALIDATION)


@mutant("token.empty-at-end", caught_by=("connection.list.token",))
def empty_at_end(parts: Parts) -> Parts:
    """Give an empty token on the last page.

    Languages without null have the empty string, and a struct is written as it is.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        return replace(careful, next_token=careful.next_token or "")

    return replace(parts, page=page)


@dataclass(frozen=True, slots=True)
class _Digits:
    """The careful sealer's tokens, written as decimal numbers."""

    careful: TokenSealer

    def seal(self, position: int, binding: bytes) -> str:
        return str(int.from_bytes(b"\1" + self.careful.seal(position, binding).encode(), "big"))

    def open(self, token: str, binding: bytes) -> int:
        if not token.isdecimal() or not token.isascii():
            raise _not_ours()
        number = int(token)
        sealed = number.to_bytes((number.bit_length() + 7) // 8, "big")[1:]
        return self.careful.open(sealed.decode("latin-1"), binding)


@mutant("token.number", caught_by=("connection.list.token",))
def number(parts: Parts) -> Parts:
    """Give a token that is a JSON number, and take it back as text.

    The server's language turns text into numbers where it can and writes what it has.
    """
    careful_list = parts.handlers["ListConnections"]

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_list(parts_now, call)
        token = answer.get("NextToken")
        return answer if token is None else {**answer, "NextToken": int(str(token))}

    handlers = parts.handlers_with(ListConnections=list_connections)
    return replace(parts, tokens=_Digits(parts.tokens), handlers=handlers)


@mutant("token.holds-the-page", caught_by=("connection.list.token",))
def holds_the_page(parts: Parts) -> Parts:
    """Write every ARN of the page into its token, which grows beyond what the endpoint itself accepts.

    A token without a state on the server holds what has been shown. It is short with pages of two, which is what the
    emulator's own tests ask for.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.token is not None:
            sealed, _, noted = wanted.token.partition(".")
            position = parts_now.tokens.open(sealed, wanted.binding + noted.encode())
            opened = parts_now.tokens.seal(position, wanted.binding)
            careful = parts.page(parts_now, replace(wanted, token=opened))
        else:
            careful = parts.page(parts_now, wanted)
        if careful.next_token is None:
            return careful
        arns = "\n".join(connection.arn for connection in careful.connections)
        noted = base64.urlsafe_b64encode(arns.encode()).decode()
        last = careful.connections[-1].sequence
        return replace(careful, next_token=f"{parts_now.tokens.seal(last, wanted.binding + noted.encode())}.{noted}")

    return replace(parts, page=page)


@mutant("token.never-given", caught_by=("connection.list.complete",))
def never_given(parts: Parts) -> Parts:
    """Cut the list where MaxResults says, and give no token for the rest.

    Half of the feature: the limit was easy, and what is beyond it nobody missed.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return replace(parts.page(parts_now, wanted), next_token=None)

    return replace(parts, page=page)


@mutant("token.always-given", caught_by=("connection.list.terminates",))
def always_given(parts: Parts) -> Parts:
    """Give a token on the last page too, and on every one of the empty pages that follow.

    The token is made from the last item that was shown, and from the old token where there was none.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        if careful.next_token is not None:
            return careful
        if careful.connections:
            position = careful.connections[-1].sequence
        else:
            position = 0 if wanted.token is None else parts_now.tokens.open(wanted.token, wanted.binding)
        return replace(careful, next_token=parts_now.tokens.seal(position, wanted.binding))

    return replace(parts, page=page)


@dataclass(frozen=True, slots=True)
class _PlainNumbers:
    """Positions as they are."""

    def seal(self, position: int, binding: bytes) -> str:  # noqa: ARG002 - that is the fault
        return str(position)

    def open(self, token: str, binding: bytes) -> int:  # noqa: ARG002 - that is the fault
        if not token.isdecimal() or not token.isascii():
            raise _not_ours()
        return int(token)


@mutant("token.plain-number", caught_by=("connection.list.token-forged",))
def plain_number(parts: Parts) -> Parts:
    """Give positions for tokens, as decimal numbers, and take any number for one.

    The shortest token there is; text that is no number is refused.
    """
    return replace(parts, tokens=_PlainNumbers())


@dataclass(frozen=True, slots=True)
class _Unsealed:
    """Positions in JSON in base64, taken from anybody."""

    def seal(self, position: int, binding: bytes) -> str:
        about = binascii.crc32(binding)
        return base64.b64encode(json.dumps({"list": about, "position": position}).encode()).decode()

    def open(self, token: str, binding: bytes) -> int:
        try:
            found = json.loads(base64.b64decode(token, validate=True))
            position = found["position"]
        except (ValueError, TypeError, KeyError):
            raise _not_ours() from None
        if not isinstance(position, int) or found.get("list") != binascii.crc32(binding):
            raise _not_ours()
        return position


@mutant("token.unsealed", caught_by=("connection.list.token-forged",))
def unsealed(parts: Parts) -> Parts:
    """Write list and position into the token as JSON in base64, and believe whatever comes back in that form.

    It looks opaque, which is what the documentation asks for, and it is what most emulators have.
    """
    return replace(parts, tokens=_Unsealed())


@dataclass(frozen=True, slots=True)
class _Forgiving:
    """The careful sealer, but what it cannot open leads to the first page."""

    careful: TokenSealer

    def seal(self, position: int, binding: bytes) -> str:
        return self.careful.seal(position, binding)

    def open(self, token: str, binding: bytes) -> int:
        try:
            return self.careful.open(token, binding)
        except Refusal:
            return 0


@mutant("token.garbage-is-first-page", caught_by=("connection.list.token-forged",))
def garbage_is_first_page(parts: Parts) -> Parts:
    """Answer a token that cannot be read with the first page.

    `positions.get(token, 0)`: a default is handy, and no client ever sends a token that it was not given.
    """
    return replace(parts, tokens=_Forgiving(parts.tokens))


@mutant("token.lost-with-filter", caught_by=("connection.list.terminates",))
def lost_with_filter(parts: Parts) -> Parts:
    """Show the first page again and again where a filter is given.

    The branch for filters asks another index and was written before there were pages; the token does not reach it.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.token is None or wanted.provider_type is None:
            return parts.page(parts_now, wanted)
        parts_now.tokens.open(wanted.token, wanted.binding)
        return parts.page(parts_now, replace(wanted, token=None))

    return replace(parts, page=page)
