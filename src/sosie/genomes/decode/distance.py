"""Genetic positions: where recombination happens, from a map or at a uniform rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sosie.cohort import Floats
from sosie.errors import ManifestError
from sosie.genomes.genotypes import Variants

UNIFORM = 1e-8
"""Morgans a base: one centimorgan a million bases."""
UNREAD = "genomes: map: {name}, line {line}: expected contig, position and centimorgan"


def morgans(variants: Variants, path: Path | None = None) -> Floats:
    """Return the genetic position of each variant, shape (variants,).

    Raises
    ------
    ManifestError
        When the map cannot be read; the message names the line.
    """
    even = variants.position * UNIFORM
    if path is None:
        return np.asarray(even)
    points = _points(path)
    found = even.astype(np.float64)
    for code, contig in enumerate(variants.contigs):
        if contig in points:
            here = variants.contig == code
            position, distance = np.array(sorted(points[contig])).T
            found[here] = np.interp(variants.position[here], position, np.maximum.accumulate(distance) / 100.0)
    return found


def _points(path: Path) -> dict[str, list[tuple[float, float]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ManifestError(f"genomes: map: {path.name} is no readable file") from None
    points: dict[str, list[tuple[float, float]]] = {}
    for number, line in enumerate(lines, 1):
        bits = line.replace(",", " ").split()
        if not bits or line.startswith("#"):
            continue
        try:
            points.setdefault(bits[0], []).append((float(bits[1]), float(bits[2])))
        except (IndexError, ValueError):
            if number > 1:
                raise ManifestError(UNREAD.format(name=path.name, line=number)) from None
    return points
