"""The file that holds the secret of the pseudonyms.

With a passphrase, the secret is encrypted (AES-256-GCM under a key that scrypt derives). Without one, the file's mode
alone protects it (0600: its owner reads it), which suits a vault or an encrypted disk. A file is never overwritten:
whoever loses it can no longer link two deliveries of one cohort.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from sosie.errors import ManifestError

FORMAT, VERSION = "sosie-key", 1
N, R, P = 2**15, 8, 1
"""Cost of scrypt: 32 MiB and about 0.1 s."""
MAX_N = 2**20


def write(path: Path, secret: bytes, passphrase: str | None) -> None:
    """Write a secret to a new file that only its owner can read."""
    content = json.dumps(_plain(secret) if passphrase is None else _encrypted(secret, passphrase), indent=1)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ManifestError(f"{path.name}: a file of this name exists; key files are never overwritten") from error
    except OSError as error:
        raise ManifestError(f"{path.name}: the key file cannot be written ({error.strerror})") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def read(path: Path, passphrase: str | None) -> bytes:
    """Return the secret of a file.

    Raises
    ------
    ManifestError
        When it is no key file, when the passphrase is missing or wrong, when the file was changed, or when others than
        its owner may read an unencrypted one.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path.name}: not a readable key file") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ManifestError(f"{path.name}: not a key file of Sosie")
    if content.get("version") != VERSION:
        raise ManifestError(f"{path.name}: this version of Sosie reads key files of version {VERSION}")
    try:
        return _open_plain(path, content) if content.get("cipher") == "none" else _decrypt(path, content, passphrase)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ManifestError(f"{path.name}: the key file is damaged") from error


def _plain(secret: bytes) -> dict[str, object]:
    return {"format": FORMAT, "version": VERSION, "cipher": "none", "secret": secret.hex(), "check": _check(secret)}


def _open_plain(path: Path, content: dict[str, str]) -> bytes:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ManifestError(
            f"{path.name}: others may read this unencrypted key file; run chmod 600, or use a passphrase"
        )
    secret = bytes.fromhex(content["secret"])
    if not hmac.compare_digest(_check(secret), content["check"]):
        raise ManifestError(f"{path.name}: the key file was changed")
    return secret


def _check(secret: bytes) -> str:
    return hmac.digest(secret, b"sosie/keyfile/check", "sha256").hex()


def _encrypted(secret: bytes, passphrase: str) -> dict[str, object]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not passphrase:
        raise ManifestError("the passphrase of a key file cannot be empty")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header: dict[str, object] = {"format": FORMAT, "version": VERSION, "cipher": "aes-256-gcm", "kdf": "scrypt"}
    header |= {"n": N, "r": R, "p": P, "salt": salt.hex(), "nonce": nonce.hex()}
    sealed = AESGCM(_derive(passphrase, salt, N, R, P)).encrypt(nonce, secret, _associated(header))
    return {**header, "secret": sealed.hex()}


def _decrypt(path: Path, content: dict[str, object], passphrase: str | None) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if passphrase is None:
        raise ManifestError(f"{path.name}: the key file is encrypted; give its passphrase")
    header = {name: value for name, value in content.items() if name != "secret"}
    n, r, p = int(str(header["n"])), int(str(header["r"])), int(str(header["p"]))
    # A changed file must not make scrypt take all the memory before its tag is checked.
    if not (1 < n <= MAX_N and n & (n - 1) == 0 and 0 < r <= 16 and 0 < p <= 4):
        raise ManifestError(f"{path.name}: the key file was changed")
    key = _derive(passphrase, bytes.fromhex(str(header["salt"])), n, r, p)
    try:
        sealed = bytes.fromhex(str(content["secret"]))
        return AESGCM(key).decrypt(bytes.fromhex(str(header["nonce"])), sealed, _associated(header))
    except InvalidTag as error:
        raise ManifestError(f"{path.name}: wrong passphrase, or the key file was changed") from error


def _derive(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


def _associated(header: dict[str, object]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()
