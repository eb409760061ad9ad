"""A frame cut at its places, ready to be filled: its words, and whose name stands at each place."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zlib import crc32

from sosie.notes.document import Label
from sosie.notes.doubles.corpus import Frame
from sosie.notes.doubles.sites import NAMED
from sosie.notes.languages.folding import fold

DOCTORS, DESKS = 2, 4
"""Doctors, and telephones or addresses, that a double's notes tell apart."""
_SPLIT = re.compile(r"\{(?:(\d+)\}|\{)|\}\}")
_WORD = re.compile(r"[^\W\d_]+")
_OWN = frozenset({Label.PATIENT_NUMBER, Label.NATIONAL_ID, Label.CITY, Label.POSTCODE, Label.HOSPITAL})


@dataclass(frozen=True)
class Template:
    """A frame.

    Parameters
    ----------
    pieces : tuple of str
        Its words around the places, one more than there are places.
    who : tuple of int
        At each place 0 for what is the double's own, else the number of somebody or something around.
    """

    pieces: tuple[str, ...]
    who: tuple[int, ...]

    @classmethod
    def of(cls, frame: Frame, titles: Collection[str]) -> Template:
        """Cut a frame; a name behind a doctor's title is a doctor's."""
        pieces = _pieces(frame.text)
        who: list[int] = []
        number = crc32(frame.text.encode("utf-8", "surrogatepass"))
        for at, site in enumerate(frame.sites):
            kind = site.kind
            if kind in NAMED:
                before = _WORD.findall(fold(pieces[at]))
                titled = bool(before) and before[-1] in titles and len(pieces[at].strip()) > 0
                beside = at > 0 and frame.sites[at - 1].kind in NAMED and len(pieces[at].strip(" ,.-")) == 0
                who.append(1 + number % DOCTORS if titled or (beside and who[-1] > 0) else 0)
            else:
                who.append(0 if kind in _OWN else number % DESKS)
        return cls(tuple(pieces), tuple(who))

    def fill(self, texts: Sequence[str]) -> str:
        """Put texts into the places."""
        if not texts:
            return self.pieces[0]
        parts = [self.pieces[0]]
        for text, piece in zip(texts, self.pieces[1:], strict=True):
            parts += (text, piece)
        return "".join(parts)


def _pieces(text: str) -> list[str]:
    pieces, current, at = [], [], 0
    for match in _SPLIT.finditer(text):
        current.append(text[at : match.start()])
        at = match.end()
        if match[1] is not None:
            pieces.append("".join(current))
            current = []
        else:
            current.append(match[0][:1])
    current.append(text[at:])
    return [*pieces, "".join(current)]
