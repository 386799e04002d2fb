"""The reports of the trial: what is wrong stands where it is read, and nothing that a server said is obeyed."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from assay.selftest.judging import Alarm
from assay.suite import find_suite, import_reports
from selftests.test_selftest_matrix import ALARM, document, of_impostor, of_liberty, of_mutant

if TYPE_CHECKING:
    from assay.selftest import Judgement

import_reports()
console = importlib.import_module("reports.selftest_console")
html = importlib.import_module("reports.selftest_html")

HOSTILE = "</td></table><script>alert('x')</script> \x1b[31mred\x07 \u202eevil\u202c \ud800 [bold]no[/bold] {{ 7 * 6 }}"
GOOD = (
    of_mutant("name.double", unique="named", schema="follows"),
    of_mutant("list.some", once="named", unique="besides"),
    of_liberty("order.some"),
    of_impostor("empty"),
)
WRONG = (
    *GOOD,
    of_mutant("name.missed", "survived", unique="missed"),
    of_mutant("list.other", "misnamed", once="missed", unique="besides"),
    of_liberty("order.other", "accused", ALARM),
    of_liberty("slow.other", "unfinished", reason="it crashed"),
    of_impostor("full", "believed"),
)


def hostile() -> tuple[Judgement, ...]:
    alarm = Alarm(law=ALARM.law, verdict="fail", expected=HOSTILE, actual=HOSTILE, steps=(HOSTILE,))
    return (
        of_mutant("name.some", "unfinished", unique="missed"),
        of_liberty("order.some", "accused", alarm, reason=HOSTILE, said=HOSTILE),
        of_liberty("order.other", "unfinished", reason=HOSTILE),
    )


class Page(HTMLParser):
    """The tags, the words and the addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        if tag not in {"meta", "br", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def rendered(*judgements: Judgement, facts: dict[str, Any] | None = None, **options: Any) -> str:
    return str(console.render(document(*judgements, **(facts or {})), **{"width": 120, **options}))


@pytest.mark.parametrize("judgements", [GOOD, WRONG, hostile(), GOOD[:1], GOOD[2:]])
def test_the_schema_describes_the_document(judgements: tuple[Judgement, ...]) -> None:
    """Whoever reads the JSON may rely on it."""
    schema = json.loads((find_suite() / "reports" / "selftest.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for facts in ({}, {"whole": False}, {"interrupted": True}):
        Draft202012Validator(schema).validate(json.loads(json.dumps(document(*judgements, **facts))))


def test_the_end_of_the_console_begins_with_one_line_that_says_it_all() -> None:
    """Then what is wrong, then where the files lie."""
    text = rendered(*WRONG, places=("x/selftest.json", "x/selftest.html"))
    end = text[text.index("2 of 4 mutants killed, 1 false alarm in 3 legal servers, 1 of 2 impostors refused") :]
    places = [
        end.index(words)
        for words in (
            "survived: no law objected (1)",
            "name.missed lies.",
            "connection.name.unique",
            "misnamed: only other laws objected (1)",
            "false alarms (1)",
            "expected once",
            "actual twice",
            "legal servers without a verdict (1)",
            "it crashed",
            "impostors that conform (1)",
            "not tried alone",
            "x/selftest.html",
        )
    ]
    assert places == sorted(places)


def test_a_good_trial_is_told_without_troubles() -> None:
    """One line, and the figures."""
    text = rendered(*GOOD)
    assert "2 of 2 mutants killed, 0 false alarms in 1 legal server, 1 of 1 impostor refused" in text
    assert "missed in" not in text
    late = replace(of_mutant("name.late", unique="named"), missed_in="quick")
    text = console.render(document(*GOOD, late, again="standard"))
    assert "3 of 3 mutants killed (1 of them only in standard), 0 false alarms" in text
    assert "missed in quick name.late" in " ".join(text.split())
    assert "survived" not in text
    assert "\x1b" not in text


def test_quiet_is_the_summary_and_a_line_for_whatever_is_wrong() -> None:
    """For scripts and for the impatient."""
    assert len(rendered(*GOOD, is_quiet=True).splitlines()) == 1
    words = [line.strip() for line in rendered(*WRONG, is_quiet=True).splitlines() if line.startswith("   ")]
    assert words == ["name.missed", "list.other", "order.other", "slow.other", "full"]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_console_keeps_to_its_width_and_prints_nothing_raw(width: int) -> None:
    """Columns where they fit, lists of laws where they do not."""
    for judgements in (WRONG, hostile()):
        text = rendered(*judgements, width=width)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert all(character == "\n" or character.isprintable() for character in text)


def test_a_terminal_without_unicode_gets_marks_of_its_own() -> None:
    """The matrix is the same."""
    text = rendered(*WRONG, plain=True)
    assert text.isascii()
    assert "# named by the mutant, and caught it" in text


def test_a_stopped_trial_says_so_in_every_report() -> None:
    """What was not tried was not judged."""
    judgements = (*GOOD, of_mutant("name.other", "not-run"))
    assert "it was stopped: 1 server of these not tried" in rendered(*judgements, facts={"interrupted": True})
    assert "stopped before all servers were tried" in html.render(document(*judgements, interrupted=True))


def test_the_page_is_one_file_without_script_or_network() -> None:
    """It can be sent by mail and opened in a train."""
    text = html.render(document(*WRONG))
    page = Page(text)
    assert not page.open
    assert not page.addresses
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_escapes_whatever_it_is_given() -> None:
    """Markup, control characters, bidirectional controls, lone surrogates, templates: all of it is text."""
    text = html.render(document(*hostile()))
    text.encode()
    page = Page(text)
    assert "script" not in page.tags
    assert page.words.count("<script>alert('x')</script>") >= 3
    assert "{{ 7 * 6 }}" in page.words
    assert not any(character in text for character in "\x1b\x07\u202e\u202c")


def test_the_page_tells_what_is_wrong_and_every_mark_in_words() -> None:
    """A reader without colours, or without eyes, loses nothing."""
    words = " ".join(Page(html.render(document(*WRONG))).words.split())
    for part in (
        "2 of 4 mutants killed, 1 false alarm in 3 legal servers, 1 of 2 impostors refused",
        "survived name.missed name.missed lies.",
        "false alarm order.other",
        "named by the mutant, and caught it",
        "caught it besides",
        "follows from another law that caught it",
        "named by the mutant, and did not catch it",
        "broken: it is none",
        "Laws that no mutant tries alone",
    ):
        assert part in words
