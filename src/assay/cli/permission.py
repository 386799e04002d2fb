"""Before a run at AWS: whose account is it, what will be done to it, and is that what the caller wants?

A person at a terminal is asked, a CI job is not. So where nobody can be asked, the account has to be on the list of
assay.toml and `--yes` on the command line; and `target = "aws"` in a file alone starts nothing: whoever types `assay
run` in a folder that somebody else wrote must not find himself at AWS.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from assay.errors import UnsafeTargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.cli.configuration import Configuration
    from assay.target.aws import Identity

__all__ = ["ask", "confirm", "permitted_accounts"]


def permitted_accounts(
    given: Mapping[str, Any], configuration: Configuration, service: str, *, typed: bool
) -> tuple[str, ...]:
    """The accounts that the caller confirmed, by the list or by typing them; `typed` says that the target was typed.

    They are one, or two where the caller named second credentials: each is confirmed for itself.

    Raises:
        UnsafeTargetError: it was not confirmed.
        AssayError: AWS or the account cannot be found.

    """
    if not typed:
        raise UnsafeTargetError(
            f"{configuration.file} says target, and a file alone does not lead to AWS",
            hint="type --target aws as well; or leave it out of the file",
        )
    from assay.cli.plan import told  # noqa: PLC0415 - only this target needs it
    from assay.contract import load_contract  # noqa: PLC0415
    from assay.suite import specs_root  # noqa: PLC0415
    from assay.target.aws import Aws  # noqa: PLC0415
    from assay.target.credentials import find_region  # noqa: PLC0415

    region = find_region(given.get("region"), given.get("profile"), os.environ)
    contract = load_contract(service, given.get("edition"), specs=specs_root())
    bundle = given.get("ca_bundle")
    found = Aws.found(contract.sdk, region, given.get("profile"), ca_bundle=bundle)
    second = Aws.found_second(contract.sdk, region, given.get("second_profile"), os.environ, ca_bundle=bundle)
    identities = [each.identity() for each in (found, second) if each is not None]
    is_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    confirm(
        identities,
        f"{found.service.url}\n{told(given)}",
        configuration.accounts,
        is_agreed=bool(given.get("yes")),
        answer=ask if is_terminal else None,
    )
    return tuple(dict.fromkeys(identity.account for identity in identities))


def confirm(
    identities: Sequence[Identity],
    plan: str,
    listed: tuple[str, ...],
    *,
    is_agreed: bool,
    answer: Callable[[str], str] | None,
) -> None:
    """See that the accounts may be used, and ask where somebody can `answer`.

    Raises:
        UnsafeTargetError: one may not, or nobody said so.

    """
    from assay.target.aws import refuse_unlisted  # noqa: PLC0415 - only this target needs it

    unlisted = dict.fromkeys(each.account for each in identities if each.account not in listed)
    if answer is None:
        for account in unlisted:
            refuse_unlisted(account, listed)
    who = "\n".join(
        f"{word} account {each.account}, as {each.arn}"
        for word, each in zip(("AWS", "and second"), identities, strict=False)
    )
    print(f"{who}\n{plan}", file=sys.stderr)  # noqa: T201 - before anything is sent
    if not unlisted and is_agreed:
        return
    if answer is None:
        raise UnsafeTargetError("nobody is here to be asked", hint="--yes agrees to the plan above")
    for wanted in unlisted or ("yes",):
        word = "yes" if not unlisted else f"the twelve digits of the account {wanted}"
        _insist(answer(f"To go on, type {word}: "), wanted)


def _insist(said: str, wanted: str) -> None:
    if said.strip() != wanted:
        raise UnsafeTargetError("it was not confirmed, so nothing was sent", hint=f"the word was {wanted}")


def ask(question: str) -> str:
    """Ask on standard error, so that standard output stays the report's; an end of the input is no answer."""
    print(question, end="", file=sys.stderr, flush=True)  # noqa: T201 - a question
    return sys.stdin.readline()
