import numpy as np

from sosie.cohort import Floats
from sosie.images.pictures import Pictures

SIDE = 32


def pictures(patients: int, rng: np.random.Generator, side: int = SIDE) -> Pictures:
    """Draw one to three pictures of each patient: two classes, one brighter below; patients differ, so do pictures."""
    number = rng.integers(1, 4, patients)
    patient = np.repeat(np.arange(patients), number)
    label = (np.arange(patients) % 2)[patient]
    line = np.linspace(-1.0, 1.0, side)
    waves = np.stack([np.cos(np.pi * rank * line)[:, None] * np.cos(np.pi * line)[None] for rank in range(6)])
    own = rng.normal(0.0, 0.08, (patients, 6))[patient] + rng.normal(0.0, 0.03, (len(patient), 6))
    pixels: Floats = 0.5 + np.tensordot(own, waves, 1) + 0.15 * (2.0 * label - 1.0)[:, None, None] * line[:, None]
    pixels += 0.01 * rng.standard_normal(pixels.shape)
    return Pictures(np.clip(pixels, 0.0, 1.0).astype(np.float32), patient, patients, label, ("first", "second"))
