"""Nearest-neighbour adversarial accuracy (Yale et al. 2020, doi:10.1016/j.neucom.2019.12.136)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.genomes.attacks.nearest import distances


def accuracy(real: NDArray[np.uint8], doubles: NDArray[np.uint8]) -> dict[str, float]:
    """Return how well a nearest neighbour tells real people from doubles: 0.5 is best, below it doubles are copies.

    Parameters
    ----------
    real, doubles : ndarray of uint8, shape (people, sites)
        Doses, as many of both.
    """
    truth = (distances(real, doubles) > distances(real, real, itself=True)).mean()
    made = (distances(doubles, real) > distances(doubles, doubles, itself=True)).mean()
    return {"real": float(truth), "doubles": float(made), "accuracy": float((truth + made) / 2.0)}


def privacy_loss(
    train: NDArray[np.uint8], holdout: NDArray[np.uint8], doubles: NDArray[np.uint8], rng: np.random.Generator
) -> dict[str, float]:
    """Return the accuracy against patients and against others, on equal numbers, and the gap between them."""
    size = min(len(train), len(holdout), len(doubles))
    cut = [each[rng.permutation(len(each))[:size]] for each in (train, holdout, doubles)]
    inside, outside = (accuracy(each, cut[2])["accuracy"] for each in cut[:2])
    return {"train": inside, "holdout": outside, "loss": outside - inside}
