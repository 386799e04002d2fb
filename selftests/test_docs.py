"""The documentation: links lead somewhere, pages are within reach, and its commands still run.

Every `assay …` of a console block and of a `--help` is given to the command line, in a folder where the files lie that
it speaks of, up to the point where it would send its first packet or start a server: a stand-in says that it got there.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest
import runs

from assay import cli
from assay.contract import available, load_contract
from assay.suite import specs_root

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(
    [*DOCS.glob("*.md"), *ROOT.glob("*.md"), ROOT / "tests" / "README.md", ROOT / "bench" / "README.md"]
)
COMPLETE = "connection.list.complete"
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# -- links


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_link_within_the_repository_leads_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading of it."""
    for words in _LINK.findall(_FENCED.sub("", text_of(page))):
        link = next(filter(None, words))
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if anchor:
            assert anchor in slugs(target), link


def link(status: str, code: int, uri: str = "https://docs.example/page", info: str = "") -> dict[str, Any]:
    return {"filename": "wire.md", "lineno": 7, "status": status, "code": code, "uri": uri, "info": info}


@pytest.mark.parametrize(
    ("links", "code", "said"),
    [
        ([link("working", 200), link("redirected", 301)], 0, "2 lead somewhere, 0 dead, 0 not checked"),
        ([link("working", 200), link("broken", 404)], 1, "dead: wire.md:7: https://docs.example/page: 404"),
        ([link("broken", 0, info="Anchor 'x' not found")], 1, "0 lead somewhere, 1 dead, 0 not checked"),
        ([link("broken", 0, info="Failed to resolve")] * 5, 2, "not checked: 5 at docs.example, which did not answer"),
        ([link("broken", 404), link("timeout", 0)], 1, "0 lead somewhere, 1 dead, 1 not checked"),
        ([link("unchecked", 0, "#here"), link("ignored", 0, "http://127.0.0.1:4566/")], 0, "0 lead somewhere"),
    ],
)
def test_a_link_that_nobody_could_ask_is_not_dead_and_not_alive(
    links: list[dict[str, Any]], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network nothing is found out, and that is said."""
    monkeypatch.syspath_prepend(str(DOCS))
    assert importlib.import_module("links").report(links)[0] == code
    assert said in importlib.import_module("links").report(links)[1]


def test_every_page_is_within_reach_from_the_first() -> None:
    """And the first names no other."""
    trees = "\n".join(body for _, kind, body in fenced(DOCS / "index.md") if kind == "{toctree}")
    named = re.findall(r"^([a-z-]+)$", trees, re.MULTILINE)
    assert sorted(named) == sorted(page.stem for page in DOCS.glob("*.md") if page.stem != "index")
    assert len(named) == len(set(named))


def fenced(page: Path) -> list[tuple[str, str, str]]:
    return _FENCED.findall(text_of(page))


# -- the catalogue


def test_the_catalogue_has_every_law_of_every_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its sentence, its evidence and its source, and links that lead to its own headings."""
    monkeypatch.syspath_prepend(str(DOCS))
    page: str = importlib.import_module("catalogue").catalogue()
    parts = {part.partition("\n")[0]: part for part in page.split("\n### ")[1:]}
    specs = specs_root()
    for service, editions in available(specs).items():
        for edition in editions:
            for law in load_contract(service, edition, specs=specs).laws.values():
                assert law.evidence in parts[law.id]
                assert law.force in parts[law.id]
                assert law.source[0] in parts[law.id].replace("\\", "")
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= {each.replace(".", "") for each in parts}


# -- commands


class Reached(BaseException):
    """The command has read all that it was given, and would now send something."""


def reach(*_: Any, **__: Any) -> NoReturn:
    raise Reached


def commands(page: Path) -> Iterator[str]:
    """The `assay …` lines of a page's console blocks, one command each, without what a shell would do with them."""
    for _, kind, body in fenced(page):
        if kind == "console":
            for line in re.findall(r"^ *\$ (.*)$", body.replace("\\\n", " "), re.MULTILINE):
                yield from of_line(line)


def of_line(line: str) -> Iterator[str]:
    for part in re.split(r"&&|\|", line):
        words = shlex.split(re.split(r"\s[<>]\s", part)[0], comments=True)
        while words and "=" in words[0]:
            words = words[1:]
        if words and words[0] == "assay":
            yield shlex.join(words)


def examples() -> Iterator[str]:
    """The examples in the help of every command."""
    for command in cli._COMMANDS:
        module = importlib.import_module(f"assay.cli.{command}")
        for line in re.findall(r"^  (assay .*)$", getattr(module, "_EPILOG", "").replace("\\\n", " "), re.MULTILINE):
            yield from of_line(line)


EVERY: Final = sorted({command for page in PAGES for command in commands(page)} | set(examples()))


def test_there_are_commands_to_try() -> None:
    """A pattern that finds none would pass for ever; each command is told of somewhere."""
    assert len(EVERY) > 40
    assert {shlex.split(each)[1] for each in EVERY} >= set(cli._COMMANDS)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the files lie that the documentation speaks of, and a machine that sends and starts nothing."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for place in (
        *("assay.cli.child.run_suite", "assay.cli.differ._differences", "assay.cli.permission.permitted_accounts"),
        *("assay.reference.server.serve", "assay.selftest.Runner.run", "assay.session.open_session"),
        *("assay.cli.sweep._by_prefix", "assay.cli.sweep._sweep"),
    ):
        module, _, name = place.rpartition(".")
        owner = importlib.import_module(module.removesuffix(".Runner"))
        monkeypatch.setattr(owner.Runner if module.endswith(".Runner") else owner, name, reach)
    found = runs.results(runs.book(runs.finding(COMPLETE), runs.finding("connection.name.unique")))
    for finding in (each for law in found["laws"] for each in law["findings"]):
        finding["reproducers"] |= {"curl": "#!/bin/sh\n", "python": "print()\n"}
    (tmp_path / "public").mkdir()
    (tmp_path / ".assay").mkdir()
    (tmp_path / "found.json").write_text(json.dumps(found), encoding="utf-8")
    return tmp_path


def prepared(words: list[str], desk: Path) -> list[str]:
    """The words, with the files in place that they name; ids of findings are those of this file's results."""
    results = (desk / "found.json").read_text(encoding="utf-8")
    ids = {law: id_ for id_ in json.loads(results)["findings"] for law in [id_.rpartition("-")[0]]}
    for number, word in enumerate(words):
        if word.endswith(".json") and words[number - 1] != "--out":
            (desk / word).parent.mkdir(parents=True, exist_ok=True)
            (desk / word).write_text(results, encoding="utf-8")
        if words[number - 1] in {"--expect", "--config"}:
            (desk / word).write_text("", encoding="utf-8")
        if words[number - 1] == "--handshake" and word.startswith("./"):
            (desk / word).write_text("#!/bin/sh\n", encoding="utf-8")
            (desk / word).chmod(0o755)
        law = re.fullmatch(r"([a-z.-]+)-[0-9a-f]{8}", word)
        if law and words[1] in {"replay", "report"}:
            words[number] = ids[law[1]]
    return words


@pytest.mark.parametrize("command", EVERY)
def test_a_command_of_the_documentation_runs(
    command: str, desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To its end, or to where it would send something."""
    words = prepared(shlex.split(command), desk)
    monkeypatch.setattr(sys, "argv", words)
    try:
        code = cli.main(words[1:])
    except Reached:
        return
    said = capsys.readouterr().err
    assert code in {0, 1}, said
    assert "hint:" not in said


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_an_option_that_a_page_names_is_one(page: Path) -> None:
    """In running text, too: `assay run --format html`."""
    if page.name == "CHANGELOG.md":
        return  # tells of what was, too
    for words in re.findall(r"`assay ([a-z]+)((?: [^`]*)?)`", text_of(page)):
        assert words[0] in cli._COMMANDS, words
        known = options_of(words[0])
        for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", words[1]):
            assert option in known, words


def options_of(command: str) -> set[str]:
    for action in cli._parser(command)._actions:
        if isinstance(action, argparse._SubParsersAction):
            return set(action.choices[command]._option_string_actions)
    raise AssertionError(command)
