"""An exchange as it went over the wire, as lines that a person can read, and no longer than a person would.

Lines are `legible`: what stands here was said by an endpoint. The whole of it stands in the results.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from reports.quotation import legible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["exchange_of"]

_LONGEST_BODY: Final = 4_000
_LONGEST_LINE: Final = 1_000
_MOST_HEADERS: Final = 40


def exchange_of(call: Mapping[str, Any]) -> tuple[str, str]:
    """What was sent and what came, each as text."""
    request, response = call["request"], call.get("response")
    asked = [f"POST {legible(request['url'], _LONGEST_LINE)}", *_rest(request)]
    if response is None:
        outcome = call["outcome"]
        came = [f"no answer: {legible(str(outcome.get('reason') or outcome['kind']), _LONGEST_LINE)}"]
        if outcome.get("detail"):
            came.append(legible(str(outcome["detail"]), _LONGEST_LINE))
    else:
        came = [f"HTTP {response['status']}", *_rest(response)]
    return "\n".join(asked), "\n".join(came)


def _rest(message: Mapping[str, Any]) -> Iterator[str]:
    headers = message["headers"]
    for name, value in headers[:_MOST_HEADERS]:
        yield f"{legible(name, _LONGEST_LINE)}: {legible(value, _LONGEST_LINE)}"
    if len(headers) > _MOST_HEADERS:
        yield f"(and {len(headers) - _MOST_HEADERS} more)"
    body = _body(message)
    if body:
        yield ""
        yield legible(body[:_LONGEST_BODY])
        if len(body) > _LONGEST_BODY:
            yield f"(and {len(body) - _LONGEST_BODY:,} more characters)"


def _body(message: Mapping[str, Any]) -> str:
    if "body_base64" not in message:
        return str(message.get("body", ""))
    try:
        return base64.b64decode(message["body_base64"]).decode("utf-8", "backslashreplace")
    except binascii.Error:
        return str(message["body_base64"])
