"""Text in a picture: where lines of text stand, and what they say, by the PP-OCR networks of the rapidocr wheel.

The networks are run by onnxruntime itself, in one thread: parallel work is a matter of processes, and nothing is
looked up on the network. Boxes follow DB (Liao et al. 2020, arXiv 1911.08947), texts the greedy CTC path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosie.errors import SosieError

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]

SURE, SURER, LIKELY = 0.3, 0.6, 0.45
"""Probability from which a pixel is text, from which it is amid noise, and mean probability from which a box is."""
_GROW = 1.6
_MOST_LINES = 1000
_HEIGHT = 48
_BATCH = 8
_WIDEST = 1600


@dataclass(frozen=True, eq=False)
class Region:
    """Where a line of text may stand.

    Parameters
    ----------
    quad : array of float, shape (4, 2)
        Corners (x, y) in pixels, clockwise from the top left of the text.
    score : float
        Mean probability of text in it.
    """

    quad: Quad
    score: float


@dataclass(frozen=True)
class Reading:
    """What a line says.

    Parameters
    ----------
    text : str
    score : float
        Mean probability of its characters.
    """

    text: str
    score: float


class Reader:
    """The two networks; one a process is enough (`reader`)."""

    def __init__(self) -> None:
        self._detector = _session("_det_")
        self._recogniser = _session("_rec_")
        listed = self._recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ["", *listed, " "]

    def detect(self, image: Image, scale: float = 1.0) -> list[Region]:
        """Find lines of text.

        Parameters
        ----------
        image : array of uint8, shape (rows, columns, 3)
        scale : float
            By how much the image is enlarged first: the network sees letters of about 10 to 60 pixels.
        """
        import cv2

        rows, columns = image.shape[:2]
        height, width = (max(32, round(side * scale / 32) * 32) for side in (rows, columns))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        fitted = cv2.resize(image, (width, height), interpolation=method)
        batch = (fitted.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        heat = self._detector.run(None, {self._detector.get_inputs()[0].name: batch})[0][0, 0]
        return [
            Region(_ordered(quad * np.array([columns / width, rows / height], np.float32)), score)
            for quad, score in _boxes(heat)
        ]

    def read(self, lines: Sequence[Image]) -> list[Reading]:
        """Read pictures of one line each.

        Parameters
        ----------
        lines : sequence of array of uint8, shape (rows, columns, 3)
            Upright.
        """
        order = sorted(range(len(lines)), key=lambda at: lines[at].shape[1] / lines[at].shape[0])
        found: dict[int, Reading] = {}
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            heat = self._recognised([lines[at] for at in chosen])
            found.update(zip(chosen, (self._decoded(row) for row in heat), strict=True))
        return [found[at] for at in range(len(lines))]

    def _recognised(self, lines: Sequence[Image]) -> NDArray[np.float32]:
        import cv2

        widths = [min(_WIDEST, max(16, round(_HEIGHT * line.shape[1] / line.shape[0]))) for line in lines]
        # What is narrower than the others ends in grey, which is zero for the network.
        batch = np.zeros((len(lines), 3, _HEIGHT, max(*widths, 160)), np.float32)
        for row, line, width in zip(batch, lines, widths, strict=True):
            fitted = cv2.resize(line, (width, _HEIGHT), interpolation=cv2.INTER_CUBIC)
            row[:, :, :width] = (fitted.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
        heat: NDArray[np.float32] = self._recogniser.run(None, {self._recogniser.get_inputs()[0].name: batch})[0]
        return heat

    def _decoded(self, heat: NDArray[np.float32]) -> Reading:
        """Follow the most probable path: repeats are one character, 0 is none."""
        best = heat.argmax(1)
        kept = best != 0
        kept[1:] &= best[1:] != best[:-1]
        text = "".join(self._characters[at] for at in best[kept])
        return Reading(text, float(heat.max(1)[kept].mean()) if kept.any() else 0.0)


@cache
def reader() -> Reader:
    """Return the reader of this process."""
    return Reader()


def _session(task: str) -> Any:
    """Open a network of the wheel."""
    wheel = find_spec("rapidocr")
    if wheel is None or not wheel.submodule_search_locations or find_spec("onnxruntime") is None:
        raise SosieError(
            "pixels were to be read for text, and a package that does it is not installed: pip install 'sosie[images]'"
        )
    import onnxruntime

    found = list(Path(wheel.submodule_search_locations[0], "models").glob(f"*{task}*.onnx"))
    if len(found) != 1:
        raise SosieError(f"rapidocr holds {len(found)} networks named *{task}*, one was expected: install 3.10")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(found[0]), options, providers=["CPUExecutionProvider"])


def _boxes(heat: NDArray[np.float32]) -> list[tuple[Quad, float]]:
    """Draw boxes around what is probable: the shrunken kernels that the network was taught, grown back.

    Speckle can join all into one shape, too high for a line: what is surer inside it is taken apart.
    """
    highest = max(96.0, 0.25 * min(heat.shape))
    found, inside = [], np.ones(heat.shape, bool)
    for sure in (SURE, SURER):
        shapes, inside = _shapes((heat > sure) & inside, highest)
        for centre, (width, height), angle in shapes:
            score = _mean_inside(heat, _corners(centre, (width, height), angle))
            if score >= LIKELY:
                grown = _GROW * width * height / (width + height)
                found.append((_corners(centre, (width + grown, height + grown), angle), score))
        if not inside.any():
            break
    return found


def _shapes(mask: NDArray[np.bool_], highest: float) -> tuple[list[Any], NDArray[np.bool_]]:
    """Return the rectangles around the shapes of a mask, and a mask of those that are too high."""
    import cv2

    outlines, _ = cv2.findContours(
        cv2.dilate(mask.astype(np.uint8), np.ones((2, 2), np.uint8)), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    kept, large = [], np.zeros(mask.shape, np.uint8)
    for outline in sorted(outlines, key=len, reverse=True)[:_MOST_LINES]:
        rectangle = cv2.minAreaRect(outline)
        if min(rectangle[1]) > highest:
            cv2.drawContours(large, [outline], -1, 1, cv2.FILLED)
        elif min(rectangle[1]) >= 2:
            kept.append(rectangle)
    return kept, large > 0


def _corners(centre: Any, size: tuple[float, float], angle: float) -> Quad:
    import cv2

    return np.asarray(cv2.boxPoints((centre, size, angle)), np.float32)


def _mean_inside(heat: NDArray[np.float32], quad: Any) -> float:
    import cv2

    low = np.maximum(np.floor(quad.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(quad.max(0)).astype(int) + 1, heat.shape[::-1])
    part = heat[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return 0.0
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(quad - low).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0])


def _ordered(quad: Quad) -> Quad:
    """Put the corners of a box in the order top left, top right, bottom right, bottom left."""
    turned = np.roll(quad, -int(quad.sum(1).argmin()), axis=0)
    first, second = turned[1] - turned[0], turned[2] - turned[1]
    clockwise = first[0] * second[1] > first[1] * second[0]
    return turned if clockwise else np.roll(turned[::-1], 1, axis=0)
