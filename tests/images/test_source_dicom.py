import warnings
import zlib
from pathlib import Path

import pytest

pytest.importorskip("pydicom")

import pydicom
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from sosie.errors import UnreadableError
from sosie.images.source import parse, trailing, write
from tests.images.made import dataset, deflated, written

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
READABLE = [
    "JPEG2000.dcm", "JPGExtended.dcm", "JPEGLSNearLossless_16.dcm", "MR_small_jp2klossless.dcm", "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm", "image_dfl.dcm", "SC_rgb_jpeg.dcm", "test-SR.dcm", "badVR.dcm", "UN_sequence.dcm",
    "SC_rgb_rle_16bit_2frame.dcm", "rtplan.dcm", "waveform_ecg.dcm", "ExplVR_LitEndNoMeta.dcm",
]  # fmt: skip


@pytest.mark.parametrize("name", READABLE)
def test_what_is_read_is_written_again(name: str) -> None:
    if not (SHIPPED / name).is_file():
        pytest.skip("not shipped")
    read = parse((SHIPPED / name).read_bytes())
    again = parse(write(read))
    assert list(again.keys()) == [tag for tag in read if (tag.tag.element or tag.tag.group < 8)] or len(again) == len(
        read
    )
    if "PixelData" in read:
        assert bytes(again.PixelData) == bytes(read.PixelData)


@pytest.mark.parametrize("cut", [0, 131, 140, 200, 400, -1600, -1])
def test_a_truncated_file_is_refused(cut: int) -> None:
    data = written(dataset())
    with pytest.raises(UnreadableError, match=r"truncated|damaged|empty|no DICOM|no data set") as caught:
        parse(data[:cut])
    assert "DURANDAL" not in str(caught.value)


@pytest.mark.parametrize("name", ["MR_truncated.dcm", "rtplan_truncated.dcm"])
def test_files_that_are_known_to_be_truncated_are_refused(name: str) -> None:
    with pytest.raises(UnreadableError, match="truncated"):
        parse((SHIPPED / name).read_bytes())


@pytest.mark.parametrize("extra", [b"\0\0\0\0", b"DURANDAL Gontran, 800123, Rennes", bytes(600), b"x" * 9])
def test_what_follows_the_data_set_is_put_aside_and_never_written(extra: bytes) -> None:
    data = written(dataset())
    read = parse(data + extra)
    assert trailing(read)
    assert len(read) == len(dataset())
    assert write(read).endswith(dataset().PixelData[-100:])


def test_the_preamble_is_known() -> None:
    assert parse(b"DURANDAL" + written(dataset())[8:]).preamble[:8] == b"DURANDAL"


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, None])
def test_a_file_without_meta_information_gets_some(syntax: str | None) -> None:
    made = dataset()
    if syntax is not None:
        made.file_meta.TransferSyntaxUID = syntax
    data = written(made)
    start = data.index(b"\x00\x08\x00\x05" if syntax == ExplicitVRBigEndian else b"\x08\x00\x05\x00")
    read = parse(data[start:])
    assert read.file_meta.TransferSyntaxUID == made.file_meta.TransferSyntaxUID
    assert read.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID
    assert parse(write(read)).PatientName == made.PatientName


def test_an_instance_without_its_uid_is_refused() -> None:
    made = dataset()
    data = written(made).replace(made.SOPInstanceUID.encode(), b" " * len(made.SOPInstanceUID))
    with pytest.raises(UnreadableError, match="no SOP instance UID"):
        parse(data)


def test_a_deflated_data_set_that_is_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.images.source.dicom.SUSPECT", 1 << 16)
    data = deflated(dataset())
    assert parse(data).PatientID == "IPP800123"
    start = len(data) - len(zlib.compress(b"")) - 1
    made = dataset()
    made.PixelData = bytes(8 << 20)
    with pytest.raises(UnreadableError, match="bomb"):
        parse(deflated(made))
    with pytest.raises(UnreadableError, match="truncated"):
        parse(data[: start - 40])


def test_nothing_is_said_of_values_that_are_wrong() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        parse((SHIPPED / "badVR.dcm").read_bytes())
    assert not heard
