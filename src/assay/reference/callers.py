"""Who calls, and from which Region: both are read from the Authorization header and never refused.

An emulator has no directory of accounts, so the access key stands for one: its SHA-256, taken modulo 10^12, is the
twelve digits of the account. Two keys are two accounts, the same key is the same account after a restart and on another
machine. (A temporary key of the same person is therefore another account: give one key where one account is meant.) The
Region is that of the credential scope. A request without a readable header belongs to `DEFAULT_CALLER`, so that curl
works; whether a signature is wanted at all is decided in `signatures`, not here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["DEFAULT_CALLER", "Caller", "account_of", "caller_of", "partition_of"]

_CREDENTIAL = re.compile(rb"AWS4-HMAC-SHA256\b.*?\bCredential=([^/,\s]+)/[^/,\s]*/([a-z0-9-]{1,32})/[^/,\s]*/[^/,\s]*")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-isob-", "aws-iso-b"), ("us-iso-", "aws-iso"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The account and the Region that a request speaks for."""

    account: str
    region: str


DEFAULT_CALLER = Caller(account="123456789012", region="us-east-1")


def account_of(access_key_id: str) -> str:
    """The twelve digits that an access key stands for."""
    return f"{int(hashlib.sha256(access_key_id.encode()).hexdigest(), 16) % 10**12:012d}"


def partition_of(region: str) -> str:
    """The partition that an ARN of this Region names."""
    return next((partition for prefix, partition in _PARTITIONS if region.startswith(prefix)), "aws")


def caller_of(authorization: bytes | None) -> Caller:
    """Read the caller off the header; whatever cannot be read is the default caller's."""
    if authorization is None:
        return DEFAULT_CALLER
    # Everything up to the signature stays the same for a day: what is cut off here is what would fill the cache.
    return _caller_of_scope(authorization.partition(b",")[0])


@lru_cache(maxsize=256)
def _caller_of_scope(head: bytes) -> Caller:
    found = _CREDENTIAL.match(head)
    if found is None:
        return DEFAULT_CALLER
    return Caller(account=account_of(found[1].decode("latin-1")), region=found[2].decode("ascii"))
