"""Regions of a picture that identify: its lines of text are judged one by one, then beside one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sosie.images.pixels.lines import FIRST, Box, Line, Views, area, closer, lines, overlap
from sosie.images.pixels.meaning import UNKNOWN, Judge
from sosie.images.pixels.reader import Image

_READ, _HALF_READ = 0.85, 0.6
"""Score from which a reading is one, and from which it is where the line is small."""
_LOW, _FAINT = 32, 24
"""Pixels: a higher line that is not read is no text, for the network reads large letters; up to the second, it may be
too small to be read."""
_SURE, _OUTSIDE = 0.6, 0.5
_CERTAIN, _PITCH = 0.97, 0.8
_SIDES, _APART, _ALIGNED = frozenset("rlaphfsi"), 0.7, 0.35
"""Letters that tell a side, in heights how far from a line they are no part of it, and how level a part of it is."""
_MOST_CLOSER, _WHOLE = 8, 0.76
"""Lines whose ends are looked at again: those that are so faint that a part may be missing."""


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


def told(
    picture: Image,
    judge: Judge,
    regions: Sequence[Box] = (),
    views: Views = FIRST,
    known: Callable[[Box], bool] = lambda box: False,
) -> list[Told]:
    """Return the text of a picture, with what each gives away.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    judge : Judge
    regions : sequence of box
        Where the device says that the image proper is: what is outside was written by it.
    views : Views
        Where to look.
    known : callable
        Tells of a box whether what stands in it was judged before.
    """
    found = lines(picture, views, known)
    labels = _labels(found, judge, regions)
    fainter = [line for line, label in zip(found, labels, strict=True) if label is not None and line.certainty < _WHOLE]
    parts = [
        part for line in fainter[:_MOST_CLOSER] for part in closer(picture, line.box, partial(_follows, line, found))
    ]
    if parts:
        found = [*found, *parts]
        labels = _labels(found, judge, regions)
    return [
        Told(_margin(line.box, picture.shape), label, line.certainty * max(line.score, 0.5))
        for line, label in zip(found, labels, strict=True)
    ]


def _labels(found: Sequence[Line], judge: Judge, regions: Sequence[Box]) -> list[str | None]:
    """Return what each line gives away, by itself, then beside the others."""
    labels = [_label(line, judge, bool(regions) and not _inside(line.box, regions)) for line in found]
    alone = list(zip(found, labels, strict=True))
    for at, line in enumerate(found):
        if labels[at] is None and any(
            _announces(other, line, judge, label is not None) for other, label in alone if other is not line
        ):
            labels[at] = UNKNOWN
    named = [(line, label) for line, label in zip(found, labels, strict=True) if label is not None]
    for at, line in enumerate(found):
        if labels[at] is None and (_doubtful(line) or not _legible(line)):
            labels[at] = next((label for other, label in named if _ends(other, line, judge)), None)
    return labels


def _label(line: Line, judge: Judge, outside: bool) -> str | None:
    """Return what one line gives away; what cannot be read does where it is text beyond doubt."""
    signs = sum(map(str.isalnum, line.text))
    if signs > 2 and line.score < _CERTAIN and longest(line.box) > _PITCH * len(line.text) * shortest(line.box):
        # Letters that stand as far apart as they are high: a row of round shapes.
        return None
    if _legible(line):
        return judge.label(line.text)
    certain = line.certainty >= (_OUTSIDE if outside else _SURE)
    if signs >= 3 and line.score >= _HALF_READ and certain and shortest(line.box) <= _LOW:
        return judge.label(line.text)
    if longest(line.box) > 2.5 * shortest(line.box) and certain and line.seen > 1 and shortest(line.box) <= _FAINT:
        return UNKNOWN
    return None


def _legible(line: Line) -> bool:
    return line.score >= _READ and sum(map(str.isalnum, line.text)) >= 2


def _follows(line: Line, found: Sequence[Line], box: Box) -> bool:
    """Tell whether a box is a part of a line that is new."""
    return _continues(line.box, box) and not any(_within(box, other.box) for other in found)


def _continues(one: Box, other: Box) -> bool:
    """Tell whether a line is a part of another, or goes on with it, in the same height."""
    heights = shortest(one), shortest(other)
    return max(heights) < 1.8 * min(heights) and _beside(one, other, 1.5)


def _ends(one: Line, other: Line, judge: Judge) -> bool:
    """Tell whether a line that is no other thing by itself belongs to one that identifies."""
    if not _continues(one.box, other.box):
        return False
    height = min(shortest(one.box), shortest(other.box))
    if other.score >= _READ and (other.text.strip().lower() in _SIDES or judge.apart(other.text, told=True)):
        return _gap(one.box, other.box) < _APART * height
    if other.score < _HALF_READ and shortest(other.box) > _LOW:
        # Letters of that height are read: only a piece of the same line can be one of it.
        return _level(one.box, other.box) < _ALIGNED * height
    return True


def _gap(one: Box, other: Box) -> int:
    """Return the number of pixels between two boxes, negative where they share some."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    return max(across, max(one[1], other[1]) - min(one[3], other[3]))


def _level(one: Box, other: Box) -> float:
    """Return by how much the middles of two boxes differ, across the direction of the longer one."""
    low = 1 if one[2] - one[0] >= one[3] - one[1] else 0
    return abs(one[low] + one[low + 2] - other[low] - other[low + 2]) / 2


def _doubtful(line: Line) -> bool:
    return longest(line.box) > 1.3 * shortest(line.box) or len(line.text) > 1


def _announces(heading: Line, line: Line, judge: Judge, told: bool) -> bool:
    """Tell whether a line stands to the right of a heading that speaks of a person; it may have told of whom."""
    if not judge.heading(heading.text) or not line.text.strip() or judge.heading(line.text):
        return False
    if judge.apart(line.text, told):
        return False
    return line.box[0] > heading.box[0] and _beside(heading.box, line.box, 4)


def _beside(one: Box, other: Box, heights: float) -> bool:
    """Tell whether two lines are parts of one."""
    height = min(shortest(one), shortest(other))
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return (down < -0.5 * height and across < heights * height) or (across < -0.5 * height and down < 0.3 * height)


def _within(box: Box, other: Box) -> bool:
    return overlap(box, other) > 0.85 * area(box)


def _inside(box: Box, regions: Sequence[Box]) -> bool:
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= middle[0] < right and top <= middle[1] < bottom for left, top, right, bottom in regions)


def _margin(box: Box, shape: tuple[int, ...]) -> Box:
    """Return a box with room around: strokes stick out, and at the ends a letter may have been missed."""
    height = shortest(box)
    across, along = 2 + round(0.08 * height), min(18, round(0.7 * height))
    wide = box[2] - box[0] >= box[3] - box[1]
    x, y = (along, across) if wide else (across, along)
    return max(0, box[0] - x), max(0, box[1] - y), min(shape[1], box[2] + x), min(shape[0], box[3] + y)


def longest(box: Box) -> int:
    """Return the longer side of a box."""
    return max(box[2] - box[0], box[3] - box[1])


def shortest(box: Box) -> int:
    """Return the shorter side of a box."""
    return min(box[2] - box[0], box[3] - box[1])
