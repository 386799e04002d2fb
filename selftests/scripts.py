"""Scripts for findings, executed: what finds the fault, the servers to execute them against, and how that ended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from in_memory import finding_of

from assay.reference import BackgroundReference
from assay.session import open_session
from assay.settings import Settings
from selftests.histories import NEWEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from assay.book import Finding
    from assay.program import Program

__all__ = ["AWS", "KEY", "SECOND", "SECRET", "executed", "found_at", "guarded", "left_at"]

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "harmless"
SECOND = {"ASSAY_SECOND_ACCESS_KEY_ID": "AKIAI44QH8DHBEXAMPLE", "ASSAY_SECOND_SECRET_ACCESS_KEY": "mild"}

AWS = """#!{python}
import json, sys
import boto3
from botocore.exceptions import ClientError
words = sys.argv[1:]
option = dict(zip(words[2::2], words[3::2]))
client = boto3.client(words[0], endpoint_url=option["--endpoint-url"], region_name=option["--region"])
try:
    answer = getattr(client, words[1].replace("-", "_"))(**json.loads(option["--cli-input-json"]))
except ClientError as error:
    print(f"An error occurred ({{error.response['Error']['Code']}}) when calling: {{error}}", file=sys.stderr)
    sys.exit(254)
answer.pop("ResponseMetadata")
print(json.dumps(answer, indent=4))
"""


def executed(  # noqa: PLR0913, PLR0917 - what there is to say of a script
    kind: str, script: str, url: str, stub: str, place: Path, more: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """The exit code of a script, and what it said; `more` is put into its environment."""
    file = place / f"script.{kind}"
    file.write_text(script, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "PATH": f"{stub}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1",
        **(more or {}),
    }
    ended = subprocess.run(
        [sys.executable if kind == "python" else "sh", str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ended.returncode, ended.stdout + ended.stderr


@contextmanager
def guarded(mutant: str | None) -> Iterator[str]:
    """A server that checks signatures, and knows the callers of these tests alone."""
    keys = {KEY: SECRET, SECOND["ASSAY_SECOND_ACCESS_KEY_ID"]: SECOND["ASSAY_SECOND_SECRET_ACCESS_KEY"]}
    server = BackgroundReference(edition=NEWEST[1], mutant=mutant, verify_signatures=True, credentials=keys)
    server.start()
    try:
        yield server.endpoint_url
    finally:
        server.stop()


def left_at(url: str, key: str = KEY, secret: str = SECRET) -> int:
    """How many connections a caller has there."""
    client = boto3.client(
        "codestar-connections",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )
    return len(client.list_connections()["Connections"])


def found_at(url: str, law: str, program: Program, **settings_too: Any) -> Finding:
    """What a search at a server that is really there finds by a program."""
    settings = Settings(endpoint_url=url, edition=NEWEST[1], report_dir=tempfile.mkdtemp(), **settings_too)
    with open_session(settings) as session:
        for _ in range(60):  # where it is a race, one has to be met
            session.search.examine(program, session.search.budget)
            if session.search.book.broken(law) is not None:
                break
        return finding_of(session.search, law)
