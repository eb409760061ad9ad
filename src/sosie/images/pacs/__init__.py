"""Archives of images (PACS): what is asked of one is fetched into a folder, what was made is sent to one.

The only places that are talked to are those that the user named: nothing else is ever connected to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sosie.engine import Listener, silent
from sosie.images.pacs.address import Address, is_address
from sosie.images.pacs.staging import staged
from sosie.stream import Problem

__all__ = ["Address", "is_address", "send", "staged"]


def send(files: Iterable[Path], place: str, listener: Listener = silent) -> Iterator[Problem]:
    """Send DICOM files to an archive; yield those that it did not take.

    Raises
    ------
    ManifestError
        When the address cannot be understood.
    UnreadableError
        When the archive does not answer.
    """
    address = Address.of(place, selects=False)
    if address.web:
        from sosie.images.pacs import dicomweb

        yield from dicomweb.send(files, address, listener)
    else:
        from sosie.images.pacs import dimse

        yield from dimse.send(files, address, listener)
