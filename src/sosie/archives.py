"""Archives of images at both ends of a copy: what an address selects is fetched first, what was made is sent last.

A path passes through as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from sosie.copying import Copied
from sosie.engine import Listener
from sosie.errors import ManifestError
from sosie.intake import LATER
from sosie.stream import Tally

FETCHED, SENT = "fetched", "sent"


@dataclass(frozen=True)
class Fetched:
    """Where to read, and what could not be fetched."""

    place: Path | str
    tally: Tally | None = None

    def told(self, copied: Copied) -> Copied:
        """Return what a copy replaced, with what could not be fetched for it."""
        return copied if self.tally is None else replace(copied, streams={FETCHED: self.tally, **copied.streams})


@contextmanager
def fetched(source: Path | str, out: Path, listener: Listener) -> Iterator[Fetched]:
    """Fetch what the address of an archive selects into a hidden folder beside the output, which goes at the end.

    Raises
    ------
    SosieError
        See `sosie.images.pacs.staged`.
    """
    if not _is_archive(source):
        yield Fetched(source)
        return
    _ready()
    from sosie.images import pacs

    with pacs.staged(str(source), out, listener) as staged:
        count = sum(1 for _ in staged.folder.iterdir())
        yield Fetched(staged.folder, Tally(count, problems=staged.problems, troubled=len(staged.problems)))


def refuse(source: Path | str) -> None:
    """Refuse the address of an archive where doubles are wanted.

    Raises
    ------
    ManifestError
    """
    if _is_archive(source):
        raise ManifestError(LATER.format(name="images"))


def check(place: str | None) -> None:
    """Refuse an address to send to that cannot be understood, before anything is done.

    Raises
    ------
    ManifestError
    """
    if place is not None:
        _ready()
        from sosie.images.pacs import Address

        Address.of(place, selects=False)


def sent(copied: Copied, data: Path, place: str, listener: Listener) -> Copied:
    """Send the instances of a copy to an archive.

    Raises
    ------
    SosieError
        When the archive does not answer; the copy stays.
    """
    from sosie.images import pacs

    files = sorted(path for path in data.rglob("*.dcm") if path.is_file())
    problems = tuple(pacs.send(files, place, listener))
    tally = Tally(len(files) - len(problems), problems=problems, troubled=len(problems))
    return replace(copied, streams={**copied.streams, SENT: tally})


def _ready() -> None:
    if any(find_spec(name) is None for name in ("pydicom", "pynetdicom", "dicomweb_client")):
        raise ManifestError("archives of images need an extra: pip install 'sosie[images]'")


def _is_archive(source: Path | str) -> bool:
    if not isinstance(source, str) or "://" not in source:
        return False
    from sosie.images.pacs.address import is_address

    return is_address(source)
