"""Do the links of the documentation to other places lead somewhere? `tox -e links` asks them all, and needs a network.

    python docs/links.py build/links

Sphinx does the asking, and calls a link broken whether its page is gone or nobody could be reached. Those are two
things: a dead link is a fault of ours, and without a network nothing was found out. So what Sphinx wrote down is told
apart here. Links within the repository are no business of this: `tox -e docs` and the selftests follow them offline.

Exit codes: 0 all lead somewhere, 1 some are dead, 2 none is dead but some could not be asked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["main", "report"]

_SHOWN: Final = 3  # places of a host that did not answer


def main(out: str = "build/links") -> int:
    """Ask every link, and tell what came of it."""
    from sphinx.cmd.build import main as build  # noqa: PLC0415 - reading what it wrote needs no Sphinx

    place = Path(out)
    build(["-q", "-b", "linkcheck", "-d", str(place / "doctrees"), str(Path(__file__).parent), out])
    lines = (place / "output.json").read_text(encoding="utf-8").splitlines()
    code, text = report(json.loads(line) for line in lines)
    sys.stdout.write(text)
    return code


def report(links: Iterable[dict[str, Any]]) -> tuple[int, str]:
    """The exit code and what to say; `links` are the lines of Sphinx's `output.json`."""
    alive, dead, silent = 0, list[str](), dict[str, list[str]]()
    for link in links:
        uri, where = link["uri"], f"{link['filename']}:{link['lineno']}"
        if not uri.startswith(("http://", "https://")) or link["status"] in {"ignored", "unchecked"}:
            continue
        if link["status"] in {"working", "redirected"}:
            alive += 1
        elif link["code"] or "anchor" in link["info"].lower():
            dead.append(f"{where}: {uri}: {link['info'] or link['code']}")
        else:
            silent.setdefault(uri.split("/")[2], []).append(where)
    lines = [f"dead: {each}" for each in dead]
    for host, places in sorted(silent.items()):
        some = ", ".join([*places[:_SHOWN], *["…"] * (len(places) > _SHOWN)])
        lines.append(f"not checked: {len(places)} at {host}, which did not answer ({some})")
    unasked = sum(map(len, silent.values()))
    lines.append(f"links to other places: {alive} lead somewhere, {len(dead)} dead, {unasked} not checked")
    if unasked:
        lines.append("what was not checked may be dead or alive: run it again where there is a network")
    return 1 if dead else 2 if unasked else 0, "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
