"""The notes of some doubles while they are being written: what they are about, their kinds and days, their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Cohort, Floats, Rows
from sosie.notes.document import Document
from sosie.notes.doubles import chain, people
from sosie.notes.doubles.checking import ENDS, Author, places
from sosie.notes.doubles.person import Person, random_bytes
from sosie.notes.doubles.profile import MEASUREMENT, PROBLEM, SEXES, TREATMENT
from sosie.notes.doubles.statement import Statements
from sosie.notes.doubles.writing import Text, Writer
from sosie.notes.encode import OLDEST
from sosie.notes.redact.words import words

if TYPE_CHECKING:
    from sosie.notes.decode import NotesCodec

AGED = 50.0
"""Years of doubles of a cohort whose notes tell no age."""
ANEW, TOLD = 1, 2
"""Times that a line is written anew where it must not leave as it is, and that what no line tells is told."""


@dataclass(frozen=True)
class Written:
    """The notes of some doubles, and what was invented for them.

    Parameters
    ----------
    documents : tuple of tuple of Document
    filled : tuple of tuple of str
        As in `NotesPart`.
    wrote : tuple of frozenset of str
        As in `NotesPart`.
    """

    documents: tuple[tuple[Document, ...], ...]
    filled: tuple[tuple[str, ...], ...]
    wrote: tuple[frozenset[str], ...]


@dataclass
class Drawn:
    """Doubles whose notes are being written."""

    codec: NotesCodec
    sex: Rows
    age: Floats
    told: people.People
    statements: Statements
    level: Rows
    double: Rows
    day: Floats
    paths: list[Rows]

    @classmethod
    def of(cls, codec: NotesCodec, values: Floats, doubles: Cohort, rng: np.random.Generator) -> Drawn:
        """Draw what doubles are about, and the lines of their notes, by their blocks."""
        block, shared = codec.block, codec.population
        values = values.copy()
        columns = {column.name: at for at, column in enumerate(block.columns)}
        told = people.told(doubles, len(values))
        sex = _first(told.sex, _column(values, columns, "notes.sex"), rng.integers(0, 2, len(values)).astype(float))
        age = _first(told.age, _column(values, columns, "notes.age"))
        if "notes.sex" in columns:
            values[:, columns["notes.sex"]] = sex
        if "notes.age" in columns:
            values[:, columns["notes.age"]] = age
            spread = block.ranges[0].draw(len(values), rng)
            age = np.where(np.isnan(age), spread, np.where(np.isnan(told.age), block.ranges[0].held(age), age))
        features = block.features(values)
        statements = codec.stated.draw(block, values, features, rng)
        codec.stated.heed(statements, block, told)
        asked = np.nan_to_num(values[:, 0], nan=1.0)
        count: Rows = np.clip(np.round(asked), block.least, block.most).astype(np.int64)
        double = np.repeat(np.arange(len(values)), count)
        level = _levels(codec, values, columns, double, rng)
        scores = codec.tilt.scores(features) if shared.nodes else np.zeros((len(values), 0))
        patterns, needs, categories = codec.patterns
        wearable = np.array([pattern is not None for pattern in patterns], dtype=bool)
        scores[:, ~wearable] = -np.inf
        for place in range(len(SEXES)):
            scores[np.ix_(sex == place, codec.sexes == 1 - place)] = -np.inf
        pool = _pool(codec, statements, categories)
        lasting = np.array([kind == MEASUREMENT for kind, _ in categories], dtype=bool)
        paths = chain.draw(shared, scores, needs, lasting, chain.Asked(level, double, pool), rng)
        day = codec.days.draw(count, rng, told.start, told.followed)
        return cls(codec, sex.astype(np.int64), age, told, statements, level, double, day, paths)

    def write(self, rng: np.random.Generator) -> Written:
        """Write all notes."""
        codec = self.codec
        n = len(self.sex)
        shares, stream = _shares(rng), random_bytes(rng)
        starts = np.searchsorted(self.double, np.arange(n + 1))
        writers = [self._writer(at, starts, shares, stream) for at in range(n)]
        patterns = codec.patterns[0]
        authors = [Author(writers[at], patterns, float(day)) for at, day in zip(self.double, self.day, strict=True)]
        notes = [
            author.writer.note(path.tolist(), patterns, author.day)
            for author, path in zip(authors, self.paths, strict=True)
        ]
        everything = range(len(notes))
        codec.checker.mend(notes, everything, authors, anew=ANEW)
        for _ in range(TOLD):
            told: list[int] = []
            for at, writer in enumerate(writers):
                told += _tell(notes, range(starts[at], starts[at + 1]), writer, rng)
            if not told:
                break
            codec.checker.mend(notes, sorted(set(told)), authors, anew=1)
        texts = [_joined(lines) for lines in notes]
        documents = tuple(
            tuple(self._document(at, note, texts[note]) for note in range(starts[at], starts[at + 1]))
            for at in range(n)
        )
        return Written(
            documents,
            tuple(writer.person.filled for writer in writers),
            tuple(frozenset(writer.wrote) for writer in writers),
        )

    def _writer(self, at: int, starts: Rows, shares: Iterator[float], stream: Iterator[int]) -> Writer:
        codec = self.codec
        code = self.codec.style(int(self.level[starts[at]])).language if starts[at] < starts[at + 1] else "fr"
        last = float(self.day[starts[at + 1] - 1]) if starts[at] < starts[at + 1] else codec.days.usual
        age = float(self.age[at])
        born = last - (age if np.isfinite(age) else AGED) * 365.25 - next(shares) * 365.0
        born = float(self.told.born[at]) if np.isfinite(self.told.born[at]) else born
        person = Person(codec.checker.names(code), SEXES[self.sex[at]], born, stream)
        facts: dict[tuple[str, str], list[str]] = {}
        for place in np.flatnonzero(self.statements.has[at]):
            site = codec.stated.facts[place]
            facts.setdefault((site.kind, site.status), []).append(site.code)
        values = {
            name: float(value)
            for name, value in zip(codec.stated.measures, self.statements.values[at], strict=True)
            if np.isfinite(value)
        }
        known = words(code)
        shapes = dict(zip(codec.stated.measures, codec.stated.shapes, strict=True))
        age = age if np.isfinite(age) else AGED
        calendar = None if known is None else known.calendar
        return Writer(
            code,
            calendar,
            person,
            min(age, OLDEST),
            facts,
            values,
            shapes,
            codec.words,
            shares,
            frozenset(name for name, results in self.told.measures.items() if np.isfinite(results[at])),
        )

    def _document(self, at: int, note: int, text: str) -> Document:
        written = date.fromordinal(int(self.day[note])) if self.codec.days.written else None
        kind = self.codec.style(int(self.level[note])).kind or None
        return Document(f"double-{at + 1}-{note}", text, str(at + 1), written, kind)


def _pool(codec: NotesCodec, statements: Statements, categories: Sequence[tuple[str, str]]) -> Rows:
    """Count the facts of each category that each double has."""
    pool = np.zeros((len(statements.has), len(categories)), dtype=np.int64)
    for at, (kind, what) in enumerate(categories):
        if kind in (PROBLEM, TREATMENT):
            mine = [place for place, site in enumerate(codec.stated.facts) if (site.kind, site.status) == (kind, what)]
            pool[:, at] = statements.has[:, mine].sum(axis=1)
        elif what in codec.stated.measures:
            pool[:, at] = chain.MOST * np.isfinite(statements.values[:, codec.stated.measures.index(what)])
    return pool


def _levels(codec: NotesCodec, values: Floats, columns: dict[str, int], double: Rows, rng: np.random.Generator) -> Rows:
    """Draw the kind of each note by the main kind of its double."""
    main = np.zeros(len(values), dtype=np.int64)
    if "notes.kind" in columns:
        main = np.nan_to_num(values[:, columns["notes.kind"]], nan=0.0).astype(np.int64)
    steps = np.cumsum(codec.population.kinds, axis=1)
    return np.asarray((rng.random(len(double))[:, None] > steps[main[double]]).sum(axis=1).clip(0, len(steps) - 1))


def _tell(notes: list[list[Text]], mine: range, writer: Writer, rng: np.random.Generator) -> list[int]:
    """Put what no line tells into notes, before the last lines, where letters are signed; return the notes."""
    if not len(mine):
        return []
    touched = []
    for said in writer.untold([notes[at] for at in mine]):
        at = mine[int(rng.integers(len(mine)))]
        offered = places(notes[at])
        notes[at].insert(offered[int(rng.integers(len(offered)))], said)
        touched.append(at)
    return touched


def _joined(lines: Sequence[Text]) -> str:
    pieces: list[str] = []
    for at, line in enumerate(lines):
        gap = line.gap or int(at > 0 and not lines[at - 1].text.endswith((*ENDS, ",", ":")))
        pieces += ([" ", "\n", "\n\n"][gap] if at else "", line.text)
    return "".join(pieces)


def _column(values: Floats, columns: dict[str, int], name: str) -> Floats:
    return values[:, columns[name]] if name in columns else np.full(len(values), np.nan)


def _first(*choices: Floats) -> Floats:
    """Return the first choice that is known for each double."""
    found = choices[0].copy()
    for other in choices[1:]:
        found = np.where(np.isnan(found), other, found)
    return found


def _shares(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(4_096).tolist()
