"""Loose JSON read with care: what is missing, ill-typed or not finite becomes nothing, never an error.

A report is written from evidence that other releases of Sosie may have written; a part that cannot be read is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise


def number(value: object) -> float | None:
    """Return a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def numbers(value: object) -> tuple[float, ...]:
    """Return a list of finite numbers, empty when one of them is not."""
    found = [number(item) for item in sequence(value)]
    return tuple(item for item in found if item is not None) if None not in found else ()


def matrix(value: object, size: int) -> tuple[tuple[float, ...], ...]:
    """Return a square matrix of the given size, unknown cells as NaN; empty when its shape is another."""
    rows = [[number(cell) for cell in sequence(row)] for row in sequence(value)]
    if len(rows) != size or any(len(row) != size for row in rows):
        return ()
    return tuple(tuple(math.nan if cell is None else cell for cell in row) for row in rows)


def text(value: object) -> str:
    """Return one line of printable text, empty for nothing."""
    if value is None:
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in str(value)).strip()


def texts(value: object) -> tuple[str, ...]:
    """Return a list as lines of text."""
    return tuple(text(item) for item in sequence(value))


def sequence(value: object) -> Sequence[object]:
    """Return a list, empty for anything else."""
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def mapping(value: object) -> Mapping[str, object]:
    """Return a mapping, empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> tuple[Mapping[str, object], ...]:
    """Return the mappings of a list."""
    return tuple(item for item in sequence(value) if isinstance(item, Mapping))


def edges(value: object) -> tuple[float, ...]:
    """Return the edges of bins as numbers, ISO dates as days since 1970; empty unless they strictly increase."""
    found = tuple(_edge(item) for item in sequence(value))
    known = tuple(edge for edge in found if edge is not None)
    rising = all(low < high for low, high in pairwise(known))
    return known if rising and len(known) == len(found) else ()


def _edge(value: object) -> float | None:
    if not isinstance(value, str):
        return number(value)
    try:
        return float((date.fromisoformat(value[:10]) - date(1970, 1, 1)).days)
    except ValueError:
        return None
