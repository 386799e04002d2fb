"""The server that a run has for itself, where it is given no endpoint: the reference, with a fault or liberties."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from assay.errors import AssayError
from assay.reference import BackgroundReference
from assay.target import Endpoint, find_credentials, find_second_credentials

if TYPE_CHECKING:
    from assay.contract import Contract
    from assay.settings import Settings

__all__ = ["Server", "background_reference"]

_LOOPBACK: Final = "http://127.0.0.1"


class Server(Protocol):
    """A server that a run has for itself; it ends with the run, and what lies there with it."""

    @property
    def endpoint_url(self) -> str:
        """Where it listens."""

    @property
    def ca_bundle(self) -> str | None:
        """The file of the authority that its certificate is of; None where it has none."""

    def complaints(self) -> str:
        """What it had to say of its own faults."""

    def stop(self) -> None:
        """End it."""


def background_reference(settings: Settings, contract: Contract) -> BackgroundReference | None:
    """The reference server, started, where the settings name no endpoint; it is ready some moments later."""
    if settings.endpoint_url is not None or settings.is_aws:
        return None
    keys = _keys_of(settings)
    reference = BackgroundReference(
        edition=contract.edition,
        mutant=settings.mutant,
        liberties=settings.liberties,
        impostor=settings.impostor,
        verify_signatures=bool(keys),
        credentials=keys,
    )
    reference.start()
    return reference


def _keys_of(settings: Settings) -> dict[str, str]:
    """The keys that the run will sign with, for the reference to know; none where one cannot be read: `open` tells it.

    An impostor is no reference, and knows nobody.
    """
    if settings.impostor is not None:
        return {}
    loopback = Endpoint.parse(_LOOPBACK)
    try:
        first = find_credentials(settings.profile, loopback, os.environ)
        second = find_second_credentials(settings.second_profile, loopback, os.environ)
    except AssayError:
        return {}
    return {each.access_key_id: each.secret_access_key for each in (second, first) if each is not None}
