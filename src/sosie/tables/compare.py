"""What the doubles keep of the original: columns, pairs, models, survival. The whole of a report's utility section.

Two parts enter, JSON-ready figures leave; whatever shows the original stands for at least k patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from sosie.manifest import Manifest
from sosie.tables.aligned import Aligned, align
from sosie.tables.associations import associations
from sosie.tables.frame import Table, TablesPart
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
        ``shapes``, ``pairs``, ``propensity_auc``, ``tstr_gap``, ``cox_overlap``, ``survival_distance`` (means over the
        tables, None where nothing could be measured) and ``tables``: for each, ``rows``, ``columns`` (marginals),
        ``correlations``, ``predictions``, ``survival`` and its own ``shapes``, ``pairs`` and ``propensity_auc``.
    """
    others = {table.name: (table, present) for table, present in zip(doubles.tables, doubles.present, strict=True)}
    reports = {
        table.name: _table(_held(table, present), _held(*others[table.name]), manifest, rng)
        for table, present in zip(original.tables, original.present, strict=True)
        if table.name in others
    }
    tables = list(reports.values())
    predictions = [one for table in tables for one in _listed(table["predictions"])]
    end_points = [one for table in tables for one in _listed(table["survival"])]
    return {
        "k": manifest.k,
        "shapes": _mean(table["shapes"] for table in tables),
        "pairs": _mean(table["pairs"] for table in tables),
        "propensity_auc": _mean(table["propensity_auc"] for table in tables),
        "tstr_gap": _mean(one["gap"] for one in predictions),
        "cox_overlap": _mean(one["overlap"] for one in end_points),
        "survival_distance": _mean(one["distance"] for one in end_points),
        "tables": reports,
    }


def _table(original: Table, doubles: Table, manifest: Manifest, rng: np.random.Generator) -> dict[str, object]:
    k = manifest.k
    columns = align(original, doubles, k)
    marginals = [marginal(column, k) for column in columns]
    telling = [column for column in columns if column.informative and _varies(column)]
    pairs = associations(_paired(telling, rng), k)
    asked = questions(original.name, columns, manifest.targets)
    predictions = [train_on_doubles(telling, name, rng, k) for name in asked.predictions if _among(telling, name)]
    end_points = [survival(columns, end_point, rng, k) for end_point in asked.end_points]
    return {
        "rows": {"original": original.frame.height, "doubles": doubles.frame.height},
        "shapes": _mean(one["shape"] for one in marginals),
        "pairs": pairs.mean,
        "propensity_auc": propensity(telling, rng, k),
        "columns": marginals,
        "correlations": pairs.report(),
        "predictions": [one for one in predictions if one is not None],
        "survival": [one for one in end_points if one is not None],
    }


def _held(table: Table, present: np.ndarray) -> Table:
    """Return the rows of the patients who have one in this table."""
    return table if present.all() else replace(table, frame=table.frame.filter(pl.Series(present)))


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


def _listed(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _mean(values: Iterable[object]) -> float | None:
    known = [float(value) for value in values if isinstance(value, float | int)]
    return float(np.mean(known)) if known else None
