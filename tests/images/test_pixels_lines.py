"""Large pictures are cut into tiles that leave nothing out."""

from __future__ import annotations

import itertools

import pytest

from sosie.images.pixels.lines import _LAP, _TILE, _cuts


@pytest.mark.parametrize("side", [40, 128, 129, 1152, 1153, 2000, 4096, 8191])
def test_tiles_cover_a_side_and_fit_the_network(side: int) -> None:
    cuts = _cuts(side)
    assert cuts[0][0] == 0
    assert cuts[-1][1] == side
    assert all(after[0] <= before[1] for before, after in itertools.pairwise(cuts))
    assert all(end - start <= _TILE + _LAP for start, end in cuts)
