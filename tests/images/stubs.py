"""Stands for what finds text in pixels: the white corner of a frame is the name of the patient."""

from typing import Any

import numpy as np
from pydicom.dataset import FileDataset

from sosie.images.finding import BoxFinding

CORNER = (0, 0, 16, 8)


class Pixels:
    """Finds and masks the white corner."""

    stubborn = False
    """Whether masking fails."""

    @staticmethod
    def find(dataset: FileDataset, identifiers: Any) -> list[BoxFinding]:
        frames = _frames(dataset)
        white = [at for at, frame in enumerate(frames) if (frame[:8, :16] == 255).all()]
        return [BoxFinding(at, CORNER, "LAST_NAME", "masked", 0.9) for at in white]

    verify = find

    def mask(self, dataset: FileDataset, boxes: list[BoxFinding]) -> str | None:
        if not self.stubborn:
            frames = _frames(dataset).copy()
            for box in boxes:
                frames[box.frame, :8, :16] = 0
            dataset.PixelData = frames.tobytes()
        return None


def _frames(dataset: FileDataset) -> Any:
    if "PixelData" not in dataset:
        return np.zeros((0, 1, 1))
    shape = (-1, int(dataset.Rows), int(dataset.Columns), int(dataset.SamplesPerPixel))
    data = np.frombuffer(dataset.PixelData, np.uint8)
    return data[: data.size - data.size % (shape[1] * shape[2] * shape[3])].reshape(shape)[..., 0]
