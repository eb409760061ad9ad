"""What can be predicted: the next day of care and death, by models of the patients and by models of the doubles.

Both are tested on patients whom neither has seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.compare.figures import area
from sosie.timelines.compare.sequences import visits
from sosie.timelines.compare.sides import YEAR, Both, Side

FOLDS, TREES = 3, 60
SEEN, ASKED, MEASURED = 40, 10, 15
"""Codes that are looked at, codes that are predicted, measurements that are looked at."""
PATIENTS = 4_000
"""Patients of a side whose next days are predicted."""
HORIZONS = (5 * YEAR, YEAR, 90.0)
LANDMARK = 90.0
"""Days of care after inclusion that are looked at, where nothing is known of before."""


def predicted(both: Both, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return each target with ``metric``, ``original``, ``doubles`` and their ``gap``."""
    found = [_next(both), _death(both, rng)]
    return [one for one in found if one is not None]


def _told(target: str, original: list[float], doubles: list[float], **more: object) -> dict[str, Any] | None:
    if not original or not doubles:
        return None
    mine, theirs = float(np.mean(original)), float(np.mean(doubles))
    scores = {"original": round(mine, 4), "doubles": round(theirs, 4), "gap": round(mine - theirs, 4)}
    return {"target": target, "metric": "auc", **scores, **more}


def _next(both: Both) -> dict[str, Any] | None:
    """Predict which of the usual codes the next day of care bears, by ridge regression; mean AUC over codes."""
    size = min(len(both.codes), SEEN)
    tables = [_steps(side, size, len(both.codes)) for side in both.pair]
    if any(len(np.unique(patient)) < FOLDS * both.k for patient, _, _ in tables):
        return None
    patient, seen, after = tables[0]
    fold = patient % FOLDS
    made = _ridge(*tables[1][1:])
    original, doubles = [], []
    for test in range(FOLDS):
        here = fold == test
        learned = _ridge(seen[~here], after[~here])
        for code in range(after.shape[1]):
            truth = after[here, code]
            if both.k <= truth.sum() <= len(truth) - both.k:
                original.append(area(truth, (seen[here] @ learned)[:, code]) or 0.5)
                doubles.append(area(truth, (seen[here] @ made)[:, code]) or 0.5)
    return _told("next_visit", original, doubles)


def _steps(side: Side, size: int, codes: int) -> tuple[Rows, Floats, Floats]:
    """Return the patient, what is known on a day of care, and what the next one bears."""
    patient, day, held = visits(side, codes)
    kept = patient < PATIENTS
    patient, day, held = patient[kept], day[kept], held[kept]
    same = np.flatnonzero(patient[1:] == patient[:-1])
    gap = np.diff(day, prepend=day[:1])
    gap[1:][patient[1:] != patient[:-1]] = 0.0
    ever = np.cumsum(held[:, :size], axis=0)
    begins = np.searchsorted(patient, patient)
    before = ever - (ever[begins] - held[begins, :size])
    age = np.nan_to_num(side.age[patient] + day / YEAR, nan=50.0) / 20.0
    seen = np.column_stack(
        [
            held[:, :size],
            np.log1p(before),
            np.log1p(np.maximum(gap, 0.0)),
            age,
            np.nan_to_num(side.male[patient], nan=0.5),
            np.ones(len(patient)),
        ]
    )
    return patient[same], seen[same].astype(np.float64), held[same + 1, :ASKED].astype(np.float64)


def _ridge(seen: Floats, after: Floats) -> Floats:
    gram = seen.T @ seen
    return np.asarray(np.linalg.solve(gram + np.eye(len(gram)), seen.T @ after))


def _death(both: Both, rng: np.random.Generator) -> dict[str, Any] | None:
    """Predict death within the longest horizon at which enough have died and enough are still followed."""
    before = [side.time <= 0.5 for side in both.pair]
    told = len(np.unique(both.original.patient[before[0]])) >= both.original.n / 2
    start = 0.0 if told else LANDMARK
    windows = before if told else [side.time <= LANDMARK for side in both.pair]
    for horizon in HORIZONS:
        answers = [_answer(side, start, horizon) for side in both.pair]
        classes = [[int((answer == each).sum()) for each in (0.0, 1.0)] for answer in answers]
        if min(classes[0]) >= FOLDS * both.k and min(classes[1]) >= both.k:
            tables = [_features(side, both, window) for side, window in zip(both.pair, windows, strict=True)]
            scores = _scores(tables, answers, rng)
            return _told("death", *scores, days=horizon)
    return None


def _answer(side: Side, start: float, horizon: float) -> Floats:
    """Return 1 for who died within, 0 for who was followed beyond, NaN for who was lost before."""
    left = side.followed - start
    with np.errstate(invalid="ignore"):
        died = (side.dead > 0) & (left <= horizon)
        return np.where(~(left > 0), np.nan, np.where(died, 1.0, np.where(left > horizon, 0.0, np.nan)))


def _features(side: Side, both: Both, window: Mask) -> Floats:
    size = len(both.codes)
    numbers = both.measured()[:MEASURED]
    facts = [side.facts.get(name, np.full(side.n, np.nan)) for name in both.original.facts]
    return np.column_stack(
        [
            side.age,
            side.male,
            *facts,
            side.counts(size, window)[:, :SEEN],
            side.means(size, window)[:, numbers],
        ]
    )


def _scores(tables: list[Floats], answers: list[Floats], rng: np.random.Generator) -> tuple[list[float], list[float]]:
    mine, theirs = (np.flatnonzero(~np.isnan(answer)) for answer in answers)
    fold = rng.permutation(len(mine)) % FOLDS
    original: list[float] = []
    doubles: list[float] = []
    for test in range(FOLDS):
        train, held = mine[fold != test], mine[fold == test]
        drawn = rng.permutation(theirs)[: len(train)]
        for scores, table, answer, rows in (
            (original, tables[0], answers[0], train),
            (doubles, tables[1], answers[1], drawn),
        ):
            chance = _chances(table[rows], answer[rows], tables[0][held], rng)
            scores.append(area(answers[0][held], chance) or 0.5)
    return original, doubles


def _chances(table: Floats, answer: Floats, test: Floats, rng: np.random.Generator) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    known = ~np.isnan(table).all(axis=0)
    if len(np.unique(answer)) < 2 or not known.any():
        return np.zeros(len(test))
    model = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=8, early_stopping=False, random_state=int(rng.integers(2**31))
    )
    with threadpool_limits(limits=1):
        model.fit(table[:, known], answer)
        return np.asarray(model.predict_proba(test[:, known])[:, 1])
