"""Where the suite is: one function finds it, in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay import suite
from assay.errors import HarnessError


def test_the_suite_of_a_checkout_is_the_repository() -> None:
    """All its rooms are there."""
    root = suite.find_suite()
    assert root == Path(__file__).resolve().parent.parent
    for room in ("conftest.py", "tox.ini", "specs", "strategies", "tests", "reports"):
        assert (root / room).exists()


def test_the_suite_of_a_wheel_lies_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is preferred to whatever lies around site-packages."""
    package = tmp_path / "lib" / "site-packages" / "assay"
    for room in ("specs", "reports"):
        (package / "suite" / room).mkdir(parents=True)
        (tmp_path / "lib" / room).mkdir()
    monkeypatch.setattr(suite, "__file__", str(package / "suite.py"))
    assert suite.find_suite() == package / "suite"
    (package / "suite" / "specs").rmdir()
    assert suite.find_suite() == tmp_path / "lib"
    (tmp_path / "lib" / "specs").rmdir()
    with pytest.raises(HarnessError, match="the suite is missing"):
        suite.find_suite()


def test_sister_services_share_their_tests() -> None:
    """There is one folder of tests for both names of the service."""
    assert suite.tests_root("codestar-connections") == suite.tests_root("codeconnections")


def test_the_digest_changes_with_what_decides_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a test, a strategy or the contract; not with a renderer."""
    for room in ("specs", "reports", "tests", "strategies"):
        (tmp_path / room).mkdir()
    monkeypatch.setattr(suite, "find_suite", lambda: tmp_path)
    empty = suite.digest("a")
    assert suite.digest("b") != empty
    (tmp_path / "reports" / "console.py").write_text("x = 1\n", encoding="utf-8")
    assert suite.digest("a") == empty
    (tmp_path / "tests" / "test_x.py").write_text("x = 1\n", encoding="utf-8")
    assert suite.digest("a") != empty
