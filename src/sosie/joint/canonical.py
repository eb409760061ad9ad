"""How strongly the modalities of a cohort go together, and whether their doubles' do: canonical correlations.

The attacker's uncensored view of both cohorts enters, so that nothing which only a codec knows counts. Each modality is
brought down to a few principal components of the original (a modality with many columns would correlate with anything),
and the components of two modalities are correlated canonically (Hotelling 1936, doi:10.1093/biomet/28.3-4.321).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from sosie.cohort import Floats, Kind, Rows, Vectors

PATIENTS_PER_COMPONENT = 20
MOST_COMPONENTS = 6
RIDGE = 1e-6


@dataclass(frozen=True)
class Plane:
    """A modality's columns, and the components of the original that it is seen in.

    Parameters
    ----------
    columns : ndarray of int64
    centre, scale : ndarray of float64, shape (features,)
    axes : ndarray of float64, shape (features, components)
    """

    columns: Rows
    centre: Floats
    scale: Floats
    axes: Floats

    @classmethod
    def of(cls, seen: Vectors, columns: Rows, components: int) -> Plane:
        """Learn the components of a modality on the original."""
        raw = _features(seen, columns)
        centre, scale = raw.mean(axis=0), raw.std(axis=0)
        kept = scale > 1e-9
        standard = np.where(kept, (raw - centre) / np.where(kept, scale, 1.0), 0.0)
        _, _, axes = np.linalg.svd(standard, full_matrices=False)
        return cls(columns, centre, np.where(kept, scale, np.inf), axes[:components].T)

    def look(self, seen: Vectors) -> Floats:
        """Return the components of a cohort, shape (patients, components)."""
        standard = np.clip((_features(seen, self.columns) - self.centre) / self.scale, -5.0, 5.0)
        return np.asarray(standard @ self.axes)


def planes(seen: Vectors) -> dict[str, Plane]:
    """Return a plane for each modality of an original."""
    blocks = np.array([column.block for column in seen.columns], dtype=object)
    components = max(1, min(MOST_COMPONENTS, len(seen) // PATIENTS_PER_COMPONENT))
    return {name: Plane.of(seen, np.flatnonzero(blocks == name), components) for name in dict.fromkeys(blocks) if name}


def correlations(original: Vectors, doubles: Vectors) -> list[dict[str, Any]]:
    """Compare the first canonical correlation of every two modalities, JSON-ready."""
    found = planes(original)
    return [
        {
            "modalities": [one, other],
            "original": round(first(found[one].look(original), found[other].look(original)), 3),
            "doubles": round(first(found[one].look(doubles), found[other].look(doubles)), 3),
        }
        for one, other in combinations(found, 2)
    ]


def first(left: Floats, right: Floats) -> float:
    """Return the first canonical correlation of two sets of columns of the same rows."""
    if len(left) < 3:
        return 0.0
    singular = np.linalg.svd(_whitened(left).T @ _whitened(right), compute_uv=False)
    return float(min(singular[0], 1.0)) if len(singular) else 0.0


def _whitened(values: Floats) -> Floats:
    """Return an orthonormal basis of the columns; those without any spread are left out."""
    u, size, _ = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    return np.asarray(u[:, size > max(size.max(initial=0.0) * 1e-6, 1e-12)])


def _features(seen: Vectors, columns: Rows) -> Floats:
    """Return numbers, missing ones at the mean, and an indicator of each common level of a category."""
    found: list[Floats] = []
    for at in columns:
        column, values = seen.columns[at], seen.values[:, at]
        known = np.isfinite(values)
        if column.kind is Kind.NUMERIC:
            middle = float(values[known].mean()) if known.any() else 0.0
            found.append(np.where(known, values, middle))
        else:
            found += [(values == level).astype(np.float64) for level in range(min(column.levels, 12))]
    return np.column_stack(found) if found else np.zeros((len(seen), 1))
