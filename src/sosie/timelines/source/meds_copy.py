"""The files of MEDS, for a copy: births stand in rows of their own, and are told apart from other times."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sosie.cohort import Role
from sosie.timelines.source.parquet import Parquet
from sosie.timelines.source.reader import Action, Take, Treatment
from sosie.timelines.source.treatments import words_of

BIRTH, BORN = "MEDS_BIRTH", "time of MEDS_BIRTH"


@dataclass(frozen=True)
class MedsSheet:
    """A shard, or a table of the metadata.

    Parameters
    ----------
    raw : Parquet
    treatments : mapping of str to Treatment
    """

    raw: Parquet
    treatments: Mapping[str, Treatment]

    @classmethod
    def of(cls, raw: Parquet, k: int) -> MedsSheet:
        """Look at the columns of a file, and at its words."""
        found: dict[str, Treatment] = {}
        if "subject_id" in raw.names:
            found["subject_id"] = Treatment(Action.PSEUDONYM, "PATIENT_KEY", Role.KEY, digits=True)
        if "subject_id" in raw.names and "time" in raw.names:
            found["time"] = Treatment(Action.SHIFT, "DATE", Role.DATE)
            found[BORN] = Treatment(Action.SHIFT, "BIRTH_DATE", Role.DATE)
        if "text_value" in raw.names:
            found |= words_of(raw.head(), "text_value", k)
        return cls(raw, found)

    @property
    def name(self) -> str:
        """Path relative to the source."""
        return self.raw.name

    @property
    def patient(self) -> str | None:
        """Column of the patient's key."""
        return "subject_id" if "subject_id" in self.treatments else None

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield the rows; the times of births stand in a column of their own."""
        for window in self.raw.windows():
            if BORN not in self.treatments:
                yield window
                continue
            birth = pl.col("code").cast(pl.String) == BIRTH
            yield window.with_columns(
                pl.when(birth).then(None).otherwise(pl.col("time")).alias("time"),
                pl.when(birth).then(pl.col("time")).otherwise(None).alias(BORN),
            )

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Open the copy of the file."""
        with self.raw.writing(target) as take:

            def put(frame: pl.DataFrame) -> None:
                if BORN in frame.columns:
                    lost = (pl.col("code").cast(pl.String) == BIRTH) & pl.col(BORN).is_null()
                    frame = frame.filter(~lost.fill_null(False))
                    frame = frame.with_columns(pl.coalesce("time", BORN).alias("time")).drop(BORN)
                take(frame)

            yield put


@dataclass(frozen=True)
class Verbatim:
    """A file that tells of no patient."""

    path: Path
    name: str
    patient: str | None = None
    treatments: Mapping[str, Treatment] = field(default_factory=dict)

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield nothing."""
        yield from ()

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Copy the file."""
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.path, target)
        yield lambda frame: None
