import base64
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from copied import copied, replacing
from pypdf import PdfReader

from sosie.notes.source import pdf

CDA = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="cda.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <!-- export of REY -->
  <id root="1.2.250.1.213.1.1.1.1" extension="DOC17"/>
  <code code="34112-3" displayName="CR hospitalier"/>
  <title>Compte rendu de Jean REY</title>
  <effectiveTime value="20240312143000+0100"/>
  <recordTarget><patientRole>
    <id root="1.2.250.1.213.1.4.8" extension="150039912345678"/>
    <addr><streetAddressLine>3 rue Haute</streetAddressLine><postalCode>69003</postalCode><city>Lyon</city></addr>
    <telecom value="tel:0199001234" use="H"/><telecom value="mailto:j.rey@example.org"/>
    <patient><name><given>Jean</given><family>REY</family></name><birthTime value="19500503"/></patient>
  </patientRole></recordTarget>
  <author><time value="20240312"/><assignedAuthor>
    <id root="1.2.250.1.71.4.2.1" extension="810001234567"/>
    <assignedPerson><name>Dr Zoé Chabert</name></assignedPerson>
    <representedOrganization><name>CH de Bellecour</name></representedOrganization>
  </assignedAuthor></author>
  <component><structuredBody><component><section>
    <title>Histoire</title>
    <text><paragraph>M. <content styleCode="Bold">RE</content>Y, vu à Lyon.</paragraph>
      <table><tr><td>Poids</td><td>72 kg</td></tr></table><list><item>repos</item></list></text>
    <entry><observation><effectiveTime value="20240310"/><value xsi:type="PQ" value="72" unit="kg"/>
      <participant><participantRole>
        <playingEntity><name>Mme Ida REY</name></playingEntity></participantRole></participant>
    </observation></entry>
  </section></component></structuredBody></component>
</ClinicalDocument>
"""


def test_a_cda_document_is_its_narrative_and_its_header(tmp_path: Path) -> None:
    (tmp_path / "cr.xml").write_text(CDA)
    got = copied(tmp_path / "cr.xml", tmp_path / "out")
    assert list(got.documents) == ["cr.xml", "cr.xml#header"]
    note = got.documents["cr.xml"]
    assert note.text == "Histoire\nM. REY, vu à Lyon.\nPoids\t72 kg\t\nrepos\n"
    assert (note.patient, note.written, note.kind) == ("150039912345678", date(2024, 3, 12), "CR hospitalier")


def test_a_cda_header_tells_what_its_elements_are(tmp_path: Path) -> None:
    (tmp_path / "cr.xml").write_text(CDA)
    header = copied(tmp_path / "cr.xml", tmp_path / "out").documents["cr.xml#header"]
    told = {header.text[span.start : span.end]: span.label.name for span in header.known}
    assert told == {
        "DOC17": "IDENTIFIER", "2024-03-12": "DATE", "150039912345678": "NATIONAL_ID", "3 rue Haute": "ADDRESS",
        "69003": "POSTCODE", "Lyon": "CITY", "0199001234": "PHONE", "j.rey@example.org": "EMAIL", "Jean": "FIRST_NAME",
        "REY": "LAST_NAME", "1950-05-03": "BIRTH_DATE", "810001234567": "PRACTITIONER_NUMBER", "Zoé": "FIRST_NAME",
        "Chabert": "LAST_NAME", "CH de Bellecour": "HOSPITAL", "2024-03-10": "DATE",
    }  # fmt: skip
    assert "playingEntity name: Mme Ida REY\n" in header.text


def test_what_is_replaced_leaves_no_trace_in_cda(tmp_path: Path) -> None:
    (tmp_path / "cr.xml").write_text(CDA)
    change = replacing(("REY", "BONNET"), ("2024-03-12", "2023-11-02"), ("j.rey", "x"), ("0199001234", "0639980000"))
    copied(tmp_path / "cr.xml", tmp_path / "out", change)
    written = (tmp_path / "out" / "cr.xml").read_text()
    assert "rey" not in written.lower()
    assert "20240312" not in written
    assert '<effectiveTime value="20231102143000+0100"/>' in written
    assert '<paragraph>M. <content styleCode="Bold">BONNET</content>, vu à Lyon.</paragraph>' in written
    assert 'value="tel:0639980000"' in written
    assert '<?xml-stylesheet type="text/xsl" href="cda.xsl"?>' in written


def test_an_untouched_cda_comes_back_byte_for_byte(tmp_path: Path) -> None:
    data = CDA.replace("  <!-- export of REY -->\n", "").encode()
    (tmp_path / "cr.xml").write_bytes(data)
    copied(tmp_path / "cr.xml", tmp_path / "out")
    assert (tmp_path / "out" / "cr.xml").read_bytes() == data


def test_a_body_in_base64_is_read_as_what_it_holds(tmp_path: Path) -> None:
    body = base64.b64encode(pdf.written("M. REY va bien.")).decode()
    text = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{body}</text></nonXMLBody>'
    start, end = CDA.index("<structuredBody>"), CDA.index("</structuredBody>") + len("</structuredBody>")
    (tmp_path / "cr.xml").write_text(CDA[:start] + text + CDA[end:])
    got = copied(tmp_path / "cr.xml", tmp_path / "out", replacing(("REY", "BONNET")))
    assert got.text("cr.xml").strip() == "M. REY va bien."
    written = (tmp_path / "out" / "cr.xml").read_text()
    data = written.partition('representation="B64">')[2].partition("<")[0]
    page = PdfReader(io.BytesIO(base64.b64decode(data))).pages[0]
    assert page.extract_text().split() == ["M.", "BONNET", "va", "bien."]


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><ClinicalDocument>&b;</ClinicalDocument>',
        "<ClinicalDocument><open></ClinicalDocument>",
        "<other/>",
        "",
    ],
)
def test_dangerous_or_other_xml_is_a_problem(tmp_path: Path, xml: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "a.xml").write_bytes(xml.encode(encoding))
        assert [problem.lost for problem in copied(tmp_path / "a.xml", tmp_path / "out").problems] == [True]


def b64(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


def report(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "Radiographie"},
        "subject": {"reference": "Patient/p9", "display": "Jean REY"},
        "issued": "2024-03-12T10:00:00+01:00",
        "presentedForm": [{"contentType": "text/plain", "data": b64("M. REY, vu à Lyon.\r\n")}],
    } | more


PATIENT = {
    "resourceType": "Patient",
    "id": "p9",
    "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "150039912345678"}, {"value": "80012345"}],
    "name": [{"family": "REY", "given": ["Jean", "Paul"]}],
    "birthDate": "1950-05-03",
    "telecom": [{"system": "phone", "value": "0199001234"}],
    "address": [{"line": ["3 rue Haute"], "city": "Lyon", "postalCode": "69003"}],
}


def test_a_fhir_report_is_its_attachment_and_its_header(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(report(), indent=2))
    got = copied(tmp_path / "r.json", tmp_path / "out")
    note = got.documents["r.json#1"]
    assert (note.text, note.patient) == ("M. REY, vu à Lyon.\r\n", "p9")
    assert (note.written, note.kind) == (date(2024, 3, 12), "Radiographie")
    assert got.told("r.json#1/header") == {
        "IDENTIFIER": "r1", "PATIENT_NUMBER": "p9", "FIRST_NAME": "Jean", "LAST_NAME": "REY", "DATE": "2024-03-12"
    }  # fmt: skip


def test_the_patient_of_a_bundle_is_that_of_its_resources(tmp_path: Path) -> None:
    loose = report(subject={"display": "REY"})
    entries = [{"fullUrl": "urn:uuid:aa-1", "resource": PATIENT}, {"resource": loose}]
    (tmp_path / "b.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    got = copied(tmp_path / "b.json", tmp_path / "out")
    assert {document.patient for document in got.documents.values()} == {"p9"}
    header = next(d for d in got.documents.values() if "1950" in d.text)
    assert {"80012345": "PATIENT_NUMBER", "150039912345678": "NATIONAL_ID", "69003": "POSTCODE"}.items() <= {
        header.text[span.start : span.end]: span.label.name for span in header.known
    }.items()


@pytest.mark.parametrize(("media", "encoding"), [("text/plain; charset=latin1", "latin-1"), ("text/plain", "utf-8")])
def test_an_attachment_keeps_its_encoding(tmp_path: Path, media: str, encoding: str) -> None:
    form = {"contentType": media, "data": b64("Vu à Évry, M. REY", encoding)}
    (tmp_path / "r.json").write_text(json.dumps(report(presentedForm=[form])))
    copied(tmp_path / "r.json", tmp_path / "out", replacing(("REY", "NÉ")))
    written = json.loads((tmp_path / "out" / "r.json").read_text())
    assert base64.b64decode(written["presentedForm"][0]["data"]).decode(encoding) == "Vu à Évry, M. NÉ"


def test_narratives_and_html_are_read(tmp_path: Path) -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>M. <b>RE</b>Y<br/>Lyon</p></div>'
    form = {"contentType": "text/html", "data": b64("<p>M. R&eacute;my REY</p>")}
    (tmp_path / "r.json").write_text(json.dumps(report(text={"status": "generated", "div": div}, presentedForm=[form])))
    got = copied(tmp_path / "r.json", tmp_path / "out", replacing(("REY", "BONNET")))
    assert got.text("r.json#1/div") == "M. REY\nLyon\n"
    written = json.loads((tmp_path / "out" / "r.json").read_text())
    assert written["text"]["div"] == (
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>M. <b>BONNET</b><br/>Lyon</p></div>'
    )
    assert b"BONNET" in base64.b64decode(written["presentedForm"][0]["data"])


def test_every_section_of_a_composition_is_read(tmp_path: Path) -> None:
    sections = [{"title": "T", "text": {"div": f"<div>M. REY {n}</div>"}} for n in range(3)]
    signal = {"valueSampledData": {"data": "1 2 3"}}
    composition = {"resourceType": "Composition", "section": sections, "extension": [signal]}
    (tmp_path / "c.json").write_text(json.dumps(composition))
    got = copied(tmp_path / "c.json", tmp_path / "out", replacing(("REY", "BONNET")))
    assert [n for n in got.documents if "div" in n] == ["c.json#1/div", "c.json#1/div2", "c.json#1/div3"]
    written = (tmp_path / "out" / "c.json").read_text()
    assert written == json.dumps(composition).replace("REY", "BONNET")


def test_an_attachment_that_is_not_read_is_emptied_and_told(tmp_path: Path) -> None:
    form = {"contentType": "image/png", "data": b64("REY")}
    (tmp_path / "r.json").write_text(json.dumps(report(presentedForm=[form])))
    got = copied(tmp_path / "r.json", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "r.json").read_text())["presentedForm"][0]["data"] == ""
    assert [problem.lost for problem in got.problems] == [False]


def test_resources_a_line_come_back_byte_for_byte(tmp_path: Path) -> None:
    lines = [
        json.dumps(PATIENT),
        json.dumps(report(), separators=(",", ":")),
        "",
        json.dumps(report(), ensure_ascii=False),
    ]
    data = "\n".join(lines).encode()
    (tmp_path / "r.ndjson").write_bytes(data)
    got = copied(tmp_path / "r.ndjson", tmp_path / "out")
    assert [name for name in got.documents if "header" not in name] == ["r.ndjson#2", "r.ndjson#4"]
    assert (tmp_path / "out" / "r.ndjson").read_bytes() == data


def test_a_line_that_is_no_resource_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "r.ndjson").write_text(json.dumps(report()) + '\n{"nom": "REY"}\n{"resourceType": "Pati\n')
    got = copied(tmp_path / "r.ndjson", tmp_path / "out")
    assert [problem.name for problem in got.problems] == ["r.ndjson#2", "r.ndjson#3"]
    assert (tmp_path / "out" / "r.ndjson").read_text() == json.dumps(report()) + "\n"


def test_identifiers_and_references_are_replaced_alike(tmp_path: Path) -> None:
    entries = [{"fullUrl": "http://a.fr/Patient/p9", "resource": PATIENT}, {"resource": report()}]
    (tmp_path / "b.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))

    def relabelled(document: Any) -> str:
        text = document.text
        for span in reversed(document.known):
            text = text[: span.start] + span.label.name + text[span.end :]
        return text

    copied(tmp_path / "b.json", tmp_path / "out", relabelled)
    written = json.loads((tmp_path / "out" / "b.json").read_text())["entry"]
    assert written[0]["fullUrl"] == "http://a.fr/Patient/PATIENT_NUMBER"
    assert written[0]["resource"]["id"] == "PATIENT_NUMBER"
    assert written[1]["resource"]["subject"]["reference"] == "Patient/PATIENT_NUMBER"
