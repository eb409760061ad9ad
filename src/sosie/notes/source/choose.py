"""Which files of a source hold notes, and in which format.

Names and first bytes decide. A table (CSV, Parquet) is one of notes where the manifest declares it so, or where long
text is beyond doubt most of what it holds: tables are another modality's, and it reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sosie.folders import files_in
from sosie.manifest import Manifest
from sosie.notes.source import delimited, docx, jsonl, markup, parquet, pdf, text
from sosie.notes.source.cda import Cda
from sosie.notes.source.columns import notes_table
from sosie.notes.source.fhir import Fhir, FhirLines
from sosie.notes.source.fields import day
from sosie.notes.source.record import Format, NotReadable, Origin, Single

TEXT = frozenset({".txt", ".text", ".md", ".note", ".asc"})
HTML = frozenset({".html", ".htm", ".xhtml"})
LINES = frozenset({".jsonl", ".ndjson"})
DELIMITED = frozenset({".csv", ".tsv", ".tab"})
PARQUET = frozenset({".parquet", ".pq"})
WORD = frozenset({".docx", ".docm"})
_OWN = TEXT | HTML | LINES | DELIMITED | PARQUET | WORD | {".pdf", ".xml", ".json", ""}
OTHERS = frozenset(
    {".xlsx", ".xls", ".ods", ".xlsb", ".sas7bdat", ".xpt", ".sav", ".zsav", ".dta", ".duckdb", ".db", ".sqlite"}
    | {".dcm", ".dicom", ".ima", ".nii", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".zip", ".tar", ".tgz"}
    | {".vcf", ".bcf", ".bed", ".bim", ".fam", ".pgen", ".pvar", ".psam", ".bam", ".cram"}
    | {".tbi", ".csi", ".bgz", ".bgzf", ".zst"}
    | {".yaml", ".yml", ".key", ".toml"}
)
"""Files of other modalities, and what configures a run: no notes, and no problem either."""
_ABOUT = re.compile(r"(?i)(?:readme|lisez-?moi|licen[cs]e|notice|changelog|copying|authors)(?:[._-]\w*)*$")
_HEAD = 65_536
_PDF = Single(pdf.open_body, pdf.rewrite)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"\x08\x00", b"\x02\x00", b"\x00\x08")
_OLD_WORD, _RTF = b"\xd0\xcf\x11\xe0", b"{\\rtf"


def files(source: Path) -> Iterator[tuple[Path, str]]:
    """Return the files of a source and their names in it, folder after folder, in a stable order."""
    if source.is_file():
        yield source, source.name
        return
    yield from ((path, name) for path, name in files_in(source) if path.is_file())


def origin_of(path: Path, name: str, manifest: Manifest) -> Origin:
    """Return a file with what the manifest declares about it, and what its name tells."""
    declared = manifest.note(path.stem)
    origin = Origin(path, name, declared, manifest.patient)
    if declared.path and (found := re.search(declared.path, name)):
        groups = found.groupdict()
        facts = groups.get("patient"), day(groups.get("date")), groups.get("kind")
        return Origin(path, name, declared, manifest.patient, facts)
    return origin


def format_of(origin: Origin, manifest: Manifest) -> Format | None:
    """Return the format of a file; None for one that holds no notes.

    Raises
    ------
    NotReadable
        When the file should hold a note and is of no format that is read.
    """
    suffix = origin.path.suffix.lower()
    if suffix in OTHERS or (suffix in TEXT | {"", ".md"} and _ABOUT.match(origin.path.name)):
        return None
    if suffix in DELIMITED | PARQUET:
        return table_format(origin, manifest)
    head = _head(origin.path)
    if _image(head, origin.path.name):
        return None
    by_content = _by_content(head)
    if by_content is not None:
        return by_content
    if suffix in HTML:
        return Single(markup.open_html)
    if suffix in LINES:
        return FhirLines() if _holds(head, r'"resourceType"\s*:') else jsonl.JsonLines()
    if suffix == ".json":
        return Fhir() if _holds(head, r'"resourceType"\s*:') else jsonl.JsonList()
    if suffix == ".xml":
        if _holds(head, r"<(?:\w+:)?ClinicalDocument\b"):
            return Cda()
        raise NotReadable("XML that is no HL7 CDA document; not copied")
    if suffix in WORD:
        return Single(docx.open_body)
    return _PDF if suffix == ".pdf" else Single(text.open_body)


def holds_notes(path: Path, name: str, manifest: Manifest) -> bool:
    """Tell whether a file is one of notes; text under an unknown extension is read, but shows nothing."""
    if path.suffix.lower() not in _OWN:
        return False
    origin = origin_of(path, name, manifest)
    try:
        form = format_of(origin, manifest)
        # JSON may be anything: whether a field of it is text is seen by reading.
        return form is not None and not (isinstance(form, jsonl.JsonList) and not next(form.records(origin), None))
    except NotReadable:
        return False


def table_format(origin: Origin, manifest: Manifest) -> Format | None:
    """Return the format of a table of notes; None for a table that is not one."""
    stem = origin.path.stem
    parquet_ = origin.path.suffix.lower() in PARQUET
    if stem not in manifest.notes:
        if stem in manifest.tables:
            return None
        try:
            values = parquet.sample(origin) if parquet_ else delimited.Opened.of(origin).sample
        except NotReadable:
            # What is no readable table is for the reader of tables to say.
            return None
        if notes_table(values, manifest.patient) is None:
            return None
    return parquet.Parquet() if parquet_ else delimited.Delimited()


def _by_content(head: bytes) -> Format | None:
    """Return the format that the first bytes show, whatever the name."""
    if head.startswith(b"%PDF-"):
        return _PDF
    if head.startswith(b"PK\x03\x04"):
        return Single(docx.open_body)
    if head.startswith((_OLD_WORD, _RTF)):
        what = "an old Word document" if head.startswith(_OLD_WORD) else "an RTF document"
        raise NotReadable(f"{what} is not read; save it as DOCX; not copied")
    return None


def _image(head: bytes, name: str) -> bool:
    """Tell whether a file is another modality's, under whatever name: that one reads it, and tells its problems."""
    compressed = head.startswith(b"\x1f\x8b") and name.lower().endswith((".nii.gz", ".tar.gz", ".dcm.gz", ".vcf.gz"))
    return compressed or head[128:132] == b"DICM" or head.startswith(_IMAGES)


def _holds(head: bytes, pattern: str) -> bool:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return re.search(pattern, head.decode("utf-16" if wide else "utf-8", errors="ignore")) is not None


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        raise NotReadable("the file cannot be opened; not copied") from None
