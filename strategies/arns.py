"""ARNs: those that the program was given, those that nobody was given, and those that nobody can be given."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from assay.program import Arn

__all__ = ["arns", "changed_arns", "malformed_arns", "unknown_arns"]

_TAIL: Final = "123456789012:connection/00000000-0000-4000-8000-000000000000"

#: Forbidden by the pattern or the length, each in its own way; the model's pattern is wide, so "another service" is not
#: among them.
_MALFORMED: Final = (
    "",
    " ",
    "x",
    "arn",
    "arn:",
    "arn:aws",
    "arn:aws:codestar-connections:us-east-1:" + _TAIL[:12],
    "arn:aws:codestar-connections:us-east-1:12345678901:connection/x",
    "arn:aws:codestar-connections:us-east-1:1234567890123:connection/x",
    "arn:aws:codestar-connections:us-east-1:12345678901a:connection/x",
    "arn:aws:codestar-connections:us-east-1:" + _TAIL[:12] + ":",
    "arn:aws:codestar-connections::" + _TAIL,
    "arn:aws::us-east-1:" + _TAIL,
    "arn:azure:codestar-connections:us-east-1:" + _TAIL,
    "arn:aws-:codestar-connections:us-east-1:" + _TAIL,
    "ARN:aws:codestar-connections:us-east-1:" + _TAIL,
    " arn:aws:codestar-connections:us-east-1:" + _TAIL,
    "urn:aws:codestar-connections:us-east-1:" + _TAIL,
    "connection/00000000-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-000000000000",
    "arn:aws:codestar-connections:us-east-1:" + _TAIL + "0" * 160,
    "../../etc/passwd",
    "%",
    "*",
    "' OR '1'='1",
    "\x00",
    "💥",
)


def arns(*, labels: int = 8) -> st.SearchStrategy[Arn]:
    """ARNs of the program's own connections, as they were given; `labels` is the number of labels to choose from."""
    return st.builds(Arn, _labels(labels))


def changed_arns(*, labels: int = 8) -> st.SearchStrategy[Arn]:
    """ARNs of the program's own connections, cut, extended, in another case, or their ids alone."""
    return st.builds(Arn, _labels(labels), st.sampled_from(("cut", "extended", "case", "bare")))


def unknown_arns() -> st.SearchStrategy[Arn]:
    """ARNs that nobody was given: with our prefix, or of another account, Region, service or resource type."""
    changes = ("fresh", "fresh", "other-account", "other-region", "other-service", "other-type")
    return st.builds(Arn, st.none(), st.sampled_from(changes))


def malformed_arns() -> st.SearchStrategy[Arn]:
    """Texts that the model forbids as an ARN; drawn text is short, so it cannot be one by chance."""
    literal = st.sampled_from(_MALFORMED) | st.text(st.characters(codec="utf-8"), max_size=12)
    return st.builds(Arn, st.none(), st.just("exact"), literal)


def _labels(labels: int) -> st.SearchStrategy[int]:
    if labels < 1:
        raise ValueError(f"labels must be at least 1, not {labels}")
    return st.integers(0, labels - 1)
