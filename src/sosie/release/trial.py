"""A method on trial: releases with and without each patient, attacked, judged by the gate."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie import doubles
from sosie.attack import leave_out, reference, suite, two_sample
from sosie.attack.distances import distances
from sosie.attack.estimate import CONFIDENCE
from sosie.attack.typicality import typicality
from sosie.cohort import Cohort, Column, Kind, Rows, Synthesizer, Vectors
from sosie.engine import Engine, Listener, silent, single_threaded_libraries
from sosie.errors import ManifestError
from sosie.evidence import Criterion
from sosie.intake import Source
from sosie.release import gate, shadows

FEWEST_ROUNDS, ROUNDS, MANY_ROUNDS = 5, 40, 80
SMALL = 1_000
DEFAULT_ALLOWANCE = 15.0
FEW_COLUMNS, MOST_OVERLAP = 4, 0.5
"""Beyond so many columns, other patients do not share whole rows; beyond such a share, the control is the original."""
NOT_ATTACKED = ("reconstruction",)
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


def choose_rounds(patients: int, seconds: float, workers: int, allowance: float | None) -> int:
    """Return the number of rounds: more for small cohorts, fewer where the allowance (minutes) is short.

    ``seconds`` is what one release takes, with the attacks on it. The number is fixed before any attack is seen.
    """
    wanted = ROUNDS if patients >= SMALL else MANY_ROUNDS
    minutes = DEFAULT_ALLOWANCE if allowance is None else allowance
    within = minutes * 60.0 * workers / (leave_out.FOLDS * max(seconds, 1e-3))
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
    against = _against(source, released, control, rng.spawn(1)[0]) if control is not None else []
    observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)
    patients, size = observer.look(source.cohort), len(released)

    def generate(rows: Rows, stream: np.random.Generator) -> Vectors:
        fitted = doubles.fit(source.cohort.take(rows), source.modalities, source.manifest, synthesizer, stream)
        return observer.look(fitted.draw(size, stream))

    def full(stream: np.random.Generator) -> Vectors:
        return generate(np.arange(len(patients)), stream)

    seen = observer.look(released)
    replicates = leave_out.replicate(patients, generate, rounds=rounds, rng=rng, engine=engine, listener=listener)
    membership = leave_out.membership(replicates, rng, confidence)
    typical = typicality(patients, seen, full, rng, engine=engine, listener=listener)
    criteria = gate.from_replicates(membership, leave_out.excess(replicates, confidence), typical, rounds)
    privacy: dict[str, Any] = {
        "membership_statistics": {
            name: {"auc": area, "tpr_at_1_fpr": found, "isolated_auc": isolated}
            for name, (area, found, isolated) in membership.by_statistic.items()
        },
        "attacked_patients": len(replicates.targets.rows),
        "isolated_patients": int(replicates.targets.isolated.sum()),
        "distances": distances(patients, seen, rng),
        "not_attacked": [*(() if releases else TRAINED), *NOT_ATTACKED],
    }
    if releases:
        found = shadows.trained(
            patients,
            generate,
            releases=releases,
            rng=rng,
            claim=claim,
            engine=engine,
            confidence=confidence,
            listener=listener,
        )
        criteria += found.criteria
        privacy |= found.privacy
        privacy["canary"] = shadows.canaries(
            source, synthesizer, size, releases=releases, rng=rng, engine=engine, listener=listener
        )
    if control is not None and len(control) >= gate.LEAST_CONTROL:
        criteria += against
    elif control is not None:
        privacy["reference"] = [criterion.model_dump(mode="json") for criterion in against]
    return Trial(criteria, privacy, rounds)


def judge_release(original: Vectors, release: Vectors, control: Vectors, rng: np.random.Generator) -> Trial:
    """Judge somebody else's release against patients who were not in the data."""
    _refuse_overlap(original, control)
    criteria = gate.from_reference(_membership(original, control, release, rng), len(original), len(control))
    everyone = Vectors(original.columns, np.vstack([original.values, control.values]))
    attacks = suite.suite(everyone, rng)
    excesses = [two_sample.excess(lambda _, built=attack: built, original, control, release, rng) for attack in attacks]  # type: ignore[misc]
    criteria += gate.from_control(excesses)
    privacy = {"distances": distances(original, release, rng), "not_attacked": [*TRAINED, *NOT_ATTACKED]}
    return Trial(criteria, privacy, 0)


def _against(source: Source, released: Cohort, control: Cohort, rng: np.random.Generator) -> list[Criterion]:
    """Judge a release by the attacker who holds a reference sample, on the columns that the control has."""
    shared = source.shared(control)
    observer = doubles.Observer.of(shared.cohort, shared.modalities, shared.manifest)
    patients, outside, seen = (observer.look(cohort) for cohort in (shared.cohort, control, released))
    _refuse_overlap(patients, outside)
    return gate.from_reference(_membership(patients, outside, seen, rng), len(patients), len(outside))


def _membership(
    patients: Vectors, control: Vectors, release: Vectors, rng: np.random.Generator
) -> reference.Membership:
    """Attack with half of the control as the reference sample, the other half as those who were not in the data."""
    order = rng.permutation(len(control))
    half = len(order) // 2
    known, outside = control.take(order[:half]), control.take(order[half:])
    return reference.judge(reference.calibrated_membership(patients, outside, known, release), rng)


def _refuse_overlap(original: Vectors, control: Vectors) -> None:
    """Refuse a control that holds the patients themselves: it would hide every leak."""
    rows = {row.tobytes() for row in np.nan_to_num(original.values, nan=-9e99)}
    found = [row.tobytes() in rows for row in np.nan_to_num(control.values, nan=-9e99)]
    overlap = float(np.mean(found)) if found and original.values.shape[1] > FEW_COLUMNS else 0.0
    if overlap > MOST_OVERLAP:
        raise ManifestError(
            f"the control holds {overlap:.0%} of rows that are also in the original: expected other patients"
        )


def timed_release(
    source: Source, synthesizer: Synthesizer, size: int, rng: np.random.Generator
) -> tuple[Cohort, dict[str, float]]:
    """Make one release, attack it, and say how long each stage took in seconds."""
    _compile(synthesizer)
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
