"""The input files as evidence names them: a digest for each, and no name that could be a patient's.

Files that hold a whole cohort (tables, events, genotypes) are named. A letter or a film often bears in its name whose
it is: such files are told together, by their kind, with how many they are and one digest of all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from sosie.evidence import Input
from sosie.pseudonyms import Pseudonyms

COHORTS = frozenset(
    {
        *(".csv", ".tsv", ".tab", ".parquet", ".pq", ".xlsx", ".xls", ".sav", ".dta", ".sas7bdat", ".xpt", ".duckdb"),
        *(".vcf", ".bcf", ".bed", ".bim", ".fam", ".pgen", ".pvar", ".psam", ".ndjson", ".jsonl", ".zip", ".yaml"),
    }
)
"""Endings of files that hold many patients, packed or not."""
PACKED = frozenset({".gz", ".bgz", ".zst"})
MOST = 60
"""Files of one kind that are named; more of them are likely one for each patient."""


def digests(source: Path | str, keys: Collection[str], pseudonyms: Pseudonyms) -> list[Input]:
    """Return the digest of each input file, keyed by the institution's secret: no oracle for who guesses contents.

    Parameters
    ----------
    source : Path or str
    keys : collection of str
        Of the patients: no file that bears one is named.
    pseudonyms : Pseudonyms
    """
    patients = len(keys)
    if isinstance(source, str) and "://" in source:
        return [Input(name=source.split("://", maxsplit=1)[0], hmac_sha256="", patients=patients)]
    root = Path(source)
    if root.is_file():
        return [Input(name=root.name, hmac_sha256=pseudonyms.hmac_file(root), patients=patients)]
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        kinds[_ending(path)].append(path.relative_to(root))
    found, known = list[Input](), frozenset(keys)
    for ending, paths in sorted(kinds.items()):
        named = ending in COHORTS and len(paths) <= MOST
        told = [path for path in paths if named and not known & set(re.split(r"[^\w-]|_", path.as_posix()))]
        found += [Input(name=p.as_posix(), hmac_sha256=pseudonyms.hmac_file(root / p), patients=patients) for p in told]
        rest = [path for path in paths if path not in set(told)]
        if rest:
            lines = "\n".join(f"{path.as_posix()} {pseudonyms.hmac_file(root / path)}" for path in rest)
            digest = pseudonyms.hmac(lines.encode("utf-8", "surrogatepass"))
            found.append(Input(name=f"*{ending} ({len(rest)})", hmac_sha256=digest, patients=patients))
    return sorted(found, key=lambda one: one.name)


def _ending(path: Path) -> str:
    """Return the ending that tells the kind of a file, that of packing aside."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes and re.fullmatch(r"\.[a-z]\w{0,8}", suffixes[-1]) else ""
