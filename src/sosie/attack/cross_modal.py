"""Cross-modal linkage: from one modality of a patient to another, over the doubles (WP29 Opinion 05/2014, section 2.2).

The attacker holds a film and wants the genome, or holds letters and wants the laboratory: two modalities of the same
patients and no common key. The release is the bridge: a record of each that find the same double are declared the same
person. A release that copies a patient across modalities links them; one whose modalities agree as they do in the
population links nobody more than patients who were never in the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Literal

import numpy as np

from sosie.attack.linkability import Half, half_of, nearest_rows
from sosie.attack.space import Space
from sosie.cohort import Floats, Rows, Vectors
from sosie.evidence import CriterionId


@dataclass(frozen=True)
class CrossModal:
    """Every pair of modalities, and each modality against all the others together.

    Parameters
    ----------
    space : Space
    patients : int
    names : tuple of (str, str)
        What is linked to what, in each scenario.
    pairs : tuple of (Half, Half)
        Their columns.
    """

    id: ClassVar[CriterionId] = CriterionId.CROSS_MODAL
    unit: ClassVar[Literal["patients"]] = "patients"
    space: Space
    patients: int
    names: tuple[tuple[str, str], ...]
    pairs: tuple[tuple[Half, Half], ...]

    @classmethod
    def of(cls, patients: Vectors, space: Space | None = None) -> CrossModal:
        """Part the columns by modality."""
        space = space or Space.of(patients)
        points = space.embed(patients)
        axes = modalities(space)
        named = list(combinations(axes, 2))
        parted = [(axes[left], axes[right]) for left, right in named]
        if len(axes) > 2:
            for name, own in axes.items():
                rest = np.concatenate([other for key, other in axes.items() if key != name])
                named.append((name, "*"))
                parted.append((own, np.sort(rest)))
        pairs = tuple((half_of(space, points, left), half_of(space, points, right)) for left, right in parted)
        return cls(space, len(patients), tuple(named), pairs)

    @property
    def details(self) -> dict[str, object]:
        """Names of the modalities that are linked; ``*`` is all the others."""
        return {"attacked": [list(pair) for pair in self.names], "guesses": self.patients * len(self.pairs)}

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Tell which patients are linked in each scenario, shape (patients, scenarios)."""
        linked = np.zeros((self.patients, max(len(self.pairs), 1)))
        if not len(release):
            return linked
        # Equally near doubles are told apart by their place alone: a random one, the same for both modalities.
        doubles = self.space.embed(release)[rng.permutation(len(release))]
        for at, (left, right) in enumerate(self.pairs):
            found = [nearest_rows(half.points, doubles[:, half.embedded], 1)[:, 0] for half in (left, right)]
            linked[:, at] = found[0] == found[1]
        return linked


def modalities(space: Space) -> dict[str, Rows]:
    """Return the axes of each modality that has any, by its name."""
    blocks = np.array([space.columns[axis.position].block for axis in space.axes], dtype=object)
    return {name: np.flatnonzero(blocks == name) for name in dict.fromkeys(blocks) if name}
