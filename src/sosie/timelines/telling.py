"""What timelines say of their patients to the other parts of a cohort, which must agree with them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sosie.cohort import Floats
from sosie.stream import Described, Measured
from sosie.timelines.encode.people import ages
from sosie.timelines.encode.span import number, spans
from sosie.timelines.events import Clock, Code, Group, TimelinesPart

LOINC = "loinc"
"""Detail of a form: the LOINC code of each code that has one, where the codes are of another vocabulary."""
ICD = ("ICD10", "CIM")


def described(part: TimelinesPart) -> Described:
    """Return who the patients are, when they were followed, their first results and their problems."""
    seen = spans(part)
    calendar = part.clock is Clock.CALENDAR
    sex = part.people["sex"].fill_null("").to_list() if "sex" in part.people.columns else [""] * len(part.keys)
    return Described(
        sex,
        np.floor(ages(part, seen)),
        seen.followed,
        seen.dead,
        birth=number(part, "birth") if calendar else None,
        start=np.where(part.present, seen.origin, np.nan) if calendar else None,
        measures=_measures(part),
        problems=_problems(part),
    )


def _measures(part: TimelinesPart) -> Mapping[str, Measured]:
    """Return the first value of each measurement whose LOINC code is known."""
    events, told = part.events, part.form.details.get(LOINC, {})
    valued = np.flatnonzero(~np.isnan(events.value) & ~np.isnan(events.time))
    order = valued[np.lexsort((events.time[valued], events.code[valued], events.patient[valued]))]
    patient, code = events.patient[order], events.code[order]
    leads = np.ones(len(order), dtype=bool)
    leads[1:] = (patient[1:] != patient[:-1]) | (code[1:] != code[:-1])
    first, whose, which = order[leads], patient[leads], code[leads]
    found: dict[str, Measured] = {}
    for at, one in enumerate(part.codes):
        name = _loinc(one, told)
        if name is None or name in found:
            continue
        values: Floats = np.full(len(part.keys), np.nan)
        mine = which == at
        values[whose[mine]] = events.value[first[mine]]
        found[name] = Measured(values, one.unit)
    return found


def _loinc(code: Code, told: Mapping[str, str]) -> str | None:
    if code.group is not Group.MEASUREMENT:
        return None
    return code.code if code.vocabulary.upper() == "LOINC" else told.get(code.code)


def _problems(part: TimelinesPart) -> list[list[str]] | tuple[()]:
    """Return the categories of ICD-10 of each patient's conditions, in order of time."""
    known = {
        at: one.code[:3]
        for at, one in enumerate(part.codes)
        if one.group is Group.CONDITION and one.vocabulary.upper().startswith(ICD)
    }
    if not known:
        return ()
    found: list[list[str]] = [[] for _ in part.keys]
    for whose, code in zip(part.events.patient, part.events.code, strict=True):
        if int(code) in known and known[int(code)] not in found[whose]:
            found[whose].append(known[int(code)])
    return found
