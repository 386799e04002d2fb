"""Tokens: a position in a list, sealed so that nobody can read, alter, invent or carry it to another list.

A token is the position under a MAC that also covers what the walk is about (account and filters), so that a token of
one list opens no other. The position itself is masked by a second MAC of the first, which makes the token opaque. It is
opened by sealing what it seems to say and comparing the whole text in constant time: no second spelling of a token,
however the decoder would read it, is ever accepted.

The alphabet is base64 with `-` for `+`: that is what the first edition's pattern for NextToken allows.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Protocol

from assay.reference.refusals import VALIDATION, Refusal

__all__ = ["SealedTokens", "TokenSealer"]

_MAC_SIZE = 16
_POSITION_SIZE = 8
_ALPHABET = b"-/"


class TokenSealer(Protocol):
    """Positions to tokens, and back."""

    def seal(self, position: int, binding: bytes) -> str:
        """The token that leads to a position of the list that `binding` names."""

    def open(self, token: str, binding: bytes) -> int:
        """The position that a token leads to; a refusal where it is not ours, or another list's."""


class SealedTokens:
    """The careful sealer."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, position: int, binding: bytes) -> str:
        """The token that leads to a position of the list that `binding` names."""
        plain = position.to_bytes(_POSITION_SIZE, "big")
        mac = hmac.digest(self._key, b"seal" + plain + binding, "sha256")[:_MAC_SIZE]
        return base64.b64encode(mac + self._masked(plain, mac), _ALPHABET).decode("ascii")

    def open(self, token: str, binding: bytes) -> int:
        """The position that a token leads to; a refusal where it is not ours, or another list's."""
        try:
            sealed = base64.b64decode(token.encode("ascii"), _ALPHABET)
        except (binascii.Error, ValueError):
            raise _not_ours() from None
        if len(sealed) != _MAC_SIZE + _POSITION_SIZE:
            raise _not_ours()
        mac, masked = sealed[:_MAC_SIZE], sealed[_MAC_SIZE:]
        position = int.from_bytes(self._masked(masked, mac), "big")
        if not hmac.compare_digest(self.seal(position, binding), token):
            raise _not_ours()
        return position

    def _masked(self, text: bytes, mac: bytes) -> bytes:
        mask = hmac.digest(self._key, b"mask" + mac, "sha256")
        return bytes(byte ^ other for byte, other in zip(text, mask, strict=False))


def _not_ours() -> Refusal:
    return Refusal("ValidationException", "The NextToken is not valid for this request", namespace=VALIDATION)
