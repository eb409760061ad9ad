"""What is written: the recipient's folder, the data protection officer's folder, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path

from sosie.cohort import Cohort, Finding, Part
from sosie.evidence import Decision, Evidence
from sosie.intake import Source
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.pseudonyms import Pseudonyms


def version() -> str:
    """Return the version of Sosie."""
    return installed("sosie")


def write(
    out: Path, source: Source, doubles: Cohort, evidence: Evidence, key: Pseudonyms, keep_refused: bool, language: str
) -> None:
    """Write ``release/`` and ``dpo/``; after a refusal ``dpo/`` alone, with ``refused/data/`` where it is asked for."""
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
    write_evidence(out, evidence, source.findings, key, language)


def write_evidence(
    out: Path, evidence: Evidence, findings: tuple[Finding, ...], key: Pseudonyms, language: str
) -> None:
    """Write ``dpo/``: the evidence, the report, the impact assessment, and the key of the input digests."""
    from sosie.report.annex import write_annex
    from sosie.report.html import render
    from sosie.report.pdf import write_pdf

    dpo = out / "dpo"
    dpo.mkdir()
    (dpo / "evidence.json").write_text(evidence.model_dump_json(indent=2), encoding="utf-8")
    page = render(evidence, findings, "fr" if language == "fr" else "en")
    (dpo / "report.html").write_text(page, encoding="utf-8")
    write_pdf(page, dpo / "report.pdf")
    write_annex(evidence, findings, dpo, "fr" if language == "fr" else "en")
    key.save(dpo / "digests.key")


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
        return Pseudonyms.load(path)
    fresh = Pseudonyms.generate()
    fresh.save(path)
    return fresh
