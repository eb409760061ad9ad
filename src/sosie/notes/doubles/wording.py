"""The words for facts: those of k patients' notes, else the language's; and sentences that tell what no line does."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from sosie.cohort import Mask
from sosie.notes import languages
from sosie.notes.document import Document
from sosie.notes.doubles.corpus import Corpus, Site
from sosie.notes.doubles.profile import MEASUREMENT, PROBLEM, TREATMENT
from sosie.notes.facts.lexicon import lexicon, listed
from sosie.notes.languages.folding import fold
from sosie.notes.worker import search

_VOWELS = frozenset("aeiouyh")
_ELIDED = ("'", "’")
_WHOLE = frozenset({"de", "le", "la", "que"})


def known_words(corpus: Corpus, present: Mask, k: int) -> dict[str, list[str]]:
    """Return the words by which k patients or more say each problem and treatment, the most frequent first."""
    facts = corpus.facts
    kinds = np.array([site.kind in (PROBLEM, TREATMENT) for site in facts.known], dtype=bool)
    if not len(kinds):
        return {}
    chosen = kinds[facts.fact] & present[facts.patient]
    joined = np.unique(facts.text[chosen].astype(np.int64) * corpus.patients + facts.patient[chosen])
    texts, counts = np.unique(joined // corpus.patients, return_counts=True)
    found: dict[str, list[str]] = {}
    for at in np.argsort(-counts, kind="stable"):
        if counts[at] < k:
            break
        text = corpus.strings[texts[at]]
        found.setdefault(corpus.code_of_string[int(texts[at])], []).append(text)
    return found


@cache
def usual_word(code: str, language: str) -> str | None:
    """Return how a language says a problem or a treatment."""
    return _usual(language).get(code)


def fits(word: str, before: str) -> bool:
    """Tell whether a word may follow the words before it: after an elision comes a vowel, after "de" none."""
    vowel = fold(word)[:1] in _VOWELS
    if before.endswith(_ELIDED):
        return vowel
    last = before.rstrip().rpartition(" ")[2].casefold()
    return not (last in _WHOLE and vowel)


def sentence(site: Site, text: str, language: str) -> str | None:
    """Return a sentence that tells one fact; None in a language without any."""
    form = _told(language).get(site.kind, {}).get(site.status)
    if form is None:
        return None
    if site.kind == MEASUREMENT:
        name = _measure(site.code, language)
        return None if name is None else form.format(name[:1].upper() + name[1:], text)
    for long, short in _told(language).get("elided", {}).items():
        form = form.replace(f"{long}{{0}}", f"{short}{{0}}") if fold(text)[:1] in _VOWELS else form
    return str(form.format(text))


def plain(site: Site, text: str, language: str) -> bool:
    """Tell whether the detector sees no name in a sentence; a measurement's is looked at once, with any figure."""
    return _plain(site, "1" if site.kind == MEASUREMENT else text, language)


@lru_cache(maxsize=10_000)
def _plain(site: Site, text: str, language: str) -> bool:
    said = sentence(site, text, language)
    found = search((Document("sentence", said or ""),), languages.load(language))[0]
    return not any(span.label.direct for span in found)


def unit(code: str) -> tuple[str, int]:
    """Return the unit of a measure, and its decimals."""
    known = _measures().get(code, {})
    return str(known.get("unit", "")), int(known.get("decimals", 1))


def decimal_mark(language: str) -> str:
    """Return the sign before decimals."""
    return str(_told(language).get("decimal", "."))


@cache
def _told(language: str) -> Mapping[str, Any]:
    path = files("sosie.notes.languages").joinpath(language, "told.toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@cache
def _usual(language: str) -> Mapping[str, str]:
    folder = files("sosie.notes.languages").joinpath(language, "facts")
    found: dict[str, str] = {}
    for name in ("problems", "treatments"):
        if folder.joinpath(f"{name}.txt").is_file():
            for code, phrase in listed(folder, name):
                if len(phrase) > len("ABCDE") or not phrase.isupper():
                    found.setdefault(code, phrase)
    return found


def _measure(code: str, language: str) -> str | None:
    names: Sequence[str] = [
        name.strip() for name in lexicon(language).grammar["measures"].get(code, "").split(";") if name.strip()
    ]
    return next((name for name in names if len(name) > 4), names[0] if names else None)


@cache
def _measures() -> Mapping[str, Any]:
    return tomllib.loads(files("sosie.notes.facts").joinpath("measures.toml").read_text(encoding="utf-8"))
