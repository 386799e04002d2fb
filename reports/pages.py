"""What pages of HTML have in common: one file, no network, nothing that runs but what we wrote ourselves.

Everything is escaped by the template, and words of an endpoint go through `quotation` before that. Should both fail, a
content security policy is left: it names the digest of our own script, and a browser runs no other, loads nothing and
sends nothing.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reports.quotation import legible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "policy", "script"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LONGEST: Final = 600


@cache
def environment() -> Environment:
    """The templates, with the filters that every page uses: `legible` for an endpoint's words, `number` for figures."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["legible"] = _legible
    made.filters["number"] = lambda number: f"{number:,.0f}"
    made.filters["zip"] = zip
    made.filters["host"] = _short_address
    return made


def script(name: str) -> str:
    """A script of ours, to be put into a page as it is."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def policy(text: str) -> str:
    """The content security policy of a page whose one script has this text."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _short_address(address: str) -> str:
    """What a reader needs of a link: whose page it is, and its last word."""
    host, _, path = legible(address).removeprefix("https://").partition("/")
    last = path.rstrip("/").rpartition("/")[2]
    return f"{host} … {last}" if last else host


def _legible(text: Any) -> str:
    return legible(str(text or ""), _LONGEST)
