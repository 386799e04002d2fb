"""Real AWS is reached only by who means it, as far as the plan says, and as slowly as it says.

Nothing here reaches AWS: the reference pretends to be it, on loopback (`pretend_aws`).
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from assay import cli
from assay.cli.permission import confirm
from assay.errors import UnsafeTargetError
from assay.history import SECOND
from assay.ledger import Owed
from assay.plan import KEPT
from assay.session import Session
from assay.settings import Settings, open_contract
from assay.target import Endpoint, refuse_public
from assay.target.aws import Aws, Identity
from selftests.pretend_aws import (
    ACCOUNT,
    KEY,
    REGION,
    SECOND_ACCOUNT,
    SECRET,
    THE_SECOND,
    PretendAws,
    judged,
    pretend_aws,
    swept,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AWS = "https://codestar-connections.us-east-1.amazonaws.com"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of nobody's, with credentials in the environment and nothing of the developer's."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    said = {"HOME": str(tmp_path), "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is looked up and no connection is opened."""

    def forbidden(*_: object, **__: object) -> None:
        pytest.fail("the network was touched")

    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    monkeypatch.setattr(socket.socket, "connect", forbidden)


# -- refused


@pytest.mark.usefixtures("home", "no_network")
@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS", None])
def test_a_host_name_of_aws_is_refused_without_a_packet(
    variable: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if variable is not None:
        monkeypatch.setenv(variable, AWS)
    assert cli.main(["run", *(() if variable else ("--endpoint-url", AWS))]) == 6
    assert "--target aws" in capsys.readouterr().err


@pytest.mark.usefixtures("no_network")
def test_a_file_alone_does_not_lead_to_aws(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "assay.toml").write_text('target = "aws"\nyes = true\n')
    assert cli.main(["run"]) == 6
    assert "type --target aws" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("addresses", "listed", "is_refused"),
    [
        (["10.0.0.1", "192.168.7.7", "fe80::1%eth0"], [], False),
        (["10.0.0.1", "52.94.5.1"], [], True),
        (["2600:1f18::1"], [], True),
        (["::ffff:52.94.5.1"], [], True),
        (["52.94.5.1"], ["emulator.example.org"], False),
    ],
)
def test_a_public_address_counts_as_real_unless_it_is_listed(
    addresses: list[str], listed: list[str], *, is_refused: bool
) -> None:
    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        assert (host, port) == ("emulator.example.org", 443)
        return [(None, None, None, "", (each, port)) for each in addresses]

    endpoint = Endpoint.parse("https://emulator.example.org")
    if is_refused:
        with pytest.raises(UnsafeTargetError) as caught:
            refuse_public(endpoint, listed, look_up=look_up)
        assert "hosts = [" in (caught.value.hint or "")
    else:
        refuse_public(endpoint, listed, look_up=look_up)


def test_a_list_in_the_file_reaches_the_check(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--endpoint-url", "http://52.94.5.1"]) == 6
    assert "52.94.5.1" in capsys.readouterr().err
    (home / "assay.toml").write_text('[allow]\nhosts = ["52.94.5.1"]\nacounts = []\n')
    assert cli.main(["run", "--endpoint-url", "http://52.94.5.1"]) == 2
    assert "acounts" in capsys.readouterr().err


@pytest.mark.usefixtures("home", "no_network")
@pytest.mark.parametrize(
    ("service", "sts", "message"),
    [
        (None, "http://127.0.0.1:9", "no STS of AWS"),
        ("http://10.0.0.1", None, "neither AWS over https nor on this machine"),
        ("http://codestar-connections.us-east-1.amazonaws.com", None, "neither AWS over https"),
        ("http://127.0.0.1:9", "https://sts.example.org", "neither AWS"),
    ],
)
def test_only_both_endpoints_together_can_be_put_elsewhere(
    service: str | None, sts: str | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, url in (("CODESTAR_CONNECTIONS", service), ("STS", sts)):
        if url is not None:
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{name}", url)
    with pytest.raises(UnsafeTargetError, match=message):
        Aws.found("codestar-connections", REGION, None)


@pytest.mark.usefixtures("home", "no_network")
def test_regions_fips_and_dual_stack_are_found_as_botocore_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def url() -> str:
        return Aws.found("codestar-connections", REGION, None).service.url

    assert url() == f"https://codestar-connections.{REGION}.amazonaws.com"
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    assert url() == f"https://codestar-connections-fips.{REGION}.amazonaws.com"
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
    assert url() == f"https://codestar-connections-fips.{REGION}.api.aws"


@pytest.mark.parametrize(
    ("is_aws", "forces", "force"),
    [(False, {}, "must"), (True, {}, "should"), (True, {"connection.name.unique": "must"}, "must")],
)
def test_unique_names_are_a_should_on_aws_until_somebody_says_otherwise(
    force: str, forces: dict[str, str], *, is_aws: bool
) -> None:
    settings = Settings(is_aws=is_aws, forces=forces)
    session = Session(settings, open_contract(settings))
    assert session.force("connection.name.unique", None) == force
    assert session.force("concurrent.linearizable", "names") == force, "a clause that follows it"
    assert session.force("connection.arn.stable", None) == "must"


# -- confirmed

_WHO = Identity(account="123456789012", arn="arn:aws:iam::123456789012:user/somebody")


@pytest.mark.parametrize(
    ("listed", "is_agreed", "said", "goes_on"),
    [
        (("123456789012",), True, None, True),
        (("123456789012",), False, None, False),  # nobody agreed to the plan
        ((), True, None, False),  # a CI job, and no list
        (("123456789012",), False, "yes\n", True),
        (("123456789012",), False, "\n", False),
        ((), True, "yes\n", False),  # --yes is about the plan, not about the account
        ((), False, "123456789012\n", True),
        (("210987654321",), False, "210987654321\n", False),
    ],
)
def test_an_account_is_used_where_it_was_listed_or_typed(
    listed: tuple[str, ...], said: str | None, capsys: pytest.CaptureFixture[str], *, is_agreed: bool, goes_on: bool
) -> None:
    answer = None if said is None else lambda _: said
    if goes_on:
        confirm([_WHO], "the plan", listed, is_agreed=is_agreed, answer=answer)
        assert "the plan" in capsys.readouterr().err
    else:
        with pytest.raises(UnsafeTargetError):
            confirm([_WHO], "the plan", listed, is_agreed=is_agreed, answer=answer)


_OTHER = Identity(account="210987654321", arn="arn:aws:iam::210987654321:user/else")


@pytest.mark.parametrize(
    ("listed", "said", "goes_on"),
    [
        ((_WHO.account, _OTHER.account), ["yes"], True),
        ((_WHO.account,), [_OTHER.account], True),
        ((_WHO.account,), ["yes"], False),
        ((), [_WHO.account, _OTHER.account], True),
        ((), [_WHO.account, _WHO.account], False),
        ((_WHO.account,), None, False),  # a CI job, and only one is on the list
    ],
)
def test_each_of_two_accounts_is_confirmed_for_itself(
    listed: tuple[str, ...], said: list[str] | None, *, goes_on: bool
) -> None:
    answers = None if said is None else iter(said)
    answer = None if answers is None else lambda _: next(answers)
    if goes_on:
        confirm([_WHO, _OTHER], "the plan", listed, is_agreed=False, answer=answer)
    else:
        with pytest.raises(UnsafeTargetError):
            confirm([_WHO, _OTHER], "the plan", listed, is_agreed=True, answer=answer)


def test_a_second_account_that_is_not_listed_stops_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    with pretend_aws() as aws:
        code, _, said = judged(aws, tmp_path, **THE_SECOND)
        assert (code, aws.sts, aws.calls.total()) == (6, 2, 0)
        assert SECOND_ACCOUNT in said


def test_an_account_that_is_not_listed_hears_of_nothing_but_sts(tmp_path: Path) -> None:
    with pretend_aws() as aws:
        code, _, said = judged(aws, tmp_path, listed=("123456789012",))
        assert (code, aws.sts, aws.calls.total()) == (6, 1, 0)
        assert f'accounts = ["{ACCOUNT}"]' in said


# -- judged


def _is_tidy(aws: PretendAws, results: dict[str, Any]) -> None:
    """Nothing is left, nothing foreign was touched, and the plan was kept, as the account itself has counted."""
    assert aws.left == set()
    assert aws.foreign_gone == []
    assert aws.most_alive <= 10
    _is_within_the_plan(aws)
    assert results["cleanup"]["left_behind"] == []
    assert results["calls"]["total"] == aws.calls.total()


def _is_within_the_plan(aws: PretendAws) -> None:
    most = {"CreateConnection": 160, "GetConnection": 140, "ListConnections": 200, "DeleteConnection": 180}
    assert aws.calls.total() <= 400
    assert {name: aws.calls[name] for name, count in most.items() if aws.calls[name] > count} == {}


def test_a_careful_account_conforms_within_the_plan(tmp_path: Path) -> None:
    with pretend_aws() as aws:
        code, results, said = judged(aws, tmp_path, "--seed", "1")
        assert (code, results["verdict"]) == (0, "conforms"), said
        _is_tidy(aws, results)
    words = {law["id"]: law["verdict"] for law in results["laws"]}
    assert sum(word == "pass" for word in words.values()) >= 55
    silent = {law for law, word in words.items() if word == "vacuous"}
    assert silent == {law for law in words if law.startswith("concurrent.")}, "nothing was sent at once"
    assert words["connection.list.complete"] == words["connection.delete.removes"] == "pass"
    assert results["calls"]["by_outcome"]["throttled"] > 5
    assert results["target"]["account"] == ACCOUNT
    assert "at most 400" in said


@pytest.mark.parametrize("mutant", ["status.active", "delete.at-second-try"])
def test_a_fault_is_found_within_the_plan(mutant: str, tmp_path: Path) -> None:
    with pretend_aws(mutant) as aws:
        code, _, said = judged(aws, tmp_path, "--seed", "1")
        assert code == 1, said
        _is_within_the_plan(aws)
        assert (aws.left, aws.foreign_gone) == (set(), [])


_BOTH = (ACCOUNT, SECOND_ACCOUNT)


def test_two_accounts_are_judged_within_one_plan(tmp_path: Path) -> None:
    with pretend_aws() as aws:
        code, results, said = judged(aws, tmp_path, "--seed", "1", listed=_BOTH, **THE_SECOND)
        assert (code, results["verdict"]) == (0, "conforms"), said
        _is_tidy(aws, results)
        assert any(SECOND_ACCOUNT in arn for arn in aws.made)
    words = {law["id"]: law["verdict"] for law in results["laws"]}
    assert words["isolation.account"] == words["connection.list.complete"] == "pass"
    assert f"and second account {SECOND_ACCOUNT}" in said
    assert "12 of STS GetCallerIdentity, in both accounts together" in said


def test_a_fault_between_accounts_is_found_within_the_plan(tmp_path: Path) -> None:
    with pretend_aws("account.get-by-arn-alone") as aws:
        code, results, said = judged(aws, tmp_path, "--seed", "1", listed=_BOTH, **THE_SECOND)
        assert code == 1, said
        assert [law["id"] for law in results["laws"] if law["verdict"] == "fail"] == ["isolation.account"]
        _is_within_the_plan(aws)
        assert (aws.left, aws.foreign_gone) == (set(), [])


def test_two_names_of_one_account_are_not_asked_of_each_other(tmp_path: Path) -> None:
    same = {"ASSAY_SECOND_ACCESS_KEY_ID": KEY, "ASSAY_SECOND_SECRET_ACCESS_KEY": SECRET}
    with pretend_aws() as aws:
        _, results, _ = judged(aws, tmp_path, "--law", "isolation.*", "--law", "connection.arn.form", **same)
        _is_tidy(aws, results)
    law = next(law for law in results["laws"] if law["id"] == "isolation.account")
    assert (law["verdict"], ACCOUNT in law["reason"]) == ("unsupported", True)


def test_what_two_accounts_hold_when_the_credentials_expire_is_swept_from_both(tmp_path: Path) -> None:
    def end_with_both_alive(aws: PretendAws) -> None:
        accounts = {arn.split(":")[4] for arn in aws.left}
        if accounts == set(_BOTH):
            aws.expired = True
        else:
            aws.then[aws.calls.total() + 1] = end_with_both_alive

    with pretend_aws(throttles=False) as aws:
        aws.then[40] = end_with_both_alive
        code, results, _ = judged(aws, tmp_path, "--seed", "1", listed=_BOTH, **THE_SECOND)
        assert (code, aws.expired) == (4, True)
        assert {each["arn"] for each in results["cleanup"]["left_behind"]} == aws.left
        assert {arn.split(":")[4] for arn in aws.left} == set(_BOTH)
        ledgers = [Owed.read(place) for place in (tmp_path / ".assay" / "ledger").iterdir()]
        told = {(owed.heading.account_of, owed.heading.account) for owed in ledgers if owed.heading is not None}
        assert told == {(None, ACCOUNT), (SECOND, SECOND_ACCOUNT)}
        aws.expired = False
        assert swept(aws, tmp_path) == 2  # without the second credentials, the first account alone is swept
        assert {arn.split(":")[4] for arn in aws.left} == {SECOND_ACCOUNT}
        assert swept(aws, tmp_path, **THE_SECOND) == 0
        assert (aws.left, aws.foreign_gone) == (set(), [])


def test_a_permission_that_is_missing_is_no_fault(tmp_path: Path) -> None:
    with pretend_aws(throttles=False) as aws:
        aws.deny("GetConnection")
        code, results, _ = judged(aws, tmp_path)
        assert code == 0
        _is_tidy(aws, results)
    laws = {law["id"]: law for law in results["laws"]}
    assert laws["connection.get.details"]["verdict"] == "unsupported"
    assert "codestar-connections:GetConnection" in laws["connection.get.details"]["reason"]
    assert laws["connection.list.page-size"]["verdict"] == "pass"


def test_who_may_not_delete_creates_nothing(tmp_path: Path) -> None:
    with pretend_aws(throttles=False) as aws:
        aws.deny("DeleteConnection")
        code, results, _ = judged(aws, tmp_path)
        assert (code, aws.made, aws.calls["CreateConnection"] <= 2) == (0, set(), True)
    assert results["calls"]["by_operation"]["ListConnections"] > 2


@pytest.mark.parametrize(
    ("change", "what"),
    [("expire", "credentials are no longer accepted"), ("deny", "DeleteConnection is denied")],
)
def test_what_ends_in_the_middle_is_told_and_judged_by_nobody(change: str, what: str, tmp_path: Path) -> None:
    def changed(aws: PretendAws) -> None:
        if change == "expire":
            aws.expired = True
        else:
            aws.deny("DeleteConnection")

    with pretend_aws(throttles=False) as aws:
        before = json.dumps(aws.policy)
        aws.then[90] = changed
        code, results, _ = judged(aws, tmp_path, "--seed", "1")
        assert (code, results["verdict"]) == (4, "indeterminate")
        assert what in results["trouble"]["message"]
        assert results["findings"] == []
        assert aws.foreign_gone == []
        assert {each["arn"] for each in results["cleanup"]["left_behind"]} == aws.left
        _is_within_the_plan(aws)
        aws.expired, aws.policy = False, json.loads(before)
        assert swept(aws, tmp_path) == 0
        assert (aws.left, aws.foreign_gone) == (set(), [])


@pytest.mark.parametrize("turns_away", [lambda number: number > 60, lambda number: number > 60 and number % 12])
def test_an_endpoint_that_turns_nearly_everything_away_is_not_hammered(
    turns_away: Callable[[int], bool], tmp_path: Path
) -> None:
    """The run ends as indeterminate, with some calls more than it had made; what it left goes when there is room."""
    with pretend_aws() as aws:
        aws.turns_away = turns_away
        code, results, _ = judged(aws, tmp_path, "--seed", "1")
        assert (code, results["verdict"]) == (4, "indeterminate")
        assert "turns so many calls away" in results["trouble"]["message"]
        assert results["findings"] == []
        assert aws.calls.total() <= 60 + 100, "a few tries for each of ten that live, of four hundred calls"
        assert {each["arn"] for each in results["cleanup"]["left_behind"]} == aws.left
        aws.turns_away = lambda _: False
        assert swept(aws, tmp_path) == 0
        assert (aws.left, aws.foreign_gone) == (set(), [])


# -- the plan


@pytest.mark.usefixtures("home", "no_network")
def test_a_plan_is_told_and_nothing_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "--max-calls", "200", "--rate", "4", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["idle_seconds"] == 100 * 3.0
    assert (plan["calls"], plan["seconds"], plan["connections_alive"], plan["quota"]) == (200, 50.0, 10, 250)
    assert plan["by_operation"]["CreateConnection"] == 80 > KEPT
    assert cli.main(["plan"]) == 0
    assert "at most 400" in capsys.readouterr().out


@pytest.mark.usefixtures("home", "no_network")
@pytest.mark.parametrize(
    ("how", "said"),
    [("ask", "you, in the console, at most 4 times"), ("door", "the side door"), ("./go --now", "'./go', at most 30")],
)
def test_a_plan_says_who_completes_handshakes(how: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "--handshake", how]) == 0
    told = capsys.readouterr().out
    assert said in told
    assert "--now" not in told, "what follows a command is its own affair"
    assert cli.main(["plan"]) == 0
    assert "handshake" not in capsys.readouterr().out


@pytest.mark.usefixtures("no_network")
def test_the_policy_names_the_region_and_the_accounts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "assay.toml").write_text('[allow]\naccounts = ["123456789012"]\n')
    assert cli.main(["plan", "--policy", "--region", "cn-north-1"]) == 0
    policy = json.loads(capsys.readouterr().out)
    writes, reads = policy["Statement"]
    assert writes["Action"] == ["codestar-connections:CreateConnection", "codestar-connections:ListConnections"]
    assert "arn:aws-cn:codestar-connections:cn-north-1:123456789012:connection/*" in reads["Resource"]
    assert all(each["Condition"] == {"StringEquals": {"aws:RequestedRegion": "cn-north-1"}} for each in (writes, reads))
    assert "*" not in [action.partition(":")[2] for each in (writes, reads) for action in each["Action"]]


def test_what_does_not_go_is_listed_however_often_a_run_has_listed(tmp_path: Path) -> None:
    """Each Delete takes the newest, somebody else's most often: the last look needs Lists, and they are held back."""
    with pretend_aws("delete.takes-the-newest") as aws:
        code, results, said = judged(aws, tmp_path, "--seed", "1", "--handshake", "door")
        assert code == 1, said
        assert aws.left
        assert aws.left <= {each["arn"] for each in results["cleanup"]["left_behind"]}
