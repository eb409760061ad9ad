"""What a language gives to make surrogates of: its calendar, its towns, the words of addresses, hospitals and trades.

``doubles.toml`` and ``towns.txt.xz`` of the language's folder come in. A language without them has no surrogates of
these kinds: tags stand in their place.
"""

from __future__ import annotations

import lzma
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosie import names
from sosie.names import fold
from sosie.notes.redact.calendar import Calendar

_READ, _FEW = 5_000, 4
"""Characters by which a text shows its language; words that are too few to show another than the usual one."""
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Town:
    """A town, its postcodes and its class of size (0 for a village, 4 for a large city)."""

    name: str
    postcodes: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Words:
    """The words of one language.

    Parameters
    ----------
    calendar : Calendar
    units : mapping of str to str
        From a folded word to ``day``, ``week``, ``month`` or ``year``.
    young : sequence of (int, str)
        Days under which an age is written with these words.
    streets, hospitals : sequence of str
        Names that stand for names.
    street_words, hospital_words : frozenset of str
        Folded words that say of what kind a place is; they stay.
    street, unnumbered, hospital : str
        What stands for a place that could not be read, with ``{name}`` and ``{number}``.
    trades : mapping of str to sequence of str
        By gender.
    feminine : tuple of str
        Endings of women's trades.
    neutral : mapping of str to str
        What stands for an event, a relative, a place, an old age.
    common : frozenset of str
        Frequent words, by which a text shows its language.
    towns : mapping of int to sequence of Town
        By class of size.
    known : mapping of str to Town
        By folded name.
    """

    calendar: Calendar
    units: Mapping[str, str]
    young: Sequence[tuple[int, str]]
    streets: Sequence[str]
    street_words: frozenset[str]
    street: str
    unnumbered: str
    hospitals: Sequence[str]
    hospital_words: frozenset[str]
    hospital: str
    trades: Mapping[str, Sequence[str]]
    feminine: tuple[str, ...]
    neutral: Mapping[str, str]
    common: frozenset[str]
    towns: Mapping[int, Sequence[Town]]
    known: Mapping[str, Town]


@cache
def words(code: str) -> Words | None:
    """Return the words of a language, or None where it has none."""
    folder = files("sosie.notes.languages").joinpath(code)
    path = folder.joinpath("doubles.toml")
    if not path.is_file():
        return None
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    towns = _towns(folder.joinpath("towns.txt.xz").read_bytes())
    by_size: dict[int, list[Town]] = defaultdict(list)
    for town in towns:
        by_size[town.size].append(town)
    return Words(
        calendar=_calendar(raw["dates"]),
        units={fold(word): unit for unit, text in raw["ages"]["units"].items() for word in text.split()},
        young=tuple((days, text) for days, text in raw["ages"]["young"]),
        streets=_listed(raw["addresses"]["names"]),
        street_words=_folded(raw["addresses"]["types"]),
        street=raw["addresses"]["default"],
        unnumbered=raw["addresses"]["unnumbered"],
        hospitals=_listed(raw["hospitals"]["names"]),
        hospital_words=_folded(raw["hospitals"]["kinds"]),
        hospital=raw["hospitals"]["default"],
        trades={gender: _listed(raw["professions"][gender]) for gender in "FM"},
        feminine=tuple(raw["professions"]["feminine"].split()),
        neutral=raw["neutral"],
        common=frozenset(raw["detection"]["common"].split()),
        towns=dict(by_size),
        known={fold(town.name): town for town in towns},
    )


def spoken(text: str, codes: Sequence[str]) -> str:
    """Return the language of a text, by its frequent words; French where little tells."""
    found = Counter(_LETTERS.findall(text[:_READ].casefold()))
    known = {code: words(code) for code in codes}
    heard = {code: sum(found[word] for word in each.common) if each else 0 for code, each in known.items()}
    usual = next((code for code in names.LANGUAGES if code in codes), codes[0])
    best = max(codes, key=lambda code: heard[code])
    return best if heard[best] >= max(_FEW, 2 * heard[usual]) else usual


def _calendar(raw: Mapping[str, Any]) -> Calendar:
    links = frozenset(raw["links"].split())
    return Calendar(raw["months"], raw["weekdays"], raw["ordinals"], links, raw["month_first"])


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for line in text.strip().splitlines() for word in line.split("|"))


def _folded(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


def _towns(raw: bytes) -> list[Town]:
    rows = (line.split("\t") for line in lzma.decompress(raw).decode().splitlines())
    return [Town(name, tuple(postcodes.split()), int(size)) for size, name, postcodes in rows if not _part(name)]


def _part(name: str) -> bool:
    return "Arrondissement" in name
