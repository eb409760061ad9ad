"""Concepts in words: units, results and what persons are, by the CONCEPT table of the source where it has one.

A word stands for one concept: where two concepts share a name, or none is known, the number is the word. The writer
needs the words back (`Words.numbers`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sosie.timelines.source.omop import cells
from sosie.timelines.source.omop.base import Base


@dataclass(frozen=True)
class Words:
    """The words of the concepts that some columns use.

    Parameters
    ----------
    words : polars.DataFrame
        ``concept`` and ``word``.
    """

    words: pl.DataFrame

    @property
    def numbers(self) -> dict[str, int]:
        """The concept of each word."""
        return dict(zip(self.words["word"], self.words["concept"], strict=True))

    def of(self, concepts: pl.Series, verbatim: pl.Series | None = None) -> pl.Series:
        """Return the word of each concept; of 0 or none, what the source says verbatim."""
        asked = pl.DataFrame({"concept": concepts.cast(pl.Int64)})
        found = asked.join(self.words, on="concept", how="left", maintain_order="left")["word"]
        return found if verbatim is None else found.fill_null(verbatim)


@dataclass(frozen=True)
class Concepts:
    """The CONCEPT table of a source, as far as it is used.

    Parameters
    ----------
    rows : polars.DataFrame
        ``concept_id``, ``concept_name``, ``concept_code``, ``vocabulary_id``; empty where the source has none.
    """

    rows: pl.DataFrame

    @classmethod
    def of(cls, base: Base, version: str) -> Concepts:
        """Read the table."""
        wanted = ("concept_id", "concept_name", "concept_code", "vocabulary_id")
        if "concept" not in base.tables:
            types = {"concept_id": pl.Int64()} | {name: pl.String() for name in wanted[1:]}
            return cls(pl.DataFrame(schema=types))
        rows = cells.table(base, "concept", version, wanted, ("concept_id",))
        return cls(rows.unique("concept_id", keep="first", maintain_order=True))

    def words(self, *used: pl.Series, by: str = "concept_name") -> Words:
        """Return the words of the concepts in use, 0 left out."""
        numbers = pl.concat([each.cast(pl.Int64) for each in used]).drop_nulls().unique().sort()
        asked = pl.DataFrame({"concept_id": numbers.filter(numbers != 0)})
        found = asked.join(self.rows.select("concept_id", word=pl.col(by)), on="concept_id", how="left")
        number = pl.col("concept_id").cast(pl.String)
        alone = pl.col("word").is_not_null() & pl.col("word").is_unique()
        return Words(found.select(concept="concept_id", word=pl.when(alone).then("word").otherwise(number)))

    def vocabulary(self, concepts: pl.Series) -> pl.Series:
        """Return the vocabulary of each concept; empty where it is not known."""
        asked = pl.DataFrame({"concept_id": concepts.cast(pl.Int64)})
        found = asked.join(self.rows, on="concept_id", how="left", maintain_order="left")
        return found["vocabulary_id"].fill_null("")

    def loinc(self) -> dict[str, str]:
        """Return the LOINC code of each concept that has one, by the concept as it is written."""
        found = self.rows.filter(pl.col("vocabulary_id") == "LOINC").select(
            pl.col("concept_id").cast(pl.String), "concept_code"
        )
        return dict(found.drop_nulls().iter_rows())

    def unknown(self, concepts: pl.Series) -> int:
        """Count the different concepts that the table lacks; none where the source has no such table."""
        if not len(self.rows):
            return 0
        used = concepts.drop_nulls().unique()
        return int((~used.is_in(self.rows["concept_id"].implode()) & (used != 0)).sum())
