"""A certificate authority that nobody knows, and a certificate of loopback that it signed.

They are made for the occasion with the `openssl` command, live two days, and go with the folder they were made in.
Where there is no such command, or one that fails, the pair that is shipped beside this module has to do: it is valid
until 2126, was made by the same three commands, and the key of its authority was thrown away. It is good for nothing
but loopback, so that its key is public does no harm.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SHIPPED", "Certificates", "make_certificates"]

SHIPPED = Path(__file__).with_name("certificates")
_PATIENCE_S = 20
_BY_CA = "-CA ca.pem -CAkey ca.key -CAcreateserial -extfile settings -extensions server"
_SETTINGS = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = assay: a private authority for tests
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Three files: the authority that a client must trust, and what the server shows and keeps."""

    ca_bundle: Path
    certificate: Path
    key: Path

    @classmethod
    def within(cls, folder: Path) -> Certificates:
        """The files by their names in a folder."""
        return cls(ca_bundle=folder / "ca.pem", certificate=folder / "server.pem", key=folder / "server.key")


def make_certificates(
    folder: Path, *, days: int = 2, openssl: str = "openssl", hosts: tuple[str, ...] = ()
) -> Certificates:
    """Make an authority and a certificate in a folder; the shipped ones where that cannot be done.

    `hosts` are names that the certificate is good for, beside loopback's.
    """
    command = shutil.which(openssl)
    if command is None:
        return Certificates.within(SHIPPED)
    (folder / "settings").write_text(_SETTINGS + "".join(f", DNS:{host}" for host in hosts) + "\n", encoding="ascii")
    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -config settings"
    steps = (
        f"req -x509 -days {days} {new_key} -extensions authority -keyout ca.key -out ca.pem",
        f"req {new_key} -subj /CN=localhost -keyout server.key -out server.csr",
        f"x509 -req -days {days} -sha256 -in server.csr {_BY_CA} -out server.pem",
    )
    try:
        for step in steps:
            subprocess.run(  # noqa: S603 - our own words to a command that was looked up
                [command, *step.split()],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=True,
            )
    except (OSError, subprocess.SubprocessError):
        return Certificates.within(SHIPPED)
    (folder / "ca.key").unlink()
    return Certificates.within(folder)
