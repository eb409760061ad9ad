"""The lines of text of a picture, with what they say: candidates of several views, read in every direction.

Text is looked for upright in the picture, and in the picture of even contrast after a quarter turn (the two miss
different things); the second pass does it the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sosie.images.pixels.display import bright, local
from sosie.images.pixels.reader import Image, Quad, Reading, Region, reader

Box = tuple[int, int, int, int]
Views = Sequence[tuple[str, bool]]
FIRST: Views = (("plain", False), ("even", True))
SECOND: Views = (("sharp", False), ("plain", True))
SPECKLED: Views = (("bright", False),)
"""What is looked at: the picture as it is, of even contrast, or what is bright in it; upright or a quarter turned."""
_TILE, _LAP = 1024, 128
_SMALL = 200
_READABLE = 0.8
_MOST_READ = 60
_LEGIBLE = 40
"""Pixels from which a line is read at first sight, or is none."""
_TALLEST, _LARGEST = 64, 0.2
"""Pixels, and share of the shorter side, up to which a line can be high: what is higher is a shape, not text."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text.

    Parameters
    ----------
    box : tuple of int
        Left, top, right, bottom; right and bottom excluded.
    text : str
        As it was read.
    score : float
        Of the reading.
    certainty : float
        That it is text at all.
    seen : int
        Number of views in which it stands.
    """

    box: Box
    text: str
    score: float
    certainty: float
    seen: int = 1


@dataclass(frozen=True, eq=False)
class _Candidate:
    quad: Quad
    certainty: float
    box: Box
    seen: frozenset[int]


def lines(picture: Image, views: Views = FIRST, known: Callable[[Box], bool] = lambda box: False) -> list[Line]:
    """Find and read the text of a picture.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    views : Views
        Where to look.
    known : callable
        Tells of a box whether what stands in it was read before: it is left out.
    """
    if int(picture.max()) == int(picture.min()):
        return []
    even = local(picture)
    candidates = []
    for number, (shown, turned) in enumerate(views):
        view = {"even": even, "plain": picture}.get(shown)
        if view is None:
            view = bright(picture) if shown == "bright" else local(picture, smooth=False)
        # Of large pictures the other views show what is not small.
        fully = shown == "plain" or len(views) == 1
        for region in detected(np.ascontiguousarray(np.rot90(view)) if turned else view, fully):
            straight = _back(region, picture.shape[1]) if turned else region
            candidates.append(_candidate(straight, number, picture.shape))
    least = min(picture.shape[:2])
    candidates = [each for each in candidates if _short(each.box) <= max(_TALLEST, _LARGEST * least)]
    merged = sorted((each for each in _merged(candidates) if not known(each.box)), key=lambda each: -each.certainty)
    readings = _read(picture, even, merged[:_MOST_READ])
    readings += [Reading("", 0.0)] * (len(merged) - len(readings))
    return [
        Line(each.box, reading.text, reading.score, each.certainty, len(each.seen))
        for each, reading in zip(merged, readings, strict=True)
    ]


def closer(picture: Image, box: Box, new: Callable[[Box], bool]) -> list[Line]:
    """Look at a line and its ends again, enlarged, in both views: what follows it may be fainter.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    box : tuple of int
        Around the line; a tall one is turned.
    new : callable
        Tells of a box whether what stands in it is to be read.
    """
    height = _short(box)
    upright = box[2] - box[0] >= 0.8 * (box[3] - box[1])
    along, across = 5 * height, height
    room = (along, across) if upright else (across, along)
    rows, columns = picture.shape[:2]
    left, top = max(0, box[0] - room[0]), max(0, box[1] - room[1])
    right, bottom = min(columns, box[2] + room[0]), min(rows, box[3] + room[1])
    part = np.ascontiguousarray(picture[top:bottom, left:right])
    scale = float(np.clip(40 / height, 1, 2.5))
    candidates = []
    for view, shown in enumerate((part, local(part))):
        for region in reader().detect(shown if upright else np.ascontiguousarray(np.rot90(shown)), scale):
            turned = region if upright else _back(region, part.shape[1])
            candidates.append(_candidate(turned, view, part.shape))
    merged = _merged([each for each in candidates if _short(each.box) <= 2 * height])
    merged = [each for each in merged if new(_shifted(each.box, left, top))]
    return [
        Line(_shifted(each.box, left, top), reading.text, reading.score, each.certainty, len(each.seen))
        for each, reading in zip(merged, _read(part, local(part), merged), strict=True)
    ]


def detected(picture: Image, fully: bool = True) -> list[Region]:
    """Find text at the scale that the network likes: small pictures are enlarged, large ones cut into tiles.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    fully : bool
        Whether large pictures are cut into tiles, and not only made smaller.
    """
    rows, columns = picture.shape[:2]
    if max(rows, columns) <= _TILE + _LAP:
        return reader().detect(picture, float(np.clip(_SMALL / (rows * columns) ** 0.5, 1, 2)))
    # Large letters do not fit a tile.
    found = reader().detect(picture, _TILE / max(rows, columns))
    if not fully:
        return found
    for top, bottom in _cuts(rows):
        for left, right in _cuts(columns):
            tile = picture[top:bottom, left:right]
            if int(tile.max()) - int(tile.min()) > 2:
                found += [
                    replace(region, quad=region.quad + np.array([left, top], np.float32))
                    for region in reader().detect(np.ascontiguousarray(tile))
                ]
    return found


def _cuts(side: int) -> list[tuple[int, int]]:
    """Return where tiles begin and end: as few as can be, as small as can be, so that a lap is all they share."""
    number = max(1, -(-(side - _LAP) // _TILE))
    size = -(-(side + (number - 1) * _LAP) // number)
    return [(at, min(side, at + size)) for at in range(0, max(1, side - _LAP), max(1, size - _LAP))]


def _back(region: Region, columns: int) -> Region:
    """Turn a region of a picture that was turned to the left back."""
    quad = np.stack([columns - 1 - region.quad[:, 1], region.quad[:, 0]], 1)
    return replace(region, quad=np.roll(quad, -int(quad.sum(1).argmin()), axis=0).astype(np.float32))


def _candidate(region: Region, view: int, shape: tuple[int, ...]) -> _Candidate:
    return _Candidate(region.quad, region.score, _around(region.quad, shape), frozenset({view}))


def _around(quad: Quad, shape: tuple[int, ...]) -> Box:
    left, top = np.maximum(np.floor(quad.min(0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(quad.max(0)) + 1, [shape[1], shape[0]]).astype(int)
    return int(left), int(top), max(int(right), int(left) + 1), max(int(bottom), int(top) + 1)


def _merged(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Take what stands in several views or tiles once: the longest box reads best, all of them are covered."""
    kept: list[_Candidate] = []
    for each in sorted(candidates, key=lambda one: -area(one.box)):
        for at, other in enumerate(kept):
            alike = _short(each.box) > 0.5 * _short(other.box)
            if alike and overlap(each.box, other.box) > 0.6 * area(each.box):
                kept[at] = replace(
                    other,
                    certainty=max(each.certainty, other.certainty),
                    box=joined(each.box, other.box),
                    seen=each.seen | other.seen,
                )
                break
        else:
            kept.append(each)
    return kept


def _read(picture: Image, even: Image, candidates: Sequence[_Candidate]) -> list[Reading]:
    """Read each candidate: upright, else turned, else in the picture of even contrast."""
    best = [Reading("", 0.0) for _ in candidates]
    for view, again in ((picture, False), (picture, True), (even, False), (even, True)):
        asked = [
            (at, cut)
            for at, each in enumerate(candidates)
            if best[at].score < _READABLE and (view is picture or _short(each.box) < _LEGIBLE)
            for cut in _ways(view, each.quad, again)
        ]
        for (at, _), reading in zip(asked, reader().read([cut for _, cut in asked]), strict=True):
            if reading.score * bool(reading.text.strip()) > best[at].score:
                best[at] = reading
    return best


def _ways(picture: Image, quad: Quad, again: bool) -> list[Image]:
    """Cut a line out, in the directions in which it may have been written; the less likely ones come again."""
    cut = _straight(picture, quad)
    rows, columns = cut.shape[:2]
    if rows > 1.4 * columns:
        return [] if again else [np.ascontiguousarray(np.rot90(cut, times)) for times in (1, 3)]
    return [np.ascontiguousarray(np.rot90(cut, 2))] if again else [cut]


def _straight(picture: Image, quad: Quad) -> Image:
    import cv2

    width = max(4, round(float(np.linalg.norm(quad[1] - quad[0]))))
    height = max(4, round(float(np.linalg.norm(quad[3] - quad[0]))))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, np.float32), corners)
    cut = cv2.warpPerspective(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return cut.astype(np.uint8, copy=False)


def _shifted(box: Box, left: int, top: int) -> Box:
    return box[0] + left, box[1] + top, box[2] + left, box[3] + top


def _short(box: Box) -> int:
    return min(box[2] - box[0], box[3] - box[1])


def area(box: Box) -> int:
    """Return the number of pixels of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(one: Box, other: Box) -> int:
    """Return the number of pixels that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)


def joined(one: Box, other: Box) -> Box:
    """Return the box around two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
