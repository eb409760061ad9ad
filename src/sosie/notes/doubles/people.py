"""What the parts of doubles that were decoded before their notes say of them: sex and age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Cohort, Floats
from sosie.notes.doubles.profile import SEXES
from sosie.stream import Describing


@dataclass(frozen=True)
class People:
    """Sex (place in `SEXES`) and age in years of doubles, NaN where nothing tells them; shape (doubles,)."""

    sex: Floats
    age: Floats


def told(doubles: Cohort, n: int) -> People:
    """Ask the parts that can tell."""
    sex, age = np.full(n, np.nan), np.full(n, np.nan)
    for part in doubles.parts.values():
        if isinstance(part, Describing):
            said = part.described()
            mine = np.array([float(SEXES.index(each)) if each in SEXES else np.nan for each in said.sex])
            sex = np.where(np.isnan(sex), mine, sex)
            age = np.where(np.isnan(age), said.age, age)
    return People(sex, age)
