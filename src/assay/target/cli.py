"""The CLI leg: one command of the AWS CLI a call, in an environment of its own.

What the command prints is all that is seen: no bytes of the exchange, no status, no headers. So the call that comes of
it has no response, and its outcome is as much as can be read: what is printed was accepted; an error that the contract
knows as a refusal was refused, with a status of 0, as none was seen; anything else is unknown. An error that is not
known may have been a 5xx, whose call may have had its effect. The request of such a call is the plain form of its
input, without any header.

The command is given no configuration, no profile and nothing to look up; credentials reach it in its environment, never
on its command line, where every user of the machine could read them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from botocore import xform_name

from assay.history import Accepted, Outcome, Raised, Refused, Returned, SdkView, Unknown
from assay.target.reading import THROTTLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Contract
    from assay.target.credentials import Credentials
    from assay.target.endpoint import Endpoint

__all__ = ["CliLeg", "Printed", "find_cli", "read_printed"]

Printed: TypeAlias = tuple[int, str, str]
"""The exit code of a command, what it printed, and what it complained of."""

_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_ERROR: Final = re.compile(r"An error occurred \(([^)]{0,200})\) when calling the \w+ operation[^:]*:[ ]?(.{0,1000})")
_SIGNATURE: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])")
_OTHER_REFUSALS: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnknownOperationException", "ValidationException"}
)
_SERVER_ERRORS: Final = 500
_LONGEST_DETAIL: Final = 200


def find_cli() -> str | None:
    """Where the AWS CLI is; None where there is none on PATH."""
    return shutil.which("aws")


class CliLeg:
    """Calls through the AWS CLI that `command` names, one process each."""

    def __init__(
        self, command: str, endpoint: Endpoint, contract: Contract, region: str, *, ca_bundle: str | None
    ) -> None:
        self._command, self._endpoint, self._contract = command, endpoint, contract
        self._region, self._ca_bundle = region, ca_bundle

    def call(
        self, operation: str, given: Mapping[str, Any], credentials: Credentials, timeout: float
    ) -> tuple[Outcome, SdkView | None] | None:
        """What came of one command, and what the CLI made of the answer; None where no command says such an input."""
        options = _options(given)
        if options is None:
            return None
        seconds = str(max(1, int(timeout)))
        words = [
            *(self._command, self._contract.sdk, xform_name(operation, "-"), *options),
            *("--endpoint-url", self._endpoint.url, "--region", self._region, "--output", "json", "--no-paginate"),
            *("--cli-connect-timeout", seconds, "--cli-read-timeout", seconds),
            *(("--ca-bundle", self._ca_bundle) if self._ca_bundle is not None else ()),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - the CLI that stands on PATH, with words and no shell
                words,
                env=_environment(credentials, self._endpoint),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Unknown("timeout", f"the AWS CLI had not ended within {timeout:g} s"), None
        except OSError as error:
            return Unknown("connection", f"the AWS CLI did not start: {error.strerror}"), None
        printed, complained = (_without_secrets(text, credentials) for text in (done.stdout, done.stderr))
        return read_printed(self._contract, (done.returncode, printed, complained))


def read_printed(contract: Contract, printed: Printed) -> tuple[Outcome, SdkView | None]:
    """The outcome that a command tells, and what the CLI made of the answer; never raises."""
    code, output, complaint = printed
    if code == 0:
        try:
            value = json.loads(output) if output.strip() else {}  # it prints nothing where there is nothing to tell
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or _SIGNATURE.search(output):
            return Unknown("unreadable", "the AWS CLI printed what is no JSON object"), None
        return Accepted(value), Returned(value)
    error = _ERROR.search(complaint)
    if error is None:
        words = _SIGNATURE.sub("***", " ".join(complaint.split()))[-_LONGEST_DETAIL:]
        return Unknown("unreadable", f"the AWS CLI ended with {code}: {words}"), None
    name, message = error[1], _SIGNATURE.sub("***", error[2])
    view = Raised("ClientError", name)
    if name in THROTTLED:
        return Refused(name, 0, message, throttled=True), view
    if name in _refusals(contract):
        return Refused(name, 0, message), view
    return Unknown("unreadable", f"the AWS CLI tells the error {name}: {message}"[:_LONGEST_DETAIL]), view


def _refusals(contract: Contract) -> frozenset[str]:
    """The errors that are surely refusals."""
    modelled = {
        name
        for operation in contract.operations.values()
        for name, status in operation.errors.items()
        if status < _SERVER_ERRORS
    }
    return _OTHER_REFUSALS | modelled


def _options(given: Mapping[str, Any]) -> list[str] | None:
    """An input as options; None where a member is no text or number, or is text that the CLI would take for a place."""
    options: list[str] = []
    for member, value in given.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        text = str(value)
        if "://" in text or "\0" in text or not text.isprintable():
            return None
        options.append(f"--{xform_name(member, '-')}={text}")
    return options


def _environment(credentials: Credentials, endpoint: Endpoint) -> dict[str, str]:
    """Credentials, and nothing else of the caller's configuration."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    token = credentials.session_token
    return {
        **passed_on,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        **({} if token is None else {"AWS_SESSION_TOKEN": token}),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_PAGER": "",
        "AWS_CLI_AUTO_PROMPT": "off",
        **({"NO_PROXY": "*"} if endpoint.proxy is None else {f"{endpoint.scheme.upper()}_PROXY": endpoint.proxy.url}),
        "PYTHONIOENCODING": "utf-8",
    }


def _without_secrets(printed: bytes, credentials: Credentials) -> str:
    """What was printed, with stars in the place of any secret of ours."""
    for secret in credentials.secrets:
        printed = printed.replace(secret, b"*" * len(secret))
    return printed.decode("utf-8", "replace")
