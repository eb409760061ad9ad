"""Timelines as a modality: the rooms of this folder behind the one protocol, for doubles' timelines.

A pseudonymised copy is made as events are read (`copy`); doubles need the events of the whole cohort, which are held.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Finding, Vectors
from sosie.errors import ManifestError
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.timelines import source
from sosie.timelines.events import NONE, Code, TimelinesPart

if TYPE_CHECKING:
    import polars as pl

    from sosie.timelines.codec import TimelinesCodec

LATER = "timelines are pseudonymised as they are read: see `sosie deidentify`"
CLOCKS = (
    "times are told by dates in one source and by numbers of days in the other: {name} and {like} cannot be compared"
)


class Timelines:
    """What happened to patients, and when."""

    name = "timelines"

    def recognises(self, place: Path | str, without: Collection[Path] = ()) -> bool:
        """Tell whether a file, a folder or an address holds timelines."""
        return source.recognises(place, Manifest())

    def read(self, place: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> TimelinesPart:
        """Read the timelines of a source."""
        return source.read(place, manifest)

    def identify(self, part: TimelinesPart, manifest: Manifest) -> tuple[Finding, ...]:
        """Find what identifies people."""
        from sosie.timelines import identify

        return identify.findings(part, manifest)

    def assign(self, part: TimelinesPart, findings: Sequence[Finding], manifest: Manifest) -> TimelinesPart:
        """Return the part, whose columns have the roles that its form gives them."""
        return part

    def redact(self, part: TimelinesPart, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> TimelinesPart:
        """Refuse: copies are streamed."""
        raise ManifestError(LATER)

    def fit_codec(self, part: TimelinesPart, manifest: Manifest, rng: np.random.Generator) -> TimelinesCodec:
        """Learn what timelines share; how many patients each thing needs is drawn, at k or above."""
        from sosie.timelines.codec import TimelinesCodec

        return TimelinesCodec.fit(part, manifest, rng)

    def observe(self, part: TimelinesPart, manifest: Manifest) -> Callable[[TimelinesPart], Vectors]:
        """Return the attacker's uncensored view."""
        from sosie.timelines import observe

        return observe.view(part, manifest)

    def conform(self, part: TimelinesPart, like: TimelinesPart) -> TimelinesPart:
        """Return a part whose codes, words and columns of people are those of another, and what is its own after them.

        Raises
        ------
        ManifestError
            When one counts days from a date of the calendar and the other from each patient's own.
        """
        if part.clock is not like.clock:
            raise ManifestError(CLOCKS.format(name=part.form.name, like=like.form.name))
        codes = tuple(dict.fromkeys((*like.codes, *part.codes)))
        texts = tuple(dict.fromkeys((*like.texts, *part.texts)))
        moved = _moved(part.codes, codes)[part.events.code]
        words = np.append(_moved(part.texts, texts), NONE)
        spoken = np.where(part.events.text == NONE, NONE, words[part.events.text]).astype(np.int32)
        return replace(
            part,
            people=_people(part.people, like.people),
            events=replace(part.events, code=moved, text=spoken),
            codes=codes,
            texts=texts,
        )

    def shared(self, part: TimelinesPart, other: TimelinesPart) -> TimelinesPart:
        """Return a part without the columns of people that another lacks."""
        return replace(part, people=part.people.select(c for c in part.people.columns if c in other.people.columns))

    def describe(self, part: TimelinesPart, manifest: Manifest) -> Mapping[str, object]:
        """Tell how few events single out a patient, and what the reading met."""
        from sosie.timelines import identify

        return {
            "rules": {"en": [], "fr": []},
            "uniqueness": identify.uniqueness(part, manifest),
            "notices": list(part.notices),
        }

    def compare(
        self, original: TimelinesPart, doubles: TimelinesPart, manifest: Manifest, rng: np.random.Generator
    ) -> Mapping[str, object]:
        """Measure what the doubles' timelines keep."""
        from sosie.timelines.compare import compare

        return compare(original, doubles, manifest, rng)

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write the timelines in the format in which they came."""
        source.write(part, directory)


def _moved(given: Sequence[Code] | Sequence[str], wanted: Sequence[Code] | Sequence[str]) -> np.ndarray:
    place = {each: at for at, each in enumerate(wanted)}
    return np.array([place[each] for each in given], dtype=np.int32)


def _people(people: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """Return people with the columns and types of others; a column that is missing is null."""
    import polars as pl

    return people.select(
        pl.col(name).cast(kind, strict=False) if name in people.columns else pl.lit(None, kind).alias(name)
        for name, kind in like.schema.items()
    )
