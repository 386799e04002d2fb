"""What a sweep deletes, and what it does not: the ledger and the endpoint have to agree on every connection."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from assay.cli import main
from assay.errors import TargetError
from assay.history import Outcome, Refused, Unknown
from assay.ledger import FOLDER, Heading, Ledger, Owed, fingerprint, ledgers_in, lock
from assay.reference import BackgroundReference
from assay.sweep import Sweeper
from assay.target import HARMLESS
from selftests.histories import NEWEST
from selftests.in_memory import Account, arns_deleted, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PREFIX = "ask3f9q1"
NAMES = tuple(f"{PREFIX}000{number}" for number in range(4))


def account_of(*names: str) -> tuple[Account, dict[str, str]]:
    """An account with connections of a run, by their names, and some of strangers that look like it."""
    account = Account()
    account.strangers = {f"arn:stranger:{each}": each for each in ("as", PREFIX, f"{PREFIX}zzzz", "丁", "mine")}
    for name in names:
        account.call("CreateConnection", {"ConnectionName": name})
    account.made.clear()
    return account, {name: arn for arn, name in account.ours.items()}


def owed(made: Mapping[str, str | None] | None = None, *names: str | None, unreadable: int = 0) -> Owed:
    return Owed(heading=None, made=made or {}, open=dict.fromkeys(names, 1), unreadable=unreadable)


def swept(account: Account, what: Owed, *, is_dry: bool = False) -> Any:
    return Sweeper(account, account.contract, is_dry=is_dry).sweep(what, PREFIX)


# -- whom it deletes


def test_what_the_ledger_gives_is_deleted_and_nothing_else() -> None:
    account, arns = account_of(*NAMES)
    came = swept(account, owed({arns[NAMES[0]]: NAMES[0], "arn:long:gone": "gone"}, NAMES[1], "never-made"))
    assert {name for _, name in came.deleted} == {NAMES[0], NAMES[1]}
    assert (came.gone, came.left) == (1, [])
    assert set(account.ours.values()) == {NAMES[2], NAMES[3]}
    assert len(account.strangers) == 5


def test_an_arn_under_which_there_is_another_name_is_left_alone() -> None:
    """A faulty endpoint answered a Create with a stranger's ARN, or calls the run's own by another name."""
    account, arns = account_of(*NAMES)
    came = swept(account, owed({"arn:stranger:mine": NAMES[0], arns[NAMES[1]]: NAMES[1].upper(), arns[NAMES[2]]: None}))
    assert not came.deleted
    assert len(came.left) == 3
    assert not arns_deleted(account)


def test_a_name_that_may_be_anybodys_is_told_and_not_deleted() -> None:
    account, _ = account_of()
    came = swept(account, owed(None, "丁"))
    assert [(each.arn, each.name) for each in came.left] == [("arn:stranger:丁", "丁")]
    assert not arns_deleted(account)


def test_a_name_is_compared_exactly() -> None:
    account, _ = account_of(f"{NAMES[0]}é", f"x{NAMES[1]}")
    assert swept(account, owed(None, f"{NAMES[0]}e\u0301", NAMES[1], NAMES[0])).is_clean
    assert not arns_deleted(account)


def test_a_create_without_a_name_is_deleted_by_its_arn_alone() -> None:
    account, _ = account_of()
    account.ours["arn:nameless"] = None
    assert swept(account, owed({"arn:nameless": None})).is_clean
    assert not account.ours
    assert swept(account, owed(None, None)).is_clean, "a Create without a name was refused, or never came"
    account.strangers["arn:stranger:nameless"] = ""
    assert [each.arn for each in swept(account, owed(None, None)).left] == ["arn:stranger:nameless"]
    assert not [arn for arn in arns_deleted(account) if "stranger" in arn]


def test_what_stands_in_lines_that_cannot_be_read_is_told_by_the_prefix() -> None:
    account, arns = account_of(*NAMES[:2])
    came = swept(account, owed({arns[NAMES[0]]: NAMES[0]}, unreadable=1))
    assert [each.name for each in came.left] == [PREFIX, f"{PREFIX}zzzz", NAMES[1]]
    assert arns_deleted(account) == [arns[NAMES[0]]]


def test_a_dry_sweep_deletes_nothing() -> None:
    account, arns = account_of(*NAMES)
    came = swept(account, owed({arns[NAMES[0]]: NAMES[0]}, NAMES[1]), is_dry=True)
    assert len(came.deleted) == 2
    assert not arns_deleted(account)


# -- an endpoint that does not help


def test_what_is_there_after_its_deletion_is_left() -> None:
    account, arns = account_of(NAMES[0])
    account._delete = lambda members: (200, {})  # type: ignore[method-assign]
    came = swept(account, owed({arns[NAMES[0]]: NAMES[0]}))
    assert "there still" in came.left[0].why


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (refused("ExpiredTokenException"), "not let in"),
        (Refused(None, 403), "not let in"),
        (Unknown("connection", "refused"), "cannot be reached"),
    ],
)
def test_where_no_call_can_fare_better_the_sweep_ends(outcome: Outcome, said: str) -> None:
    account, arns = account_of(*NAMES)
    gone: list[str] = []
    account.before = lambda operation, members: outcome if len(account.made) > 3 else None
    sweeper = Sweeper(account, account.contract, told=gone.append)
    with pytest.raises(TargetError, match=said):
        sweeper.sweep(owed({arns[name]: name for name in NAMES}), PREFIX)
    assert gone == [arns[NAMES[0]]], "what was done is told"


def test_a_server_error_leaves_one_connection_and_no_other() -> None:
    account, arns = account_of(*NAMES)
    account.before = lambda operation, members: (
        Unknown("server-error", "500\x1b[2J") if members.get("ConnectionArn") == arns[NAMES[1]] else None
    )
    came = swept(account, owed({arns[name]: name for name in NAMES}))
    assert [each.name for each in came.left] == [NAMES[1]]
    assert "\x1b" not in came.left[0].why
    assert set(account.ours.values()) == {NAMES[1]}


def test_a_walk_without_an_end_is_ended() -> None:
    account, _ = account_of()
    account._list = lambda members: (200, {"Connections": [], "NextToken": "0"})  # type: ignore[method-assign]
    with pytest.raises(TargetError, match="never comes to an end"):
        swept(account, owed(None, NAMES[0]))


# -- the command


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    server = BackgroundReference()
    server.start()
    yield server
    server.stop()


def make(reference: BackgroundReference, *names: str) -> dict[str, str]:
    """Connections at a reference, by name."""
    from botocore.session import Session

    client = Session().create_client(
        "codestar-connections",
        region_name="us-east-1",
        endpoint_url=reference.endpoint_url,
        aws_access_key_id=HARMLESS.access_key_id,
        aws_secret_access_key=HARMLESS.secret_access_key,
    )
    make.client = client  # type: ignore[attr-defined] # to look with, below
    return {
        name: client.create_connection(ConnectionName=name, ProviderType="Bitbucket")["ConnectionArn"] for name in names
    }


def there() -> set[str]:
    return {each["ConnectionName"] for each in make.client.list_connections()["Connections"]}  # type: ignore[attr-defined]


def broken_off_run(folder: Path, url: str, made: Mapping[str, str], *names: str, **more: Any) -> Path:
    """The ledger of a run that was killed."""
    run = more.pop("run", "k3f9q1")
    heading = Heading(
        **{
            "run": run,
            "prefix": f"as{run}",
            "started": (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds"),
            "endpoint_url": url,
            "service": NEWEST[0],
            "edition": NEWEST[1],
            "region": "us-east-1",
            "caller": fingerprint(run, HARMLESS.access_key_id),
            **more,
        }
    )
    ledger = Ledger(folder / FOLDER, heading)
    for name, arn in made.items():
        ledger.creating([name])
        ledger.made(name, arn)
    ledger.creating(names)
    os.close(ledger._file)
    return ledger.place


@pytest.fixture(autouse=True)
def nobodys_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


def sweep(folder: Path, *options: str) -> int:
    return main(["sweep", "--report-dir", str(folder), *options])


def test_a_sweep_removes_what_is_left_and_then_the_ledger(
    reference: BackgroundReference, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make(reference, "ask3f9q10001", "ask3f9q10002", "not-ours")
    place = broken_off_run(tmp_path, reference.endpoint_url, {"ask3f9q10001": made["ask3f9q10001"]}, "ask3f9q10002")
    before = place.read_bytes()
    assert sweep(tmp_path, "--dry-run") == 0
    assert place.read_bytes() == before
    assert "would delete" in capsys.readouterr().out
    assert sweep(tmp_path, "--older-than", "100h") == 0
    assert "younger" in capsys.readouterr().out
    assert sweep(tmp_path) == 0
    assert "2 deleted, 0 gone before, nothing left" in capsys.readouterr().out
    assert ledgers_in(tmp_path) == []
    assert there() & {*made} == {"not-ours"}
    assert sweep(tmp_path) == 0
    assert "nothing to sweep" in capsys.readouterr().out


def test_a_living_run_is_left_alone(
    reference: BackgroundReference, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make(reference, "asliving0001")
    place = broken_off_run(tmp_path, reference.endpoint_url, made, run="living")
    file = os.open(place, os.O_RDWR)
    assert lock(file)
    assert sweep(tmp_path) == 0
    assert "goes on" in capsys.readouterr().out
    assert sweep(tmp_path, "--prefix", "asliving", "--delete", "--endpoint-url", reference.endpoint_url) == 2
    assert "asliving0001" in there()
    os.close(file)
    assert sweep(tmp_path) == 0
    assert "asliving0001" not in there()


def test_other_credentials_that_see_nothing_do_not_make_a_ledger_forgotten(
    reference: BackgroundReference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make(reference, "asother10001")
    place = broken_off_run(tmp_path, reference.endpoint_url, made, run="other1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAANOTHERACCOUNT00")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted/secret")
    assert sweep(tmp_path) == 4
    out = capsys.readouterr().out
    assert "not the endpoint and the credentials" in out
    assert "planted" not in out + place.read_text(encoding="utf-8")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert sweep(tmp_path) == 0
    assert "asother10001" not in there()


def test_an_endpoint_that_is_away_keeps_its_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = broken_off_run(tmp_path, "http://127.0.0.1:1", {"asaway010001": "arn:1"}, run="away01")
    assert sweep(tmp_path) == 4
    assert "cannot be reached" in capsys.readouterr().out
    assert place.exists()


def test_an_endpoint_that_is_aws_is_refused(tmp_path: Path) -> None:
    place = broken_off_run(
        tmp_path, "https://codestar-connections.us-east-1.amazonaws.com", {"n": "arn:1"}, run="real01"
    )
    assert sweep(tmp_path) == 6
    assert place.exists()


def test_a_public_address_is_refused_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    place = broken_off_run(tmp_path, "http://52.94.5.1", {"n": "arn:1"}, run="public")
    assert sweep(tmp_path) == 6
    assert sweep(tmp_path, "--endpoint-url", "http://52.94.5.2") == 6
    assert "52.94.5.2" in capsys.readouterr().err
    assert sweep(tmp_path, "--prefix", "as", "--endpoint-url", "http://52.94.5.1") == 6
    assert place.exists()


def test_a_ledger_without_a_heading_tells_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "k3f9q1.jsonl").write_text('{"ledger": 1, "ru', encoding="utf-8")
    assert sweep(tmp_path) == 4
    assert "--prefix ask3f9q1" in capsys.readouterr().out


def test_without_a_ledger_candidates_are_listed_and_deleted_only_when_told(
    reference: BackgroundReference, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(reference, "aslost010001", "xaslost010002y", "aslost02", "aslast010001")
    where = ("--endpoint-url", reference.endpoint_url)
    assert sweep(tmp_path, "--prefix", "as", *where) == 0
    listed = capsys.readouterr().out
    assert "aslost01 arn" in listed
    assert "aslast01 arn" in listed
    assert "'aslost02'" not in listed
    assert sweep(tmp_path, "--prefix", "aslost", "--delete", *where) == 2
    assert sweep(tmp_path, "--prefix", "aslost01", "--delete", "--dry-run", *where) == 0
    assert {"aslost010001", "xaslost010002y"} <= there()
    assert sweep(tmp_path, "--prefix", "aslost01", "--delete", *where) == 0
    assert "2 deleted" in capsys.readouterr().out
    assert {"aslost02", "aslast010001"} <= there()
    assert not {"aslost010001", "xaslost010002y"} & there()


@pytest.mark.parametrize(
    "options",
    [
        ("--delete",),
        ("--prefix", "foo"),
        ("--prefix", ""),
        ("--prefix", "as"),
        ("--prefix", "as", "--older-than", "1h"),
        ("--older-than", "yesterday"),
        ("--endpoint-url", ""),
        ("nobody",),
    ],
)
def test_wrong_options_are_told_before_anything_is_sent(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path, *options) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_ledger_holds_no_more_than_it_says(tmp_path: Path) -> None:
    place = broken_off_run(tmp_path, "http://127.0.0.1:1", {"n": "arn:1"}, profile="audit")
    heading = json.loads(place.read_text(encoding="utf-8").splitlines()[0])
    assert set(heading) == {
        *("ledger", "run", "prefix", "started", "endpoint_url", "service", "edition", "region", "spelling"),
        *("account", "profile", "ca_bundle", "caller", "account_of"),
    }
