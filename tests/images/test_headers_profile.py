from datetime import date
from pathlib import Path

import pytest
from pydicom.uid import EnhancedCTImageStorage, MRImageStorage

from sosie.errors import ManifestError
from sosie.images.redact import Cleaner, Profile
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact, Knowledge
from tests.images.given_headers import KEY, cleaned, cleaner, header, item, items, stored


def day(text: object) -> date:
    return date.fromisoformat(str(text)[:8])


def test_dates_move_by_the_shift_of_the_patient_and_times_stay() -> None:
    done = cleaned(header(AcquisitionDateTime="20230314101112.5+0100", InstanceCreationDate="20230401"))
    shift = Pseudonyms(KEY).date_shift("8830127645")
    assert day(done.StudyDate) == date(2023, 3, 14) + shift
    assert day(done.InstanceCreationDate) == date(2023, 4, 1) + shift
    assert str(done.AcquisitionDateTime) == f"{date(2023, 3, 14) + shift:%Y%m%d}101112.5+0100"
    assert (str(done.StudyTime), day(done.PatientBirthDate)) == ("101112.5", date(1951, 6, 23) + shift)


def test_dates_in_texts_move_alike() -> None:
    done = cleaned(header(StudyDescription="IRM du 14/03/2023", ImageComments="Scanner 20230314, suite"))
    shifted = date(2023, 3, 14) + Pseudonyms(KEY).date_shift("8830127645")
    assert done.StudyDescription == f"IRM du {shifted:%d/%m/%Y}"
    assert done.ImageComments == f"Scanner {shifted:%Y%m%d}, suite"


@pytest.mark.parametrize("text", ["14/03/2023", "2023.03.14", "garbage", "20231345"])
def test_a_date_that_is_none_does_not_stay(text: str) -> None:
    dataset = header()
    dataset.add_new(0x00080020, "LO", text)
    left = str(cleaned(dataset).StudyDate or "")
    assert left != text
    assert "2023" not in left or text == "2023.03.14"


def test_full_dates_stay_under_their_option() -> None:
    done = cleaned(header(), retain_longitudinal_temporal_information="full_dates")
    assert (done.StudyDate, done.LongitudinalTemporalInformationModified) == ("20230314", "UNMODIFIED")


def test_no_date_stays_without_an_option() -> None:
    done = cleaned(
        header(SeriesDate="20230314", ContentDate="20230314"), retain_longitudinal_temporal_information="none"
    )
    assert done.StudyDate == ""
    assert done.PatientBirthDate == ""
    assert "SeriesDate" not in done
    assert done.LongitudinalTemporalInformationModified == "REMOVED"


def test_nobody_is_above_ninety() -> None:
    done = cleaned(header(PatientBirthDate="19290101", PatientAge="094Y"))
    assert (done.PatientAge, done.PatientBirthDate) == ("090Y", "")


def test_uids_are_the_same_in_every_batch_and_classes_stay() -> None:
    changes = {
        "ReferencedImageSequence": items(
            item(
                ReferencedSOPClassUID=MRImageStorage,
                ReferencedSOPInstanceUID="1.2.250.1.59.1.20230314.4471",
            )
        ),
        "FrameOfReferenceUID": "1.2.840.10008.1.4.1.1",
    }
    first, second = cleaned(header(**changes)), cleaned(header(**changes))
    assert first.SOPInstanceUID == second.SOPInstanceUID
    assert first.SOPInstanceUID.startswith("2.25.")
    assert first.ReferencedImageSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert first.ReferencedImageSequence[0].ReferencedSOPClassUID == MRImageStorage
    assert first.FrameOfReferenceUID == "1.2.840.10008.1.4.1.1"


def test_uids_stay_under_their_option() -> None:
    assert cleaned(header(), retain_uids=True).SOPInstanceUID == "1.2.250.1.59.1.20230314.4471"


def test_what_must_be_there_stays() -> None:
    dataset = header(SOPClassUID=EnhancedCTImageStorage, DeviceSerialNumber="44712", ContentDate="20230314")
    done = cleaned(dataset, retain_longitudinal_temporal_information="none")
    assert done.DeviceSerialNumber not in ("", "44712")
    assert done.ContentDate == "19000101"
    assert done["ReferringPhysicianName"].is_empty
    assert done["AccessionNumber"].value


def test_the_instance_says_how_it_was_cleaned() -> None:
    done = cleaned(header(BurnedInAnnotation="YES"))
    codes = [each.CodeValue for each in done.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101", "113102", "113103", "113104", "113105", "113107", "113108", "113111"]
    assert (done.PatientIdentityRemoved, done.LongitudinalTemporalInformationModified) == ("YES", "MODIFIED")
    read = stored(header())
    cleaner().clean(read, pixels=False, faces=False)
    assert "113101" not in [each.CodeValue for each in read.DeidentificationMethodCodeSequence]


def test_devices_and_institutions_stay_under_their_options() -> None:
    dataset = header(StationName="CTROOM2", DeviceSerialNumber="44712", StudyDescription="Thorax, Belharra")
    assert "StationName" not in cleaned(dataset)
    assert "InstitutionName" not in cleaned(dataset)
    done = cleaned(dataset, retain_device_identity=True, retain_institution_identity=True)
    assert (done.StationName, done.InstitutionName) == ("CTROOM2", "Clinique Belharra")
    assert "Belharra" in done.StudyDescription


def test_descriptors_go_without_the_option_that_cleans_them() -> None:
    assert "StudyDescription" not in cleaned(header(StudyDescription="Thorax"), clean_descriptors=False)


def test_the_tables_name_the_same_patient() -> None:
    facts = [Fact("NAME", "Kervadec", "Larcher"), Fact("IPP", "8830127645", "104833201554870")]
    knowledge = Knowledge({"8830127645": facts})
    read = stored(header(StudyDescription="IRM KERVADEC"))
    Cleaner(Profile(), Pseudonyms(KEY), knowledge, "fr").clean(read)
    assert str(read.PatientName).startswith("LARCHER^")
    assert read.PatientID == "104833201554870"
    assert read.StudyDescription == "IRM LARCHER"


def test_a_patient_without_number_is_known_by_name() -> None:
    first, second = (cleaned(header(PatientID="", StudyDate=day)) for day in ("20230314", "20230320"))
    assert first.PatientName == second.PatientName
    assert day(second.StudyDate) - day(first.StudyDate) == date(2023, 3, 20) - date(2023, 3, 14)


def test_a_profile_is_read_beside_that_of_the_notes(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text("version: 1\nlabels: {DATE: keep}\nimages: {retain_uids: true}\n", encoding="utf-8")
    assert Profile.load(path).retain_uids
    assert Profile.load(None) == Profile()


def test_an_unknown_option_is_told(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text("images: {clean_everything: true}\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"images\.clean_everything"):
        Profile.load(path)
