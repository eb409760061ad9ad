"""Regions of a picture that identify: its lines of text are judged one by one, then beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sosie.images.pixels.lines import Box, Line, lines
from sosie.images.pixels.meaning import UNKNOWN, Judge
from sosie.images.pixels.reader import Image

SURE_READING = 0.6
_SURE_TEXT = 0.6
_OUTSIDE_TEXT = 0.5


@dataclass(frozen=True)
class Told:
    """A region, and what it gives away.

    Parameters
    ----------
    box : tuple of int
        Left, top, right, bottom; right and bottom excluded.
    label : str or None
        None for what may stay.
    score : float
    """

    box: Box
    label: str | None
    score: float


def told(picture: Image, judge: Judge, regions: Sequence[Box] = (), second: bool = False) -> list[Told]:
    """Return the text of a picture, with what each gives away.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    judge : Judge
    regions : sequence of box
        Where the device says that the image proper is: what is outside was written by it.
    second : bool
        Whether this is the second pass, which looks at other views.
    """
    found = lines(picture, second)
    labels = [_label(line, judge, bool(regions) and not _inside(line.box, regions)) for line in found]
    for at, line in enumerate(found):
        if labels[at] is None and any(_announces(other, line, judge) for other in found if other is not line):
            labels[at] = UNKNOWN
    for at, line in enumerate(found):
        if labels[at] is None and _doubtful(line) and any(
            label is not None and _beside(other, line, 1.5) for other, label in zip(found, labels, strict=True)
        ):
            labels[at] = UNKNOWN
    return [
        Told(_margin(line.box, picture.shape), label, line.certainty * max(line.score, 0.5))
        for line, label in zip(found, labels, strict=True)
    ]


def _label(line: Line, judge: Judge, outside: bool) -> str | None:
    """Return what one line gives away; what cannot be read does where it is text beyond doubt."""
    signs = sum(map(str.isalnum, line.text))
    long = longest(line.box) > 2.2 * shortest(line.box)
    if signs >= 2 and line.score >= SURE_READING:
        return judge.label(line.text)
    if signs >= 3:
        label = judge.label(line.text)
        return label if line.certainty >= (_OUTSIDE_TEXT if outside else _SURE_TEXT) else None
    if long and line.score < SURE_READING and line.certainty >= _SURE_TEXT and line.seen > 1:
        return UNKNOWN
    return None


def _doubtful(line: Line) -> bool:
    return line.score < SURE_READING and (longest(line.box) > 1.5 * shortest(line.box) or len(line.text) > 1)


def _announces(heading: Line, line: Line, judge: Judge) -> bool:
    """Tell whether a line stands to the right of a heading that speaks of a person."""
    if not judge.heading(heading.text) or not line.text.strip() or judge.heading(line.text) or judge.term(line.text):
        return False
    return line.box[0] > heading.box[0] and _beside(heading, line, 4)


def _beside(one: Line, other: Line, heights: float) -> bool:
    """Tell whether two lines are parts of one."""
    height = min(shortest(one.box), shortest(other.box))
    across = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    down = max(one.box[1], other.box[1]) - min(one.box[3], other.box[3])
    return (down < -0.5 * height and across < heights * height) or (across < -0.5 * height and down < 0.3 * height)


def _inside(box: Box, regions: Sequence[Box]) -> bool:
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= middle[0] < right and top <= middle[1] < bottom for left, top, right, bottom in regions)


def _margin(box: Box, shape: tuple[int, ...]) -> Box:
    """Return a box with room around: a stroke that sticks out is read as well."""
    room = 2 + round(0.08 * shortest(box))
    return max(0, box[0] - room), max(0, box[1] - room), min(shape[1], box[2] + room), min(shape[0], box[3] + room)


def longest(box: Box) -> int:
    """Return the longer side of a box."""
    return max(box[2] - box[0], box[3] - box[1])


def shortest(box: Box) -> int:
    """Return the shorter side of a box."""
    return min(box[2] - box[0], box[3] - box[1])
