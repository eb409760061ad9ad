"""An encoder and a decoder that somebody else trained, on pictures of other people, from a folder that the user names.

The folder holds ``encoder`` and ``decoder``, as ONNX (``.onnx``, run by onnxruntime) or as TorchScript (``.pt``, run by
torch). The encoder takes pictures (n, 1, side, side) with tones from 0 to 1 and gives latents (n, width); the decoder
takes latents and gives pictures. Nothing is learned from the cohort; the hash of the files names what was used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sosie.cohort import Floats
from sosie.errors import UnreadableError
from sosie.images.pictures import Singles

KINDS = (".onnx", ".pt")
BLOCK = 64
Run = Callable[[Singles], Singles]


@dataclass(frozen=True)
class GivenMaps:
    """Frozen maps.

    Parameters
    ----------
    encoder, decoder : callable
    side : int
        Pixels of a side of the pictures that the encoder takes.
    width : int
        Number of latents.
    frozen : str
        SHA-256 of the two files.
    """

    encoder: Run
    decoder: Run
    side: int
    width: int
    frozen: str | None
    shown: int

    def encode(self, pixels: Singles) -> Floats:
        """Return the latents of some pictures, shape (pictures, width)."""
        whole = _sized(pixels, self.side)[:, None]
        return np.asarray(_in_blocks(self.encoder, whole).reshape(len(pixels), -1), dtype=np.float64)

    def decode(self, latents: Floats) -> Singles:
        """Return pictures, shape (pictures, side, side), of the size of those that were fitted."""
        made = _in_blocks(self.decoder, latents.astype(np.float32))
        return _sized(made.reshape(len(latents), *made.shape[-2:]), self.shown)


@dataclass(frozen=True)
class Given:
    """Loads the maps.

    Parameters
    ----------
    folder : Path
    side : int
        Pixels of a side of the pictures that the encoder takes, where the file leaves it open.
    """

    folder: Path
    side: int = 128
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def fit(self, pixels: Singles, weights: Floats, rng: np.random.Generator) -> GivenMaps:
        """Load the maps; of the pictures, only the size is looked at.

        Raises
        ------
        UnreadableError
            When a file is missing, or is no network that takes what it should.
        """
        files = [self._file(name) for name in ("encoder", "decoder")]
        digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()
        if digest not in self._loaded:
            self._loaded[digest] = [_load(path) for path in files]
        (encoder, size), (decoder, _) = self._loaded[digest]
        side = size or self.side
        try:
            width = int(encoder(np.zeros((1, 1, side, side), dtype=np.float32)).size)
            made = decoder(np.zeros((1, width), dtype=np.float32))
        except Exception as error:  # what a network raises when it is fed what it does not take
            raise UnreadableError(
                self.folder.name, f"the networks do not take pictures of {side} pixels a side ({type(error).__name__})"
            ) from None
        if made.ndim < 3 or made.shape[-1] != made.shape[-2]:
            raise UnreadableError(files[1].name, f"gives arrays of shape {made.shape}; expected square pictures")
        return GivenMaps(encoder, decoder, side, width, digest, pixels.shape[1])

    def _file(self, name: str) -> Path:
        for kind in KINDS:
            path = self.folder / f"{name}{kind}"
            if path.is_file():
                return path
        raise UnreadableError(self.folder.name, f"no {name}.onnx or {name}.pt in the folder of the given encoder")


def _load(path: Path) -> tuple[Run, int | None]:
    """Return a network as a function of arrays, and the side of its input where the file tells it."""
    try:
        return _onnx(path) if path.suffix == ".onnx" else _script(path)
    except Exception as error:  # what runtimes raise on files of no use to them
        raise UnreadableError(path.name, f"no network that can be loaded ({type(error).__name__})") from None


def _onnx(path: Path) -> tuple[Run, int | None]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0]
    side = taken.shape[-1] if len(taken.shape) == 4 and isinstance(taken.shape[-1], int) else None
    return (lambda values: np.asarray(session.run(None, {taken.name: values})[0])), side


def _script(path: Path) -> tuple[Run, int | None]:
    import torch

    network: Any = torch.jit.load(path, map_location="cpu").eval()

    def run(values: Singles) -> Singles:
        with torch.no_grad():
            return np.asarray(network(torch.as_tensor(values)).numpy())

    return run, None


def _in_blocks(run: Run, values: Singles) -> Singles:
    done = [run(values[first : first + BLOCK]) for first in range(0, max(len(values), 1), BLOCK)]
    return np.concatenate(done)


def _sized(pixels: Singles, side: int) -> Singles:
    from PIL import Image

    if pixels.shape[1] == side:
        return pixels
    sized = [Image.fromarray(one).resize((side, side), Image.Resampling.BICUBIC) for one in pixels]
    return np.stack([np.asarray(one, dtype=np.float32) for one in sized])
