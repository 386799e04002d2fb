"""The command line's frame: which command, which errors, which exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay import __version__, cli
from assay.cli import run, show
from assay.errors import HarnessError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_version_is_told_without_loading_anything(capsys: pytest.CaptureFixture[str]) -> None:
    """It is what a bug report begins with."""
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"assay {__version__}\n"
    loaded = (
        "import sys, assay.cli; assay.cli.main(['--version']); "
        "print(sorted({'pytest', 'rich', 'botocore'} & set(sys.modules)))"
    )
    source = str(Path(cli.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", loaded],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": source},
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_a_command_the_help_is_shown_and_the_code_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was asked for."""
    assert cli.main([]) == 2
    assert "assay run --endpoint-url" in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["run"], ["serve"], ["laws"], ["show"], ["replay"]])
def test_every_command_has_a_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """It teaches, and it ends well."""
    assert cli.main([*command, "--help"]) == 0
    assert "usage: assay" in capsys.readouterr().out


def test_the_help_of_run_gives_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Five of those, and all of these."""
    cli.main(["run", "--help"])
    text = capsys.readouterr().out
    assert text.count("\n  assay run") == 5
    assert all(f"\n  {code}  " in text for code in range(7))


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["runn"], "there is no command 'runn'", "did you mean `assay run`?"),
        (["xyzzy"], "there is no command 'xyzzy'", "choose one of run"),
        (["--verzion"], "there is no option '--verzion'", "did you mean --version?"),
        (["run", "--efort", "quick"], "there is no option '--efort' of assay run", "did you mean --effort?"),
        (["run", "--eff", "quick"], "there is no option '--eff' of assay run", ""),
        (["run", "--seed"], "argument --seed: expected one argument", "`assay run --help`"),
        (["show"], "the following arguments are required: LAW", "`assay show --help`"),
    ],
)
def test_a_wrong_word_is_one_line_and_a_remedy(
    words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, nothing on standard output."""
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err.splitlines()[0]
    assert hint in told.err
    assert len(told.err.splitlines()) == 2


def test_an_error_of_ours_is_one_line_and_the_traceback_goes_into_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees no traceback, and we get it all the same."""

    def break_down(_: object) -> int:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(show, "main", break_down)
    assert cli.main(["show", "x"]) == 3
    told = capsys.readouterr().err
    assert told.startswith("assay: this is a fault of assay's own: ZeroDivisionError: by\n  hint: ")
    assert "Traceback" in Path(".assay/assay.log").read_text(encoding="utf-8")
    monkeypatch.setattr(run, "main", break_down)
    assert cli.main(["run", "--log-file", "mine.log"]) == 3
    assert "Traceback" in Path("mine.log").read_text(encoding="utf-8")


def test_ctrl_c_is_one_line_and_nobody_can_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never a traceback."""

    def be_interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(show, "main", be_interrupted)
    assert cli.main(["show", "x"]) == 4
    assert capsys.readouterr().err == "assay: interrupted\n"


def test_errors_keep_their_own_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The type says whose fault it is."""

    def break_down(_: object) -> int:
        raise HarnessError("a bug")

    monkeypatch.setattr(show, "main", break_down)
    assert cli.main(["show", "x"]) == 3


def test_a_reader_that_goes_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`assay laws | head -1` ends quietly."""
    source = str(Path(cli.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-m", "assay", "laws", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""
