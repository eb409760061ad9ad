"""Instances of an archive, fetched one by one into a hidden folder beside the output, for its owner alone.

The folder goes when the copy is done. A run that was killed leaves it, and the same command fetches what is missing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sosie.engine import Event, Listener, silent
from sosie.errors import ManifestError, UnreadableError
from sosie.images.pacs.address import Address
from sosie.stream import Problem

_ASKED = "asked"


@dataclass(frozen=True)
class Staged:
    """What was fetched.

    Parameters
    ----------
    folder : Path
        Holds one file an instance, none named after anything in it.
    problems : tuple of Problem
        Instances that could not be fetched, by their numbers.
    """

    folder: Path
    problems: tuple[Problem, ...]


@contextmanager
def staged(place: str, out: Path, listener: Listener = silent) -> Iterator[Staged]:
    """Fetch what an address selects, and forget it when the work is done.

    Parameters
    ----------
    place : str
        See `Address`.
    out : Path
        What the work writes; the instances lie beside it.
    listener : callable

    Raises
    ------
    ManifestError
        When the address cannot be understood, or another one is being fetched for the same output.
    UnreadableError
        When the archive does not answer, or has nothing of what is asked.
    """
    address = Address.of(place)
    folder = out.with_name(f".{out.name}.fetched")
    _open(folder, place)
    instances = folder / "instances"
    instances.mkdir(exist_ok=True, mode=0o700)
    try:
        problems = tuple(_fetch(address, instances, listener))
        if not any(instances.iterdir()):
            first = f" ({problems[0].reason})" if problems else ""
            raise UnreadableError(address.name, f"the archive has no instance of what is asked{first}")
    except UnreadableError:
        if not any(instances.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    yield Staged(instances, problems)
    shutil.rmtree(folder, ignore_errors=True)


def file_of(folder: Path, instance: str) -> Path:
    """Return the file of an instance, by its SOP Instance UID: the name tells nothing of it."""
    return folder / f"{sha256(instance.encode()).hexdigest()[:32]}.dcm"


def _fetch(address: Address, folder: Path, listener: Listener) -> Iterator[Problem]:
    listener(Event("fetch", 0))
    if address.web:
        from sosie.images.pacs import dicomweb

        yield from dicomweb.fetch(address, folder, listener)
    else:
        from sosie.images.pacs import dimse

        yield from dimse.fetch(address, folder, listener)


def _open(folder: Path, place: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True, mode=0o700)
    asked = folder / _ASKED
    if asked.exists() and asked.read_text(encoding="utf-8") != place:
        raise ManifestError(
            f"{folder}: instances of another address lie here, from a run that did not end; give that address again, "
            "name another --out, or delete the folder"
        )
    asked.touch(mode=0o600)
    asked.write_text(place, encoding="utf-8")
