"""From bytes to text and back, in the same encoding.

Bytes enter; a text leaves with the `Charset` that spells it again byte for byte. UTF-8, UTF-16 (with or without mark),
CP1252, Latin-1, and the older CP850 and Mac Roman of exports; lines of different encodings in one file keep theirs.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from sosie.notes.source.record import NotReadable

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x7fELF", "a program"),
)
_HEAD = 65_536
_MOST_CONTROLS = 0.05
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b\b")
_HIGH = bytes(range(0x80, 0x100))
_EIGHT_BITS = ("cp1252", "latin-1", "cp850", "mac_roman")
_NEAREST = {
    "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O",
    "ı": "i", "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-",
    "−": "-", "\u2010": "-", "\u2011": "-", "…": "...", "€": "EUR", "•": "-", "\u00a0": " ", "\u202f": " ", "≤": "<=",
    "≥": ">=",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Charset:
    """How bytes spell a text.

    Parameters
    ----------
    encoding : str
        Python codec.
    mark : bytes
        The byte-order mark, or nothing.
    lines : tuple of str
        The encoding of each line, where they differ.
    """

    encoding: str = "utf-8"
    mark: bytes = b""
    lines: tuple[str, ...] = ()

    def encode(self, text: str) -> bytes:
        """Spell a text; a character that the encoding lacks becomes its nearest letters, else a question mark."""
        if self.lines:
            pieces = text.split("\n")
            if len(pieces) != len(self.lines):
                # Which line is which can no longer be told: the one encoding that holds them all.
                return spelled(text, "utf-8")
            return b"\n".join(spelled(piece, name) for piece, name in zip(pieces, self.lines, strict=True))
        return self.mark + spelled(text, self.encoding)


def decode(data: bytes, declared: str | None = None) -> tuple[str, Charset]:
    """Read bytes as text.

    Raises
    ------
    NotReadable
        When the bytes are no text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(name), Charset(name, mark)
            except UnicodeDecodeError:
                break
    if declared is not None:
        try:
            return data.decode(declared), Charset(declared)
        except LookupError:
            raise NotReadable(f"unknown encoding {declared!r} in sosie.yaml; expected utf-8, cp1252 ...") from None
        except UnicodeDecodeError:
            raise NotReadable(f"not the {declared} that sosie.yaml declares; not copied") from None
    if (utf_16 := wide(data)) is not None:
        return data.decode(utf_16), Charset(utf_16)
    refuse_binary(data)
    try:
        return data.decode("utf-8"), Charset()
    except UnicodeDecodeError:
        pass
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    whole = len(lenient) - len(lenient.encode("ascii", "ignore")) - broken
    if whole > broken / 4 and b"\n" in data:
        return _by_line(data)
    name = eight_bit(data)
    return data.decode(name), Charset(name)


def refuse_binary(data: bytes) -> None:
    """Raise `NotReadable` when bytes are the beginning of something else than text."""
    head = data[:_HEAD]
    found = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if found is not None:
        raise NotReadable(f"{found} was found where text was expected; not copied")
    if len(head) - len(head.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(head):
        raise NotReadable("binary content was found where text was expected; not copied")


def eight_bit(data: bytes) -> str:
    """Return the encoding of one byte a character that makes most of the high bytes letters inside words."""
    if not re.search(rb"[\x80-\x9f]", data):
        # The older encodings have their accented letters there.
        return "cp1252"
    high = b"\n".join(line for line in data[: 16 * _HEAD].split(b"\n") if not line.isascii())[:_HEAD]
    merits = {}
    for name in _EIGHT_BITS:
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        text = high.decode(name, errors="replace")
        letters = len(re.findall(r"[a-z’'][éèêëàâîïôùûüçœäöñíóúá]|\b[ÉÈÀÇÊéàêç][a-zA-Z]", text))
        strange = len(re.findall(r"[\x80-\x9f\u2500-\u25ff]|[a-z][^\W\d_a-zéèêëàâîïôùûüçœäöñíóúáß][a-z]", text))
        merits[name] = letters - strange
    return max(merits, key=lambda name: (merits[name], -_EIGHT_BITS.index(name)))


def spelled(text: str, encoding: str) -> bytes:
    """Encode a text whatever its characters."""
    pieces, rest = [], text
    while True:
        try:
            pieces.append(rest.encode(encoding))
            return b"".join(pieces)
        except UnicodeEncodeError as error:
            pieces.append(rest[: error.start].encode(encoding))
            pieces += [_nearest(character, encoding) for character in rest[error.start : error.end]]
            rest = rest[error.end :]


def _nearest(character: str, encoding: str) -> bytes:
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    for candidate in (_NEAREST.get(character), plain, unicodedata.normalize("NFKC", character)):
        if candidate:
            try:
                return candidate.encode(encoding)
            except UnicodeEncodeError:
                continue
    return "?".encode(encoding)


def wide(data: bytes) -> str | None:
    """Return the UTF-16 that bytes without a mark are, told by where their zeros stand."""
    head = data[:4096]
    if len(data) % 2 or len(head) < 4 or 0 not in head:
        return None
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = head[place::2].count(0)
        if zeros > 0.4 * len(head) / 2 and head[1 - place :: 2].count(0) < 0.02 * zeros:
            try:
                data.decode(name)
            except UnicodeDecodeError:
                continue
            return name
    return None


def _by_line(data: bytes) -> tuple[str, Charset]:
    lines = data.split(b"\n")
    names = []
    for line in lines:
        try:
            line.decode("utf-8")
            names.append("utf-8")
        except UnicodeDecodeError:
            names.append(eight_bit(line))
    text = "\n".join(line.decode(name) for line, name in zip(lines, names, strict=True))
    return text, Charset("utf-8", b"", tuple(names))
