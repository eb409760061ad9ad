"""The figures of the ACTG 175 tables, defined once and apart from the package, so that they judge it from outside.

Frames of numbers and codes enter (missing is null), figures leave. The definitions reproduce those published for the
known releases; README.md says which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEW = 10
"""Columns with at most this many values are compared value by value."""


@dataclass(frozen=True)
class Ruler:
    """The attacker's space: every column centred, of unit variance, missing at the median with an indicator."""

    middle: Floats
    mean: Floats
    spread: Floats
    lacking: NDArray[np.bool_]

    @classmethod
    def of(cls, everyone: Floats) -> Ruler:
        """Learn it from all the patients that the attacker can imagine, members and others."""
        middle = np.nanmedian(everyone, axis=0)
        filled = np.where(np.isnan(everyone), middle, everyone)
        spread = filled.std(axis=0)
        return cls(middle, filled.mean(axis=0), np.where(spread > 0, spread, 1.0), np.isnan(everyone).max(axis=0))

    def place(self, values: Floats) -> Floats:
        """Return the points of some rows."""
        missing = np.isnan(values)
        scaled = (np.where(missing, self.middle, values) - self.mean) / self.spread
        return np.hstack([scaled, missing[:, self.lacking]])


def matrix(frame: pl.DataFrame) -> Floats:
    """Return the numbers of a frame, NaN where missing."""
    return frame.select(pl.all().cast(pl.Float64)).fill_null(np.nan).to_numpy()


def nearest(queries: Floats, points: Floats, skip_self: bool = False) -> Floats:
    """Return the distance of each query to the nearest point."""
    from sklearn.neighbors import NearestNeighbors

    found, _ = NearestNeighbors(n_neighbors=1 + skip_self, algorithm="brute").fit(points).kneighbors(queries)
    distances: Floats = found[:, -1]
    return distances


def membership(train: Floats, control: Floats, release: Floats, rng: np.random.Generator) -> dict[str, float]:
    """Attack with a reference: distance to the nearest reference over distance to the nearest release.

    Half of the control is the reference, the other half the non-members; the halves then change places and the
    figures are averaged. The isolated tenth lies farthest from its nearest neighbour among all patients.
    """
    ruler = Ruler.of(np.vstack([train, control]))
    members, others, doubles = (ruler.place(values) for values in (train, control, release))
    halves = np.array_split(rng.permutation(len(others)), 2)
    everyone = np.vstack([members, others])
    to_release = np.maximum(nearest(everyone, doubles), 1e-9)
    lonely = nearest(everyone, everyone, skip_self=True)
    figures = []
    for reference, tested in (halves, halves[::-1]):
        rows = np.concatenate([np.arange(len(members)), len(members) + tested])
        score = nearest(everyone[rows], others[reference]) / to_release[rows]
        is_member = rows < len(members)
        isolated = lonely[rows] >= np.quantile(lonely[rows], 0.9)
        threshold = np.quantile(score[~is_member], 0.99)
        figures.append(
            (
                _auc(is_member, score),
                float((score[is_member] > threshold).mean()),
                _auc(is_member[isolated], score[isolated]),
            )
        )
    return dict(zip(("auc", "tpr", "isolated"), (float(value) for value in np.mean(figures, axis=0)), strict=True))


def shapes(original: Floats, doubles: Floats) -> float:
    """Return the mean over columns of 1 - KS, or of 1 - TVD where a column has few values; missing left out."""
    return float(
        np.mean([_shape(*(_known(table[:, j]) for table in (original, doubles))) for j in range(original.shape[1])])
    )


def pairs(original: Floats, doubles: Floats) -> float:
    """Return the mean over pairs of 1 - |difference of Spearman| / 2, each pair on the rows that have both."""
    import pandas as pd

    upper = np.triu_indices(original.shape[1], 1)
    first, second = (pd.DataFrame(table).corr("spearman").to_numpy()[upper] for table in (original, doubles))
    return float(1 - np.nanmean(np.abs(first - second)) / 2)


def predicted(train: Floats, test: Floats, column: int) -> float:
    """Return the AUC on ``test`` of gradient boosting learned on ``train``."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    others = np.delete(np.arange(train.shape[1]), column)
    if len(np.unique(train[:, column])) < 2:
        return 0.5
    model = HistGradientBoostingClassifier(random_state=0).fit(train[:, others], train[:, column])
    return _auc(test[:, column] == 1, model.predict_proba(test[:, others])[:, 1])


def propensity(original: Floats, doubles: Floats) -> float:
    """Return the 3-fold AUC of gradient boosting that tells doubles from patients; 0.5 or below: it cannot."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import cross_val_score

    table = np.vstack([original, doubles])
    label = np.repeat((0, 1), (len(original), len(doubles)))
    model = HistGradientBoostingClassifier(random_state=0)
    return float(cross_val_score(model, table, label, cv=3, scoring="roc_auc").mean())


def singled_out(train: Floats, control: Floats, release: Floats) -> float:
    """Return how much oftener guesses "one patient alone has this" hold among the patients than among the control.

    A guess is a value that one double alone has, or an end that one double alone reaches (at least, at most). The
    figure is (rate among patients - rate among control) / (1 - rate among control), the risk that Anonymeter states.
    """
    hits = np.zeros(2)
    guesses = 0
    for j in range(train.shape[1]):
        values, counts = np.unique(_known(release[:, j]), return_counts=True)
        if len(values) < 2:
            continue
        lone = values[counts == 1]
        ends = [(values[0], 1)] * int(counts[0] == 1) + [(-values[-1], -1)] * int(counts[-1] == 1)
        guesses += len(lone) + len(ends)
        for at, side in enumerate((train, control)):
            theirs = _known(side[:, j])
            found, times = np.unique(theirs, return_counts=True)
            hits[at] += np.isin(lone, found[times == 1]).sum()
            hits[at] += sum(int((sign * theirs <= end).sum() == 1) for end, sign in ends)
    inside, outside = hits / max(guesses, 1)
    return float((inside - outside) / (1 - outside)) if outside < 1 else 0.0


def cox_overlap(original: pl.DataFrame, doubles: pl.DataFrame, duration: str, event: str, arm: str) -> float:
    """Return the mean overlap of the 95 % intervals of the arms' hazard ratios, first arm as reference."""
    first, second = (_hazards(frame, duration, event, arm) for frame in (original, doubles))
    shared = [
        max(0.0, min(a[1], b[1]) - max(a[0], b[0])) * (1 / (a[1] - a[0]) + 1 / (b[1] - b[0])) / 2
        for name, a in first.items()
        if (b := second.get(name)) is not None
    ]
    return float(np.mean(shared)) if shared else 0.0


def _hazards(frame: pl.DataFrame, duration: str, event: str, arm: str) -> dict[str, tuple[float, float]]:
    from lifelines import CoxPHFitter

    table = frame.select(duration, event, pl.col(arm).cast(pl.Int64)).to_dummies(arm, drop_first=True)
    fitted = CoxPHFitter().fit(table.to_pandas().astype(float), duration, event)
    bounds = fitted.confidence_intervals_
    return {
        str(name): (float(low), float(high)) for name, (low, high) in zip(bounds.index, bounds.to_numpy(), strict=True)
    }


def _shape(original: Floats, doubles: Floats) -> float:
    if not len(original) or not len(doubles):
        return 0.0
    values = np.unique(original)
    if len(values) <= FEW:
        values = np.union1d(values, doubles)
        shares = [(table[:, None] == values).mean(axis=0) for table in (original, doubles)]
        return float(1 - np.abs(shares[0] - shares[1]).sum() / 2)
    from scipy.stats import ks_2samp

    return float(1 - ks_2samp(original, doubles, method="asymp").statistic)


def _auc(label: NDArray[np.bool_], score: Floats) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(label, score)) if 0 < label.sum() < len(label) else float("nan")


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]
