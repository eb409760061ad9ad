"""A method on trial: releases with and without each patient, attacked, judged by the gate."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie import doubles
from sosie.attack import leave_out, permutation, reference, suite, two_sample
from sosie.attack.distances import distances
from sosie.attack.estimate import CONFIDENCE
from sosie.attack.typicality import typicality
from sosie.cohort import Cohort, Column, Floats, Kind, Mask, Synthesizer, Vectors
from sosie.engine import Engine, Listener, silent, single_threaded_libraries
from sosie.evidence import Criterion, CriterionId
from sosie.intake import Source
from sosie.release import comparable, gate, shadows
from sosie.release.method import Method

FEWEST_ROUNDS = 5
ROUNDS = ((300, 160), (1_000, 80))
LEAST_ROUNDS = 40
"""Rounds of a cohort of fewer patients than so many; of any larger one."""
DEFAULT_ALLOWANCE = 15.0
SHARE_OF_TIME = 1.0 / 3.0
"""The search, the attack with and without each patient, and the trained one share the allowance."""
TRAINED = ("membership.shadow", "canary")


@dataclass(frozen=True)
class Trial:
    """What the attacks found.

    Parameters
    ----------
    criteria : list of Criterion
    privacy : dict
        The rest of the evidence on privacy: statistics, distances, what was not attacked.
    rounds : int
    """

    criteria: list[Criterion]
    privacy: dict[str, Any]
    rounds: int
    exposed: tuple[int, ...] = ()
    """Row numbers of ``privacy["exposed"]``, which names nobody."""


def choose_rounds(patients: int, seconds: float, workers: int, allowance: float | None) -> int:
    """Return the number of rounds: more for small cohorts, fewer where the allowance (minutes) is short.

    ``seconds`` is what one release takes, with the attacks on it. The number is fixed before any attack is seen.
    """
    wanted = next((rounds for fewer, rounds in ROUNDS if patients < fewer), LEAST_ROUNDS)
    minutes = DEFAULT_ALLOWANCE if allowance is None else allowance
    within = SHARE_OF_TIME * minutes * 60.0 * workers / (leave_out.FOLDS * max(seconds, 1e-3))
    return int(max(FEWEST_ROUNDS, min(wanted, within)))


def run(
    source: Source,
    released: Cohort,
    synthesizer: Synthesizer,
    rng: np.random.Generator,
    *,
    rounds: int,
    releases: int = 0,
    claim: shadows.Claim | None = None,
    control: Cohort | None = None,
    engine: Engine | None = None,
    confidence: float = CONFIDENCE,
    listener: Listener = silent,
) -> Trial:
    """Attack a method, and the release that it made.

    ``releases`` are those of the trained attack; without any, it and the canaries are not run, and the evidence says
    so. ``claim`` is the differential privacy that the method claims, if it does.
    """
    engine = engine or Engine()
    against = _against(source, released, control, rng.spawn(1)[0], confidence) if control is not None else []
    method = Method.of(source, synthesizer, len(released))
    patients, size = method.patients, method.size
    seen = method.observer.look(released)
    replicates = leave_out.replicate(patients, method.release, rounds=rounds, rng=rng, engine=engine, listener=listener)
    membership = leave_out.membership(replicates, rng, confidence)
    typical = typicality(patients, seen, method.full, rng, engine=engine, listener=listener)
    criteria = gate.from_replicates(membership, leave_out.excess(replicates, confidence), typical, rounds)
    privacy: dict[str, Any] = {
        "membership_statistics": {
            name: {"auc": area, "tpr_at_1_fpr": found, "isolated_auc": isolated}
            for name, (area, found, isolated) in membership.by_statistic.items()
        },
        "attacked_patients": len(replicates.targets.rows),
        "isolated_patients": int(replicates.targets.isolated.sum()),
        "distances": distances(patients, seen, rng),
        "not_attacked": [] if releases else list(TRAINED),
    }
    exposed: tuple[int, ...] = ()
    if releases:
        found = shadows.trained(
            patients,
            method.release,
            releases=releases,
            rng=rng,
            claim=claim,
            engine=engine,
            confidence=confidence,
            listener=listener,
        )
        criteria += found.criteria
        privacy |= found.privacy
        exposed = found.rows
        privacy["canary"] = shadows.canaries(
            source, synthesizer, size, releases=releases, rng=rng, engine=engine, listener=listener
        )
    if control is not None and len(control) >= gate.LEAST_CONTROL:
        criteria += against
    elif control is not None:
        privacy["reference"] = [criterion.model_dump(mode="json") for criterion in against]
    return Trial(criteria, privacy, rounds, exposed)


def judge_release(
    original: Vectors,
    release: Vectors,
    control: Vectors,
    rng: np.random.Generator,
    *,
    resamples: int = two_sample.RESAMPLES,
    permutations: int = permutation.PERMUTATIONS,
    repeats: int = two_sample.REPEATS,
) -> Trial:
    """Judge somebody else's release against patients who were not in the data."""
    comparable.refuse_same_rows(original, control)
    # Tested controls first: the attack with a reference sample uses the others up, and they stay where they are.
    tested, known = _parted(control, rng)
    everyone = Vectors(original.columns, np.vstack([original.values, tested.values, known.values]))
    scores = reference.calibrated_membership(original, tested, known, release, rng)
    attacks = suite.suite(everyone, rng)
    found = [
        one for attack in attacks for one in two_sample.two_sample(attack, len(original), release, rng, repeats=repeats)
    ]

    def figures(labels: Mask) -> Mapping[CriterionId, Floats]:
        whole = np.pad(labels, ((0, 0), (0, len(known))))
        return {**scores.figures(labels), **{one.counts.id: one.gains(whole) for one in found}}

    chances = permutation.against_chance(figures, len(original), len(tested), rng, permutations=permutations)
    criteria = gate.from_reference(scores.judge(rng, resamples=resamples), len(original), len(control), chances)
    excesses = [one.excess(rng, resamples=resamples) for one in found]
    criteria += gate.from_control(excesses, len(control), chances)
    privacy = {
        "distances": distances(original, release, rng),
        "not_attacked": list(TRAINED),
        "notices": comparable.notices(original, release, control),
    }
    return Trial(criteria, privacy, 0)


def _against(
    source: Source, released: Cohort, control: Cohort, rng: np.random.Generator, confidence: float
) -> list[Criterion]:
    """Judge a release by the attacker who holds a reference sample, on the columns that the control has."""
    comparable.refuse_same_keys(source.cohort, control)
    shared = source.shared(control)
    observer = doubles.Observer.of(shared.cohort, shared.modalities, shared.manifest)
    patients, outside, seen = (observer.look(cohort) for cohort in (shared.cohort, control, released))
    comparable.refuse_same_rows(patients, outside)
    tested, known = _parted(outside, rng)
    scores = reference.calibrated_membership(patients, tested, known, seen, rng)
    chances = permutation.against_chance(scores.figures, len(patients), len(tested), rng)
    return gate.from_reference(scores.judge(rng, confidence=confidence), len(patients), len(outside), chances)


def _parted(control: Vectors, rng: np.random.Generator) -> tuple[Vectors, Vectors]:
    """Part the control patients into those who are tested and those whom the attacker holds as a reference."""
    order = rng.permutation(len(control))
    half = len(order) - len(order) // 2
    return control.take(order[:half]), control.take(order[half:])


def timed_release(
    source: Source, synthesizer: Synthesizer, size: int, rng: np.random.Generator
) -> tuple[Cohort, dict[str, float]]:
    """Make one release, attack it, and say how long each stage took in seconds."""
    _compile(synthesizer)
    # What is read or looked at on first use is no part of the time of a release either; a budget pays for one fit only.
    if not isinstance(synthesizer, doubles.WholeSynthesizer):
        unused = np.random.default_rng(0)
        doubles.fit(source.cohort, source.modalities, source.manifest, synthesizer, unused).draw(size, unused)
    start = time.perf_counter()
    fitted = doubles.fit(source.cohort, source.modalities, source.manifest, synthesizer, rng)
    middle = time.perf_counter()
    released = fitted.draw(size, rng)
    timing = {"fit": middle - start, "draw": time.perf_counter() - middle}
    observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)
    seen = observer.look(source.cohort), observer.look(released)
    with single_threaded_libraries():
        timing["attack"] = leave_out.attack_seconds(*seen, rng.spawn(1)[0])
    return released, timing


def _compile(synthesizer: Synthesizer) -> None:
    """Let a synthesizer compile what it compiles on first use, which is no part of the time of a release."""
    columns = tuple(Column(f"{number}", Kind.NUMERIC) for number in range(4))
    line = Vectors(columns, np.repeat(np.arange(200.0)[:, None], len(columns), axis=1))
    rng = np.random.default_rng(0)
    synthesizer.fit(line, rng).sample(1, rng)
