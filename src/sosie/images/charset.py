"""Texts of a header as characters, where the declared character set is wrong too.

pydicom decodes what it can and puts marks in place of the rest; a name with such marks would be found nowhere else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset
    from pydicom.dataelem import DataElement, RawDataElement

UTF_8 = "ISO_IR 192"
_SET = 0x00080005
TEXTS = frozenset({"PN", "LO", "SH", "ST", "LT", "UT", "UC"})
"""VRs that the declared character set decodes."""
_SPELT = TEXTS | {"AE", "AS", "CS", "DA", "DT", "UI", "UR"}
_WHOLE = frozenset({"LT", "ST", "UT", "UR"})
_FALLBACK = "cp1252"


@lru_cache(maxsize=16384)
def representation(tag: int, said: str | None) -> str:
    """Return the VR of an element: what it says, but for texts that it says to be something else."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    listed = str(dictionary_VR(tag)).split(" or ") if dictionary_has_tag(tag) else ["UN"]
    if said is None or said == "UN":
        return listed[0]
    wrong = said not in listed and said != "SQ" and listed[0] in _SPELT
    return listed[0] if wrong else str(said)


def spelt(element: DataElement | RawDataElement, kind: str) -> list[str] | None:
    """Return the texts of an element that was not read yet, where they are plain ASCII; others return None."""
    raw = element.value
    if kind not in _SPELT or not isinstance(raw, bytes) or not raw.isascii() or b"\x1b" in raw:
        return None
    text = raw.decode("ascii")
    values = text.split("\\") if kind not in _WHOLE else [text]
    return [value.strip(" \0") if kind not in _WHOLE else value.rstrip(" \0") for value in values]


def decoded(raw: bytes) -> str:
    """Return bytes that nothing declares as text."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(_FALLBACK, "replace")


def settle(dataset: Dataset) -> None:
    """Declare UTF-8 where some texts of a dataset were repaired; those that were not read yet are read first."""
    for element in dataset.iterall():
        _ = element.value
    declare(dataset)


def declare(dataset: Dataset) -> None:
    """Declare UTF-8 at every level that declares a character set, and at the top."""
    dataset.SpecificCharacterSet = UTF_8
    for element in dataset.iterall():
        if element.tag == 0x00080005:
            element.value = UTF_8


def fit(dataset: Dataset) -> None:
    """Declare UTF-8 where the declared character set cannot write a text that stands in a dataset now."""
    if not _fits(dataset, ()):
        settle(dataset)


def _fits(dataset: Dataset, above: Sequence[str]) -> bool:
    from pydicom.dataelem import RawDataElement

    encodings = declared(dataset, above)
    for element in dataset.values():
        if isinstance(element, RawDataElement):
            continue
        if element.VR == "SQ":
            if not all(_fits(item, encodings) for item in element.value or ()):
                return False
        elif element.VR in TEXTS and element.value is not None:
            text = str(element.value)
            if not text.isascii() and not any(_encodes(text, encoding) for encoding in encodings):
                return False
    return True


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def repaired(element: RawDataElement, kind: str, encodings: Sequence[str]) -> DataElement | None:
    """Return an element whose bytes the declared sets do not decode as one that is decoded; None for any other."""
    from pydicom.dataelem import DataElement

    if element.value is None or element.value.isascii() or (text := _other(element.value, encodings)) is None:
        return None
    values = text.split("\\") if kind in ("PN", "LO", "SH", "UC") else [text]
    clean = [value.strip(" \0") for value in values]
    return DataElement(element.tag, kind, clean if len(clean) > 1 else clean[0])


def declared(dataset: Dataset, above: Sequence[str]) -> list[str]:
    """Return the names that Python gives to the declared sets; nothing declared is ASCII."""
    from pydicom.charset import convert_encodings

    if above and _SET not in dataset.keys():  # noqa: SIM118 - the keys are quicker, and items seldom have it
        return list(above)
    said = dataset.get("SpecificCharacterSet")
    if said is None:
        return list(above) or ["ascii"]
    try:
        found = convert_encodings(said)
    except Exception:  # a set that nobody knows
        return ["ascii"]
    # iso8859 is what pydicom calls the default repertoire, which has no letters beyond ASCII.
    return ["ascii" if name == "iso8859" else name for name in found]


def _other(raw: bytes, encodings: Sequence[str]) -> str | None:
    """Return the text of bytes that the declared sets do not decode, or that are UTF-8 beyond doubt."""
    if b"\x1b" in raw or any(name.startswith(("iso2022", "iso-2022")) for name in encodings):
        return None
    multibyte = any(name.lower().replace("-", "").replace("_", "") in ("utf8", "gb18030", "gbk") for name in encodings)
    for name in encodings:
        try:
            raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if multibyte:
            return None
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return decoded(raw)
