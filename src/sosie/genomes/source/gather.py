"""The files of a source become one part: sites in the order of the genome, people in one order, alleles once.

What doubles have no place for is counted, and told: chromosomes that people have not two of (X serves to tell the
sexes), sites of no alternative allele, structural variants without a sequence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sosie.errors import UnreadableError
from sosie.genomes.genotypes import Alleles, Form, GenomesPart, Variants
from sosie.genomes.source import agreement, chromosomes
from sosie.genomes.source.haploid import OnX
from sosie.genomes.source.opened import Block, File
from sosie.genomes.source.store import Store

APART = "{count} sites of chromosome {which} are left out of doubles; the first: {where}"
MONOMORPHIC = "{count} sites have no alternative allele and are left out of doubles; the first: {where}"
SYMBOLIC = "{count} alleles without a sequence (<DEL>, * ...) are left out of doubles; the first: {where}"
SPLIT = "{count} sites of several alternative alleles are split, one line an allele, in doubles"
UNSORTED = "the sites are not in the order of the genome: in doubles they are"
HALF = "{count} heterozygous genotypes have no phase: all are taken for unphased"
_SEQUENCE = frozenset("ACGTNacgtn")


@dataclass
class _Sites:
    """Columns of sites that grow."""

    contigs: dict[str, int] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    contig: list[np.ndarray] = field(default_factory=list)
    position: list[np.ndarray] = field(default_factory=list)
    file: list[np.ndarray] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    ref: list[str] = field(default_factory=list)
    alt: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def leave(self, reason: str, count: int, name: str, contig: str, position: int) -> None:
        """Count sites that are left out."""
        if count:
            self.left[reason] += count
            self.first.setdefault(reason, f"{name}, {contig}:{position}")


def gathered(files: Sequence[File]) -> GenomesPart:
    """Read all files; keys are the names of the samples.

    Raises
    ------
    SosieError
        When they do not belong together, or one cannot be read.
    """
    form_kind = agreement.kind(files)
    agreement.people(files)
    lengths, build = agreement.lengths(files)
    samples = files[0].samples
    sites, store, haploid = _Sites(), Store(2 * len(samples)), OnX.of(len(samples), build)
    unphased = 0
    for number, file in enumerate(files):
        columns = _columns(samples, file.samples)
        for block in file.blocks():
            unphased += _take(block, file, number, columns, lengths, sites, store, haploid)
    if not sites.ids:
        raise UnreadableError(files[0].origin.name, "no site of two alleles on a chromosome that people have two of")
    agreement.spelled(sites.used)
    codes = np.concatenate(sites.contig)
    order = _order(list(sites.contigs), codes, np.concatenate(sites.position))
    in_order = bool((order == np.arange(len(order))).all())
    variants = _variants(sites, codes, order)
    _once(variants, np.concatenate(sites.file)[order], files)
    alleles = store.whole() if in_order else _permuted(store.whole(), order)
    details = {
        **files[0].details,
        "lengths": lengths,
        "phased": not unphased and form_kind != "plink1",
        "build": build,
        "files": _spans(variants, np.concatenate(sites.file)[order], files),
    }
    return GenomesPart(
        samples,
        variants,
        alleles,
        np.arange(len(samples)),
        bool(details["phased"]),
        Form(form_kind, files[0].origin.name if len(files) == 1 else f"{len(files)} files", details),
        np.array(files[0].sex, dtype=np.str_),
        _notices(sites, unphased, form_kind, variants, in_order),
        on_x=haploid.coefficient(),
    )


def _take(
    block: Block,
    file: File,
    number: int,
    columns: np.ndarray | None,
    lengths: dict[str, int],
    sites: _Sites,
    store: Store,
    haploid: OnX,
) -> int:
    """Add the sites of a block that doubles have a place for; return how many genotypes have no phase."""
    name = file.origin.name
    _check_positions(block, name, lengths)
    contig = np.array([sites.contigs.setdefault(each, len(sites.contigs)) for each in block.contig], dtype=np.int16)
    for each in dict.fromkeys(block.contig):
        sites.used.setdefault(each, name)
    alleles = block.alleles if columns is None else block.alleles[:, columns]
    kinds = np.array([chromosomes.kind(each) for each in block.contig])
    kept = kinds == "autosome"
    for which in ("X", "Y", "MT"):
        found = np.flatnonzero(kinds == which)
        if len(found):
            sites.leave(which, len(found), name, block.contig[found[0]], int(block.position[found[0]]))
    on_x = np.flatnonzero(kinds == "X")
    haploid.add(block.position[on_x], alleles[on_x])
    bad = np.flatnonzero(kept & block.single)
    if len(bad):
        where = f"{block.contig[bad[0]]}:{block.position[bad[0]]}"
        raise UnreadableError(
            name, f"at {where} somebody has a single allele; expected two, as of every chromosome but X, Y and MT"
        )
    none = np.array([alt in {".", "0", ""} or alt == ref for ref, alt in zip(block.ref, block.alt, strict=True)])
    symbolic = ~none & np.array([not _SEQUENCE.issuperset(alt) for alt in block.alt])
    for reason, mask in (("monomorphic", kept & none), ("symbolic", kept & symbolic)):
        found = np.flatnonzero(mask)
        if len(found):
            sites.leave(reason, len(found), name, block.contig[found[0]], int(block.position[found[0]]))
    kept &= ~none & ~symbolic
    rows = np.flatnonzero(kept)
    sites.contig.append(contig[rows])
    sites.position.append(block.position[rows])
    sites.file.append(np.full(len(rows), number, dtype=np.int32))
    sites.ids += [block.ids[row] for row in rows]
    sites.ref += [block.ref[row] for row in rows]
    sites.alt += [block.alt[row] for row in rows]
    store.add(alleles if kept.all() else alleles[rows])
    return block.unphased


def _columns(samples: Sequence[str], own: Sequence[str]) -> np.ndarray | None:
    """Return where the alleles of each sample stand in a file that has another order; None where it is the same."""
    if tuple(samples) == tuple(own):
        return None
    place = {name: at for at, name in enumerate(own)}
    at = np.array([place[name] for name in samples])
    return np.column_stack([2 * at, 2 * at + 1]).ravel()


def _check_positions(block: Block, name: str, lengths: dict[str, int]) -> None:
    for contig in dict.fromkeys(block.contig):
        most = lengths.get(contig) or chromosomes.longest(contig)
        mine = np.array([each == contig for each in block.contig])
        wrong = mine & ((block.position < 1) | ((block.position > most) if most else False))
        found = np.flatnonzero(wrong)
        if len(found):
            raise UnreadableError(
                name, f"position {contig}:{block.position[found[0]]} lies outside the chromosome, of length {most}"
            )


def _order(contigs: list[str], codes: np.ndarray, position: np.ndarray) -> np.ndarray:
    ranks = sorted(range(len(contigs)), key=lambda code: (*chromosomes.rank(contigs[code]), code))
    place = np.empty(len(contigs), dtype=np.int64)
    place[ranks] = np.arange(len(contigs))
    return np.lexsort((position, place[codes]))


def _variants(sites: _Sites, codes: np.ndarray, order: np.ndarray) -> Variants:
    """Return the sites in order; contigs of which none is left are forgotten."""
    old = list(dict.fromkeys(codes[order].tolist()))
    renumbered = np.zeros(len(sites.contigs), dtype=np.int16)
    renumbered[old] = np.arange(len(old))
    names = list(sites.contigs)
    return Variants(
        tuple(names[code] for code in old),
        renumbered[codes[order]],
        np.concatenate(sites.position)[order].astype(np.int64),
        np.array(sites.ids, dtype=object)[order],
        np.array(sites.ref, dtype=object)[order],
        np.array(sites.alt, dtype=object)[order],
    )


def _once(variants: Variants, file: np.ndarray, files: Sequence[File]) -> None:
    """Refuse a site that stands twice, and one whose reference differs."""
    same = (np.diff(variants.position) == 0) & (np.diff(variants.contig) == 0)
    for first in np.flatnonzero(same):
        start = first
        while start and same[start - 1]:
            start -= 1
        for before in range(start, first + 1):
            _agree(variants, int(before), int(first) + 1, file, files)


def _agree(variants: Variants, one: int, other: int, file: np.ndarray, files: Sequence[File]) -> None:
    where = f"{variants.contigs[variants.contig[one]]}:{variants.position[one]}"
    name, before = files[file[other]].origin.name, files[file[one]].origin.name
    short, long = sorted((str(variants.ref[one]).upper(), str(variants.ref[other]).upper()), key=len)
    if not long.startswith(short):
        raise UnreadableError(name, f"the reference allele at {where} is another one than in {before}, same position")
    if variants.ref[one] == variants.ref[other] and variants.alt[one] == variants.alt[other]:
        raise UnreadableError(name, f"the site {where} with the same alleles stands twice (also in {before})")


def _permuted(alleles: Alleles, order: np.ndarray) -> Alleles:
    store = Store(alleles.shape[1])
    size = max(1, (32 << 20) // max(alleles.shape[1], 1))
    for start in range(0, len(order), size):
        store.add(alleles[order[start : start + size]])
    return store.whole()


def _spans(variants: Variants, file: np.ndarray, files: Sequence[File]) -> list[tuple[str, str, int, int]]:
    """Return which stretch of which contig each file holds: name, contig, first and last position."""
    spans = []
    key = file.astype(np.int64) * len(variants.contigs) + variants.contig
    for each in dict.fromkeys(key.tolist()):
        rows = np.flatnonzero(key == each)
        place = variants.position[rows]
        number, code = divmod(each, len(variants.contigs))
        spans.append((files[number].origin.name, variants.contigs[code], int(place.min()), int(place.max())))
    return spans


def _notices(sites: _Sites, unphased: int, kind: str, variants: Variants, in_order: bool) -> tuple[str, ...]:
    told = [
        {"monomorphic": MONOMORPHIC, "symbolic": SYMBOLIC}.get(reason, APART).format(
            count=count, which=reason, where=sites.first[reason]
        )
        for reason, count in sites.left.items()
    ]
    split = sum(a == b for a, b in pairwise(zip(variants.contig, variants.position, variants.ids, strict=True)))
    if split and kind != "plink1":
        told.append(SPLIT.format(count=split))
    if unphased and kind != "plink1":
        told.append(HALF.format(count=unphased))
    return (*told, *([] if in_order else [UNSORTED]))
