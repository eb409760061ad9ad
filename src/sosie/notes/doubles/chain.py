"""The lines of doubles' notes, drawn one after the other for all notes at once.

A population of frames, what each double is about and what it has to tell enter; the nodes of each note leave, in order.
From each node, one of those that follow it in at least k patients' notes is drawn, in the proportions of the cohort
tilted by what the double is about; a node that tells a fact is drawn for a double that has such a fact left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.notes.doubles.population import Population

MOST = 400
"""Lines of a note, at most."""
CHUNK = 4_096
"""Notes that are drawn together."""
NONE = -1


@dataclass(frozen=True)
class Asked:
    """The notes to draw.

    Parameters
    ----------
    level : ndarray of int64, shape (notes,)
        Kind of each.
    double : ndarray of int64, shape (notes,)
    pool : ndarray of int64, shape (doubles, categories)
        How many facts of each category a double has.
    """

    level: Rows
    double: Rows
    pool: Rows


def draw(
    population: Population, scores: Floats, needs: Rows, lasting: Mask, asked: Asked, rng: np.random.Generator
) -> list[Rows]:
    """Draw the nodes of notes.

    Parameters
    ----------
    population : Population
    scores : ndarray of float64, shape (doubles, nodes)
        Log ratios; -inf where a node is not for a double.
    needs : ndarray of int64, shape (nodes, categories)
        Facts of each category that a node tells.
    lasting : ndarray of bool, shape (categories,)
        Whether a fact of it can be told again in a note.
    asked : Asked
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray of int64
        One for each note.
    """
    found: list[Rows] = []
    for first in range(0, len(asked.level), CHUNK):
        some = slice(first, first + CHUNK)
        found += _drawn(population, scores, needs, lasting, asked.level[some], asked.double[some], asked.pool, rng)
    return found


def _drawn(
    population: Population,
    scores: Floats,
    needs: Rows,
    lasting: Mask,
    level: Rows,
    double: Rows,
    pool: Rows,
    rng: np.random.Generator,
) -> list[Rows]:
    count, nodes = len(level), population.nodes
    if not count or not nodes:
        return [np.zeros(0, dtype=np.int64) for _ in range(count)]
    state = nodes + level
    left = pool[double].copy()
    used = np.zeros((count, nodes), dtype=bool)
    path = np.full((count, int(min(population.longest.max(initial=1), MOST))), NONE, dtype=np.int64)
    going = np.arange(count)
    for step in range(path.shape[1]):
        going = going[step < population.longest[level[going]]]
        if not len(going):
            break
        offered = population.following[state[going]]
        odds = population.odds[state[going]].copy()
        ends = offered < 0
        safe = np.where(ends, 0, offered)
        odds += np.where(ends, 0.0, scores[double[going][:, None], safe])
        able = (needs[safe] <= left[going][:, None, :]).all(axis=2) & ~used[going[:, None], safe]
        odds = np.where(ends | able, odds, -np.inf)
        chosen = np.argmax(odds + rng.gumbel(size=odds.shape), axis=1)
        at = np.arange(len(going))
        stuck = np.isneginf(odds[at, chosen])
        next_ = np.where(stuck, NONE, offered[at, chosen])
        on = next_ >= 0
        going, next_ = going[on], next_[on].astype(np.int64)
        path[going, step] = next_
        state[going] = next_
        used[going, next_] = True
        left[going] -= np.where(lasting, 0, needs[next_])
    return [row[row >= 0] for row in path]
