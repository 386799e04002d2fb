"""What an answer means, read wherever it can be.

The reader is tolerant so that one fault hides no other: an error's name is taken from the body, from a header, from
XML, an accepted answer from text/plain, or from no body at all. What was wrong with the form is for a law to find; the
response is kept whole for it. It never guesses, though: a 5xx, a redirect, HTML or a bare array under 200 is `Unknown`.
And no bytes make it raise.
"""

from __future__ import annotations

import math
import re
import sys
from json import JSONDecoder
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted, Outcome, Refused, Response, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["THROTTLED", "error_code", "read"]

_MAX_MESSAGE: Final = 1000
_MAX_CODE: Final = 200
_MAX_DEPTH: Final = 100
_MAX_XML: Final = 64 * 1024
THROTTLED: Final = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "BandwidthLimitExceeded",
        "SlowDown",
    }
)
"""The errors that turn a call away for its rate."""

_TOO_MANY, _UNAVAILABLE = 429, 503
_XML_CODE: Final = re.compile(r"<Code>\s*([^<]{1,200}?)\s*</Code>")
_XML_MESSAGE: Final = re.compile(r"<Message>\s*([^<]{1,1000}?)\s*</Message>")


def read(operation: str, response: Response) -> Outcome:  # noqa: ARG001 - what an answer means may one day depend on it
    """The outcome that an answer tells; never raises."""
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP
        return _read_success(response)
    if 400 <= status < 500:  # noqa: PLR2004 - HTTP
        value = _object_or_none(response.body)
        code = error_code(response, value)
        return Refused(code, status, _message(response, value), _is_throttled(code, response))
    if 500 <= status < 600:  # noqa: PLR2004 - HTTP
        code = error_code(response, _object_or_none(response.body))
        return Unknown("server-error", f"{status} {code}" if code else str(status), _is_throttled(code, response))
    return Unknown("unreadable", f"status {status}")


def error_code(response: Response, value: Mapping[str, Any] | None) -> str | None:
    """The error's name without its namespace, from where it is said first; None where it is said nowhere."""
    inner = value.get("Error") if value is not None else None
    places = (
        value.get("__type") if value is not None else None,
        _wrapped_type(value),
        response.header("x-amzn-errortype"),
        *((value.get("code"), value.get("Code")) if value is not None else ()),
        *((inner.get("Code"), inner.get("code")) if isinstance(inner, dict) else ()),
    )
    for said in places:
        if isinstance(said, str) and (code := _without_namespace(said)):
            return code
    return None if value is not None else _from_xml(_XML_CODE, response.body)


def _read_success(response: Response) -> Outcome:
    body = response.body
    if not body:
        return Accepted({})
    try:
        value = _parse(body)
    except ValueError as error:
        return Unknown("unreadable", f"not JSON: {error}"[:200])
    if value is None:
        return Accepted({})  # some say so for nothing; that it is no object is for the laws to say
    if type(value) is not dict:
        return Unknown("unreadable", f"JSON, but {_kind(value)} and not an object")
    if "__type" in value or "Output" in value:
        for said in (value.get("__type"), _wrapped_type(value)):
            # Some frameworks name the type of every answer so, not of errors alone.
            if (
                isinstance(said, str)
                and (code := _without_namespace(said))
                and not code.endswith(("Output", "Response", "Result"))
            ):
                return Refused(code, response.status, _message(response, value), _is_throttled(code, response))
    return Accepted(value)


def _parse(body: bytes) -> Any:
    """The JSON value.

    Raises:
        ValueError: it is none, or none that anybody else could read.

    """
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if body.count(b"[") + body.count(b"{") > _MAX_DEPTH and _is_deep(value):
        raise ValueError(_TOO_DEEP)
    return value


_TOO_DEEP: Final = f"it is nested deeper than {_MAX_DEPTH} levels"


def _is_deep(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_MAX_DEPTH):
        inner: Iterable[Any] = (each for one in level for each in (one.values() if isinstance(one, dict) else one))
        level = [each for each in inner if type(each) is dict or type(each) is list]
        if not level:
            return False
    return True


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    """A number of JSON that is too large for a float is the largest one: infinity could not be written down again."""
    number = float(digits)
    return math.copysign(sys.float_info.max, number) if math.isinf(number) else number


_DECODER: Final = JSONDecoder(parse_constant=_no_constant, parse_float=_finite)


def _object_or_none(body: bytes) -> dict[str, Any] | None:
    try:
        value = _parse(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _wrapped_type(value: Mapping[str, Any] | None) -> Any:
    """The error's name in `{"Output": {"__type": …}, "Version": "1.0"}`, as AWS answers a wrong content type."""
    output = value.get("Output") if value is not None else None
    return output.get("__type") if isinstance(output, dict) else None


def _without_namespace(said: str) -> str:
    return said[:_MAX_CODE].rpartition("#")[2].partition(":")[0].strip()


def _message(response: Response, value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return _from_xml(_XML_MESSAGE, response.body)
    inner = value.get("Error")
    for place in (value, inner if isinstance(inner, dict) else {}):
        for name in ("message", "Message", "errorMessage"):
            said = place.get(name)
            if isinstance(said, str):
                return said[:_MAX_MESSAGE]
    return None


def _from_xml(wanted: re.Pattern[str], body: bytes) -> str | None:
    found = wanted.search(body[:_MAX_XML].decode("utf-8", "replace"))
    return found[1] if found else None


def _is_throttled(code: str | None, response: Response) -> bool:
    """Was it turned away for its rate? A quota (LimitExceededException) is another thing, even with a 429."""
    if code in THROTTLED:
        return True
    if response.status == _TOO_MANY:
        return code != "LimitExceededException"
    return response.status == _UNAVAILABLE and response.header("retry-after") is not None


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "a Boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
