"""From the tables of the model to the event table, and what writing them again needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.checks import Fault, Problem
from sosie.timelines.events import Clock, Code, Group, TimelinesPart
from sosie.timelines.form import Form
from sosie.timelines.source.gathering import Batch, gather
from sosie.timelines.source.omop import cells, specification
from sosie.timelines.source.omop.base import Base
from sosie.timelines.source.omop.layout import DEATH, DEATH_CODE, EVENTS, OMOP, SOURCE, UNMAPPED, EventTable
from sosie.timelines.source.omop.people import People, days, most, people
from sosie.timelines.source.omop.wording import Concepts
from sosie.timelines.telling import LOINC

UNKNOWN = "{file}: {count} concepts are not in CONCEPT; they are kept as numbers"


def read(base: Base, manifest: Manifest) -> TimelinesPart:
    """Read every person, visit and event.

    Raises
    ------
    UnreadableError
        When PERSON is missing, or a cell that is needed is missing or of another type.
    """
    if "person" not in base.tables:
        raise UnreadableError(base.name, "an OMOP source without its PERSON table; expected a file or table named so")
    version = version_of(base)
    concepts = Concepts.of(base, version)
    known = people(base, version, concepts, manifest.k)
    reading = _Reading(base, version, known, concepts, manifest.k)
    batches = [reading.events(table) for table in EVENTS if table.name in base.tables]
    batches += [] if known.deaths is None else [reading.deaths(known.deaths)]
    details = {
        **reading.details,
        "version": version,
        "columns": {name: stored.columns for name, stored in base.tables.items()},
        "base": base,
        "people": known.words,
        "birth": known.precision,
        "births": known.moments,
        "source": _source(base, version),
        "period": known.period,
        LOINC: concepts.loinc(),
    }
    form = Form("omop", base.name, details)
    return gather(batches, Clock.CALENDAR, form, manifest, known.frame, reading.notices)


def version_of(base: Base) -> str:
    """Return the version of the model that a source follows."""
    said = ""
    if "cdm_source" in base.tables:
        rows = base.tables["cdm_source"].read(("cdm_version",))
        said = str(rows["cdm_version"][0] or "") if rows.width and len(rows) else ""
    columns = {name: frozenset(each.lower() for each in stored.columns) for name, stored in base.tables.items()}
    return specification.version_of(columns, said)


def _source(base: Base, version: str) -> Mapping[str, Any]:
    """Return what the source says of itself: of the institution and its vocabulary, of no patient."""
    if "cdm_source" not in base.tables:
        return {}
    wanted = tuple(specification.tables(version)["cdm_source"])
    rows = cells.table(base, "cdm_source", version, wanted)
    return rows.row(0, named=True) if len(rows) else {}


@dataclass
class _Reading:
    """What reading the tables of a source gathers on the way."""

    base: Base
    version: str
    known: People
    concepts: Concepts
    k: int
    details: dict[str, Any] = field(
        default_factory=lambda: {"types": {}, "moments": [], "units": {}, "values": {}, "names": {}}
    )
    notices: list[str] = field(default_factory=list)
    visits: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Int64))

    def events(self, table: EventTable) -> Batch:
        """Read one table of events."""
        rows = _columns(self.base, self.version, table).with_row_index("row", offset=2)
        file = self.base.tables[table.name].file
        mine = rows["person_id"].is_in(self.known.numbers.implode())
        faults = []
        if not mine.all():
            row = int(rows["row"][int((~mine).arg_max() or 0)])
            faults.append(Fault(Problem.NO_PATIENT, file, "person_id", row, int((~mine).sum())))
            rows = rows.filter(mine)
        unknown = self.concepts.unknown(rows[table.concept])
        if unknown:
            self.notices.append(UNKNOWN.format(file=file, count=unknown))
        self.details["types"][table.name] = most(rows, table.kind, "person_id", self.k)
        if rows[f"{table.start}_datetime"].null_count() < len(rows):
            self.details["moments"].append(table.name)
        self.details["names"] |= dict(self.concepts.words(rows[table.concept]).words.iter_rows())
        if table.group is Group.VISIT:
            self.visits = rows["visit_occurrence_id"]
        code, vocabulary = _codes(rows, table, self.concepts)
        value, text, unit = _results(rows, table, self.concepts, self.details)
        frame = rows.select(
            row=pl.col("row").cast(pl.Int64),
            key=pl.col("person_id").cast(pl.String),
            time=days(rows, table.start),
            end=days(rows, table.end) if table.end else pl.lit(None, pl.Float64),
            value=value,
            text=text,
            # A visit that VISIT_OCCURRENCE lacks cannot be written again.
            visit=pl.when(pl.col("visit_occurrence_id").is_in(self.visits.implode())).then("visit_occurrence_id"),
            _code=code,
            _vocabulary=vocabulary,
            _unit=unit,
        )
        # Visits that begin together are numbered as they come in: in the order in which they are written again.
        frame = frame.sort("time", maintain_order=True) if table.group is Group.VISIT else frame
        columns = {"patient": "person_id", "time": f"{table.start}_date"}
        columns |= {"end": f"{table.end}_date"} if table.end else {}
        columns |= {"value": "value_as_number", "unit": "unit_concept_id"} if table.words else {}
        return _batch(file, table.group, frame, columns, faults)

    def deaths(self, rows: pl.DataFrame) -> Batch:
        """Return the deaths, each with its cause where it is told."""
        if rows["death_datetime"].null_count() < len(rows):
            self.details["moments"].append(DEATH.name)
        told = pl.col(DEATH.concept).fill_null(0) != 0
        frame = rows.select(
            row=pl.col("row").cast(pl.Int64),
            key=pl.col("person_id").cast(pl.String),
            time=days(rows, DEATH.start),
            _code=pl.when(told).then(pl.col(DEATH.concept).cast(pl.String)).otherwise(pl.lit(DEATH_CODE)),
            _vocabulary=pl.when(told).then(pl.lit(OMOP)).otherwise(pl.lit("")),
            _unit=pl.lit(""),
        )
        columns = {"patient": "person_id", "time": f"{DEATH.start}_date"}
        return _batch(self.base.tables[DEATH.name].file, Group.DEATH, frame, columns, [])


def _batch(file: str, group: Group, frame: pl.DataFrame, columns: Mapping[str, str], faults: Sequence[Fault]) -> Batch:
    told = ["_code", "_vocabulary", "_unit"]
    codes = frame.select(told).unique(maintain_order=True).with_row_index("code")
    rows = frame.join(codes, on=told, how="left", maintain_order="left").drop(told)
    named = [Code(group, code, vocabulary, unit) for _, code, vocabulary, unit in codes.iter_rows()]
    return Batch(file, named, rows, columns, faults)


def _columns(base: Base, version: str, table: EventTable) -> pl.DataFrame:
    needed = ["person_id", table.concept, f"{table.start}_date"]
    # A visit, or a part of one, is nothing without its name.
    needed += ["visit_occurrence_id"] if table.group in (Group.VISIT, Group.OTHER) else []
    wanted = [*needed, f"{table.start}_datetime", table.kind, table.source_value, table.source_concept]
    wanted += [f"{table.end}_date", f"{table.end}_datetime"] if table.end else []
    wanted += [] if "visit_occurrence_id" in needed else ["visit_occurrence_id"]
    if table.words:
        wanted += ["value_as_number", "value_as_concept_id", "unit_concept_id", "unit_source_value", table.words]
    return cells.table(base, table.name, version, tuple(wanted), tuple(needed))


def _codes(rows: pl.DataFrame, table: EventTable, concepts: Concepts) -> tuple[pl.Series, pl.Series]:
    """Return the code of each row and its vocabulary: the standard concept, else what the source says."""
    standard = pl.col(table.concept) != 0
    verbatim = pl.col(table.source_value).is_not_null() & pl.lit(table.verbatim)
    of_source = pl.col(table.source_concept).fill_null(0) != 0
    known = concepts.vocabulary(rows[table.source_concept]).alias("_vocabulary")
    found = rows.with_columns(known).select(
        code=pl.when(standard)
        .then(pl.col(table.concept).cast(pl.String))
        .when(verbatim)
        .then(table.source_value)
        .when(of_source)
        .then(pl.col(table.source_concept).cast(pl.String))
        .otherwise(pl.lit(UNMAPPED)),
        vocabulary=pl.when(standard)
        .then(pl.lit(OMOP))
        .when(verbatim)
        .then("_vocabulary")
        .when(of_source)
        .then(pl.lit(SOURCE))
        .otherwise(pl.lit(OMOP)),
    )
    return found["code"], found["vocabulary"]


def _results(
    rows: pl.DataFrame, table: EventTable, concepts: Concepts, details: dict[str, Any]
) -> tuple[pl.Series | pl.Expr, pl.Series | pl.Expr, pl.Series | pl.Expr]:
    """Return the number, the words and the unit of each row."""
    if not table.words:
        return pl.lit(None, pl.Float64), pl.lit(None, pl.String), pl.lit("")
    units = concepts.words(rows["unit_concept_id"], by="concept_code")
    values = concepts.words(rows["value_as_concept_id"])
    details["units"] |= units.numbers
    details["values"] |= values.numbers
    # A verbatim value beside a number is that number once more; a number that was left in words is one all the same.
    left = rows[table.words].cast(pl.Float64, strict=False)
    left = left.set(left.is_nan() | left.is_infinite() | (rows["value_as_concept_id"].fill_null(0) != 0), None)
    number = rows["value_as_number"].fill_null(left)
    words = rows[table.words].set(number.is_not_null(), None)
    text = values.of(rows["value_as_concept_id"], words)
    return number, text, units.of(rows["unit_concept_id"], rows["unit_source_value"]).fill_null("")
