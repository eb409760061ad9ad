"""People who do not exist: names, insurance numbers, homes and telephone numbers for the demonstration cohort.

Names are common ones drawn independently; towns and postcodes are public; the insurance numbers (NIR) name communes
that no department has, and the telephone numbers come from the range that the French regulator keeps for fiction, so
that nobody's identifier can appear by chance.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np

_BIRTHPLACES = ("35", "22", "56", "29", "44", "75", "53", "99", "2A")
_BIRTHPLACE_SHARES = (0.52, 0.11, 0.1, 0.08, 0.06, 0.05, 0.03, 0.04, 0.01)


@dataclass(frozen=True)
class Person:
    """One fictitious person."""

    surname: str
    first_name: str
    nir: str
    postcode: str
    town: str
    telephone: str


def people(women: Sequence[bool], births: Sequence[date], rng: np.random.Generator) -> list[Person]:
    """Draw a person for each sex and birth date.

    Parameters
    ----------
    women : sequence of bool
    births : sequence of date
    rng : numpy.random.Generator
    """
    names = _names()
    weights = np.array([weight for _, _, weight in names.homes], dtype=float)
    homes = rng.choice(len(names.homes), len(births), p=weights / weights.sum())
    return [
        Person(
            surname=str(rng.choice(names.surnames)),
            first_name=str(rng.choice(names.women if woman else names.men)),
            nir=nir(woman, birth, rng),
            postcode=names.homes[home][0],
            town=names.homes[home][1],
            telephone=telephone(rng),
        )
        for woman, birth, home in zip(women, births, homes, strict=True)
    ]


def nir(woman: bool, birth: date, rng: np.random.Generator) -> str:
    """Return a well-formed insurance number with its key, in a commune that does not exist (above 910)."""
    department = str(rng.choice(_BIRTHPLACES, p=_BIRTHPLACE_SHARES))
    place = f"{rng.integers(911, 990)}"
    head, tail = f"{2 if woman else 1}{birth:%y%m}", f"{place}{rng.integers(1, 1000):03d}"
    # The key counts Corsica's letters as 19 and 18 (INSEE).
    number = int(head + {"2A": "19", "2B": "18"}.get(department, department) + tail)
    return f"{head}{department}{tail}{97 - number % 97:02d}"


def telephone(rng: np.random.Generator) -> str:
    """Return a mobile number of the range that ARCEP reserves for works of fiction (06 39 98)."""
    return f"06 39 98 {rng.integers(100):02d} {rng.integers(100):02d}"


@dataclass(frozen=True)
class _Names:
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    homes: tuple[tuple[str, str, int], ...]
    """Postcode, town, relative number of patients."""


@cache
def _names() -> _Names:
    raw = tomllib.loads(files("sosie.fictitious").joinpath("people.toml").read_text(encoding="utf-8"))
    words = {key: tuple(raw[key].split()) for key in ("women", "men", "surnames")}
    return _Names(homes=tuple((postcode, town, weight) for postcode, town, weight in raw["homes"]), **words)
