"""The words of the report in one language, and how that language writes numbers, shares and dates.

A language is one file beside this module, ``words_<code>.toml``; every language has the same keys and fields.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

_NARROW, _WIDE = "\u202f", "\u00a0"


@dataclass(frozen=True)
class Words:
    """The catalogue of one language, by section and key."""

    language: Language
    entries: Mapping[str, Mapping[str, str]]

    def __call__(self, key: str, **fields: object) -> str:
        """Return the text of ``section.key``, its fields filled in; an unknown key is a KeyError."""
        section, _, name = key.partition(".")
        text = self.entries[section][name]
        return text.format(**fields) if fields else text

    def known(self, section: str, name: str, otherwise: str | None = None) -> str:
        """Return the text of an entry that the data name, or what to say of one that nobody foresaw."""
        return self.entries[section].get(name, name if otherwise is None else otherwise)

    def section(self, section: str) -> Mapping[str, str]:
        """Return every entry of a section, in the order of the file."""
        return self.entries[section]

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Write a number with its decimals, or the sign for an unknown one."""
        if value is None or not math.isfinite(value):
            return self("format.unknown")
        text = f"{value:,.{decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.removeprefix("-")
        marks = {",": self("format.thousands"), ".": self("format.decimal"), "-": "\u2212"}
        return "".join(marks.get(mark, mark) for mark in text)

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """Write a share as a percentage."""
        if share is None or not math.isfinite(share):
            return self("format.unknown")
        return self.number(100 * share, decimals) + self("format.percent")

    def figures(self, value: float) -> str:
        """Write a number with three significant figures, a very small one as a power of ten."""
        mantissa, _, power = f"{value:.3g}".partition("e")
        written = mantissa.replace(".", self("format.decimal"))
        return f"{written} × 10^{int(power)}".replace("-", "\u2212") if power else written

    def day(self, moment: date) -> str:
        """Write a day in words."""
        month = self("format.months").split()[moment.month - 1]
        day = self("format.first") if moment.day == 1 else str(moment.day)
        return self("format.day", day=day, month=month, year=moment.year)

    def date(self, moment: datetime) -> str:
        """Write a moment in words."""
        month = self("format.months").split()[moment.month - 1]
        fields = {"day": moment.day, "year": moment.year, "hour": moment.hour, "minute": moment.minute}
        return self("format.date", month=month, **fields)


@cache
def words(language: Language) -> Words:
    """Return the catalogue of a language."""
    raw = tomllib.loads(files("sosie.report").joinpath(f"words_{language}.toml").read_text(encoding="utf-8"))
    set_in_type = _french if language == "fr" else _plain
    return Words(
        language,
        MappingProxyType(
            {
                section: MappingProxyType({key: set_in_type(text) for key, text in entries.items()})
                for section, entries in raw.items()
            }
        ),
    )


def _plain(text: str) -> str:
    return text.replace("'", "\u2019")


def _french(text: str) -> str:
    """Set the no-break spaces of French typography: narrow before ; ! ? %, wide before : and inside « »."""
    text = re.sub(r" (?=[;!?%])", _NARROW, _plain(text))
    text = re.sub(r" (?=[:»])", _WIDE, text)
    text = re.sub(r"(?<=«) ", _WIDE, text)
    return _NARROW if text == " " else text
