"""The tokens of a note: runs of letters, runs of digits, single signs, with their offsets.

A change from lower to upper case inside a word ends a token, so that glued words ("DupontMarie", "leDr") come apart;
nothing of the text but white space lies outside a token.
"""

from __future__ import annotations

import re

Offsets = tuple[int, int]

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶŁĹĽĻŃŅŇŌŐŒŔŘŚŞŠȘŢŤȚŪŮŰŲŴŶŸŹŻŽ"
_TOKEN = re.compile(
    rf"[{_UPPER}]+(?![^\W\d_{_UPPER}])|[{_UPPER}]*[^\W\d_{_UPPER}]+[\u0300-\u036f]*|\d+|[^\w\s]|_",
)


def tokenize(text: str) -> list[Offsets]:
    """Offsets (start, end) of the tokens of a text, in code points and in order.

    Examples
    --------
    >>> text = "Dr.Martin, 12/03/2019"
    >>> [text[start:end] for start, end in tokenize(text)]
    ['Dr', '.', 'Martin', ',', '12', '/', '03', '/', '2019']
    """
    return [match.span() for match in _TOKEN.finditer(text)]
