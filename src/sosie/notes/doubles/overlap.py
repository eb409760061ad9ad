"""Attacks on texts: how near doubles' notes come to a patient's, and whether planted sentences come out.

Rows of a few words that a double shares with the patient nearest to it are compared with those that patients share with
one another: a note written from a patient's would share more. Sentences are planted in the notes of one patient, of
k - 1, of many: a method that lets out what few have lets the first ones out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sosie.cohort import Cohort, Floats, Rows
from sosie.manifest import Manifest
from sosie.notes.doubles.corpus import Corpus, Frame
from sosie.notes.doubles.grams import Grams
from sosie.notes.doubles.part import NotesPart

WIDTH = 5
"""Words of a row by which nearness is measured."""
MOST = 600
"""Patients of a side."""
MANY = 4
"""Times k patients who may let a sentence out."""
CANARIES = (
    "Le perroquet du troisième étage récite trente-deux alexandrins avant chaque orage de printemps.",
    "La collection de boussoles anciennes remplit désormais onze valises sous le grand escalier.",
    "Un carnet violet contient la recette secrète du sirop de lavande des cousins bretons.",
)


def nearest(original: NotesPart, doubles: NotesPart, rng: np.random.Generator) -> dict[str, float] | None:
    """Measure the share of each text's rows of words that its nearest patient has: mean and 95th percentile."""
    mine, theirs = _texts(original, rng), _texts(doubles, rng)
    if len(mine) < 2 or not theirs:
        return None
    grams = Grams.of([*mine, *theirs], WIDTH)
    shares = _shares(grams, len(mine), len(mine) + len(theirs))
    among = shares[:, : len(mine)].copy()
    np.fill_diagonal(among, 0.0)
    own, made = among.max(axis=0), shares[:, len(mine) :].max(axis=0)
    high = float(np.quantile(own, 0.95))
    return {
        "original_mean": round(float(own.mean()), 4),
        "doubles_mean": round(float(made.mean()), 4),
        "original_95": round(high, 4),
        "doubles_95": round(float(np.quantile(made, 0.95)), 4),
        "doubles_nearer": round(float((made > high).mean()), 4),
    }


def canaries(part: NotesPart, manifest: Manifest, rng: np.random.Generator) -> list[dict[str, int]]:
    """Plant a sentence in the notes of one patient, of k - 1 and of many; count the doubles who say it."""
    from sosie.notes.decode import NotesCodec

    assert part.corpus is not None
    holders = np.unique(part.rows[part.rows >= 0])
    sizes = [size for size in (1, manifest.k - 1, MANY * manifest.k) if size <= len(holders)]
    corpus = part.corpus
    for sentence, size in zip(CANARIES, sizes, strict=False):
        corpus = planted(corpus, sentence, np.sort(rng.choice(holders, size, replace=False)))
    texts = _planted_texts(part, corpus)
    corpus = replace(corpus, grams=Grams.of(texts))
    codec = NotesCodec.fit(replace(part, corpus=corpus), manifest, rng)
    block = codec.encode(replace(part, corpus=corpus))
    made = codec.decode(block, Cohort((), {}), rng)
    return [
        {
            "patients": size,
            "doubles": sum(any(sentence in note.text for note in notes) for notes in made.documents),
        }
        for sentence, size in zip(CANARIES, sizes, strict=False)
    ]


def planted(corpus: Corpus, sentence: str, patients: Rows) -> Corpus:
    """Return a corpus in which the first note of some patients ends with a sentence."""
    frame = len(corpus.frames)
    last = np.array([np.flatnonzero(corpus.line_patient == patient)[0] for patient in patients])
    notes = corpus.line_note[last]
    ends = np.searchsorted(corpus.line_note, notes, side="right")
    moved = np.searchsorted(np.sort(ends), corpus.slot_line, side="right")
    return replace(
        corpus,
        frames=(*corpus.frames, Frame(sentence, (), 1, "")),
        first_site=np.append(corpus.first_site, corpus.first_site[-1]).astype(np.int32),
        line_note=np.insert(corpus.line_note, ends, notes),
        line_frame=np.insert(corpus.line_frame, ends, frame).astype(np.int32),
        slot_line=(corpus.slot_line + moved).astype(np.int32),
        sound=None if corpus.sound is None else np.append(corpus.sound, True),
    )


def _planted_texts(part: NotesPart, corpus: Corpus) -> list[list[str]]:
    """Return the texts of all patients of a corpus, with what was planted."""
    texts: list[list[str]] = [[] for _ in range(corpus.patients)]
    for row, documents in zip(part.rows, part.documents, strict=True):
        if row >= 0:
            texts[row] = [document.text for document in documents]
    first = len(corpus.frames) - len(CANARIES)
    for line in np.flatnonzero(corpus.line_frame >= max(first, 0)):
        sentence = corpus.frames[corpus.line_frame[line]].text
        row = corpus.line_patient[line]
        if sentence in CANARIES and texts[row]:
            texts[row][0] = f"{texts[row][0]}\n{sentence}"
    return texts


def _texts(part: NotesPart, rng: np.random.Generator) -> Sequence[Sequence[str]]:
    held = [[document.text for document in documents] for documents in part.documents if documents]
    if len(held) <= MOST:
        return held
    return [held[at] for at in rng.choice(len(held), MOST, replace=False)]


def _shares(grams: Grams, originals: int, count: int) -> Floats:
    """Return the share of each text's rows that each original has, shape (originals, texts)."""
    from scipy import sparse

    ones = np.ones(len(grams.gram), dtype=np.float64)
    held = sparse.csr_array((ones, (grams.patient, grams.gram)), shape=(count, len(grams.known)))
    common = (held[:originals] @ held.T).toarray()
    sizes: Floats = np.asarray(held.sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(common / np.maximum(sizes, 1.0))
