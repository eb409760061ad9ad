"""Variants and polygenic scores that the user lists: what of a genome other modalities know of.

A dose is a category of the patient vector; a score a number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.errors import ManifestError
from sosie.genomes.dosage import Singles, dosages
from sosie.genomes.genotypes import MISSING, GenomesPart, Variants

UNKNOWN = (
    "genomes: variants: {name!r} is none of the variants of the source (an identifier, or contig:position:ref:alt)"
)
UNREAD = "genomes: scores: {name}: {reason}"


@dataclass(frozen=True)
class Score:
    """A polygenic score.

    Parameters
    ----------
    name : str
    sites : ndarray of int64, shape (sites,)
        Rows of its variants that the source has.
    weights : ndarray of float32, shape (sites,)
        Of each alternative allele.
    """

    name: str
    sites: Rows
    weights: Singles = field(repr=False)

    def of(self, part: GenomesPart) -> Floats:
        """Return the score of the patients who have a genome."""
        return np.asarray(dosages(part, self.sites) @ self.weights, dtype=np.float64)


def rows_of(names: Iterable[str], variants: Variants) -> Rows:
    """Return the rows of variants that are named by identifier or as ``contig:position:ref:alt``.

    Raises
    ------
    ManifestError
        When the source lacks one.
    """
    wanted = tuple(names)
    found = _found(wanted, variants)
    for name in wanted:
        if name not in found:
            raise ManifestError(UNKNOWN.format(name=name))
    return np.array([found[name][0] for name in wanted], dtype=np.int64)


def scores_of(files: Mapping[str, Path], variants: Variants) -> tuple[Score, ...]:
    """Read the scores; variants that the source lacks weigh nothing.

    Raises
    ------
    ManifestError
        When a file cannot be read, or names no variant of the source.
    """
    return tuple(_score(name, file, variants) for name, file in files.items())


def doses_at(part: GenomesPart, site: int) -> Floats:
    """Return the doses of one variant, NaN where it was not called, of the patients who have a genome."""
    people = part.rows[part.rows >= 0]
    row = np.asarray(part.alleles[site])
    one, other = row[2 * people], row[2 * people + 1]
    doses: Floats = np.asarray(one.astype(np.float64) + other)
    doses[(one == MISSING) | (other == MISSING)] = np.nan
    return doses


def _score(name: str, path: Path, variants: Variants) -> Score:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ManifestError(UNREAD.format(name=path.name, reason="no readable file")) from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    separator = next((each for each in "\t,;" if lines and each in lines[0]), " ")
    rows = [row for row in csv.reader(lines, delimiter=separator) if len(row) >= 3]
    weighed = [(row[0], row[1], _number(row[2])) for row in rows]
    known = [each for each in weighed if each[2] is not None]
    found = _found([each[0] for each in known], variants)
    sites: dict[int, float] = {}
    for variant, allele, weight in known:
        if variant in found and weight is not None:
            site = found[variant][0]
            # The weight of the reference allele is that of the alternative one, turned round: scores are centred.
            sign = 1.0 if allele == str(variants.alt[site]) else -1.0 if allele == str(variants.ref[site]) else 0.0
            sites[site] = sites.get(site, 0.0) + sign * weight
    if not sites:
        reason = "names no variant of the source (columns: variant, effect allele, weight)"
        raise ManifestError(UNREAD.format(name=path.name, reason=reason))
    order = sorted(sites)
    return Score(name, np.array(order, dtype=np.int64), np.array([sites[at] for at in order], dtype=np.float32))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _found(names: Iterable[str], variants: Variants) -> dict[str, list[int]]:
    wanted = set(names)
    found: dict[str, list[int]] = {}
    for row, name in enumerate(variants.ids):
        if name in wanted:
            found.setdefault(str(name), []).append(row)
    for name in wanted - set(found):
        bits = name.split(":")
        if len(bits) != 4 or not bits[1].isdecimal() or bits[0] not in variants.contigs:
            continue
        same = np.flatnonzero(
            (variants.contig == variants.contigs.index(bits[0])) & (variants.position == int(bits[1]))
        )
        rows = [int(row) for row in same if (variants.ref[row], variants.alt[row]) == (bits[2], bits[3])]
        if rows:
            found[name] = rows
    return found
