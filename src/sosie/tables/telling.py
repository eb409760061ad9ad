"""What tables say of their patients to the other parts of a cohort, which must agree with them.

Columns are known by their names and their contents: the original and its doubles have the same, so that both are read
alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl

from sosie.cohort import Floats
from sosie.stream import Described
from sosie.tables.ending import told
from sosie.tables.frame import Table

DAYS_A_YEAR = 365.25
ICD_SHARE = 0.6
"""Of the values of a column of diagnoses that are categories of ICD-10 or longer."""
_SEX = frozenset({"sex", "sexe", "gender", "genre"})
_AGE = re.compile(r"(?i)(^|[_. ])[aâ]ge($|[_. ])")
_BIRTH = re.compile(r"(?i)naiss|birth|(^|_)(dob|ddn)($|_)")
_END = re.compile(r"(?i)d[eé]c[eè]s|death|(^|_)dod($|_)|died")
_ICD = r"^[A-TV-Z]\d\d"
_SEXES = {
    **dict.fromkeys(("f", "femme", "female", "woman", "féminin", "feminin", "w"), "F"),
    **dict.fromkeys(("m", "h", "homme", "male", "man", "masculin"), "M"),
}


def described(tables: Sequence[Table], patients: int) -> Described:
    """Return who the patients are, when their story begins and ends, and what ails them.

    Sex and age are told by columns that are called so, in plain words; the birth by a date that is called so; the
    beginning by the date that comes first, births and deaths aside; problems by the first column of ICD-10 codes;
    follow-up as in `ending.told`.
    """
    nothing = np.full(patients, np.nan)
    sex: list[str] = [""] * patients
    age, birth, start = nothing, nothing, nothing
    problems: Sequence[Sequence[str]] = ()
    for table in tables:
        begun: list[Floats] = []
        for name in table.frame.columns:
            series = table.frame[name]
            if name.casefold() in _SEX and series.dtype in (pl.String, pl.Categorical):
                plain = series.cast(pl.String).fill_null("").str.to_lowercase().to_list()
                sex = [known or _SEXES.get(each, "") for known, each in zip(sex, plain, strict=True)]
            elif _AGE.search(name) and series.dtype.is_numeric():
                age = np.where(np.isnan(age), _numbers(series), age)
            elif series.dtype in (pl.Date, pl.Datetime):
                days = _numbers(series.cast(pl.Date).cast(pl.Int32))
                if _BIRTH.search(name):
                    birth = np.where(np.isnan(birth), days, birth)
                elif not _END.search(name) and not np.isnan(days).all():
                    begun.append(days)
            elif not problems and series.dtype in (pl.String, pl.Categorical):
                problems = _problems(series.cast(pl.String))
        if begun:
            first = min(begun, key=lambda days: float(np.nanmedian(days)))
            start = np.where(np.isnan(start), first, start)
    followed, dead = told(tables, patients)
    age = np.where(np.isnan(age), np.floor((start - birth) / DAYS_A_YEAR), age)
    return Described(sex, age, followed, dead, birth=birth, start=start, problems=problems)


def _numbers(series: pl.Series) -> Floats:
    return np.asarray(series.cast(pl.Float64).fill_null(float("nan")).to_numpy())


def _problems(series: pl.Series) -> Sequence[Sequence[str]]:
    """Return the category of each patient's code; nothing where the column is none of codes."""
    given = series.drop_nulls()
    if not len(given) or float(given.str.contains(_ICD).mean() or 0.0) < ICD_SHARE:  # type: ignore[arg-type]
        return ()
    return [[code[:3]] if code is not None and re.match(_ICD, code) else [] for code in series.to_list()]
