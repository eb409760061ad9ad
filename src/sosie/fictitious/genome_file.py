"""The genomes of the fictitious cohort as one phased VCF, whose header says too much; and a public panel.

The panel is of other people of the same populations: what a hospital would take from a public project, so that its own
patients' haplotypes need not be copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sosie.fictitious.genotypes import CONTIGS, PANEL, Genomes
from sosie.fictitious.lives import Lives

NAME = "genomes/cohorte.vcf"
PUBLIC = "public/panel.vcf"
_BASES = ("AG", "CT", "AC", "GT", "AT", "CG")


def write(given: Lives, directory: Path, rng: np.random.Generator) -> None:
    """Write both files."""
    found, person = given.genomes, given.persons[0]
    bases = rng.integers(len(_BASES), size=len(found.position))
    user, name = _plain(person.first_name), f"{_plain(person.surname)}_{given.keys[0]}"
    said = f"##commandline=call --sample {name} --user {user}\n"
    _file(directory / NAME, found, found.alleles, [str(key) for key in given.keys], bases, said)
    people = [f"PUB{number:04d}" for number in range(1, PANEL + 1)]
    _file(directory / PUBLIC, found, found.panel, people, bases, "")


def _file(
    path: Path,
    found: Genomes,
    alleles: NDArray[np.uint8],
    samples: Sequence[str],
    bases: NDArray[np.int64],
    said: str,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    words = np.array([["0|0", "0|1"], ["1|0", "1|1"]])
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(f"##fileformat=VCFv4.2\n##source=sosie-demo\n{said}")
        for name in CONTIGS:
            file.write(f"##contig=<ID={name},length=250000000>\n")
        file.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        file.write(
            "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples)) + "\n"
        )
        for variant, row in enumerate(alleles):
            ref, alt = tuple(_BASES[bases[variant]])
            head = (CONTIGS[found.contig[variant]], str(found.position[variant]), found.named(variant), ref, alt)
            calls = words[row[0::2], row[1::2]]
            file.write("\t".join((*head, ".", "PASS", ".", "GT", *calls)) + "\n")


def _plain(name: str) -> str:
    return name.encode("ascii", "ignore").decode().lower()
