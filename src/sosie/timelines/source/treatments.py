"""What identifies in a file of events, column by column, and what a copy does about it.

The first rows of a file come in, with what its columns are. Keys, times and names of visits are known by that; every
other column is looked at as the columns of tables are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from sosie.cohort import Role
from sosie.columns.detect import detect
from sosie.columns.profile import Profile, profiles
from sosie.columns.shapes import Guess
from sosie.timelines.source.files import EventFile
from sosie.timelines.source.moments import moment_of
from sosie.timelines.source.reader import NUMBER, Action, Treatment
from sosie.timelines.source.spelling import number

BLANKED = frozenset({"ADDRESS", "GEOLOCATION", "INITIALS", "CITY"})
SHAPED = frozenset({"shape:unique", "shape:rows", "shape:names"})
"""What all-distinct cells suggest: in values of measurements they are precision, not identifiers."""
_SHARED = 0.5


def treatments_of(file: EventFile, first: pl.DataFrame, k: int) -> dict[str, Treatment]:
    """Return what is done to the columns of a file, by their names.

    Parameters
    ----------
    file : EventFile
    first : polars.DataFrame
        Its first window.
    k : int
        A reason counts no fewer.
    """
    layout = file.layout
    found = {layout.patient: _pseudonym(first[layout.patient], "PATIENT_KEY", Role.KEY, "patient", "key")}
    for column in (layout.time, layout.end):
        if column is not None and (shifted := _shift(first[column], "DATE", "layout", 1.0)) is not None:
            found[column] = shifted
    if layout.visit is not None and _identifies(first, layout.patient, layout.visit):
        found[layout.visit] = _pseudonym(first[layout.visit], "VISIT", Role.DIRECT, "visit", "layout")
    values = {layout.value} if layout.value else set(layout.measures)
    known = {*found, layout.time, layout.end, layout.visit, layout.code, layout.unit}
    for profile in _profiles(first, [name for name in first.columns if name not in known]):
        guess = detect(profile, "", k)
        if guess is None or (profile.name in values and guess.detector in SHAPED):
            continue
        treated = treatment(profile, first[profile.name], guess)
        if treated is not None:
            found[profile.name] = treated
    if layout.value is not None and layout.value not in found:
        found |= words_of(first, layout.value, k)
    return found


def treatment(profile: Profile, column: pl.Series, guess: Guess) -> Treatment | None:
    """Return what is done about a guess; None where a column may stay.

    Parameters
    ----------
    profile : Profile
    column : polars.Series
    guess : Guess
    """
    action = _action(guess)
    if action is Action.SHIFT:
        return _shift(column, guess.label, guess.detector, guess.score) or _treated(guess, Action.BLANK)
    if action is None:
        return None
    found = _treated(guess, action)
    if action is Action.SURROGATE:
        return replace(found, digits=number(profile.text).null_count() == 0)
    return replace(found, unit=_unit(column)) if action is Action.GROUP else found


def words_of(first: pl.DataFrame, value: str, k: int) -> dict[str, Treatment]:
    """Look at the words among the numbers of a column of values: prose may name anyone."""
    if first[value].dtype not in (pl.String, pl.Categorical):
        return {}
    words = first[value].cast(pl.String).set(number(first[value]).is_not_null(), None).drop_nulls()
    guess = next((detect(profile, "", k) for profile in _profiles(words.to_frame(), [value])), None)
    if guess is None or guess.role is not Role.FREE_TEXT:
        return {}
    return {value: replace(_treated(guess, Action.BLANK), words=True)}


def _action(guess: Guess) -> Action | None:
    if guess.role is Role.FREE_TEXT or guess.label in BLANKED:
        return Action.BLANK
    if guess.role is Role.DIRECT or guess.label == "FINESS":
        return Action.SURROGATE
    if guess.role is Role.DATE:
        return Action.SHIFT
    return {"AGE": Action.GROUP, "BIRTH_YEAR": Action.BIRTH_YEAR, "POSTCODE": Action.TRUNCATE}.get(guess.label)


def _treated(guess: Guess, action: Action) -> Treatment:
    score = round(guess.score, 2)
    return Treatment(action, guess.label, guess.role, guess.detector, score, reason=guess.reason)


def _pseudonym(column: pl.Series, label: str, role: Role, kind: str, detector: str) -> Treatment:
    cells = column.drop_nulls().cast(pl.String)
    digits = len(cells) > 0 and bool(cells.str.contains(r"^\s*(?:0|[1-9]\d*)\s*$").all())
    return Treatment(Action.PSEUDONYM, label, role, detector, kind=kind, digits=digits)


def _shift(column: pl.Series, label: str, detector: str, score: float) -> Treatment | None:
    """Return the shift of a column of dates; None where it holds none."""
    moment = moment_of(column, column.name)
    if moment is None or not moment.calendar:
        return None
    found = Treatment(Action.SHIFT, label, Role.DATE, detector, round(score, 2), date_format=moment.date_format)
    return found if moment.origin is None else replace(found, date_format=NUMBER, unit=1 / moment.unit)


def _identifies(first: pl.DataFrame, patient: str, visit: str) -> bool:
    """Tell names of visits that patients do not share."""
    pairs = first.select(patient, visit).drop_nulls().unique()
    return len(pairs) > 0 and pairs[visit].n_unique() >= _SHARED * len(pairs)


def _profiles(first: pl.DataFrame, columns: list[str]) -> Iterator[Profile]:
    """Describe columns; text that is all numbers is described as numbers."""
    read = []
    for name in columns:
        column = first[name]
        if column.dtype == pl.String:
            numbers = number(column)
            padded = column.str.contains(r"^\s*0\d").any()
            if numbers.null_count() == column.null_count() < len(column) and not padded:
                whole = bool((numbers.drop_nulls() == numbers.drop_nulls().round()).all())
                column = numbers.cast(pl.Int64, strict=False) if whole else numbers
        read.append(column.alias(name))
    if read:
        frame = pl.DataFrame(read)
        yield from profiles(frame, pl.repeat(True, len(frame), eager=True))


def _unit(column: pl.Series) -> float:
    top = number(column).max()
    if not isinstance(top, int | float) or top <= 130:
        return 1.0
    return 12.0 if top <= 130 * 12 else 365.25
