"""A dataset as bytes, quickly: what was not touched is written as it was read.

pydicom writes any dataset, element by element, at length. In a cleaned header most elements are still the bytes that
were read; they are put back with a header of their own here. What was changed, and any other byte order, is pydicom's.
"""

from __future__ import annotations

import io
import struct
from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom import Dataset

_LONG = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
_TEXTS = frozenset({"AE", "AS", "CS", "DA", "DT", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UR", "UT"})
_MOST = 0xFFFE
"""Bytes whose number most representations can state."""
_SET = 0x00080005
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0"
_SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def encoded(dataset: Dataset) -> bytes:
    """Return the bytes of a file: preamble, file meta information, dataset.

    Parameters
    ----------
    dataset : Dataset
        As it was read from a file; its transfer syntax stays.
    """
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_file_meta_info

    syntax = dataset.file_meta.TransferSyntaxUID
    read_as = dataset.original_encoding if dataset.is_original_encoding else (None, None)
    if read_as != (syntax.is_implicit_VR, True) or syntax.is_deflated:
        return _plainly(dataset)
    if "SOPInstanceUID" in dataset:
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta = DicomBytesIO()
    write_file_meta_info(meta, dataset.file_meta, enforce_standard=True)
    target = io.BytesIO()
    target.write((dataset.preamble or bytes(128)) + b"DICM" + meta.getvalue())
    _write(target, dataset, bool(syntax.is_implicit_VR), _encodings(dataset, ["iso8859"]))
    return target.getvalue()


def _plainly(dataset: Dataset) -> bytes:
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


def _encodings(dataset: Dataset, above: list[str]) -> list[str]:
    from pydicom.charset import convert_encodings

    if _SET not in dataset.keys():  # noqa: SIM118 - the keys are quicker, and items seldom have it
        return above
    said = dataset.get("SpecificCharacterSet")
    return above if said is None else list(convert_encodings(said))


def _write(target: io.BytesIO, dataset: Dataset, implicit: bool, encodings: list[str]) -> None:
    for tag in sorted(dataset.keys()):
        element: Any = dataset.get_item(tag)
        if element.VR == "SQ" and not isinstance(element.value, (bytes, type(None))):
            _sequence(target, int(tag), element, implicit, encodings)
        elif (
            element.is_raw
            and element.length != _UNDEFINED
            and element.value is not None
            and not (_open(element) and not implicit)
        ):
            target.write(_head(int(tag), element.VR, len(element.value), implicit))
            target.write(element.value)
        elif (text := _spelt(element)) is not None:
            target.write(_head(int(tag), element.VR, len(text), implicit))
            target.write(text)
        else:
            _at_length(target, dataset, tag, implicit, encodings)


def _open(element: Any) -> bool:
    """Tell whether the VR of an element as it was read is still to be settled."""
    return element.VR is None or " or " in element.VR


def _spelt(element: Any) -> bytes | None:
    """Return the bytes of an element of ASCII text; None for any other, which takes more care."""
    if element.VR not in _TEXTS or element.is_raw:
        return None
    value = element.value
    values = [value] if isinstance(value, str) else value if isinstance(value, MutableSequence) else None
    if values is None or not all(isinstance(each, str) and each.isascii() for each in values):
        return None
    text = "\\".join(values).encode("ascii")
    text += (b"\0" if element.VR == "UI" else b" ") * (len(text) % 2)
    return text if len(text) <= _MOST or element.VR in _LONG else None


def _head(tag: int, representation: str | None, length: int, implicit: bool) -> bytes:
    place = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if implicit:
        return place + struct.pack("<L", length)
    said = (representation or "UN").encode("ascii")
    if representation in _LONG or representation is None:
        return place + said + struct.pack("<HL", 0, length)
    return place + said + struct.pack("<H", length)


def _sequence(target: io.BytesIO, tag: int, element: Any, implicit: bool, encodings: list[str]) -> None:
    """Write a sequence without stating its length, nor those of its items."""
    target.write(_head(tag, "SQ", _UNDEFINED, implicit))
    for item in element.value:
        target.write(_ITEM + b"\xff\xff\xff\xff")
        _write(target, item, implicit, _encodings(item, encodings))
        target.write(_ITEM_END)
    target.write(_SEQUENCE_END)


def _at_length(target: io.BytesIO, dataset: Dataset, tag: Any, implicit: bool, encodings: list[str]) -> None:
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import correct_ambiguous_vr_element, write_data_element

    element = dataset.get_item(tag)
    if _open(element):
        element = dataset[tag]
    if not element.is_raw:
        element = correct_ambiguous_vr_element(element, dataset, True)
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, implicit
    write_data_element(buffer, element, encodings)
    target.write(buffer.getvalue())
