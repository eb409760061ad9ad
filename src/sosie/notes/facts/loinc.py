"""From measurements of laboratories, by LOINC code and unit, to the measures that letters quote, and back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np

from sosie.cohort import Floats
from sosie.notes.facts.measures import measures
from sosie.stream import Measured


@cache
def codes() -> dict[str, str]:
    """Return the measure of each LOINC code."""
    raw = tomllib.loads(files("sosie.notes.facts").joinpath("loinc.toml").read_text(encoding="utf-8"))
    return {code: name for name, some in raw.items() for code in some}


@cache
def usual() -> dict[str, str]:
    """Return the usual LOINC code of each measure."""
    found: dict[str, str] = {}
    for code, name in codes().items():
        found.setdefault(name, code)
    return found


def quoted(told: Mapping[str, Measured]) -> dict[str, Floats]:
    """Return what letters may quote of results, by measure, in its own unit.

    A result whose unit is not one of the measure's, or that is not believable in it, is left out (NaN).
    """
    known = measures()
    found: dict[str, Floats] = {}
    for code, one in told.items():
        measure = known.get(codes().get(code, ""))
        if measure is None:
            continue
        unit = measure.units.get(_plain(one.unit)) if one.unit else measure.units.get(_plain(measure.unit))
        if unit is None:
            continue
        values = unit.factor * one.values + unit.offset
        values = np.where((values >= measure.low) & (values <= measure.high), values, np.nan)
        before = found.get(measure.name)
        found[measure.name] = values if before is None else np.where(np.isnan(before), values, before)
    return found


def _plain(unit: str) -> str:
    """Return a unit as the measures spell it."""
    return unit.casefold().replace("μ", "u").replace("µ", "u").replace(" ", "")
