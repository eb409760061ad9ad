"""Rules across modalities: the parts of one double must not contradict each other.

A cohort enters; a line for each rule and pair of modalities leaves, with how many patients both describe, how many are
told differently, and some of these by their number among the doubles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from sosie.cohort import Cohort, Floats, Mask
from sosie.stream import Described, Describing

YEARS = 1.0
"""By which ages may differ: one is of admission, another of a visit."""
DAYS = 2.0
"""By which days may differ: durations are in months of one decimal here, in dates there."""
RELATIVE = 0.02
"""By which a quoted figure may differ from the one it quotes: it was rounded."""
SHOWN = 5
TINY = 1e-6


@dataclass(frozen=True)
class Rule:
    """One rule between two modalities.

    Parameters
    ----------
    name : str
        ``sex``, ``age``, ``birth``, ``start``, ``followed``, ``dead``, ``problem``, or the measure that is quoted.
    modalities : tuple of str
    checked : int
        Patients of whom both tell.
    violated : int
    examples : tuple of str
        Some of those, by their key: of doubles a number that stands for nobody.
    """

    name: str
    modalities: tuple[str, str]
    checked: int
    violated: int
    examples: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Return the rule for the evidence."""
        return {
            "rule": self.name,
            "modalities": list(self.modalities),
            "checked": self.checked,
            "violated": self.violated,
            "examples": list(self.examples),
        }


def check(doubles: Cohort) -> list[Rule]:
    """Hold the parts of doubles against each other."""
    told = {name: part.described() for name, part in doubles.parts.items() if isinstance(part, Describing)}
    return [
        _rule(name, (one, other), known, differs, doubles.keys)
        for one, other in combinations(told, 2)
        for name, known, differs in _compared(told[one], told[other])
    ]


def violations(rules: list[Rule]) -> int:
    """Return how many contradictions there are."""
    return sum(rule.violated for rule in rules)


def _compared(one: Described, other: Described) -> Iterator[tuple[str, Mask, Mask]]:
    """Yield each rule: of whom both tell, and who is told differently."""
    mine, theirs = np.asarray(one.sex, dtype=object), np.asarray(other.sex, dtype=object)
    yield "sex", (mine != "") & (theirs != ""), mine != theirs
    yield from _near("age", one.age, other.age, YEARS)
    yield from _near("birth", one.birth, other.birth, YEARS * 366.0)
    yield from _near("start", one.start, other.start, DAYS)
    yield from _near("followed", one.followed, other.followed, DAYS)
    yield from _near("dead", one.dead, other.dead, 0.0)
    if one.problems and other.problems:
        pairs = list(zip(one.problems, other.problems, strict=True))
        known = np.array([bool(left) and bool(right) for left, right in pairs])
        yield "problem", known, np.array([not set(left) & set(right) for left, right in pairs])
    for name in one.measures.keys() & other.measures.keys():
        left, right = one.measures[name], other.measures[name]
        if _plain(left.unit) == _plain(right.unit):
            largest = np.fmax(np.abs(left.values), np.abs(right.values))
            rounding = np.fmax(_rounding(left.values), _rounding(right.values))
            yield from _near(name, left.values, right.values, np.fmax(RELATIVE * largest, rounding))


def _near(name: str, left: Floats | None, right: Floats | None, most: Any) -> Iterator[tuple[str, Mask, Mask]]:
    if left is None or right is None:
        return
    gap = np.abs(left - right)
    yield name, np.isfinite(gap), gap > most + 1e-9


def _plain(unit: str) -> str:
    return unit.casefold().replace("µ", "u").replace("μ", "u").replace(" ", "")


def _rounding(values: Floats) -> Floats:
    """Return by how much each figure may have been rounded, as its decimals tell: a quoted one often is."""
    whole, tenth = np.abs(values - np.round(values)), np.abs(values - np.round(values, 1))
    return np.where(whole < TINY, 0.5, np.where(tenth < TINY, 0.05, 0.0)) + TINY


def _rule(name: str, names: tuple[str, str], known: Mask, differs: Mask, keys: tuple[str, ...]) -> Rule:
    wrong = np.flatnonzero(known & differs)
    return Rule(name, names, int(known.sum()), len(wrong), tuple(keys[row] for row in wrong[:SHOWN]))
