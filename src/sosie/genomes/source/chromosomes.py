"""What chromosomes are called, how long they are in each reference build, and which of them people have two of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

AUTOSOMES = 22
_SPECIAL = {"X": "X", "23": "X", "Y": "Y", "24": "Y", "XY": "X", "25": "X", "PAR1": "X", "PAR2": "X"}
_MITOCHONDRIA = frozenset({"M", "MT", "26", "CHRM"})
_LENGTHS = {
    "NCBI36": (247249719, 242951149, 199501827, 191273063, 180857866, 170899992, 158821424, 146274826, 140273252,
               135374737, 134452384, 132349534, 114142980, 106368585, 100338915, 88827254, 78774742, 76117153,
               63811651, 62435964, 46944323, 49691432, 154913754),
    "GRCh37": (249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431,
               135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248,
               59128983, 63025520, 48129895, 51304566, 155270560),
    "GRCh38": (248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717,
               133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285,
               58617616, 64444167, 46709983, 50818468, 156040895),
    "T2T-CHM13": (248387328, 242696752, 201105948, 193574945, 182045439, 172126628, 160567428, 146259331, 150617247,
                  134758134, 135127769, 133324548, 113566686, 101161492, 99753195, 96330374, 84276897, 80542538,
                  61707364, 66210255, 45090682, 51324926, 154259566),
}  # fmt: skip
"""Lengths of chromosomes 1 to 22 and X, as the Genome Reference Consortium and the T2T consortium publish them."""
_SHARED = {
    "GRCh37": ((60_001, 2_699_520), (154_931_044, 155_260_560)),
    "GRCh38": ((10_001, 2_781_479), (155_701_383, 156_030_895)),
}
"""Pseudoautosomal regions of X: there men have two copies."""


def bare(contig: str) -> str:
    """Return the name of a contig without ``chr``, in capitals."""
    return re.sub(r"^chr(?=.)", "", contig, flags=re.IGNORECASE).upper()


@cache
def kind(contig: str) -> str:
    """Tell what a contig is: ``autosome`` (any that people have two of), ``X``, ``Y`` or ``MT``."""
    name = bare(contig)
    if name in _MITOCHONDRIA:
        return "MT"
    return _SPECIAL.get(name, "autosome")


def rank(contig: str) -> tuple[int, int]:
    """Order contigs as genomes are: 1 to 22, X, Y, mitochondria, then the others as they come."""
    name = bare(contig)
    if name.isdecimal() and 1 <= int(name) <= AUTOSOMES:
        return 0, int(name)
    return {"X": (1, 0), "Y": (2, 0), "MT": (3, 0)}.get(kind(contig), (4, 0))


def prefixed(contigs: Iterable[str]) -> set[bool]:
    """Return how the main chromosomes are written: with ``chr``, without, or both."""
    return {contig[:3].lower() == "chr" for contig in contigs if rank(contig) < (4, 0)}


def builds(lengths: Mapping[str, int]) -> set[str]:
    """Return the builds in which declared lengths are those of chromosomes; none where no length is known."""
    found: set[str] = set()
    for contig, length in lengths.items():
        main, number = rank(contig)
        if length and main < 2 and (main or number):
            at = number - 1 if main == 0 else AUTOSOMES
            found |= {build for build, known in _LENGTHS.items() if known[at] == length}
    return found


def longest(contig: str) -> int:
    """Return the length of a chromosome in the build where it is longest; 0 where that is not known."""
    main, number = rank(contig)
    if main > 1:
        return 0
    return max(known[number - 1 if main == 0 else AUTOSOMES] for known in _LENGTHS.values())


def own(position: int, build: str) -> bool:
    """Tell whether a place on X is one of which men have a single copy."""
    return not any(first <= position <= last for first, last in _SHARED.get(build, _SHARED["GRCh38"]))
