"""Which ingredients each drug holds, by the CONCEPT and CONCEPT_ANCESTOR tables of a source."""

from __future__ import annotations

import polars as pl

from sosie.timelines.source.omop import cells
from sosie.timelines.source.omop.base import Base

CLASS, VOCABULARIES = "Ingredient", ("RxNorm", "RxNorm Extension")
NOTHING = pl.DataFrame(schema={"concept": pl.Int64(), "ingredient": pl.Int64()})


def ingredients(base: Base, version: str) -> pl.DataFrame:
    """Return ``concept`` and ``ingredient``, a row a pair; none where the source does not tell."""
    if not {"concept", "concept_ancestor"} <= set(base.tables):
        return NOTHING
    pairs = cells.table(base, "concept_ancestor", version, ("ancestor_concept_id", "descendant_concept_id"))
    if not len(pairs):
        return NOTHING
    wanted = ("concept_id", "concept_class_id", "vocabulary_id")
    concepts = cells.table(base, "concept", version, wanted, ("concept_id",))
    of_class = (pl.col("concept_class_id") == CLASS) & pl.col("vocabulary_id").is_in(VOCABULARIES)
    known = concepts.filter(of_class)["concept_id"]
    found = pairs.filter(pl.col("ancestor_concept_id").is_in(known.implode()))
    return found.select(concept="descendant_concept_id", ingredient="ancestor_concept_id").unique()
