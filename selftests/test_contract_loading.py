"""What a contract offers once it is loaded, in the words of the laws."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from assay.contract import Bounds, Contract, available, load_contract
from assay.errors import UsageError

_SPECS = Path(__file__).parent.parent / "specs"
_LAWS = "codestar-connections/laws.toml"
_ARN = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/0e2a4d6c"


@pytest.fixture(scope="module")
def today() -> Contract:
    """The newest edition of codestar-connections."""
    return load_contract(specs=_SPECS)


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A copy of the contract files that a test may break."""
    return Path(shutil.copytree(_SPECS, tmp_path / "specs"))


def test_the_editions_are_listed_oldest_first() -> None:
    """The folder of the schemas is no service."""
    assert available(_SPECS) == {
        "codeconnections": ("2026-11-10",),
        "codestar-connections": ("2019-12-19", "2026-11-10"),
    }


def test_the_newest_edition_is_the_default(today: Contract) -> None:
    """As `--edition` says."""
    assert (today.service, today.edition) == ("codestar-connections", "2026-11-10")


@pytest.mark.parametrize(
    ("service", "edition", "message", "hint"),
    [
        ("codestar-conections", None, "no service 'codestar-conections'", "did you mean codestar-connections?"),
        ("s3", None, "no service 's3'", "known: codeconnections, codestar-connections"),
        ("codestar-connections", "2026-11-11", "has no edition '2026-11-11'", "did you mean 2026-11-10?"),
        ("codestar-connections", "newest", "has no edition 'newest'", "2019-12-19, 2026-11-10"),
        ("codeconnections", "2019-12-19", "exists only since 2024-05", "known for codeconnections: 2026-11-10"),
    ],
)
def test_what_is_not_there_is_a_usage_error_that_tells_what_is(
    service: str, edition: str | None, message: str, hint: str
) -> None:
    """A typo costs one look."""
    with pytest.raises(UsageError) as raised:
        load_contract(service, edition, specs=_SPECS)
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")


def test_a_contract_speaks_in_the_words_of_the_laws(today: Contract) -> None:
    """Roles, bounds and enumerations, without a look into a schema."""
    assert [today.create.name, today.get.name, today.list.name, today.delete.name] == [
        "CreateConnection",
        "GetConnection",
        "ListConnections",
        "DeleteConnection",
    ]
    assert today.operation("GetConnection") is today.get
    assert today.get.holder == "Connection"
    assert today.create.required == ("ConnectionName",)
    assert today.create.members["ConnectionName"]["maxLength"] == 32
    assert today.kinds == ("Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged")
    assert today.every_kind == {*today.kinds, "AzureDevOps"}
    assert today.statuses == ("PENDING", "AVAILABLE", "ERROR")
    assert today.name_length == Bounds(minimum=1, maximum=32)
    assert today.identity_length == Bounds(minimum=0, maximum=256)
    assert today.token_length == Bounds(minimum=1, maximum=1024)
    assert today.page_sizes == Bounds(minimum=0, maximum=100)
    assert (today.page_sizes.below, today.page_sizes.above) == (-1, 101)
    assert 100 in today.page_sizes
    assert 101 not in today.page_sizes
    assert today.content_type == "application/x-amz-json-1.0"
    assert today.pagination.filters == {"ProviderTypeFilter": "ProviderType", "HostArnFilter": "HostArn"}
    assert today.pagination.default_page_size == 50


def test_the_editions_differ_where_the_service_changed() -> None:
    """The first release knew one provider, no hosts, no tags, and pages of 1 to 50."""
    first = load_contract(edition="2019-12-19", specs=_SPECS)
    assert first.kinds == ("Bitbucket",)
    assert first.page_sizes == Bounds(minimum=1, maximum=50)
    assert set(first.create.members) == {"ProviderType", "ConnectionName"}
    assert first.create.required == ("ProviderType", "ConnectionName")
    assert first.pagination.filters == {"ProviderTypeFilter": "ProviderType"}
    assert "HostArn" not in first.described
    assert first.list.errors == {}


def test_codeconnections_is_the_same_contract_under_another_name() -> None:
    """Target, signing name, a provider more, and the statuses that its model names."""
    contract = load_contract("codeconnections", specs=_SPECS)
    assert (contract.signing_name, contract.sdk, contract.api_version) == (
        "codeconnections",
        "codeconnections",
        "2023-12-01",
    )
    assert contract.targets == {
        "long": "com.amazonaws.codeconnections.CodeConnections_20231201",
        "short": "CodeConnections_20231201",
    }
    assert contract.kinds[-1] == "AzureDevOps"
    assert contract.get.errors == {"ResourceNotFoundException": 404, "ResourceUnavailableException": 400}
    pattern = contract.create.members["HostArn"]["pattern"]
    for prefix in ("codestar-connections", "codeconnections"):
        assert re.fullmatch(pattern, f"arn:aws:{prefix}:eu-west-1:123456789012:host/x-1")


@pytest.mark.parametrize(
    ("arn", "matches"),
    [
        (_ARN, True),
        (_ARN.replace("aws", "aws-us-gov"), True),
        (_ARN.replace("codestar-connections", "s3"), True),
        (_ARN + "\n", False),
        (_ARN.replace("123456789012", "12345678901"), False),
        (_ARN.replace("arn:", "ARN:"), False),
        ("", False),
        # Dialects of regular expressions part ways here, so the widest reading holds and no law judges these.
        (_ARN.replace("aws", "aws-é"), True),
        (_ARN.replace("eu-west-1", "eu\rwest"), True),
    ],
)
def test_the_pattern_of_an_arn_is_matched_as_a_whole(today: Contract, arn: str, matches: bool) -> None:  # noqa: FBT001
    """With `fullmatch`, and with `search` as JSON Schema does it, alike."""
    assert bool(today.identity_pattern.fullmatch(arn)) is matches
    assert bool(today.identity_pattern.search(arn)) is matches


def test_the_error_names_are_the_models_and_the_frameworks(today: Contract) -> None:
    """Whoever reads an answer knows which names mean something."""
    assert today.error_names >= {
        "LimitExceededException",
        "ResourceNotFoundException",
        "ResourceUnavailableException",
        "ValidationException",
        "SerializationException",
        "UnknownOperationException",
        "AccessDeniedException",
        "ThrottlingException",
    }
    assert all(error.source for error in today.framework_errors.values())


def test_a_contract_cannot_be_changed(today: Contract) -> None:
    """Every room reads the same values."""
    with pytest.raises(FrozenInstanceError):
        today.edition = "tomorrow"  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError):
        today.laws["x"] = today.laws["wire.schema"]  # type: ignore[index]  # that is the point


def test_an_unknown_operation_is_a_usage_error(today: Contract) -> None:
    """And tells the known ones."""
    with pytest.raises(UsageError, match="no operation 'GetHost'"):
        today.operation("GetHost")


def test_the_digest_names_the_content(specs: Path) -> None:
    """It is the same for a copy elsewhere and for other line ends, and another for one changed word."""
    before = load_contract(specs=specs).digest
    assert before == load_contract(specs=_SPECS).digest
    assert re.fullmatch("[0-9a-f]{64}", before)
    file = specs / _LAWS
    text = file.read_bytes()
    file.write_bytes(text.replace(b"\n", b"\r\n"))
    assert load_contract(specs=specs).digest == before
    file.write_bytes(text.replace(b"is refused", b"is rejected", 1))
    assert load_contract(specs=specs).digest != before


def test_a_law_can_be_one_of_some_editions_only(specs: Path) -> None:
    """What a later edition brought, an older one is not judged by."""
    law = '[laws."connection.list.token-forged"]\n'
    text = (specs / _LAWS).read_text(encoding="utf-8")
    (specs / _LAWS).write_text(text.replace(law, law + 'editions = ["2026-11-10"]\n'), encoding="utf-8")
    assert "connection.list.token-forged" in load_contract(edition="2026-11-10", specs=specs).laws
    assert "connection.list.token-forged" not in load_contract(edition="2019-12-19", specs=specs).laws


def test_loading_needs_no_slow_import() -> None:
    """What explains a broken answer is loaded when one is broken, since a run that conforms never needs it."""
    code = (
        "import sys; from pathlib import Path; from assay.contract import load_contract\n"
        "contract = load_contract(specs=Path(sys.argv[1]))\n"
        "contract.output_validator('DeleteConnection').problems({})\n"
        "print(sorted({'jsonschema', 'referencing', 'difflib'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(_SPECS)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(_SPECS.parent / "src")},
    )
    assert ran.stdout.strip() == "[]"


def test_every_shape_says_what_it_is_and_where_it_comes_from() -> None:
    """Title, description and source, and no shape that no operation reaches."""
    files = sorted(_SPECS.glob("*/*/shapes/*.schema.json"))
    assert files
    reached = {
        (specs_file, contract.shapes.library.specs)
        for service, editions in available(_SPECS).items()
        for edition in editions
        for contract in [load_contract(service, edition, specs=_SPECS)]
        for operation in contract.operations.values()
        for shape in (operation.input, operation.output, *operation.errors)
        for name in contract.shapes.closure(shape, wanted_by="a test")
        for specs_file in [contract.shapes.file(name.removesuffix(".schema.json"), wanted_by="a test")]
    }
    for file in files:
        schema = json.loads(file.read_text(encoding="utf-8"))
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema", file
        assert schema["title"] == file.name.removesuffix(".schema.json")
        assert len(schema["description"]) > 10
        assert re.match(r"model [0-9]{4}-[0-9]{2}-[0-9]{2}", schema["$comment"])
        assert (file.relative_to(_SPECS).as_posix(), _SPECS) in reached, f"no operation reaches {file}"


def test_the_contract_files_are_valid_schemas_and_shapes() -> None:
    """Every JSON file below specs is a schema that draft 2020-12 knows."""
    from jsonschema import Draft202012Validator

    for file in sorted(_SPECS.glob("**/*.schema.json")):
        Draft202012Validator.check_schema(json.loads(file.read_text(encoding="utf-8")))
