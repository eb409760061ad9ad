"""Measures: how their figures and units are read, and what they are worth in one unit.

``measures.toml`` comes in. It names no language: how a language names a measure stands in its own folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FIGURE = re.compile(r"\d{1,3}(?: \d{3})+(?![\d.,]\d)|\d+(?:[.,]\d+)?")
_HALF_DEGREE = re.compile(r"(\d\d) ?° ?(\d)(?!\d)(?: ?c\b)?")
_FOREIGN = re.compile(
    r" ?(?:[a-zµμ]{1,5} ?/ ?[a-z\d]"
    r"|(?:days?|weeks?|months?|years?|hours?|hrs?|jours?|semaines?|mois|ans?|heures?|h|j|mv|ms|ohms?|hz)\b)"
)
"""What follows a figure of something else: ``20 ml/h``, ``2 days``."""
_METRES = re.compile(r"([12]) ?m ?(\d{1,2})(?!\d)(?: ?cm)?")
_FEET = re.compile(r"(\d) ?(?:'|ft|feet) ?(?:(\d{1,2}) ?(?:\"|in\w*)?)?")


@dataclass(frozen=True)
class Unit:
    """What a unit of a measure is worth in its own one: ``factor * value + offset``; a bare value is ``below``."""

    factor: float
    offset: float = 0.0
    below: float = float("inf")


@dataclass(frozen=True)
class Measure:
    """One measure.

    Parameters
    ----------
    name : str
    unit : str
        In which its values are.
    decimals : int
        How many are said.
    low, high : float
        Between which it is believed.
    units : mapping of str to Unit
        All that it can be written in.
    bare : sequence of Unit
        In which a figure without a unit is read: the first that gives a believable value.
    written : re.Pattern
        Its units, each a group ``u0``, ``u1`` ...
    names : sequence of str
        Of the units, by group.
    """

    name: str
    unit: str
    decimals: int
    low: float
    high: float
    units: Mapping[str, Unit]
    bare: Sequence[Unit]
    written: re.Pattern[str]
    names: Sequence[str]

    def read(self, folded: str, at: int) -> tuple[int, int, float] | None:
        """Read the figure and the unit that stand at a place of a folded text.

        Returns
        -------
        (int, int, float) or None
            Start and end of what was read, and its value in ``unit``; None where nothing believable stands there.
        """
        special = self._special(folded, at)
        if special is not None:
            return special
        figure = _FIGURE.match(folded, at)
        if figure is None:
            return None
        value, end = number(figure[0]), figure.end()
        unit = self.written.match(folded, end)
        if unit is not None:
            name = self.names[int((unit.lastgroup or "u0")[1:])]
            told = self._worth(value, (self.units[name],)) if name in self.units else None
            return None if told is None else (at, unit.end(), told)
        told = None if _FOREIGN.match(folded, end) else self._worth(value, self.bare)
        glued = folded[end : end + 1].isalpha() or (
            folded[end : end + 1] == "/" and folded[end + 1 : end + 2].isdigit()
        )
        return None if told is None or glued else (at, end, told)

    def _worth(self, value: float, units: Sequence[Unit]) -> float | None:
        for unit in units:
            told = unit.factor * value + unit.offset
            if value < unit.below and self.low <= told <= self.high:
                return round(told, 4)
        return None

    def _special(self, folded: str, at: int) -> tuple[int, int, float] | None:
        """Read ``37°5`` and ``1m75``."""
        if self.name == "temperature" and (match := _HALF_DEGREE.match(folded, at)):
            value = float(f"{match[1]}.{match[2]}")
        elif self.name == "height" and (match := _METRES.match(folded, at)):
            value = 100.0 * int(match[1]) + float(match[2].ljust(2, "0"))
        elif self.name == "height" and (match := _FEET.match(folded, at)):
            value = round(30.48 * int(match[1]) + 2.54 * int(match[2] or 0), 1)
        else:
            return None
        return (at, match.end(), value) if self.low <= value <= self.high else None


def number(figure: str) -> float:
    """Return the value of a figure, with either decimal sign; ``12 000`` and ``12,000`` are thousands."""
    bare = figure.replace(" ", "")
    whole, _, decimals = bare.replace(",", ".").partition(".")
    if "," in bare and len(decimals) == 3 and whole != "0":
        return float(whole + decimals)
    return float(f"{whole}.{decimals or 0}")


@cache
def measures() -> Mapping[str, Measure]:
    """Return all measures by name."""
    text = files("sosie.notes.facts").joinpath("measures.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    written = tables.pop("written")
    found = {}
    for name, table in tables.items():
        units = {key: _unit(worth) for key, worth in table["units"].items()}
        bare = [_bare(units, text) for text in table.get("bare", units)]
        spellings = [(row["unit"], row["pattern"]) for row in written if name in row.get("only", (name,))]
        spellings.sort(key=lambda spelling: spelling[0] not in units)
        pattern = "|".join(f"(?P<u{place}>{spelling})" for place, (_, spelling) in enumerate(spellings))
        found[name] = Measure(
            name=name,
            unit=table["unit"],
            decimals=table["decimals"],
            low=table["low"],
            high=table["high"],
            units=units,
            bare=bare,
            written=re.compile(rf"(?: {{0,20}}|\n)(?:{pattern})(?![a-z\d]| ?/ ?[a-z])"),
            names=[unit for unit, _ in spellings],
        )
    return found


def _unit(worth: float | list[float]) -> Unit:
    return Unit(*worth) if isinstance(worth, list) else Unit(float(worth))


def _bare(units: Mapping[str, Unit], text: str) -> Unit:
    name, _, below = text.partition(" below ")
    unit = units[name]
    return Unit(unit.factor, unit.offset, float(below)) if below else unit
