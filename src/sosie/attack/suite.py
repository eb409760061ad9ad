"""What every attack looks like, and the attacks on the criteria of WP29 Opinion 05/2014 and by reconstruction.

An attack is built once on all the patients of the cohort, then called on many releases.
"""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

import numpy as np

from sosie.attack.attribute import ConfidentClaims
from sosie.attack.copies import ExactCopies, NearCopies
from sosie.attack.cross_modal import CrossModal, modalities
from sosie.attack.inference import NearestDouble
from sosie.attack.linkability import SplitColumns
from sosie.attack.reconstruction import Linear
from sosie.attack.sequences import KnownSequences
from sosie.attack.singling_out import Multivariate, Univariate
from sosie.attack.space import Space
from sosie.cohort import Floats, Vectors
from sosie.evidence import CriterionId

Unit = Literal["guesses", "patients", "claims"]


@runtime_checkable
class Attack(Protocol):
    """How much a release gives each patient away. Frozen, and safe to call from several threads."""

    @property
    def id(self) -> CriterionId:
        """The criterion that this attack measures."""
        ...

    @property
    def unit(self) -> Unit:
        """``guesses``: credits add up over patients to a success rate; ``patients``: their mean is the rate.

        ``claims``: credits are right claims, claims, right claims on values open to claims and such values, from
        which precision and recall follow.
        """
        ...

    @property
    def details(self) -> dict[str, object]:
        """Attacked columns, auxiliary columns, guesses per release: names and counts only."""
        ...

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return a credit for each patient, shape (patients,), or (patients, secrets) where the worst counts."""
        ...


def suite(patients: Vectors, rng: np.random.Generator, cohort: Vectors | None = None) -> tuple[Attack, ...]:
    """Build the attacks on the attacked patients of a cohort, as an attacker sees them.

    ``cohort`` is everybody, where not all are attacked: a guess must isolate one of them, so that attacks that count
    ``guesses`` credit every patient of the cohort.
    """
    space, everyone = Space.of(patients), patients if cohort is None else cohort
    joined = (CrossModal.of(patients, space),) if len(modalities(space)) > 1 else ()
    return (
        Univariate.of(everyone),
        Multivariate.of(everyone, space),
        SplitColumns.of(patients, rng, space),
        NearestDouble.of(patients, space),
        ConfidentClaims.of(patients, space),
        Linear.of(patients, rng),
        ExactCopies.of(patients),
        NearCopies.of(patients, space),
        *joined,
        *([KnownSequences.of(patients)] if any(column.sequence for column in patients.columns) else []),
    )
