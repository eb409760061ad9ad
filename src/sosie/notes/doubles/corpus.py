"""The notes of a cohort as arrays, and a part of it: what fits count, again and again, on some of the patients.

Readings enter once; a `Corpus` leaves that all parts of the cohort share. A `NotesPart` is the documents of some
patients and where they stand in the corpus; the doubles' part has documents alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.notes.doubles.grams import Grams, Lines, Numbers
from sosie.notes.doubles.profile import MEASUREMENT, PROBLEM, TREATMENT, Profile
from sosie.notes.doubles.spellings import Spellings


@dataclass(frozen=True)
class Site:
    """A slot of a frame: what kind of thing stands there."""

    kind: str
    code: str = ""
    status: str = ""

    @property
    def fact(self) -> bool:
        """Whether a double's own fact stands there."""
        return self.kind in _OWN


_OWN = frozenset({PROBLEM, TREATMENT, MEASUREMENT})


@dataclass(frozen=True)
class Frame:
    """A line without what is its patient's own."""

    text: str
    sites: tuple[Site, ...]
    gap: int
    sex: str


@dataclass(frozen=True)
class Style:
    """Notes of one kind in one language."""

    language: str
    kind: str


@dataclass(frozen=True)
class Facts:
    """What the notes state, one entry a mention.

    Parameters
    ----------
    known : tuple of Site
        Kind, code and status of each fact.
    fact, patient, text : ndarray of int32, shape (mentions,)
    value : ndarray of float64, shape (mentions,)
    """

    known: tuple[Site, ...]
    fact: Numbers
    patient: Numbers
    text: Numbers
    value: Floats


@dataclass(frozen=True)
class Corpus:
    """The notes of all patients of a cohort.

    Parameters
    ----------
    patients : int
    styles : tuple of Style
    note_patient, note_style : ndarray of int32, shape (notes,)
    note_day : ndarray of float64, shape (notes,)
        By which dates are counted, as ordinals; NaN where there is none.
    frames : tuple of Frame
    line_note, line_frame : ndarray of int32, shape (lines,)
    first_site : ndarray of int32, shape (frames + 1,)
        Sites of frame ``i`` are ``first_site[i]`` to ``first_site[i + 1]``.
    slot_line, slot_site, slot_text : ndarray of int32, shape (slots,)
    slot_value : ndarray of float64, shape (slots,)
    strings : tuple of str
        What stands in slots, and the words of facts.
    facts : Facts
    identifiers : tuple of str
        Folded.
    identifier, identifier_patient : ndarray of int32, shape (pairs,)
    grams : Grams
    coordinates : ndarray of float64, shape (patients, coordinates)
        Frozen representation.
    written : bool
        Whether the source says when most notes were written.
    labels : mapping of str to (int, float, str)
        Of each label of identifiers: how often it was found, its mean score, its usual detector.
    sound : ndarray of bool, shape (frames,), optional
        Frames that hold no identifier outside their places.
    """

    patients: int
    styles: tuple[Style, ...]
    note_patient: Numbers
    note_style: Numbers
    note_day: Floats
    frames: tuple[Frame, ...]
    line_note: Numbers
    line_frame: Numbers
    first_site: Numbers
    slot_line: Numbers
    slot_site: Numbers
    slot_text: Numbers
    slot_value: Floats
    strings: tuple[str, ...]
    facts: Facts
    identifiers: tuple[str, ...]
    identifier: Numbers
    identifier_patient: Numbers
    grams: Grams
    coordinates: Floats
    written: bool
    labels: Mapping[str, tuple[int, float, str]]
    sound: Mask | None = None
    by_site: tuple[Numbers, Numbers] = field(init=False, repr=False)
    """Slots in the order of their sites, and where each site begins."""

    def __post_init__(self) -> None:
        order = np.argsort(self.slot_site, kind="stable").astype(np.int32)
        starts = np.searchsorted(self.slot_site[order], np.arange(self.first_site[-1] + 1)).astype(np.int32)
        object.__setattr__(self, "by_site", (order, starts))

    @cached_property
    def seen(self) -> Lines:
        """The words of lines that were looked at, in doubles' notes too."""
        return Lines()

    @cached_property
    def profile(self) -> Profile:
        """What the notes of each patient say."""
        return Profile.of(self)

    @cached_property
    def spellings(self) -> Spellings:
        """How each string is written."""
        return Spellings.of(self.strings)

    @cached_property
    def code_of_string(self) -> Mapping[int, str]:
        """Code of the fact that each string says."""
        codes = [site.code for site in self.facts.known]
        return {int(text): codes[fact] for text, fact in zip(self.facts.text, self.facts.fact, strict=True)}

    @cached_property
    def line_patient(self) -> Numbers:
        """Patient of each line."""
        return np.asarray(self.note_patient[self.line_note])

    def slots_of(self, site: int) -> Numbers:
        """Return the slots that stand at a site."""
        order, starts = self.by_site
        return np.asarray(order[starts[site] : starts[site + 1]])
