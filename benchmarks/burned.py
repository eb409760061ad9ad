"""Images with text burned into their pixels, and what stands where: for the table of recall, and for tests.

Backgrounds are drawn (tissue, speckle, projections) or come with pydicom; fonts come with matplotlib. Names, numbers
and dates are drawn at random; nobody's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

FONTS = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSansMono",
    "DejaVuSansMono-Bold",
    "DejaVuSerif",
    "STIXGeneral",
    "STIXGeneralBol",
)
KINDS = ("CT", "MR", "US", "CR", "DX")
SIZES = (8, 10, 12, 16, 20, 28, 40)
CONTRASTS = (0.15, 0.25, 0.5, 1.0)
ANGLES = (0, 90, 270, 180, 15)

FIRST = (
    *("Amélie", "Jürgen", "Oluwaseun", "Siobhán", "Mateusz", "Ioana", "Khadija", "Thibault", "Wanjiru", "Soraya"),
    *("Gwenaëlle", "Björn", "Eloy", "Rahul"),
)
LAST = (
    *("Kowalczyk", "O'Rourke", "Vandenberghe", "Okonkwo", "Le Gall", "Müller-Hahn", "Ibáñez", "Szabó", "Quéméneur"),
    *("Thakur", "Nakashima", "Abellán"),
)
INNOCENT = (
    *("120 kV", "R", "L", "W 400 L 40", "kVp 110 mA 240", "SUPINE", "PORTABLE", "TR 4500 TE 90", "FOV 24.0 cm", "5 cm"),
    *("AP", "DEBOUT", "LAT", "Zoom 1.5", "Gain 52 %", "MI 1.1 TIS 0.4", "Im: 12/48", "T2 FLAIR", "SL 5.0 mm", "A", "P"),
    *("Thk 3 mm", "FR 32Hz", "Dist 12.4 mm", "PA ERECT", "10 cm", "Tilt 0.0", "Se: 4", "B Freq 5.0 MHz", "Lossy"),
    *("LAO 30", "COUCHE"),
)


@dataclass(frozen=True)
class Written:
    """A text that was burned in.

    Parameters
    ----------
    text : str
    kind : str
        ``name``, ``number``, ``date`` or ``innocent``.
    box : tuple of int
        Left, top, right, bottom; right and bottom excluded.
    size : int
        Of the font, in pixels.
    contrast : float
        Share of the range of the image.
    angle : int
        Degrees.
    """

    text: str
    kind: str
    box: tuple[int, int, int, int]
    size: int
    contrast: float
    angle: int


@dataclass(frozen=True, eq=False)
class Burned:
    """An image in [0, 1], shape (rows, columns) or (rows, columns, 3), and what was written on it."""

    pixels: NDArray[np.float64]
    written: tuple[Written, ...]
    background: str


def text_of(kind: str, rng: np.random.Generator) -> str:
    """Draw a text of a kind."""
    if kind == "name":
        last, first = str(rng.choice(LAST)), str(rng.choice(FIRST))
        shapes = (f"{last.upper()} {first}", f"{last.upper()}^{first.upper()}", f"{first} {last}", f"Dr {last}")
        return str(rng.choice(shapes))
    if kind == "number":
        digits = "".join(rng.choice(list("0123456789"), int(rng.integers(6, 12))))
        return str(rng.choice(("{}", "ID: {}", "IPP {}", "MRN{}", "A{}"))).format(digits)
    if kind == "date":
        day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(1930, 2025))
        shapes = (
            f"{day:02d}/{month:02d}/{year}", f"{year}-{month:02d}-{day:02d}", f"{day:02d}.{month:02d}.{year}",
            f"{year}{month:02d}{day:02d}", f"DOB: {month:02d}/{day:02d}/{year}", f"{day:02d}-Mar-{year}",
        )  # fmt: skip
        return str(rng.choice(shapes))
    return str(rng.choice(INNOCENT))


def background(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw an image that looks like one of a kind, in [0, 1]."""
    rows, columns = shape
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    radius = np.hypot(x / 0.85, y / 0.7)
    texture = gaussian_filter(rng.normal(size=shape), 6)
    texture /= np.abs(texture).max()
    if kind == "US":
        angle, depth = np.arctan2(x, y + 1.1), np.hypot(x, y + 1.1)
        sector = (np.abs(angle) < 0.65) & (depth > 0.3) & (depth < 1.9)
        speckle = gaussian_filter(rng.rayleigh(size=shape), 1.1)
        return np.clip(sector * speckle / speckle.max() * (0.55 + 0.45 * texture), 0, 1)
    if kind in ("CR", "DX"):
        ribs = 0.06 * (np.sin(y * 22 + 3 * x**2) > 0.6)
        drawn = 0.55 - 0.3 * np.exp(-(((np.abs(x) - 0.45) / 0.25) ** 2) - (y / 0.6) ** 2) + ribs + 0.12 * texture
        return np.clip(gaussian_filter(drawn, 1.5) + rng.normal(0, 0.01, shape), 0, 1)
    inside = radius < 1
    shell = (radius > 0.93) & inside
    organs = sum(
        (np.hypot(x - cx, y - cy) < r) * level
        for cx, cy, r, level in zip(
            rng.uniform(-0.5, 0.5, 7),
            rng.uniform(-0.4, 0.4, 7),
            rng.uniform(0.05, 0.3, 7),
            rng.uniform(-0.1, 0.2, 7),
            strict=True,
        )
    )
    noise = rng.normal(0, 0.02, shape)
    drawn = inside * (0.35 + organs + 0.1 * texture) + shell * (0.5 if kind == "CT" else 0.3) + noise * (inside + 0.3)
    return np.clip(gaussian_filter(drawn, 0.7), 0, 1)


def burn(
    pixels: NDArray[np.float64],
    text: str,
    kind: str,
    size: int,
    contrast: float,
    angle: int,
    taken: list[tuple[int, int, int, int]],
    rng: np.random.Generator,
    font: str | None = None,
) -> Written | None:
    """Write a text where there is room, darker or lighter than what is below, and return where; None without room."""
    face = ImageFont.truetype(str(_font(font or str(rng.choice(FONTS)))), size)
    left, top, right, bottom = (int(side) for side in face.getbbox(text))
    canvas = Image.new("L", (right - left + 4, bottom - top + 4))
    ImageDraw.Draw(canvas).text((2 - left, 2 - top), text, font=face, fill=255)
    drawn = np.asarray(canvas.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC), float) / 255
    rows, columns = drawn.shape
    for _ in range(60):
        if rows + 4 >= pixels.shape[0] or columns + 4 >= pixels.shape[1]:
            return None
        x = int(rng.integers(1, pixels.shape[1] - columns - 1))
        y = int(rng.integers(1, pixels.shape[0] - rows - 1))
        box = (x, y, x + columns, y + rows)
        if all(box[2] + 8 < t[0] or t[2] + 8 < box[0] or box[3] + 6 < t[1] or t[3] + 6 < box[1] for t in taken):
            break
    else:
        return None
    taken.append(box)
    part = pixels[y : y + rows, x : x + columns]
    below = float(np.median(part[drawn > 0.5])) if part.size else 0.0
    lighter = below + contrast <= 1 or below < 0.5
    level = min(1.0, below + contrast) if lighter else max(0.0, below - contrast)
    colour = np.array(level) if pixels.ndim == 2 else np.array([level, level, level * float(rng.choice([0.0, 1.0]))])
    alpha = drawn if pixels.ndim == 2 else drawn[..., None]
    part[:] = part * (1 - alpha) + colour * alpha
    return Written(text, kind, box, size, contrast, angle)


def image(
    kind: str, shape: tuple[int, int], texts: list[tuple[str, int, float, int]], rng: np.random.Generator
) -> Burned:
    """Draw an image with texts, each of a kind, a size, a contrast and an angle."""
    pixels = background(kind, shape, rng)
    taken: list[tuple[int, int, int, int]] = []
    written = [
        burn(pixels, text_of(what, rng), what, size, contrast, angle, taken, rng)
        for what, size, contrast, angle in texts
    ]
    return Burned(pixels, tuple(each for each in written if each is not None), kind)


def dataset(pixels: NDArray[np.float64], modality: str, bits: int = 12) -> Any:
    """Store an image as a DICOM dataset of one frame, uncompressed."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.Modality = modality
    colour = pixels.ndim == 3
    made.SamplesPerPixel = 3 if colour else 1
    made.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        made.PlanarConfiguration = 0
    made.Rows, made.Columns = pixels.shape[:2]
    made.BitsAllocated = 8 if bits <= 8 else 16
    made.BitsStored, made.HighBit, made.PixelRepresentation = bits, bits - 1, 0
    stored = np.round(pixels * (2**bits - 1)).astype("u1" if bits <= 8 else "<u2")
    raw = stored.tobytes()
    made.PixelData = raw + b"\0" * (len(raw) % 2)
    made["PixelData"].VR = "OB" if bits <= 8 else "OW"
    return made


def hidden(before: NDArray[Any], after: NDArray[Any], box: tuple[int, int, int, int]) -> bool:
    """Tell whether nothing of a text is left: what stands in its box does not look like what stood there."""
    left, top, right, bottom = box
    was = before[top:bottom, left:right].astype(float).ravel()
    now = after[top:bottom, left:right].astype(float).ravel()
    was, now = was - was.mean(), now - now.mean()
    scale = math.sqrt(float(was @ was) * float(now @ now))
    return scale == 0 or abs(float(was @ now)) / scale < 0.5


def _font(name: str) -> Path:
    return Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")
