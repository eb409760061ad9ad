"""The institution that answers for its releases: its secret, its signature, and the folder that holds them.

The folder is made on first use, for its owner alone. It holds ``institution.key`` (the secret of the digests and the
private key of the signatures, 0600), ``institution.pub`` (the public key, for recipients) and ``ledger.jsonl``. It is
``Settings.home``, else ``SOSIE_HOME``, else a folder of the user. With ``SOSIE_PASSPHRASE`` the key is encrypted.
Nobody can make a lost key again: releases signed with it stay valid, but no more can be signed in its name.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sosie import keyfile
from sosie.errors import FullDiskError, ManifestError, disk_is_full
from sosie.pseudonyms import SECRET_BYTES, Pseudonyms

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY, PUBLIC, LEDGER, LOCK = "institution.key", "institution.pub", "ledger.jsonl", ".lock"
HOME, PASSPHRASE = "SOSIE_HOME", "SOSIE_PASSPHRASE"


@dataclass(frozen=True)
class Institution:
    """The keys of one institution.

    Parameters
    ----------
    folder : Path
    pseudonyms : Pseudonyms
        The secret under which inputs, evidence and patients are digested.
    seed : bytes
        The Ed25519 private key (RFC 8032), 32 bytes.
    """

    folder: Path
    pseudonyms: Pseudonyms
    seed: bytes = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that verify a signature."""
        return self._private().public_key().public_bytes_raw()

    @property
    def ledger(self) -> Path:
        """The file that counts releases and refusals."""
        return self.folder / LEDGER

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message, 64 bytes."""
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)


def place(home: Path | None = None) -> Path:
    """Return the folder of the institution."""
    given = os.environ.get(HOME)
    if home is not None or given:
        return Path(home or str(given)).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME")
    try:
        return Path(data) / "sosie" if data else Path.home() / ".local" / "share" / "sosie"
    except RuntimeError as error:
        raise ManifestError(f"the user has no home folder for the institution's key: set {HOME}") from error


def load(home: Path | None = None) -> Institution:
    """Return the institution, made on first use.

    Raises
    ------
    ManifestError
        When its folder cannot be written, or its key is missing, damaged, or encrypted under another passphrase.
    """
    folder = place(home)
    with locked(folder):
        path = folder / KEY
        if not path.exists():
            _first_use(folder)
        secret = keyfile.read(path, passphrase())
        if len(secret) != 2 * SECRET_BYTES:
            raise ManifestError(f"{path}: the institution's key is damaged; put it back from a backup")
        found = Institution(folder, Pseudonyms(secret[:SECRET_BYTES]), secret[SECRET_BYTES:])
        _publish(folder / PUBLIC, found.public_key)
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep the folder to this run, for a moment."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if disk_is_full(error):
            raise FullDiskError(folder) from error
        raise ManifestError(
            f"{folder}: the institution's folder cannot be written ({error.strerror}); set {HOME} to another"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def pem(public_key: bytes) -> str:
    """Return a public key as text."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def read_public(path: Path) -> bytes:
    """Return the public key of a file.

    Raises
    ------
    ManifestError
        When the file holds none.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ManifestError(f"{path.name}: not a readable public key; expected the institution's {PUBLIC}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ManifestError(f"{path.name}: not the kind of key that signs releases (Ed25519)")
    return key.public_bytes_raw()


def _first_use(folder: Path) -> None:
    """Make the key, whole or not at all; never where one has been lost."""
    left = [name for name in (PUBLIC, LEDGER) if (folder / name).exists()]
    if left:
        raise ManifestError(
            f"{folder / KEY}: the institution's key is missing, though {left[0]} is there; put it back from a backup, "
            f"or set {HOME} to a new folder, in which earlier releases do not count"
        )
    for unfinished in folder.glob(f".{KEY}-*"):
        unfinished.unlink()
    beside = folder / f".{KEY}-{secrets.token_hex(4)}"
    try:
        keyfile.write(beside, secrets.token_bytes(2 * SECRET_BYTES), passphrase())
        beside.rename(folder / KEY)
    finally:
        with suppress(OSError):
            beside.unlink()


def _publish(path: Path, public_key: bytes) -> None:
    """Write the public key beside the private one, unless it is there."""
    if path.exists():
        if read_public(path) != public_key:
            raise ManifestError(f"{path}: not the public key of {KEY}; restore both from one backup")
        return
    beside = path.with_name(f".{path.name}")
    beside.write_text(pem(public_key), encoding="ascii")
    beside.rename(path)


def passphrase() -> str | None:
    """Return the passphrase under which key files are encrypted; None where the user gave none."""
    return os.environ.get(PASSPHRASE) or None
