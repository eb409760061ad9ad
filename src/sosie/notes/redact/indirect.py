"""What identifies together with other things: extreme ages, trades, events, relatives, places.

An age above 89 becomes 90, as in the tables; one of the very young says only what it is under. Ages between stay: birth
dates and the dates of notes move together. A trade becomes another, of the same gender; the rest becomes neutral words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.names import fold
from sosie.notes.document import Label
from sosie.notes.redact.layout import like
from sosie.notes.redact.words import Words

OLDEST, YOUNG = 89, 3
"""Years."""
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}
_AGE = re.compile(r"(\d+(?:[.,]\d+)?)[\s-]*([^\W\d_]+)?")
_NEUTRAL = {Label.EVENT: "event", Label.FAMILY: "family", Label.PLACE: "place"}


def years(text: str, words: Words) -> float | None:
    """Return the age that a text says, in years."""
    match = _AGE.search(text)
    if match is None:
        return None
    unit = words.units.get(fold(match[2] or ""), "year")
    return float(match[1].replace(",", ".")) * _DAYS[unit] / _DAYS["year"]


def age(text: str, words: Words) -> str:
    """Return an age that singles out less; between the young and the oldest, the same."""
    found = years(text, words)
    if found is None:
        return like(text, words.neutral["old"])
    if found >= OLDEST + 1:
        return re.sub(r"\d+(?:[.,]\d+)?", str(OLDEST + 1), text, count=1)
    if found >= YOUNG:
        return text
    days = found * _DAYS["year"]
    return like(text, next((under for limit, under in words.young if days < limit), words.young[-1][1]))


def trade(text: str, words: Words, stream: Iterator[int]) -> str:
    """Return another trade of the same gender."""
    gender = "F" if text.split()[0].casefold().endswith(words.feminine) else "M"
    offered = [name for name in words.trades[gender] if fold(name) not in fold(text)]
    return like(text, offered[next(stream) % len(offered)])


def neutral(label: Label, text: str, words: Words) -> str:
    """Return words that say no more than that there was something."""
    return like(text, words.neutral[_NEUTRAL[label]])
