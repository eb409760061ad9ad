"""Dates as hospitals write them, drawn at random for a language: in figures, in letters, in part, in words."""

from __future__ import annotations

import random

MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "en": "January February March April May June July August September October November December".split(),
}
SHORT = {
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec".split(),
}


def year(rng: random.Random, born: bool) -> int:
    """A year, of birth or of care."""
    return rng.randint(1920, 2024) if born else rng.choice((rng.randint(1985, 2030), rng.randint(2012, 2026)))


def date(rng: random.Random, language: str, born: bool = False) -> str:
    """A whole date."""
    y, m, d = year(rng, born), rng.randint(1, 12), rng.randint(1, 31)
    if rng.random() < 0.02:
        d, y = rng.randint(28, 35), rng.randint(1000, 2999)
    luck = rng.random()
    if luck < 0.03 and language == "fr":
        return in_words(rng, d, m, y)
    if luck < 0.55:
        sign = rng.choice("//////...--  ")
        if rng.random() < 0.04:
            sign = rng.choice((" / ", " . ", " - ", "/ ", ". "))
        short = rng.random() < 0.25
        first, second = (m, d) if language == "en" and rng.random() < 0.5 else (d, m)
        pad = "02d" if rng.random() < 0.85 else "d"
        return f"{first:{pad}}{sign}{second:{pad}}{sign}{f'{y % 100:02d}' if short else y}"
    if luck < 0.60:
        return f"{y}-{m:02d}-{d:02d}" if rng.random() < 0.7 else f"{y}/{m:02d}/{d:02d}"
    if luck < 0.62:
        return f"{d:02d}{m:02d}{y}"
    if luck < 0.635:
        return " ".join(f"{d:02d}{m:02d}{y}")
    if luck < 0.65:
        return rng.choice(
            (f"{d:02d} / {m:02d} | {y}", f"{d:02d}/{m:02d}-{y}", f"{d:02d}.{m:02d}/{y}", f"{d:02d}  {m:02d}  {y}")
        )
    month = rng.choice((MONTHS, MONTHS, SHORT))[language][m - 1]
    if rng.random() < 0.15:
        month = MONTHS[language][m - 1][: rng.randint(3, 5)] + rng.choice((".", ".", ""))
    month = month.title() if rng.random() < 0.1 else month.upper() if rng.random() < 0.04 else month
    y_text = f"{y % 100:02d}" if rng.random() < 0.07 else str(y)
    if language == "fr":
        day = "1er" if d == 1 else str(d) if rng.random() < 0.8 else f"{d:02d}"
        joint = "-" if rng.random() < 0.04 else ", " if rng.random() < 0.02 else " "
        return f"{day}{joint}{month}{joint}{y_text}"
    suffix = rng.choice(("", "", "", {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")))
    return rng.choice(
        (f"{d}{suffix} {month} {y_text}", f"{month} {d}{suffix}, {y}", f"{month} {d} {y}", f"{d}-{month[:3]}-{y_text}")
    )


def in_words(rng: random.Random, d: int, m: int, y: int) -> str:
    """A French date in words, as civil acts and dictation write it."""
    joint = rng.choice(("-", " "))
    day = "premier" if d == 1 else spoken(d, joint)
    head = rng.choice(("", "", "", "lundi ", "jeudi ", "Vendredi "))
    text = f"{head}{day} {MONTHS['fr'][m - 1]} {spoken(y, joint)}"
    return rng.choice((text, text, text.title()))


_UNITS = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}


def spoken(number: int, joint: str) -> str:
    """A number up to 9999 in French words."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        return " ".join(
            part
            for part in (
                "mille" if thousands == 1 else f"{_UNITS[thousands]} mille",
                spoken(rest, joint) if rest else "",
            )
            if part
        )
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return " ".join(
            part
            for part in ("cent" if hundreds == 1 else f"{_UNITS[hundreds]} cent", spoken(rest, joint) if rest else "")
            if part
        )
    if number <= 16:
        return _UNITS[number]
    if number < 20:
        return f"dix{joint}{_UNITS[number - 10]}"
    tens = number // 10 if number // 10 not in (7, 9) else number // 10 - 1
    rest = number - 10 * tens
    name = _TENS[tens].replace("-", joint)
    if rest == 0:
        return name
    linked = " et " if rest in (1, 11) and tens != 8 else joint
    return f"{name}{linked}{spoken(rest, joint)}"


def partial(rng: random.Random, language: str) -> str:
    """A date without its year, or without its day."""
    month = rng.choice((MONTHS, MONTHS, SHORT))[language][rng.randint(0, 11)]
    day, y = rng.randint(1, 31), year(rng, False)
    luck = rng.random()
    if luck < 0.4:
        return (
            f"{day} {month}"
            if language == "fr"
            else rng.choice((f"{month} {day}", f"{day} {month}", f"the {day}th of {month}"))
        )
    if luck < 0.7:
        return f"{month} {y}"
    if luck < 0.76 and language == "fr":
        return f"{rng.choice(('fin', 'début', 'courant', 'mi', 'fin', 'été', 'automne', 'printemps'))} {rng.choice((month, y, f'{month} {y}'))}"
    sign = rng.choice("///.-")
    if luck < 0.95:
        return f"{day:02d}{sign}{rng.randint(1, 12):02d}"
    return f"{rng.randint(1, 12):02d}/{y}"
