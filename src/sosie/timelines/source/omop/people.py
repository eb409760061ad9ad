"""PERSON, OBSERVATION_PERIOD and DEATH: who the patients are, between which days they are seen, and who died."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from sosie.errors import UnreadableError
from sosie.timelines.source.omop import cells
from sosie.timelines.source.omop.base import Base
from sosie.timelines.source.omop.layout import EHR, PEOPLE, SEXES
from sosie.timelines.source.omop.wording import Concepts

DAY_US = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True)
class People:
    """The persons of a source.

    Parameters
    ----------
    numbers : polars.Series
        ``person_id``, a row a patient.
    frame : polars.DataFrame
        ``key``, then as `TimelinesPart.people` has it.
    deaths : polars.DataFrame, optional
        DEATH, with the ``row`` of each; None where the source has no such table.
    words : mapping of str to mapping of str to int
        The concept of each word of a column of ``frame``.
    precision : str
        ``year``, ``month``, ``day`` or ``moment``: how far births are told.
    moments : bool
        Whether births are told as moments too.
    period : int
        Type concept of most periods of observation.
    """

    numbers: pl.Series
    frame: pl.DataFrame
    deaths: pl.DataFrame | None
    words: Mapping[str, Mapping[str, int]]
    precision: str
    moments: bool
    period: int


def people(base: Base, version: str, concepts: Concepts, k: int) -> People:
    """Read the persons.

    Raises
    ------
    UnreadableError
        When two rows are of the same person, or a cell that is needed is missing.
    """
    needed = ("person_id", "gender_concept_id", "year_of_birth")
    wanted = [*needed, "month_of_birth", "day_of_birth", "birth_datetime"]
    wanted += [f"{name}_{end}" for name in PEOPLE for end in ("concept_id", "source_value")]
    rows = cells.table(base, "person", version, tuple(wanted), needed)
    file = base.tables["person"].file
    if not len(rows):
        raise UnreadableError(file, "the PERSON table holds nobody")
    repeated = (~rows["person_id"].is_first_distinct()).arg_max()
    if rows["person_id"].n_unique() < len(rows) and repeated is not None:
        raise UnreadableError(
            file, "a person stands twice; expected one row each", column="person_id", row=repeated + 2
        )
    words: dict[str, Mapping[str, int]] = {}
    facts = {}
    for name in PEOPLE:
        known = concepts.words(rows[f"{name}_concept_id"])
        words[name] = known.numbers
        facts[name] = known.of(rows[f"{name}_concept_id"], rows[f"{name}_source_value"])
    birth, precision = _births(rows, file)
    moments = rows["birth_datetime"].null_count() < len(rows)
    deaths = _deaths(base, version, rows["person_id"])
    start, stop, period = _periods(base, version, rows["person_id"], k)
    if deaths is not None:
        # Nobody is followed beyond a death, and whoever died was followed until then.
        died = pl.DataFrame({"person_id": deaths["person_id"], "died": days(deaths, "death")})
        asked = pl.DataFrame({"person_id": rows["person_id"], "stop": stop})
        asked = asked.join(died, on="person_id", how="left", maintain_order="left")
        stop = asked["died"].fill_null(asked["stop"])
    frame = pl.DataFrame(
        {
            "key": rows["person_id"].cast(pl.String),
            "sex": rows["gender_concept_id"].replace_strict(SEXES, default=None, return_dtype=pl.String),
            "birth": birth,
            "start": start,
            "stop": stop,
            "dead": pl.Series([None] * len(rows), dtype=pl.Boolean)
            if deaths is None
            else rows["person_id"].is_in(deaths["person_id"].implode()),
            **facts,
        }
    )
    return People(rows["person_id"], frame, deaths, words, precision, moments, period)


def _births(rows: pl.DataFrame, file: str) -> tuple[pl.Series, str]:
    """Return days since 1970, and how far they are told; what is not told is the first of its kind, as OHDSI has it."""
    told = [name for name in ("month", "day") if rows[f"{name}_of_birth"].null_count() < len(rows)]
    moments = rows["birth_datetime"]
    days = pl.date("year_of_birth", pl.col("month_of_birth").fill_null(1), pl.col("day_of_birth").fill_null(1))
    try:
        born = rows.select(days)["date"]
    except pl.exceptions.PolarsError:
        raise UnreadableError(file, "a date of birth is no date", column="year_of_birth") from None
    precise = moments.null_count() < len(moments)
    found = moments.dt.timestamp("us") / DAY_US if precise else None
    day = born.cast(pl.Int32).cast(pl.Float64)
    if found is None:
        return day, told[-1] if told else "year"
    midnight = bool((found.drop_nulls() % 1 == 0).all())
    return found.fill_null(day), "day" if midnight else "moment"


def _deaths(base: Base, version: str, numbers: pl.Series) -> pl.DataFrame | None:
    if "death" not in base.tables:
        return None
    wanted = ("person_id", "death_date", "death_datetime", "cause_concept_id")
    rows = cells.table(base, "death", version, wanted, ("person_id", "death_date"))
    rows = rows.with_row_index("row", offset=2).unique("person_id", keep="first", maintain_order=True)
    return rows.filter(pl.col("person_id").is_in(numbers.implode()))


def _periods(base: Base, version: str, numbers: pl.Series, k: int) -> tuple[pl.Series, pl.Series, int]:
    """Return the first and the last day on which each person is observed, and where most periods come from."""
    if "observation_period" not in base.tables:
        nothing = pl.Series([None] * len(numbers), dtype=pl.Float64)
        return nothing, nothing, EHR
    needed = ("person_id", "observation_period_start_date", "observation_period_end_date")
    rows = cells.table(base, "observation_period", version, (*needed, "period_type_concept_id"), needed)
    days = rows.group_by("person_id").agg(start=pl.col(needed[1]).min(), stop=pl.col(needed[2]).max())
    asked = pl.DataFrame({"person_id": numbers}).join(days, on="person_id", how="left", maintain_order="left")
    start, stop = (asked[name].cast(pl.Int32).cast(pl.Float64) for name in ("start", "stop"))
    return start, stop, most(rows, "period_type_concept_id", "person_id", k)


def most(rows: pl.DataFrame, column: str, patient: str, k: int) -> int:
    """Return the type concept of most records, if enough patients share it."""
    said = rows.group_by(column).agg(pl.len().alias("n"), pl.col(patient).n_unique().alias("patients"))
    said = said.drop_nulls(column).filter(pl.col("patients") >= k).sort("n", column, descending=True)
    return int(said[column][0]) if len(said) else EHR


def days(rows: pl.DataFrame, stem: str) -> pl.Series:
    """Return days since 1970; the time of day is that of the moment, the day that of the date."""
    day = rows[f"{stem}_date"].cast(pl.Int32).cast(pl.Float64)
    clock = rows[f"{stem}_datetime"].dt.timestamp("us") % DAY_US
    return day + (clock / DAY_US).fill_null(0.0)
