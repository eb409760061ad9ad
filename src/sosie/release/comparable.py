"""Whether a release and a control can be compared with an original: other patients, of the same population.

A control that holds the patients themselves hides every leak and is refused. A release or a control whose values
hardly overlap those of the original is of other people: the attacks then say little, and a notice tells so.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from sosie.cohort import Cohort, Floats, Kind, Vectors
from sosie.errors import ManifestError

MOST_OVERLAP = 0.5
"""Beyond such a share of the control, it is the original."""
CLASSES = 5
LEAST_OVERLAP, MOST_FOREIGN = 0.5, 0.25
"""Columns that overlap less are foreign; a release with such a share of them, or more, is of another population."""
MOST_NAMED = 8


def refuse_same_rows(original: Vectors, control: Vectors) -> None:
    """Refuse a control whose rows are those of the original.

    Only rows that one original patient alone has count: other patients share common ones, and as many as half of the
    control cannot meet lone ones by chance (at most 1/e of them do).

    Raises
    ------
    ManifestError
    """
    rows, theirs = ([row.tobytes() for row in np.nan_to_num(one.values, nan=-9e99)] for one in (original, control))
    times = Counter(rows)
    overlap = sum(times[row] == 1 for row in theirs) / max(len(theirs), 1)
    if overlap > MOST_OVERLAP:
        raise ManifestError(
            f"the control holds {overlap:.0%} of rows that are also in the original: expected other patients"
        )


def refuse_same_keys(original: Cohort, control: Cohort) -> None:
    """Refuse a control whose patients bear the keys of the original; row numbers are no keys.

    Raises
    ------
    ManifestError
    """
    if any(cohort.keys == tuple(str(at) for at in range(1, len(cohort) + 1)) for cohort in (original, control)):
        return
    known = set(original.keys)
    overlap = sum(key in known for key in control.keys) / max(len(control), 1)
    if overlap > MOST_OVERLAP:
        raise ManifestError(
            f"the control: {overlap:.0%} of its patient keys are also in the original: expected other patients. "
            "If the two files number different people alike, leave the key out of the control"
        )


def foreign(original: Vectors, other: Vectors) -> tuple[tuple[str, ...], int]:
    """Return the columns whose values hardly overlap, and the number of columns that vary among the originals.

    The overlap is the common mass of two histograms: categories, or fifths of the original's numbers.
    """
    names, varying = [], 0
    for column, mine, theirs in zip(original.columns, original.values.T, other.values.T, strict=True):
        if len(np.unique(mine)) < 2:
            continue
        varying += 1
        shares = _shares(mine, theirs, numeric=column.kind is Kind.NUMERIC)
        if np.minimum(*shares).sum() < LEAST_OVERLAP:
            names.append(column.name.partition(".")[2] or column.name)
    return tuple(names), varying


def notices(original: Vectors, release: Vectors, control: Vectors) -> list[str]:
    """Tell of a release or a control that looks like one of another population: names of columns only."""
    told = []
    for name, other in (("release", release), ("control", control)):
        columns, varying = foreign(original, other)
        if varying and len(columns) >= max(MOST_FOREIGN * varying, 1):
            listed = ", ".join(columns[:MOST_NAMED]) + (", ..." if len(columns) > MOST_NAMED else "")
            told.append(
                f"the {name}: {len(columns)} of {varying} columns hardly overlap the original in their values "
                f"({listed}). It looks like patients of another population, and the attacks then show little"
            )
    return told


def narrowed(original: Vectors, shared: Vectors) -> list[str]:
    """Tell how few columns of the original the release and the control have: the others are not attacked."""
    if len(shared.columns) == len(original.columns):
        return []
    return [
        f"{len(shared.columns)} of the {len(original.columns)} columns of the original are in the release and in the "
        "control: only these were attacked and compared"
    ]


def _shares(mine: Floats, theirs: Floats, *, numeric: bool) -> tuple[Floats, Floats]:
    """Histograms of both on the same classes; missing values are a class of their own."""
    known = mine[~np.isnan(mine)]
    if numeric and len(np.unique(known)) > 2 * CLASSES:
        # The outer classes end a class width beyond the extremes: what lies farther is in none of the original's.
        low, high = known.min(), known.max()
        edges = np.quantile(known, np.arange(1, CLASSES) / CLASSES)
        margin = (high - low) / CLASSES
        edges = np.unique(np.concatenate([[low - margin], edges, [high + margin]]))
    else:
        states = np.union1d(known, theirs[~np.isnan(theirs)])
        edges = (states[1:] + states[:-1]) / 2.0
    counted = []
    for values in (mine, theirs):
        classes = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values))
        counted.append(np.bincount(classes, minlength=len(edges) + 2) / max(len(values), 1))
    return counted[0], counted[1]
