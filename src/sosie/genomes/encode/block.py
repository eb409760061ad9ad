"""The block of the patient vector: ancestry, trait variants, scores and sex, with tails and rare doses cut off."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Column, Floats, Kind, Mask, Vectors
from sosie.genomes.encode.ancestry import Ancestry, axes_for
from sosie.genomes.encode.traits import Score, doses_at
from sosie.genomes.genotypes import GenomesPart

PRESENT = "genomes.(present)"
SEXES = ("F", "M")


@dataclass(frozen=True)
class Trait:
    """A trait variant.

    Parameters
    ----------
    name : str
    site : int
    doses : tuple of int
        Those that enough patients bear, in order; others are published as the nearest of these.
    """

    name: str
    site: int
    doses: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """What is learned to encode genomes.

    Parameters
    ----------
    ancestry : Ancestry
    tails : ndarray of float64, shape (2, axes + scores)
        The k-th lowest and k-th highest of each number.
    traits : tuple of Trait
    scores : tuple of Score
    sexed : bool
    partial : bool
        Whether some patients have no genome.
    """

    ancestry: Ancestry
    tails: Floats = field(repr=False)
    traits: tuple[Trait, ...]
    scores: tuple[Score, ...]
    sexed: bool
    partial: bool

    @classmethod
    def fit(
        cls,
        part: GenomesPart,
        traits: dict[str, int],
        scores: tuple[Score, ...],
        k: int,
        rng: np.random.Generator,
        ancestry: Ancestry | None = None,
    ) -> Block:
        """Learn what enough patients share."""
        patients = int(part.present.sum())
        ancestry = ancestry or Ancestry.fit(part, axes_for(patients), rng)
        numbers = _numbers(ancestry, scores, part)
        at = min(k + int(rng.exponential(k)), max((patients + 1) // 2, 1)) - 1
        ordered = np.sort(numbers, axis=0)
        tails = np.array([ordered[at], ordered[-1 - at]]) if patients else np.zeros((2, numbers.shape[1]))
        found = tuple(Trait(name, site, _shared(doses_at(part, site), k, rng)) for name, site in traits.items())
        counts = [int((part.sex[part.present] == sex).sum()) for sex in SEXES]
        sexed = min(counts) >= k + int(rng.exponential(k))
        return cls(ancestry, tails, found, scores, sexed, not bool(part.present.all()))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the block."""
        named = [Column(PRESENT, Kind.CATEGORICAL, 2)] if self.partial else []
        bounds = [(float(low), float(high)) for low, high in self.tails.T]
        names = [f"genomes.axis {axis + 1}" for axis in range(self.ancestry.axes)]
        names += [f"genomes.score {score.name}" for score in self.scores]
        named += [Column(name, Kind.NUMERIC, bounds=each) for name, each in zip(names, bounds, strict=True)]
        named += [Column(f"genomes.{trait.name}", Kind.CATEGORICAL, 3) for trait in self.traits]
        if self.sexed:
            named.append(Column("genomes.sex", Kind.CATEGORICAL, len(SEXES)))
        return tuple(named)

    def encode(self, part: GenomesPart) -> Vectors:
        """Return one row for each patient."""
        present = part.present
        numbers = self.numbers(part)
        doses = [_nearest(doses_at(part, trait.site), trait.doses) for trait in self.traits]
        sexes = [_codes(part.sex[present])] if self.sexed else []
        known = np.column_stack([numbers, *doses, *sexes]) if len(numbers) else np.zeros((0, len(self.columns)))
        values = np.full((len(present), known.shape[1]), np.nan)
        values[present] = known
        if self.partial:
            values = np.column_stack([present.astype(np.float64), values])
        return Vectors(self.columns, values)

    def numbers(self, part: GenomesPart) -> Floats:
        """Return coordinates and scores within their tails, of the patients who have a genome."""
        return np.clip(_numbers(self.ancestry, self.scores, part), *self.tails)

    def read(self, block: Vectors) -> Sampled:
        """Read what was sampled."""
        values = block.values
        present = values[:, 0] > 0.5 if self.partial else np.ones(len(values), dtype=bool)
        known = values[present][:, int(self.partial) :]
        count = self.tails.shape[1]
        numbers = known[:, :count]
        # A coordinate that was not drawn is that of another double.
        for column in numbers.T:
            lost = np.isnan(column)
            if lost.any():
                column[lost] = np.resize(column[~lost], int(lost.sum())) if not lost.all() else 0.0
        doses = known[:, count : count + len(self.traits)]
        return Sampled(
            present,
            np.clip(numbers, *self.tails),
            np.where(np.isnan(doses), -1.0, doses).astype(np.int8),
            np.array(["", *SEXES])[np.nan_to_num(known[:, -1] + 1.0).astype(int)]
            if self.sexed
            else np.full(len(known), ""),
        )


@dataclass(frozen=True)
class Sampled:
    """What the vectors of doubles say: who has a genome, and of those: numbers, doses of traits (-1: any), sex."""

    present: Mask
    numbers: Floats
    doses: NDArray[np.int8]
    sex: NDArray[np.str_]


def _numbers(ancestry: Ancestry, scores: tuple[Score, ...], part: GenomesPart) -> Floats:
    return np.column_stack([ancestry.coordinates(part), *(score.of(part) for score in scores)])


def _shared(doses: Floats, k: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Return the doses that enough patients bear, the commonest at least."""
    counts = np.array([(doses == dose).sum() for dose in range(3)])
    needed = k + rng.exponential(k, 3).astype(np.int64)
    found = tuple(int(dose) for dose in np.flatnonzero(counts >= needed))
    return found or (int(counts.argmax()),)


def _nearest(doses: Floats, allowed: tuple[int, ...]) -> Floats:
    table = np.array([min(allowed, key=lambda each: (abs(each - dose), each)) for dose in range(3)], dtype=np.float64)
    return np.where(np.isnan(doses), np.nan, table[np.nan_to_num(doses).astype(int)])


def _codes(sex: NDArray[np.str_]) -> Floats:
    return np.select([sex == each for each in SEXES], np.arange(len(SEXES), dtype=np.float64), np.nan)
