"""A date that a text writes, moved by a number of days and written back in its own format.

The words of a span become classes (day or month, year, name of a month, day of the week); sequences of classes are
dates, whole or partial. What moves is written where it stood: separators, padding, case, abbreviations and times of
day stay. Dates that no calendar has (32/12/1975) are first brought to the nearest one that exists. A year alone, or a
month, moves by the same number of years or months for all such dates of a patient, so that their intervals stay too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

from sosie.notes.redact.calendar import Calendar

FIRST, LAST = 1901, 2099
"""Years outside of which a date is a placeholder or an error: moving it would tell the patient's shift."""
PIVOT = 30
MONTH = 30.44

_TOKEN = re.compile(
    r"(?P<time>(?<!\d)\d{1,2} ?(?:[hH](?![^\W\d_])|:(?=\d)) ?(?:\d{2})?(?::\d{2}(?:[.,]\d+)?)?"
    r"(?:Z|\+\d\d:?\d\d)?(?!\d))"
    r"|(?P<number>[0-9OolISB]*\d[0-9OolISB]*)|(?P<word>[^\W\d_]+)"
)
_SPACED = re.compile(r"\d(?:\s\d){5,7}")
_SEQUENCE = re.compile("W?(?:YNN|NNY|NMY|NMN|N(?=NM)|NNN|MNY|NM|MY|MN|NY|NN|C|c|Y|M|N)|W|X")
_DIGITS = str.maketrans("OolISB", "001158")


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    kind: str
    value: int


@dataclass
class _Reading:
    """The tokens of one date, by their part in it."""

    day: _Token | None = None
    month: _Token | None = None
    year: _Token | None = None
    weekday: _Token | None = None


def moved(text: str, shift: timedelta, calendar: Calendar, near: date, stream: Iterator[int]) -> str | None:
    """Return the text with its dates moved; None where it holds nothing that can be read.

    Parameters
    ----------
    text : str
    shift : timedelta
        Not zero.
    calendar : Calendar
    near : date
        Tells the year, or the month, that a partial date leaves out.
    stream : iterator of int
        Draws what replaces placeholders.
    """
    if _SPACED.fullmatch(text.strip()):
        joined = moved("".join(text.split()), shift, calendar, near, stream)
        return None if joined is None else " ".join(joined)
    tokens = list(_tokens(text, calendar))
    classes = "".join(token.kind for token in tokens)
    edits: list[tuple[int, int, str]] = []
    for match in reversed(list(_SEQUENCE.finditer(classes))):
        found = tokens[match.start() : match.end()]
        edits += _edited(text, found, match[0], shift, calendar, near, stream)
        read = _read(found, match[0], calendar, text)
        near = _day(read, near) if read.month is not None else near
    if not edits:
        return None
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def read(text: str, calendar: Calendar) -> date | None:
    """Return the first whole date that a text holds."""
    if _SPACED.fullmatch(text.strip()):
        text = "".join(text.split())
    tokens = list(_tokens(text, calendar))
    for match in _SEQUENCE.finditer("".join(token.kind for token in tokens)):
        found = _read(tokens[match.start() : match.end()], match[0], calendar, text)
        if found.day and found.month and found.year:
            return _day(found, date(2000, 1, 1))
    return None


def _tokens(text: str, calendar: Calendar) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["time"]:
            continue
        if match["number"]:
            digits = match[0].translate(_DIGITS)
            kind = {1: "N", 2: "N", 4: "Y", 6: "c", 8: "C"}.get(len(digits), "X")
            if kind in "cC":
                yield from _compact(start, digits, calendar)
            else:
                yield _Token(start, end, kind, int(digits))
        elif (month := calendar.month(match[0])) is not None:
            yield _Token(start, end, "M", month)
        elif (weekday := calendar.weekday(match[0])) is not None:
            yield _Token(start, end, "W", weekday)
        elif match[0].casefold() not in calendar.links:
            yield _Token(start, end, "o", 0)


def _compact(start: int, digits: str, calendar: Calendar) -> Iterator[_Token]:
    """Cut a date without separators: the year first where that makes a date and the other order does not."""
    year = len(digits) - 4
    orders = [("NNY", (2, 2, year)), ("YNN", (year, 2, 2))]
    if year == 4 and re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits):
        orders.reverse()
    kinds, widths = orders[0]
    for kind, width in zip(kinds, widths, strict=True):
        part, digits = digits[:width], digits[width:]
        yield _Token(start, start + width, kind if width == 4 else "N", int(part))
        start += width


def _read(found: list[_Token], kinds: str, calendar: Calendar, text: str) -> _Reading:
    read = _Reading()
    if kinds[0] == "W":
        read.weekday, found, kinds = found[0], found[1:], kinds[1:]
    if kinds in ("YNN",):
        read.year, read.month, read.day = found
    elif kinds in ("NNY", "NNN"):
        read.day, read.month, read.year = found
        if calendar.month_first or (read.month.value > 12 >= read.day.value):
            first, second, _ = found
            read.day, read.month = (second, first) if first.value <= 12 else (first, second)
    elif kinds in ("NMY", "NMN"):
        read.day, read.month, read.year = found
    elif kinds == "MNY":
        read.month, read.day, read.year = found
    elif kinds == "NM":
        read.day, read.month = found
    elif kinds in ("MY", "NY"):
        read.month, read.year = found
    elif kinds == "MN":
        read.month = found[0]
        read.day, read.year = (found[1], None) if calendar.month_first else (None, found[1])
    elif kinds == "NN":
        read.day, read.month = found[::-1] if calendar.month_first else found
    elif kinds == "Y":
        read.year = found[0]
    elif kinds == "M":
        read.month = found[0]
    elif kinds == "N":
        read.day = found[0]
    return read


def _edited(
    text: str,
    found: list[_Token],
    kinds: str,
    shift: timedelta,
    calendar: Calendar,
    near: date,
    stream: Iterator[int],
) -> list[tuple[int, int, str]]:
    if kinds == "X":
        start, end = found[0].start, found[0].end
        return [(start, end, "".join(str(next(stream) % 10) for _ in range(end - start)))]
    read = _read(found, kinds, calendar, text)
    day = _day(read, near)
    if read.year is not None and not FIRST <= _year(read.year) <= LAST:
        shift = timedelta(days=367 + next(stream) + 256 * (next(stream) % 8))
        shift = shift if day.year < LAST else -shift
    new = _new(read, day, shift)
    edits: list[tuple[int, int, str]] = []
    numbers = [token for token in (read.day, read.month) if token is not None and token.kind == "N"]
    # A day beside the name of a month has a zero in front only where that is shown.
    wide = all(token.end - token.start == 2 for token in numbers)
    padded = (read.month in numbers and wide) or any(text[token.start] in "0O" for token in numbers)
    parts = (read.day, new.day, padded), (read.month, new.month, padded), (read.year, new.year, True)
    for part, value, wide in parts:
        if part is not None:
            edits.append((part.start, part.end, _rewritten(text, part, value, calendar, wide)))
    if read.weekday is not None:
        weekday = (read.weekday.value + shift.days) % 7
        edits.append((read.weekday.start, read.weekday.end, calendar.weekday_like(weekday, _word(text, read.weekday))))
    if read.day is not None:
        edits += _ordinal(text, read, new.day, calendar)
    return edits


def _new(read: _Reading, day: date, shift: timedelta) -> date:
    """Move a date by the unit in which it is written."""
    if read.day is not None:
        new = _plus(day, shift)
        same = read.year is None and (new.day, new.month) == (day.day, day.month)
        return _plus(new, timedelta(days=1)) if same and read.month is not None else new
    sign = 1 if shift.days > 0 else -1
    if read.month is not None:
        months = round(shift.days / MONTH) or sign
        months += sign if read.year is None and months % 12 == 0 else 0
        years, month = divmod(day.month - 1 + months, 12)
        return date(min(max(day.year + years, MINYEAR), MAXYEAR), month + 1, 1)
    years = round(shift.days / 365) or sign
    return date(min(max(day.year + years, MINYEAR), MAXYEAR), 1, 1)


def _plus(day: date, shift: timedelta) -> date:
    try:
        return day + shift
    except OverflowError:
        return day - shift


def _day(read: _Reading, near: date) -> date:
    """Return the date that was read, or the nearest one that a calendar has."""
    year = near.year if read.year is None else min(max(_year(read.year), MINYEAR), MAXYEAR)
    month = (read.month.value - 1) % 12 + 1 if read.month else near.month if read.day else 6
    day = max(read.day.value, 1) if read.day else 15
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day if year < MAXYEAR else 28
    return date(year, month, min(day, last))


def _year(token: _Token) -> int:
    if token.end - token.start > 2:
        return token.value
    return token.value + (2000 if token.value <= PIVOT else 1900)


def _rewritten(text: str, token: _Token, value: int, calendar: Calendar, padded: bool) -> str:
    if token.kind == "M":
        return calendar.month_like(value, _word(text, token))
    width = token.end - token.start
    if width == 4:
        return f"{value:04d}"
    value = value % 100
    return f"{value:02d}" if padded else str(value)


def _word(text: str, token: _Token) -> str:
    return text[token.start : token.end]


def _ordinal(text: str, read: _Reading, value: int, calendar: Calendar) -> list[tuple[int, int, str]]:
    """Give the day the ending that its number has (1er, 2nd), where the original has one or its language wants it."""
    assert read.day is not None
    end, new = read.day.end, calendar.ordinal(value)
    ending = calendar.ending.match(text, end)
    if ending is None:
        named = read.month is not None and read.month.kind == "M"
        return [(end, end, new)] if named and calendar.always else []
    return [(ending.start(), ending.end(), new.upper() if ending[0].isupper() else new)]
