"""CONDITION_ERA and DRUG_ERA, by OHDSI's rules: spans of one concept with no more than 30 days between records.

A drug's era is of its ingredient, where CONCEPT_ANCESTOR and CONCEPT tell it; else of the drug itself. A record without
an end lasts a day, as in OHDSI's scripts; concept 0 has no era.
"""

from __future__ import annotations

import polars as pl

PERSISTENCE = 30
"""Days."""


def conditions(occurrences: pl.DataFrame) -> pl.DataFrame:
    """Return CONDITION_ERA.

    Parameters
    ----------
    occurrences : polars.DataFrame
        CONDITION_OCCURRENCE.
    """
    spans = _spans(occurrences, "condition", "condition_start_date", "condition_end_date")
    eras = _eras(spans)
    return eras.select(
        condition_era_id=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        person_id="person_id",
        condition_concept_id="concept",
        condition_era_start_date="start",
        condition_era_end_date="end",
        condition_occurrence_count="count",
    )


def drugs(exposures: pl.DataFrame, ingredients: pl.DataFrame) -> pl.DataFrame:
    """Return DRUG_ERA.

    Parameters
    ----------
    exposures : polars.DataFrame
        DRUG_EXPOSURE.
    ingredients : polars.DataFrame
        ``concept`` and ``ingredient``, of which a drug may have several; empty where they are not known.
    """
    spans = _spans(exposures, "drug", "drug_exposure_start_date", "drug_exposure_end_date")
    if len(ingredients):
        spans = spans.join(ingredients, on="concept").with_columns(concept="ingredient").drop("ingredient")
    eras = _eras(spans)
    return eras.select(
        drug_era_id=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        person_id="person_id",
        drug_concept_id="concept",
        drug_era_start_date="start",
        drug_era_end_date="end",
        drug_exposure_count="count",
        gap_days="gap",
    )


def _spans(rows: pl.DataFrame, what: str, start: str, end: str) -> pl.DataFrame:
    """Return the days that each record covers."""
    ends = pl.max_horizontal(pl.col(end).fill_null(pl.col(start).dt.offset_by("1d")), pl.col(start))
    spans = rows.select("person_id", concept=f"{what}_concept_id", start=start, end=ends)
    return spans.filter(pl.col("concept") != 0)


def _eras(spans: pl.DataFrame) -> pl.DataFrame:
    """Merge spans of a person and a concept: across gaps that persist into eras, and overlaps into days of exposure."""
    by = ["person_id", "concept"]
    ordered = spans.sort(*by, "start", "end")
    before = pl.col("end").cum_max().shift(1).over(by)
    gap = (pl.col("start") - before).dt.total_days()
    marked = ordered.with_columns(
        era=(gap.fill_null(PERSISTENCE + 1) > PERSISTENCE).cum_sum(), stretch=(gap.fill_null(1) > 0).cum_sum()
    )
    days = (pl.col("end").max() - pl.col("start").min()).dt.total_days()
    stretches = marked.group_by(*by, "era", "stretch").agg(
        start=pl.col("start").min(), end=pl.col("end").max(), count=pl.len().cast(pl.Int64), exposed=days
    )
    eras = stretches.group_by(*by, "era").agg(
        start=pl.col("start").min(),
        end=pl.col("end").max(),
        count=pl.col("count").sum(),
        gap=days - pl.col("exposed").sum(),
    )
    return eras.sort(*by, "start")
