"""Linear reconstruction: solving for a secret of every patient from many averages of the release.

The attacker knows all other columns of all patients. It asks the release how frequent the secret is among the doubles
that satisfy random conjunctions over those columns, and looks for the secrets that would give these answers: a least
squares problem (Dinur and Nissim 2003, doi:10.1145/773153.773173; Dwork, McSherry and Talwar 2007,
doi:10.1145/1250790.1250804; on synthetic data Annamalai, Gadotti and Rocher, arXiv 2301.10053). What the population
teaches is also learned without the patient; the gate counts what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from sosie.attack.inference import entropy
from sosie.cohort import Floats, Kind, Mask, Rows, Vectors
from sosie.evidence import CriterionId

SECRETS = 3
LITERALS = 8
CONJUNCTION = (2, 3, 4)
FEWEST_QUERIES, QUERIES_A_PATIENT, MOST_QUERIES = 400, 4, 2_000
RIDGE = 0.1
"""In units of the variance of an answer; small, so that exact answers are solved exactly."""
WORDS = 512
Singles = NDArray[np.float32]
Bits = NDArray[np.uint64]


@dataclass(frozen=True)
class Literals:
    """Conditions ``low < x <= high`` on one column each; ``low`` is NaN where the condition is "x is missing"."""

    positions: Rows
    low: Floats
    high: Floats

    def hold(self, values: Floats) -> Mask:
        """Tell which rows satisfy each condition, shape (conditions, rows)."""
        theirs = values[:, self.positions]
        inside = (theirs > self.low) & (theirs <= self.high)
        return np.ascontiguousarray(np.where(np.isnan(self.low), np.isnan(theirs), inside).T)


@dataclass(frozen=True)
class Linear:
    """Binary secrets solved for by regularised least squares; a patient whose secret is found gets the credit.

    Credits have one column for each secret; the criterion is the worst of them.

    Parameters
    ----------
    names, known : tuple of str
        The secrets, and the columns that the attacker knows.
    conditions : Literals
        Over the known columns; the last ones say that a secret is 1.
    queries : ndarray of int64, shape (queries, 4)
        The conditions of each conjunction, repeated to fill the width.
    sizes : ndarray of float64, shape (queries,)
        How many patients satisfy each conjunction, which the attacker knows.
    inverse : ndarray of float32, shape (patients, queries)
        From the deviations of the answers to those of the secrets.
    truth : ndarray of bool, shape (patients, secrets)
    """

    id: ClassVar[CriterionId] = CriterionId.RECONSTRUCTION
    unit: ClassVar[Literal["patients"]] = "patients"
    names: tuple[str, ...]
    known: tuple[str, ...]
    conditions: Literals
    queries: Rows
    sizes: Floats
    inverse: Singles
    truth: Mask

    @classmethod
    def of(cls, patients: Vectors, rng: np.random.Generator, *, secrets: int = SECRETS) -> Linear:
        """Choose the secrets and the queries, and invert the queries once for all releases."""
        varying = [i for i in range(len(patients.columns)) if len(np.unique(patients.values[:, i])) > 1]
        halves = _halves(patients, varying)
        chosen = _secrets(halves.hold(patients.values), min(secrets, len(varying) // 2))
        hidden = {int(halves.positions[i]) for i in chosen}
        known = [i for i in varying if i not in hidden]
        names, others = (tuple(patients.columns[i].name for i in some) for some in (sorted(hidden), known))
        chosen = chosen[np.argsort(halves.positions[chosen])]
        conditions = _literals(patients, known, rng)
        queries, holds = _queries(conditions.hold(patients.values), len(patients), rng)
        sizes = holds.sum(axis=1).astype(np.float64)
        both = Literals(*(np.concatenate([getattr(a, n), getattr(halves, n)[chosen]]) for a, n in _fields(conditions)))
        truth = Literals(*(getattr(halves, n)[chosen] for _, n in _fields(halves))).hold(patients.values).T
        return cls(names, others, both, queries, sizes, _inverse(holds, sizes), truth)

    @property
    def details(self) -> dict[str, object]:
        """Names of the secrets, of the columns known, and the number of queries on each release."""
        return {
            "attacked": list(self.names),
            "auxiliary": list(self.known),
            "scenarios": list(self.names),
            "guesses": self.truth.size,
            "queries": len(self.queries),
        }

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return, for each patient and secret, whether the secret was reconstructed."""
        count = len(self.names)
        if not count or not len(self.queries) or not len(release):
            return np.zeros((len(self.truth), max(count, 1)))
        satisfied, secret = self._answers(release)
        shares = secret[-1] / len(release)
        # One double at the overall share is added to each answer: few doubles say little.
        rates = (secret[:-1] + shares) / (satisfied[:-1, None] + 1.0)
        deviations = self.sizes[:, None] * (rates - shares)
        found = self.inverse @ deviations.astype(np.float32) + shares
        return np.asarray((np.clip(found, 0.0, 1.0) > 0.5) == self.truth, dtype=np.float64)

    def _answers(self, release: Vectors) -> tuple[Floats, Floats]:
        """Count the doubles of each query, alone and with each secret; the last query holds for everybody."""
        bits = _packed(self.conditions.hold(release.values))
        secrets = bits[len(bits) - len(self.names) :]
        satisfied = np.zeros(len(self.queries) + 1)
        with_secret = np.zeros((len(self.queries) + 1, len(secrets)))
        for start in range(0, bits.shape[1], WORDS):
            part = bits[:, start : start + WORDS]
            both = part[self.queries[:, 0]]
            for column in self.queries.T[1:]:
                both &= part[column]
            satisfied[:-1] += np.bitwise_count(both).sum(axis=1)
            for at, secret in enumerate(secrets[:, start : start + WORDS]):
                with_secret[:-1, at] += np.bitwise_count(both & secret).sum(axis=1)
                with_secret[-1, at] += np.bitwise_count(secret).sum()
        satisfied[-1] = len(release)
        return satisfied, with_secret


def _fields(conditions: Literals) -> list[tuple[Literals, str]]:
    return [(conditions, name) for name in ("positions", "low", "high")]


def _halves(patients: Vectors, columns: list[int]) -> Literals:
    """One condition for each column, true for as near to half of the patients as one value or cut allows."""
    low, high = [], []
    for position in columns:
        values = patients.values[:, position]
        states, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        if not len(states):
            low.append(np.nan)
            high.append(np.nan)
        elif patients.columns[position].kind is Kind.CATEGORICAL:
            share = float(states[np.argmin(np.abs(counts / len(values) - 0.5))])
            low.append(share - 0.5)
            high.append(share + 0.5)
        else:
            above = 1.0 - np.cumsum(counts) / len(values)
            low.append(float(states[np.argmin(np.abs(above - 0.5))]))
            high.append(np.inf)
    return Literals(np.array(columns, dtype=np.int64), np.array(low), np.array(high))


def _secrets(halves: Mask, count: int) -> Rows:
    """Choose the columns whose halves say most and that no single other column gives away."""
    if not count:
        return np.zeros(0, dtype=np.int64)
    known = np.array([entropy(row.astype(np.float64)) for row in halves])
    centred = halves - halves.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).sum(axis=1))
    correlation = centred @ centred.T / np.maximum(np.outer(scale, scale), 1e-9)
    np.fill_diagonal(correlation, 0.0)
    worth = known * (1.0 - (correlation**2).max(axis=1))
    return np.argsort(-worth, kind="stable")[:count]


def _literals(patients: Vectors, columns: list[int], rng: np.random.Generator) -> Literals:
    """Draw the conditions: each common level of a category, cuts of a number at random ranks, missing values."""
    found: list[tuple[int, float, float]] = []
    for position in columns:
        values = patients.values[:, position]
        present = values[~np.isnan(values)]
        if len(present) < len(values):
            found.append((position, np.nan, np.nan))
        if not len(present):
            continue
        if patients.columns[position].kind is Kind.CATEGORICAL:
            states, counts = np.unique(present, return_counts=True)
            common = states[np.argsort(-counts, kind="stable")[:LITERALS]]
            found += [(position, float(code) - 0.5, float(code) + 0.5) for code in common]
            continue
        cuts = np.unique(rng.choice(present, LITERALS // 2))
        found += [(position, -np.inf, float(cut)) for cut in cuts]
        found += [(position, float(cut), np.inf) for cut in cuts]
    positions, low, high = zip(*found, strict=True) if found else ((), (), ())
    return Literals(np.array(positions, dtype=np.int64), np.array(low, dtype=float), np.array(high, dtype=float))


def _queries(holds: Mask, patients: int, rng: np.random.Generator) -> tuple[Rows, Mask]:
    """Draw conjunctions that hold for some patients and not for all; return them and for whom they hold."""
    wanted = min(max(QUERIES_A_PATIENT * patients, FEWEST_QUERIES), MOST_QUERIES)
    width = CONJUNCTION[-1]
    if not len(holds):
        return np.zeros((0, width), dtype=np.int64), np.zeros((0, patients), dtype=bool)
    drawn = rng.integers(len(holds), size=(2 * wanted, width))
    length = rng.choice(CONJUNCTION, size=len(drawn))
    drawn = np.sort(np.where(np.arange(width) < length[:, None], drawn, drawn[:, :1]), axis=1)
    drawn = np.unique(drawn, axis=0)
    drawn = drawn[rng.permutation(len(drawn))]
    for_whom = holds[drawn[:, 0]]
    for column in drawn.T[1:]:
        for_whom &= holds[column]
    counts = for_whom.sum(axis=1)
    kept = np.flatnonzero((counts > 0) & (counts < patients))[:wanted]
    return drawn[kept], for_whom[kept]


def _inverse(holds: Mask, sizes: Floats) -> Singles:
    """Ridge inverse of the weighted queries, whose answers have a variance that grows with the size."""
    weights = 1.0 / np.sqrt(sizes)
    rows = (holds * weights[:, None]).astype(np.float32)
    queries, patients = rows.shape
    if not queries:
        return np.zeros((patients, 0), dtype=np.float32)
    if patients <= queries:
        gram = rows.T @ rows + RIDGE * np.eye(patients, dtype=np.float32)
        found = solve(gram, rows.T, assume_a="pos")
    else:
        gram = rows @ rows.T + RIDGE * np.eye(queries, dtype=np.float32)
        found = solve(gram, rows, assume_a="pos").T
    return np.ascontiguousarray(found * weights, dtype=np.float32)


def _packed(holds: Mask) -> Bits:
    """Pack conditions (conditions, rows) into words of 64 rows."""
    octets = np.packbits(holds, axis=1)
    padded = np.pad(octets, ((0, 0), (0, -octets.shape[1] % 8)))
    return np.ascontiguousarray(padded).view(np.uint64)
