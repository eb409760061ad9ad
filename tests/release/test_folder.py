from datetime import date
from pathlib import Path

import pytest

from sosie.cohort import Cohort, Finding, Role
from sosie.evidence import Decision, Evidence, Verdict
from sosie.intake import Source
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.release import account, folder


def found(*places: tuple[str, Role]) -> tuple[Finding, ...]:
    return tuple(Finding("deep/patients.csv", place, "X", role, 0.9, "name:fr") for place, role in places)


def test_a_key_is_made_on_first_use_and_kept(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    first, again = (folder.key(tmp_path / "institution.key") for _ in range(2))
    digests = [key.hmac_file(tmp_path / "data") for key in (first, again, folder.key(None))]
    assert digests[0] == digests[1] != digests[2]


def test_a_proposed_manifest_adds_what_was_found_to_what_was_declared() -> None:
    declared = Manifest(
        k=15, tables={"patients": TableManifest(columns={"age": ColumnManifest(role=Role.SENSITIVE, decimals=0)})}
    )
    findings = found(("age", Role.QUASI), ("nom", Role.DIRECT))
    proposed = folder.proposed(Source("s", Cohort((), {}), {}, findings, declared))
    columns = proposed.table("patients").columns
    assert (columns["age"].role, columns["age"].decimals) == (Role.SENSITIVE, 0)
    assert columns["nom"].role is Role.DIRECT
    assert proposed.k == 15
    assert declared.table("patients").columns.keys() == {"age"}


def test_the_version_is_the_installed_one() -> None:
    assert folder.version().count(".") >= 1


def test_the_officer_gets_the_impact_assessment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.report.pdf.write_pdf", lambda page, path: path.write_bytes(b"%PDF-"))
    verdict = Verdict(decision=Decision.REFUSED, criteria=[])
    refused = Evidence(sosie_version="0", inputs=[], settings={"purpose": "A study"}, verdict=verdict)

    folder.write_evidence(tmp_path, refused, found(("age", Role.QUASI)), "fr")

    written = {path.name for path in (tmp_path / "dpo").iterdir()}
    assert {"assessment.html", "assessment.pdf", "assessment.docx"} <= written
    assert "A study" in (tmp_path / "dpo" / "assessment.html").read_text(encoding="utf-8")


def test_what_the_manifest_declares_reaches_the_evidence() -> None:
    told = account.declared(Manifest(purpose="A study", controller="Us", expires=date(2027, 1, 2), reassess_months=6))

    assert (told["purpose"], told["controller"], told["expires"], told["reassess_months"]) == (
        "A study",
        "Us",
        "2027-01-02",
        6,
    )
    assert account.declared(Manifest())["recipient"] == ""
