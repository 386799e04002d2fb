"""The ways in which a request can be signed, each by one word.

Authorization and session tokens never reach a history, so a law about signatures has to be told otherwise what was odd
about one: a call carries one of these words, `valid` nearly always. A word says what was done to the request, and what
may be said of the answer follows from the group that it stands in: whoever signs well is to be let in, however oddly
the header fields are written; whoever signs badly is to be turned away; and of some forms nobody knows what AWS does
with them here, so they are sent, told and not judged.

How a word is put on the wire is `assay.target.missigned`'s to know.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MISSING", "OLD", "PROPER", "SIGNINGS", "TAMPERED", "TOLD", "UNKNOWN_KEY", "VALID", "WRONG"]

VALID: Final = "valid"

SIGNINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        VALID: "signed",
        "missing": "not signed",
        "wrong-secret": "signed with another secret",
        "altered-signature": "signed, the last digit of the signature changed",
        "wrong-region": "signed for one Region, the scope naming another",
        "wrong-service": "signed for another service",
        "unknown-key": "signed with an access key that nobody has",
        "tampered-body": "signed with another body",
        "tampered-declared": "signed with another body, whose hash a header still tells",
        "tampered-header": "signed with another value of a signed header field",
        "tampered-target": "signed for another operation",
        "old-date": "signed twenty minutes ago",
        "odd-spaces": "signed, with spaces before, within and after the values of header fields",
        "odd-order": "signed, with the header fields in another order",
        "odd-case": "signed, with the names of header fields in upper case",
        "odd-empty": "signed, with a header field that has no value",
        "odd-path": "signed, with the path //",
        "unsigned-payload": "signed without its body",
        "presigned-query": "signed in the query",
        "foreign-token": "signed, with a session token that nobody was given",
    }
)
"""Every word, and what it says of a request, to stand behind `a request that was`."""

MISSING: Final = ("missing",)
WRONG: Final = ("wrong-secret", "altered-signature", "wrong-region", "wrong-service")
TAMPERED: Final = ("tampered-body", "tampered-declared", "tampered-header", "tampered-target")
OLD: Final = ("old-date",)
UNKNOWN_KEY: Final = ("unknown-key",)
PROPER: Final = ("odd-spaces", "odd-order", "odd-case", "odd-empty", "odd-path")
"""Signed well, and written oddly: what SigV4 makes the same."""

TOLD: Final = ("unsigned-payload", "presigned-query", "foreign-token")
"""What other AWS services take or refuse by rules of their own, and nobody saw this one answer."""
