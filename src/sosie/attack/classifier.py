"""A classifier of releases: made with a patient, or without? Trained and tested on different rounds of releases.

Features of many releases enter, one out-of-fold score for each release and target leaves (higher: made with). Several
classifiers are trained: a shrunk linear discriminant for each target (LiRA with a shared covariance, arXiv 2112.03570),
the same over all targets together, and extremely randomised trees. How they are combined is learned on the training
folds alone (stacked generalisation with weights of at least 0: Breiman 1996, doi:10.1007/BF00117832), so that the score
of a release never depends on what is known of its own fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import nnls

from sosie.cohort import Floats, Mask, Rows
from sosie.engine import Engine, Listener, silent

FOLDS = 5
SHRINKAGE = (0.1, 1.0, 10.0)
FEWEST_STACKED = 100
"""Releases from which the weights of the classifiers are learned; fewer are too few, and all weigh the same."""
MOST_TREES, FEWEST_TREES = 100, 30
LEAF = 3
FARTHEST = 6.0


@dataclass(frozen=True)
class Task:
    """One training: the folds that it never sees, and its target (-1: all of them together)."""

    held: tuple[int, ...]
    target: int
    seed: int


def out_of_fold(
    features: Floats,
    out: Mask,
    fold: Rows,
    groups: Rows,
    rng: np.random.Generator,
    *,
    engine: Engine | None = None,
    listener: Listener = silent,
) -> Floats:
    """Score each release for each target by classifiers trained on the other folds.

    Parameters
    ----------
    features : ndarray of float64, shape (releases, targets, features)
    out : ndarray of bool, shape (releases, targets)
        Which targets each release was made without.
    fold : ndarray of int64, shape (releases,)
    groups : ndarray of int64, shape (targets,)
        Targets that share the weights of the classifiers.
    rng : numpy.random.Generator
    engine : Engine, optional
    listener : callable, optional

    Returns
    -------
    ndarray of float64, shape (releases, targets)
    """
    folds = [int(number) for number in np.unique(fold)]
    held: list[tuple[int, ...]] = [(one,) for one in folds]
    # A training without two folds is the inner fit of both: each is stacked on what the other's fits never saw.
    stacked = len(folds) > 2 and len(fold) >= FEWEST_STACKED
    held += pairwise([*folds, folds[0]]) if stacked else []
    targets = range(-1, features.shape[1])
    tasks = [Task(one, target, int(rng.integers(2**31))) for one in held for target in targets]

    def train(task: Task) -> Floats:
        inside = np.isin(fold, task.held)
        if task.target < 0:
            return _together(features[~inside], out[~inside], features[inside])
        alone = features[:, task.target], out[:, task.target]
        return _alone(alone[0][~inside], alone[1][~inside], alone[0][inside], task.seed)

    done = (engine or Engine()).map(train, tasks, stage="shadow_training", listener=listener)
    width = len(targets)
    bases = {
        one: np.concatenate([done[at * width], np.stack(done[at * width + 1 : (at + 1) * width], axis=1)], axis=-1)
        for at, one in enumerate(held)
    }
    scores = np.empty(out.shape)
    for one in folds:
        base = _level(bases[(one,)])
        for group in np.unique(groups):
            mine = groups == group
            weights = _weights(bases, one, out, fold, mine) if stacked else np.ones(base.shape[-1])
            scores[np.ix_(fold == one, mine)] = base[:, mine] @ weights
    return scores


def _weights(bases: dict[tuple[int, ...], Floats], one: int, out: Mask, fold: Rows, mine: Mask) -> Floats:
    """Learn how to combine the classifiers that are tested on one fold, from the other folds alone."""
    seen, known = [], []
    for pair in (pair for pair in bases if len(pair) == 2 and one in pair):
        other = pair[1] if pair[0] == one else pair[0]
        rows = np.isin(fold, pair)
        inner = _level(bases[pair][fold[rows] == other])[:, mine]
        seen.append(inner.reshape(-1, inner.shape[-1]))
        known.append(~out[fold == other][:, mine].reshape(-1))
    design, inside = np.vstack(seen), np.concatenate(known)
    rate = inside.mean()
    balance = np.sqrt(np.where(inside, 1.0 / max(rate, 1e-9), 1.0 / max(1.0 - rate, 1e-9)))
    aim = np.where(inside, 1.0, -1.0)
    ridge = np.sqrt(0.02 * len(design)) * np.eye(design.shape[1])
    weights, _ = nnls(
        np.vstack([design * balance[:, None], ridge]), np.concatenate([aim * balance, np.zeros(len(ridge))])
    )
    return weights if weights.any() else np.ones(len(weights))


def _level(base: Floats) -> Floats:
    """Put scores of different trainings on one scale, by their own mean and deviation: no label enters."""
    return np.asarray((base - base.mean(axis=0)) / (base.std(axis=0) + 1e-9))


def _alone(train: Floats, out: Mask, test: Floats, seed: int) -> Floats:
    """Classifiers of one target, shape (test releases, classifiers)."""
    train, test = _standard(train, test)
    return np.column_stack([_discriminants(train, out, test), _forest(train, out, test, seed)])


def _together(train: Floats, out: Mask, test: Floats) -> Floats:
    """Classifiers of all targets, each seen in its own units, shape (test releases, targets, classifiers)."""
    train, test = _standard(train, test)
    width = train.shape[-1]
    found = _discriminants(train.reshape(-1, width), out.reshape(-1), test.reshape(-1, width))
    return found.reshape(*test.shape[:2], -1)


def _standard(train: Floats, test: Floats) -> tuple[Floats, Floats]:
    """Standardise by the training releases; a feature that does not vary among them says nothing."""
    mean, scale = train.mean(axis=0), train.std(axis=0)
    weight = np.where(scale > 1e-9, 1.0 / np.maximum(scale, 1e-9), 0.0)
    return tuple(np.clip((given - mean) * weight, -FARTHEST, FARTHEST) for given in (train, test))


def _discriminants(train: Floats, out: Mask, test: Floats) -> Floats:
    """Fisher's discriminant at several shrinkages of the covariance, shape (test releases, len(SHRINKAGE))."""
    if out.all() or not out.any():
        return np.zeros((len(test), len(SHRINKAGE)))
    inside, outside = train[~out], train[out]
    gap = inside.mean(axis=0) - outside.mean(axis=0)
    between = len(inside) * len(outside) / len(train) ** 2
    spread = np.cov(train.T, bias=True) - between * np.outer(gap, gap)
    found = []
    for shrinkage in SHRINKAGE:
        factor = cho_factor(spread + shrinkage * np.eye(len(gap)), check_finite=False)
        found.append(test @ cho_solve(factor, gap, check_finite=False))
    return np.column_stack(found)


def _forest(train: Floats, out: Mask, test: Floats, seed: int) -> Floats:
    """Extremely randomised trees (Geurts et al. 2006, doi:10.1007/s10994-006-6226-1), for what is not linear."""
    from sklearn.ensemble import ExtraTreesClassifier

    if out.all() or not out.any():
        return np.zeros(len(test))
    forest = ExtraTreesClassifier(
        int(np.clip(len(train) // 5, FEWEST_TREES, MOST_TREES)),
        min_samples_leaf=LEAF,
        class_weight="balanced",
        n_jobs=1,
        random_state=seed,
    ).fit(train, ~out)
    return np.asarray(forest.predict_proba(test)[:, 1])
