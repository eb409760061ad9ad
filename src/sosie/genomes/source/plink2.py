"""PLINK 2: genotypes in ``.pgen`` (pgenlib), sites in ``.pvar``, people in ``.psam``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from sosie.errors import UnreadableError
from sosie.genomes.genotypes import MISSING, GenomesPart, Variants
from sosie.genomes.source.header import fields
from sosie.genomes.source.lines import SEXES, lines_of, named, once, rows_of, whole
from sosie.genomes.source.opened import Block, File, Origin
from sosie.genomes.source.opened import rows_of as rows_of_block
from sosie.genomes.source.plink1 import beside, part_chunks

ABSENT = -9
"""What pgenlib puts in place of an allele that was not called."""
FAMILY = ["FID", "IID", "PAT", "MAT", "SEX"]


@dataclass(frozen=True)
class People:
    """``.psam``: its titles, and a row of words a person with the number of its line."""

    titles: list[str]
    rows: list[list[str]]
    numbers: list[int]
    comments: list[str] = field(default_factory=list)

    def column(self, title: str) -> list[str] | None:
        """Return a column by its title, where there is one."""
        if title not in self.titles:
            return None
        at = self.titles.index(title)
        return [row[at] for row in self.rows]


def sites_beside(origin: Origin) -> Origin:
    """Return the ``.pvar`` of a ``.pgen``, compressed or not."""
    packed = origin.path.with_suffix(".pvar.zst")
    if packed.is_file():
        return Origin(packed, str(Path(origin.name).with_suffix(".pvar.zst")))
    return beside(origin, ".pvar")


def people(origin: Origin) -> People:
    """Read ``.psam``; without titles its columns are those of ``.fam``.

    Raises
    ------
    UnreadableError
    """
    titles = [*FAMILY, "PHENO1"]
    rows, numbers, comments = [], [], []
    for number, words in rows_of(origin.path, origin.name, 1):
        if words[0].startswith("##"):
            comments.append("\t".join(words))
        elif words[0] in {"#FID", "#IID"}:
            titles = [words[0][1:], *words[1:]]
        elif len(words) != len(titles):
            raise UnreadableError(origin.name, f"{len(words)} columns; expected {len(titles)}", row=number)
        else:
            rows.append(words)
            numbers.append(number)
    if not rows:
        raise UnreadableError(origin.name, "the file holds nobody")
    if "IID" not in titles:
        raise UnreadableError(origin.name, "no column IID")
    return People(titles, rows, numbers, comments)


def open_(origin: Origin) -> File:
    """Open a ``.pgen`` file with the two beside it.

    Raises
    ------
    UnreadableError
    """
    psam, pvar = beside(origin, ".psam"), sites_beside(origin)
    found = people(psam)
    names = found.column("IID") or []
    families = found.column("FID") or ["0"] * len(names)
    how = len(set(names)) < len(names)
    aliases = [named(family, name) for family, name in zip(families, names, strict=True)]
    if how:
        names = [f"{family}_{name}" for family, name in zip(families, names, strict=True)]
    once(names, found.numbers, psam.name)
    lengths, sites = _sites(pvar)
    _check(origin, len(names), sum(1 for _ in sites), pvar)
    return File(
        origin,
        "plink2",
        tuple(names),
        tuple(SEXES.get(each.upper(), "") for each in found.column("SEX") or [""] * len(names)),
        lengths,
        lambda: _blocks(origin, pvar, len(names)),
        {"titles": [title for title in found.titles if title not in {*FAMILY, "SID"}], "families": how},
        dict(zip(names, aliases, strict=True)),
    )


def write(part: GenomesPart, variants: Variants, rows: np.ndarray, keys: list[str], sex: list[str], path: Path) -> None:
    """Write the three files of some variants: see `plink1.write`."""
    import pgenlib

    details = part.form.details
    phased = bool(details.get("phased", part.phased))
    titles = list(details.get("titles", []))
    codes = {"M": "1", "F": "2"}
    with path.with_suffix(".psam").open("w", encoding="utf-8") as file:
        file.write("\t".join(["#IID", "SEX", *titles]) + "\n")
        unknown = "".join("\tNA" for _ in titles)
        file.writelines(f"{key}\t{codes.get(each, 'NA')}{unknown}\n" for key, each in zip(keys, sex, strict=True))
    with path.with_suffix(".pvar").open("w", encoding="utf-8") as file:
        lengths = details.get("lengths", {})
        present = [variants.contigs[code] for code in np.unique(variants.contig[rows])]
        file.writelines(f"##contig=<ID={name},length={lengths[name]}>\n" for name in present if lengths.get(name))
        file.write("#CHROM\tPOS\tID\tREF\tALT\n")
        for row in rows:
            place = f"{variants.contigs[variants.contig[row]]}\t{variants.position[row]}\t{variants.ids[row]}"
            file.write(f"{place}\t{variants.ref[row]}\t{variants.alt[row]}\n")
    writer = pgenlib.PgenWriter(
        str(path).encode(), len(keys), variant_ct=len(rows), nonref_flags=False, hardcall_phase_present=phased
    )
    with writer:
        for alleles in part_chunks(part, rows):
            codes_ = np.ascontiguousarray(alleles, dtype=np.int32)
            missing = (alleles == MISSING).reshape(len(alleles), -1, 2).any(2)
            codes_[np.repeat(missing, 2, axis=1)] = ABSENT
            writer.append_alleles_batch(codes_, all_phased=phased)


def _sites(pvar: Origin) -> tuple[dict[str, int], Iterator[tuple[int, list[str]]]]:
    """Return the contigs that ``.pvar`` declares, and its rows in the order CHROM, POS, ID, REF, ALT."""
    lengths: dict[str, int] = {}
    order: list[int] | None = None
    lines = lines_of(pvar.path, pvar.name)
    for _, line in lines:
        if line.startswith("##contig=<"):
            each = fields(line)
            lengths[each.get("ID", "")] = int(each["length"]) if each.get("length", "").isdecimal() else 0
        elif line.startswith("#CHROM"):
            titles = line[1:].split("\t")
            missing = [title for title in ("CHROM", "POS", "ID", "REF", "ALT") if title not in titles]
            if missing:
                raise UnreadableError(pvar.name, f"no column {missing[0]}")
            order = [titles.index(title) for title in ("CHROM", "POS", "ID", "REF", "ALT")]
            break
        elif not line.startswith("#"):
            break
    if order is None:
        raise UnreadableError(pvar.name, "no line of titles (#CHROM POS ID REF ALT)")
    width = max(order) + 1

    def rows() -> Iterator[tuple[int, list[str]]]:
        for number, line in lines:
            words = line.split("\t")
            if len(words) < width:
                raise UnreadableError(pvar.name, f"{len(words)} columns; expected {width} or more", row=number)
            yield number, [words[at] for at in order]

    return lengths, rows()


def _check(origin: Origin, count: int, sites: int, pvar: Origin) -> None:
    import pgenlib

    try:
        with pgenlib.PgenReader(str(origin.path).encode(), raw_sample_ct=count) as reader:
            held = reader.get_variant_ct()
    except Exception:  # pgenlib raises RuntimeError and others, in words of its own
        raise UnreadableError(
            origin.name, f"not a PLINK 2 .pgen file of {count} people, or truncated; the .psam beside it tells how many"
        ) from None
    if held != sites:
        raise UnreadableError(origin.name, f"{held} sites; {Path(pvar.name).name} beside it has {sites}")


def _blocks(origin: Origin, pvar: Origin, count: int) -> Iterator[Block]:
    import pgenlib

    numbers = np.fromiter((len(words[4].split(",")) for _, words in _sites(pvar)[1]), dtype=np.uint64)
    offsets = np.concatenate([[0], np.cumsum(numbers + 1)]).astype(np.uintp)
    most = rows_of_block(4 * count)
    _, sites = _sites(pvar)
    start = 0
    # pgenlib wants the offsets of alleles only where some site has more than two.
    several = {"allele_idx_offsets": offsets} if (numbers > 1).any() else {}
    with pgenlib.PgenReader(str(origin.path).encode(), raw_sample_ct=count, **several) as reader:
        while True:
            rows = list(islice(sites, most))
            if not rows:
                return
            raw = np.empty((len(rows), 2 * count), dtype=np.int32)
            phases = np.empty((len(rows), count), dtype=np.uint8)
            try:
                reader.read_alleles_and_phasepresent_range(start, start + len(rows), raw, phases)
            except Exception:
                raise UnreadableError(
                    origin.name, f"the file is truncated or damaged after site number {start}"
                ) from None
            start += len(rows)
            yield _block(rows, raw, phases, pvar)


def _block(rows: list[tuple[int, list[str]]], raw: np.ndarray, phases: np.ndarray, pvar: Origin) -> Block:
    """Split sites of several alternative alleles."""
    alts = [words[4].split(",") for _, words in rows]
    source = np.repeat(np.arange(len(rows)), [len(each) for each in alts])
    which = np.concatenate([np.arange(1, len(each) + 1) for each in alts])
    alleles = (raw[source] == which[:, None]).astype(np.uint8)
    alleles[raw[source] < 0] = MISSING
    mixed = (alleles[:, 0::2] != alleles[:, 1::2]) & (phases[source] == 0) & (raw[source][:, 0::2] >= 0)
    words_ = [rows[at][1] for at in source]
    return Block(
        [words[0] for words in words_],
        np.array([whole(words[1], pvar.name, rows[at][0]) for words, at in zip(words_, source, strict=True)]),
        [words[2] for words in words_],
        [words[3] for words in words_],
        [alt for each in alts for alt in each],
        alleles,
        np.zeros(len(source), dtype=bool),
        int(mixed.sum()),
    )
