"""assay.toml: what a caller would otherwise write on every command line, and how hard each law is taken.

Every option of `assay run` has its key, spelt as on the command line; `[laws]` maps an id to `must` or `should`;
`[allow]` lists what a run may touch though it be real, which is said in a file alone, where it is reviewed. A word
that is not known is an error and never ignored: a misspelt `strict` that is passed over passes a run that should have
failed.

Paths in the file are relative to the file, because that is what its author saw.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.cli.options import OPTIONS
from assay.contract.suggestion import closest
from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_FILE", "Configuration", "check_laws", "read_configuration"]

DEFAULT_FILE: Final = "assay.toml"
_LAWS: Final = "laws"
_ALLOW: Final = "allow"
_TABLES: Final = (_LAWS, _ALLOW)
_ALLOWED: Final = {
    "accounts": re.compile(r"[0-9]{12}", re.ASCII),
    "hosts": re.compile(r"[a-z0-9.:_-]{1,253}", re.ASCII),
}
_FORCES: Final = ("must", "should")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a file says: values by the key of their option, forces by the id of their law, and where it was read.

    `accounts` are the AWS accounts, and `hosts` the public hosts, that a run may use.
    """

    file: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    forces: Mapping[str, str] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def read_configuration(file: str | None) -> Configuration:
    """The configuration of a file, or of assay.toml in the caller's directory where there is one.

    Raises:
        UsageError: the file cannot be read, is not TOML, or says something that assay does not know.

    """
    place = file if file is not None else DEFAULT_FILE
    if file is None and not Path(place).exists():
        return Configuration()
    whole = _parsed(place)
    known = {option.name: option for option in OPTIONS}
    values: dict[str, Any] = {}
    for key, given in whole.items():
        if key in _TABLES:
            continue
        option = known.get(key)
        if option is None:
            raise UsageError(f"{place}: there is no key {key!r}", hint=_guess(key, [*known, *_TABLES]))
        value = option.value(given, f"{place}: {key}")
        values[option.key] = _beside(place, value) if option.is_path else value
    allowed = _allowed(whole.get(_ALLOW, {}), place)
    return Configuration(file=place, values=values, forces=_forces(whole.get(_LAWS, {}), place), **allowed)


def check_laws(configuration: Configuration, known: Mapping[str, Any], every: Mapping[str, Any]) -> dict[str, str]:
    """The forces for the laws of the edition at hand; `every` holds those of all editions: one file can serve them all.

    Raises:
        UsageError: a law is known in no edition.

    """
    for law in configuration.forces:
        if law not in every:
            raise UsageError(f"{configuration.file}: laws: there is no law {law!r}", hint=_guess(law, every))
    return {law: force for law, force in configuration.forces.items() if law in known}


def _parsed(place: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(Path(place).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(
            f"{place}: there is no such file", hint="--config names the file; without it, assay.toml is read"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{place}: cannot be read: {reason}", hint="--config names another file") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{place}: is not TOML: {error}", hint='a key reads: effort = "quick"') from error


def _forces(table: Any, place: str) -> dict[str, str]:
    hint = '[laws] holds lines such as "connection.name.unique" = "should"'
    if not isinstance(table, dict):
        raise UsageError(f"{place}: laws: is no table", hint=hint)
    forces: dict[str, str] = {}
    for law, force in table.items():
        if isinstance(force, dict):
            raise UsageError(f"{place}: laws: {law}: is a table", hint=f"put the law's whole id in quotes; {hint}")
        if force not in _FORCES:
            raise UsageError(f"{place}: laws: {law}: {ascii(force)[:80]} is neither must nor should", hint=hint)
        forces[law] = force
    return forces


def _allowed(table: Any, place: str) -> dict[str, tuple[str, ...]]:
    hint = '[allow] holds accounts = ["123456789012"] and hosts = ["emulator.example.org"]'
    if not isinstance(table, dict):
        raise UsageError(f"{place}: allow: is no table", hint=hint)
    allowed: dict[str, tuple[str, ...]] = {}
    for key, words in table.items():
        if key not in _ALLOWED:
            raise UsageError(f"{place}: allow: there is no key {key!r}", hint=hint)
        good = _ALLOWED[key]
        if not isinstance(words, list) or not all(isinstance(word, str) and good.fullmatch(word) for word in words):
            raise UsageError(f"{place}: allow: {key}: {ascii(words)[:80]} is no list of {key}", hint=hint)
        allowed[key] = tuple(words)
    return allowed


def _beside(place: str, value: str) -> str:
    folder = Path(place).parent
    return value if folder == Path() or Path(value).is_absolute() else os.path.join(folder, value)  # noqa: PTH118 - kept as written


def _guess(word: str, known: Any) -> str:
    guess = closest(word, known)
    return f"did you mean {guess!r}?" if guess else "`assay run --help` names the options, `assay laws` the laws"
