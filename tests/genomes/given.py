"""Genotypes that tests make up, and the files that they write of them."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sosie.genomes.genotypes import GenomesPart
from sosie.genomes.source import bgzf

TITLES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
CONTIGS = ("##contig=<ID=1,length=249250621>", "##contig=<ID=2,length=243199373>")
HEAD = ("##fileformat=VCFv4.2", *CONTIGS, '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')


def haplotypes(sites: int, people: int, seed: int = 1) -> np.ndarray:
    """Return alleles of shape (sites, 2 * people); each is there in somebody."""
    rng = np.random.default_rng(seed)
    drawn = (rng.random((sites, 2 * people)) < rng.uniform(0.05, 0.5, sites)[:, None]).astype(np.uint8)
    drawn[:, 0] |= drawn.sum(1) == 0
    return drawn


def sites(alleles: np.ndarray, contig: str = "1", first: int = 1000, sign: str = "|") -> list[str]:
    """Return records of VCF, 100 bases apart."""
    lines = []
    for at, row in enumerate(alleles):
        calls = "\t".join(f"{a}{sign}{b}" for a, b in zip(row[0::2], row[1::2], strict=True))
        lines.append(f"{contig}\t{first + 100 * at}\trs{contig}x{at}\tA\tC\t.\t.\t.\tGT\t{calls}")
    return lines


def names(people: int) -> list[str]:
    return [f"PT{number:03d}" for number in range(people)]


def vcf(path: Path, records: Sequence[str], samples: Sequence[str], head: Sequence[str] = HEAD) -> Path:
    """Write a VCF file: blocks of bgzip where it ends in ``.gz``."""
    text = "\n".join([*head, "\t".join([TITLES, *samples]), *records]) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        with bgzf.Writer(path) as file:
            file.write(text.encode())
    else:
        path.write_text(text, encoding="utf-8")
    return path


def cohort(folder: Path, sites_: int = 40, people: int = 6) -> np.ndarray:
    """Write ``all.vcf.gz``, phased, and return its alleles."""
    alleles = haplotypes(sites_, people)
    vcf(folder / "all.vcf.gz", sites(alleles), names(people))
    return alleles


def tool(name: str) -> str:
    """Return the path of a program, or skip the test that needs it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*words: object) -> str:
    """Run a program and return what it says."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def text(path: Path) -> str:
    """Return the text of a file, compressed or not."""
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()


def doses(part: GenomesPart) -> np.ndarray:
    """Return alternative alleles, shape (sites, people)."""
    return part.alleles[:, 0::2] + part.alleles[:, 1::2]
