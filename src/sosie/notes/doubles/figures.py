"""How figures and dates are written: what stands around a number, how many decimals it has, the order of a date.

A slot's text enters, its spelling leaves; a new number or a new day is written by the same spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sosie.notes.redact.calendar import Calendar

_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
_MIDDAY = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a figure is written.

    Parameters
    ----------
    before, after : str
    mark : str
        Of decimals.
    decimals : int
    """

    before: str = ""
    after: str = ""
    mark: str = "."
    decimals: int = 0

    def write(self, value: float) -> str:
        """Write a number."""
        return f"{self.before}{f'{max(value, 0.0):.{self.decimals}f}'.replace('.', self.mark)}{self.after}"


@lru_cache(maxsize=100_000)
def spelling(text: str) -> Spelling | None:
    """Return how a text writes its only number; None where it holds none, or several."""
    found = list(_FIGURE.finditer(text))
    if len(found) != 1:
        return None
    figure = found[0]
    mark = next((sign for sign in ".," if sign in figure[0]), "")
    decimals = len(figure[0].partition(mark)[2]) if mark else 0
    return Spelling(text[: figure.start()], text[figure.end() :], mark or ".", decimals)


@lru_cache(maxsize=100_000)
def figure(text: str) -> float:
    """Return the only number of a text; NaN where it holds none, or several."""
    found = _FIGURE.findall(text)
    return float(found[0].replace(",", ".")) if len(found) == 1 else float("nan")


_DATES = (
    ("%d/%m/%Y", re.compile(r"\d{1,2}/\d{1,2}/\d{4}")),
    ("%d/%m/%y", re.compile(r"\d{1,2}/\d{1,2}/\d{2}")),
    ("%d.%m.%Y", re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")),
    ("%d-%m-%Y", re.compile(r"\d{1,2}-\d{1,2}-\d{4}")),
    ("%Y-%m-%d", re.compile(r"\d{4}-\d{1,2}-\d{1,2}")),
    ("%m/%Y", re.compile(r"\d{1,2}/\d{4}")),
    ("%Y", re.compile(r"(?:19|20)\d\d")),
    ("d B Y", re.compile(r"\d{1,2}(?:er|st|nd|rd|th)? [^\W\d_]+\.? \d{4}")),
    ("B d, Y", re.compile(r"[^\W\d_]+\.? \d{1,2}, \d{4}")),
    ("B Y", re.compile(r"[^\W\d_]+\.? \d{4}")),
    ("d B", re.compile(r"\d{1,2} [^\W\d_]+")),
)
USUAL = {False: "%d/%m/%Y", True: "%m/%d/%Y"}


@lru_cache(maxsize=100_000)
def order(text: str) -> str:
    """Return the order in which a date is written; empty where it is none of the usual ones."""
    return next((name for name, pattern in _DATES if pattern.fullmatch(text)), "")


def write_day(day: float, name: str, calendar: Calendar) -> str:
    """Write a day in one of the usual orders."""
    last = (date(2199, 1, 1) - _MIDDAY).days
    when = _MIDDAY + timedelta(days=min(max(round(day) - 1, 0), last))
    if not name:
        name = USUAL[calendar.month_first]
    if "%" in name:
        name = "%m/%d/%Y" if calendar.month_first and name == "%d/%m/%Y" else name
        year, short = f"{when.year:04d}", f"{when.year % 100:02d}"
        parts = (("%d", f"{when.day:02d}"), ("%m", f"{when.month:02d}"), ("%Y", year), ("%y", short))
        for sign, value in parts:
            name = name.replace(sign, value)
        return name
    month = calendar.months[when.month - 1][0]
    if calendar.month_first:
        month = month.capitalize()
    number = f"{when.day}{calendar.ordinal(when.day) if calendar.always else ''}"
    return {
        "d B Y": f"{number} {month} {when.year}",
        "B d, Y": f"{month} {when.day}, {when.year}",
        "B Y": f"{month} {when.year}",
        "d B": f"{number} {month}",
    }[name]
