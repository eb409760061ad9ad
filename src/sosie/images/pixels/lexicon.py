"""The words that devices write into pixels, and those of the language, names told apart: read once a process."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from sosie.notes.languages import load
from sosie.notes.languages.folding import fold

LANGUAGES = ("fr", "en")
_ALIKE = str.maketrans("oqdilj|!sbzg", "000111115829")


@dataclass(frozen=True)
class Lexicon:
    """Words, folded: of the trade as they are, as networks confuse their letters, and as coarse fonts show them."""

    words: frozenset[str]
    skeletons: frozenset[str]
    drawn: frozenset[str]
    units: frozenset[str]
    person: frozenset[str]
    institution: frozenset[str]
    months: frozenset[str]
    names: frozenset[str] = field(repr=False)
    common: frozenset[str] = field(repr=False)


def skeleton(text: str) -> str:
    """Return letters and figures, those that networks confuse being one."""
    return re.sub(r"[\W_]", "", fold(text)).translate(_ALIKE).replace("rn", "m").replace("vv", "w")


def drawn(word: str) -> str:
    """Return a word as small letters of a coarse font show it: W, V and U are one."""
    return skeleton(word).replace("w", "u").replace("v", "u")


@cache
def lexicon() -> Lexicon:
    """Return the words."""
    stated = tomllib.loads(files("sosie.images.pixels").joinpath("innocent.toml").read_text(encoding="utf-8"))
    lists = {name: frozenset(text.split()) for name, text in stated.items()}
    return Lexicon(
        words=lists["words"] | lists["months"],
        skeletons=frozenset(skeleton(word) for word in lists["words"] if len(word) > 3),
        drawn=frozenset(drawn(word) for word in lists["words"] if len(word) > 2 and word.isalpha()),
        units=lists["units"],
        person=lists["person"],
        institution=lists["institution"],
        months=lists["months"],
        names=_gathered(("last_names", "first_names", "cities")),
        common=_gathered(("common_words", "medical_words")),
    )


def _gathered(names: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(load(code).gazetteer(name) for code in LANGUAGES for name in names))
