"""PERSON and OBSERVATION_PERIOD of the patients of a part: new keys, what the source tells of births, no places."""

from __future__ import annotations

import polars as pl

from sosie.timelines.events import TimelinesPart
from sosie.timelines.source.omop.layout import PEOPLE, SEXES

_ORDER = ("year", "month", "day", "moment")


def persons(part: TimelinesPart, rows: pl.DataFrame) -> pl.DataFrame:
    """Return PERSON.

    Parameters
    ----------
    part : TimelinesPart
    rows : polars.DataFrame
        Its events; who has no birth is born in the year of the first.
    """
    details = part.form.details
    first = rows.group_by("patient").agg(pl.col("time").min().alias("first"))
    people = part.people.with_columns(patient=pl.int_range(pl.len(), dtype=pl.Int32))
    people = people.join(first, on="patient", how="left", maintain_order="left").filter(part.present)
    days = pl.col("birth").cast(pl.Float64).fill_nan(None).fill_null(pl.col("first")).fill_null(0.0)
    born = (days * 86_400_000).round().cast(pl.Int64).cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
    told = _ORDER.index(details["birth"])
    cells = {
        "person_id": pl.col("patient").cast(pl.Int64) + 1,
        "gender_concept_id": _number("sex", {sex: number for number, sex in SEXES.items()}).fill_null(0),
        "year_of_birth": born.dt.year().cast(pl.Int64),
    }
    cells |= {"month_of_birth": born.dt.month().cast(pl.Int64)} if told >= _ORDER.index("month") else {}
    cells |= {"day_of_birth": born.dt.day().cast(pl.Int64)} if told >= _ORDER.index("day") else {}
    cells |= {"birth_datetime": born} if details["births"] else {}
    for name in PEOPLE:
        if name in people.columns:
            known = _number(name, details["people"][name])
            cells[f"{name}_concept_id"] = known.fill_null(0)
            cells[f"{name}_source_value"] = pl.when(known.is_null()).then(pl.col(name).cast(pl.String))
    return people.select(**cells)


def _number(column: str, words: dict[str, int]) -> pl.Expr:
    return pl.col(column).cast(pl.String).replace_strict(dict(words), default=None, return_dtype=pl.Int64)


def observation_periods(part: TimelinesPart, rows: pl.DataFrame) -> pl.DataFrame:
    """Return OBSERVATION_PERIOD: one a person, from the first to the last day of follow-up or of an event."""
    seen = rows.group_by("patient").agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"))
    people = part.people.select("start", "stop").with_columns(
        pl.col("start", "stop").cast(pl.Float64).fill_nan(None), patient=pl.int_range(pl.len(), dtype=pl.Int32)
    )
    people = people.filter(part.present).join(seen, on="patient", how="left", maintain_order="left")
    people = people.with_columns(
        start=pl.min_horizontal("start", "first"), stop=pl.max_horizontal("stop", "last", "start")
    ).drop_nulls(["start", "stop"])
    return people.select(
        observation_period_id=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        person_id=pl.col("patient").cast(pl.Int64) + 1,
        observation_period_start_date=pl.col("start").floor().cast(pl.Int32).cast(pl.Date),
        observation_period_end_date=pl.col("stop").floor().cast(pl.Int32).cast(pl.Date),
        period_type_concept_id=pl.lit(part.form.details["period"]),
    )
