"""What people do for a living, told by the trade that ends the phrase: ``a retired ferry captain``, ``harness maker``.

A text comes in, spans leave. Something must lead to the phrase (an age, ``is a``, ``works as``, a label, a relative and
a comma); it is read word by word up to the last one that the language's list of trades holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.languages import Language

_WORD = re.compile(r"[ ]{0,2}\n?([a-z][a-z'/-]*)")
_DOER = re.compile(r"[a-z]{3}(?:er|or|ist|man|woman|smith|wright|eer)$")
_LONGEST = 6


def find(text: str, language: Language) -> Iterator[Span]:
    """Yield occupations in a folded text; a language without a list of trades has none.

    Parameters
    ----------
    text : str
    language : Language
    """
    trades = language.gazetteer("trades")
    if not trades:
        return
    barred, ends = language.vocabulary("no_trades"), language.vocabulary("trade_ends")
    qualities, openers = language.vocabulary("trade_qualities"), language.vocabulary("trade_openers")
    for lead in language.compiled("before_trade").finditer(text):
        at, stop, words = lead.start("past") if lead["past"] else lead.end(), 0, 0
        start = at
        while words < _LONGEST:
            match = _WORD.match(text, at)
            if match is None or match[1] in ends:
                break
            word = match[1]
            if word in openers and not stop:
                at, words = match.end(1), 0
                continue
            if words == 0:
                start = match.start(1)
            loose = bool(lead["past"]) and _DOER.search(word) is not None
            if (loose or _trade(word, trades)) and word not in barred:
                stop = match.end(1)
            elif words == 0 and word in barred and word not in qualities:
                break
            at, words = match.end(1), words + 1
        if stop:
            yield Span(start, stop, Label.PROFESSION, 0.88, "trade")


def _trade(word: str, trades: frozenset[str]) -> bool:
    last = word.rsplit("-", 1)[-1].rsplit("/", 1)[-1]
    return last in trades or (last.endswith("s") and last[:-1] in trades)
