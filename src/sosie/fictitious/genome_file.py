"""The genomes of the fictitious cohort as one phased VCF, whose header says too much, as headers do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sosie.fictitious.genotypes import CONTIGS
from sosie.fictitious.lives import Lives

NAME = "genomes/cohorte.vcf"
_BASES = ("AG", "CT", "AC", "GT", "AT", "CG")


def write(given: Lives, directory: Path, rng: np.random.Generator) -> None:
    """Write the file."""
    path = directory / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    found = given.genomes
    person = given.persons[0]
    bases = rng.integers(len(_BASES), size=len(found.position))
    words = np.array([["0|0", "0|1"], ["1|0", "1|1"]])
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("##fileformat=VCFv4.2\n##source=sosie-demo\n")
        file.write(
            f"##commandline=call --sample {_plain(person.surname)}_{given.keys[0]} --user {_plain(person.first_name)}\n"
        )
        for name in CONTIGS:
            file.write(f"##contig=<ID={name},length=250000000>\n")
        file.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        file.write("\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")))
        file.write("".join(f"\t{key}" for key in given.keys) + "\n")
        for variant, alleles in enumerate(found.alleles):
            ref, alt = tuple(_BASES[bases[variant]])
            head = (CONTIGS[found.contig[variant]], str(found.position[variant]), found.named(variant), ref, alt)
            calls = words[alleles[0::2], alleles[1::2]]
            file.write("\t".join((*head, ".", "PASS", ".", "GT", *calls)) + "\n")


def _plain(name: str) -> str:
    return name.encode("ascii", "ignore").decode().lower()
