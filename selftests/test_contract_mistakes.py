"""What the author of a contract file is told who made a mistake: the file, the key and the remedy, in one line."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.contract import load_contract
from assay.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable

_SPECS = Path(__file__).parent.parent / "specs"

_LAWS = "codestar-connections/laws.toml"
_FIRST = "codestar-connections/2019-12-19/operations.toml"
_TODAY = "codestar-connections/2026-11-10/operations.toml"
_SISTER = "codeconnections/laws.toml"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A copy of the contract files that a test may break."""
    return Path(shutil.copytree(_SPECS, tmp_path / "specs"))


def _replacing(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, "the test has outlived the file"
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("file", "change", "key", "remedy"),
    [
        pytest.param(
            _LAWS,
            _replacing('force = "must"', 'force = "must"\nforse = "must"'),
            '"connection.name.unique".forse',
            "write 'force'",
            id="unknown key",
        ),
        pytest.param(
            _LAWS,
            _replacing('force = "must"', 'force = "maybe"'),
            '"connection.name.unique".force',
            "write one of must, should",
            id="wrong force",
        ),
        pytest.param(
            _LAWS,
            _replacing('"inferred"', '"guessed"'),
            '"connection.name.exact".evidence',
            "write one of documented, modelled",
            id="wrong evidence",
        ),
        pytest.param(
            _LAWS,
            _replacing("{name_length.minimum}", "{name_length.minimun}"),
            '"connection.name.length".sentence',
            "write {name_length.minimum}",
            id="unknown placeholder",
        ),
        pytest.param(_LAWS, _replacing("force = ", "force "), "line ", "mend that line", id="bad TOML"),
        pytest.param(
            _LAWS,
            _replacing('["connection.arn.well-formed"]', '["connection.arn.wellformed"]'),
            '"connection.arn.form".implied_by[0]',
            "write 'connection.arn.well-formed'",
            id="implied by an unknown law",
        ),
        pytest.param(
            _LAWS,
            _replacing('["connection.arn.well-formed"]', '["connection.arn.form"]'),
            '"connection.arn.form".implied_by',
            "cut the circle",
            id="implied by itself",
        ),
        pytest.param(
            _LAWS,
            _replacing('evidence = "documented"\n', ""),
            '"connection.name.unique".evidence',
            "missing; add it",
            id="missing key",
        ),
        pytest.param(
            _LAWS,
            _replacing('since = "0.1.0"\n', ""),
            '"connection.name.unique"',
            "give one of since, pending",
            id="neither since nor pending",
        ),
        pytest.param(
            _LAWS,
            _replacing('since = "0.1.0"', 'since = "soon"'),
            '"connection.name.unique".since',
            "write a release, such as 0.1.0",
            id="no release",
        ),
        pytest.param(
            _LAWS,
            _replacing("there is refused", "there is refused."),
            '"connection.name.unique".sentence',
            "write one sentence that ends without a full stop",
            id="full stop",
        ),
        pytest.param(
            _LAWS,
            _replacing('"model 2019-12-19: Create', '"somewhere: Create'),
            '"connection.name.unique".source[0]',
            "write an https link",
            id="no source",
        ),
        pytest.param(
            _LAWS,
            _replacing('[laws."connection.name.unique"]', "[laws.Unique]"),
            "laws.Unique",
            "write words with dots",
            id="no id",
        ),
        pytest.param(
            _LAWS,
            _replacing('["2026-11-10"]', '["today"]'),
            '"connection.create.required".clauses.neither.editions[0]',
            "write a day",
            id="no day",
        ),
        pytest.param(
            _LAWS,
            _replacing('["2026-11-10"]', '["2026-11-11"]'),
            '"connection.create.required".clauses.neither.editions[0]',
            "write one of 2019-12-19, 2026-11-10",
            id="unknown edition",
        ),
        pytest.param(
            _FIRST,
            _replacing('role = "get"', 'role = "fetch"'),
            "operations.GetConnection.role",
            "write one of create, get, list, delete",
            id="unknown role",
        ),
        pytest.param(
            _FIRST,
            _replacing('role = "get"', 'role = "create"'),
            "operations.GetConnection.role",
            "give each role to one operation",
            id="role given twice",
        ),
        pytest.param(
            _FIRST,
            _replacing("readonly = true", "readonly = 1"),
            "operations.GetConnection.readonly",
            "write true or false",
            id="wrong type",
        ),
        pytest.param(
            _FIRST,
            _replacing("LimitExceededException = 400", "LimitExceededException = 200"),
            "operations.CreateConnection.errors.LimitExceededException",
            "write an HTTP status",
            id="no error's status",
        ),
        pytest.param(
            _FIRST,
            _replacing("LimitExceededException = 400", "LimitExeededException = 400"),
            "operations.CreateConnection.errors.LimitExeededException",
            "or name another shape",
            id="error without a shape",
        ),
        pytest.param(
            _FIRST,
            _replacing('"GetConnectionInput"', '"GetConnectionInputs"'),
            "operations.GetConnection.input",
            "or name another shape",
            id="unknown shape",
        ),
        pytest.param(
            _FIRST,
            _replacing('items = "Connections"', 'items = "Connection"'),
            "operations.ListConnections.pagination.items",
            "write 'Connections'",
            id="unknown member",
        ),
        pytest.param(
            _TODAY,
            _replacing('"codestar-connections/2019-12-19"', '"codestar-connections/2018-01-01"'),
            "extends",
            "name a folder below specs",
            id="extends nothing",
        ),
        pytest.param(
            _TODAY,
            _replacing('"codestar-connections/2019-12-19"', '"codeconnections/2026-11-10"'),
            "extends",
            "cut the circle",
            id="extends itself",
        ),
    ],
)
def test_a_broken_file_is_named_with_key_and_remedy(
    specs: Path, file: str, change: Callable[[str], str], key: str, remedy: str
) -> None:
    """One line that an author can act on."""
    path = specs / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ContractError) as raised:
        load_contract(specs=specs)
    message = str(raised.value)
    if "circle" not in remedy or file == _LAWS:
        assert message.startswith(f"specs/{file}: ")
    assert key in message
    assert remedy in message
    assert "\n" not in message


def test_a_fault_is_blamed_on_the_file_that_has_it_and_not_on_the_one_below(specs: Path) -> None:
    """A service that extends another's laws is told of its own typo."""
    path = specs / _SISTER
    path.write_text(
        path.read_text(encoding="utf-8").replace('force = "should"', 'force = "perhaps"', 1), encoding="utf-8"
    )
    with pytest.raises(ContractError, match=re.escape(f'specs/{_SISTER}: laws."wire.error-status".force: ')):
        load_contract("codeconnections", specs=specs)
    assert load_contract("codestar-connections", specs=specs).laws


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff", "byte 0 is not UTF-8"), (b"[1]", "not a table"), (b'{"$id": 1,}', "not JSON"), (b'{"$id": "x"}', "$id")],
)
def test_a_broken_shape_is_named(specs: Path, content: bytes, said: str) -> None:
    """The shapes are contract files too."""
    (specs / "codestar-connections/2026-11-10/shapes/Connection.schema.json").write_bytes(content)
    with pytest.raises(
        ContractError, match=re.escape("specs/codestar-connections/2026-11-10/shapes/Connection.schema.json: ")
    ) as raised:
        load_contract(specs=specs)
    assert said in str(raised.value)


def test_a_shape_that_refers_to_itself_is_refused(specs: Path) -> None:
    """A resolved shape is a finite tree."""
    file = specs / "codestar-connections/2019-12-19/shapes/ConnectionList.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["items"]["$ref"] = "ConnectionList.schema.json"
    file.write_text(json.dumps(schema), encoding="utf-8")
    with pytest.raises(ContractError, match="ConnectionList refers to itself"):
        load_contract(specs=specs)


def test_a_missing_file_and_an_empty_folder_are_told(specs: Path, tmp_path: Path) -> None:
    """Half a contract judges wrongly, so there is none."""
    (specs / _LAWS).unlink()
    with pytest.raises(ContractError, match=f"specs/{_LAWS}: cannot be read"):
        load_contract(specs=specs)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ContractError, match=r"nothing: holds no operations\.toml"):
        load_contract(specs=tmp_path / "nothing")
