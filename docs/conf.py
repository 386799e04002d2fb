"""The documentation as pages: `tox -e docs`, into build/docs. Whatever is unclear to Sphinx is an error there.

The pages are Markdown, and read as well where the repository is browsed. One of them, the catalogue of laws, is made
from `specs/` when the documentation is built, so that it can be no older than the laws.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE))

project = "assay"
html_title = "assay"
extensions = ["myst_parser"]
html_theme = "furo"
html_copy_source = False
html_show_copyright = False
exclude_patterns = ["_generated"]
nitpicky = True

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
# What a heading of another file of the repository is called is known to the selftests, and not to Sphinx.
suppress_warnings = ["myst.header"]

linkcheck_ignore = [r"http://(127\.0\.0\.1|localhost)[:/].*", r"https://.*example\.org.*"]
linkcheck_timeout = 20


def _write_catalogue(_app: Sphinx) -> None:
    from catalogue import catalogue  # noqa: PLC0415 - it imports the reference, which reading this file need not

    place = _HERE / "_generated" / "laws.md"
    place.parent.mkdir(exist_ok=True)
    place.write_text(catalogue(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Make the catalogue before the pages are read."""
    app.connect("builder-inited", _write_catalogue)
