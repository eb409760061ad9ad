"""What notes of a cohort have in common: their frames, and which frame follows which.

Some patients of a corpus enter; nodes leave (a frame in notes of one kind), each of more than k patients, with the
nodes that may follow, each step taken by k patients or more. How many patients a node needs is drawn, at k or above:
were it k to the patient, a frame of exactly k patients would tell of each of them whether they are in the data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.notes.doubles.corpus import Corpus
from sosie.notes.doubles.grams import Numbers
from sosie.notes.encode import Block, View

MOST_FOLLOWING = 24
SPREAD = 0.5
"""By how much more than k patients a node needs on average, in k."""
JUMPS = 6
"""Nodes that may follow one which nothing follows in k patients: those that usually stand behind it."""
_END = -1
Counts = tuple[Rows, Rows]


@dataclass(frozen=True)
class Population:
    """The nodes of all kinds of notes.

    Parameters
    ----------
    frame : ndarray of int64, shape (nodes,)
        Number of each node's frame in the corpus.
    style : ndarray of int64, shape (nodes,)
        Level of the block's kinds.
    node, patient : ndarray of int32, shape (pairs,)
        Who has which node, by row of the corpus.
    following : ndarray of int32, shape (nodes + levels, MOST_FOLLOWING)
        Nodes that may follow a node, and begin a note of a level; -1 ends the note.
    odds : ndarray of float64, shape (nodes + levels, MOST_FOLLOWING)
        Logarithms of their shares; -inf where there is none.
    longest : ndarray of int64, shape (levels,)
        Most lines of a note.
    kinds : ndarray of float64, shape (levels, levels)
        How often patients with mostly notes of one kind have one of another.
    """

    frame: Rows
    style: Rows
    node: Numbers
    patient: Numbers
    following: Numbers
    odds: Floats
    longest: Rows
    kinds: Floats

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.frame)


def levels_of(corpus: Corpus, block: Block) -> Rows:
    """Return the level of each note's kind; kinds of too few patients are the last one."""
    level = np.full(len(corpus.styles), len(block.styles), dtype=np.int64)
    for at, style in enumerate(block.styles):
        level[style] = at
    return np.asarray(level[corpus.note_style])


def fit(view: View, block: Block, k: int, rng: np.random.Generator | None) -> Population:
    """Count frames and steps of the patients of a view."""
    corpus, levels = view.corpus, len(block.styles) + 1
    of_note = levels_of(corpus, block)
    lines = np.flatnonzero(view.present[corpus.line_patient] & _sound(corpus)[corpus.line_frame])
    # The last level speaks for every kind that is not a level, with all that notes share.
    node, pair = _numbered(corpus, of_note, lines, levels)
    counts = np.bincount(pair[0], minlength=len(node[0]))
    needed = np.full(len(counts), float(k)) if rng is None else k + rng.exponential(k * SPREAD, len(counts))
    kept = counts >= needed
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    of_line = number[node[1]]
    frame, style = np.divmod(node[0][kept], levels)
    shared = kept[pair[0]]
    chain = _Chain(corpus, lines[of_line >= 0], of_line[of_line >= 0], of_note, int(kept.sum()), levels)
    following, odds = chain.steps(k, style)
    return Population(
        frame=frame,
        style=style,
        node=number[pair[0][shared]].astype(np.int32),
        patient=pair[1][shared].astype(np.int32),
        following=following,
        odds=odds,
        longest=chain.longest(k),
        kinds=_kinds(view, block, of_note, levels, k),
    )


def _sound(corpus: Corpus) -> Mask:
    return np.ones(len(corpus.frames), dtype=bool) if corpus.sound is None else corpus.sound


def _numbered(corpus: Corpus, of_note: Rows, lines: Rows, levels: int) -> tuple[tuple[Rows, Rows], Counts]:
    """Number the frames of each level, and pair them with the patients who have them."""
    raw = corpus.line_frame[lines].astype(np.int64) * levels + of_note[corpus.line_note[lines]]
    known, of_line = np.unique(raw, return_inverse=True)
    joined = np.unique(of_line.astype(np.int64) * corpus.patients + corpus.line_patient[lines])
    return (known, of_line), (joined // corpus.patients, joined % corpus.patients)


def _kinds(view: View, block: Block, of_note: Rows, levels: int, k: int) -> Floats:
    """Count notes of each kind by the patient's main kind; what fewer than k patients have is left out."""
    corpus = view.corpus
    main = np.full(len(corpus.styles) + 1, len(block.styles), dtype=np.int64)
    main[list(block.styles)] = np.arange(len(block.styles))
    notes = np.flatnonzero(view.present[corpus.note_patient])
    patient = corpus.note_patient[notes].astype(np.int64)
    cell = main[view.says.main[patient]] * levels + of_note[notes]
    counts = np.bincount(cell, minlength=levels * levels).astype(np.float64)
    shared = np.bincount(np.unique(cell * corpus.patients + patient) // corpus.patients, minlength=levels * levels)
    found = np.where(shared >= k, counts, 0.0).reshape(levels, levels)
    empty = found.sum(axis=1) == 0
    found[empty, np.flatnonzero(empty)] = 1.0
    return np.asarray(found / found.sum(axis=1, keepdims=True))


class _Chain:
    """The lines that are kept, one after the other."""

    def __init__(self, corpus: Corpus, lines: Rows, node: Rows, of_note: Rows, nodes: int, levels: int) -> None:
        self.nodes, self.levels, self.patients = nodes, levels, corpus.patients
        self.node = node
        self.note = corpus.line_note[lines].astype(np.int64)
        self.patient = corpus.line_patient[lines].astype(np.int64)
        self.level = of_note[self.note]
        size = np.bincount(self.note, minlength=len(of_note))
        first = np.concatenate([[0], np.cumsum(size)])[:-1]
        self.size, self.of_note = size, of_note
        self.place = (np.arange(len(lines)) - first[self.note] + 0.5) / np.maximum(size[self.note], 1)
        self.begins = np.ones(len(lines), dtype=bool)
        self.begins[1:] = self.note[1:] != self.note[:-1]
        self.ends = np.roll(self.begins, -1)

    def longest(self, k: int) -> Rows:
        """Return the most lines of a note of each level: the k-th largest."""
        found = np.ones(self.levels, dtype=np.int64)
        for level in range(self.levels):
            sizes = np.sort(self.size[(self.of_note == level) & (self.size > 0)])
            if len(sizes):
                found[level] = sizes[-min(k, len(sizes))]
        return found

    def steps(self, k: int, style: Rows) -> tuple[Numbers, Floats]:
        """Return what may follow each node and begin each level, and how often it does."""
        width = self.nodes + 1
        before = np.where(self.begins, self.nodes + self.level, np.roll(self.node, 1))
        ended = self.ends
        source = np.concatenate([before, self.node[ended]])
        target = np.concatenate([self.node, np.full(ended.sum(), self.nodes)])
        patient = np.concatenate([self.patient, self.patient[ended]])
        known, count = _shared(source * width + target, patient, self.patients, k)
        following = np.full((self.nodes + self.levels, MOST_FOLLOWING), _END, dtype=np.int32)
        odds = np.full(following.shape, -np.inf)
        for start, stop in _runs(known // width):
            at = known[start] // width
            best = np.argsort(-count[start:stop], kind="stable")[:MOST_FOLLOWING]
            next_ = known[start:stop][best] % width
            following[at, : len(best)] = np.where(next_ == self.nodes, _END, next_)
            odds[at, : len(best)] = np.log(count[start:stop][best])
        self._jump(following, odds, style)
        return following, odds

    def _jump(self, following: Numbers, odds: Floats, style: Rows) -> None:
        """Let nodes without a shared step be followed by those that usually come next."""
        count = np.bincount(self.node, minlength=self.nodes).astype(np.float64)
        place = np.bincount(self.node, self.place, minlength=self.nodes) / np.maximum(count, 1)
        order = np.argsort(place, kind="stable")
        by_level = [order[style[order] == level] for level in range(self.levels)]
        for at in np.flatnonzero(np.isneginf(odds).all(axis=1)):
            level = int(style[at]) if at < self.nodes else int(at) - self.nodes
            behind = by_level[level]
            if at < self.nodes:
                behind = behind[place[behind] > place[at]]
            some = behind[:JUMPS]
            following[at, : len(some)] = some
            odds[at, : len(some)] = np.log(count[some])
            if len(some) < JUMPS:
                odds[at, len(some)] = np.log(max(count[some].mean() if len(some) else 1.0, 1.0))


def _shared(things: Rows, patient: Rows, patients: int, k: int) -> Counts:
    """Return, sorted, the things that k patients or more have, and how many do."""
    joined = np.unique(things * patients + patient)
    known, count = np.unique(joined // patients, return_counts=True)
    return known[count >= k], count[count >= k]


def _runs(sorted_: Rows) -> list[tuple[int, int]]:
    """Return where each run of equal numbers starts and stops."""
    if not len(sorted_):
        return []
    cuts = np.flatnonzero(np.diff(sorted_)) + 1
    return list(zip([0, *cuts.tolist()], [*cuts.tolist(), len(sorted_)], strict=True))
