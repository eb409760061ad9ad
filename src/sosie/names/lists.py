"""The names that surrogates are drawn from, by language, gender and length; and the gender of those that are known."""

from __future__ import annotations

import lzma
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

LANGUAGES = ("fr", "en")
SHORT, LONG = 4, 8
"""Letters up to which a name is short, from which it is long."""

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
_MISREAD = str.maketrans("0135468", "oiesagb")

Pool = tuple[str, ...]


@cache
def pools(language: str) -> Mapping[tuple[str, int], Pool]:
    """Return the names of a language by kind (``F`` and ``M`` first names, ``L`` last names) and class of length."""
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for line in _lines(language if language in LANGUAGES else LANGUAGES[0]):
        found[line[0], length_class(line[2:])].append(line[2:])
    return MappingProxyType({key: tuple(names) for key, names in found.items()})


def listed(name: str) -> frozenset[str]:
    """Return the folded words of a list: ``particles``, ``titles``."""
    return _listed()[name]


def pieces(language: str) -> tuple[tuple[str, ...], ...]:
    """Return the beginnings, joints and endings of which names of a language are composed."""
    found = _parts()[language if language in LANGUAGES else LANGUAGES[0]]
    return tuple(tuple(found[part].split()) for part in ("heads", "middles", "tails"))


def length_class(name: str) -> int:
    """Return 0 for a short name, 1 for a common one, 2 for a long one."""
    letters = sum(character.isalnum() for character in name)
    return (letters > SHORT) + (letters >= LONG)


def spelling(folded: str) -> str | None:
    """Return the usual spelling of a name that the lists know."""
    return next((spelt[folded] for language in LANGUAGES if folded in (spelt := _spellings(language))), None)


def language_of(folded: str, otherwise: str) -> str:
    """Return the language whose lists alone hold a name, else the other one given."""
    holding = [language for language in LANGUAGES if folded in _spellings(language)]
    return holding[0] if len(holding) == 1 else otherwise


def gender(folded: str) -> str:
    """Return ``F`` or ``M`` for a first name; for one that no list knows, what its ending suggests."""
    known = _genders().get(folded, "")
    if known in ("F", "M"):
        return known
    return "F" if folded.endswith(("a", "e", "ie", "ah")) and not folded.endswith(("ke", "re")) else "M"


def is_first_name(folded: str) -> bool:
    """Tell whether a list knows a first name."""
    return folded in _genders()


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return the letters of a name without case, accents and signs; digits among letters are read as letters."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFD", text.casefold().translate(_LIGATURES))
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return letters if letters.isdecimal() or letters.isalpha() else letters.translate(_MISREAD)


@cache
def _spellings(language: str) -> Mapping[str, str]:
    return MappingProxyType({fold(name): name for names in pools(language).values() for name in names})


@cache
def _genders() -> Mapping[str, str]:
    return MappingProxyType({line[2:]: line[0] for line in _lines("genders")})


@cache
def _parts() -> Mapping[str, Any]:
    return tomllib.loads(files("sosie.names").joinpath("parts.toml").read_text(encoding="utf-8"))


@cache
def _listed() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(text.split()) for name, text in _parts().items() if isinstance(text, str)}


def _lines(name: str) -> list[str]:
    raw = files("sosie.names").joinpath(f"{name}.txt.xz").read_bytes()
    return lzma.decompress(raw).decode().splitlines()
