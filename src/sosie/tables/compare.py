"""What the doubles keep of the original: columns, pairs, models, survival. The whole of a report's utility section.

Two parts enter, JSON-ready figures leave; whatever shows the original stands for at least k patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sosie.manifest import Manifest
from sosie.tables.aligned import SIDES, Aligned, align
from sosie.tables.associations import associations
from sosie.tables.frame import TablesPart
from sosie.tables.marginals import marginal
from sosie.tables.prediction import propensity, train_on_doubles
from sosie.tables.survival import survival
from sosie.tables.targets import questions

PAIR_ROWS = 20_000
PAIR_COLUMNS = 120


def compare(
    original: TablesPart, doubles: TablesPart, manifest: Manifest, rng: np.random.Generator
) -> dict[str, object]:
    """Measure the utility of doubles.

    Parameters
    ----------
    original, doubles : TablesPart
        Of the same tables; the numbers of patients may differ.
    manifest : Manifest
        Names ``k`` and the ``targets``; without targets they are looked for.
    rng : numpy.random.Generator
        Draws the rows and the folds of the models.

    Returns
    -------
    dict
        ``rows`` of each side; ``shapes``, ``pairs``, ``propensity_auc``, ``tstr_gap``, ``cox_overlap`` and
        ``survival_distance`` (means, None where nothing could be measured); behind them ``columns`` (one marginal
        each), ``correlations``, ``tstr`` (one prediction each) and ``survival`` (one end point each).
    """
    k = manifest.k
    columns = align(original, doubles, k)
    marginals = [marginal(column, k) for column in columns]
    telling = [column for column in columns if column.informative and _varies(column)]
    pairs = associations(_paired(telling, rng), k)
    asked = questions(columns, manifest.targets)
    predictions = [train_on_doubles(telling, name, rng, k) for name in asked.predictions if _among(telling, name)]
    end_points = [survival(columns, end_point, rng, k) for end_point in asked.end_points]
    tstr = [one for one in predictions if one is not None]
    followed = [one for one in end_points if one is not None]
    return {
        "k": k,
        "rows": {side: len(columns[0].values(side)) if columns else 0 for side in SIDES},
        "shapes": _mean(one["shape"] for one in marginals),
        "pairs": pairs.mean,
        "propensity_auc": propensity(telling, rng, k),
        "tstr_gap": _mean(one["gap"] for one in tstr),
        "cox_overlap": _mean(one["overlap"] for one in followed),
        "survival_distance": _mean(one["distance"] for one in followed),
        "columns": marginals,
        "correlations": pairs.report(),
        "tstr": tstr,
        "survival": followed,
    }


def _varies(column: Aligned) -> bool:
    values = column.values("original")
    known = values[~np.isnan(values)]
    return len(known) > 0 and bool((known != known[0]).any())


def _among(columns: Sequence[Aligned], name: str) -> bool:
    return any(column.name == name for column in columns)


def _paired(columns: Sequence[Aligned], rng: np.random.Generator) -> list[Aligned]:
    """Bound the rows and the columns that are compared two by two."""
    if not columns:
        return []
    sizes = [len(columns[0].values("original")), len(columns[0].values("doubles"))]
    if len(columns) > PAIR_COLUMNS:
        columns = [columns[i] for i in np.sort(rng.choice(len(columns), PAIR_COLUMNS, replace=False))]
    if max(sizes) <= PAIR_ROWS:
        return list(columns)
    rows = [np.sort(rng.choice(size, min(size, PAIR_ROWS), replace=False)).astype(np.int64) for size in sizes]
    return [column.take(rows[0], rows[1]) for column in columns]


def _mean(values: Iterable[object]) -> float | None:
    known = [float(value) for value in values if isinstance(value, float | int)]
    return float(np.mean(known)) if known else None
