"""The same patient, with and without: attacks on releases of the same method made with and without each patient.

A round cuts the patients into five folds and makes five releases, each without one fold; every release has the number
of rows of the real one. Each patient is thus in four releases of a round and out of one. An attacker who knows the
algorithm and everyone but the target compares a release with what releases without the target look like (LiRA,
arXiv 2112.03570); an out score never enters the mean or the deviation that it is judged by.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sosie.attack.estimate import CONFIDENCE, Figure, auc_by_round, over_rounds, tpr_over_rounds
from sosie.attack.proximity import NAMES, Proximity
from sosie.attack.rates import Counts, by_round, counts, with_worst
from sosie.attack.space import Space, isolation
from sosie.attack.suite import Attack, suite
from sosie.cohort import Floats, Mask, Rows, Vectors
from sosie.engine import Engine, Listener, silent
from sosie.evidence import CriterionId

FOLDS = 5
MOST_ATTACKED = 5_000
MOST_ISOLATED = 500
ISOLATED_SHARE = 0.1
STATISTICS = (*NAMES, "combined")

Generate = Callable[[Rows, np.random.Generator], Vectors]
"""Makes a release from some patients of the cohort, by row number, and returns it as the attacker sees it."""


@dataclass(frozen=True)
class Targets:
    """The attacked patients.

    Parameters
    ----------
    rows : ndarray of int64
        Their row numbers in the cohort.
    random, isolated : ndarray of bool
        All of them or a random sample of the cohort; the most isolated tenth, at most `MOST_ISOLATED`.
    """

    rows: Rows
    random: Mask
    isolated: Mask

    @classmethod
    def of(cls, patients: Vectors, rng: np.random.Generator) -> Targets:
        """Choose the targets: everyone, or a random sample and the most isolated of a larger one."""
        pool, alone = lonely(patients, rng)
        farthest = np.argsort(-alone, kind="stable")
        count = max(1, min(MOST_ISOLATED, round(ISOLATED_SHARE * len(pool))))
        chosen = np.zeros(len(pool), dtype=bool)
        isolated = np.zeros(len(pool), dtype=bool)
        isolated[farthest[:count]] = True
        if len(pool) <= MOST_ATTACKED:
            chosen[:] = True
        else:
            chosen[rng.choice(len(pool), MOST_ATTACKED - count, replace=False)] = True
        kept = chosen | isolated
        return cls(pool[kept], chosen[kept], isolated[kept])


def lonely(patients: Vectors, rng: np.random.Generator) -> tuple[Rows, Floats]:
    """Return how isolated patients are, and their row numbers: everyone, or a large sample of a larger cohort."""
    n = len(patients)
    pool = np.arange(n) if n <= 4 * MOST_ATTACKED else np.sort(rng.choice(n, 4 * MOST_ATTACKED, replace=False))
    seen = patients.take(pool)
    space = Space.of(seen.take(np.arange(min(len(pool), MOST_ATTACKED))))
    return pool, isolation(space.embed(seen))


@dataclass(frozen=True)
class Replicates:
    """What the attacks saw in every replicate.

    Parameters
    ----------
    targets : Targets
    out : ndarray of bool, shape (rounds, FOLDS, targets)
        Which targets the replicate was made without.
    scores : ndarray of float64, shape (rounds, FOLDS, targets, statistics)
        Proximity of the release to each target.
    credits : dict of CriterionId to ndarray, shape (rounds, FOLDS, targets, scenarios)
    attacks : tuple of Attack
    patients : int
        Number of patients of the cohort.
    """

    targets: Targets
    out: Mask
    scores: Floats
    credits: dict[CriterionId, Floats]
    attacks: tuple[Attack, ...]
    patients: int

    @property
    def rounds(self) -> int:
        """Number of rounds."""
        return len(self.out)


@dataclass(frozen=True)
class Excess:
    """What one attack gains over the counterfactual, and the two rates behind it."""

    id: CriterionId
    figure: Figure
    rate_with: float
    rate_without: float
    details: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Membership:
    """What the membership attack achieves: over all targets, and over the isolated ones."""

    auc: Figure
    tpr: Figure
    isolated_auc: Figure
    by_statistic: dict[str, tuple[float, float, float]]


def replicate(
    patients: Vectors,
    generate: Generate,
    *,
    rounds: int,
    rng: np.random.Generator,
    engine: Engine | None = None,
    listener: Listener = silent,
) -> Replicates:
    """Make the replicates and attack each of them.

    Parameters
    ----------
    patients : Vectors
        The whole cohort, as the attacker sees it.
    generate : callable
    rounds : int
    rng : numpy.random.Generator
    engine : Engine, optional
    listener : callable, optional
    """
    targets = Targets.of(patients, rng)
    attacked = patients.take(targets.rows)
    proximity = Proximity.of(attacked)
    attacks = suite(attacked, rng, patients)
    folds = np.array([rng.permutation(len(patients)) % FOLDS for _ in range(rounds)])
    tasks = [(at, fold, stream) for (at, fold), stream in zip(np.ndindex(rounds, FOLDS), rng.spawn(rounds * FOLDS))]  # noqa: B905

    def one(task: tuple[int, int, np.random.Generator]) -> tuple[Floats, list[Floats]]:
        at, fold, stream = task
        release = generate(np.flatnonzero(folds[at] != fold), stream)
        given = [_credit(attack, release, targets.rows, stream) for attack in attacks]
        return proximity.score(release, stream), given

    done = (engine or Engine()).map(one, tasks, stage="attack", listener=listener)
    out = folds[:, None, targets.rows] == np.arange(FOLDS)[None, :, None]
    scores = np.array([score for score, _ in done]).reshape(rounds, FOLDS, len(attacked), -1)
    credited = {
        attack.id: np.array([given[place] for _, given in done]).reshape(rounds, FOLDS, len(attacked), -1)
        for place, attack in enumerate(attacks)
    }
    return Replicates(targets, out, scores, credited, attacks, len(patients))


def attack_seconds(patients: Vectors, release: Vectors, rng: np.random.Generator) -> float:
    """Return how long it takes to attack one release, in seconds; the second time, since the first compiles."""
    targets = Targets.of(patients, rng)
    attacked = patients.take(targets.rows)
    proximity, attacks = Proximity.of(attacked), suite(attacked, rng, patients)
    seconds = []
    for _ in range(2):
        clock = time.perf_counter()
        proximity.score(release, rng)
        for attack in attacks:
            _credit(attack, release, targets.rows, rng)
        seconds.append(time.perf_counter() - clock)
    return min(seconds)


def membership(replicates: Replicates, rng: np.random.Generator, confidence: float = CONFIDENCE) -> Membership:
    """Judge the membership attack: the worst of its statistics, with bounds that hold for all of them."""
    scores = _calibrate(replicates.scores, replicates.out)
    everyone, isolated = replicates.targets.random, replicates.targets.isolated
    out = replicates.out
    areas = np.column_stack(
        [auc_by_round(scores[..., s][..., everyone], out[..., everyone]) for s in range(scores.shape[-1])]
    )
    lonely = np.column_stack(
        [auc_by_round(scores[..., s][..., isolated], out[..., isolated]) for s in range(scores.shape[-1])]
    )
    rates = [
        tpr_over_rounds(scores[..., s][..., everyone], out[..., everyone], rng, confidence=confidence)
        for s in range(scores.shape[-1])
    ]
    worst = int(np.argmax([rate.upper_95 for rate in rates]))
    tpr = Figure(rates[worst].value, rates[worst].upper_95, worst, rates[worst].spread)
    table = {
        name: (float(areas[:, s].mean()), rates[s].value, float(lonely[:, s].mean()))
        for s, name in enumerate(STATISTICS)
    }
    return Membership(over_rounds(areas, confidence=confidence), tpr, over_rounds(lonely, confidence=confidence), table)


def excess(replicates: Replicates, confidence: float = CONFIDENCE) -> list[Excess]:
    """Judge the other attacks: success with the patient minus success without, over the same patients."""
    random = replicates.targets.random
    away = replicates.out[:, :, random, None]
    judged = []
    for attack in replicates.attacks:
        # A guess may isolate anybody: the random targets stand for the whole cohort.
        for found in counts(attack, replicates.credits[attack.id], replicates.patients):
            seen = found.take(random)
            inside, outside = (_rates(seen, where) for where in (~away, away))
            # Where every round gives the same, as many occasions as there were without the patient bound the rate.
            trials = np.maximum(seen.tried * away, seen.least * away).sum(axis=(0, 1, 2))
            figure = over_rounds(inside - outside, trials=int(trials.min()), confidence=confidence)
            rates = float(inside[:, figure.worst].mean()), float(outside[:, figure.worst].mean())
            details = with_worst(attack.details, figure.worst)
            if found.id is CriterionId.ATTRIBUTE_PRECISION:
                details["claims"] = int(seen.tried[..., figure.worst].sum())
            judged.append(Excess(found.id, figure, *rates, details))
    return judged


def _rates(seen: Counts, where: Mask) -> Floats:
    """Success by round over the replicates with or without each patient, shape (rounds, scenarios)."""
    return by_round(*((count * where).sum(axis=(1, 2)) for count in (seen.right, seen.tried, seen.least)))


def _credit(attack: Attack, release: Vectors, rows: Rows, rng: np.random.Generator) -> Floats:
    """Return the credits of the targets, shape (targets, scenarios)."""
    given = attack.credit(release, rng)
    return (given[rows] if attack.unit == "guesses" else given).reshape(len(rows), -1)


def _calibrate(scores: Floats, out: Mask) -> Floats:
    """Standardise each score by the other rounds' scores without the patient; add their best linear combination.

    Returns shape (rounds, FOLDS, targets, statistics + 1).
    """
    rounds = len(scores)
    away = np.where(out[..., None], scores, 0.0).sum(axis=1)  # (rounds, targets, statistics): one out score each
    if rounds < 3:
        centre = scores.mean(axis=(0, 1), keepdims=True)
        standard = (scores - centre) / (scores.std(axis=(0, 1), keepdims=True) + 1e-9)
        return np.concatenate([standard, standard.mean(axis=-1, keepdims=True)], axis=-1)
    mean = (away.sum(axis=0) - away) / (rounds - 1)
    square = ((away**2).sum(axis=0) - away**2) / (rounds - 1)
    variance = np.maximum(square - mean**2, 0.0)
    pooled = variance.mean(axis=1, keepdims=True)
    deviation = np.sqrt((variance + pooled) / 2.0) + 1e-9
    standard = (scores - mean[:, None]) / deviation[:, None]
    return np.concatenate([standard, _combined(standard, out)[..., None]], axis=-1)


def _combined(standard: Floats, out: Mask) -> Floats:
    """Fisher's discriminant of members and non-members, learned for each round on the other rounds."""
    rounds, _, _, count = standard.shape
    inside, outside = [], []
    moments = np.zeros((rounds, count, count))
    for at in range(rounds):
        away = out[at]
        flat = standard[at].reshape(-1, count)
        inside.append(standard[at][~away].mean(axis=0))
        outside.append(standard[at][away].mean(axis=0))
        moments[at] = np.cov(flat.T).reshape(count, count)
    gap = np.array(inside) - np.array(outside)
    scores = np.empty(standard.shape[:3])
    for at in range(rounds):
        others = np.arange(rounds) != at
        spread = moments[others].mean(axis=0) + 0.1 * np.eye(count)
        scores[at] = standard[at] @ np.linalg.solve(spread, gap[others].mean(axis=0))
    return scores
