"""How an attacker sees the timelines of a cohort: the same columns of real timelines and of doubles', uncensored.

What is known of each person; how much happened and when it began; the first days and codes, and the gaps between days,
as recorded; of each usual code how often, first and last; of each measurement its mean, its extremes and its last
value; everything else hashed into a few columns. Nothing is rounded, nothing is cut, nothing that a codec learned is
used. What is looked at is frozen on one part, and the codes are found by name in any other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Column, Floats, Kind, Rows, Vectors
from sosie.timelines.days import Whole, first_days
from sosie.timelines.events import Clock, Code, TimelinesPart

if TYPE_CHECKING:
    from sosie.manifest import Manifest

CODES, MEASURED, FIRST, STEPS = 40, 15, 30, 5
"""Codes with columns of their own; measurements; codes told among the first events; first days and gaps."""
BUCKETS, WORDS, STATIC, LEVELS = 16, 8, 20, 30
"""Columns of other codes and of words; columns of the person and levels of one, at most."""
GAPS, KNOWN = "timelines.gaps", "timelines.first events"
"""Sequences of columns that somebody may know the first of."""
_PEOPLE = ("sex", "birth", "start", "stop", "dead")


def view(part: TimelinesPart, manifest: Manifest) -> Callable[[TimelinesPart], Vectors]:
    """Freeze what is looked at on a part; what is returned looks at any part of this shape, shape (n, <= 300)."""
    return Lens.of(part).look


@dataclass(frozen=True)
class Static:
    """A column of the people: a number, or levels."""

    name: str
    levels: tuple[str, ...] | None

    def see(self, part: TimelinesPart) -> Floats:
        """Return its numbers, or the codes of its levels; a level that was never seen is one more."""
        import polars as pl

        if self.name not in part.people.columns:
            return np.full(len(part.keys), np.nan)
        column = part.people[self.name]
        if self.levels is None:
            numbers: Floats = column.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
            return numbers
        at = {level: float(place) for place, level in enumerate(self.levels)}
        rest = float(len(self.levels))
        words = column.cast(pl.String, strict=False).to_list()
        return np.array([np.nan if word is None else at.get(word, rest) for word in words])

    @property
    def column(self) -> Column:
        """As it is seen."""
        name = f"timelines.{self.name}"
        if self.levels is None:
            return Column(name, Kind.NUMERIC)
        return Column(name, Kind.CATEGORICAL, len(self.levels) + 1)


@dataclass(frozen=True)
class Lens:
    """What is looked at.

    Parameters
    ----------
    codes, measured : tuple of Code
        The usual ones, and those that bear numbers.
    people : tuple of Static
    clock : Clock
    partial : bool
        Whether some patients have no timeline.
    """

    codes: tuple[Code, ...]
    measured: tuple[Code, ...]
    people: tuple[Static, ...]
    clock: Clock
    partial: bool

    @classmethod
    def of(cls, part: TimelinesPart) -> Lens:
        """Choose the codes that most patients have."""
        events, size = part.events, len(part.codes)
        pairs = np.unique(events.patient.astype(np.int64) * max(size, 1) + events.code)
        held = np.bincount(pairs % max(size, 1), minlength=size)
        valued = np.bincount(events.code[~np.isnan(events.value)], minlength=size)
        usual = [at for at in np.argsort(-held, kind="stable") if held[at]]
        numbers = [at for at in usual if valued[at]][:MEASURED]
        return cls(
            tuple(part.codes[at] for at in usual[:CODES]),
            tuple(part.codes[at] for at in numbers),
            tuple(_static(part)),
            part.clock,
            not bool(part.present.all()),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is seen."""
        number = Kind.NUMERIC
        columns = [Column("timelines.present", Kind.CATEGORICAL, 2)] if self.partial else []
        columns += [static.column for static in self.people]
        columns += [Column(f"timelines.{name}", number) for name in ("events", "days", "span", "rate", "lasting")]
        columns += [Column("timelines.last day", number), Column("timelines.time of day", number)]
        levels = min(len(self.codes), FIRST) + 1
        columns.append(Column("timelines.first day", number, sequence=(KNOWN,)))
        for step in range(STEPS):
            columns.append(Column(f"timelines.code {step + 1}", Kind.CATEGORICAL, levels, sequence=(KNOWN,)))
            columns.append(Column(f"timelines.gap {step + 1}", number, sequence=(GAPS, KNOWN)))
        columns += [
            Column(f"timelines.{what} {at}", number)
            for what in ("count", "first", "last")
            for at in self._at(self.codes)
        ]
        columns += [
            Column(f"timelines.{what} value {at}", number)
            for what in ("mean", "lowest", "highest", "last")
            for at in self._at(self.measured)
        ]
        columns += [Column(f"timelines.other codes {at}", number) for at in range(BUCKETS)]
        columns += [Column(f"timelines.words {at}", number) for at in range(WORDS)]
        return tuple(columns)

    def look(self, part: TimelinesPart) -> Vectors:
        """Return what is seen of each patient."""
        n, events = len(part.keys), part.events
        place = _places(part.codes, self.codes)[events.code] if len(events) else np.zeros(0, dtype=np.int64)
        since = self._since(part)
        seen: list[Floats] = [part.present.astype(np.float64)] if self.partial else []
        seen += [static.see(part) for static in self.people]
        seen += self._process(part)
        seen += self._begun(part, place)
        seen += list(_by_code(events.patient, place, since, n, len(self.codes)).T)
        measured = _places(part.codes, self.measured)[events.code] if len(events) else place
        seen += list(_values(events.patient, measured, events.value, n, len(self.measured)).T)
        names = np.array([_hashed(f"{code.group}|{code.code}|{code.vocabulary}", BUCKETS) for code in part.codes])
        rare = place < 0
        seen += list(
            _counts(events.patient[rare], names[events.code[rare]] if rare.any() else place[rare], n, BUCKETS).T
        )
        said = events.text >= 0
        words = np.array([_hashed(text, WORDS) for text in part.texts])
        seen += list(_counts(events.patient[said], words[events.text[said]] if said.any() else place[said], n, WORDS).T)
        return Vectors(self.columns, np.column_stack(seen))

    def _since(self, part: TimelinesPart) -> Floats:
        """Return the time of each event since the patient's first on a calendar, as it is on a clock of their own."""
        if part.clock is Clock.RELATIVE:
            return part.events.time
        first = _extreme(part.events.patient, part.events.time, len(part.keys), np.minimum)
        return part.events.time - first[part.events.patient]

    def _process(self, part: TimelinesPart) -> list[Floats]:
        events, n = part.events, len(part.keys)
        count = np.bincount(events.patient, minlength=n).astype(np.float64)
        first, last = (_extreme(events.patient, events.time, n, which) for which in (np.minimum, np.maximum))
        span = last - first
        lasting = events.end - events.time
        fraction = np.where(np.isnan(events.time), 0.0, events.time - np.floor(events.time))
        days = first_days(part, 0).days.astype(np.float64)
        return [
            count,
            days,
            span,
            count / np.maximum(span, 1.0),
            np.bincount(events.patient, np.nan_to_num(lasting), minlength=n).astype(np.float64),
            last,
            np.bincount(events.patient, fraction, minlength=n) / np.maximum(count, 1.0),
        ]

    def _begun(self, part: TimelinesPart, place: Rows) -> list[Floats]:
        begun = first_days(part, STEPS + 1)
        codes = np.full((len(part.keys), STEPS), np.nan)
        rest = min(len(self.codes), FIRST)
        for step in range(STEPS):
            there = begun.event[:, step] >= 0
            told = place[begun.event[there, step]]
            codes[there, step] = np.where((told >= 0) & (told < rest), told, rest)
        gaps = np.diff(begun.day, axis=1)
        seen = [begun.day[:, 0]]
        for step in range(STEPS):
            seen += [codes[:, step], gaps[:, step]]
        return seen

    @staticmethod
    def _at(codes: Sequence[Code]) -> range:
        return range(len(codes))


def _static(part: TimelinesPart) -> list[Static]:
    import polars as pl

    found = []
    for name in [*_PEOPLE, *(name for name in part.people.columns if name not in _PEOPLE)][:STATIC]:
        if name not in part.people.columns:
            continue
        column = part.people[name]
        if column.dtype.is_numeric():
            found.append(Static(name, None))
            continue
        counted = column.cast(pl.String, strict=False).drop_nulls().value_counts(sort=True)
        found.append(Static(name, tuple(sorted(counted[column.name].to_list()[:LEVELS]))))
    return found


def _places(codes: Sequence[Code], known: Sequence[Code]) -> Rows:
    """Return the place of each code of a part among those looked at, or -1."""
    at = {code: place for place, code in enumerate(known)}
    return np.array([at.get(code, -1) for code in codes], dtype=np.int64)


def _hashed(text: str, buckets: int) -> int:
    return zlib.crc32(text.encode()) % buckets


def _extreme(patient: Whole, time: Floats, n: int, which: np.ufunc) -> Floats:
    """Return the first or the last time of each patient, NaN without any."""
    known = ~np.isnan(time)
    far = np.inf if which is np.minimum else -np.inf
    found = np.full(n, far)
    which.at(found, patient[known], time[known])
    return np.where(np.isinf(found), np.nan, found)


def _by_code(patient: Whole, place: Whole, since: Floats, n: int, codes: int) -> Floats:
    """Return how often each code stands, when first and when last, shape (n, 3 codes)."""
    known = place >= 0
    cell = patient[known].astype(np.int64) * codes + place[known]
    times = since[known]
    count = np.bincount(cell, minlength=n * codes).astype(np.float64)
    first, last = (_extreme(cell, times, n * codes, which) for which in (np.minimum, np.maximum))
    return np.hstack([each.reshape(n, codes) for each in (count, first, last)])


def _values(patient: Whole, place: Whole, value: Floats, n: int, codes: int) -> Floats:
    """Return the mean, the lowest, the highest and the last value of each measurement, shape (n, 4 codes)."""
    known = (place >= 0) & ~np.isnan(value)
    cell, numbers = patient[known].astype(np.int64) * codes + place[known], value[known]
    count = np.bincount(cell, minlength=n * codes)
    total = np.bincount(cell, numbers, minlength=n * codes)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    low, high = (_extreme(cell, numbers, n * codes, which) for which in (np.minimum, np.maximum))
    last = np.full(n * codes, np.nan)
    last[cell] = numbers
    return np.hstack([each.reshape(n, codes) for each in (mean, low, high, last)])


def _counts(patient: Whole, bucket: Whole, n: int, buckets: int) -> Floats:
    cell = patient.astype(np.int64) * buckets + bucket
    return np.bincount(cell, minlength=n * buckets).astype(np.float64).reshape(n, buckets)
