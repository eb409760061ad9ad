"""What identifies in an image, and what was done with it: the line of ``findings.jsonl``; never a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TagFinding:
    """An element of a header that identifies.

    Parameters
    ----------
    tag : str
        Path of the element: ``(0010,0010)``, inside sequences ``(0040,A730)[2]/(0040,A123)``, items counted from 0;
        what has no tag goes by its name (``preamble``, ``trailing bytes``).
    label : str
        Kind of identifier, as findings in notes name it (``LAST_NAME``, ``BIRTH_DATE``, ``UID`` ...).
    action : str
        ``removed``, ``emptied``, ``replaced``, ``cleaned``, ``shifted`` or ``kept``.
    """

    tag: str
    label: str
    action: str


@dataclass(frozen=True, slots=True)
class BoxFinding:
    """A region of the pixels that identifies.

    Parameters
    ----------
    frame : int
        Counted from 0.
    box : tuple of int
        Left, top, right, bottom in pixels; right and bottom excluded.
    label : str
        Kind of identifier, or ``FACE``.
    action : str
        ``masked``, ``defaced`` or ``kept``.
    score : float
        Confidence in [0, 1].
    """

    frame: int
    box: tuple[int, int, int, int]
    label: str
    action: str
    score: float = 1.0
