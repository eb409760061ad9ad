"""How numbers and words of one column are spelled: values with their decimals, code by code, and words among them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sosie.cohort import Floats
from sosie.timelines.source.moments import spelled

MOST = 15
_SHARE = 0.99
"""Of the numbers of a code, that its decimals must tell: one patient's odd decimal is nobody's habit."""


@dataclass(frozen=True)
class Values:
    """How a column of values is spelled.

    Parameters
    ----------
    comma : bool
        Decimal comma.
    counts : mapping of str to ndarray of int64, shape (MOST + 1,)
        For each code, how many of its numbers have so many decimals.
    """

    comma: bool = False
    counts: dict[str, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def seen(self, codes: pl.Series, cells: pl.Series) -> Values:
        """Return the spelling after some more cells of text."""
        numbers = pl.DataFrame({"code": codes, "cell": cells}).drop_nulls()
        places = pl.col("cell").str.extract(r"^\s*[-+]?\d*[.,]?(\d*)\s*$").str.len_chars()
        counted = numbers.select("code", places.alias("places")).drop_nulls().group_by("code", "places").len()
        counts = dict(self.counts)
        for code, decimals, number in counted.iter_rows():
            mine = counts.get(code, np.zeros(MOST + 1, dtype=np.int64)).copy()
            mine[min(decimals, MOST)] += number
            counts[code] = mine
        return replace(self, counts=counts)

    def written(self, values: Floats, codes: pl.Series, name: str) -> pl.Series:
        """Return cells; null where the value is NaN."""
        bounds = {code: (_enough(found, 1 - _SHARE), _enough(found, _SHARE)) for code, found in self.counts.items()}
        kinds = sorted(set(bounds.values()) | {(0, MOST)})
        numbered = {code: kinds.index(kind) for code, kind in bounds.items()}
        wanted = codes.replace_strict(numbered, default=kinds.index((0, MOST)), return_dtype=pl.Int64).to_numpy()
        given = pl.Series(name, values).fill_nan(None)
        cells = pl.Series(name, [None] * len(values), dtype=pl.String)
        for at, (least, most) in enumerate(kinds):
            mine = pl.Series((wanted == at) & ~np.isnan(values))
            if mine.any():
                spelt = spelled(given.filter(mine), least, most, self.comma)
                cells = cells.scatter(mine.arg_true(), spelt)
        return cells


def number(text: pl.Series) -> pl.Series:
    """Return the numbers that cells tell, null where they tell none."""
    if text.dtype == pl.Float32:
        # 5.7 in single precision is 5.7, not 5.699999809.
        return text.cast(pl.String).cast(pl.Float64)
    if text.dtype.is_numeric():
        return text.cast(pl.Float64)
    found = text.cast(pl.String).str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return found.set(~found.is_finite().fill_null(True), None)


def _enough(counts: NDArray[np.int64], share: float) -> int:
    total = int(counts.sum())
    return int(np.searchsorted(np.cumsum(counts), share * total, side="left")) if total else 0
