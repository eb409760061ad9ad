"""What the parts of doubles that were decoded before their notes say of them, for notes to agree with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sosie.cohort import Cohort, Floats
from sosie.notes.doubles.profile import SEXES
from sosie.notes.facts.loinc import quoted
from sosie.stream import Described, Describing

EPOCH = 719_163
"""Ordinal of 1970-01-01."""
FIRST, LAST = EPOCH - 62_000, EPOCH + 62_000


@dataclass(frozen=True)
class People:
    """What is told of doubles; NaN where nothing tells it.

    Parameters
    ----------
    sex, age : ndarray of float64, shape (doubles,)
        Place in `SEXES`; years.
    born, start, followed : ndarray of float64, shape (doubles,)
        Ordinals of the birth and of the beginning of their story; days from it to the end.
    measures : mapping of str to ndarray of float64
        First results, by measure, in its own unit.
    problems : sequence of sequence of str
        Categories of ICD-10; empty where no part tells any.
    """

    sex: Floats
    age: Floats
    born: Floats
    start: Floats
    followed: Floats
    measures: Mapping[str, Floats] = field(default_factory=dict)
    problems: Sequence[Sequence[str]] = ()


def told(doubles: Cohort, n: int) -> People:
    """Ask the parts that can tell; what the first of them says is right."""
    unknown = np.full(n, np.nan)
    sex, age, born, start, followed = (unknown for _ in range(5))
    measures: dict[str, Floats] = {}
    problems: Sequence[Sequence[str]] = ()
    for part in doubles.parts.values():
        if not isinstance(part, Describing):
            continue
        said: Described = part.described()
        mine = np.array([float(SEXES.index(each)) if each in SEXES else np.nan for each in said.sex])
        sex, age = _first(sex, mine), _first(age, said.age)
        born = _first(born, unknown if said.birth is None else said.birth + EPOCH)
        start = _first(start, unknown if said.start is None else said.start + EPOCH)
        followed = _first(followed, unknown if said.followed is None else said.followed)
        for name, values in quoted(said.measures).items():
            measures[name] = _first(measures.get(name, unknown), values)
        problems = problems or said.problems
    return People(sex, age, _dated(born), _dated(start), followed, measures, problems)


def _dated(ordinals: Floats) -> Floats:
    """Leave out days that no calendar of letters holds: a strongly noisy model may draw such."""
    return np.where((ordinals >= FIRST) & (ordinals <= LAST), ordinals, np.nan)


def _first(known: Floats, other: Floats) -> Floats:
    return np.where(np.isnan(known), other, known)
