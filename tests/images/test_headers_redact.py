import base64
from datetime import date

import pytest
from pydicom import Dataset

from tests.images.given_headers import cleaned, cleaner, header, item, items, stored, written

SECRETS = (b"KERVADEC", b"Kervadec", b"Armelle", b"8830127645", b"QUEMENER", b"Belharra", b"19510623", b"20230314")


def days(dataset: Dataset, keyword: str) -> date:
    written_ = str(dataset[keyword].value)
    return date(int(written_[:4]), int(written_[4:6]), int(written_[6:8]))


def test_nothing_of_a_plain_header_remains() -> None:
    raw = written(cleaned(header(OtherPatientIDs="8830127645", PatientAddress="4 rue Kervadec")))
    assert not [secret for secret in SECRETS if secret in raw]


def test_what_describes_the_image_stays() -> None:
    done = cleaned(header(KVP="120", ConvolutionKernel="B31f", SliceThickness="1.25", ImageType=["ORIGINAL", "AXIAL"]))
    assert (done.Manufacturer, done.KVP, done.ConvolutionKernel, done.SliceThickness) == ("SIEMENS", 120, "B31f", 1.25)
    assert list(done.ImageType) == ["ORIGINAL", "AXIAL"]
    assert done.PatientSex == "F"


def test_a_descriptor_loses_names_and_dates_and_keeps_the_rest() -> None:
    done = cleaned(
        header(
            StudyDescription="Scanner thoracique KERVADEC",
            SeriesDescription="AX T2 FLAIR",
            ProtocolName="ep2d_diff_3scan_trace",
            AdditionalPatientHistory="Toux. Adressée par Dr QUEMENER le 02/03/2023, tel 06 12 34 56 78.",
            PatientComments="Voisine de Mme TREGUER",
        )
    )
    assert done.StudyDescription.startswith("Scanner thoracique ")
    assert "kervadec" not in done.StudyDescription.lower()
    assert (done.SeriesDescription, done.ProtocolName) == ("AX T2 FLAIR", "ep2d_diff_3scan_trace")
    history = done.AdditionalPatientHistory
    assert history.startswith("Toux. Adressée par Dr ")
    assert not any(secret in history for secret in ("QUEMENER", "02/03/2023", "06 12 34 56 78"))
    assert "TREGUER" not in done.PatientComments


@pytest.mark.parametrize(
    "text",
    [
        "FACE", "FOIE", "SERIE 1", "sag_int_35sl", "T1_MPRAGE_SAG_p2_iso", "DWI b1000 ADC", "CEREBRAL^ROUTINE",
        "TOF Circle of Willis", "Epaule gauche profil", "Genou Schuss G", "Head Neuro Brain W/O", "ASIR 30% Standard",
        "Cone Beam", "LOC 3 PLANS", "Rachis Lombaire F/P", "Thorax/Abdo/Pelvis IV+", "Lung 1.0 B70f", "MLO D",
    ],
)  # fmt: skip
def test_words_of_technique_and_anatomy_are_no_names(text: str) -> None:
    assert cleaned(header(SeriesDescription=text)).SeriesDescription == text


def test_a_name_is_the_same_double_everywhere() -> None:
    done = cleaned(header(StudyDescription="IRM KERVADEC", ImageComments="Mme Kervadec revue."))
    family = str(done.PatientName).split("^")[0]
    assert family in done.StudyDescription
    assert family.casefold() in done.ImageComments.casefold()


def test_nested_sequences_are_cleaned_at_any_depth() -> None:
    deep = item(TextValue="vu avec KERVADEC", PersonName="QUEMENER^Ronan")
    dataset = header(
        ReferencedImageSequence=items(
            item(ReferencedSOPInstanceUID="1.2.250.1.59.9", PurposeOfReferenceCodeSequence=items(
                item(CodeMeaning="for Kervadec", ContentSequence=items(item(ContentSequence=items(deep))))))
        ),
        OriginalAttributesSequence=items(item(ModifiedAttributesSequence=items(item(PatientName="KERVADEC^Armelle")))),
    )  # fmt: skip
    raw = written(cleaned(dataset))
    assert not [secret for secret in SECRETS if secret in raw]


def test_safe_private_attributes_stay_and_the_others_go() -> None:
    dataset = header()
    siemens = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    siemens.add_new(0x0C, "IS", "1000")
    siemens.add_new(0x17, "LO", "KERVADEC Armelle")
    other = dataset.private_block(0x0029, "VENDOR", create=True)
    other.add_new(0x01, "UN", b"KERVADEC|8830127645 ")
    done = cleaned(dataset)
    assert done.private_block(0x0019, "SIEMENS MR HEADER")[0x0C].value == 1000
    assert [tag for tag in done if tag.tag.is_private] == [done[0x00190010], done[0x0019100C]]


def test_a_number_that_a_vendor_s_dictionary_calls_physical_stays_unless_it_is_none() -> None:
    dataset = header()
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x28, "FD", 55.8)
    done = cleaned(dataset)
    assert done.private_block(0x0019, "SIEMENS MR HEADER")[0x28].value == 55.8
    for told in ("KERVADEC", "20230314", "8830127645"):
        dataset = header()
        dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x28, "LO", told)
        assert not [element for element in cleaned(dataset) if element.tag.is_private]


def test_a_safe_private_attribute_that_holds_a_name_goes() -> None:
    dataset = header()
    dataset.private_block(0x01E1, "ELSCINT1", create=True).add_new(0x26, "CS", "KERVADEC")
    assert not [element for element in cleaned(dataset) if element.tag.is_private]


def test_no_private_attribute_stays_without_the_option() -> None:
    dataset = header()
    dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")
    assert not [element for element in cleaned(dataset, retain_safe_private=False) if element.tag.is_private]


def test_private_blocks_inside_sequences_are_treated_by_their_own_creators() -> None:
    inner = item(CodeMeaning="x")
    inner.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "700")
    inner.private_block(0x0019, "VENDOR", create=True).add_new(0x0C, "LO", "KERVADEC")
    done = cleaned(header(AnatomicRegionSequence=items(inner))).AnatomicRegionSequence[0]
    assert done[0x0019100C].value == 700
    assert (0x0019, 0x0011) not in done
    assert (0x0019, 0x110C) not in done


def test_identifiers_hidden_in_odd_places_go() -> None:
    dataset = header(
        ImageComments="{'p': '" + base64.b64encode(b"patient=KERVADEC;id=8830127645").decode() + "'}",
        DerivationDescription="from /data/8830127645/KERVADEC_Armelle/s3.ima",
        AcquisitionComments="Kervadec".encode("utf-16-le").hex(),
        SoftwareVersions="syngo KERVADEC",
        RetrieveURL="https://pacs.local/wado?patient=KERVADEC%5EArmelle",
        ContrastBolusAgent="Iomeron 8830127645",
    )
    dataset.add_new(0x00282000, "OB", b"ICC8830127645" + bytes(5))
    raw = written(cleaned(dataset))
    assert not [secret for secret in SECRETS if secret in raw]
    assert base64.b64encode(b"patient=KERVADEC")[:16] not in raw
    assert "Kervadec".encode("utf-16-le").hex().encode() not in raw


def test_a_uid_written_in_a_text_becomes_the_uid_that_replaces_it() -> None:
    dataset = header(ImageComments="see 1.2.250.1.59.1.20230314.4471 (1.2.840.10008.5.1.4.1.1.2)")
    done = cleaned(dataset)
    assert done.ImageComments == f"see {done.SOPInstanceUID} (1.2.840.10008.5.1.4.1.1.2)"


def test_a_coded_value_keeps_words_of_imaging_that_are_names() -> None:
    done = cleaned(header(PatientName="HEAD^Rose", BodyPartExamined="HEAD", ImageType=["ORIGINAL", "PRIMARY"]))
    assert done.BodyPartExamined == "HEAD"


@pytest.mark.parametrize("representation", ["UN", "LO", "OB", "ST"])
def test_a_wrong_representation_hides_no_name(representation: str) -> None:
    dataset = header(PatientName=None)
    name = b"KERVADEC^Armelle" if representation in ("UN", "OB") else "KERVADEC^Armelle"
    dataset.add_new(0x00100010, representation, name)
    raw = written(cleaned(dataset))
    assert b"KERVADEC" not in raw.upper()


def test_what_no_dictionary_knows_is_cleaned_of_identifiers() -> None:
    dataset = header()
    dataset.add_new(0x00189FF0, "UN", b"KERVADEC 8830127645 ")
    dataset.add_new(0x00189FF2, "LO", "KERVADEC")
    raw = written(cleaned(dataset))
    assert b"KERVADEC" not in raw
    assert b"8830127645" not in raw


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("ISO_IR 100", "GOËLLEC^Maël"),
        ("GB18030", "王^小东"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("ISO_IR 144", "Люкceмбypг^Ивaн"),
    ],
)
def test_names_in_other_character_sets_are_replaced(declared: str | list[str], name: str) -> None:
    dataset = header(SpecificCharacterSet=declared, PatientName=name, PatientComments=f"suivi {name}")
    done = cleaned(dataset)
    left = f"{done.PatientName} {done.PatientComments}".casefold()
    assert not [part for group in name.split("=") for part in group.split("^") if part.casefold() in left]
    assert str(done.PatientName)


def test_file_meta_information_and_preamble_are_emptied() -> None:
    read = stored(header(), preamble=b"KERVADEC 8830127645".ljust(128, b"\0"))
    read.file_meta.SourceApplicationEntityTitle = "PACSBELHARRA"
    read.add_new(0xFFFCFFFC, "OB", b"KERVADEC")
    cleaner().clean(read)
    assert read.preamble == bytes(128)
    assert "SourceApplicationEntityTitle" not in read.file_meta
    assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
    assert 0xFFFCFFFC not in read


def test_findings_name_tags_and_actions_and_no_value() -> None:
    read = stored(header(RequestAttributesSequence=items(item(RequestedProcedureDescription="IRM KERVADEC"))))
    findings = cleaner().clean(read)
    told = {(each.tag, each.label, each.action) for each in findings}
    assert ("(0010,0010)", "LAST_NAME", "replaced") in told
    assert ("(0008,0020)", "DATE", "shifted") in told
    assert ("(0040,0275)[0]/(0032,1060)", "DESCRIPTOR", "cleaned") in told
    assert not [each for each in findings if "KERVADEC" in str(each)]
