"""Words of imaging, and private attributes that are safe.

The words are those of which DICOM makes the names of its attributes, of vendors' attributes and of coded concepts
(anatomy, views, techniques), as pydicom's dictionaries hold them, and those of anatomy in other languages. What they
say of an image stays in a descriptor.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from sosie.images.standard.annex_e import rows

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEAST = 2
_NUMBERS = frozenset({"DS", "IS", "FD", "FL", "SL", "SS", "UL", "US"})
_QUANTITY = re.compile(
    r"b.?value|diffusion|gradient|slope|intercept|scale|suv|angle|echo|inversion|bandwidth|thickness|spacing|pitch|dose"
    r"|\bmas\b|\bkvp?\b|current|voltage|rotation|field of view|\bfov\b|phase|slice|sampling|factor|temperature"
    r"|velocity",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"date|time|number|\bno\b|\bid\b|uid|serial|birth|patient|\bage\b|weight|height|accession|count|version|user|name",
    re.IGNORECASE,
)


def is_technical(word: str) -> bool:
    """Tell whether a folded word is one of imaging."""
    return word in _vocabulary()


@cache
def safe_private(creator: str, group: int, element: int) -> str | None:
    """Return the VR of a private attribute that is safe, or None.

    Safe are those of Table E.3.10-1, and the numbers to which pydicom's dictionary of vendors' attributes gives the
    name of a physical quantity.

    Parameters
    ----------
    creator : str
        Of the block, whatever its case and its spaces.
    group : int
    element : int
        The low byte alone.
    """
    place = (" ".join(creator.split()).casefold(), group, element)
    return _safe().get(place) or _measures().get(place)


@cache
def _safe() -> Mapping[tuple[str, int, int], str]:
    return {
        (creator.casefold(), int(group, 16), int(element, 16)): vr
        for creator, group, element, vr, _ in rows("safe_private.tsv")
    }


@cache
def _measures() -> Mapping[tuple[str, int, int], str]:
    from pydicom._private_dict import private_dictionaries

    return {
        (creator.casefold(), int(tag[:4], 16), int(tag[6:], 16)): entry[0]
        for creator, block in private_dictionaries.items()
        for tag, entry in block.items()
        if tag[4:6] == "xx" and entry[0] in _NUMBERS and _QUANTITY.search(entry[2]) and not _PERSONAL.search(entry[2])
    }


@cache
def _vocabulary() -> frozenset[str]:
    named = (word.casefold() for name in _names() for word in _WORDS.findall(name) if len(word) >= _LEAST)
    stated = tomllib.loads(files("sosie.images.standard").joinpath("anatomy.toml").read_text(encoding="utf-8"))
    return frozenset(named) | {word for words in stated.values() for word in words.split()}


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
