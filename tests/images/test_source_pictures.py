import gzip
import io
from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("pydicom")
pytest.importorskip("PIL")

from PIL import Image, PngImagePlugin
from tifffile import TiffFile, imwrite

from sosie.errors import UnreadableError
from sosie.images.finding import BoxFinding
from sosie.images.source import nifti, picture
from tests.images.made import chunk, packed
from tests.images.made import nifti as volume

SECRET = b"DURANDAL"
BOX = BoxFinding(0, (8, 0, 24, 16), "LAST_NAME", "masked")
RNG = np.random.default_rng(1)
COLOUR = np.asarray(RNG.integers(60, 200, (32, 48, 3)), np.uint8)


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "DURANDAL")
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "DURANDAL"
    Image.fromarray(COLOUR).save(buffer, "PNG", pnginfo=text, exif=exif)
    return buffer.getvalue()[:-12] + chunk(b"prVt", SECRET) + buffer.getvalue()[-12:] + SECRET


def jpeg(mode: str = "RGB") -> bytes:
    exif = Image.Exif()
    exif[0x013B], exif[274] = "DURANDAL", 6
    buffer = io.BytesIO()
    smooth = Image.fromarray(COLOUR[:3, :4]).resize((96, 64), Image.Resampling.BICUBIC).convert(mode)
    smooth.save(buffer, "JPEG", quality=90, exif=exif, comment=SECRET, xmp=SECRET)
    return buffer.getvalue() + SECRET


def tiff() -> bytes:
    buffer = io.BytesIO()
    pages = np.asarray(RNG.integers(0, 60_000, (2, 32, 48)), np.uint16)
    imwrite(buffer, pages, photometric="minisblack", description="DURANDAL", software="DURANDAL", compression="zlib")
    return buffer.getvalue()


def pixels(data: bytes) -> list[np.ndarray]:
    return list(picture.read(data).frames)


@pytest.mark.parametrize("made", [png, jpeg, tiff])
def test_what_surrounds_a_picture_goes_and_its_pixels_stay(made: Callable[[], bytes]) -> None:
    data = made()
    new, found, notice = picture.write(data, picture.read(data), [])
    assert SECRET in data
    assert SECRET not in new
    assert found
    assert notice is None
    assert all(np.array_equal(one, two) for one, two in zip(pixels(data), pixels(new), strict=True))


@pytest.mark.parametrize("made", [png, tiff])
def test_a_box_is_masked_without_loss(made: Callable[[], bytes]) -> None:
    data = made()
    new, _, notice = picture.write(data, picture.read(data), [BOX])
    before, after = pixels(data)[0], pixels(new)[0]
    assert not after[:16, 8:24].any()
    assert np.array_equal(before[16:], after[16:])
    assert notice is None


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_box_is_masked_in_a_jpeg_and_the_loss_is_told(mode: str) -> None:
    data = jpeg(mode)
    new, _, notice = picture.write(data, picture.read(data), [BOX])
    before, after = pixels(data)[0].astype(int), pixels(new)[0].astype(int)
    assert after[2:14, 10:22].max() < 16
    assert np.abs(before[32:] - after[32:]).mean() < 4
    assert "with loss" in str(notice)
    assert SECRET not in new


def test_a_photograph_stays_the_right_way_up() -> None:
    data = jpeg()
    new, _, _ = picture.write(data, picture.read(data), [])
    assert dict(Image.open(io.BytesIO(new)).getexif()) == {274: 6}


def test_a_transparent_picture_is_masked_opaque() -> None:
    made = np.dstack([COLOUR, np.full((32, 48), 9, np.uint8)])
    assert picture.masked(made, [BOX])[0, 8].tolist() == [0, 0, 0, 255]


@pytest.mark.parametrize("made", [png, jpeg, tiff])
def test_a_truncated_picture_is_refused(made: Callable[[], bytes]) -> None:
    data = made()
    with pytest.raises(UnreadableError, match="truncated"):
        picture.write(data[: len(data) // 2], picture.read(data[: len(data) // 2]), [])


def test_a_picture_that_would_not_fit_in_memory_is_refused() -> None:
    data = bytearray(png())
    data[16:24] = (1 << 18).to_bytes(4) * 2
    with pytest.raises(UnreadableError, match="GiB"):
        picture.read(bytes(data))


def test_the_pages_of_a_tiff_keep_nothing_but_what_draws_them() -> None:
    data = tiff()
    new, found, _ = picture.write(data, picture.read(data), [])
    assert {"ImageDescription", "Software"} <= {tag.tag for tag in found}
    assert "ImageDescription" not in {tag.name for tag in TiffFile(io.BytesIO(new)).pages[0].tags}


@pytest.mark.parametrize("wrap", [bytes, packed])
def test_the_texts_of_a_volume_go_and_its_voxels_stay(wrap: Callable[[bytes], bytes]) -> None:
    data = volume(extension=SECRET * 4) + SECRET
    new, found = nifti.clean(wrap(data))
    plain = gzip.decompress(new) if wrap is packed else new
    assert SECRET not in plain
    assert SECRET not in new
    assert plain[352:] == bytes(range(24))
    assert {each.tag for each in found} == {"descrip", "extensions", "trailing bytes"}
    assert plain[:40] == data[:40]


def test_a_volume_is_read_by_others(tmp_path: object) -> None:
    nibabel = pytest.importorskip("nibabel")
    new, _ = nifti.clean(volume(extension=SECRET))
    image = nibabel.Nifti1Image.from_bytes(new)
    assert np.asarray(image.dataobj).ravel(order="F").tolist() == list(range(24))
    assert not image.header.extensions


@pytest.mark.parametrize("cut", [10, 350, 360])
def test_a_truncated_volume_is_refused(cut: int) -> None:
    with pytest.raises(UnreadableError, match=r"truncated|no NIfTI"):
        nifti.clean(volume()[:cut])


def test_a_volume_that_makes_no_sense_is_refused() -> None:
    data = bytearray(volume())
    data[40:42] = (9).to_bytes(2, "little")
    with pytest.raises(UnreadableError, match="no sense"):
        nifti.clean(bytes(data))
