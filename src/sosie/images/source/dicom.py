"""From the bytes of a DICOM file to its data set, and back; what is not whole is not read.

pydicom is lenient: it takes what a truncated file still holds, and reads what follows a data set as more of it. Here
the first is refused, and the second is put aside.
"""

from __future__ import annotations

import warnings
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from sosie.errors import UnreadableError
from sosie.images.source.content import PREAMBLE, VRS, bare
from sosie.images.source.item import EXPANDS, LARGEST, SUSPECT

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset
    from pydicom.dataelem import DataElement, RawDataElement
    from pydicom.dataset import FileMetaDataset

NAME = "image"
"""What errors call the file; who reads it knows its name."""
UNDEFINED = 0xFFFFFFFF
_DEFLATED = ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1")
_TRAILING = "_sosie_trailing"
_BODY = 0x00200000
"""Tags from which what came before can be a whole data set."""
_FIRST, _PIXELS = 0x0008, 0x7FE00008
_TRUNCATED = "the file is truncated; not copied"


def parse(data: bytes) -> FileDataset:
    """Read a DICOM file.

    The preamble is ``dataset.preamble`` (None where there is none); what follows the data set is told by `trailing`.
    File meta information that is missing is made from the data set.

    Raises
    ------
    UnreadableError
        When the file is truncated, damaged, or no DICOM; the message says which, and quotes nothing.
    """
    from pydicom import dcmread

    if data[PREAMBLE : PREAMBLE + 4] != b"DICM" and not bare(data):
        raise UnreadableError(NAME, "the file is empty; not copied" if not data else "no DICOM file; not copied")
    _inflates(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(BytesIO(data), force=True)
            _whole(dataset, data)
            _described(dataset)
    except UnreadableError:
        raise
    except Exception as error:  # what a damaged file makes a parser raise; its words could quote the file
        raise UnreadableError(NAME, f"the file is damaged ({type(error).__name__}); not copied") from None
    return dataset


def trailing(dataset: Dataset) -> bytes:
    """Return what followed the data set in its file; it is never written again."""
    found: bytes = getattr(dataset, _TRAILING, b"")
    return found


def write(dataset: Dataset) -> bytes:
    """Return a DICOM file of a data set.

    Raises
    ------
    UnreadableError
        When the data set cannot be written.
    """
    from sosie.images.encoding import encoded

    # Lengths of groups, long retired, are no longer what they say.
    for tag in [tag for tag in dataset.keys() if not tag.element and tag.group > 6]:  # noqa: SIM118
        del dataset[tag]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return encoded(dataset)
    except Exception as error:  # its words could quote a value
        raise UnreadableError(NAME, f"cannot be written again ({type(error).__name__}); not copied") from None


def _inflates(data: bytes) -> None:
    """Refuse a deflated data set that would expand out of all proportion, which pydicom would not."""
    if not any(syntax.encode() in data[:1024] for syntax in _DEFLATED):
        return
    start = _after_meta(data)
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    size, rest = 0, data[start:]
    while rest and not stream.eof:
        try:
            size += len(stream.decompress(rest, 1 << 24))
        except zlib.error:
            raise UnreadableError(NAME, _TRUNCATED) from None
        rest = stream.unconsumed_tail
        if size > LARGEST or (size > SUSPECT and size > EXPANDS * len(data)):
            raise UnreadableError(NAME, "a bomb: it would expand out of all proportion; not copied")
    if not stream.eof:
        raise UnreadableError(NAME, _TRUNCATED)


def _after_meta(data: bytes) -> int:
    """Return where the elements of the file meta information (group 2, explicit, little endian) end."""
    at = PREAMBLE + 4
    while data[at : at + 2] == b"\x02\0":
        if data[at + 4 : at + 6] in (b"OB", b"UN"):
            at += 12 + int.from_bytes(data[at + 8 : at + 12], "little")
        else:
            at += 8 + int.from_bytes(data[at + 6 : at + 8], "little")
    return at


def _whole(dataset: FileDataset, data: bytes) -> None:
    """Refuse a data set that is cut short; put aside what follows it."""
    from pydicom.dataelem import RawDataElement

    elements = list(dataset._dict.items())
    if not elements:
        raise UnreadableError(NAME, _TRUNCATED if len(data) > PREAMBLE + 4 else "no data set in the file; not copied")
    # What is found, not what the transfer syntax says: the two may differ.
    implicit = any(isinstance(each, RawDataElement) and each.is_implicit_VR for _, each in elements[:8])
    last = -1
    for at, (tag, element) in enumerate(elements):
        raw = element if isinstance(element, RawDataElement) else None
        short = raw is not None and raw.length != UNDEFINED and len(raw.value or b"") < raw.length
        after = tag <= last and (last >= _PIXELS or tag.group < _FIRST or not _listed(last))
        if at and (after or (raw is not None and _nonsense(raw, implicit, short, last))):
            if last < _BODY or any(_sense(each) for _, each in elements[at:]):
                raise UnreadableError(NAME, "the file is damaged: its elements make no sense; not copied")
            setattr(dataset, _TRAILING, data[_start(element, implicit) :] if _known_place(dataset) else b"?")
            for extra, _ in elements[at:]:
                del dataset._dict[extra]
            return
        if short:
            raise UnreadableError(NAME, _TRUNCATED)
        if raw is not None and raw.VR == "SQ" and not _items(raw.value or b"", raw.is_little_endian):
            raise UnreadableError(NAME, "the file is damaged: a sequence makes no sense; not copied")
        last = max(last, int(tag))
    left = _left(elements[-1][1], data) if _known_place(dataset) else b""
    if last < _PIXELS and left.strip(b"\0 "):
        # The beginning of one more element.
        raise UnreadableError(NAME, _TRUNCATED)
    if left:
        setattr(dataset, _TRAILING, left)
    if implicit != dataset.original_encoding[0]:
        for _ in dataset.iterall():  # reads all elements as they are, before they are written as they should be
            pass


def _nonsense(raw: RawDataElement, implicit: bool, short: bool, last: int) -> bool:
    """Tell whether what was read as an element is something else that follows the data set."""
    from pydicom.datadict import dictionary_has_tag

    if not implicit and (raw.VR or "").encode() not in VRS:
        return True
    after = last >= _PIXELS and int(raw.tag) not in (0xFFFAFFFA, 0xFFFCFFFC)
    return short and (after or not (dictionary_has_tag(raw.tag) or raw.tag.is_private))


def _listed(tag: int) -> bool:
    """Tell whether a tag may stand in a data set: a new one may be of a standard to come, but then it is in order."""
    from pydicom.datadict import dictionary_has_tag, repeater_has_tag

    return bool(tag >> 16 & 1) or dictionary_has_tag(tag) or repeater_has_tag(tag)


def _items(value: bytes, little: bool) -> bool:
    """Tell whether a sequence is one of whole items, as far as their lengths say."""
    order: Literal["little", "big"] = "little" if little else "big"
    item = b"\xfe\xff\x00\xe0" if little else b"\xff\xfe\xe0\x00"
    at = 0
    while at < len(value):
        length = int.from_bytes(value[at + 4 : at + 8], order)
        if value[at : at + 4] != item:
            return False
        if length == UNDEFINED:
            return True
        at += 8 + length
    return at == len(value)


def _sense(element: RawDataElement | DataElement) -> bool:
    """Tell whether what follows is an element of the data set after all: what went wrong is before it."""
    from pydicom.datadict import dictionary_has_tag

    tag, value = element.tag, element.value
    whole = not isinstance(value, bytes) or len(value) == getattr(element, "length", None)
    return tag.group >= _FIRST and bool(value) and whole and dictionary_has_tag(tag)


def _start(element: object, implicit: bool) -> int:
    """Return where an element begins: its header goes before its value."""
    from pydicom.dataelem import RawDataElement
    from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

    if isinstance(element, RawDataElement):
        long = not implicit and element.VR in EXPLICIT_VR_LENGTH_32
        return int(element.value_tell) - (12 if long else 8)
    return int(getattr(element, "file_tell", None) or 12) - 12


def _left(element: object, data: bytes) -> bytes:
    """Return the fewer than eight bytes that are left after the last element, too few for another."""
    from pydicom.dataelem import RawDataElement

    if not isinstance(element, RawDataElement) or element.length == UNDEFINED:
        return b""
    return data[int(element.value_tell) + int(element.length) :]


def _known_place(dataset: FileDataset) -> bool:
    """Tell whether offsets count in the file; those of a deflated data set do not."""
    return dataset.file_meta.get("TransferSyntaxUID") not in _DEFLATED


def _described(dataset: FileDataset) -> None:
    """Complete the file meta information, without which nothing can be written."""
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    meta: FileMetaDataset = dataset.file_meta
    if not meta.get("TransferSyntaxUID"):
        pixels = dataset.get_item("PixelData")
        if pixels is not None and getattr(pixels, "length", 0) == UNDEFINED:
            raise UnreadableError(NAME, "compressed pixels, and no transfer syntax that says how; not copied")
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    for name, source in (("MediaStorageSOPClassUID", "SOPClassUID"), ("MediaStorageSOPInstanceUID", "SOPInstanceUID")):
        if not meta.get(name):
            if not dataset.get(source):
                raise UnreadableError(NAME, "no SOP class, or no SOP instance UID; not copied")
            setattr(meta, name, dataset.get(source))
