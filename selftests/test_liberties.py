"""Each liberty really is taken: calls written by hand that the reference and the liberty answer differently.

That no law objects to any is `assay selftest`'s to say; here they are held to what they promise, alone and in pairs.
"""

from __future__ import annotations

import http.client
import inspect
import json
import random
import shutil
import ssl
import subprocess
import sys
import time
import weakref
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.cli.options import OPTIONS
from assay.errors import UsageError
from assay.liberties import ALL, Liberty, liberty, named
from assay.liberties.private_ca import SHIPPED, Certificates, make_certificates
from assay.reference import BackgroundReference
from selftests.liberties_shown import SHOWN
from selftests.liberties_shown.calls import GATE_KEY, GATE_SECRET
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.reference.parts import Parts


def client_of(server: BackgroundReference) -> RawClient:
    """A client that trusts the server's certificate, where it has one."""
    client = RawClient(server.endpoint_url)
    if server.ca_bundle is not None:
        trusted = ssl.create_default_context(cafile=server.ca_bundle)
        host, port = client.connection.host, client.connection.port
        client.connection = http.client.HTTPSConnection(host, port, timeout=10, context=trusted)
        weakref.finalize(client, client.connection.close)
    return client


# -- the catalogue


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server


def test_every_liberty_is_shown() -> None:
    """None without an exchange, no exchange without one."""
    assert SHOWN.keys() == ALL.keys()


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_liberty_shows_and_the_reference_takes_it_not(reference: BackgroundReference, name: str) -> None:
    """The same calls, answered differently, and no complaint on either side."""
    if (obstacle := ALL[name].obstacle) is not None:
        pytest.skip(obstacle)
    gate: dict[str, Any] = {}
    if name.startswith("auth."):
        gate = {"verify_signatures": True, "credentials": {GATE_KEY: GATE_SECRET}}
        with BackgroundReference(**gate) as gated:
            assert not SHOWN[name](client_of(gated))
    else:
        assert not SHOWN[name](client_of(reference))
    with BackgroundReference(liberties=[name], **gate) as server:
        assert SHOWN[name](client_of(server))
        assert server.complaints() == ""


def pairs() -> list[tuple[str, str]]:
    """Every liberty with two others that it can be had with, drawn at random but always the same."""
    rng = random.Random(3)
    fitting = [(one, other) for one, other in combinations(ALL, 2) if not ALL[one].contradicts(ALL[other])]
    rng.shuffle(fitting)
    wanted = dict.fromkeys(ALL, 2)
    chosen = []
    for one, other in fitting:
        # Two that are slow or scarce are tried as well, but each with one that is neither.
        if wanted[one] > 0 and wanted[other] > 0 and not any(map(_is_scarce, (one, other))):
            wanted[one] -= 1
            wanted[other] -= 1
            chosen.append((one, other))
    return chosen


def _is_scarce(name: str) -> bool:
    return name.startswith(("throttle.", "reads.", "transfer.slow", "threads.", "account.", "quota."))


@pytest.mark.parametrize("names", pairs(), ids="+".join)
def test_a_pair_is_a_server_too(names: tuple[str, str]) -> None:
    """One connection through its life, and a walk over a few; nothing is lost where two liberties meet."""
    for name in names:
        if (obstacle := ALL[name].obstacle) is not None:
            pytest.skip(obstacle)
    with BackgroundReference(liberties=names) as server:
        client = client_of(server)
        arns = [client.create(f"c-{number}") for number in range(7)]
        listed: list[str] = []
        token: dict[str, Any] = {}
        for _ in range(30):
            page = client.page(MaxResults=2, **token)
            listed += [item["ConnectionArn"] for item in page.get("Connections") or ()]
            if page.get("NextToken") is None:
                break
            token = {"NextToken": page["NextToken"]}
        assert sorted(listed) == sorted(arns)
        assert client.get(arns[3]).members["Connection"]["ConnectionName"] == "c-3"
        assert client.delete(arns[3]).status == 200
        assert client.get(arns[3]).status in {400, 404}
        assert client.call("CreateConnection", ConnectionName="c-0", ProviderType="GitHub").status in {400, 409}
        assert server.complaints() == ""


def test_every_liberty_tells_its_story() -> None:
    """A docstring, a reason, options that `assay run` has, and exclusions that mean somebody."""
    known = {f"--{option.name}" for option in OPTIONS}
    assert len(ALL) >= 35
    for name, one in ALL.items():
        assert isinstance(one, Liberty)
        assert one.name == name
        assert one.description.rstrip().endswith(".")
        assert one.because
        assert not one.because.endswith(".")
        assert set(one.options[::2]) <= known
        assert len(one.options) % 2 == 0
        for pattern in one.excludes:
            assert any(other is not one and one.contradicts(other) for other in ALL.values()), pattern


def test_the_order_of_names_is_of_no_consequence() -> None:
    """A pair is one server, and not two."""
    names = ["transfer.chunked", "id.short", "refusal.bare-type", "partition.china"]
    assert named(names) == named(names[::-1])
    assert [each.name for each in named(names)] == ["partition.china", "id.short", *names[2::-2]]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["order.by-nam"], r"no liberty 'order.by-nam'.*\n.*did you mean order\.by-name\?"),
        (["order.by-name", "order.shuffled"], "contradict each other"),
        (["transfer.http-1-0", "transfer.chunked"], "contradict each other"),
        (["id.short", "id.short"], "named twice"),
    ],
)
def test_what_cannot_be_had_is_told(names: list[str], words: str) -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match=words):
        named(names)
    with pytest.raises(UsageError, match=words):
        BackgroundReference(liberties=names).start()


def test_the_catalogue_refuses_what_it_could_not_render() -> None:
    """A second liberty of a name, a name that is none, no docstring."""

    def untold(parts: Parts) -> Parts:
        return parts

    with pytest.raises(ValueError, match="no name"):
        liberty("order.by-name", because="it is")
    with pytest.raises(ValueError, match="no name"):
        liberty("Nonsense", because="it is")
    with pytest.raises(ValueError, match="docstring"):
        liberty("order.untold", because="it is")(untold)
    assert "order.untold" not in ALL


def test_the_reference_takes_no_liberty_of_its_own() -> None:
    """Its modules speak of them only where a server is started with one."""
    folder = Path(inspect.getfile(BackgroundReference)).parent
    speaking = {path.name for path in folder.glob("*.py") if "assay.liberties" in path.read_text(encoding="utf-8")}
    assert speaking == {"server.py", "background.py"}


@pytest.mark.parametrize("openssl", ["openssl", "no-such-command"])
def test_certificates_are_good_with_and_without_openssl(tmp_path: Path, openssl: str) -> None:
    """The shipped ones take the place of those that cannot be made; neither leaves an authority's key."""
    made = make_certificates(tmp_path, openssl=openssl)
    is_made = made != Certificates.within(SHIPPED)
    assert is_made is (openssl != "no-such-command" and shutil.which(openssl) is not None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    ssl.create_default_context(cafile=str(made.ca_bundle))
    assert not (tmp_path / "ca.key").exists()
    facts = ssl._ssl._test_decode_cert(str(made.certificate))
    assert ssl.cert_time_to_seconds(facts["notAfter"]) > time.time() + 86_400
    assert ("IP Address", "0:0:0:0:0:0:0:1") in facts["subjectAltName"]


# -- the command line


def assay(*words: str) -> subprocess.CompletedProcess[str]:
    """The command, from a folder without an assay.toml."""
    command = [sys.executable, "-m", "assay", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_liberties_can_be_listed() -> None:
    """One a line, with the reason."""
    lines = assay("serve", "--list-liberties").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(ALL)
    assert all(" Legal: " in line for line in lines)


def test_a_run_takes_them_with_what_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of a liberty hold where the caller says nothing; results say what was taken."""
    monkeypatch.chdir(tmp_path)
    names = ["refusal.modelled-status", "reads.late", "listen.tls"]
    given = [word for name in names for word in ("--liberty", name)]
    ended = assay("run", *given, "--law", "wire.*", "--max-calls", "60", "--effort", "quick")
    results = json.loads((tmp_path / ".assay" / "results.json").read_text(encoding="utf-8"))
    assert results["service"] == "codeconnections"
    assert results["settings"]["staleness"] == 1.0
    assert results["target"]["liberties"] == names
    assert results["target"]["endpoint_url"].startswith("https://")
    assert " with refusal.modelled-status, reads.late, listen.tls" in " ".join(ended.stdout.split())


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [
        (["--liberty", "order.by-nam"], "did you mean order.by-name?"),
        (["--liberty", "order.by-name", "--liberty", "order.by-hash"], "contradict each other"),
        (["--liberty", "order.by-name", "--endpoint-url", "http://127.0.0.1:1"], "is to be judged"),
        (["--impostor", "echo", "--endpoint-url", "http://127.0.0.1:1"], "is to be judged"),
        (["--impostor", "ecko"], "did you mean echo?"),
    ],
)
def test_what_a_run_cannot_take_is_a_usage_error(words: list[str], said_of_it: str) -> None:
    """Before anything is started."""
    ended = assay("run", *words)
    assert ended.returncode == 2
    assert said_of_it in ended.stderr
