"""The name that replaces another: same kind, gender, length class and language, always the same for the same patient.

A unit and a stream of secret bytes come in; a name leaves. Names are common ones: where none is left that nobody of
the batch bears, one is composed that sounds like them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from sosie.names.lists import fold, gender, language_of, length_class, pools
from sosie.names.units import Kind, Unit

TRIES = 60
"""Names that are drawn before one is composed."""
Draw = Callable[[str, str], Iterator[int]]
"""From a kind and a folded unit to the stream of bytes that belongs to them."""

_HEADS = {
    "fr": "Bel Mont Font Cast Ber Chant Gar Mar Val Sav Cour Bour Clair Aub Roch Beau Vill Gran Tour Pell".split(),
    "en": "Ash Black Brad Hart West Nor Hal Win Red Thorn Lang Stan Whit Mill Hols Kel Marl Ock Pem Rad".split(),
}
_MIDDLES = {"fr": "e i o er an ar ou en".split(), "en": "er ing en el a e in ow".split()}
_TAILS = {
    "fr": "val lin ier dois vel rac gny court mont nard reau neau chet dier fort geron vaux rand tel zac".split(),
    "en": "ton ham ley ford wood well worth by field man croft dale burn stead wick more shaw gate bury ridge".split(),
}


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
    heads, middles, tails = (parts.get(language, parts["fr"]) for parts in (_HEADS, _MIDDLES, _TAILS))
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
