"""In which unit a column counts time, as its name tells."""

from __future__ import annotations

from sosie.columns.vocabulary import split

_UNITS = {
    7.0: ("week", "weeks", "semaine", "semaines", "sem"),
    30.4375: ("month", "months", "mois"),
    365.25: ("year", "years", "annee", "annees", "an", "ans", "yr", "yrs"),
    1 / 24: ("hour", "hours", "heure", "heures", "hr", "hrs"),
    1 / 1440: ("minute", "minutes", "min"),
}

"""Days in one unit, and the words for it, in English and in French."""


def unit_of(name: str) -> float:
    """Return the days in one unit of a column; 1 where its name says nothing."""
    words = set(split(name))
    return next((days for days, known in _UNITS.items() if words.intersection(known)), 1.0)
