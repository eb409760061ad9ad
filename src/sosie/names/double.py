"""The name that replaces another: same kind, gender, length class and language, always the same for the same patient.

A unit and a stream of secret bytes come in; a name leaves. Names are common ones: where none is left that nobody of
the batch bears, one is composed that sounds like them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from sosie.names.lists import fold, gender, language_of, length_class, pieces, pools
from sosie.names.units import Kind, Unit

TRIES = 60
"""Names that are drawn before one is composed."""
Draw = Callable[[str, str], Iterator[int]]
"""From a kind and a folded unit to the stream of bytes that belongs to them."""


def double(unit: Unit, draw: Draw, language: str, taken: Collection[str] = ()) -> str:
    """Return the name that replaces a unit.

    Parameters
    ----------
    unit : Unit
    draw : callable
    language : str
        Of names that no list knows.
    taken : collection of str
        Folded names that it must not be: those that people of the batch bear. A first name yields to that only while
        another is left, since every common one is borne by somebody.
    """
    stream = draw(unit.kind, unit.folded)
    tongue = language_of(unit.folded, language)
    kind = gender(unit.folded) if unit.kind is Kind.FIRST else "L"
    pool = pools(tongue)[kind, length_class(unit.folded)]
    borne: str | None = None
    for _ in range(TRIES):
        name = pool[_pick(len(pool), stream)]
        folded = fold(name)
        # An initial must not stay the same either.
        if folded == unit.folded or (len(unit.folded) == 1 and folded[0] == unit.folded):
            continue
        if folded not in taken:
            return name
        borne = borne or name
    return borne if borne is not None and unit.kind is Kind.FIRST else _composed(unit, tongue, stream, taken)


def _composed(unit: Unit, language: str, stream: Iterator[int], taken: Collection[str]) -> str:
    heads, middles, tails = pieces(language)
    name = ""
    for attempt in range(TRIES):
        joints = 1 + attempt // 20 if length_class(unit.folded) == 2 else attempt // 20
        middle = "".join(middles[_pick(len(middles), stream)] for _ in range(joints))
        name = heads[_pick(len(heads), stream)] + middle + tails[_pick(len(tails), stream)]
        if fold(name) != unit.folded and fold(name) not in taken:
            break
    return name


def _pick(below: int, stream: Iterator[int]) -> int:
    return (next(stream) << 8 | next(stream)) % below
