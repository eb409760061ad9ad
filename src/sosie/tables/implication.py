"""Find the rules between categories and missing values: indicators, mappings and atoms.

Every level carried by at least k rows, and every "missing" and "present", is a node. One matrix product counts on
how many rows two nodes meet; node i implies node j where they meet on all rows of i and chance would not do it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.tables.rules import Atom, Condition, Indicator, Mapping, State, Together
from sosie.tables.screen import LOG_CHANCE, Screen, Search, unlikely
from sosie.tables.workspace import Scalar

MOST_LEVELS = 64
MOST_VALUES = 20
MOST_ATOMS = 10
# A value inside the range of a measured column stands out (a detection limit, a code) if this share of rows has it.
_HEAPED = 0.02
_MISSING, _PRESENT = -1, -2
# A mapping that leaves out more rows than this (levels of fewer than k patients) does not replace its column.
_LEFT_FREE = 0.01


@dataclass(frozen=True)
class Nodes:
    """Levels, missing and present: what a condition can say about a column.

    Parameters
    ----------
    column, code, count : ndarray of int64, shape (nodes,)
        Code -1 stands for missing and -2 for present.
    meet : ndarray of float32, shape (nodes, nodes)
        On how many rows two nodes meet.
    """

    column: Rows
    code: Rows
    count: Rows
    meet: Floats

    def of(self, column: int) -> Rows:
        """Return the nodes of a column, without "present"."""
        return np.flatnonzero((self.column == column) & (self.code != _PRESENT))


def find_nodes(screen: Screen, k: int) -> Nodes:
    """Return the nodes of a sample."""
    nodes: list[tuple[int, int, int]] = []
    for column, counts in enumerate(screen.counts):
        codes = np.flatnonzero(counts >= k)
        if not _few(screen, column):
            stands_out = (counts[codes] >= _HEAPED * screen.rows) | (codes == 0) | (codes == len(counts) - 1)
            codes = codes[stands_out]
            codes = np.sort(codes[np.argsort(-counts[codes], kind="stable")[:MOST_ATOMS]])
        nodes += [(column, int(code), int(counts[code])) for code in codes]
        present = int(counts.sum())
        missing = screen.rows - present
        if missing >= k:
            nodes.append((column, _MISSING, missing))
            nodes += [(column, _PRESENT, present)] if present >= k else []
    table = np.array(nodes, dtype=np.int64).reshape(-1, 3)
    owner, said, carriers = table[:, 0], table[:, 1], table[:, 2]
    carried = screen.codes[owner] == said[:, None]
    some = np.flatnonzero(said == _PRESENT)
    carried[some] = screen.codes[owner[some]] >= 0
    rows = carried.astype(np.float32)
    return Nodes(owner, said, carriers, rows @ rows.T)


def find_together(search: Search) -> None:
    """Take the groups of columns that are missing on the same rows."""
    screen = search.screen
    groups: dict[bytes, list[int]] = {}
    for column in np.flatnonzero(search.free):
        missing = screen.codes[column] < 0
        if search.k <= missing.sum() <= screen.rows - search.k:
            groups.setdefault(missing.tobytes(), []).append(int(column))
    for group in groups.values():
        if len(group) > 1:
            search.take(Together(tuple(screen.names[column] for column in group)))


def find_indicators(search: Search, nodes: Nodes) -> None:
    """Take the two-level columns that tell whether another column is missing."""
    screen = search.screen
    for target in range(len(screen.names)):
        levels = nodes.of(target)
        if len(levels) != 2 or nodes.count[levels].sum() != screen.rows or (nodes.code[levels] < 0).any():
            continue
        for missing, present in (levels, levels[::-1]):
            same = (nodes.code == _MISSING) & (nodes.count == nodes.count[missing])
            sources = nodes.column[same & (nodes.meet[missing] == nodes.count)]
            for source in (int(source) for source in sources if search.free[source]):
                if search.free[target]:
                    where, elsewhere = (screen.level(target, int(nodes.code[node])) for node in (missing, present))
                    names = screen.names[source], screen.names[target]
                    rule = Indicator(*names, where, elsewhere, screen.dtype(target))
                    if search.take(rule):
                        search.bind(target, (source,))


def find_mappings(search: Search, nodes: Nodes) -> None:
    """Take the columns that are functions of a column with few levels.

    The last columns are tried first, so that the first of several equivalent columns represents them.
    """
    screen = search.screen
    few = [column for column in range(len(screen.names)) if _few(screen, column)]
    images = {source: _images(nodes, source, len(screen.names)) for source in few}
    for image in reversed(range(len(screen.names))):
        sources = [source for source in few if source != image and images[source][image]]
        for source in sorted(sources, key=lambda source: (len(screen.counts[source]), source)):
            mutual = image in images and images[image][source] and image < source
            if not search.free[image] or not search.free[source] or mutual:
                continue
            rule = _mapping(search, nodes, source, image)
            if rule is not None and search.take(rule):
                search.bind(image, (source,))


def find_atoms(search: Search, nodes: Nodes) -> None:
    """Take the constants that one condition on a column imposes on another, without those that others imply."""
    free = search.free[nodes.column]
    rank = np.lexsort((np.arange(len(free)), ~free))
    obvious = _obvious(search, nodes)
    kept = _reduced(_implications(search, nodes) | obvious, rank) & ~obvious
    opposite = _opposites(nodes, search.screen.rows, rank)
    hard = ~free | (nodes.code == _PRESENT)
    for i, j in np.argwhere(kept):
        mirror = opposite[j], opposite[i]
        if min(mirror) >= 0 and kept[mirror] and (hard[mirror[1]], mirror[0]) < (hard[j], i):
            continue
        if search.root(nodes.column[i]) == search.root(nodes.column[j]) or _computed(search, nodes, i, j):
            continue
        then = _condition(search.screen, nodes, j)
        settable = bool(search.free[nodes.column[j]])
        search.take(Atom(_condition(search.screen, nodes, i), then, search.screen.dtype(nodes.column[j]), settable))


def _few(screen: Screen, column: int) -> bool:
    return len(screen.counts[column]) <= (MOST_VALUES if screen.measures(column) else MOST_LEVELS)


def _images(nodes: Nodes, source: int, columns: int) -> Mask:
    """Tell which columns are constant on each node of a column, and not everywhere the same."""
    own = nodes.of(source)
    whole = (nodes.meet[own] == nodes.count[own, None]) & (nodes.code != _PRESENT)
    constant = np.zeros((len(own), columns), dtype=bool)
    node, target = np.nonzero(whole)
    constant[node, nodes.column[target]] = True
    used = np.bincount(nodes.column[whole.any(axis=0)], minlength=columns)
    return constant.all(axis=0) & (used > 1) if len(own) > 1 else np.zeros(columns, dtype=bool)


def _mapping(search: Search, nodes: Nodes, source: int, image: int) -> Mapping | None:
    screen, own, other = search.screen, nodes.of(source), nodes.of(image)
    pairs = (screen.codes[source] + 1) * (screen.codes[image].max() + 2) + screen.codes[image] + 1
    if len(np.unique(pairs)) != len(screen.counts[source]) + (screen.codes[source] < 0).any():
        return None
    shares = nodes.count[other] / screen.rows
    chance = np.log((shares ** nodes.count[own, None]).sum(axis=1) + 1e-300)
    if chance.sum() >= LOG_CHANCE:
        return None
    met = other[np.argmax(nodes.meet[np.ix_(own, other)], axis=1)]
    keys = tuple(_value(screen, nodes, node) for node in own)
    values = tuple(_value(screen, nodes, node) for node in met)
    left = screen.rows - nodes.count[own].sum()
    target = screen.names[image] if left <= max(_LEFT_FREE * screen.rows, search.k - 1) else None
    return Mapping(screen.names[source], screen.names[image], keys, values, screen.dtype(image), target)


def _obvious(search: Search, nodes: Nodes) -> Mask:
    """Return what needs no rule: a column with a value is present, and so is all that is missing with it."""
    group = np.arange(len(search.screen.names))
    for rule in search.taken:
        if isinstance(rule, Together):
            members = [search.screen.names.index(name) for name in rule.columns]
            group[members] = members[0]
    own = group[nodes.column]
    return np.asarray((own[:, None] == own) & (nodes.code >= 0)[:, None] & (nodes.code == _PRESENT))


def _implications(search: Search, nodes: Nodes) -> Mask:
    """Return which node implies which, of another column; a group missing together speaks through its first."""
    count, rows = nodes.count, search.screen.rows
    implied = (nodes.meet == count[:, None]) & (nodes.column[:, None] != nodes.column) & (count < rows)
    implied &= unlikely(np.minimum(count / rows, 1.0), count[:, None])
    followers = {name for rule in search.taken if isinstance(rule, Together) for name in rule.columns[1:]}
    names = np.array([name in followers for name in search.screen.names], dtype=bool)
    silent = names[nodes.column] & (nodes.code < 0)
    implied[silent] = False
    implied[:, silent] = False
    return np.asarray(implied)


def _reduced(implied: Mask, rank: Rows) -> Mask:
    """Drop what follows from two others, and the second of two contrapositives.

    Equivalent nodes speak through the one of lowest rank, so that they do not drop each other's rules in a circle.
    """
    order = np.empty_like(rank)
    order[rank] = np.arange(len(rank))
    same = implied & implied.T
    first = np.where(same, order[None, :], len(order)).min(axis=1, initial=len(order)) > order
    spoken = implied & first[:, None] & first[None, :]
    steps = spoken.astype(np.float32)
    reduced: Mask = spoken & ~((steps @ steps) > 0)
    leader = np.where(same, order[None, :], len(order)).min(axis=1, initial=len(order))
    for node in np.flatnonzero(~first):
        chief = rank[leader[node]]
        reduced[node, chief] = reduced[chief, node] = True
    return reduced


def _opposites(nodes: Nodes, rows: int, rank: Rows) -> Rows:
    """Return for each node the one of lowest rank that is met on all other rows, -1 where there is none."""
    opposite = np.full(len(rank), -1, dtype=np.int64)
    pairs = (nodes.count[:, None] + nodes.count == rows) & (nodes.meet == 0)
    node, place = np.nonzero(pairs[:, rank[::-1]])
    opposite[node] = rank[::-1][place]
    return opposite


def _computed(search: Search, nodes: Nodes, i: int, j: int) -> bool:
    """Tell whether a taken rule already computes one of the two columns from the other."""
    a, b = int(nodes.column[i]), int(nodes.column[j])
    return a in search.parents.get(b, ()) or b in search.parents.get(a, ())


def _condition(screen: Screen, nodes: Nodes, node: int) -> Condition:
    column, code = int(nodes.column[node]), int(nodes.code[node])
    if code < 0:
        return Condition(screen.names[column], State.MISSING if code == _MISSING else State.PRESENT)
    return Condition(screen.names[column], State.IS, screen.level(column, code))


def _value(screen: Screen, nodes: Nodes, node: int) -> Scalar | None:
    column, code = int(nodes.column[node]), int(nodes.code[node])
    return None if code == _MISSING else screen.level(column, code)
