"""A metric that is learned to tell patients apart: what an attacker trains on pairs of records of one patient.

Records and whose they are enter; a linear map leaves in which records of one patient lie together (the within-patient
covariance becomes the identity: Fisher's discriminant, or WCCN, Hatch et al. 2006, doi:10.21437/Interspeech.2006-183).
It is learned on the very patients who are attacked: more than most attackers have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows

RIDGE = 0.05


@dataclass(frozen=True)
class Metric:
    """A linear map of features.

    Parameters
    ----------
    axes : ndarray of float64, shape (features, features)
    """

    axes: Floats

    @classmethod
    def of(cls, features: Floats, patient: Rows, ridge: float = RIDGE) -> Metric:
        """Learn from features, shape (records, features), and the numbers of their patients; patients weigh the same.

        The identity, up to a scale, where nobody has two records.
        """
        counts = np.bincount(patient)
        sums = np.zeros((len(counts), features.shape[1]))
        np.add.at(sums, patient, features)
        rest = features - (sums / np.maximum(counts, 1)[:, None])[patient]
        weights = np.where(counts > 1, 1.0 / np.maximum(counts - 1, 1), 0.0)[patient]
        within = (rest.T * weights) @ rest / max(int((counts > 1).sum()), 1)
        size = float(np.trace(within)) / max(len(within), 1)
        if not size > 0:
            return cls(np.eye(features.shape[1]))
        values, vectors = np.linalg.eigh(within + ridge * size * np.eye(len(within)))
        return cls(vectors / np.sqrt(values))

    def map(self, features: Floats) -> Floats:
        """Return the features in the metric, shape (records, features)."""
        return np.asarray(features @ self.axes)
