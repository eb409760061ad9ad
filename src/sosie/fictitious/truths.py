"""The planted truths, looked for in the cohort or in its doubles: which associations survive.

One row a patient enters (`gather`), estimates with their 95 % intervals leave. An association is recovered where its
sign is the planted one and the planted value lies in the interval of the doubles; where the planted value has no
closed form (a tone of a film), what the original shows stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Floats
from sosie.fictitious import lives

if TYPE_CHECKING:
    import polars as pl

Z = 1.96
CLOSE = 1e-6
"""Rounding of a relation without noise."""
LEAST = 20
"""Patients that an estimate needs."""


@dataclass(frozen=True)
class Truth:
    """One planted association, and what some rows say of it.

    Parameters
    ----------
    name : str
    modalities : tuple of str
        Those that it joins.
    planted : float
        NaN where only the original tells.
    estimate, low, high : float
        With the 95 % interval; NaN where the rows cannot say.
    """

    name: str
    modalities: tuple[str, ...]
    planted: float
    estimate: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")

    @property
    def recovered(self) -> bool:
        """Tell whether the sign and the interval agree with what was planted."""
        return bool(self.estimate * self.planted > 0 and self.low - CLOSE <= self.planted <= self.high + CLOSE)


def truths(rows: pl.DataFrame, original: pl.DataFrame | None = None) -> list[Truth]:
    """Estimate every planted association on some rows.

    Parameters
    ----------
    rows : polars.DataFrame
        Of the cohort or of its doubles.
    original : polars.DataFrame, optional
        Of the cohort: stands for planted values without a closed form.
    """
    known = {} if original is None else {one.name: one.estimate for one in truths(original)}
    found = [*_survival(rows), *(_fitted(rows, *each) for each in _REGRESSIONS)]
    return [replace(one, planted=known.get(one.name, one.estimate)) if np.isnan(one.planted) else one for one in found]


def _survival(rows: pl.DataFrame) -> list[Truth]:
    planted = {
        "treated": lives.HAZARD_RATIO,
        "decades": lives.HAZARD_PER_DECADE,
        "smoker": lives.HAZARD_OF_SMOKING,
        "cancer": lives.HAZARD_OF_CANCER,
    }
    empty = [Truth(f"log hazard ratio: {name}", ("tables",), float(np.log(ratio))) for name, ratio in planted.items()]
    import polars as pl
    from lifelines import CoxPHFitter

    data = rows.select(
        "months",
        "dead",
        "treated",
        "smoker",
        decades=(pl.col("age") - 65) / 10,
        cancer=pl.col("diagnosis").is_in(list(lives.CANCERS)).cast(pl.Float64),
    ).drop_nulls()
    varying = [name for name in planted if data.height and data[name].n_unique() > 1]
    try:
        fitted = CoxPHFitter().fit(data.select("months", "dead", *varying).to_pandas(), "months", "dead")
    except Exception:  # what singular or empty data make it raise
        return empty
    return [
        replace(
            one,
            estimate=float(fitted.params_[name]),
            low=float(fitted.params_[name] - Z * fitted.standard_errors_[name]),
            high=float(fitted.params_[name] + Z * fitted.standard_errors_[name]),
        )
        if name in varying
        else one
        for one, name in zip(empty, planted, strict=True)
    ]


Design = Callable[["pl.DataFrame"], tuple[Floats, Floats]]
"""Returns an outcome, shape (patients,), and predictors, shape (patients, some), the one of interest first."""


def _column(rows: pl.DataFrame, name: str) -> Floats:
    if name not in rows.columns:
        return np.full(rows.height, np.nan)
    return np.asarray(rows[name].cast(float, strict=False).to_numpy(), dtype=np.float64)


def _is(rows: pl.DataFrame, name: str, codes: tuple[str, ...]) -> Floats:
    if name not in rows.columns:
        return np.full(rows.height, np.nan)
    return np.array([np.nan if each is None else float(each in codes) for each in rows[name]])


def _inflamed(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    sex = _column(rows, "timeline_woman")
    return _column(rows, "haemoglobin"), np.column_stack([np.log1p(_column(rows, "crp")), sex])


def _female(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    outcome, both = _inflamed(rows)
    return outcome, both[:, ::-1]


def _infected(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    given = _is(rows, "diagnosis", lives.INFECTIONS)
    return np.log(_column(rows, "crp")), np.column_stack([given, _column(rows, "smoker")])


def _male(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    older = (_column(rows, "age") - 65) / 10
    return np.log(_column(rows, "creatinine")), np.column_stack([1 - _column(rows, "woman"), older])


def _fat(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    return _column(rows, "cholesterol"), _column(rows, "dosage1")[:, None]


def _sweet(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    return _column(rows, "diabetic"), _column(rows, "dosage2")[:, None]


def _opaque(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    return _column(rows, "lung"), _is(rows, "diagnosis", (lives.PNEUMONIA,))[:, None]


def _large(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    return _column(rows, "heart"), _is(rows, "diagnosis", (lives.FAILURE,))[:, None]


def _told(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    return _column(rows, "lung"), _column(rows, "letter_opaque")[:, None]


def _quoted(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    return _column(rows, "letter_haemoglobin"), _column(rows, "haemoglobin")[:, None]


def _named(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    infections = _is(rows, "letter_problem", (lives.FAILURE,))
    return infections, _is(rows, "diagnosis", (lives.FAILURE,))[:, None]


_REGRESSIONS: tuple[tuple[str, tuple[str, ...], float, Design], ...] = (
    ("haemoglobin by log(1 + CRP)", ("timelines",), lives.HAEMOGLOBIN_PER_CRP, _inflamed),
    ("haemoglobin of women", ("timelines",), -1.2, _female),
    ("log CRP of infections", ("tables", "timelines"), lives.CRP_OF_INFECTION, _infected),
    ("log creatinine of men", ("tables", "timelines"), 0.16, _male),
    ("cholesterol by allele", ("genomes", "timelines"), lives.CHOLESTEROL_PER_ALLELE, _fat),
    ("diabetes by allele", ("genomes", "timelines"), float("nan"), _sweet),
    ("opacity of pneumonia", ("images", "tables"), float("nan"), _opaque),
    ("large heart of heart failure", ("images", "tables"), float("nan"), _large),
    ("opacity told in letters", ("images", "notes"), float("nan"), _told),
    ("haemoglobin quoted in letters", ("notes", "timelines"), 1.0, _quoted),
    ("heart failure named in letters", ("notes", "tables"), float("nan"), _named),
)


def _fitted(rows: pl.DataFrame, name: str, modalities: tuple[str, ...], planted: float, design: Design) -> Truth:
    with np.errstate(divide="ignore", invalid="ignore"):
        outcome, predictors = design(rows)
    whole = np.isfinite(outcome) & np.isfinite(predictors).all(axis=1)
    y, x = outcome[whole], np.column_stack([predictors[whole], np.ones(int(whole.sum()))])
    truth = Truth(name, modalities, planted)
    if len(y) < LEAST or np.linalg.matrix_rank(x) < x.shape[1]:
        return truth
    weights, *_ = np.linalg.lstsq(x, y, rcond=None)
    rest = y - x @ weights
    # Heteroscedastic errors (White 1980, HC1): a yes or no is an outcome too.
    inner = np.linalg.inv(x.T @ x)
    meat = (x * rest[:, None]).T @ (x * rest[:, None]) * len(y) / max(len(y) - x.shape[1], 1)
    error = float(np.sqrt((inner @ meat @ inner)[0, 0]))
    first = float(weights[0])
    return replace(truth, estimate=first, low=first - Z * error, high=first + Z * error)
