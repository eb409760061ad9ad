"""The figures of a note that are neither an identifier nor a fact: dates, times, durations, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sosie.notes.facts.lexicon import lexicon
from sosie.notes.facts.measures import number
from sosie.notes.languages.folding import fold

_DIGITS = re.compile(r"\d+")
_DAYS = {
    "year": 365.25,
    "month": 30.44,
    "week": 7.0,
    "day": 1.0,
    "hour": 1 / 24,
    "minute": 1 / 1440,
    "second": 1 / 86400,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a text.

    Parameters
    ----------
    start, end : int
    kind : str
        ``DATE``, ``TIME``, ``DURATION`` or ``NUMBER``.
    code : str, optional
        Of a duration its unit; of a number the word after it.
    value : float, optional
        Of a number; of a duration in days.
    """

    start: int
    end: int
    kind: str
    code: str | None = None
    value: float | None = None


@dataclass(frozen=True)
class Figures:
    """How a language writes figures.

    Parameters
    ----------
    date, time, duration, counted : re.Pattern
        At a digit.
    month : re.Pattern
        A month, and the day before it, that end where a year starts.
    units : mapping of str to float
        Days of each unit.
    """

    date: re.Pattern[str]
    month: re.Pattern[str]
    time: re.Pattern[str]
    duration: re.Pattern[str]
    counted: re.Pattern[str]

    @staticmethod
    @cache
    def of(code: str) -> Figures:
        """Return those of a language by its code."""
        return _figures(lexicon(code).grammar["numbers"])

    def find(self, text: str, start: int, end: int) -> Iterator[Figure]:
        """Yield the figures between two offsets; a digit after a letter is part of a word (``SpO2``, ``L5``)."""
        last = start
        for match in _DIGITS.finditer(text, start, end):
            at = match.start()
            if at >= last and not (at > start and text[at - 1].isalpha()):
                figure = self._at(text, at, last, end)
                last = figure.end
                yield figure

    def _at(self, text: str, at: int, last: int, end: int) -> Figure:
        if match := self.date.match(text, at, end):
            begun = self.month.search(text, max(last, at - 15), at) if len(match[0]) == len("2020") else None
            return Figure(begun.start() if begun else at, match.end(), "DATE")
        if match := self.time.match(text, at, end):
            return Figure(at, match.end(), "TIME")
        if match := self.duration.match(text, at, end):
            unit = match.lastgroup or "day"
            return Figure(at, match.end(), "DURATION", unit, number(match[1]) * _DAYS[unit])
        match = self.counted.match(text, at, end)
        assert match is not None
        return Figure(at, match.end(1), "NUMBER", fold(match[2]) if match[2] else None, number(match[1]))


def _figures(numbers: Mapping[str, str | Mapping[str, str]]) -> Figures:
    months, durations = numbers["months"], numbers["durations"]
    assert isinstance(durations, Mapping)
    figure = r"(\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,]\d+)?)"
    units = "|".join(f"(?P<{unit}>{pattern})" for unit, pattern in durations.items())
    flags = re.IGNORECASE
    return Figures(
        date=re.compile(
            r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}(?!\d)"
            rf"|\d{{1,2}}(?:er)? (?:{months})(?![^\W\d_])\.?(?: \d{{4}})?"
            r"|(?:19|20)\d\d(?!\d|[^\W\d_]|[.,/-]\d| ?%| (?:m[glL]|[gcm] ))",
            flags,
        ),
        month=re.compile(rf"(?:(?<!\d)\d{{1,2}} )?(?<!\w)(?:{months})\.? $", flags),
        time=re.compile(rf"{numbers['times']}|(?:[01]?\d|2[0-4]):[0-5]\d(?!\d)", flags),
        duration=re.compile(rf"{figure}[ \u00a0]?(?:{units})(?!\w)", flags),
        counted=re.compile(rf"{figure}(?:[ \u00a0]?([^\W\d_]{{1,4}}(?![^\W\d_])|%))?", flags),
    )
