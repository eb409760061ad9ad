"""From the latents of a patient's pictures to one block of the patient vector, and back.

A patient has a number of pictures, a class that most of them are of, and a level: where its pictures lie together once
the class is taken away. Pictures scatter around the level of their patient. Pictures of doubles are drawn around drawn
levels; none is a picture of a patient moved. Every patient weighs the same, however many pictures it has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sosie.cohort import Column, Floats, Kind, Rows, Vectors
from sosie.images.encode.representation import Encoder, Representation
from sosie.images.pictures import Pictures, Singles

NAME = "images"
MOST_SCATTER = 2.0
MOST_NORM = 1.25
DOUBT = 4.0
SHRUNK = 0.5
"""Part of what sets a patient apart that the vector tells; the rest is scatter."""
FARTHEST = 1.0
"""Of what a level may be, known without looking at any patient: latents are near 1 where they are large."""
LADDER = 2.0
"""Variances are told as powers of it, the upper or the lower one by chance."""


@dataclass(frozen=True)
class PatientCodec:
    """What is learned from the pictures of a cohort.

    Parameters
    ----------
    representation : Representation
    labels : tuple of str
        Classes of pictures.
    effects : ndarray of float64, shape (classes, latents)
        How pictures of a class differ from those of all.
    between, within : float
        Variances of a latent: between the levels of patients, and between the pictures of one.
    mixed : ndarray of float64, shape (classes, classes)
        Chances of the class of a picture, for each class that a patient may mostly have.
    most : int
        Pictures of a patient, of which many enough have as many or more.
    reach : float
        Length of the levels of the typical patient: no one's are longer.
    absent : bool
        Whether some patients have no picture: enough of them to tell.
    """

    representation: Representation
    labels: tuple[str, ...]
    effects: Floats
    between: float
    within: float
    mixed: Floats
    most: int = 1
    reach: float = np.inf
    absent: bool = False

    @classmethod
    def fit(cls, pictures: Pictures, encoder: Encoder, rng: np.random.Generator, *, k: int = 11) -> PatientCodec:
        """Learn the representation, what sets classes of ``k`` patients or more apart, and two variances.

        How many patients a number of pictures, or the want of any, needs is drawn, at ``k`` or above.
        """
        fewest = k + int(rng.exponential(k))
        representation = encoder.fit(pictures.pixels, pictures.weights, rng)
        latents = representation.encode(pictures.pixels)
        effects = _effects(latents, pictures, k)
        residuals = latents - effects[pictures.label]
        between, within = (_rough(each, rng) for each in _variances(residuals, pictures))
        number = np.bincount(pictures.patient, minlength=pictures.patients)
        some = np.sort(number[number > 0])
        most = int(some[-min(fewest, len(some))]) if len(some) else 1
        absent = int((number == 0).sum()) >= fewest
        fitted = cls(representation, pictures.labels, effects, between, within, _mixed(pictures), most, absent=absent)
        lengths = np.linalg.norm(fitted._levels(pictures), axis=1)[number > 0]
        return replace(fitted, reach=float(np.median(lengths)) if len(lengths) else np.inf)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the block."""
        bounds = (-FARTHEST, FARTHEST)
        levels = (Column(f"{NAME}.z{at}", Kind.NUMERIC, bounds=bounds) for at in range(self.representation.width))
        kind = Column(f"{NAME}.class", Kind.CATEGORICAL, len(self.labels) + self.absent)
        return (Column(f"{NAME}.count", Kind.NUMERIC, bounds=(0.0, float(self.most)), step=1.0), kind, *levels)

    def encode(self, pictures: Pictures) -> Vectors:
        """Return one row for each patient.

        To be without a picture is a class of its own, whose levels are missing; where too few are, they count as the
        typical patient does.
        """
        number = np.bincount(pictures.patient, minlength=pictures.patients)[:, None]
        there = number > 0
        levels = self._levels(pictures)
        far = np.linalg.norm(levels, axis=1, keepdims=True)
        levels = levels * np.minimum(1.0, self.reach / np.maximum(far, 1e-12))
        levels = np.clip(np.where(there, levels, np.nan if self.absent else 0.0), -FARTHEST, FARTHEST)
        typical = len(self.labels) if self.absent else int(np.bincount(pictures.label, minlength=1).argmax())
        main = np.where(there[:, 0], pictures.counts.argmax(axis=1), typical)
        counts = np.where(there | self.absent, np.minimum(number, self.most), 1)
        return Vectors(self.columns, np.column_stack([counts, main, levels]))

    def decode(self, block: Vectors, rng: np.random.Generator) -> Pictures:
        """Draw the pictures of doubles around their levels."""
        count = np.rint(np.nan_to_num(block.values[:, 0], nan=0.0)).astype(np.int64)
        most = block.values[:, 1]
        without = np.isnan(most) | (most >= len(self.labels))
        count = np.where(without, 0, np.clip(count, 1, self.most))
        levels = np.clip(np.nan_to_num(block.values[:, 2:]), -FARTHEST, FARTHEST)
        patient = np.repeat(np.arange(len(block)), count)
        chances = np.cumsum(self.mixed[most[patient].astype(np.int64)], axis=1)
        label = (rng.random(len(patient))[:, None] > chances[:, :-1]).sum(axis=1)
        left = self.within + (1.0 - SHRUNK**2) * self.between
        scatter = np.sqrt(left) * rng.standard_normal((len(patient), levels.shape[1]))
        pixels = self._drawn(levels[patient] + self.effects[label] + scatter)
        return Pictures(pixels, patient, len(block), label, self.labels)

    def _levels(self, pictures: Pictures) -> Floats:
        """Return the levels of the patients, shrunk; 0 of those without a picture."""
        latents = self.representation.encode(pictures.pixels) - self.effects[pictures.label]
        number = np.bincount(pictures.patient, minlength=pictures.patients)[:, None]
        sums = np.zeros((pictures.patients, latents.shape[1]))
        np.add.at(sums, pictures.patient, latents)
        # The mean of few pictures scatters more than the level behind it: shrunk, levels have the variance they should.
        trust = np.sqrt(self.between / (self.between + self.within / np.maximum(number, 1)))
        return np.asarray(SHRUNK * trust * sums / np.maximum(number, 1))

    def _drawn(self, latents: Floats) -> Singles:
        return self.representation.decode(latents)


def _rough(variance: float, rng: np.random.Generator) -> float:
    """Return a power of `LADDER` near a variance: one patient more or less seldom changes which."""
    if variance <= 0.0:
        return 0.0
    step = np.log(variance) / np.log(LADDER)
    return float(LADDER ** np.floor(step + rng.random()))


def _mixed(pictures: Pictures) -> Floats:
    """Return the mean shares of the classes among the pictures of patients by their main class, patients alike.

    One patient more or less moves a share by little: each main class counts as if it had `DOUBT` patients more, who
    have no other.
    """
    counts = pictures.counts[pictures.counts.sum(axis=1) > 0]
    shares, most = counts / counts.sum(axis=1, keepdims=True), counts.argmax(axis=1)
    mixed = DOUBT * np.eye(len(pictures.labels))
    np.add.at(mixed, most, shares)
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


def _effects(latents: Floats, pictures: Pictures, k: int) -> Floats:
    """Return the mean of each class, patients alike, less the mean of all; shrunk where few patients stand behind."""
    effects = np.zeros((len(pictures.labels), latents.shape[1]))
    overall = _drawn_in(_means(latents, np.unique(pictures.patient, return_inverse=True)[1])).mean(axis=0)
    for at in range(len(pictures.labels)):
        mine = pictures.label == at
        patients = len(np.unique(pictures.patient[mine]))
        if patients < k or len(pictures.labels) == 1:
            continue
        means = _means(latents[mine], np.unique(pictures.patient[mine], return_inverse=True)[1])
        effects[at] = _drawn_in(means).mean(axis=0) - overall
        effects[at] *= patients / (patients + DOUBT)
    return effects


def _means(latents: Floats, patient: Rows) -> Floats:
    """Return the mean latents of each patient, numbered from 0."""
    sums = np.zeros((int(patient.max(initial=-1)) + 1, latents.shape[1]))
    np.add.at(sums, patient, latents)
    return np.asarray(sums / np.bincount(patient)[:, None])


def _drawn_in(points: Floats) -> Floats:
    """Draw the patients who are farthest from the middle in, to `MOST_NORM` times the distance of the typical one."""
    middle = np.median(points, axis=0)
    far = np.linalg.norm(points - middle, axis=1)
    factor = np.minimum(1.0, MOST_NORM * np.median(far) / np.maximum(far, 1e-12))
    return np.asarray(middle + (points - middle) * factor[:, None])


def _variances(residuals: Floats, pictures: Pictures) -> tuple[float, float]:
    """Return the variances of the latents between patients and within one, each a mean over latents and patients."""
    number = np.bincount(pictures.patient, minlength=pictures.patients)
    sums = np.zeros((pictures.patients, residuals.shape[1]))
    np.add.at(sums, pictures.patient, residuals)
    means = sums / np.maximum(number, 1)[:, None]
    inside = np.zeros(pictures.patients)
    np.add.at(inside, pictures.patient, ((residuals - means[pictures.patient]) ** 2).mean(axis=1))
    repeated = number > 1
    owners = number > 0
    # An isolated patient must not set how far apart all others are.
    apart = ((means[owners] - means[owners].mean(axis=0)) ** 2).mean(axis=1) if owners.any() else np.zeros(1)
    total = float(np.minimum(apart, MOST_SCATTER * np.median(apart)).mean())
    if not repeated.any():
        return total, 0.0
    scatter = inside[repeated] / (number[repeated] - 1)
    # One patient whose pictures have nothing in common must not set what all others get.
    within = float(np.minimum(scatter, MOST_SCATTER * np.median(scatter)).mean())
    noise = within * float(np.mean(1.0 / number[owners]))
    return max(total - noise, 0.1 * total), within
