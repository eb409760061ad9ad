"""Codecs that pydicom lacks: 12-bit and lossless JPEG through imagecodecs (BSD); and encoders that lose nothing.

The decoders are offered to pydicom as one more plugin, so that whatever decodes through it gains them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom.uid import (
    HTJ2K,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEG2000TransferSyntaxes,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSTransferSyntaxes,
    RLELossless,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydicom import Dataset
    from pydicom.pixels.decoders.base import DecodeRunner

_LABEL = "sosie"
_LOSSLESS_JPEG = (JPEGLossless, JPEGLosslessSV1)
DECODER_DEPENDENCIES = dict.fromkeys((JPEGExtended12Bit, *_LOSSLESS_JPEG), ("imagecodecs",))


def register() -> None:
    """Add the decoders to pydicom's, once."""
    from pydicom.pixels.decoders.base import get_decoder

    for uid in DECODER_DEPENDENCIES:
        decoder = get_decoder(uid)
        if _LABEL not in decoder.available_plugins:
            decoder.add_plugin(_LABEL, (__name__, "decode_frame"))


def is_available(uid: str) -> bool:
    """Tell pydicom whether a transfer syntax is read."""
    from importlib.util import find_spec

    return uid in DECODER_DEPENDENCIES and find_spec("imagecodecs") is not None


def decode_frame(source: bytes, runner: DecodeRunner) -> bytearray:
    """Decode one frame for pydicom, without a transform of colours."""
    import imagecodecs
    import numpy as np

    samples = imagecodecs.jpeg8_decode(source)
    runner.set_option("bits_allocated", 8 if samples.dtype.itemsize == 1 else 16)
    if samples.ndim == 3:
        runner.set_option("planar_configuration", 0)
    return bytearray(np.ascontiguousarray(samples).tobytes())


def encode_frame(dataset: Dataset, syntax: UID, samples: NDArray[Any]) -> bytes | None:
    """Encode a frame without loss, in a way that its transfer syntax allows; None where no encoder does.

    Lossy JPEG 2000 and near-lossless JPEG-LS may hold frames without loss.
    """
    try:
        if syntax in _LOSSLESS_JPEG:
            return _lossless_jpeg(dataset, samples)
        if syntax in (HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL):
            import imagecodecs

            return bytes(imagecodecs.htj2k_encode(samples, reversible=True, rgb=samples.ndim == 3))
        if syntax in JPEG2000TransferSyntaxes:
            return _by_pydicom(dataset, JPEG2000Lossless, samples)
        if syntax in JPEGLSTransferSyntaxes:
            return _by_pydicom(dataset, JPEGLSLossless, samples)
        if syntax == RLELossless:
            return _by_pydicom(dataset, RLELossless, samples)
    except Exception:  # An encoder that refuses is an encoder that is not there.
        return None
    return None


def _lossless_jpeg(dataset: Dataset, samples: NDArray[Any]) -> bytes:
    import imagecodecs

    bits = int(dataset.BitsStored)
    unsigned = samples.view(f"u{samples.dtype.itemsize}")
    colours = "RGB" if samples.ndim == 3 else None
    return bytes(
        imagecodecs.jpeg8_encode(
            unsigned, lossless=True, predictor=1, bitspersample=bits, colorspace=colours, outcolorspace=colours
        )
    )


def _by_pydicom(dataset: Dataset, syntax: UID, samples: NDArray[np.generic]) -> bytes:
    from pydicom.pixels.encoders.base import get_encoder

    photometric = str(dataset.get("PhotometricInterpretation") or "MONOCHROME2")
    if photometric == "YBR_ICT":
        photometric = "YBR_RCT"
    channels = samples.shape[2] if samples.ndim == 3 else 1
    described = {
        "rows": samples.shape[0],
        "columns": samples.shape[1],
        "samples_per_pixel": channels,
        "number_of_frames": 1,
        "bits_allocated": 8 * samples.dtype.itemsize,
        "bits_stored": min(int(dataset.get("BitsStored") or 8), 8 * samples.dtype.itemsize),
        "pixel_representation": int(dataset.get("PixelRepresentation") or 0),
        "photometric_interpretation": photometric,
    }
    if channels > 1:
        described["planar_configuration"] = 0
    return get_encoder(syntax).encode(samples, **described)
