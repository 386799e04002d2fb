"""AWS itself: where its endpoints are, and whose account a run would use.

Both are left to botocore, so that assay finds what the AWS CLI finds: Regions and partitions, FIPS and dual-stack
endpoints (`AWS_USE_FIPS_ENDPOINT`, `use_dualstack_endpoint` of a profile), and `AWS_ENDPOINT_URL_…`, with which one of
the two can be put elsewhere. Elsewhere is loopback, or another name of AWS (a VPC endpoint), and nothing else; and an
STS on loopback is believed only where the service is on loopback, too: otherwise it could say the name of a listed
account while the requests go to another.

One request is sent from here, GetCallerIdentity, which changes nothing, needs no permission and cannot be denied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from assay.errors import TargetError, UnsafeTargetError, UsageError
from assay.target.credentials import renewable, second_from_environment
from assay.target.endpoint import Endpoint
from assay.target.proxies import proxied

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assay.target.credentials import Credentials

__all__ = ["Aws", "Identity", "refuse_unlisted"]

_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)
_STS_SECONDS: Final = 10
_STS_ATTEMPTS: Final = 3
_HINT: Final = "`aws sts get-caller-identity` shows what the AWS CLI finds; --profile and --region choose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who calls: the account, and the ARN of the user or role."""

    account: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """The service and STS, as the caller would reach them, in one session of botocore: who asks STS is who signs."""

    service: Endpoint
    sts: Endpoint
    region: str
    session: Any
    ca_bundle: str | None

    @classmethod
    def found(
        cls,
        service: str,
        region: str,
        profile: str | None,
        *,
        ca_bundle: str | None = None,
        credentials: Credentials | None = None,
    ) -> Self:
        """Where botocore would send requests, signed with what it finds itself or with these `credentials`.

        Raises:
            UsageError: there is no such endpoint or profile, or a proxy that cannot be spoken to.
            UnsafeTargetError: an endpoint was put where a confirmed account would mean nothing.

        """
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - a fifth of a second
        from botocore.session import Session  # noqa: PLC0415 - the same

        try:
            session = Session(profile=profile)
            if credentials is not None:
                session.set_credentials(
                    credentials.access_key_id, credentials.secret_access_key, credentials.session_token
                )
            made = [_client(session, name, region, ca_bundle) for name in (service, "sts")]
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"AWS cannot be found: {error}", hint=_HINT) from error
        at, sts = (Endpoint.parse(client.meta.endpoint_url) for client in made)
        for each in (at, sts):
            if not (each.is_loopback or (each.is_named_aws and each.scheme == "https")):
                raise UnsafeTargetError(
                    f"--target aws would go to {each.url}, which is neither AWS over https nor on this machine",
                    hint="look for AWS_ENDPOINT_URL in the environment and endpoint_url in the profile",
                )
        if sts.is_loopback and not at.is_loopback:
            raise UnsafeTargetError(
                f"{sts.url} would say whose account {at.url} is, and it is no STS of AWS",
                hint="unset AWS_ENDPOINT_URL_STS",
            )
        return cls(service=proxied(at), sts=sts, region=region, session=session, ca_bundle=ca_bundle)

    @classmethod
    def found_second(
        cls, service: str, region: str, profile: str | None, environ: Mapping[str, str], *, ca_bundle: str | None = None
    ) -> Self | None:
        """The same for the second account that the caller named: a profile, or ASSAY_SECOND_…; None for none.

        Raises:
            AssayError: as `found` does; or only half of the second credentials are there.

        """
        given = None if profile is not None else second_from_environment(environ)
        if profile is None and given is None:
            return None
        return cls.found(service, region, profile, ca_bundle=ca_bundle, credentials=given)

    def identity(self) -> Identity:
        """Ask STS who calls.

        Raises:
            TargetError: it cannot be reached, or does not know the credentials.
            UsageError: there are no credentials.

        """
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415 - as above

        try:
            said = _client(self.session, "sts", self.region, self.ca_bundle).get_caller_identity()
        except NoCredentialsError as error:
            raise UsageError("there are no credentials for AWS", hint=_HINT) from error
        except ClientError as error:
            code = _plain(error.response.get("Error", {}).get("Code", "an error"))
            raise TargetError(f"STS does not know these credentials: {code}", hint=_HINT) from error
        except BotoCoreError as error:
            raise TargetError(f"STS cannot be asked whose account it is: {_plain(error)}", hint=_HINT) from error
        account = str(said.get("Account", ""))
        if not _ACCOUNT.fullmatch(account):
            raise TargetError(f"STS named no account, but {_plain(account)!r}", hint=_HINT)
        return Identity(account=account, arn=_plain(said.get("Arn", "")))

    def credentials(self) -> Credentials:
        """What signs the requests, renewed where it runs out.

        Raises:
            UsageError: there are none, or they cannot be read.

        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        try:
            found = self.session.get_credentials()
            if found is not None:
                return renewable(found)
        except (BotoCoreError, ClientError) as error:
            raise UsageError(f"the AWS credentials cannot be read: {_plain(error)}", hint=_HINT) from error
        raise UsageError("there are no credentials for AWS", hint=_HINT)


def refuse_unlisted(account: str, listed: Collection[str]) -> None:
    """Stop where an account is not one of those that may be used.

    Raises:
        UnsafeTargetError: it is not.

    """
    if account not in listed:
        raise UnsafeTargetError(
            f"the account {account} is not among those that assay may use",
            hint=f'list it in assay.toml, under [allow]: accounts = ["{account}"]; or type it when a terminal asks',
        )


def _client(session: Any, service: str, region: str, ca_bundle: str | None) -> Any:
    """A client as an AWS user's script would have it."""
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=_STS_SECONDS,
        read_timeout=_STS_SECONDS,
        retries={"total_max_attempts": _STS_ATTEMPTS, "mode": "standard"},
        defaults_mode="legacy",  # "auto" would ask the instance metadata
    )
    return session.create_client(service, region_name=region, verify=ca_bundle, config=config)


def _plain(text: object) -> str:
    return "".join(each if each.isprintable() else "?" for each in str(text)[:200])
