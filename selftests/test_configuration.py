"""assay.toml: every option has its key, and every mistake has its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay.cli.configuration import Configuration, check_laws, read_configuration
from assay.cli.options import OPTIONS
from assay.errors import UsageError

UNIQUE = "connection.name.unique"

EVERYTHING = """
endpoint-url = "http://127.0.0.1:4566"
target = "aws"
service = "codeconnections"
edition = "2026-11-10"
law = ["connection.*", "wire.*"]
database = ["examples"]
strict = true
auth = true
expect = "known.toml"
write-expect = "known.toml"
force = true
mutant = "status.active"
liberty = ["order.shuffled"]
impostor = "echo"
until-broken = ["connection.name.unique"]
effort = "quick"
seed = 7
workers = 2
max-calls = 100
time-limit = "2m"
timeout = 0.5
staleness = "5s"
profile = "mine"
second-profile = "another"
second-region = "eu-west-2"
handshake = "ask"
region = "eu-central-1"
ca-bundle = "ca.pem"
spelling = "short"
yes = true
rate = 2.5
wait = "90s"
concurrent = true
format = ["junit", "sarif"]
report-dir = "reports"
log-file = "log"
verbose = false
quiet = true
no-color = true
[laws]
"connection.name.unique" = "should"
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_file_nothing_is_said() -> None:
    """The file is no duty."""
    assert read_configuration(None) == Configuration()


def test_every_option_has_its_key() -> None:
    """A file that says everything says it in the words of the command line."""
    Path("assay.toml").write_text(EVERYTHING, encoding="utf-8")
    configuration = read_configuration(None)
    assert set(configuration.values) == {option.key for option in OPTIONS}
    assert configuration.values["law"] == ("connection.*", "wire.*")
    assert configuration.values["time_limit"] == 120.0
    assert configuration.values["timeout"] == 0.5
    assert configuration.values["strict"] is True
    assert configuration.forces == {UNIQUE: "should"}


def test_a_path_is_relative_to_the_file_that_says_it() -> None:
    """Because that is what its author saw."""
    Path("ci").mkdir()
    Path("ci/assay.toml").write_text('report-dir = "out"\nlog-file = "/var/log/assay"\n', encoding="utf-8")
    values = read_configuration("ci/assay.toml").values
    assert Path(values["report_dir"]) == Path("ci/out")
    assert values["log_file"] == "/var/log/assay"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("strickt = true", "assay.toml: there is no key 'strickt'", "did you mean 'strict'?"),
        ("max_calls = 3", "assay.toml: there is no key 'max_calls'", "did you mean 'max-calls'?"),
        ("xyzzy = 1", "assay.toml: there is no key 'xyzzy'", "--help"),
        ('seed = "many"', "assay.toml: seed: 'many' is not a whole number", "--seed N"),
        ("seed = 1.5", "assay.toml: seed: 1.5 is not a whole number", "--seed"),
        ("seed = true", "assay.toml: seed: True is not a whole number", "--seed"),
        ("seed = -1", "assay.toml: seed: -1 is less than 0", "--seed"),
        ("max-calls = 0", "assay.toml: max-calls: 0 is less than 1", "--max-calls"),
        ("time-limit = 0", "assay.toml: time-limit: '0' is no time at all", "--time-limit"),
        ('time-limit = "soon"', "assay.toml: time-limit: 'soon' is no length of time", "--time-limit"),
        ('effort = "huge"', "assay.toml: effort: 'huge' is not quick, standard, deep or aws", "--effort"),
        ('format = "html,junit"', "assay.toml: format: 'html,junit' is more than one word: give each", "--format"),
        ('strict = "yes"', "assay.toml: strict: 'yes' is neither true nor false", "--strict"),
        ("law = [3]", "assay.toml: law: 3 is not a text", "--law"),
        ('profile = " "', "assay.toml: profile: the value is empty", "--profile"),
        ("effort = quick", "assay.toml: is not TOML:", 'effort = "quick"'),
        ("laws = 3", "assay.toml: laws: is no table", "[laws] holds"),
        ("[laws]\nconnection.name.unique = 'should'", "assay.toml: laws: connection: is a table", "in quotes"),
        ("[laws]\n'connection.name.unique' = 'may'", f"laws: {UNIQUE}: 'may' is neither must nor should", "[laws]"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_remedy(text: str, message: str, hint: str) -> None:
    """Nothing that is not known is passed over."""
    Path("assay.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_configuration(None)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_file_that_is_named_has_to_be_there_and_readable() -> None:
    """A typo in --config must not mean that nothing was configured."""
    for place, content in (("missing.toml", None), ("binary.toml", b"\xff\xfe"), ("folder", "folder")):
        if content == "folder":
            Path(place).mkdir()
        elif isinstance(content, bytes):
            Path(place).write_bytes(content)
        with pytest.raises(UsageError, match=place):
            read_configuration(place)


def test_a_law_of_another_edition_is_passed_over_and_an_unknown_one_is_not() -> None:
    """One file can serve both editions."""
    configuration = Configuration(file="assay.toml", forces={UNIQUE: "should", "wire.schema": "should"})
    both: dict[str, Any] = {UNIQUE: None, "wire.schema": None}
    assert check_laws(configuration, {UNIQUE: None}, both) == {UNIQUE: "should"}
    with pytest.raises(UsageError, match=r"there is no law 'wire\.schema'"):
        check_laws(configuration, {UNIQUE: None}, {UNIQUE: None})
