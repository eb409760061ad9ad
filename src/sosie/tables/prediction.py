"""What models keep: a target learned on the doubles and asked of the patients, and doubles told from patients.

Both use gradient boosting on every other column, missing values and categories included. Doubles and patients train
on as many rows as each other and are tested on the same patients, so that the gap is the doubles' alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Mask, Rows
from sosie.tables.aligned import SIDES, Aligned, Side

FOLDS = 3
TREES = 60
ROWS = 20_000
FEATURES = 100


def train_on_doubles(
    columns: Sequence[Aligned], target: str, rng: np.random.Generator, k: int, excluded: Sequence[str] = ()
) -> dict[str, object] | None:
    """Predict a column of the patients, once by a model of the patients and once by a model of the doubles.

    Parameters
    ----------
    columns : sequence of Aligned
    target : str
        Name of the column: a class where it has levels, else a number.
    rng : numpy.random.Generator
    k : int
        Patients that each class must have.
    excluded : sequence of str
        Columns that may not be used to predict.

    Returns
    -------
    dict, optional
        ``metric`` (``auc`` or ``r2``), ``original`` and ``doubles`` (means over folds of patients) and their ``gap``;
        None where there are too few patients, or fewer than two classes.
    """
    chosen = next(column for column in columns if column.name == target)
    features = [column for column in columns if column.name != target and column.name not in excluded]
    answers = {side: _answers(chosen, side) for side in SIDES}
    rows = {side: _sample(np.flatnonzero(~np.isnan(answer)), rng) for side, answer in answers.items()}
    classes = chosen.codes is not None
    if classes:
        kept = _classes(answers["original"][rows["original"]], max(k, FOLDS))
        rows = {side: picked[np.isin(answers[side][picked], kept)] for side, picked in rows.items()}
        if len(kept) < 2:
            return None
    if len(rows["original"]) < FOLDS * k or len(rows["doubles"]) < FOLDS * k or not features:
        return None
    scores = _scores(_limited(features, rng), answers, rows, classes=classes, rng=rng)
    original, doubles = (float(np.mean(score)) for score in scores)
    return {
        "target": target,
        "metric": "auc" if classes else "r2",
        "original": original,
        "doubles": doubles,
        "gap": original - doubles,
        "features": len(features),
        "rows": len(rows["original"]),
    }


def propensity(columns: Sequence[Aligned], rng: np.random.Generator, k: int) -> float | None:
    """Return the AUC of a model that tells doubles from patients; 0.5 or below is indistinguishable."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    sizes = [len(columns[0].values(side)) for side in SIDES] if columns else [0]
    size = min(*sizes, ROWS // 2) if columns else 0
    if size < FOLDS * k:
        return None
    columns = _limited(columns, rng)
    picked = [np.sort(rng.choice(rows, size, replace=False)) for rows in sizes]
    table = np.vstack([_design(columns, side, rows) for side, rows in zip(SIDES, picked, strict=True)])
    label = np.repeat((0.0, 1.0), size)
    score = np.empty(2 * size)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    for train, test in folds.split(table, label):
        score[test] = _fit_predict(table[train], label[train], table[test], _nominal(columns), rng, classes=True)[:, 1]
    return float(roc_auc_score(label, score))


def _scores(
    features: Sequence[Aligned],
    answers: dict[Side, Floats],
    rows: dict[Side, Rows],
    *,
    classes: bool,
    rng: np.random.Generator,
) -> tuple[list[float], list[float]]:
    """Return one score a fold of patients, of the models of patients and of doubles."""
    patients = _design(features, "original", rows["original"])
    others = _design(features, "doubles", rows["doubles"])
    truth, other_truth = answers["original"][rows["original"]], answers["doubles"][rows["doubles"]]
    nominal = _nominal(features)
    scores: tuple[list[float], list[float]] = ([], [])
    for train, test in _folds(truth, classes, rng):
        drawn = rng.permutation(len(others))[: len(train)]
        for score, table, answer in (
            (scores[0], patients[train], truth[train]),
            (scores[1], others[drawn], other_truth[drawn]),
        ):
            score.append(_score(table, answer, patients[test], truth[test], nominal, rng, classes=classes))
    return scores


def _folds(truth: Floats, classes: bool, rng: np.random.Generator) -> Iterator[tuple[Rows, Rows]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    seed = int(rng.integers(2**31))
    maker = StratifiedKFold if classes else KFold
    yield from maker(FOLDS, shuffle=True, random_state=seed).split(np.zeros((len(truth), 1)), truth)


def _score(
    table: Floats,
    answer: Floats,
    test: Floats,
    truth: Floats,
    nominal: Mask,
    rng: np.random.Generator,
    *,
    classes: bool,
) -> float:
    from sklearn.metrics import r2_score

    if not classes:
        return float(r2_score(truth, _fit_predict(table, answer, test, nominal, rng, classes=False)))
    known = np.unique(answer)
    if len(known) < 2:
        return 0.5
    chances = _fit_predict(table, answer, test, nominal, rng, classes=True)
    by_class = {float(name): chances[:, i] for i, name in enumerate(known)}
    return _mean_auc(truth, by_class)


def _mean_auc(truth: Floats, chances: dict[float, Floats]) -> float:
    """Return the AUC of two classes, or the mean of one class against the others; an unlearned class counts 0.5."""
    from sklearn.metrics import roc_auc_score

    names = np.unique(truth)
    asked = names[-1:] if len(names) == 2 else names
    return float(np.mean([roc_auc_score(truth == name, chances[name]) if name in chances else 0.5 for name in asked]))


def _fit_predict(
    table: Floats, answer: Floats, test: Floats, nominal: Mask, rng: np.random.Generator, *, classes: bool
) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    # A column without any value among these rows (of a table that they are not in) has nothing to be cut on.
    known = ~np.isnan(table).all(axis=0)
    if not known.any():
        table, test, known = np.zeros_like(table), np.zeros_like(test), np.ones_like(known)
    table, test, nominal = table[:, known], test[:, known], nominal[known]
    maker = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    model = maker(
        max_iter=TREES,
        early_stopping=False,
        categorical_features=nominal if nominal.any() else None,
        random_state=int(rng.integers(2**31)),
    )
    with _one_thread():
        model.fit(table, answer)
        predicted: Floats = model.predict_proba(test) if classes else model.predict(test)
    return predicted


@contextmanager
def _one_thread() -> Iterator[None]:
    """At most ``ROWS`` rows gain little from a second thread, and lose tenfold where another process is at work."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def _design(columns: Sequence[Aligned], side: Side, rows: Rows) -> Floats:
    return np.column_stack([column.values(side)[rows] for column in columns])


def _nominal(columns: Sequence[Aligned]) -> Mask:
    return np.array([column.scale == "categorical" for column in columns], dtype=bool)


def _answers(column: Aligned, side: Side) -> Floats:
    return column.values(side) if column.codes is None else column.codes.of(side)


def _classes(answers: Floats, least: int) -> Floats:
    names, counts = np.unique(answers, return_counts=True)
    return names[counts >= least]


def _sample(rows: NDArray[np.int64], rng: np.random.Generator) -> Rows:
    return rows if len(rows) <= ROWS else np.sort(rng.choice(rows, ROWS, replace=False))


def _limited(columns: Sequence[Aligned], rng: np.random.Generator) -> list[Aligned]:
    if len(columns) <= FEATURES:
        return list(columns)
    return [columns[i] for i in np.sort(rng.choice(len(columns), FEATURES, replace=False))]
