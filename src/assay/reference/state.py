"""A store that outlives its process: one SQLite file, for `--state`.

Reads come from memory; every change is committed to the file, and flushed to the disk, before it is answered. A row of
`given` is never deleted: it holds every ARN ever given and the number of its creation, so that neither comes back after
a restart. The file belongs to one server at a time, and says so to a second one. It also keeps the key that seals
tokens: a walk can go on after a restart.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import TYPE_CHECKING

from assay.errors import UsageError
from assay.reference.connections import Connection, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FileStore"]

# "assa": written into the file's header, so that no other program's database is ever taken for ours.
_APPLICATION_ID = 0x61737361
_VERSION = 1
_SCHEMA = f"""
BEGIN;
CREATE TABLE given (arn TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE connection (
    sequence INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, provider_type TEXT NOT NULL,
    account TEXT NOT NULL, region TEXT NOT NULL, status TEXT NOT NULL, host_arn TEXT, tags TEXT NOT NULL
);
CREATE TABLE secret (token_key BLOB NOT NULL);
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_COLUMNS = "sequence, arn, name, provider_type, account, region, status, host_arn, tags"


class FileStore:
    """Connections in memory and in a file."""

    def __init__(self, path: Path) -> None:
        self._memory = MemoryStore()
        try:
            self._file = sqlite3.connect(path, isolation_level=None, timeout=0.5)
        except sqlite3.Error as error:
            raise _unusable(path, str(error)) from error
        try:
            self.token_key = self._load(path)
        except sqlite3.Error as error:
            self._file.close()
            busy = "locked" in str(error)
            raise _unusable(path, "another server has it open" if busy else str(error)) from error
        except UsageError:
            self._file.close()
            raise

    def _load(self, path: Path) -> bytes:
        file = self._file
        # The first statement reads, and so asks for the lock before anything is written to a file that may not be ours.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        is_new = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        application = file.execute("PRAGMA application_id").fetchone()[0]
        version = file.execute("PRAGMA user_version").fetchone()[0]
        if not is_new and (application, version) != (_APPLICATION_ID, _VERSION):
            raise _unusable(path, "it is a database, but not a state file of this version of assay")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        if is_new:
            file.executescript(_SCHEMA)
            file.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))
        else:
            # A read lock is not enough to keep a second server out: a write takes the lock for good.
            file.execute("UPDATE secret SET token_key = token_key")
        for arn, sequence in file.execute("SELECT arn, sequence FROM given"):
            self._memory.remember(arn, sequence)
        for row in file.execute(f"SELECT {_COLUMNS} FROM connection ORDER BY sequence"):  # noqa: S608 - our own words
            self._memory.add(_connection_of(row))
        key = file.execute("SELECT token_key FROM secret").fetchone()[0]
        assert isinstance(key, bytes)
        return key

    def next_sequence(self) -> int:
        """A number greater than any that was given before."""
        return self._memory.next_sequence()

    def was_given(self, arn: str) -> bool:
        """Whether any connection, live or deleted, ever had this ARN."""
        return self._memory.was_given(arn)

    def add(self, connection: Connection) -> None:
        """Keep a new connection; the file first, so that what it refuses is nowhere."""
        row = (
            connection.sequence,
            connection.arn,
            connection.name,
            connection.provider_type,
            connection.account,
            connection.region,
            connection.status,
            connection.host_arn,
            json.dumps(connection.tags),
        )
        with self._file:
            self._file.execute("BEGIN")
            self._file.execute("INSERT OR REPLACE INTO given VALUES (?, ?)", (connection.arn, connection.sequence))
            self._file.execute("INSERT INTO connection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._memory.add(connection)

    def get(self, arn: str) -> Connection | None:
        """The live connection of this ARN, whoever owns it."""
        return self._memory.get(arn)

    def update(self, connection: Connection) -> None:
        """Put a connection in the place of the one with its ARN; only a status ever changes."""
        self._file.execute("UPDATE connection SET status = ? WHERE arn = ?", (connection.status, connection.arn))
        self._memory.update(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection, but not that its ARN was given."""
        self._file.execute("DELETE FROM connection WHERE arn = ?", (connection.arn,))
        self._memory.remove(connection)

    def after(self, account: str, sequence: int) -> Iterator[Connection]:
        """The live connections of an account, all Regions, created after number `sequence`, oldest first."""
        return self._memory.after(account, sequence)

    def count(self, account: str, region: str | None = None) -> int:
        """How many live connections an account has, in one Region or in all."""
        return self._memory.count(account, region)

    def __iter__(self) -> Iterator[Connection]:
        """All live connections of all accounts."""
        return iter(self._memory)

    def close(self) -> None:
        """Close the file; what was answered is in it already."""
        self._file.close()


def _connection_of(row: tuple[int, str, str, str, str, str, str, str | None, str]) -> Connection:
    sequence, arn, name, provider_type, account, region, status, host_arn, tags = row
    return Connection(
        sequence=sequence,
        arn=arn,
        name=name,
        provider_type=provider_type,
        account=account,
        region=region,
        status=status,
        host_arn=host_arn,
        tags=tuple((key, value) for key, value in json.loads(tags)),
    )


def _unusable(path: Path, why: str) -> UsageError:
    return UsageError(
        f"the state file {path} cannot be used: {why}", hint="name another file, or one that is not there yet"
    )
