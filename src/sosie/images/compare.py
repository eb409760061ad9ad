"""What the pictures of doubles keep of the patients', how near they come to them, and a page of doubles to look at.

Two parts enter, figures leave, of classes of k patients or more. No picture of a patient leaves: the page shows doubles
beside phantoms, or beside means of doubles.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.images.encode.cosine import CosineBasis
from sosie.images.pictures import Pictures, Singles

if TYPE_CHECKING:
    from sosie.images.album import ImagesPart

SHOWN = 128
"""Pixels of a side of the pictures of doubles, as they are written."""
SEEN, TASK = 8, 16
TILES, TILE = 8, 64
FEWEST = 2
QUALITY = 80
NEAR = 5
"""Percentile of the distances between pictures of different patients, below which two are near."""
RADIOGRAPHS = frozenset({"CR", "DX"})
CHESTS = frozenset({"CHEST", "THORAX", "AP", "PA"})


def compare(original: ImagesPart, doubles: ImagesPart, k: int, rng: np.random.Generator) -> Mapping[str, object]:
    """Measure what is kept.

    Parameters
    ----------
    original, doubles : ImagesPart
        Their classes are numbered alike.
    k : int
        Fewest patients of a class that is told.
    rng : numpy.random.Generator
    """
    real, made = original.pictures, doubles.pictures
    basis = CosineBasis(real.pixels.shape[1], SEEN)
    seen, drawn = basis.encode(real.pixels), basis.encode(made.pixels)
    told = [at for at in range(len(real.labels)) if len(np.unique(real.patient[real.label == at])) >= k]
    sides = {"original": real, "doubles": made}
    return {
        "k": k,
        "patients": {side: int((some.counts.sum(axis=1) > 0).sum()) for side, some in sides.items()},
        "pictures": {side: len(some) for side, some in sides.items()},
        "each": {side: _each(some) for side, some in sides.items()},
        "classes": {real.labels[at]: _kept(seen[real.label == at], drawn[made.label == at]) for at in told},
        "task": _task(real, made, told, rng),
        "nearer": _nearer(seen, drawn, real),
        "page": page(doubles, rng),
    }


def finished(part: ImagesPart, rng: np.random.Generator) -> Pictures:
    """Return the pictures of doubles as they are written: larger, and with the detail of phantoms where it fits."""
    from sosie.images.decode.detail import chest

    smooth = part.pictures.pixels
    if chests(part):
        return replace(part.pictures, pixels=chest(SHOWN).add(smooth, rng))
    side = smooth.shape[1]
    return replace(part.pictures, pixels=CosineBasis(SHOWN).decode(CosineBasis(side).encode(smooth)))


def chests(part: ImagesPart) -> bool:
    """Tell whether all pictures are frontal radiographs of the chest, by what their classes say."""
    words = [set(label.upper().split()) for label in part.pictures.labels]
    found = [bool(some & CHESTS) and bool(some & RADIOGRAPHS or "CHEST" in some) for some in words]
    return bool(found) and all(found)


def page(doubles: ImagesPart, rng: np.random.Generator) -> dict[str, str] | None:
    """Return pictures of some doubles, and what stands beside them; None of fewer than two pictures.

    Returns
    -------
    dict or None
        ``doubles`` and ``beside``: each a JPEG in base64; ``kind``: ``phantoms``, or ``means`` of doubles.
    """
    from sosie.images.decode.phantom import phantoms

    number = TILES * TILES
    some = doubles.pictures
    if len(some) < FEWEST:
        return None
    chosen = rng.permutation(len(some))[:number]
    shown = replace(some, pixels=some.pixels[chosen], patient=some.patient[chosen], label=some.label[chosen])
    drawn = finished(replace(doubles, pictures=shown), rng).pixels
    if chests(doubles):
        beside, kind = phantoms(number, TILE, rng), "phantoms"
    else:
        groups = rng.integers(len(some), size=(number, min(len(some), 2 * TILES)))
        beside, kind = np.stack([some.pixels[group].mean(axis=0) for group in groups]), "means"
    return {"doubles": _sheet(drawn), "beside": _sheet(beside), "kind": kind}


def _sheet(pixels: Singles) -> str:
    """Return some pictures in rows on one, as a JPEG in base64."""
    from PIL import Image

    whole = np.zeros((TILES * TILE, TILES * TILE), dtype=np.uint8)
    for at, picture in enumerate(pixels[: TILES * TILES]):
        tile = Image.fromarray(np.rint(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8))
        row, column = divmod(at, TILES)
        place = np.s_[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        whole[place] = np.asarray(tile.resize((TILE, TILE), Image.Resampling.BOX))
    target = io.BytesIO()
    Image.fromarray(whole).save(target, "JPEG", quality=QUALITY)
    return base64.b64encode(target.getvalue()).decode("ascii")


def _each(some: Pictures) -> float | None:
    """Return the mean number of pictures of those who have any."""
    number = some.counts.sum(axis=1)
    return round(float(number[number > 0].mean()), 2) if (number > 0).any() else None


def _kept(original: Floats, doubles: Floats) -> dict[str, float | None]:
    """Return the correlation of the mean pictures, and the ratio of the spreads around them."""
    if len(doubles) < FEWEST:
        return {"mean_correlation": None, "spread_ratio": None}
    spread = float(original.std(axis=0).mean())
    return {
        "mean_correlation": round(float(np.corrcoef(original.mean(axis=0), doubles.mean(axis=0))[0, 1]), 3),
        "spread_ratio": round(float(doubles.std(axis=0).mean()) / max(spread, 1e-9), 3),
    }


def _nearer(seen: Floats, drawn: Floats, real: Pictures) -> dict[str, float] | None:
    """Return the share of doubles' pictures that are nearer to a patient's than patients' of different ones are."""
    from scipy.spatial.distance import cdist

    if not len(drawn) or real.patients < FEWEST:
        return None
    apart = cdist(seen, seen)
    apart[real.patient[:, None] == real.patient[None, :]] = np.inf
    usual = apart.min(axis=1)
    if not np.isfinite(usual).all():
        return None
    return {"doubles": round(float((cdist(drawn, seen).min(axis=1) < np.percentile(usual, NEAR)).mean()), 4)}


def _task(real: Pictures, made: Pictures, told: list[int], rng: np.random.Generator) -> dict[str, float] | None:
    """Return how well the class of a patient's picture is told, learned on other patients' and on doubles'."""
    if len(told) < FEWEST:
        return None
    mine, theirs = np.isin(real.label, told), np.isin(made.label, told)
    if any((made.label[theirs] == at).sum() < FEWEST for at in told):
        return None
    half = rng.permutation(real.patients) % 2
    inputs, answers = _shrunk(real.pixels), real.label
    scores = []
    for side in (0, 1):
        tested, learned = mine & (half[real.patient] == side), mine & (half[real.patient] != side)
        known = _right(inputs, answers, learned, inputs, answers, tested)
        made_ = _right(_shrunk(made.pixels), made.label, theirs, inputs, answers, tested)
        if known is not None and made_ is not None:
            scores.append((known, made_))
    if not scores:
        return None
    original, doubles = np.mean(scores, axis=0)
    return {"original": round(float(original), 3), "doubles": round(float(doubles), 3)}


def _right(
    learned: Floats, said: np.ndarray, rows: Mask, tested: Floats, truth: np.ndarray, where: Mask
) -> float | None:
    """Return the balanced accuracy of a linear program, None where a class is missing."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.metrics import balanced_accuracy_score

    if len(np.unique(said[rows])) < FEWEST or len(np.unique(truth[where])) < FEWEST:
        return None
    model = RidgeClassifier(alpha=10.0, class_weight="balanced", solver="svd").fit(learned[rows], said[rows])
    return float(balanced_accuracy_score(truth[where], model.predict(tested[where])))


def _shrunk(pixels: Singles) -> Floats:
    step = pixels.shape[1] // TASK
    return np.asarray(
        pixels.reshape(len(pixels), TASK, step, TASK, step).mean(axis=(2, 4)).reshape(len(pixels), -1), dtype=np.float64
    )
