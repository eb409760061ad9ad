"""What is written: the recipient's folder, the data protection officer's folder, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path

from sosie import manifest as manifests
from sosie.cohort import Cohort, Finding, Part
from sosie.evidence import Decision, Evidence
from sosie.institution import Institution, passphrase
from sosie.intake import Source
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.pseudonyms import Pseudonyms
from sosie.release import certificate


def version() -> str:
    """Return the version of Sosie."""
    return installed("sosie")


def write(
    out: Path,
    source: Source,
    doubles: Cohort,
    evidence: Evidence,
    institution: Institution,
    keep_refused: bool,
    language: str,
) -> None:
    """Write ``release/``, with its certificate, and ``dpo/``.

    After a refusal ``dpo/`` is alone, with ``refused/data/`` where it is asked for.
    """
    from sosie.report.datasheet import datasheet

    released = evidence.verdict.decision is Decision.RELEASED
    if released or keep_refused:
        data = out / ("release" if released else "refused") / "data"
        data.mkdir(parents=True)
        for name, modality in source.modalities.items():
            modality.write(doubles.parts[name], data)
    if released:
        page = datasheet(evidence, "fr" if language == "fr" else "en")
        (out / "release" / "datasheet.html").write_text(page, encoding="utf-8")
    written = write_evidence(out, evidence, source.findings, language)
    if released:
        certificate.write(out / "release", evidence, written, manifests.dump(source.manifest), institution)


def write_evidence(out: Path, evidence: Evidence, findings: tuple[Finding, ...], language: str) -> bytes:
    """Write ``dpo/``: the evidence, the report and the impact assessment; return the evidence as written."""
    from sosie.report.annex import write_annex
    from sosie.report.html import render
    from sosie.report.pdf import write_pdf

    dpo = out / "dpo"
    dpo.mkdir()
    written = evidence.model_dump_json(indent=2).encode()
    (dpo / "evidence.json").write_bytes(written)
    page = render(evidence, findings, "fr" if language == "fr" else "en")
    (dpo / "report.html").write_text(page, encoding="utf-8")
    write_pdf(page, dpo / "report.pdf")
    write_annex(evidence, findings, dpo, "fr" if language == "fr" else "en")
    return written


def write_copy(out: Path, source: Source, parts: Mapping[str, Part]) -> None:
    """Write a pseudonymised copy and the list of findings, without any value."""
    data = out / "data"
    data.mkdir()
    for name, part in parts.items():
        source.modalities[name].write(part, data)
    lines = (json.dumps(asdict(finding), ensure_ascii=False) for finding in source.findings)
    (out / "findings.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def proposed(source: Source) -> Manifest:
    """Return the manifest that a source could have: what it declares, and the roles that were found."""
    tables: dict[str, TableManifest] = dict(source.manifest.tables)
    for finding in source.findings:
        name, column = Path(finding.document).stem, finding.place
        table = tables.get(name, TableManifest())
        declared = table.columns.get(column, ColumnManifest())
        if declared.role is None:
            columns = {**table.columns, column: declared.model_copy(update={"role": finding.role})}
            tables[name] = table.model_copy(update={"columns": columns})
    return source.manifest.model_copy(update={"tables": tables})


def key(path: Path | None) -> Pseudonyms:
    """Return the institution's secret: from a key file, made on first use; without one, a secret that is forgotten."""
    if path is None:
        return Pseudonyms.generate()
    if path.exists():
        return Pseudonyms.load(path, passphrase())
    fresh = Pseudonyms.generate()
    fresh.save(path, passphrase())
    return fresh
