"""One way to make doubles of a cohort, as the attacks call it: patients enter, a release as it is seen leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie import doubles
from sosie.cohort import Cohort, Rows, Synthesizer, Vectors
from sosie.intake import Source


@dataclass(frozen=True)
class Method:
    """A synthesizer on a cohort, and the attacker's view of both.

    Parameters
    ----------
    source : Source
    synthesizer : Synthesizer
    size : int
        Number of doubles of every release.
    observer : doubles.Observer
    patients : Vectors
        The cohort as the attacker sees it.
    """

    source: Source
    synthesizer: Synthesizer
    size: int
    observer: doubles.Observer
    patients: Vectors

    @classmethod
    def of(cls, source: Source, synthesizer: Synthesizer, size: int) -> Method:
        """Freeze the attacker's view on the cohort."""
        observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)
        return cls(source, synthesizer, size, observer, observer.look(source.cohort))

    def make(self, rows: Rows, rng: np.random.Generator) -> Cohort:
        """Fit everything on some patients, and draw doubles."""
        cohort = self.source.cohort.take(rows)
        return doubles.make(cohort, self.source.modalities, self.source.manifest, self.synthesizer, self.size, rng)

    def release(self, rows: Rows, rng: np.random.Generator) -> Vectors:
        """Make doubles of some patients, as the attacker sees them."""
        return self.observer.look(self.make(rows, rng))

    def full(self, rng: np.random.Generator) -> Vectors:
        """Make doubles of all patients, as the attacker sees them."""
        return self.release(np.arange(len(self.patients)), rng)
