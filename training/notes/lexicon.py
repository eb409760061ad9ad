"""Words that fill the generator: diseases, drugs, words of the dictionary, jobs, eponyms, bacteria.

They come from open packages unpacked in a folder (edsnlp, BSD-3, with the French classification of diseases; spacy-lookups-data, MIT; simple-icd-10-cm,
MIT, with the American one; Faker, MIT), from the lists that the package ships, and from our own short lists beside this file.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path

_ADJECTIVE = {
    "fr": r"(ique|iques|aire|aires|euse|eux|eale|éale|ale|aux|ienne|if|ive|ée|ées|é|és)$",
    "en": r"(ic|al|ous|ar|ary|ive|ed|ing)$",
}
HERE = Path(__file__).parent / "lists"


def own(name: str) -> list[str]:
    """One of our own short lists."""
    text = (HERE / f"{name}.txt").read_text(encoding="utf-8").strip()
    return text.split("|") if "|" in text else text.split()


def lexicon(language: str, packages: Path, gazetteers: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """Every list that the grammar of a language calls, sorted."""
    names = gazetteers["first_names"] | gazetteers["last_names"] | gazetteers["cities"]
    words = [word for word in _dictionary(language, packages) if word not in names]
    locale = {"fr": "fr_FR", "en": "en_US"}[language]
    jobs = importlib.import_module(f"faker.providers.job.{locale}").Provider.jobs
    diseases = _diseases(language, packages)
    medical = sorted({word.lower() for label in diseases for word in re.findall(r"[^\W\d_]{4,}", label)} - names)
    lists = {
        "diseases": diseases,
        "medical": medical,
        "adj": [word for word in medical if re.search(_ADJECTIVE[language], word)],
        "drugs": sorted(gazetteers.get("drugs") or own("drugs_en")),
        "word": words,
        "jobs": sorted({job if language == "fr" else job.lower() for job in jobs if len(job) < 45}),
        "eponyms": own("eponyms"),
        "bacteria": own("bacteria"),
        "suture": own("suture"),
    }
    return lists | {
        name: sorted(gazetteers.get(name, ())) for name in ("first_names", "last_names", "cities", "common_words")
    }


def _dictionary(language: str, packages: Path) -> list[str]:
    file = next(packages.rglob(f"{language}_lemma_lookup.json.gz"))
    words: set[str] = set()
    for form, lemma in json.loads(gzip.decompress(file.read_bytes())).items():
        words.update((form, *([lemma] if isinstance(lemma, str) else lemma)))
    return sorted(word for word in words if re.fullmatch(r"[^\W\d_]{2,18}", word) and word.islower())


def _diseases(language: str, packages: Path) -> list[str]:
    if language == "fr":
        text = gzip.decompress(next(packages.rglob("cim10.csv.gz")).read_bytes()).decode("utf-8")
        found = {row["long"] for row in csv.DictReader(io.StringIO(text))}
    else:
        text = next(packages.rglob("icd10c-tabular-*.xml")).read_text(encoding="utf-8")
        found = set(re.findall(r"<desc>([^<]{4,})", text))
    cut = {
        re.sub(
            r"(\*\*\* SU\d+ \*\*\* |, sans précision|, SAI| NCA|, unspecified|\s*\([A-Z]\d\d.*\))", "", label
        ).strip()
        for label in found
    }
    return sorted(label for label in cut if 4 < len(label) < 110)
