from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import JPEGLosslessSV1

from benchmarks.burned import dataset
from sosie.errors import UnreadableError
from sosie.images.pixels import frames, store

FILES = Path(pydicom.__file__).parent / "data" / "test_files"
LOSSLESS = (
    "CT_small",
    "MR_small_RLE",
    "MR_small_bigendian",
    "MR_small_jp2klossless",
    "MR_small_jpeg_ls_lossless",
    "693_J2KI",
    "J2K_pixelrep_mismatch",
    "SC_rgb_rle_2frame",
    "SC_rgb_gdcm_KY",
    "SC_rgb_jls_lossy_sample",
    "SC_ybr_full_422_uncompressed",
    "examples_palette",
    "examples_rgb_color",
    "image_dfl",
    "rtdose_1frame",
    "liver_1frame",
)


def read(name: str) -> Dataset:
    return dcmread(FILES / f"{name}.dcm", force=True)


def box(image: Dataset) -> tuple[int, int, int, int]:
    return image.Columns // 4, image.Rows // 4, image.Columns // 2, image.Rows // 2


def inside(image: Dataset) -> np.ndarray:
    left, top, right, bottom = box(image)
    here = np.zeros((image.Rows, image.Columns), bool)
    # Where two pixels share their colour, the neighbour goes as well.
    here[top:bottom, left // 2 * 2 : -(-right // 2) * 2] = True
    return here


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_region_is_flat_and_all_else_is_as_it_was(name: str) -> None:
    image = read(name)
    before, syntax = frames.frame(image, 0).samples.copy(), frames.syntax(image)
    assert store.overwrite(image, {0: [box(image)]}) is None
    after, here = frames.frame(image, 0).samples, inside(image)
    left, top, right, bottom = box(image)
    assert np.array_equal(before[~here], after[~here])
    assert len(np.unique(after[top:bottom, left:right].reshape((bottom - top) * (right - left), -1), axis=0)) == 1
    assert frames.syntax(image) == syntax


def test_a_lossless_jpeg_stays_one() -> None:
    image, samples = lossless_jpeg()
    assert store.overwrite(image, {0: [box(image)]}) is None
    assert np.array_equal(frames.frame(image, 0).samples[~inside(image)], samples[~inside(image)])
    assert frames.syntax(image) == JPEGLosslessSV1


@pytest.mark.parametrize("name", ["SC_rgb_jpeg_dcmtk", "JPGExtended"])
def test_a_lossy_jpeg_loses_nothing_more(name: str) -> None:
    image = read(name)
    before = image.pixel_array.copy()
    store.overwrite(image, {0: [box(image)]})
    far = np.ones((image.Rows, image.Columns), bool)
    left, top, right, bottom = box(image)
    far[max(0, top - 16) : bottom + 16, max(0, left - 16) : right + 16] = False
    assert np.array_equal(before[far], image.pixel_array[far])


@pytest.mark.parametrize("name", ["SC_rgb_dcmtk_+eb+cy+s2", "examples_ybr_color"])
def test_colours_that_pixels_shared_are_each_their_own_once_decoded(name: str) -> None:
    image = read(name)
    before = frames.frame(image, 0).samples.copy()
    assert store.overwrite(image, {0: [box(image)]}) == store.UNCOMPRESSED
    after, here = frames.frame(image, 0).samples, inside(image)
    assert image.PhotometricInterpretation == "YBR_FULL"
    assert np.array_equal(before[~here], after[~here])


def test_frames_without_a_region_keep_their_bytes() -> None:
    image = read("SC_rgb_rle_2frame")
    second = get_frame(image.PixelData, 1, number_of_frames=2)
    store.overwrite(image, {0: [box(image)]})
    assert get_frame(image.PixelData, 1, number_of_frames=2) == second


def test_planes_of_colour_are_overwritten_alike() -> None:
    image = dataset(np.zeros((20, 30, 3)), "US", 8)
    image.PlanarConfiguration = 1
    planes = np.arange(3 * 20 * 30, dtype=np.uint8).reshape(3, 20, 30)
    image.PixelData = planes.tobytes()
    store.overwrite(image, {0: [(5, 5, 10, 10)]})
    after = frames.frame(image, 0).samples
    assert len(np.unique(after[5:10, 5:10].reshape(-1, 3), axis=0)) == 1
    assert np.array_equal(after[12:], np.moveaxis(planes, 0, -1)[12:])


def test_bits_that_hold_no_value_are_cleared() -> None:
    image = dataset(np.full((8, 8), 0.5), "MR", 12)
    hidden = np.frombuffer(image.PixelData, "<u2") | 0x8000
    image.PixelData = hidden.tobytes()
    assert store.unused_bits(image) == 0x8000
    store.clear_unused(image)
    assert not store.unused_bits(image)
    assert np.array_equal(np.frombuffer(image.PixelData, "<u2"), hidden & 0x0FFF)


def test_fewer_pixels_than_the_header_says_are_refused() -> None:
    image = dataset(np.zeros((8, 8)), "MR", 12)
    image.Rows = 80
    with pytest.raises(UnreadableError):
        store.overwrite(image, {0: [(0, 0, 4, 4)]})


def lossless_jpeg() -> tuple[Dataset, np.ndarray]:
    import imagecodecs

    image = dataset(np.random.default_rng(1).random((32, 48)), "CR", 12)
    samples = np.frombuffer(image.PixelData, "<u2").reshape(32, 48)
    coded = imagecodecs.jpeg8_encode(samples, lossless=True, predictor=1, bitspersample=12)
    image.PixelData = encapsulate([coded])
    image["PixelData"].VR = "OB"
    image["PixelData"].is_undefined_length = True
    image.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    return image, samples
