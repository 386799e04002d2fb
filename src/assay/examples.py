"""Where the examples of earlier failures lie, for Hypothesis to try first: here, in Redis, or in a CI's artifact.

A test whose law was found broken leaves what it drew in Hypothesis' database; the next run of that test begins with it.
Hypothesis gives a test that has a seed no database, and all tests here have one: so it is given to each again.
Shared between machines, that lets a laptop begin where the night's CI left off. All of it is Hypothesis' own: here are
the words in which a caller names such a place, and the rule that a database is a help and never a reason to fail. What
cannot be reached any more on the way is left out from there on, and told.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    ExampleDatabase,
    GitHubArtifactDatabase,
    MultiplexedDatabase,
    ReadOnlyDatabase,
)

from assay.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Examples", "open_examples"]

_REDIS: Final = ("redis", "rediss")
_GITHUB: Final = "github:"
_READ_ONLY: Final = "read-only:"
_PATIENCE_S: Final = 2.0  # a database that takes longer to answer is no help
_HINT: Final = "a folder, read-only:FOLDER, redis://HOST:PORT/0, or github:OWNER/REPOSITORY[/ARTIFACT]"


class Examples(ExampleDatabase):
    """A database that is asked as long as it answers; `trouble` is why it is not asked any more."""

    def __init__(self, database: ExampleDatabase, place: str) -> None:
        super().__init__()
        self._database, self._place = database, place
        self.trouble: str | None = None

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """What lies under a key; nothing where that cannot be seen."""
        found: list[bytes] = []
        self._try(lambda: found.extend(self._database.fetch(key)))
        return found

    def save(self, key: bytes, value: bytes) -> None:
        """Keep a value."""
        self._try(lambda: self._database.save(key, value))

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a value."""
        self._try(lambda: self._database.delete(key, value))

    def move(self, src: bytes, dest: bytes, value: bytes) -> None:
        """Keep a value under another key."""
        self._try(lambda: self._database.move(src, dest, value))

    def _try(self, deed: Callable[[], object]) -> None:
        if self.trouble is not None:
            return
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - whatever it is, the run is not about it
            self.trouble = f"the examples in {self._place} were left out: {type(error).__name__}"


def open_examples(places: Sequence[str]) -> tuple[ExampleDatabase | None, tuple[Examples, ...]]:
    """The database in the places that the caller names, None where there is none; and each place by itself.

    All places are read, and all that are not read-only are written.

    Raises:
        UsageError: it is none of the places that are known, a package is missing, or Redis does not answer.

    """
    opened = tuple(_opened(place) for place in places)
    return MultiplexedDatabase(*opened) if opened else None, opened


def _opened(place: str) -> Examples:
    if urlsplit(place).scheme in _REDIS:
        return _redis(place)
    if place.startswith(_GITHUB):
        owner, _, rest = place.removeprefix(_GITHUB).partition("/")
        repository, _, artifact = rest.partition("/")
        if not owner or not repository:
            raise UsageError(f"--database {ascii(place)[1:-1]}: no repository is named", hint=_HINT)
        named: dict[str, Any] = {"artifact_name": artifact} if artifact else {}
        return Examples(ReadOnlyDatabase(GitHubArtifactDatabase(owner, repository, **named)), place)
    if place.startswith(_READ_ONLY):
        folder = Path(place.removeprefix(_READ_ONLY))
        if not folder.is_dir():
            raise UsageError(f"--database {ascii(place)[1:-1]}: there is no such folder", hint=_HINT)
        return Examples(ReadOnlyDatabase(DirectoryBasedExampleDatabase(folder)), place)
    if "://" in place:
        raise UsageError(f"--database {_without_password(place)}: nobody knows such a place", hint=_HINT)
    return Examples(DirectoryBasedExampleDatabase(place), place)


def _redis(url: str) -> Examples:
    """Redis, which has to answer now: a mistake in its address is told before the run, not after it."""
    place = _without_password(url)
    try:
        redis: Any = importlib.import_module("redis")
        extra: Any = importlib.import_module("hypothesis.extra.redis")
    except ImportError as error:
        raise UsageError(
            f"--database {place} needs redis, which is not installed", hint="pip install 'assay[redis]'"
        ) from error
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S)
        client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise UsageError(
            f"--database {place}: Redis does not answer ({type(error).__name__})",
            hint="start it, or leave the option out",
        ) from error
    return Examples(extra.RedisExampleDatabase(client, key_prefix=b"assay-example:"), place)


def _without_password(url: str) -> str:
    """What may be shown of a URL: its scheme, its host and its port."""
    parts = urlsplit(url)
    return ascii(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")[1:-1]
