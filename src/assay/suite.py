"""Where is the suite? In a checkout it is the repository, in an installed wheel `assay/suite/`.

The same folders lie in both. The suite is what is neither engine nor command line: conftest.py, tox.ini, `specs/`,
`strategies/`, `tests/`, `reports/`. Its packages have plain names, and none of them may reach site-packages, so they
are importable only where the suite's root stands on `sys.path`: pytest puts it there for a run (`pythonpath` in
tox.ini), and `import_reports` for whoever renders outside of one. Everybody who needs a file of the suite asks here,
so there is one answer.

The digest covers what decides a verdict, the contract's files apart (those have a digest of their own): programs,
tests and their configuration. A renderer changes no verdict, so it changes no digest.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import HarnessError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["digest", "find_suite", "import_reports", "specs_root", "tests_root"]

_ROOMS: Final = ("specs", "reports")
_DECISIVE: Final = ("conftest.py", "tox.ini", "strategies", "tests")


def find_suite() -> Path:
    """The root of the suite that belongs to this very engine.

    Raises:
        HarnessError: it is in neither place.

    """
    package = Path(__file__).resolve().parent
    for root in (package / "suite", package.parents[1]):
        if all((root / room).is_dir() for room in _ROOMS):
            return root
    raise HarnessError(
        "the suite is missing: neither a checkout nor assay/suite/ holds it",
        hint="install assay again; the wheel carries the suite",
    )


def specs_root() -> Path:
    """The folder of the contract's files."""
    return find_suite() / "specs"


def tests_root(service: str) -> Path:
    """The folder of a service's tests; the services that share them share the folder of the oldest name."""
    tests = find_suite() / "tests"
    own = tests / service.replace("-", "_")
    return own if own.is_dir() else tests / "codestar_connections"


def import_reports() -> ModuleType:
    """The renderers: the suite's own package `reports`, and no other that the caller's directory may hold."""
    root = str(find_suite())
    if root not in sys.path:
        sys.path.insert(0, root)
    loaded = importlib.import_module("reports")
    if Path(loaded.__file__ or "").resolve().parent.parent != Path(root):
        raise HarnessError(f"another package called reports was imported first: {loaded.__file__}")
    return loaded


def digest(contract_digest: str) -> str:
    """SHA-256 over the files that decide a verdict and over the contract."""
    root = find_suite()
    total = hashlib.sha256(contract_digest.encode())
    for room in _DECISIVE:
        place = root / room
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        for file in files:
            if file.is_file():
                total.update(file.relative_to(root).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
