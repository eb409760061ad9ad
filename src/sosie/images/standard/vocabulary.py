"""Words of imaging, and private attributes that are safe.

The words are those of which DICOM makes the names of its attributes, of vendors' attributes and of coded concepts
(anatomy, views, techniques), as pydicom's dictionaries hold them. What they say of an image stays in a descriptor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from sosie.images.standard.annex_e import rows

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEAST = 2


def is_technical(word: str) -> bool:
    """Tell whether a folded word is one of imaging."""
    return word in _vocabulary()


def safe_private(creator: str, group: int, element: int) -> str | None:
    """Return the VR of a private attribute that Table E.3.10-1 calls safe, or None.

    Parameters
    ----------
    creator : str
        Of the block, whatever its case and its spaces.
    group : int
    element : int
        The low byte alone.
    """
    return _safe().get((" ".join(creator.split()).casefold(), group, element))


@cache
def _safe() -> Mapping[tuple[str, int, int], str]:
    return {
        (creator.casefold(), int(group, 16), int(element, 16)): vr
        for creator, group, element, vr, _ in rows("safe_private.tsv")
    }


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word.casefold() for name in _names() for word in _WORDS.findall(name) if len(word) >= _LEAST)


def _names() -> Iterator[str]:
    # Private modules of pydicom: its public functions look one entry up, and give no list.
    from pydicom._dicom_dict import DicomDictionary
    from pydicom._private_dict import private_dictionaries
    from pydicom.sr._concepts_dict import concepts

    for entry in DicomDictionary.values():
        yield entry[2]
    for block in private_dictionaries.values():
        for private in block.values():
            yield private[2]
    for scheme in concepts.values():
        yield from scheme
