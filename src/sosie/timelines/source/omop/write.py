"""From the event table to the tables of the model: new keys, derived eras and periods, nothing of providers or places.

What the event table does not carry (routes, quantities, ranges, sites, notes ...) is left empty; a table that held
nothing else keeps its header alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sosie.timelines.events import NONE, Group, TimelinesPart
from sosie.timelines.source.omop import cells, eras, specification
from sosie.timelines.source.omop.layout import DEATH, EHR, EVENTS, OMOP, SOURCE, EventTable
from sosie.timelines.source.omop.persons import observation_periods, persons

ALWAYS = ("person", "observation_period", "cdm_source")
NAME, ABBREVIATION = "Sosie doubles", "SOSIE"
SAID = "Doubles made by Sosie: no row is of a real person. Keys, dates and events were drawn from a model."
UNTOLD = pl.date(1970, 1, 1)
_CDM_VERSION = {"5.3": 756264, "5.4": 756265}
"""Concepts of the versions of the model."""


def frames(part: TimelinesPart, ingredients: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return every table that is written, but vocabularies, in the columns and types of the model.

    Parameters
    ----------
    part : TimelinesPart
        Read from an OMOP source, or doubles of such.
    ingredients : polars.DataFrame
        As `eras.drugs` takes them.
    """
    details = part.form.details
    rows = _rows(part)
    visits = _visits(rows)
    made = {"person": persons(part, rows), "observation_period": observation_periods(part, rows)}
    for table in EVENTS:
        mine = rows.filter(pl.col("group") == str(table.group))
        if len(mine) or table.name in details["columns"]:
            made[table.name] = _table(table, mine, visits, details)
    made["death"] = _deaths(part, rows)
    if "condition_occurrence" in made:
        made["condition_era"] = eras.conditions(made["condition_occurrence"])
    if "drug_exposure" in made:
        made["drug_era"] = eras.drugs(made["drug_exposure"], ingredients)
    made["cdm_source"] = _source(details)
    wanted = {*details["columns"], *ALWAYS, *(name for name, frame in made.items() if len(frame))}
    kept = sorted(wanted - specification.VOCABULARY)
    return {name: completed(made.get(name, pl.DataFrame()), name, details["version"]) for name in kept}


def completed(frame: pl.DataFrame, table: str, version: str) -> pl.DataFrame:
    """Return a table with all columns of the model, in its types; what it requires and lacks is concept 0."""
    fields = specification.tables(version).get(table, specification.tables("5.4").get(table, {}))
    columns = []
    for field in fields.values():
        given = pl.col(field.name) if field.name in frame.columns else pl.lit(None)
        cell = given.cast(cells.type_of(field.type))
        concept = field.required and field.refers == "concept"
        columns.append((cell.fill_null(0) if concept else cell).alias(field.name))
    if not frame.width:
        return pl.DataFrame(schema={field.name: cells.type_of(field.type) for field in fields.values()})
    return frame.select(columns)


def _rows(part: TimelinesPart) -> pl.DataFrame:
    """Return the dated events of those who are present, with what their codes and words are."""
    events, details = part.events, part.form.details
    codes = pl.DataFrame(
        {
            "code": np.arange(len(part.codes), dtype=np.int32),
            "group": [str(code.group) for code in part.codes],
            "what": [code.code for code in part.codes],
            "vocabulary": [code.vocabulary for code in part.codes],
            "unit": [code.unit for code in part.codes],
        },
        schema_overrides={name: pl.String() for name in ("group", "what", "vocabulary", "unit")},
    )
    texts = pl.Series([*part.texts, None], dtype=pl.String)
    shown = part.present[events.patient] & ~np.isnan(events.time)
    rows = pl.DataFrame(
        {
            "patient": events.patient,
            "time": events.time,
            "end": pl.Series(events.end).fill_nan(None),
            "code": events.code,
            "value": pl.Series(events.value).fill_nan(None),
            "word": texts.gather(np.where(events.text == NONE, len(part.texts), events.text)),
            "visit": events.visit,
        }
    ).filter(shown)
    rows = rows.join(codes, on="code", how="left", maintain_order="left")
    numbers: Mapping[str, int] = details["values"]
    return rows.with_columns(
        person_id=pl.col("patient").cast(pl.Int64) + 1,
        concept_of_word=pl.col("word").replace_strict(dict(numbers), default=None, return_dtype=pl.Int64),
    )


def _visits(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the key of each visit of each patient."""
    visits = rows.filter(pl.col("group") == Group.VISIT).select("patient", "visit")
    keyed = visits.with_columns(visit_occurrence_id=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    return keyed.unique(["patient", "visit"], keep="first", maintain_order=True)


def _table(table: EventTable, rows: pl.DataFrame, visits: pl.DataFrame, details: Mapping[str, Any]) -> pl.DataFrame:
    fields = specification.tables(details["version"])[table.name]
    key = next(name for name, field in fields.items() if field.primary)
    timed = table.name in details["moments"]
    told: dict[str, pl.Expr] = {"person_id": pl.col("person_id"), **when(table.start, "time", timed)}
    if f"{table.end}_date" in fields:
        told |= when(table.end, "end", timed)
        if fields[f"{table.end}_date"].required:
            told |= _ended(told, table)
    told |= _coded(table)
    told[table.kind] = pl.lit(details["types"].get(table.name, EHR))
    if table.words:
        told |= _result(table, details)
    if table.group is not Group.VISIT:
        rows = rows.join(visits, on=["patient", "visit"], how="left", maintain_order="left")
        told["visit_occurrence_id"] = pl.col("visit_occurrence_id")
    if table.group is Group.OTHER:
        rows = rows.drop_nulls("visit_occurrence_id")
    rows = rows.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(key))
    told[key] = pl.col(key)
    if table.group is Group.VISIT:
        told["preceding_visit_occurrence_id"] = pl.col(key).shift(1).over("patient")
    return rows.select(**told)


def when(stem: str, days: str, timed: bool) -> dict[str, pl.Expr]:
    """Return the date, and the moment where the source tells it, out of days since 1970."""
    # A thousandth of a second is what days as numbers keep of a moment for sure.
    moment = (pl.col(days) * 86_400_000).round().cast(pl.Int64).cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
    told = {f"{stem}_date": moment.dt.date()}
    return told | ({f"{stem}_datetime": moment} if timed else {})


def _ended(told: Mapping[str, pl.Expr], table: EventTable) -> dict[str, pl.Expr]:
    """Return ends that the model requires: what has none ends as it starts."""
    kinds = [kind for kind in ("date", "datetime") if f"{table.end}_{kind}" in told]
    return {
        f"{table.end}_{kind}": told[f"{table.end}_{kind}"].fill_null(told[f"{table.start}_{kind}"]) for kind in kinds
    }


def _coded(table: EventTable) -> dict[str, pl.Expr]:
    number = pl.col("what").cast(pl.Int64, strict=False)
    standard = pl.col("vocabulary") == OMOP
    of_source = pl.col("vocabulary") == SOURCE
    cells = {
        table.concept: pl.when(standard).then(number).fill_null(0),
        table.source_concept: pl.when(of_source).then(number),
    }
    return cells | {table.source_value: pl.when(~standard & ~of_source).then("what")} if table.verbatim else cells


def _result(table: EventTable, details: Mapping[str, Any]) -> dict[str, pl.Expr]:
    unit = pl.col("unit").replace_strict(dict(details["units"]), default=None, return_dtype=pl.Int64)
    return {
        "value_as_number": pl.col("value"),
        "value_as_concept_id": pl.col("concept_of_word"),
        table.words: pl.when(pl.col("concept_of_word").is_null()).then("word"),
        "unit_concept_id": unit,
        "unit_source_value": pl.when(unit.is_null() & (pl.col("unit") != "")).then("unit"),
    }


def _deaths(part: TimelinesPart, rows: pl.DataFrame) -> pl.DataFrame:
    """Return DEATH: each first death, and those of whom no more is told than that they died when last seen."""
    timed = DEATH.name in part.form.details["moments"]
    died = rows.filter(pl.col("group") == Group.DEATH).unique("patient", keep="first", maintain_order=True)
    last = rows.group_by("patient").agg(pl.col("time").max().alias("last"))
    index = pl.int_range(len(part.keys), eager=True, dtype=pl.Int32)
    told = pl.DataFrame({"patient": index, "dead": part.people["dead"], "stop": part.people["stop"]})
    told = told.filter(pl.Series(part.present) & pl.col("dead").fill_null(False)).join(died, on="patient", how="anti")
    told = told.join(last, on="patient", how="left").select(
        person_id=pl.col("patient").cast(pl.Int64) + 1,
        time=pl.max_horizontal(pl.col("stop").fill_nan(None), "last"),
        what=pl.lit(None, dtype=pl.String),
        vocabulary=pl.lit(""),
    )
    dead = pl.concat([died.select(told.columns), told.drop_nulls("time")]).sort("person_id")
    cause = pl.when(pl.col("vocabulary") == OMOP).then(pl.col("what").cast(pl.Int64, strict=False))
    cells = {
        "person_id": pl.col("person_id"),
        **when(DEATH.start, "time", timed),
        "cause_concept_id": cause.fill_null(0),
    }
    return dead.select(death_type_concept_id=pl.lit(EHR), **cells)


def _source(details: Mapping[str, Any]) -> pl.DataFrame:
    said, version = dict(details["source"]), details["version"]
    kept = ("cdm_holder", "vocabulary_version", "source_release_date", "cdm_release_date", "cdm_version")
    row = {name: said.get(name) for name in kept}
    row |= {"cdm_source_name": NAME, "cdm_source_abbreviation": ABBREVIATION, "source_description": SAID}
    row |= {"cdm_version": row["cdm_version"] or version, "cdm_version_concept_id": _CDM_VERSION[version]}
    row |= {name: row[name] or "" for name in ("cdm_holder", "vocabulary_version")}
    dates = {name: pl.col(name).cast(pl.Date).fill_null(UNTOLD) for name in ("source_release_date", "cdm_release_date")}
    return pl.DataFrame([row], infer_schema_length=1).with_columns(**dates)
