"""What AWS was seen to do: written by a run at AWS alone, with nothing of the caller's, and heard by the laws."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from assay.contract import load_contract
from assay.errors import ContractError
from assay.observations import SENTENCES
from assay.suite import specs_root
from assay.target import Endpoint
from assay.witness import is_witness, witnessed
from selftests import runs
from selftests.pretend_aws import ACCOUNT, KEY, NAMES, REGION, SECRET, judged, pretend_aws
from selftests.proxying import small_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AWS = Endpoint.parse("https://codestar-connections.eu-west-3.amazonaws.com").with_account("123456789012")
UNIQUE = "connection.name.unique"


# -- who may write


@pytest.mark.parametrize(
    ("url", "account", "may"),
    [
        ("https://codestar-connections.eu-west-3.amazonaws.com", "123456789012", True),
        ("https://codestar-connections.cn-north-1.amazonaws.com.cn", "123456789012", True),
        ("https://codestar-connections.eu-west-3.amazonaws.com", None, False),  # nobody confirmed an account
        ("http://codestar-connections.eu-west-3.amazonaws.com", "123456789012", False),  # anybody may answer
        ("https://127.0.0.1:4566", "123456789012", False),  # the reference as AWS
        ("https://emulator.example.org", "123456789012", False),
    ],
)
def test_only_aws_itself_is_a_witness(url: str, account: str | None, *, may: bool) -> None:
    endpoint = Endpoint.parse(url)
    endpoint = endpoint if account is None else endpoint.with_account(account)
    assert is_witness(endpoint) == may
    assert (witnessed(_results(), endpoint) is not None) == may


def test_a_run_that_reached_nobody_writes_nothing() -> None:
    assert witnessed(_results(), None) is None


# -- what is written


def _results(*values: Mapping[str, Any]) -> dict[str, Any]:
    results = dict(runs.results(runs.book()))
    rows = [{"id": "create.duplicate-name", "sentence": SENTENCES["create.duplicate-name"], "values": list(values)}]
    return {**results, "observations": rows}


def test_it_is_dated_and_holds_nothing_of_the_callers() -> None:
    secret = (
        "InvalidInputException 400: as0k3f9q100b of 123456789012, "
        "arn:aws:codestar-connections:eu-west-3:123456789012:connection/0b69c731-0000-4000-8000-000000000001, "
        "AKIAIOSFODNN7EXAMPLE"
    )
    said = witnessed(_results({"value": secret, "calls": 3}), AWS)
    assert said is not None
    text = json.dumps(said)
    for mine in ("123456789012", "0b69c731", "AKIAIOSFODNN7EXAMPLE", "as0k3f9q100b"):
        assert mine not in text
    assert "InvalidInputException 400" in text
    assert re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", said["day"])
    assert said["region"] == _results()["target"]["region"]


def test_what_was_not_seen_is_left_out() -> None:
    said = witnessed(_results(), AWS)
    assert said is not None
    assert said["observations"] == []


# -- what the laws make of it


def _specs(tmp_path: Path, **seen: str) -> Path:
    """The specs, with a file of what was seen for each day and value."""
    specs = tmp_path / "specs"
    shutil.copytree(specs_root(), specs)
    for day, value in seen.items():
        said = witnessed(_results({"value": value, "calls": 2}), AWS)
        assert said is not None
        said["day"] = day.removeprefix("d").replace("_", "-")
        place = specs / "codestar-connections" / "observed" / f"{said['day']}-eu-west-3.json"
        place.write_text(json.dumps(said), encoding="utf-8")
    return specs


def test_a_law_is_raised_by_what_was_seen(tmp_path: Path) -> None:
    before = load_contract(specs=specs_root())
    after = load_contract(specs=_specs(tmp_path, d2026_12_01="InvalidInputException 400"))
    assert (before.laws[UNIQUE].on_aws, after.laws[UNIQUE].on_aws) == ("should", "must")
    assert after.laws[UNIQUE].evidence == "documented"
    assert "observed" in after.laws[UNIQUE].confirmed_by
    assert any("2026-12-01" in source for source in after.laws[UNIQUE].source)
    assert after.digest != before.digest, "it is another contract"
    assert {law: row for law, row in after.laws.items() if "name.unique" not in law} == {
        law: row for law, row in before.laws.items() if "name.unique" not in law
    }


@pytest.mark.parametrize(
    "seen", [{"d2026_12_01": "accepted"}, {"d2026_12_01": "InvalidInputException 400", "d2026_12_02": "accepted"}]
)
def test_what_speaks_against_a_law_or_does_not_agree_raises_nothing(seen: dict[str, str], tmp_path: Path) -> None:
    assert load_contract(specs=_specs(tmp_path, **seen)).laws[UNIQUE] == load_contract(specs=specs_root()).laws[UNIQUE]


def test_an_inferred_law_becomes_an_observed_one_with_its_force(tmp_path: Path) -> None:
    specs = _specs(tmp_path, d2026_12_01="x 400")
    (place,) = (specs / "codestar-connections" / "observed").glob("*.json")
    said = json.loads(place.read_text(encoding="utf-8"))
    said["observations"][0]["id"] = "list.token-forged"
    place.write_text(json.dumps(said), encoding="utf-8")
    law = load_contract(specs=specs).laws["connection.list.token-forged"]
    assert (law.evidence, law.confirmed_by, law.force) == ("observed", ("inferred",), "must")


def test_a_file_of_another_form_stops_the_loading(tmp_path: Path) -> None:
    specs = _specs(tmp_path)
    (specs / "codestar-connections" / "observed" / "2026-12-01-x.json").write_text('{"day": "today"}')
    with pytest.raises(ContractError, match="2026-12-01-x"):
        load_contract(specs=specs)


def test_every_rule_names_an_observation_that_there_is() -> None:
    import tomllib

    for file in specs_root().glob("*/laws.toml"):
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["laws"].values():
            for rule in row.get("raised_by", ()):
                assert rule["observation"] in SENTENCES
                assert re.fullmatch(rule["value"], "accepted") is None


# -- the whole way


def test_a_run_at_aws_writes_it_and_a_run_at_what_is_taken_for_aws_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By AWS' own names, which nobody looks up: a proxy on this machine leads them to the pretended account."""
    for name in ("HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    few = ("--max-calls", "60", "--law", "connection.name.*", "--law", "connection.create.*")
    with pretend_aws(others=0, throttles=False) as aws:
        port = Endpoint.parse(aws.url).port
        there, here = tmp_path / "there", tmp_path / "here"
        there.mkdir()
        here.mkdir()
        assert judged(aws, here, *few)[0] == 0
        assert not (here / ".assay" / "observations.json").exists()
        with small_proxy({f"{name}:443": port for name in NAMES}) as proxy:
            elsewhere = {
                "HTTPS_PROXY": proxy.url,
                "AWS_ENDPOINT_URL_STS": f"https://{NAMES[1]}",
                "AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS": f"https://{NAMES[0]}",
            }
            code, results, said = judged(aws, there, *few, **elsewhere)
            assert (code, results.get("verdict")) == (0, "conforms"), said
            assert set(proxy.first_lines) == {f"CONNECT {name}:443" for name in NAMES}
        assert (aws.left, aws.foreign_gone) == (set(), [])
    text = (there / ".assay" / "observations.json").read_text(encoding="utf-8")
    said_of_it = json.loads(text)
    assert said_of_it["region"] == REGION
    assert "create.duplicate-name" in {row["id"] for row in said_of_it["observations"]}
    assert all(mine not in text for mine in (ACCOUNT, KEY, SECRET))
    specs = _specs(tmp_path)
    shutil.copy(there / ".assay" / "observations.json", specs / "codestar-connections" / "observed" / "seen.json")
    assert load_contract(specs=specs).laws[UNIQUE].on_aws == "must"
