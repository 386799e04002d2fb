"""Who the requests are signed as, and for which Region.

The environment is read first and without botocore; profiles, configuration files and everything else is left to
botocore's own chain, so that assay finds what the AWS CLI finds. On loopback three things differ: nothing is looked up
on the network (no instance metadata, no container credentials, and no role or single sign-on unless a profile is
named), so that a run against an emulator is never slow for it; where nothing is found, fixed harmless credentials are
used; and that is told by their `source`.

Temporary credentials (of a role, single sign-on, a web identity, a container) run out, and a run may be longer than
they last. So credentials that botocore can renew are asked for again before each request (`Credentials.current`):
botocore hands out the same ones until it is time, and what it hands out then signs from there on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from assay.errors import TargetError, UsageError
from assay.target.profile import Profile, open_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.target.endpoint import Endpoint

__all__ = [
    "HARMLESS",
    "HARMLESS_SECOND",
    "Credentials",
    "find_ca_bundle",
    "find_credentials",
    "find_region",
    "find_second_credentials",
    "renewable",
    "second_from_environment",
]

_DEFAULT_REGION: Final = "us-east-1"
_REGION: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
_LOOKED_UP: Final = ("container-role", "iam-role")
_LOCAL: Final = frozenset({"env", "shared-credentials-file", "config-file", "boto-config", "custom-process"})
_SECOND_HINT: Final = (
    "set ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY, or name a profile with --second-profile"
)
_HINT: Final = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What signs a request; `source` says where it was found. The secrets show in no repr.

    `renewed` gives what is to be used now, the same value as long as it lasts; None where it lasts for ever.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    source: str = "given"
    renewed: Callable[[], Credentials] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what could not stand in a header."""
        for value in (self.access_key_id, self.secret_access_key, self.session_token):
            if value is not None and not _PRINTABLE.fullmatch(value):
                raise UsageError(f"the credentials from {self.source} are empty or hold other than ASCII", hint=_HINT)

    def current(self) -> Credentials:
        """What signs a request that is sent now.

        Raises:
            TargetError: they have run out, and cannot be renewed.

        """
        return self if self.renewed is None else self.renewed()

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """What must stand in nothing that is kept."""
        return tuple(value.encode() for value in (self.secret_access_key, self.session_token) if value)


HARMLESS: Final = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="harmless", source="harmless")  # noqa: S106 - AWS' own example of a key; it opens nothing
"""What signs requests to loopback where the caller has no credentials."""

HARMLESS_SECOND: Final = Credentials(
    access_key_id="111122223333",
    secret_access_key="harmless",  # noqa: S106 - it opens nothing
    source="harmless",
)
"""What signs for a second account on loopback, where the caller names none.

Some emulators make the account of any other key another one, and some take a key of twelve digits for the account
itself: this one, which stands for an account in AWS' own examples, is another account to both.
"""


def find_credentials(profile: str | None, endpoint: Endpoint, environ: Mapping[str, str]) -> Credentials:
    """The caller's credentials, where the AWS CLI would look for them; on loopback, at the least, harmless ones.

    Raises:
        UsageError: there are none, only half of them, or the profile is not there.

    """
    if profile is None:
        given = _from_environment(environ)
        if given is not None:
            return given
    word = "aws_access_key_id" if endpoint.is_loopback else ""
    opened = open_profile(profile, environ, if_mentions=word)
    named = profile or environ.get("AWS_PROFILE")
    found = None if opened is None and endpoint.is_loopback else _from_chain(opened, named, endpoint, environ)
    if found is not None:
        return found
    if endpoint.is_loopback and profile is None:
        return HARMLESS
    raise UsageError(f"there are no credentials to sign requests to {endpoint.url} with", hint=_HINT)


def find_second_credentials(
    profile: str | None, endpoint: Endpoint, environ: Mapping[str, str]
) -> Credentials | None:
    """The credentials of a second account: the profile's, the environment's, on loopback harmless ones; None for none.

    Raises:
        UsageError: there is only half of them, or the profile is not there.

    """
    if profile is not None:
        return find_credentials(profile, endpoint, environ)
    given = second_from_environment(environ)
    return given if given is not None or not endpoint.is_loopback else HARMLESS_SECOND


def second_from_environment(environ: Mapping[str, str]) -> Credentials | None:
    """The credentials of a second account that ASSAY_SECOND_ACCESS_KEY_ID and its companions give; None for none.

    Raises:
        UsageError: there is only half of them.

    """
    return _from_environment(environ, "ASSAY_SECOND", _SECOND_HINT)


def find_region(option: str | None, profile: str | None, environ: Mapping[str, str]) -> str:
    """The Region: the option's, AWS_REGION's, AWS_DEFAULT_REGION's, the profile's, or us-east-1.

    Raises:
        UsageError: it is not the name of a Region.

    """
    region = option
    if region is None:
        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if region is None:
        opened = open_profile(profile, environ, if_mentions="region")
        region = None if opened is None else opened.scoped.get("region")
    region = _DEFAULT_REGION if region is None else region
    if not _REGION.fullmatch(region):
        raise UsageError(f"{region[:80]!r} is not the name of a Region", hint="a Region is called like us-east-1")
    return region


def find_ca_bundle(option: str | None, profile: str | None, environ: Mapping[str, str]) -> str | None:
    """The file of certificates to trust: the option's, AWS_CA_BUNDLE's or the profile's; None for the usual ones."""
    found = option or environ.get("AWS_CA_BUNDLE") or None
    if found is None and (opened := open_profile(profile, environ, if_mentions="ca_bundle")) is not None:
        found = opened.scoped.get("ca_bundle")
    return None if found is None else os.path.expanduser(found)  # noqa: PTH111 - as botocore has it


def _from_environment(environ: Mapping[str, str], whose: str = "AWS", hint: str = _HINT) -> Credentials | None:
    key, secret = environ.get(f"{whose}_ACCESS_KEY_ID"), environ.get(f"{whose}_SECRET_ACCESS_KEY")
    if not key and not secret:
        return None
    if not key or not secret:
        missing = f"{whose}_SECRET_ACCESS_KEY" if key else f"{whose}_ACCESS_KEY_ID"
        raise UsageError(f"{missing} is missing beside its other half", hint=hint)
    token = environ.get(f"{whose}_SESSION_TOKEN") or environ.get(f"{whose}_SECURITY_TOKEN") or None
    return Credentials(access_key_id=key, secret_access_key=secret, session_token=token, source="environment")


def _from_chain(
    opened: Profile | None, named: str | None, endpoint: Endpoint, environ: Mapping[str, str]
) -> Credentials | None:
    """What botocore's chain finds; on loopback, only what it finds without the network."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - a fifth of a second
    from botocore.session import Session  # noqa: PLC0415 - the same

    session = Session() if opened is None else opened.session
    try:
        chain = session.get_component("credential_provider")
        for provider in list(chain.providers):
            looked_up = provider.METHOD in _LOOKED_UP or (named is None and provider.METHOD not in _LOCAL)
            if endpoint.is_loopback and looked_up:
                chain.remove(provider.METHOD)
        if not environ.get("AWS_ACCESS_KEY_ID"):
            chain.remove("env")  # what `environ` does not say is not said
        found = session.get_credentials()
        if found is None:
            return None
        return renewable(found)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"the AWS credentials cannot be read: {error}", hint=_HINT) from error


def renewable(found: Any) -> Credentials:
    """Credentials of botocore as they are now; those that run out know how to be renewed.

    Raises:
        botocore.exceptions.BotoCoreError: they cannot be had.

    """
    now = found.get_frozen_credentials()
    source = str(found.method)
    return _frozen(now, source, _Renewal(found, now, source) if hasattr(found, "refresh_needed") else None)


class _Renewal:
    """Asks botocore again, and knows the answer by its identity: it is the same object until it was renewed."""

    def __init__(self, found: Any, now: Any, source: str) -> None:
        self._found, self._now, self._source = found, now, source
        self._known = _frozen(now, source, self)

    def __call__(self) -> Credentials:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - imported by now

        try:
            now = self._found.get_frozen_credentials()
        except (BotoCoreError, ClientError) as error:
            raise TargetError(
                f"the AWS credentials ({self._source}) have run out and cannot be renewed: {type(error).__name__}",
                hint="log in again (`aws sso login`?); `assay sweep --target aws` then removes what is left",
            ) from error
        if now is not self._now:
            self._now, self._known = now, _frozen(now, self._source, self)
        return self._known


def _frozen(now: Any, source: str, renewed: Callable[[], Credentials] | None) -> Credentials:
    return Credentials(
        access_key_id=now.access_key,
        secret_access_key=now.secret_key,
        session_token=now.token or None,
        source=source,
        renewed=renewed,
    )
