"""`assay serve`: the reference server, or one with a fault or with liberties, for people and for CI.

The command adds to `assay.reference.serve` what a terminal needs: words for what is wrong, one line that says where it
listens, and a warning where others can reach it. It listens on loopback; any other address has to be asked for by name.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from argparse import RawDescriptionHelpFormatter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from assay.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Iterator, Mapping, Sequence

    from assay.liberties.private_ca import Certificates

__all__ = ["add_parser", "main"]

_DEFAULT_HOST = "127.0.0.1"
_DEFAULT_PORT = 4566
_EDITIONS = ("2019-12-19", "2026-11-10")
_KEY_VARIABLES = (
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("ASSAY_SECOND_ACCESS_KEY_ID", "ASSAY_SECOND_SECRET_ACCESS_KEY"),
)

_EPILOG = f"""\
examples:
  assay serve
      listen on http://127.0.0.1:{_DEFAULT_PORT}; connections end with the process
  aws codestar-connections create-connection --connection-name mine --provider-type GitHub \\
      --endpoint-url http://127.0.0.1:{_DEFAULT_PORT}
      make a connection; any credentials will do, each access key is an account of its own
  curl http://127.0.0.1:{_DEFAULT_PORT}/_assay/handshake \\
      -d '{{"ConnectionArn": "arn:aws:…", "ConnectionStatus": "AVAILABLE"}}'
      complete its handshake, which a person does in AWS's console
  assay serve --state connections.db
      keep connections over a restart
  assay serve --mutant name.duplicate-accepted
      the same server with one fault, to see what `assay run` says to it
  assay serve --liberty order.shuffled --liberty page.shorter
      the same server with two unusual choices that the contract allows
"""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `serve` to the command line."""
    parser = subparsers.add_parser(
        "serve",
        help="run the reference server",
        description="Serve CodeStar Connections (and CodeConnections) as the contract has it, until Ctrl-C.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", help=f"the address to listen on (default: {_DEFAULT_HOST}, which only this machine reaches)"
    )
    parser.add_argument(
        "--port", type=int, default=_DEFAULT_PORT, help="the port; 0 for any free one (default: %(default)s)"
    )
    parser.add_argument("--edition", default=_EDITIONS[-1], help=f"{' or '.join(_EDITIONS)} (default: %(default)s)")
    parser.add_argument("--mutant", metavar="NAME", help="put one fault in")
    parser.add_argument("--list-mutants", action="store_true", help="name the faults there are, and end")
    parser.add_argument(
        "--liberty",
        metavar="NAME",
        action="append",
        default=[],
        help="take one choice that the contract leaves open; may be repeated",
    )
    parser.add_argument("--impostor", metavar="NAME", help="serve nothing of the kind, in one of several ways")
    parser.add_argument("--list-liberties", action="store_true", help="name the choices there are, and end")
    parser.add_argument(
        "--state", metavar="FILE", type=Path, help="keep connections in this file (SQLite), made where missing"
    )
    parser.add_argument(
        "--quota", metavar="N", type=int, default=250, help="connections per account and Region (default: %(default)s)"
    )
    parser.add_argument("--verify-signatures", action="store_true", help="refuse what is not signed by a known key")
    parser.add_argument(
        "--credentials",
        metavar="ID:SECRET",
        action="append",
        default=[],
        help="a known key, may be repeated; without it those of the environment, "
        + " and ".join(f"{key_id}/{secret}" for key_id, secret in _KEY_VARIABLES),
    )
    parser.set_defaults(main=main)


def main(args: Namespace) -> int:
    """Serve, or name the mutants or the liberties; 0 after Ctrl-C."""
    if args.list_mutants or args.list_liberties:
        _say(_mutants() if args.list_mutants else _liberties())
        return 0
    if args.quota < 1:
        raise UsageError(f"--quota {args.quota} leaves no room for a connection", hint="give 1 or more")
    from assay.reference.server import serve  # noqa: PLC0415 - `assay --help` needs no server

    if args.host and not _is_loopback(args.host):
        print(  # noqa: T201 - a warning is for standard error
            f"warning: {args.host} can be reached from other machines, and this server trusts whoever reaches it",
            file=sys.stderr,
        )
    special = f", with the fault {args.mutant}" if args.mutant else ""
    special += f", as the impostor {args.impostor}" if args.impostor else ""
    special += f", with {' and '.join(args.liberty)}" if args.liberty else ""
    with _certificates(args.liberty) as certificates:
        serve(
            host=args.host,
            port=args.port,
            edition=args.edition,
            mutant=args.mutant,
            liberties=args.liberty,
            impostor=args.impostor,
            state=args.state,
            quota=args.quota,
            verify_signatures=args.verify_signatures,
            credentials=_credentials(args.credentials, os.environ) if args.verify_signatures else None,
            certificate=(str(certificates.certificate), str(certificates.key)) if certificates else None,
            announce=lambda url: _say(
                f"assay serves CodeStar Connections, edition {args.edition}{special}, on {url} (Ctrl-C ends it)"
                + (f"; its certificate is of {certificates.ca_bundle}" if certificates else "")
            ),
        )
    return 0


def _mutants() -> str:
    from assay.mutants import ALL  # noqa: PLC0415 - only this option needs it

    width = max(map(len, ALL))
    return "\n".join(
        f"{mutant.name:<{width}}  {mutant.description.splitlines()[0]} Caught by {', '.join(mutant.caught_by)}."
        for mutant in ALL.values()
    )


def _liberties() -> str:
    from assay.liberties import ALL  # noqa: PLC0415 - only this option needs it

    width = max(map(len, ALL))
    return "\n".join(
        f"{each.name:<{width}}  {' '.join(each.description.split())} Legal: {each.because}." for each in ALL.values()
    )


@contextmanager
def _certificates(liberties: Sequence[str]) -> Iterator[Certificates | None]:
    """Certificates for as long as the server runs, where it is to speak TLS."""
    if not liberties:
        yield None
        return
    from assay.liberties import named  # noqa: PLC0415 - only these options need it
    from assay.liberties.private_ca import make_certificates  # noqa: PLC0415

    if not any(each.tls for each in named(liberties)):
        yield None
        return
    with TemporaryDirectory(prefix="assay-") as folder:
        yield make_certificates(Path(folder))


def _credentials(given: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    known = {}
    for pair in given:
        key_id, colon, secret = pair.partition(":")
        if not (key_id and colon and secret):
            # What was given is not repeated here: it may be half a secret.
            raise UsageError("--credentials wants ID:SECRET", hint="for example --credentials AKIDEXAMPLE:very-secret")
        known[key_id] = secret
    if not known:
        for key_variable, secret_variable in _KEY_VARIABLES:
            if environment.get(key_variable) and environment.get(secret_variable):
                known[environment[key_variable]] = environment[secret_variable]
    return known


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what the command is for
