"""A release under differential privacy: one budget for everything that looks at the patients.

A cohort enters; codecs laid on public knowledge and a model of noisy marginals leave, with the accountant that paid for
them. The release draws its noise from OpenDP; the replicates of the attacks repeat the whole method, counting and
finding included, with noise that numpy draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from sosie.budget import UNIT, Budget, default_delta
from sosie.cohort import Codec, Cohort, Modality, Model, Part, Vectors
from sosie.doubles import Fitted
from sosie.errors import ManifestError, SosieError
from sosie.evidence import Budget as Claim
from sosie.intake import Source
from sosie.manifest import Manifest
from sosie.noise import Fast, Noise, OpenDP
from sosie.release import shadows
from sosie.settings import Settings
from sosie.synthesis.marginals import COUNT, Marginals, count_patients

OUTSIDE = {
    "en": "the evidence, the report, the decision to release and the time that it took: they stay with the data "
    "protection officer",
    "fr": "les preuves, le rapport, la décision de diffuser et le temps qu'elle a pris : ils restent chez le délégué à "
    "la protection des données",
}


@runtime_checkable
class PrivateModality(Protocol):
    """A modality that can encode without looking at the patients, but for what it pays."""

    def fit_private_codec(self, part: Part, manifest: Manifest, budget: Budget, noise: Noise) -> Codec:
        """Lay a codec on public knowledge; what is found in the patients is charged to the budget."""
        ...

    def unpaid(self, part: Part, manifest: Manifest) -> Sequence[Mapping[str, str]]:
        """Tell what the reader inferred from the patients that no epsilon pays for."""
        ...

    def unknown(self, part: Part, manifest: Manifest) -> bool:
        """Tell whether a private codec will need to spend, and some delta with it."""
        ...


class Private:
    """Codecs and marginals within one epsilon, as the synthesizer of a whole cohort.

    Parameters
    ----------
    epsilon : float
    """

    def __init__(self, epsilon: float) -> None:
        self.epsilon = epsilon

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> Model:
        """Fit vectors alone, with noise that numpy draws."""
        return Marginals(epsilon=self.epsilon).fit(vectors, rng)

    def fit_cohort(
        self, cohort: Cohort, modalities: Mapping[str, Modality], manifest: Manifest, rng: np.random.Generator
    ) -> Fitted:
        """Repeat the method on a cohort, with noise that numpy draws: a replicate, which never leaves."""
        noise = Fast(rng)
        patients = count_patients(len(cohort), self.epsilon, noise)
        return self.spend(cohort, modalities, manifest, patients, noise)[0]

    def spend(
        self, cohort: Cohort, modalities: Mapping[str, Modality], manifest: Manifest, patients: float, noise: Noise
    ) -> tuple[Fitted, Budget]:
        """Fit codecs and marginals within one budget, of which the noisy number of patients has taken its part."""
        budget = self.budget(cohort, modalities, manifest, patients)
        codecs: dict[str, Codec] = {}
        for name, part in cohort.parts.items():
            codecs[name] = _private(name, modalities[name]).fit_private_codec(part, manifest, budget, noise)
        blocks = {name: codec.encode(cohort.parts[name]) for name, codec in codecs.items()}
        vectors = Vectors.beside(list(blocks.values()))
        model = Marginals(targets=_targets(vectors, manifest)).measure(vectors, budget, noise, patients)
        return Fitted(codecs, {name: len(block.columns) for name, block in blocks.items()}, model), budget

    def budget(self, cohort: Cohort, modalities: Mapping[str, Modality], manifest: Manifest, patients: float) -> Budget:
        """Open an accountant; half of delta is kept for categories where some must be found."""
        delta = default_delta(patients)
        unknown = any(_private(name, modalities[name]).unknown(part, manifest) for name, part in cohort.parts.items())
        reserved = delta / 2 if unknown else 0.0
        return Budget(self.epsilon, delta, counted=COUNT * self.epsilon, reserved=reserved)


class PrivateRelease(Private):
    """The one fit that is published.

    Attributes
    ----------
    patients : int
        Noisy number of patients, which a release may say.
    spent : Budget, optional
        After the fit.
    """

    def __init__(self, epsilon: float, patients: int) -> None:
        super().__init__(epsilon)
        self.noise = OpenDP()
        self.patients = round(count_patients(patients, epsilon, self.noise))
        self.spent: Budget | None = None

    def fit_cohort(
        self, cohort: Cohort, modalities: Mapping[str, Modality], manifest: Manifest, rng: np.random.Generator
    ) -> Fitted:
        """Fit with noise from OpenDP, once.

        Raises
        ------
        SosieError
            When it is asked for a second time: the budget paid for one.
        """
        if self.spent is not None:
            raise SosieError("the privacy budget paid for one fit; declare fewer rules in the manifest")
        fitted, self.spent = self.spend(cohort, modalities, manifest, float(self.patients), self.noise)
        return fitted

    def claim(self) -> Claim:
        """Return what the evidence says of the budget."""
        if self.spent is None:
            return Claim()
        return Claim(epsilon=self.epsilon, delta=self.spent.delta, unit=UNIT, covers=list(self.spent.covers))

    def promise(self) -> shadows.Claim:
        """Return what the attacks may contradict."""
        return shadows.Claim(self.epsilon, 0.0 if self.spent is None else self.spent.delta)


def check(settings: Settings) -> None:
    """Refuse settings that contradict the guarantee.

    Raises
    ------
    ManifestError
    """
    if settings.guarantee != "dp":
        if settings.epsilon is not None:
            raise ManifestError("--epsilon belongs to --guarantee dp")
        return
    if settings.epsilon is None or not 0.0 < settings.epsilon < float("inf"):
        raise ManifestError("--guarantee dp: expected --epsilon with a number above 0, 1 for instance")
    if settings.seed is not None:
        raise ManifestError("--guarantee dp: its noise must be secret; leave out --seed")
    if settings.synthesizer not in ("auto", "marginals"):
        raise ManifestError(f"--guarantee dp: only 'marginals' gives it, not --synthesizer {settings.synthesizer}")


def release(source: Source, settings: Settings) -> PrivateRelease:
    """Open the one release of a source."""
    check(settings)
    for name in source.modalities:
        _private(name, source.modalities[name])
    return PrivateRelease(float(settings.epsilon or 0.0), len(source.cohort))


def told(source: Source, settings: Settings) -> dict[str, list[Mapping[str, str]]]:
    """Return what the evidence says that epsilon does not cover, in each language; nothing where there is none."""
    if settings.guarantee != "dp":
        return {}
    uncovered: list[Mapping[str, str]] = [OUTSIDE]
    for name, modality in source.modalities.items():
        uncovered += _private(name, modality).unpaid(source.cohort.parts[name], source.manifest)
    return {"uncovered": uncovered}


def _private(name: str, modality: Modality) -> PrivateModality:
    if not isinstance(modality, PrivateModality):
        raise ManifestError(f"--guarantee dp: not offered for {name} yet; anonymize its tables alone")
    return modality


def _targets(vectors: Vectors, manifest: Manifest) -> Sequence[str]:
    """Return the columns that the manifest declares as targets, outcomes only."""
    found = []
    for target in manifest.targets:
        for name in (target.column, target.event):
            for column in vectors.columns:
                table, _, own = column.name.partition(".")
                if own == name and target.table in (None, table):
                    found.append(column.name)
    return found
