"""The months and the days of a language, as texts write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sosie.names import fold

MISREAD = 0.7
"""Likeness from which a word of five letters or more is a month that was misspelt."""


@dataclass(frozen=True)
class Calendar:
    """The words of dates.

    Parameters
    ----------
    months : sequence of sequence of str
        For each month, its name then its abbreviations.
    weekdays : sequence of sequence of str
        From Monday.
    ordinals : mapping of str to str
        Endings of days: by number, by last digit (``*1``), and ``*``.
    links : frozenset of str
        Words that may stand inside a date.
    month_first : bool
    """

    months: Sequence[Sequence[str]]
    weekdays: Sequence[Sequence[str]]
    ordinals: Mapping[str, str]
    links: frozenset[str]
    month_first: bool = False
    ending: re.Pattern[str] = field(init=False)
    _months: dict[str, int] = field(init=False, repr=False)
    _weekdays: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        endings = "|".join(sorted({ending for ending in self.ordinals.values() if ending}, key=len, reverse=True))
        set_ = object.__setattr__
        set_(self, "ending", re.compile(rf"(?:{endings or '(?!)'})(?![^\W_])", re.IGNORECASE))
        set_(self, "_months", _numbered(self.months, 1))
        set_(self, "_weekdays", _numbered(self.weekdays, 0))

    def month(self, word: str) -> int | None:
        """Return the number of a month by its name, abbreviated or misspelt."""
        folded = fold(word)
        known = self._months.get(folded)
        if known is None and len(folded) >= 5:
            close = get_close_matches(folded, self._months, 1, MISREAD)
            known = self._months[close[0]] if close else None
        return known

    def weekday(self, word: str) -> int | None:
        """Return the number of a day of the week by its name, 0 for Monday."""
        return self._weekdays.get(fold(word))

    def month_like(self, number: int, like: str) -> str:
        """Return the name of a month, as long and in the same case as another."""
        return _like(self.months[number - 1], self.months, like)

    def weekday_like(self, number: int, like: str) -> str:
        """Return the name of a day, as long and in the same case as another."""
        return _like(self.weekdays[number], self.weekdays, like)

    @property
    def always(self) -> bool:
        """Whether the few days that have an ending always bear it."""
        return "*" not in self.ordinals

    def ordinal(self, day: int) -> str:
        """Return the ending of a day's number; empty where it has none."""
        for rule in (str(day), f"*{day % 10}", "*"):
            if rule in self.ordinals:
                return self.ordinals[rule]
        return ""


def _numbered(words: Sequence[Sequence[str]], first: int) -> dict[str, int]:
    return {fold(word): number for number, spellings in enumerate(words, first) for word in spellings}


def _like(chosen: Sequence[str], words: Sequence[Sequence[str]], like: str) -> str:
    folded = fold(like)
    form = next((at for each in words for at, word in enumerate(each) if fold(word) == folded), 0)
    word = chosen[min(form, len(chosen) - 1)]
    if like.isascii() and any(fold(each[0]) == folded and not each[0].isascii() for each in words):
        word = fold(word)
    return word.upper() if like.isupper() else word.capitalize() if like[:1].isupper() else word
