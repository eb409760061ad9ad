import io
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from sosie.images.encoding import encoded
from tests.images.given_headers import cleaner, header, item, items, stored

SHIPPED = (
    *("CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "reportsi.dcm", "UN_sequence.dcm", "JPEG2000.dcm"),
    "image_dfl.dcm",
)
PRESENT = [name for name in SHIPPED if get_testdata_file(name, download=False)]


@pytest.mark.parametrize("name", PRESENT)
@pytest.mark.filterwarnings("ignore")
def test_a_file_is_written_as_pydicom_writes_it(name: str) -> None:
    dataset = dcmread(Path(str(get_testdata_file(name, download=False))))
    for cleaned in (False, True):
        if cleaned:
            cleaner().clean(dataset)
        at_length = io.BytesIO()
        dataset.save_as(at_length, enforce_file_format=True)
        quickly, slowly = (dcmread(io.BytesIO(data)) for data in (encoded(dataset), at_length.getvalue()))
        assert quickly == slowly
        assert quickly.file_meta == slowly.file_meta


def test_text_of_any_length_and_script_is_written() -> None:
    read = stored(header(ImageComments="x" * 70_001, PatientName="GOËLLEC^Maël", OtherPatientIDs=["A1", "B2"]))
    read.StudyDescription = "IRM été"
    read.ReferencedImageSequence = items(item(ReferencedSOPInstanceUID="1.2.3", PurposeOfReferenceCodeSequence=items()))
    again = dcmread(io.BytesIO(encoded(read)))
    assert again == read
    assert again.StudyDescription == "IRM été"
