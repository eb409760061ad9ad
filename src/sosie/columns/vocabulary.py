"""What column names mean: the words of each language, and how a name is read.

The words are data (``words/*.yaml``, one file for each language), so that a third language is a third file. A
column name comes in as its author wrote it (``DateNaissance``, ``dt_nais``, ``N° sécu``); labels such as
``BIRTH_DATE`` come out, the likeliest first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "words"
WHOLE, PART = 0.95, 0.75
"""Confidence in a name that is a term, and in a name that contains one."""


@dataclass(frozen=True)
class Language:
    """The words of one language.

    Parameters
    ----------
    code : str
    terms : mapping of tuple of str to (str, bool)
        Words of a term, to its label and whether it must be the whole name.
    unless : mapping of str to frozenset of str
        Words that cancel a label.
    neutral : frozenset of str
        Words that say nothing.
    first_names, cities : frozenset of str
        The commonest ones, folded by `fold`.
    """

    code: str
    terms: Mapping[tuple[str, ...], tuple[str, bool]]
    unless: Mapping[str, frozenset[str]]
    neutral: frozenset[str]
    first_names: frozenset[str]
    cities: frozenset[str]


@dataclass(frozen=True)
class Meaning:
    """One reading of a column name."""

    label: str
    language: str
    score: float


def fold(text: str) -> str:
    """Return a text without accents, in lower case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


def split(name: str) -> tuple[str, ...]:
    """Return the words of a column name: accents, case, camelCase, separators and numbers are resolved."""
    humps = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])", " ", name)
    words = re.findall(r"[a-z]+|[0-9]+", fold(humps))
    return tuple(words)


@cache
def languages() -> tuple[Language, ...]:
    """Return every language of the folder, by code."""
    return tuple(_load(path) for path in sorted(FOLDER.glob("*.yaml")))


def meanings(name: str) -> tuple[Meaning, ...]:
    """Return what a column name may mean, the likeliest first, each label once."""
    words = split(name)
    best: dict[str, tuple[float, int, Meaning]] = {}
    for language in languages():
        for score, length, label in _readings(words, language):
            if label not in best or (score, length) > best[label][:2]:
                best[label] = (score, length, Meaning(label, language.code, score))
    ranked = sorted(best.values(), key=lambda found: (-found[0], -found[1], found[2].label))
    return tuple(meaning for _, _, meaning in ranked)


def _readings(words: tuple[str, ...], language: Language) -> list[tuple[float, int, str]]:
    letters = tuple(word for word in words if not word.isdigit())
    kept = tuple(word for word in letters if word not in language.neutral)
    whole = {"".join(form) for form in (words, letters, kept)} - {""}
    found = []
    for term, (label, must_be_whole) in language.terms.items():
        joined = "".join(term)
        if joined in whole:
            found.append((WHOLE, len(joined), label))
            continue
        cancelled = must_be_whole or language.unless.get(label, frozenset()).intersection(letters)
        if not cancelled and _contains((words, letters, kept), term):
            found.append((PART, len(joined), label))
    return found


def _contains(forms: tuple[tuple[str, ...], ...], term: tuple[str, ...]) -> bool:
    size = len(term)
    return any(form[start : start + size] == term for form in forms for start in range(len(form) - size + 1))


def _load(path: Path) -> Language:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    terms = {
        split(str(term).removeprefix("=")): (label, str(term).startswith("="))
        for label, listed in raw["labels"].items()
        for term in listed
    }
    return Language(
        code=raw["language"],
        terms=terms,
        unless={label: frozenset(map(str, listed)) for label, listed in raw["unless"].items()},
        neutral=frozenset(map(str, raw["neutral"])),
        first_names=frozenset(fold(name) for name in raw["first_names"].split()),
        cities=frozenset(fold(name).replace("-", " ") for name in raw["cities"].split()),
    )
