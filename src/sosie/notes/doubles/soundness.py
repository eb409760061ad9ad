"""Which frames hold no identifier outside their places: the detector looks at each, filled with a stranger's names.

A name that the detector missed in one note stands in its frame; what it sees in a frame that many share, it would see
in doubles' notes.
"""

from __future__ import annotations

import numpy as np

from sosie.cohort import Mask
from sosie.notes import languages
from sosie.notes.document import Document, Label
from sosie.notes.doubles.corpus import Corpus
from sosie.notes.doubles.person import Names, Person, random_bytes
from sosie.notes.doubles.template import Template
from sosie.notes.worker import search

_STRANGER = 20_200
_FIGURE, _NEXT = "12", "Avis : RAS."
_KINDS = frozenset(str(label) for label in Label)


def sound(corpus: Corpus, k: int) -> Mask:
    """Tell which frames may be written, shape (frames,); one of fewer than k patients is not looked at, and may not."""
    joined = np.unique(corpus.line_frame.astype(np.int64) * corpus.patients + corpus.line_patient)
    counts = np.bincount(joined // max(corpus.patients, 1), minlength=len(corpus.frames))
    found = np.zeros(len(corpus.frames), dtype=bool)
    code_of = {int(frame): corpus.styles[corpus.note_style[note]].language for frame, note in _last(corpus)}
    for at in np.flatnonzero(counts >= k):
        found[at] = _clean(corpus, int(at), code_of[int(at)])
    return found


def _last(corpus: Corpus) -> list[tuple[int, int]]:
    frames, first = np.unique(corpus.line_frame, return_index=True)
    return [(int(frame), int(corpus.line_note[line])) for frame, line in zip(frames, first, strict=True)]


def _clean(corpus: Corpus, at: int, code: str) -> bool:
    frame, language = corpus.frames[at], languages.load(code)
    template = Template.of(frame, language.vocabulary("medical_titles"))
    person = Person(Names(language, frozenset()), "F", float(_STRANGER), random_bytes(np.random.default_rng(at)))
    texts = []
    for place, site in enumerate(frame.sites):
        if site.kind in ("DATE", "BIRTH_DATE"):
            texts.append("12/03/2019")
        elif site.kind in _KINDS and site.kind != str(Label.AGE):
            texts.append(person.text(Label(site.kind), template.who[place]))
        else:
            slots = corpus.slots_of(int(corpus.first_site[at]) + place)
            texts.append(corpus.strings[corpus.slot_text[slots[0]]] if len(slots) else _FIGURE)
    filled, own, start = template.fill(texts), [], 0
    for text, piece in zip(texts, template.pieces, strict=False):
        start += len(piece)
        own.append((start, start + len(text)))
        start += len(text)
    # What stands behind a salutation looks like a name.
    spans = search((Document("frame", f"{filled}\n{_NEXT}"),), language)[0]
    return all(any(span.start < end and first < span.end for first, end in own) for span in spans if span.label.direct)
