"""Which part of a name is the surname.

The indices of a name's words come in, its parts with their labels leave. Capitals tell where there are both ``LE GOFF``
and ``Yann``; else the lists of first names; else the first names come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sosie.notes.document import Label
from sosie.notes.identify.words import Kind

if TYPE_CHECKING:
    from sosie.notes.identify.people import Grammar


def split(grammar: Grammar, start: int, end: int, hint: Label | None) -> Sequence[tuple[int, int, Label]]:
    """Return the parts of a name: indices of words, the end excluded, and what each is.

    Parameters
    ----------
    grammar : Grammar
    start, end : int
        Indices of the name's words.
    hint : Label, optional
        What announced the name: a label that says which part it is, a relative (``FAMILY``), or nothing.
    """
    if end <= start:
        return ()
    if hint is not None and hint in (Label.LAST_NAME, Label.FIRST_NAME):
        return ((start, end, hint),)
    lead = start
    while lead < end and grammar.initial(lead) and not grammar.particle(lead):
        lead += 1
    if lead > start:
        first = (start, lead, Label.FIRST_NAME)
        return (first, (lead, end, Label.LAST_NAME)) if lead < end else (first,)
    full = [i for i in range(start, end) if not grammar.particle(i)]
    if len(full) <= 1:
        only = grammar.items[full[0] if full else start]
        return (
            (
                start,
                end,
                Label.FIRST_NAME
                if hint is Label.FAMILY or (only.kind & Kind.FIRST and not only.kind & Kind.LAST and hint is None)
                else Label.LAST_NAME,
            ),
        )
    cut = _cut(grammar, start, end, full)
    if _surname_first(grammar, full):
        return (
            ((start, cut, Label.LAST_NAME), (cut, end, Label.FIRST_NAME))
            if cut < end
            else ((start, end, Label.LAST_NAME),)
        )
    second = full[1]
    while second > full[0] + 1 and grammar.particle(second - 1):
        second -= 1
    if not grammar.words.shouted and grammar.items[full[-1]].shape == "U":
        second = next((i for i in range(start + 1, end) if grammar.items[i].shape == "U"), second)
    return ((start, second, Label.FIRST_NAME), (second, end, Label.LAST_NAME))


def _surname_first(grammar: Grammar, full: Sequence[int]) -> bool:
    opening, closing = grammar.items[full[0]], grammar.items[full[-1]]
    if not grammar.words.shouted and {opening.shape, closing.shape} == {"U", "T"}:
        return opening.shape == "U"
    if grammar.initial(full[-1]):
        return True
    return bool(closing.kind & Kind.FIRST and not opening.kind & Kind.FIRST)


def _cut(grammar: Grammar, start: int, end: int, full: Sequence[int]) -> int:
    """Return where the first names begin in a name that starts with the surname."""
    if not grammar.words.shouted and grammar.items[full[0]].shape == "U":
        return next((i for i in full if grammar.items[i].shape != "U"), end)
    return full[-1]
