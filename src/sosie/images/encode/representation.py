"""What every encoder and decoder of pictures offers, and the choice among them.

Pictures enter an `Encoder` once; a `Representation` leaves that turns pictures into latents and latents into pictures.
A representation that learned from the cohort is personal data, and is refitted in every replicate of the attacks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from sosie.cohort import Floats
from sosie.errors import ManifestError
from sosie.images.pictures import Singles

NAMES = ("cosine", "pca", "vae", "given")


class Representation(Protocol):
    """A pair of maps between pictures and latents."""

    @property
    def frozen(self) -> str | None:
        """Hash of maps that learned nothing from the cohort; None for those that did."""
        ...

    @property
    def width(self) -> int:
        """Number of latents."""
        ...

    def encode(self, pixels: Singles) -> Floats:
        """Return the latents of some pictures, shape (pictures, width); near 1 is large."""
        ...

    def decode(self, latents: Floats) -> Singles:
        """Return the pictures of some latents, shape (pictures, side, side): smooth where the latents say no more."""
        ...


class Encoder(Protocol):
    """Makes a representation."""

    def fit(self, pixels: Singles, weights: Floats, rng: np.random.Generator) -> Representation:
        """Learn from pictures and their weights, or learn nothing."""
        ...


def choose(name: str, path: Path | None = None) -> Encoder:
    """Return an encoder by its name.

    Parameters
    ----------
    name : {"cosine", "pca", "vae", "given"}
    path : Path, optional
        Folder with the encoder and the decoder, for ``given``.

    Raises
    ------
    ManifestError
        When there is no such encoder, or its files are not named.
    """
    if name == "cosine":
        from sosie.images.encode.cosine import Cosine

        return Cosine()
    if name == "pca":
        from sosie.images.encode.components import Components

        return Components()
    if name == "vae":
        from sosie.images.encode.autoencoder import Autoencoder

        return Autoencoder()
    if name == "given" and path is not None:
        from sosie.images.encode.given import Given

        return Given(path)
    found = "an encoder without a path" if name == "given" else f"encoder {name!r}"
    raise ManifestError(f"images: {found}; expected one of {', '.join(NAMES)}, and for 'given' the folder of its files")
