"""The search for the most useful setting that passes the gate, and the frontier that it walked.

A cohort enters; the setting that the gate should judge leaves, with every point that was tried. A point is estimated on
a few replicates and passes with a margin, so that the gate, which judges afresh and once, seldom says otherwise. Each
synthesizer starts from its default strength: what passes is tried weaker, what fails stronger, by as much as the
attack's excess says.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import isfinite, sqrt
from typing import Any

import numpy as np

from sosie.attack import leave_out
from sosie.attack.fidelity import fidelity
from sosie.attack.shadow import shadow
from sosie.attack.typicality import Typicality
from sosie.checkpoint import Checkpoint
from sosie.doubles import TOO_FEW, TooFewError
from sosie.engine import Engine, Event, Listener, silent
from sosie.errors import ManifestError
from sosie.evidence import Criterion, CriterionId
from sosie.intake import Source
from sosie.release import composition, gate, trial
from sosie.release.ledger import History
from sosie.release.method import Method
from sosie.synthesis.catalogue import NAMES, Setting

STEPS = 4
SMALL = 500
"""Patients below which every synthesizer is tried; beyond, trees are the most faithful at every strength (measured)."""
ROUNDS, RELEASES = 2, 5
"""An estimate takes one round of the gate in so many, and one release of the trained attack in so many."""
FEWEST_RELEASES = 200
DRAWS = 5
"""Releases that fidelity is averaged over."""
MARGIN = 0.5
"""Part of the estimate's own uncertainty that a point must leave below the threshold, besides the gate's."""
WEAKER, STRONGER = 1.35, (0.4, 0.85)
TYPICAL = Typicality(0.0, 1.0, "", 0)
CHANCE = {CriterionId.MEMBERSHIP_TPR: 0.01}


@dataclass(frozen=True)
class Point:
    """One setting, and what is expected of it.

    Parameters
    ----------
    synthesizer : str
    strength : float
    utility, shapes, pairs : float
        Of `fidelity`, averaged over releases.
    auc, tpr, isolated_auc, shadow_auc : float
        Estimates; the last of the worst group of the trained attack, None where the others already failed.
    excess : float
        Largest expected bound over its threshold, as a share of what the threshold allows above chance; 1 or below
        passes.
    passes : bool
    chosen : bool
    """

    synthesizer: str
    strength: float
    utility: float
    shapes: float
    pairs: float
    auc: float
    tpr: float
    isolated_auc: float
    shadow_auc: float | None
    excess: float
    passes: bool
    chosen: bool = False


@dataclass(frozen=True)
class Search:
    """Where a search ended.

    Parameters
    ----------
    setting : Setting
        The most useful one that passes; the safest one where none does.
    frontier : tuple of Point
        Every point, in the order in which it was tried.
    """

    setting: Setting
    frontier: tuple[Point, ...]

    def told(self) -> list[dict[str, Any]]:
        """Return the frontier for the evidence."""
        return [asdict(point) for point in self.frontier]


def search(
    source: Source,
    names: Sequence[str],
    size: int,
    rng: np.random.Generator,
    *,
    rounds: int,
    releases: int,
    seconds: float,
    history: History,
    kept: Checkpoint,
    engine: Engine,
    listener: Listener = silent,
) -> Search:
    """Look for the best setting of some synthesizers.

    Parameters
    ----------
    source : Source
    names : sequence of str
        Synthesizers to try, the first one whatever the time.
    size : int
        Number of doubles.
    rng : numpy.random.Generator
    rounds, releases : int
        Of the gate, which will judge what is chosen.
    seconds : float
        After which no other point is tried.
    history : History
        Earlier releases, with which the gate composes this one.
    kept : Checkpoint
        A run that goes on takes the points that it had.
    engine : Engine
    listener : callable, optional

    Raises
    ------
    TooFewError
        When hardly a double of any setting obeys the rules of the tables.
    """
    started = time.perf_counter()
    points: list[Point] = []
    slowest = 0.0
    streams = iter(rng.spawn(STEPS * len(names)))
    for name in names:
        setting, walked = Setting.default(name), list[Point]()
        for _ in range(STEPS):
            clock = time.perf_counter()
            late = bool(points) and clock - started + slowest > seconds
            listener(Event("search", len(points), STEPS * len(names)))
            tried = (source, setting, size, next(streams), rounds, releases, history, engine)
            found = kept.remember(f"point {name} {len(walked)}", partial(_tried, late, *tried))
            if found is None:
                break
            slowest = max(slowest, time.perf_counter() - clock)
            walked.append(Point(**found))
            points.append(walked[-1])
            following = _next(walked)
            if following is None:
                break
            setting = replace(setting, strength=following)
    if not points:
        raise TooFewError(TOO_FEW)
    best = _best(points)
    chosen = tuple(replace(point, chosen=point is best) for point in points)
    return Search(Setting(best.synthesizer, best.strength), chosen)


def families(asked: str, patients: int) -> tuple[str, ...]:
    """Return the synthesizers that a search tries.

    Raises
    ------
    ManifestError
        When nothing of that name makes doubles.
    """
    if asked not in ("auto", *NAMES):
        raise ManifestError(f"--synthesizer {asked}: expected auto, {', '.join(NAMES)}")
    if asked != "auto":
        return (asked,)
    # In the smallest cohorts trees keep least: they come last, for the time that is left.
    return (*NAMES[1:], NAMES[0]) if patients < SMALL else NAMES[:1]


def estimate(
    source: Source,
    setting: Setting,
    size: int,
    rng: np.random.Generator,
    rounds: int,
    releases: int,
    history: History,
    engine: Engine,
) -> Point:
    """Estimate what the gate will find, on a part of its rounds and releases."""
    method = Method.of(source, setting.build(source.manifest.k), size)
    some = max(trial.FEWEST_ROUNDS, rounds // ROUNDS)
    replicates = leave_out.replicate(method.patients, method.release, rounds=some, rng=rng, engine=engine)
    membership = leave_out.membership(replicates, rng, history.confidence)
    attacked = leave_out.excess(replicates, history.confidence)
    few = min(max(FEWEST_RELEASES, releases // RELEASES), releases)
    known = composition.composed(gate.from_replicates(membership, attacked, TYPICAL, some), history)
    excess = max(_excess(one, some / rounds) for one in known)
    worst: float | None = None
    if excess <= 1.0:
        # The trained attack is the slower one: only what withstands the other is worth it.
        found = shadow(method.patients, method.release, releases=few, rng=rng, engine=engine)
        trained = composition.composed(gate.from_shadow(found), history)
        excess = max(excess, *(_excess(one, few / max(releases, few)) for one in trained))
        worst = max(found.isolated.value, found.random.value)
    seen = [fidelity(method.patients, method.full(stream), stream) for stream in rng.spawn(DRAWS)]
    value = {one.id: one.value for one in known}
    return Point(
        setting.synthesizer,
        setting.strength,
        utility=float(np.mean([one.utility for one in seen])),
        shapes=float(np.mean([one.shapes for one in seen])),
        pairs=float(np.mean([one.pairs for one in seen])),
        auc=value[CriterionId.MEMBERSHIP_AUC],
        tpr=value[CriterionId.MEMBERSHIP_TPR],
        isolated_auc=value[CriterionId.MEMBERSHIP_ISOLATED_AUC],
        shadow_auc=worst,
        excess=excess,
        passes=excess <= 1.0,
    )


def _tried(late: bool, *given: Any) -> dict[str, Any] | None:
    """Return a point; None where the time is up, or the rules of the tables leave hardly a double of such a setting."""
    with suppress(TooFewError):
        return None if late else asdict(estimate(*given))
    return None


def _excess(criterion: Criterion, part: float) -> float:
    """Return the bound to expect of the gate, with a margin, in units of what its threshold allows above chance."""
    chance = 0.5 if criterion.threshold >= 0.5 else CHANCE.get(criterion.id, 0.0)
    allowed = criterion.threshold - chance
    width = 0.0 if criterion.upper_95 is None else criterion.upper_95 - criterion.value
    if not isfinite(width) or criterion.id is CriterionId.TYPICALITY:
        return 0.0 if criterion.id is CriterionId.TYPICALITY else float("inf")
    # The gate runs more rounds: its bound is narrower, and the estimate itself may be off.
    return (criterion.value - chance + width * (sqrt(part) + MARGIN)) / allowed


def _next(walked: Sequence[Point]) -> float | None:
    """Return the strength to try next: weaker after a pass, stronger after a failure, None between the two."""
    last = walked[-1]
    if last.passes:
        failed = any(not point.passes for point in walked)
        return None if failed else last.strength * WEAKER
    if any(point.passes for point in walked):
        return None
    low, high = STRONGER
    return last.strength * float(np.clip(1.0 / max(last.excess, 1e-6), low, high))


def _best(points: Sequence[Point]) -> Point:
    passing = [point for point in points if point.passes]
    return max(passing, key=lambda point: point.utility) if passing else min(points, key=lambda point: point.excess)
