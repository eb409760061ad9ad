"""Whether tables follow the model: fields, types, keys, references, and times that can be.

What OHDSI's DataQualityDashboard checks of any source, without its thresholds of completeness, and with its tolerance:
records up to 60 days after a death. A fault tells a check, a table, a field and how many rows; never a value. A concept
that CONCEPT lacks is told apart (`Fault.tolerated`): a source that brings a part of the vocabularies has such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sosie.errors import UnreadableError
from sosie.timelines.source.omop import cells, eras, specification
from sosie.timelines.source.omop.base import Base, open_
from sosie.timelines.source.omop.ingredients import ingredients
from sosie.timelines.source.omop.layout import DEATH, EVENTS
from sosie.timelines.source.omop.read import version_of

AFTER_DEATH = 60
"""Days that the DataQualityDashboard grants (plausibleBeforeDeath)."""
CONCEPT = "concept"
MANDATORY = ("person", "observation_period")


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold.

    Parameters
    ----------
    check : str
        ``table``, ``field``, ``type``, ``required``, ``primary key``, ``foreign key``, ``concept``, ``end``,
        ``period``, ``death``, ``birth`` or ``era``.
    table, field : str
    rows, of : int
        Rows at fault, and rows looked at.
    """

    check: str
    table: str
    field: str
    rows: int
    of: int

    @property
    def tolerated(self) -> bool:
        """Whether a source that follows the model may have it all the same."""
        return self.check == CONCEPT

    def __str__(self) -> str:
        return f"{self.table}.{self.field}: {self.check} ({self.rows} of {self.of} rows)"


def check(place: Path | str) -> tuple[Fault, ...]:
    """Return everything that does not hold in an OMOP source.

    Raises
    ------
    UnreadableError
        When it holds no tables of the model.
    """
    base = open_(place)
    if base is None:
        raise UnreadableError(Path(str(place)).name, "no tables of the OMOP common data model")
    version = version_of(base)
    model = specification.tables(version)
    frames: dict[str, pl.DataFrame] = {}
    faults = [Fault("table", name, "", 0, 0) for name in MANDATORY if name not in base.tables]
    for name in sorted(set(base.tables) & set(model) - (specification.VOCABULARY - {"concept"})):
        frames[name], found = _typed(base, name, version)
        faults += found
    for name, frame in frames.items():
        faults += _keys(name, frame, frames, version)
    faults += _times(frames)
    faults += _eras(base, version, frames)
    return tuple(faults)


def accepts(place: Path | str) -> bool:
    """Tell whether a source follows the model."""
    return all(fault.tolerated for fault in check(place))


def _typed(base: Base, name: str, version: str) -> tuple[pl.DataFrame, list[Fault]]:
    """Return a table in the types of the model, and what is not of them, or missing."""
    raw = base.tables[name].read(tuple(column.lower() for column in base.tables[name].columns))
    faults, columns = [], []
    for field in specification.tables(version)[name].values():
        if field.name not in raw.columns:
            faults.append(Fault("field", name, field.name, 0, len(raw)))
            continue
        column = cells.typed(raw[field.name], field.type)
        bad = column.null_count() - raw[field.name].null_count()
        faults += [Fault("type", name, field.name, bad, len(raw))] if bad else []
        # A file of text cannot tell an empty word from none.
        empty = raw[field.name].null_count() if field.required and not field.type.startswith("varchar") else 0
        faults += [Fault("required", name, field.name, empty, len(raw))] if empty else []
        columns.append(column.alias(field.name))
    return pl.DataFrame(columns), faults


def _keys(name: str, frame: pl.DataFrame, frames: Mapping[str, pl.DataFrame], version: str) -> Iterator[Fault]:
    for field in specification.tables(version)[name].values():
        if field.name not in frame.columns:
            continue
        column = frame[field.name].drop_nulls()
        if field.primary and column.n_unique() < len(column):
            yield Fault("primary key", name, field.name, len(column) - column.n_unique(), len(column))
        if not field.refers or field.refers not in frames or name == "concept":
            continue
        key = "concept_id" if field.refers == "concept" else specification.key(field.refers, version)
        known = frames[field.refers]
        if key is None or key not in known.columns or (field.refers == "concept" and not len(known)):
            continue
        concept = field.refers == "concept"
        strays = ~column.is_in(known[key].implode()) & (column != 0 if concept else True)
        if strays.any():
            yield Fault(CONCEPT if concept else "foreign key", name, field.name, int(strays.sum()), len(column))


def _times(frames: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Tell ends before starts, and events outside of the periods of observation, after a death, before a birth."""
    for table in (*EVENTS, DEATH):
        frame = frames.get(table.name)
        start, end = f"{table.start}_date", f"{table.end}_date"
        if frame is None or not len(frame) or not {"person_id", start} <= set(frame.columns):
            continue
        if table.end and end in frame.columns:
            yield from _told("end", table.name, end, frame, pl.col(end) < pl.col(start))
        if _has(frames, "observation_period", "observation_period_end_date"):
            periods = frames["observation_period"].select(
                "person_id", first="observation_period_start_date", last="observation_period_end_date"
            )
            inside = frame.with_row_index("_row").join(periods, on="person_id")
            seen = inside.filter(pl.col(start).is_between("first", "last"))["_row"].n_unique()
            if seen < len(frame):
                yield Fault("period", table.name, start, len(frame) - seen, len(frame))
        if _has(frames, "death", "death_date") and table.name != "death":
            dead = frame.join(frames["death"].select("person_id", died="death_date"), on="person_id")
            late = pl.col(start) > pl.col("died").dt.offset_by(f"{AFTER_DEATH}d")
            yield from _told("death", table.name, start, dead, late)
        if _has(frames, "person", "year_of_birth"):
            born = frame.join(frames["person"].select("person_id", "year_of_birth"), on="person_id")
            yield from _told("birth", table.name, start, born, pl.col(start).dt.year() < pl.col("year_of_birth"))


def _has(frames: Mapping[str, pl.DataFrame], table: str, field: str) -> bool:
    return table in frames and field in frames[table].columns and len(frames[table]) > 0


def _told(check_: str, table: str, field: str, frame: pl.DataFrame, wrong: pl.Expr) -> Iterator[Fault]:
    count = len(frame.filter(wrong))
    if count:
        yield Fault(check_, table, field, count, len(frame))


def _eras(base: Base, version: str, frames: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Tell eras that do not follow from the records, in sources that say that they were derived by our rules."""
    if not len(frames.get("cdm_source", ())) or not _ours(frames["cdm_source"]):
        return
    made = {}
    if "condition_occurrence" in frames:
        made["condition_era"] = eras.conditions(frames["condition_occurrence"])
    if "drug_exposure" in frames:
        made["drug_era"] = eras.drugs(frames["drug_exposure"], ingredients(base, version))
    for name, expected in made.items():
        given = frames.get(name, expected.clear()).select(expected.columns)
        cast = expected.cast(given.schema)
        rows = [column for column in expected.columns if column != f"{name}_id"]
        wrong = len(given.select(rows).join(cast.select(rows), on=rows, how="anti")) + abs(len(given) - len(expected))
        if wrong:
            yield Fault("era", name, f"{name}_id", wrong, len(given))


def _ours(source: pl.DataFrame) -> bool:
    from sosie.timelines.source.omop.write import ABBREVIATION

    return "cdm_source_abbreviation" in source.columns and source["cdm_source_abbreviation"][0] == ABBREVIATION
