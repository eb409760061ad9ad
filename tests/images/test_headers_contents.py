import io

import numpy as np
import pypdf
import pytest
from pydicom import Dataset
from pydicom.uid import ComprehensiveSRStorage, EncapsulatedPDFStorage

from sosie.notes.source import pdf
from tests.images.given_headers import cleaned, cleaner, header, item, items, stored, written


def code(meaning: str, value: str, scheme: str = "DCM") -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def content(kind: str, concept: Dataset, **values: object) -> Dataset:
    return item(ValueType=kind, ConceptNameCodeSequence=items(concept), **values)


def report() -> Dataset:
    finding = code("Finding", "121071")
    inner = content("TEXT", code("Comment", "121106"), TextValue="Relu avec Mme KERVADEC le 20/03/2023.")
    return header(
        SOPClassUID=ComprehensiveSRStorage,
        Modality="SR",
        ValueType="CONTAINER",
        ContentSequence=items(
            content("TEXT", finding, TextValue="Nodule de 8 mm stable chez Armelle KERVADEC, née le 23/06/1951."),
            content("PNAME", code("Person Observer Name", "121008"), PersonName="QUEMENER^Ronan"),
            content("DATE", code("Study Date", "111060"), Date="20230314"),
            content("UIDREF", code("Series Instance UID", "112002"), UID="1.2.250.1.59.1.20230314.2"),
            content("TEXT", code("Accession Number", "121022"), TextValue="AC77120934"),
            content("CONTAINER", code("Findings", "121070"), ContentSequence=items(inner)),
            content("NUM", code("Diameter", "81827009", "SCT"), MeasuredValueSequence=items(item(NumericValue="8"))),
        ),
    )


def test_a_structured_report_keeps_its_findings_and_loses_its_people() -> None:
    raw = written(cleaned(report()))
    for secret in (b"KERVADEC", b"Armelle", b"QUEMENER", b"20230314", b"23/06/1951", b"AC77120934", b"20/03/2023"):
        assert secret not in raw
    assert b"Nodule de 8 mm stable chez " in raw
    assert b"Relu avec Mme " in raw


def test_a_report_keeps_its_tree() -> None:
    done = cleaned(report())
    kinds = [each.ValueType for each in done.ContentSequence]
    assert kinds[:1] == ["TEXT"]
    assert "CONTAINER" in kinds
    assert done.ContentSequence[-1].MeasuredValueSequence[0].NumericValue == 8


def test_a_report_loses_its_texts_without_the_options() -> None:
    done = cleaned(report(), clean_structured_content=False, clean_descriptors=False)
    assert done.ContentSequence[0].TextValue == "REMOVED"


def test_an_encapsulated_pdf_is_written_anew() -> None:
    data = pdf.written("Compte rendu de Mme KERVADEC Armelle\nIPP 8830127645\nNodule de 8 mm stable")
    dataset = header(SOPClassUID=EncapsulatedPDFStorage, MIMETypeOfEncapsulatedDocument="application/pdf")
    dataset.EncapsulatedDocument, dataset.EncapsulatedDocumentLength = data + b"\0" * (len(data) % 2), len(data)
    done = cleaned(dataset)
    new = done.EncapsulatedDocument[: done.EncapsulatedDocumentLength]
    text = pypdf.PdfReader(io.BytesIO(new)).pages[0].extract_text()
    assert "Nodule de 8 mm stable" in text
    assert not [secret for secret in ("KERVADEC", "Armelle", "8830127645") if secret in text]


def test_an_encapsulated_cda_is_cleaned() -> None:
    data = (
        b'<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id extension="8830127645"/><patient>'
        b"<name><given>Armelle</given><family>KERVADEC</family></name></patient></patientRole></recordTarget><component>"
        b"<structuredBody><component><section><text>Mme KERVADEC va bien.</text></section></component></structuredBody>"
        b"</component></ClinicalDocument>"
    )
    dataset = header(MIMETypeOfEncapsulatedDocument="text/XML")
    dataset.EncapsulatedDocument = data + b" " * (len(data) % 2)
    new = cleaned(dataset).EncapsulatedDocument
    assert b"va bien" in new
    assert not [secret for secret in (b"KERVADEC", b"Armelle", b"8830127645") if secret in new]


@pytest.mark.parametrize("data", [b"%PDF-1.4 KERVADEC broken", b"KERVADEC\xff\xfe\x00\x01", b"PK\x03\x04KERVADEC"])
def test_a_document_that_cannot_be_read_is_replaced(data: bytes) -> None:
    dataset = header(MIMETypeOfEncapsulatedDocument="model/stl")
    dataset.EncapsulatedDocument = data
    assert b"KERVADEC" not in cleaned(dataset).EncapsulatedDocument


def overlaid() -> Dataset:
    dataset = header(Rows=8, Columns=8)
    dataset.add_new(0x60000010, "US", 8)
    dataset.add_new(0x60000011, "US", 8)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    dataset.add_new(0x60000022, "LO", "Overlay KERVADEC")
    dataset.add_new(0x60003000, "OW", bytes(8))
    dataset.add_new(0x60100022, "LO", "KERVADEC")
    dataset.add_new(0x50003000, "OW", b"KERVADEC")
    dataset.add_new(0x50002500, "LO", "KERVADEC")
    return dataset


def test_overlays_and_curves_go_where_nobody_reads_them() -> None:
    assert not [each for each in cleaned(overlaid()) if each.tag.group >> 8 in (0x50, 0x60)]


def test_a_plane_without_text_stays_with_its_description_cleaned() -> None:
    read = stored(overlaid())
    reader = cleaner()
    reader.reads = lambda plane: bool(plane.any())
    reader.clean(read)
    assert read[0x60003000].value == bytes(8)
    assert read[0x60000022].value.startswith("Overlay ")
    assert "KERVADEC" not in read[0x60000022].value
    assert not [each for each in read if each.tag.group >> 8 == 0x50]


def test_an_overlay_in_spare_bits_of_the_pixels_is_cleared() -> None:
    dataset = header(Rows=2, Columns=2, BitsAllocated=16, BitsStored=12, HighBit=11, PixelRepresentation=0)
    dataset.PixelData = np.array([0x8001, 0x0FFF, 0x1000, 7], "<u2").tobytes()
    dataset.add_new(0x60000102, "US", 12)
    done = cleaned(dataset)
    assert np.frombuffer(done.PixelData, "<u2").tolist() == [1, 0x0FFF, 0, 7]


def test_graphic_annotations_keep_their_shapes_and_lose_their_names() -> None:
    text = item(UnformattedTextValue="KERVADEC 12 mm", BoundingBoxTopLeftHandCorner=[1.0, 2.0])
    done = cleaned(header(GraphicAnnotationSequence=items(item(TextObjectSequence=items(text)))))
    kept = done.GraphicAnnotationSequence[0].TextObjectSequence[0]
    assert "KERVADEC" not in kept.UnformattedTextValue
    assert "12 mm" in kept.UnformattedTextValue
    assert list(kept.BoundingBoxTopLeftHandCorner) == [1.0, 2.0]
