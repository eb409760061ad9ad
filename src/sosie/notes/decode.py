"""From sampled blocks to doubles' notes: new notes from what many notes share and what each double is about.

A codec is fitted on the patients of a cohort: the columns of its block, the frames that enough patients share and which
follows which, the facts and how they are told. It writes the notes of doubles, and lets nothing out that fewer than k
patients' notes hold: no row of eight words, no identifier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sosie.cohort import Cohort, Mask, Rows, Vectors
from sosie.manifest import Manifest
from sosie.notes import encode, languages
from sosie.notes.doubles import population
from sosie.notes.doubles.calendar import Days
from sosie.notes.doubles.checking import Checker
from sosie.notes.doubles.corpus import Style
from sosie.notes.doubles.drawn import Drawn
from sosie.notes.doubles.part import NotesPart
from sosie.notes.doubles.population import Population
from sosie.notes.doubles.profile import MEASUREMENT, SEXES
from sosie.notes.doubles.sites import Filler, Fillers
from sosie.notes.doubles.statement import Stated
from sosie.notes.doubles.template import Template
from sosie.notes.doubles.tilt import Tilt
from sosie.notes.doubles.wording import known_words
from sosie.notes.doubles.writing import Pattern
from sosie.notes.encode import Block, View

FEW = 0.03
"""Share of the other sex up to which a line is for one sex alone."""


@dataclass(frozen=True)
class NotesCodec:
    """What is learned from the notes of a cohort; it is personal data.

    Parameters
    ----------
    view : View
    block : Block
    population : Population
    tilt : Tilt
        Of the nodes.
    stated : Stated
    days : Days
    checker : Checker
    k : int
    """

    view: View
    block: Block
    population: Population
    tilt: Tilt
    stated: Stated
    days: Days
    checker: Checker
    k: int
    like: NotesPart
    frozen: str | None = field(default=None, init=False)

    @classmethod
    def fit(cls, part: NotesPart, manifest: Manifest, rng: np.random.Generator | None = None) -> NotesCodec:
        """Learn from a part that was read; ``rng`` draws how many patients each thing needs, at k or above."""
        assert part.corpus is not None
        k, view = manifest.k, View(part.corpus, part.rows)
        block = encode.fit(view, k, rng)
        features = block.features(block.encode(view))
        shared = population.fit(view, block, k, rng)
        place = np.full(part.corpus.patients, 0)
        given = np.flatnonzero(part.rows >= 0)
        place[part.rows[given]] = given
        tilt = Tilt.fit(features, block.indicators, shared.node, place[shared.patient], shared.nodes)
        return cls(
            view,
            block,
            shared,
            tilt,
            Stated.fit(view, block, features, k, rng),
            Days.fit(view, k),
            Checker.of(part.corpus, view.present, k),
            k,
            part,
        )

    def encode(self, part: NotesPart) -> Vectors:
        """Return one row for each patient."""
        assert part.corpus is not None
        return Vectors(self.block.columns, self.block.encode(View(part.corpus, part.rows)))

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> NotesPart:
        """Write the notes of doubles; their sex and age are those of their tables, where these tell them."""
        keys = doubles.keys or tuple(str(number) for number in range(1, len(block) + 1))
        drawn = Drawn.of(self, block.values, doubles, rng)
        made = drawn.write(rng)
        return NotesPart(keys, made.documents, self.like.form, filled=made.filled, wrote=made.wrote)

    def valid(self, part: NotesPart) -> Mask:
        """Tell which doubles' notes hold nothing of fewer than k patients."""
        return self.checker.sound(part)

    @cached_property
    def patterns(self) -> tuple[list[Pattern | None], Rows, list[tuple[str, str]]]:
        """The nodes ready to be written, what facts each needs by category, and the categories."""
        corpus, shared = self.view.corpus, self.population
        fillers = Fillers(corpus, self.view.present, self.k)
        categories: dict[tuple[str, str], int] = {}
        found: list[Pattern | None] = []
        needs: list[list[int]] = []
        for number, level in zip(shared.frame, shared.style, strict=True):
            frame, first = corpus.frames[number], int(corpus.first_site[number])
            filled = [fillers.of(first + at, site) for at, site in enumerate(frame.sites)]
            known = [filler for filler in filled if filler is not None]
            titles = languages.load(self.style(int(level)).language).vocabulary("medical_titles")
            found.append(
                Pattern(Template.of(frame, titles), tuple(known), frame.gap) if len(known) == len(filled) else None
            )
            needs.append([categories.setdefault(_category(one), len(categories)) for one in known if one.site.fact])
        table = np.zeros((len(needs), len(categories)), dtype=np.int64)
        for node, wanted in enumerate(needs):
            np.add.at(table[node], wanted, 1)
        return found, table, list(categories)

    @cached_property
    def sexes(self) -> Rows:
        """The sex that each node is for (place in `SEXES`), -1 for both: by its words, else by who has it."""
        shared, corpus = self.population, self.view.corpus
        told = np.array([SEXES.index(corpus.frames[at].sex) if corpus.frames[at].sex else -1 for at in shared.frame])
        sex = self.view.says.sex[shared.patient]
        counts = [np.bincount(shared.node[sex == place], minlength=shared.nodes) for place in range(len(SEXES))]
        for place in range(len(SEXES)):
            alone = counts[place] >= np.maximum(self.k, (1 - FEW) * (counts[0] + counts[1]))
            told = np.where((told < 0) & alone, place, told)
        return told.astype(np.int64)

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """How the cohort says each fact."""
        return known_words(self.view.corpus, self.view.present, self.k)

    def style(self, level: int) -> Style:
        """Return the kind of notes of a level; of the last one, a kind without a name."""
        styles = self.view.corpus.styles
        if level < len(self.block.styles):
            return styles[self.block.styles[level]]
        return Style(styles[self.block.styles[0]].language if self.block.styles else "fr", "")


def _category(filler: Filler) -> tuple[str, str]:
    site = filler.site
    return (MEASUREMENT, site.code) if site.kind == MEASUREMENT else (site.kind, site.status)
