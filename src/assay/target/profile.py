"""What the AWS configuration files say, read by botocore, and only if there is something to read.

Importing botocore takes a fifth of a second, which most runs against an emulator need not pay: where no file exists and
no profile is named, or the file does not even mention what is sought, nothing is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Profile", "open_profile"]


@dataclass(frozen=True, slots=True)
class Profile:
    """A botocore session of one profile, with its section of the configuration and the whole of it."""

    session: Any
    scoped: Mapping[str, Any]
    full: Mapping[str, Any]


def open_profile(name: str | None, environ: Mapping[str, str], *, if_mentions: str) -> Profile | None:
    """The named profile, or AWS_PROFILE's, or the default one; None where no file mentions what is sought.

    Raises:
        UsageError: there is no such profile, or the files cannot be read.

    """
    wanted = name or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or None
    files = list(_files(environ))
    if wanted is None and not any(_mentions(path, if_mentions) for path in files):
        return None
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - a fifth of a second, and only for who has profiles
    from botocore.session import Session  # noqa: PLC0415 - the same

    session = Session(profile=wanted)
    config, shared = files
    session.set_config_variable("config_file", str(config))
    session.set_config_variable("credentials_file", str(shared))
    try:
        return Profile(session, session.get_scoped_config(), session.full_config)
    except BotoCoreError as error:
        hint = "aws configure list-profiles names those that exist"
        raise UsageError(f"the AWS profile cannot be read: {error}", hint=hint) from error


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or Path("~").expanduser())
    for variable, usual in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        said = environ.get(variable)
        yield Path(said).expanduser() if said else home / ".aws" / usual


def _mentions(path: Path, word: str) -> bool:
    try:
        return word in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
