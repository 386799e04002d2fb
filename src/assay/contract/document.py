"""A contract file, read once and remembered: where a path becomes data, and the only place that touches the disk.

A file may extend another and hold only what differs, so that what is true of every edition is written once. Layers are
merged table by table; a list or a value replaces the one below it, and nothing can be taken away, because so far no
edition took anything away. What the merged whole must look like is not decided here (`validation`), nor what it means
(`loading`).
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Document", "Library", "key_path", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one file says after those that it extends; `layers` are the files apart, the most special first."""

    layers: tuple[tuple[str, Mapping[str, Any]], ...]
    whole: Mapping[str, Any]

    def file_of(self, path: tuple[str | int, ...]) -> str:
        """The file that says what stands at a path of the whole: the most special one that has the most of it."""
        for length in range(len(path), 0, -1):
            for name, table in self.layers:
                if _reaches(table, path[:length]):
                    return name
        return self.layers[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The files below `specs`, each read at most once; their digest is the contract's."""

    specs: Path
    _bytes: dict[str, bytes] = field(default_factory=dict)
    _parsed: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def called(self, relative: str) -> str:
        """How an error names a file: from the specs folder on."""
        return f"{self.specs.name}/{relative}"

    def has(self, relative: str) -> bool:
        """Is there such a file?"""
        return relative in self._bytes or (self.specs / relative).is_file()

    def toml(self, relative: str) -> Mapping[str, Any]:
        """One TOML file as it stands, without what it extends."""
        return self._read(relative, tomllib.loads, tomllib.TOMLDecodeError, "TOML")

    def json(self, relative: str) -> Mapping[str, Any]:
        """One JSON file as it stands."""
        return self._read(relative, json.loads, json.JSONDecodeError, "JSON")

    def document(self, folder: str, name: str) -> Document:
        """The file `name` of a folder, over the files of that name in the folders that it extends."""
        folders = self.chain(folder, name)
        layers = tuple((self.called(f"{each}/{name}"), self.toml(f"{each}/{name}")) for each in folders)
        whole: Mapping[str, Any] = {}
        for _, table in reversed(layers):
            whole = merged(whole, table)
        return Document(layers=layers, whole={key: value for key, value in whole.items() if key != "extends"})

    def chain(self, folder: str, name: str) -> tuple[str, ...]:
        """A folder and those that its file `name` extends, the most special first."""
        folders = [folder]
        while (below := self.toml(f"{folders[-1]}/{name}").get("extends")) is not None:
            file = self.called(f"{folders[-1]}/{name}")
            if not isinstance(below, str) or not self.has(f"{below}/{name}"):
                raise ContractError(
                    f"{file}: extends: there is no {below}/{name}; name a folder below {self.specs.name}"
                )
            if below in folders:
                raise ContractError(f"{file}: extends: {below} extends this file in turn; cut the circle")
            folders.append(below)
        return tuple(folders)

    def digest(self) -> str:
        """SHA-256 over the name and the content of every file read so far, in the order of their names."""
        total = hashlib.sha256()
        for name in sorted(self._bytes):
            content = self._bytes[name]
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
        return total.hexdigest()

    def _read(
        self, relative: str, parse: Callable[[str], Any], broken: type[ValueError], language: str
    ) -> Mapping[str, Any]:
        if relative not in self._parsed:
            file = self.called(relative)
            try:
                # Line ends as the repository has them, whatever a checkout made of them: the digest names the content.
                content = (self.specs / relative).read_bytes().replace(b"\r\n", b"\n")
            except OSError as error:
                raise ContractError(
                    f"{file}: cannot be read ({error.strerror}); restore it from the repository"
                ) from error
            try:
                table = parse(content.decode())
            except UnicodeDecodeError as error:
                raise ContractError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
            except broken as error:
                raise ContractError(f"{file}: not {language}: {error}; mend that line") from error
            if not isinstance(table, dict):
                raise ContractError(f"{file}: not a table; put an object at the top")
            self._bytes[relative] = content
            self._parsed[relative] = table
        return self._parsed[relative]


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one: tables merge, whatever else is above replaces what is below."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        both[key] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return both


def key_path(path: tuple[str | int, ...]) -> str:
    """A path as TOML writes it: laws."connection.name.length".force, source[2]."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += (
                f"{'.' if text else ''}{step if re.fullmatch(r'[A-Za-z0-9_-]+', step) else chr(34) + step + chr(34)}"
            )
    return text or "the file"


def _reaches(table: object, path: tuple[str | int, ...]) -> bool:
    """Is there anything at this path of a file's own table?"""
    for step in path:
        steps: dict[str | int, object] = dict(enumerate(table)) if isinstance(table, list) else {}
        steps = table if isinstance(table, dict) else steps
        if step not in steps:
            return False
        table = steps[step]
    return True
