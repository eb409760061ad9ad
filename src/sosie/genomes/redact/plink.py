"""The people of PLINK files under their pseudonyms: families, fathers and mothers alike; sex and phenotypes stay.

Genotypes and sites are the same bytes, but for what the header of ``.pvar`` tells and names of samples in its text.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sosie.genomes.redact.heading import cleaned
from sosie.genomes.redact.names import Names
from sosie.genomes.redact.records import told_in
from sosie.genomes.source import plink1, plink2
from sosie.genomes.source.header import Header
from sosie.genomes.source.lines import lines_of
from sosie.genomes.source.opened import File, Origin

Change = tuple[str, dict[str, object]]
"""A file, and the rest of a line of findings."""
_NUMBER = re.compile(r"(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NA|na|nan|NaN|\.|-9)")
TELLING = 0.5
"""Share of people with a word of their own above which a column of words names them."""


def parts(file: File) -> list[Origin]:
    """Return the files that belong to one of genotypes, itself first."""
    origin = file.origin
    if file.kind == "plink1":
        return [origin, plink1.beside(origin, ".bim"), plink1.beside(origin, ".fam")]
    return [origin, plink2.sites_beside(origin), plink1.beside(origin, ".psam")]


def copied(file: File, place: Callable[[str], Path], names: Names) -> list[Change]:
    """Write the three files; return what was replaced in them."""
    genotypes, sites, people = parts(file)
    shutil.copyfile(genotypes.path, place(genotypes.name))
    if file.kind == "plink1":
        shutil.copyfile(sites.path, place(sites.name))
        return _fam(file, people, place(people.name), names)
    return [*_pvar(file, sites, place(sites.name), names), *_psam(file, people, place(people.name), names)]


def _fam(file: File, people: Origin, path: Path, names: Names) -> list[Change]:
    changes: list[Change] = []
    rows = plink1.people(people)
    with path.open("w", encoding="utf-8") as out:
        for sample, each in zip(file.samples, rows, strict=True):
            mine = _named(file, each.family)
            father, mother = names.parent(mine(each.father)), names.parent(mine(each.mother))
            family = names.of(sample) if each.family == each.name else names.family(each.family, sample)
            out.write("\t".join([family, names.of(sample), father, mother, each.sex, each.phenotype]) + "\n")
            changes += _told(people.name, each.row, each.family, each.father, each.mother)
    return changes


def _psam(file: File, people: Origin, path: Path, names: Names) -> list[Change]:
    found = plink2.people(people)
    changes: list[Change] = [
        (people.name, {"line": number, "label": "HEADER_LINE", "action": "removed"})
        for number, _ in enumerate(found.comments, start=1)
    ]
    blanked = [title for title in found.titles if _telling(title, found.column(title) or [])]
    changes += [(people.name, {"column": title, "label": "PHENOTYPE", "action": "removed"}) for title in blanked]
    with path.open("w", encoding="utf-8") as out:
        out.write("#" + "\t".join(found.titles) + "\n")
        for sample, row, number in zip(file.samples, found.rows, found.numbers, strict=True):
            told = dict(zip(found.titles, row, strict=True))
            family = told.get("FID", "0")
            mine = _named(file, family)
            new = {
                "FID": names.of(sample) if family == told["IID"] else names.family(family, sample),
                "IID": names.of(sample),
                "SID": names.family(told.get("SID", "0"), sample),
                "PAT": names.parent(mine(told.get("PAT", "0"))),
                "MAT": names.parent(mine(told.get("MAT", "0"))),
                **dict.fromkeys(blanked, "NA"),
            }
            out.write("\t".join(new.get(title, told[title]) for title in found.titles) + "\n")
            changes += _told(people.name, number, family, told.get("PAT", "0"), told.get("MAT", "0"))
    return changes


def _pvar(file: File, sites: Origin, path: Path, names: Names) -> list[Change]:
    lines = lines_of(sites.path, sites.name)
    above: list[str] = []
    titles = ""
    for _, line in lines:
        if not line.startswith("##"):
            titles = line
            break
        above.append(line)
    header = Header(tuple(above), ())
    heading = cleaned(header, names, file.samples)
    at = titles.split("\t").index("INFO") if "INFO" in titles.split("\t") else None
    replaced = told_in(header, names.within(file.samples))

    def text() -> Iterator[str]:
        yield from (f"{line}\n" for line in (*heading.lines, titles))
        for _, line in lines:
            words = line.split("\t")
            if at is not None and at < len(words):
                words[at] = replaced(words[at])
            yield "\t".join(words) + "\n"

    if path.suffix == ".zst":
        import pyarrow as pa

        with pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), "zstd") as packed:
            for line in text():
                packed.write(line.encode())
    else:
        with path.open("w", encoding="utf-8") as out:
            out.writelines(text())
    return [
        (sites.name, {"line": number, "label": label, "action": action}) for number, label, action in heading.changes
    ]


def _named(file: File, family: str) -> Callable[[str], str]:
    """Return how a parent's name is written where people are known by their family too."""
    return lambda name: f"{family}_{name}" if file.details.get("families") and name not in {"0", ""} else name


def _told(name: str, row: int, family: str, father: str, mother: str) -> list[Change]:
    known = any(each not in {"0", ""} for each in (family, father, mother))
    return [(name, {"line": row, "label": "PEDIGREE", "action": "pseudonym"})] if known else []


def _telling(title: str, values: Sequence[str]) -> bool:
    """Tell a column of words that are most people's own, as names and dates are."""
    if title in {"FID", "IID", "SID", "PAT", "MAT", "SEX"} or all(_NUMBER.fullmatch(value) for value in values):
        return False
    return len(set(values)) > TELLING * len(values)
