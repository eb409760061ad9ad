"""Compiled kernels of the sequential trees: grow one tree on codes, draw rows through all trees.

A node is a range of permuted rows, so that every ancestor of a leaf is a range too: drawing from an ancestor, which
shrinks a leaf towards it, costs nothing. Importing this module imports numba: import it where it is used.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)


class Nodes(NamedTuple):
    """The nodes of a tree, children after their parents.

    ``feature`` is -1 in a leaf; ``side[node, code]`` is 1 where a code of its feature goes left.
    """

    feature: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    parent: NDArray[np.int64]
    side: NDArray[np.uint8]


@njit(nogil=True, cache=True)
def _part(rows, spare, low, high, codes, feature, goes_left):  # type: ignore[no-untyped-def]
    """Part a range of rows in place, in their order: those that go left first. Returns where the others begin."""
    front, back = low, 0
    for p in range(low, high):
        r = rows[p]
        if goes_left[codes[r, feature]] == 1:
            rows[front] = r
            front += 1
        else:
            spare[back] = r
            back += 1
    for p in range(back):
        rows[front + p] = spare[p]
    return front


@njit(nogil=True, cache=True)
def grow(codes, features, sizes, ordered, scores, threshold, leaf, depth_limit):  # type: ignore[no-untyped-def]
    """Grow one tree.

    Parameters
    ----------
    codes : uint16, (rows, columns)
    features : int64, (predictors,)
        Columns that may split.
    sizes : int64, (columns,)
        Number of codes of each column.
    ordered : bool, (columns,)
    scores : float64, (rows, m)
        Target, as scores of mean 0 and variance 1; the first orders the levels of a categorical predictor.
    threshold : float
        Least chi-squared-like statistic of a split.
    leaf : int
        Fewest rows in a leaf.
    depth_limit : int

    Returns
    -------
    Nodes
    """
    n, m = scores.shape
    most = max(1, 2 * (n // leaf))
    width = 1
    for f in features:
        width = max(width, sizes[f])
    rows = np.arange(n)
    spare = np.empty(n, np.int64)
    feature = np.full(most, -1, np.int64)
    left = np.full(most, -1, np.int64)
    right = np.full(most, -1, np.int64)
    parent = np.full(most, -1, np.int64)
    start = np.zeros(most, np.int64)
    stop = np.zeros(most, np.int64)
    depth = np.zeros(most, np.int64)
    side = np.zeros((most, width), np.uint8)
    stop[0] = n
    nodes = 1
    stack = [0]
    count = np.zeros(width)
    sums = np.zeros((width, m))
    order = np.zeros(width, np.int64)
    key = np.zeros(width)
    total = np.zeros(m)
    square = np.zeros(m)
    run = np.zeros(m)
    best_order = np.zeros(width, np.int64)
    while len(stack) > 0:
        node = stack.pop()
        low, high = start[node], stop[node]
        size = high - low
        if size < 2 * leaf or depth[node] >= depth_limit:
            continue
        total[:] = 0.0
        square[:] = 0.0
        for p in range(low, high):
            r = rows[p]
            for j in range(m):
                total[j] += scores[r, j]
                square[j] += scores[r, j] * scores[r, j]
        best_gain, best_feature, best_cut, best_stat = 0.0, -1, 0, 0.0
        for f in features:
            bins = sizes[f]
            count[:bins] = 0.0
            sums[:bins] = 0.0
            for p in range(low, high):
                r = rows[p]
                c = codes[r, f]
                count[c] += 1.0
                for j in range(m):
                    sums[c, j] += scores[r, j]
            for c in range(bins):
                order[c] = c
            if not ordered[f]:
                for c in range(bins):
                    key[c] = sums[c, 0] / count[c] if count[c] > 0 else 0.0
                order[:bins] = np.argsort(key[:bins])
            run[:] = 0.0
            below = 0.0
            for place in range(bins - 1):
                c = order[place]
                if count[c] == 0.0:
                    continue
                below += count[c]
                for j in range(m):
                    run[j] += sums[c, j]
                if below < leaf:
                    continue
                above = size - below
                if above < leaf:
                    break
                gain = 0.0
                stat = 0.0
                for j in range(m):
                    rest = total[j] - run[j]
                    between = run[j] * run[j] / below + rest * rest / above - total[j] * total[j] / size
                    gain += between
                    within = square[j] - total[j] * total[j] / size
                    if within > 1e-9:
                        stat += between * size / within
                if gain > best_gain:
                    best_gain, best_feature, best_cut, best_stat = gain, f, place, stat
                    best_order[:bins] = order[:bins]
        if best_feature < 0 or best_stat < threshold:
            continue
        for place in range(best_cut + 1):
            side[node, best_order[place]] = 1
        front = _part(rows, spare, low, high, codes, best_feature, side[node])
        feature[node] = best_feature
        for child in range(2):
            parent[nodes] = node
            depth[nodes] = depth[node] + 1
            if child == 0:
                left[node] = nodes
                start[nodes], stop[nodes] = low, front
            else:
                right[node] = nodes
                start[nodes], stop[nodes] = front, high
            stack.append(nodes)
            nodes += 1
    return Nodes(
        feature[:nodes].copy(), left[:nodes].copy(), right[:nodes].copy(), parent[:nodes].copy(), side[:nodes].copy()
    )


@njit(nogil=True, cache=True)
def _uniform(state):  # type: ignore[no-untyped-def]
    """Draw from [0, 1) with splitmix64 (Steele, Lea and Flood 2014); ``state`` has one element and advances."""
    state[0] += GOLDEN
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * MIX_1
    z = (z ^ (z >> np.uint64(27))) * MIX_2
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) / 9007199254740992.0


@njit(nogil=True, cache=True)
def read_composite(codes, columns, lookup, edges, target):  # type: ignore[no-untyped-def]
    """Write the code of a composite into column ``target`` of ``codes``, in place."""
    for i in range(len(codes)):
        total = 0.0
        for p in range(len(columns)):
            total += lookup[p, codes[i, columns[p]]]
        codes[i, target] = np.searchsorted(edges, total)


@njit(nogil=True, cache=True)
def draw(codes, target, feature, left, right, parent, side, start, stop, donors, shrink, seed):  # type: ignore[no-untyped-def]
    """Draw column ``target`` of every row of ``codes`` in place, from the columns drawn before it.

    ``shrink`` is the number of pseudo-donors that a node borrows from its parent. A node without donors borrows
    everything.
    """
    state = np.empty(1, np.uint64)
    state[0] = seed
    for i in range(len(codes)):
        node = 0
        while feature[node] >= 0:
            node = left[node] if side[node, codes[i, feature[node]]] == 1 else right[node]
        while parent[node] >= 0:
            size = stop[node] - start[node]
            if _uniform(state) * (size + shrink) < size:
                break
            node = parent[node]
        codes[i, target] = donors[start[node] + int(_uniform(state) * (stop[node] - start[node]))]


@njit(nogil=True, cache=True)
def route(codes, feature, left, right, side):  # type: ignore[no-untyped-def]
    """Send rows down a grown tree: permuted row numbers, and the range of each node."""
    n, nodes = len(codes), len(feature)
    rows = np.arange(n)
    spare = np.empty(n, np.int64)
    start = np.zeros(nodes, np.int64)
    stop = np.zeros(nodes, np.int64)
    stop[0] = n
    for node in range(nodes):
        if feature[node] < 0:
            continue
        low, high = start[node], stop[node]
        front = _part(rows, spare, low, high, codes, feature[node], side[node])
        start[left[node]], stop[left[node]] = low, front
        start[right[node]], stop[right[node]] = front, high
    return rows, start, stop
