"""The trained shadow attack: hundreds of releases with and without a few patients, and a classifier for each of them.

The attacker knows the algorithm and everyone but the target, and learns what the target does to a release. The targets
are the most isolated patients and as many random ones. Each release is made without some of them, at most one patient
in 200 and at least one, always the same number, so that one release serves every target. A round is the fewest releases
in which every target is out once; scores are out of fold over rounds, and bounds come from the scatter between rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from sosie.attack.classifier import FOLDS, out_of_fold
from sosie.attack.estimate import CONFIDENCE, Figure, ignorance, over_trained
from sosie.attack.features import Lens
from sosie.attack.leave_out import Generate, lonely
from sosie.cohort import Floats, Mask, Rows, Vectors
from sosie.engine import Engine, Listener, silent

FEWEST_TARGETS, MOST_TARGETS = 5, 50
ONE_IN = 200
"""One patient in so many, at most, is left out of a release."""
FEWEST_ROUNDS = 2
FALSE_POSITIVES = (0.01, 0.05)
MOST_EXPOSED = 10

Make = Callable[[Mask, np.random.Generator], Vectors]
"""Makes a release without some of the targets."""


@dataclass(frozen=True)
class Design:
    """Who is attacked, and who is left out when.

    Parameters
    ----------
    rows : ndarray of int64, shape (targets,)
        Row numbers of the targets; the isolated ones first.
    isolated : ndarray of bool, shape (targets,)
    out : ndarray of bool, shape (rounds, releases of a round, targets)
        Each target is out of one release of each round.
    """

    rows: Rows
    isolated: Mask
    out: Mask

    @classmethod
    def of(cls, patients: Vectors, releases: int, rng: np.random.Generator) -> Design:
        """Choose the targets and plan about ``releases`` releases, in whole rounds."""
        pool, isolation = lonely(patients, rng)
        each = min(int(np.clip(len(patients) // ONE_IN, FEWEST_TARGETS, MOST_TARGETS)), len(pool) // 2)
        farthest = np.argsort(-isolation, kind="stable")
        others = rng.choice(farthest[each:], each, replace=False)
        rows = pool[np.concatenate([farthest[:each], others])]
        together = _together(2 * each, len(patients) // ONE_IN)
        parts = 2 * each // together
        rounds = max(FEWEST_ROUNDS, releases // parts)
        out = np.zeros((rounds, parts, 2 * each), dtype=bool)
        for at in range(rounds):
            for release, members in enumerate(rng.permutation(2 * each).reshape(parts, together)):
                out[at, release, members] = True
        return cls(rows, np.arange(2 * each) < each, out)

    @property
    def rounds(self) -> int:
        """Number of rounds."""
        return int(self.out.shape[0])

    @property
    def releases(self) -> int:
        """Number of releases."""
        return int(self.out.shape[0] * self.out.shape[1])


@dataclass(frozen=True)
class Exposed:
    """One of the patients whom the attack recognises best.

    Parameters
    ----------
    number : int
        Means nothing outside this attack.
    row : int
        In the cohort; it is never published.
    auc : float
    group : str
        ``isolated`` or ``random``.
    """

    number: int
    row: int
    auc: float
    group: str


@dataclass(frozen=True)
class Shadow:
    """What the trained attack achieves.

    Parameters
    ----------
    design : Design
    scores : ndarray of float64, shape (rounds, releases of a round, targets)
        Out of fold; higher where the classifier believes that the release was made with the target.
    by_target : tuple of Figure
        AUC of each target.
    isolated, random : Figure
        Mean AUC over the isolated and over the random targets.
    tpr : dict of str to dict of float to float
        Share of releases with a target that are recognised, by group and by rate of false positives.
    exposed : tuple of Exposed
    features : int
    """

    design: Design
    scores: Floats
    by_target: tuple[Figure, ...]
    isolated: Figure
    random: Figure
    tpr: dict[str, dict[float, float]]
    exposed: tuple[Exposed, ...]
    features: int


def shadow(
    patients: Vectors,
    generate: Generate,
    *,
    releases: int,
    rng: np.random.Generator,
    engine: Engine | None = None,
    confidence: float = CONFIDENCE,
    listener: Listener = silent,
) -> Shadow:
    """Make releases with and without the targets, train a classifier for each, and judge it on releases it never saw.

    Parameters
    ----------
    patients : Vectors
        The whole cohort, as the attacker sees it.
    generate : callable
        Makes a release from some patients, by row number, as large as the real one.
    releases : int
        About how many; they are made in whole rounds.
    rng : numpy.random.Generator
    engine : Engine, optional
    confidence : float
        Of the bounds.
    listener : callable, optional
    """
    design = Design.of(patients, releases, rng)
    everyone = np.arange(len(patients))

    def make(away: Mask, stream: np.random.Generator) -> Vectors:
        return generate(np.setdiff1d(everyone, design.rows[away]), stream)

    return attack(
        design,
        Lens.of(patients, design.rows),
        make,
        len(patients),
        rng,
        engine=engine,
        confidence=confidence,
        listener=listener,
    )


def attack(
    design: Design,
    lens: Lens,
    make: Make,
    patients: int,
    rng: np.random.Generator,
    *,
    engine: Engine | None = None,
    confidence: float = CONFIDENCE,
    listener: Listener = silent,
    stage: str = "shadow",
) -> Shadow:
    """Carry a design out; ``patients`` is the number of those among whom the targets were chosen."""
    engine = engine or Engine()
    rounds, parts, targets = design.out.shape
    away = design.out.reshape(-1, targets)
    numbers = rng.permutation(patients)[: len(design.rows)] + 1

    def look(task: tuple[int, np.random.Generator]) -> Floats:
        release, stream = task
        return lens.look(make(away[release], stream), stream)

    tasks = list(enumerate(rng.spawn(len(away))))
    features = np.array(engine.map(look, tasks, stage=stage, listener=listener))
    fold = np.repeat(np.arange(rounds) % min(FOLDS, rounds), parts)
    groups = design.isolated.astype(np.int64)
    scores = out_of_fold(features, away, fold, groups, rng, engine=engine)
    placed = placements(scores, away, fold).reshape(rounds, parts, targets).sum(axis=1)
    by_target = tuple(
        over_trained(placed[:, at], confidence, ignorance(design.out[..., [at]])) for at in range(targets)
    )
    scores = scores.reshape(design.out.shape)
    names = {"isolated": design.isolated, "random": ~design.isolated}
    found = {name: _over(placed, members, design.out, confidence) for name, members in names.items()}
    return Shadow(
        design,
        scores,
        by_target,
        found["isolated"],
        found["random"],
        {
            name: {rate: recognised(scores[..., members], design.out[..., members], rate) for rate in FALSE_POSITIVES}
            for name, members in names.items()
        },
        _exposed(by_target, design, numbers),
        features.shape[-1],
    )


def placements(scores: Floats, out: Mask, fold: Rows) -> Floats:
    """Share the AUC of each target among the releases it was measured on (DeLong et al. 1988, doi:10.2307/2531595).

    Releases are compared within their fold, since each fold has a classifier of its own. A release's part is how
    often it stands on the right side of those of the other kind, in such units that the parts of a round add up to a
    figure whose mean over rounds is the AUC and whose scatter is that of the AUC.

    Parameters
    ----------
    scores, out : ndarray, shape (releases, targets)
    fold : ndarray of int64, shape (releases,)

    Returns
    -------
    ndarray of float64, shape (releases, targets)
    """
    parts = np.zeros(scores.shape)
    for one in np.unique(fold):
        rows = np.flatnonzero(fold == one)
        for target in range(scores.shape[1]):
            given, away = scores[rows, target], out[rows, target]
            inside, outside = rows[~away], rows[away]
            ranks = rankdata(given)
            above = (ranks[~away] - rankdata(given[~away])) / len(outside)
            below = 1.0 - (ranks[away] - rankdata(given[away])) / len(inside)
            area = float(below.mean())
            # Each round of the fold has the same number of releases of each kind.
            rounds = len(outside)
            parts[inside, target] = (above - area) * rounds / len(inside)
            parts[outside, target] = below
    return parts


def recognised(scores: Floats, out: Mask, rate: float) -> float:
    """Share of releases with a target above the share ``rate`` of highest releases without it, targets together."""
    cut = np.quantile(scores[out], 1.0 - rate) if out.any() else np.inf
    return float((scores[~out] > cut).mean()) if (~out).any() else 0.0


def _over(placed: Floats, members: Mask, out: Mask, confidence: float) -> Figure:
    """Mean over some targets, with its bound over rounds."""
    if not members.any():
        return Figure(float("nan"), float("nan"))
    return over_trained(placed[:, members].mean(axis=1), confidence, ignorance(out[..., members]))


def _exposed(by_target: tuple[Figure, ...], design: Design, numbers: Rows) -> tuple[Exposed, ...]:
    order = np.argsort([-figure.value for figure in by_target], kind="stable")[:MOST_EXPOSED]
    groups = ("random", "isolated")
    return tuple(
        Exposed(int(numbers[at]), int(design.rows[at]), by_target[at].value, groups[int(design.isolated[at])])
        for at in order
    )


def _together(targets: int, most: int) -> int:
    """How many targets are out of one release: the largest divisor of their number that is allowed, at most half."""
    allowed = max(1, min(most, targets // 2))
    return max(count for count in range(1, allowed + 1) if targets % count == 0)
