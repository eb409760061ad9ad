"""What the shape of the values says when neither their form nor the column's name does.

A profile comes in; a guess leaves (free text, names of people or towns, identifiers of unknown kind, row numbers), or
nothing: a measurement whose values are all distinct is not an identifier. The same facts tell codes from quantities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from sosie.cohort import Role
from sosie.columns.profile import Profile
from sosie.columns.vocabulary import fold, languages

ENOUGH = 30
"""Patients below which a share of distinct values says nothing."""
NESTED = ("DIAGNOSIS_CODE", "DRUG_CODE", "PROCEDURE_CODE", "POSTCODE")
QUANTITIES = ("AGE", "WEIGHT", "HEIGHT", "BIRTH_YEAR", "POSTCODE", "DATE")


@dataclass(frozen=True)
class Guess:
    """The role that one detector proposes for a column."""

    label: str
    role: Role
    score: float
    detector: str
    reason: str


def guess(profile: Profile, k: int) -> Guess | None:
    """Return the role that the values' shape suggests."""
    if profile.form == "text":
        return _prose(profile) or _lists(profile, k) or _unique_text(profile)
    if profile.form == "integer":
        return _row_numbers(profile) or _unique_numbers(profile)
    return None


def codes(profile: Profile, label: str, labelled: bool) -> bool:
    """Tell integers that are codes from integers that are quantities."""
    few = profile.distinct <= 10 or (labelled and profile.distinct <= 20)
    if profile.form != "integer" or label in QUANTITIES or not few:
        return False
    small = len(profile) < 5 * profile.distinct and profile.distinct > 2 and not labelled
    return not small and not (_scale(profile) and not labelled)


def nested(profile: Profile, label: str) -> bool:
    """Tell codes whose leading characters are their parents."""
    if label not in NESTED or profile.distinct < 3 or profile.form not in ("text", "integer"):
        return False
    return (profile.form == "text" and profile.words <= 1) or label == "POSTCODE"


def _scale(profile: Profile) -> bool:
    """Four values or more at equal steps of 5 or more are a scale (a Karnofsky index), not codes."""
    levels = profile.values.unique().sort().cast(pl.Float64)
    if len(levels) < 4:
        return False
    steps = levels.diff().drop_nulls()
    return bool(steps.min() == steps.max()) and float(steps[0]) >= 5


def _prose(profile: Profile) -> Guess | None:
    if profile.words <= 2.5:
        return None
    long = profile.words > 5 or (profile.words > 3 and profile.spread > 0.5)
    if not long and not (profile.distinct > 50 and profile.spread > 0.5):
        return None
    if profile.distinct <= max(12, 0.02 * len(profile)):
        return None
    reason = "Its values are sentences of several words, seldom the same: they may name anyone."
    return Guess("FREE_TEXT", Role.FREE_TEXT, 0.8, "shape:text", reason)


def _lists(profile: Profile, k: int) -> Guess | None:
    if profile.alphabetic < 0.8 or profile.distinct < 8 or len(profile) < k:
        return None
    folded = [fold(value).replace("-", " ") for value in profile.text.head(2_000)]
    firsts = frozenset(name for language in languages() for name in language.first_names)
    cities = frozenset(city for language in languages() for city in language.cities)
    known_firsts = sum(not firsts.isdisjoint(value.split()) for value in folded) / len(folded)
    known_cities = sum(value in cities for value in folded) / len(folded)
    if known_firsts > max(0.25, known_cities):
        label = "NAME" if profile.words > 1.6 else "FIRST_NAME"
        return Guess(label, Role.DIRECT, 0.85, "list:first_names", "Many of its values are common first names.")
    if known_cities > 0.25:
        return Guess("CITY", Role.QUASI, 0.85, "list:cities", "Many of its values are names of large towns.")
    return None


def _unique_text(profile: Profile) -> Guess | None:
    if len(profile) < ENOUGH or profile.words > 3:
        return None
    if profile.capitalised > 0.9 and profile.alphabetic > 0.95 and profile.spread > 0.5:
        reason = "Its values are capitalised words that patients seldom share, as names are."
        return Guess("NAME", Role.DIRECT, 0.6, "shape:names", reason)
    if profile.spread > 0.9:
        score = 0.7 if profile.words == 1 else 0.55
        reason = "Nearly every patient has a value of their own, and nothing explains it but an identifier."
        return Guess("IDENTIFIER", Role.DIRECT, score, "shape:unique", reason)
    return None


def _unique_numbers(profile: Profile) -> Guess | None:
    if len(profile) < ENOUGH or profile.spread < 0.99:
        return None
    if profile.fixed_width and len(profile.text[0]) >= 7:
        reason = "Its numbers all have the same many digits and patients do not share them, as identifiers do."
        return Guess("IDENTIFIER", Role.DIRECT, 0.6, "shape:unique", reason)
    if not re.search(r"(?i)(id|num|nr|no|nb|ident|numero|number|code|key|cle)\d*$", profile.name):
        return None
    reason = "Patients do not share its numbers, and its name ends as those of identifiers do."
    return Guess("IDENTIFIER", Role.DIRECT, 0.7, "shape:unique", reason)


def _row_numbers(profile: Profile) -> Guess | None:
    if len(profile) < ENOUGH or profile.spread < 1:
        return None
    values = profile.values.cast(pl.Float64)
    steps = values.diff().drop_nulls()
    dense = float(steps.abs().sum()) and _range(values) == len(profile) - 1
    rising = len(profile) >= 100 and bool((steps > 0).all()) and _range(values) < 3 * len(profile)
    sampled = bool((steps == steps[0]).all())
    if not (dense or rising or sampled):
        return None
    reason = "Its numbers count the rows, which links them to the source."
    return Guess("RECORD_NUMBER", Role.DIRECT, 0.6, "shape:rows", reason)


def _range(values: pl.Series) -> float:
    low, high = values.min(), values.max()
    return float(high) - float(low) if isinstance(low, float) and isinstance(high, float) else 0.0
