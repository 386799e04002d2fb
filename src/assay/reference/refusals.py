"""What the reference refuses, in AWS's words.

An error of an awsJson service is a type with a namespace and, mostly, a message. Three namespaces exist on the wire:
the service's own for modelled errors, `com.amazon.coral.service` for what the framework says before an operation is
reached, and `com.amazon.coral.validate` for broken constraints. Every one of them travels with status 400,
`ResourceNotFoundException` too: the codes of the service model belong to the CBOR protocol. This file knows nothing of
HTTP beyond that number.

One code is our own choice: the service models no error for a second connection of one name, so the reference answers
with `ResourceAlreadyExistsException`, which the same service models for repository links. Any 4xx would do.
"""

from __future__ import annotations

__all__ = [
    "Refusal",
    "already_exists",
    "broken_constraints",
    "incomplete_signature",
    "invalid_signature",
    "limit_exceeded",
    "missing_authentication_token",
    "not_found",
    "not_serializable",
    "too_large",
    "unknown_operation",
    "unrecognized_client",
]

FRAMEWORK = "com.amazon.coral.service"
VALIDATION = "com.amazon.coral.validate"
SERVICE = "com.amazonaws.codestar.connections"


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """An answer that is no success: the type and the message that the client reads, and the HTTP status."""

    def __init__(self, code: str, message: str | None = None, *, namespace: str = SERVICE, status: int = 400) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.namespace = namespace
        self.status = status

    def body(self) -> dict[str, str]:
        """The members of the error body; `message` is small in the framework's errors, large in the service's own."""
        members = {"__type": f"{self.namespace}#{self.code}"}
        if self.message is not None:
            members["Message" if self.namespace == SERVICE else "message"] = self.message
        return members


def not_found(arn: str, *, what: str = "Connection") -> Refusal:
    """Nothing of ours has this ARN: never given, deleted, or another account's."""
    return Refusal("ResourceNotFoundException", f"{what} not found for arn: {arn}")


def already_exists(name: str) -> Refusal:
    """A live connection of this account and Region has the name."""
    return Refusal("ResourceAlreadyExistsException", f"A connection with the name '{name}' already exists")


def limit_exceeded() -> Refusal:
    """The account holds as many connections in this Region as its quota allows."""
    return Refusal("LimitExceededException", "Exceeded the maximum limit for connections.")


def broken_constraints(complaints: list[str]) -> Refusal:
    """Members of the right type whose values the model forbids."""
    count = "1 validation error" if len(complaints) == 1 else f"{len(complaints)} validation errors"
    return Refusal("ValidationException", f"{count} detected: {'; '.join(complaints)}", namespace=VALIDATION)


def not_serializable(message: str | None = None) -> Refusal:
    """The body is no JSON object, or a member has the wrong JSON type; said before any constraint is looked at."""
    return Refusal("SerializationException", message, namespace=FRAMEWORK)


def unknown_operation(*, status: int = 400) -> Refusal:
    """No operation of ours goes by this target, verb or path."""
    return Refusal("UnknownOperationException", namespace=FRAMEWORK, status=status)


def too_large(limit: int) -> Refusal:
    """The body is longer than any request of this service could be."""
    message = f"Request body is larger than {limit} bytes"
    return Refusal("RequestEntityTooLargeException", message, namespace=FRAMEWORK, status=413)


def missing_authentication_token() -> Refusal:
    """No signature at all."""
    message = "Request is missing Authentication Token"
    return Refusal("MissingAuthenticationTokenException", message, namespace=FRAMEWORK)


def incomplete_signature(message: str) -> Refusal:
    """An Authorization header, but not one of AWS4-HMAC-SHA256."""
    return Refusal("IncompleteSignatureException", message, namespace=FRAMEWORK)


def unrecognized_client() -> Refusal:
    """An access key that nobody told us of."""
    message = "The security token included in the request is invalid."
    return Refusal("UnrecognizedClientException", message, namespace=FRAMEWORK)


def invalid_signature(message: str) -> Refusal:
    """A signature that does not fit the request, the key or the time."""
    return Refusal("InvalidSignatureException", message, namespace=FRAMEWORK)
