"""What a column identifies: by the form of its values, then by its name where its values agree, then by their shape.

A profile comes in; a guess leaves, or nothing. Any modality whose files have columns asks here.
"""

from __future__ import annotations

from sosie.cohort import Role
from sosie.columns import shapes
from sosie.columns.labels import LABELS
from sosie.columns.profile import Profile
from sosie.columns.shapes import Guess
from sosie.columns.validators import STRONG, WEAK
from sosie.columns.vocabulary import meanings

MOST_WORDS = 5
"""Words of a column's label; beyond, it is a question that may name anything."""


def detect(profile: Profile, label: str, k: int, guided: bool = False) -> Guess | None:
    """Return what a column identifies: detectors are tried one after the other, the surest first.

    Parameters
    ----------
    profile : Profile
    label : str
        Of the column, beside its name; empty where there is none.
    k : int
        A reason counts no fewer patients.
    guided : bool
        The kind of the column was declared, and is not guessed by its shape.
    """
    name = _by_name(profile, profile.name) or (_by_name(profile, label) if len(label.split()) <= MOST_WORDS else None)
    guess = _by_form(profile, k, strong=True, name=name)
    if guess is None and name is not None and name.role is Role.DIRECT:
        guess = name
    if guess is None and profile.constant and (name is None or not 0 < len(profile) < k):
        return Guess("CONSTANT", Role.CONSTANT, 1.0, "shape:constant", "All patients hold the same value, or none.")
    if guess is None and profile.form == "date" and (name is None or name.role is not Role.DATE):
        return Guess("DATE", Role.DATE, 0.99, "type:date", "It holds dates.")
    guess = guess or name or _by_form(profile, k, strong=False, name=None)
    return guess or (None if guided or not len(profile) else shapes.guess(profile, k))


def _by_name(profile: Profile, name: str) -> Guess | None:
    for meaning in meanings(name):
        label = LABELS.get(meaning.label)
        if label is not None and label.fits(profile):
            said = "name" if name == profile.name else "label"
            reason = f"Its {said} says {label.meaning}, and its values can be that."
            score = meaning.score * label.weight
            return Guess(meaning.label, label.role, score, f"name:{meaning.language}", reason)
    return None


def _by_form(profile: Profile, k: int, strong: bool, name: Guess | None) -> Guess | None:
    if profile.form not in ("text", "integer") or not len(profile) or (profile.constant and not strong):
        return None
    for validator in STRONG if strong else WEAK:
        if profile.form == "integer" and not validator.numbers:
            continue
        matching = int(validator.matches(profile.text).sum())
        needed = max(validator.share * len(profile), min(3, len(profile)))
        if matching < needed or not _plausible(validator.label, profile):
            continue
        score = 0.99 if name is not None and name.label == validator.label else validator.score
        reason = f"{share(matching, len(profile), k)} of its values have the form of {LABELS[validator.label].meaning}."
        return Guess(validator.label, validator.role, score, f"validator:{validator.label.lower()}", reason)
    return None


def _plausible(label: str, profile: Profile) -> bool:
    """Rule out forms that other columns take: study numbers look like diagnoses, small codes like anything."""
    if label == "DIAGNOSIS_CODE":
        return profile.spread < 0.9 and profile.uniques.str.slice(0, 1).n_unique() >= 3
    if label in ("RPPS", "NHS", "FINESS", "POSTCODE"):
        return profile.distinct >= min(10, len(profile))
    return True


def share(part: int, whole: int, k: int) -> str:
    """Say a share in words when it, or what it leaves out, counts fewer than ``k`` patients."""
    if part == whole:
        return "All"
    if part < k:
        return "Some"
    return "Nearly all" if whole - part < k else f"{100 * part / whole:.0f} %"
