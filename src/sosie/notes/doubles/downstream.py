"""Whether what is learned from doubles' notes holds for real ones: classifiers of bags of words.

Texts and labels of both sides enter; the accuracy on real notes of a model trained on real ones (others) and of one
trained on doubles' leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie.cohort import Rows

FOLDS = 3
MOST = 1_500
"""Texts of a side."""
WORDS = 2**14
LEAST_CLASSES = 2


@dataclass(frozen=True)
class Labelled:
    """Texts and what each is."""

    texts: Sequence[str]
    labels: Sequence[str]

    def of(self, classes: frozenset[str], rng: np.random.Generator) -> Labelled:
        """Return those of some classes, a random sample of many."""
        kept = [at for at, label in enumerate(self.labels) if label in classes]
        if len(kept) > MOST:
            kept = [kept[at] for at in rng.choice(len(kept), MOST, replace=False)]
        return Labelled([self.texts[at] for at in kept], [self.labels[at] for at in kept])


@dataclass(frozen=True)
class Accuracy:
    """Shares of real texts that are told rightly."""

    original: float
    doubles: float

    @property
    def gap(self) -> float:
        """What is lost by learning from doubles."""
        return self.original - self.doubles


def accuracy(real: Labelled, doubles: Labelled, k: int, rng: np.random.Generator) -> Accuracy | None:
    """Train on each side, test on real texts; None where fewer than two classes have k texts on the real side."""
    counts = Counter(real.labels)
    classes = frozenset(label for label, count in counts.items() if count >= max(k, FOLDS))
    real, doubles = real.of(classes, rng), doubles.of(classes, rng)
    if len(classes) < LEAST_CLASSES or len(set(doubles.labels)) < LEAST_CLASSES:
        return None
    seen, made = _bags(real.texts), _bags(doubles.texts)
    truth = np.array(real.labels)
    fold = rng.permutation(len(truth)) % FOLDS
    right = {"original": 0, "doubles": 0}
    for at in range(FOLDS):
        test, train = np.flatnonzero(fold == at), np.flatnonzero(fold != at)
        if len(set(truth[train])) >= LEAST_CLASSES:
            right["original"] += int((_model(seen[train], truth[train]).predict(seen[test]) == truth[test]).sum())
        some = _some(len(doubles.labels), len(train), rng)
        learned = np.array(doubles.labels)[some]
        if len(set(learned)) >= LEAST_CLASSES:
            right["doubles"] += int((_model(made[some], learned).predict(seen[test]) == truth[test]).sum())
    return Accuracy(*(round(right[side] / len(truth), 4) for side in ("original", "doubles")))


def _some(offered: int, wanted: int, rng: np.random.Generator) -> Rows:
    return rng.choice(offered, min(offered, wanted), replace=False).astype(np.int64)


def _bags(texts: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    bags = HashingVectorizer(n_features=WORDS, strip_accents="unicode", token_pattern=r"[^\W\d_]{2,}", norm="l2")
    return bags.transform(texts)


def _model(bags: Any, labels: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=30.0, max_iter=200).fit(bags, labels)
