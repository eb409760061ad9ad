"""What happens to notes between a keyboard, a printer and a scanner, applied to a draft whose marks stay exact."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

from sosie.notes.document import Label
from training.notes.draft import Draft

Noise = Callable[[Draft, random.Random], None]

NAMES = (Label.LAST_NAME, Label.FIRST_NAME, Label.CITY, Label.HOSPITAL)
CONFUSED = {
    "o": "0",
    "O": "0",
    "0": "O",
    "l": "1",
    "1": "l",
    "I": "l",
    "e": "c",
    "c": "e",
    "S": "5",
    "5": "S",
    "B": "8",
    "8": "B",
    "rn": "m",
    "é": "e",
    "è": "e",
    "à": "a",
    "i": "1",
    "g": "q",
    "u": "v",
    "n": "u",
    "h": "b",
    "t": "f",
    "Z": "2",
    "2": "Z",
    "G": "6",
    "6": "G",
    "a": "o",
    "m": "rn",
    "d": "cl",
    ".": ",",
    ",": ".",
    "'": "’",
    "ê": "é",
    "ç": "c",
    "E": "F",
    "D": "O",
}
NEAR = {
    "a": "qz",
    "e": "rz",
    "i": "uo",
    "o": "ip",
    "n": "b,",
    "s": "qd",
    "t": "ry",
    "r": "et",
    "m": "l,",
    "l": "km",
    "d": "sf",
    "c": "xv",
    "u": "yi",
}


def upper(draft: Draft, rng: random.Random) -> None:
    """Everything in upper case."""
    draft.rewrite(lambda at, sign: sign.upper())


def lower(draft: Draft, rng: random.Random) -> None:
    """Everything in lower case."""
    draft.rewrite(lambda at, sign: sign.lower())


def lower_names(draft: Draft, rng: random.Random) -> None:
    """Names in lower case, some or all."""
    share = rng.choice((0.5, 1.0, 1.0))
    chosen = {owner for owner, label in enumerate(draft.labels) if label in NAMES and rng.random() < share}
    owners = list(draft.owners)
    draft.rewrite(lambda at, sign: sign.lower() if owners[at] in chosen else sign)


def upper_lines(draft: Draft, rng: random.Random) -> None:
    """Some lines in upper case."""
    lines: list[bool] = []
    up = False
    for at in range(len(draft.signs)):
        if at == 0 or draft.signs[at - 1] == "\n":
            up = rng.random() < 0.3
        lines.append(up)
    draft.rewrite(lambda at, sign: sign.upper() if lines[at] else sign)


def unaccented(draft: Draft, rng: random.Random) -> None:
    """Accents lost."""
    draft.rewrite(
        lambda at, sign: "".join(part for part in unicodedata.normalize("NFD", sign) if not unicodedata.combining(part))
    )


def scanned(draft: Draft, rng: random.Random) -> None:
    """Signs mistaken for others, as optical reading does."""
    rate = rng.choice((0.004, 0.01, 0.02, 0.04))
    draft.rewrite(lambda at, sign: CONFUSED.get(sign, sign) if rng.random() < rate * 2 else sign)


def typed(draft: Draft, rng: random.Random) -> None:
    """Letters missed, doubled, swapped for their neighbours."""
    rate = rng.choice((0.003, 0.008, 0.02))

    def slip(at: int, sign: str) -> str:
        if not sign.isalpha() or rng.random() > rate:
            return sign
        return rng.choice(("", sign * 2, rng.choice(NEAR.get(sign, sign)), sign))

    draft.rewrite(slip)


def wrapped(draft: Draft, rng: random.Random) -> None:
    """Lines broken at a width, inside names too."""
    width, column = rng.randint(35, 110), 0

    def wrap(at: int, sign: str) -> str:
        nonlocal column
        column = 0 if sign == "\n" else column + 1
        if sign == " " and column > width:
            column = 0
            return "\n"
        return sign

    draft.rewrite(wrap)


def hyphenated(draft: Draft, rng: random.Random) -> None:
    """Words cut at the end of a line."""
    signs = list(draft.signs)

    def cut(at: int, sign: str) -> str:
        inside = 2 < at < len(signs) - 3 and all(part.isalpha() for part in signs[at - 2 : at + 3])
        return f"{sign}-\n" if inside and rng.random() < 0.004 else sign

    draft.rewrite(cut)


def spaced(draft: Draft, rng: random.Random) -> None:
    """Spaces doubled or lost, tabs, indents."""
    rate, lost = rng.choice((0.01, 0.04, 0.3)), rng.choice((0.0, 0.004, 0.015))

    def space(at: int, sign: str) -> str:
        if sign != " ":
            return sign
        luck = rng.random()
        if luck < lost:
            return ""
        return rng.choice(("  ", "   ", "\t", "  ")) if luck < lost + rate else sign

    draft.rewrite(space)


def unpunctuated(draft: Draft, rng: random.Random) -> None:
    """Punctuation outside entities lost."""
    owners = list(draft.owners)
    signs = rng.choice((".", ".,;", ":", ".,:;", ","))
    draft.rewrite(lambda at, sign: "" if owners[at] < 0 and sign in signs and rng.random() < 0.8 else sign)


def flattened(draft: Draft, rng: random.Random) -> None:
    """Line ends lost."""
    draft.rewrite(lambda at, sign: " " if sign == "\n" else sign)


def airy(draft: Draft, rng: random.Random) -> None:
    """Blank lines between lines."""
    rate = rng.choice((0.2, 1.0))
    draft.rewrite(lambda at, sign: "\n\n" if sign == "\n" and rng.random() < rate else sign)


def carriage(draft: Draft, rng: random.Random) -> None:
    """Line ends of Windows."""
    draft.rewrite(lambda at, sign: "\r\n" if sign == "\n" else sign)


def curly(draft: Draft, rng: random.Random) -> None:
    """Typographic signs instead of those of a keyboard, or the reverse."""
    table = rng.choice(({"'": "’", '"': "”", "-": "–"}, {"'": "’"}, {"’": "'", "–": "-"}, {" ": "\u00a0"}))
    rate = 0.1 if " " in table else 1.0
    draft.rewrite(lambda at, sign: table.get(sign, sign) if rng.random() < rate else sign)


KINDS: tuple[tuple[Noise, int], ...] = (
    (upper, 8),
    (lower, 6),
    (lower_names, 9),
    (upper_lines, 4),
    (unaccented, 10),
    (scanned, 9),
    (typed, 5),
    (wrapped, 14),
    (hyphenated, 3),
    (spaced, 6),
    (unpunctuated, 4),
    (flattened, 3),
    (airy, 4),
    (carriage, 3),
    (curly, 8),
)


def worsen(draft: Draft, rng: random.Random) -> list[str]:
    """Apply none to three kinds of noise; say which."""
    chosen = rng.choices(
        [kind for kind, _ in KINDS], [weight for _, weight in KINDS], k=rng.choice((0, 0, 1, 1, 1, 2, 2, 3))
    )
    for kind in dict.fromkeys(chosen):
        kind(draft, rng)
    return [kind.__name__ for kind in dict.fromkeys(chosen)]
