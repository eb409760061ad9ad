"""The certificate of a release: what was released, by whom, and that nothing has changed since.

The recipient's folder and the evidence come in; ``certificate.json`` leaves, signed with the institution's key
(Ed25519, RFC 8032, over canonical JSON). It holds the SHA-256 of every file of the folder, keyed digests of the inputs
and of the evidence (which only the institution can recognise), how the doubles were made and what was decided. It
holds no figure of the attacks and no seed: those stay with the data protection officer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sosie.errors import RefusedError, UnreadableError
from sosie.evidence import Evidence
from sosie.institution import Institution

NAME, VERSION = "certificate.json", "1.0"
STATED = ("guarantee", "synthesizer", "strength", "k", "leaf", "doubles", "columns", "rounds", "purpose", "recipient")
"""Settings that a recipient may know; the seed is none of them."""
LARGEST = 64 << 20
"""Bytes of a certificate that is still read: a hundred of them for each file of a large folder."""


@dataclass(frozen=True)
class Verified:
    """A certificate that fits its release.

    Parameters
    ----------
    folder : Path
    certificate : dict
    files : int
        Number of files that were compared.
    known : bool
        Whether the signer's public key was given, and is the one.
    """

    folder: Path
    certificate: dict[str, Any]
    files: int
    known: bool


def write(folder: Path, evidence: Evidence, written: bytes, manifest: str, institution: Institution) -> None:
    """Certify a recipient's folder; ``written`` is the evidence as the officer's file holds it."""
    digest = institution.pseudonyms.hmac
    content: dict[str, Any] = {
        "schema_version": VERSION,
        "sosie_version": evidence.sosie_version,
        "created": evidence.created.isoformat(),
        "files": {name: _sha256(path) for name, path in _files(folder) if name != NAME},
        "inputs_hmac_sha256": [each.hmac_sha256 for each in evidence.inputs],
        "evidence_hmac_sha256": digest(written),
        "manifest_sha256": sha256(manifest.encode()).hexdigest(),
        "settings": {name: evidence.settings[name] for name in STATED if name in evidence.settings},
        "test": evidence.settings.get("seed") is not None,
        "verdict": {
            "decision": evidence.verdict.decision.value,
            "epsilon": evidence.budget.epsilon,
            "delta": evidence.budget.delta,
        },
        "public_key": institution.public_key.hex(),
    }
    content["signature"] = institution.sign(_canonical(content)).hex()
    (folder / NAME).write_bytes(_shown(content))


def verify(release: Path, public_key: bytes | None = None) -> Verified:
    """Check the signature, the hash of every file, and that none is missing or was added.

    Parameters
    ----------
    release : Path
        The recipient's folder, or the one that holds ``release/``.
    public_key : bytes, optional
        The institution's; without it, whoever changed the release could have signed it anew.

    Raises
    ------
    UnreadableError
        When there is no certificate, or it cannot be read as one.
    RefusedError
        When anything was changed; the message names the file.
    """
    folder = next((place for place in (release, release / "release") if (place / NAME).is_file()), None)
    if folder is None:
        raise UnreadableError(release.name or str(release), f"no {NAME} here: expected the folder of a release")
    content = _read(folder / NAME)
    signer = _signed(content)
    if public_key is not None and signer != public_key:
        raise RefusedError(f"{NAME}: signed with another key than the one given: not a release of this institution")
    found, certified = dict(_files(folder)), dict(content["files"])
    del found[NAME]
    for problem, names in (
        ("missing, though it is certified", sorted(certified.keys() - found.keys())),
        ("not a part of the release that was certified", sorted(found.keys() - certified.keys())),
        (
            "changed since it was certified",
            sorted(name for name in found.keys() & certified.keys() if not _same(found[name], certified[name])),
        ),
    ):
        if names:
            others = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            raise RefusedError(f"{names[0]}: {problem}{others}")
    return Verified(folder, content, len(found), public_key is not None)


def _read(path: Path) -> dict[str, Any]:
    """Return a certificate that holds what one must hold, and not a byte else."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(LARGEST)
        raw = path.read_bytes()
        content = json.loads(raw)
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableError(NAME, "not a readable certificate") from error
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise UnreadableError(NAME, "not a certificate of Sosie")
    if content.get("schema_version") != VERSION and _signature_holds(content):
        raise UnreadableError(NAME, f"this version of Sosie reads certificates of version {VERSION}")
    # Another spelling of the same content is a change too, though the signature is over the content.
    if raw != _shown(content):
        raise RefusedError(f"{NAME}: changed since it was signed")
    return content


def _signed(content: dict[str, Any]) -> bytes:
    if not _signature_holds(content):
        raise RefusedError(f"{NAME}: changed since it was signed")
    return bytes.fromhex(content["public_key"])


def _signature_holds(content: dict[str, Any]) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signed = {name: value for name, value in content.items() if name != "signature"}
    try:
        signature = bytes.fromhex(content["signature"])
        if signature.hex() != content["signature"]:  # capitals, or blanks between digits
            return False
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(content["public_key"])).verify(signature, _canonical(signed))
    except (KeyError, TypeError, ValueError, InvalidSignature):
        return False
    return True


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """List everything in a folder that is no folder, by its path with ``/``; links are not followed."""
    for place, _, names in _walk(folder):
        for name in names:
            path = Path(place, name)
            yield path.relative_to(folder).as_posix(), path


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    for place, folders, names in os.walk(folder, onerror=_unlisted):
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield place, folders, names + links


def _unlisted(error: OSError) -> None:
    raise UnreadableError(Path(str(error.filename)).name, "the folder cannot be listed") from error


def _same(path: Path, expected: object) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    try:
        return _sha256(path) == expected
    except OSError as error:
        raise UnreadableError(path.name, "the file cannot be opened") from error


def _sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _shown(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, sort_keys=True, indent=1) + "\n").encode("ascii")
