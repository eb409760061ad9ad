"""Notes in their own formats: read as documents, and written again with other texts.

Text, HTML, Word, PDF, CDA and FHIR; JSON lines, CSV and Parquet with a column of text; a folder of all of them. A
document is a note, or the header of one (``name/header``): the fields beside it that can identify, a line each. What
cannot be read is a `Problem`, and the reading goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sosie.manifest import Manifest
from sosie.notes.document import Document
from sosie.notes.source.choose import DELIMITED, PARQUET, files, format_of, holds_notes, origin_of, table_format
from sosie.notes.source.record import NotReadable, Problem
from sosie.notes.source.writer import Writer, file_of

__all__ = ["Problem", "Writer", "file_of", "is_header", "is_notes_table", "open_writer", "read", "recognises"]
_UNDECLARED = Manifest()


def read(source: Path, manifest: Manifest = _UNDECLARED) -> Iterator[Document | Problem]:
    """Read the documents of a source one after the other, in an order that never changes.

    Parameters
    ----------
    source : Path
        One file or a folder.
    manifest : Manifest

    Yields
    ------
    Document or Problem
        A problem that is not ``lost`` comes with a document of its file.
    """
    for path, name in files(source):
        origin = origin_of(path, name, manifest)
        try:
            form = format_of(origin, manifest)
            if form is None:
                continue
            empty = True
            for record in form.records(origin):
                found: tuple[Document | Problem, ...]
                found = (record,) if isinstance(record, Problem) else (*record.problems, *record.documents)
                empty = empty and not found
                yield from found
            if empty:
                yield Problem(name, "no note is in it; not copied")
        except NotReadable as reason:
            yield Problem(name, str(reason))
        except (OSError, MemoryError):
            yield Problem(name, "the file cannot be read; not copied")
        except Exception as error:  # one file must not end the run; its words could quote the file
            yield Problem(name, f"the file cannot be read ({type(error).__name__}); what follows in it is not copied")


def open_writer(source: Path, out: Path, manifest: Manifest = _UNDECLARED) -> Writer:
    """Return what writes the documents of a source under a folder, each file in the format that came in."""
    return Writer(source, out, manifest)


def recognises(source: Path | str, manifest: Manifest = _UNDECLARED) -> bool:
    """Tell whether a file or a folder holds notes; a folder of tables does not."""
    if isinstance(source, str) and "://" in source:
        return False
    return any(holds_notes(path, name, manifest) for path, name in files(Path(source)))


def is_header(document: Document) -> bool:
    """Tell whether a document is the header of another one, the fields that stand beside a note."""
    _, sign, part = document.name.rpartition("#")
    return bool(sign) and part.rpartition("/")[2] == "header"


def is_notes_table(path: Path, manifest: Manifest = _UNDECLARED) -> bool:
    """Tell whether a CSV or a Parquet file is a table of notes, which the reader of tables leaves alone."""
    if path.suffix.lower() not in DELIMITED | PARQUET:
        return False
    return table_format(origin_of(path, path.name, manifest), manifest) is not None
