"""The header of a VCF file without what identifies: command lines, paths, users, dates, people and their pedigrees.

What is known to describe the format stays; every other line goes, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sosie.genomes.redact.names import Names
from sosie.genomes.source.header import FIXED, Header, fields

STRUCTURED = ("##INFO=<", "##FORMAT=<", "##FILTER=<", "##ALT=<")
CONTIG = ("ID", "length", "assembly", "md5", "IDX")
NOTHING = 'Description=""'
_PLAIN = re.compile(r"[\w.+-]+")
_TELLING = re.compile(r"(?:^|[\s\"'=(:])(?:~|[A-Za-z]:)?[/\\][\w.-]+[/\\]|@|\b\d{4}-\d{2}-\d{2}\b|\bfile:")
"""A path, an address of mail, a date."""


@dataclass(frozen=True)
class Heading:
    """A header for the copy.

    Parameters
    ----------
    lines : tuple of str
    columns : tuple of str
    changes : tuple of tuple of (int, str, str)
        Number of each line that was changed, its label, and what was done.
    """

    lines: tuple[str, ...]
    columns: tuple[str, ...]
    changes: tuple[tuple[int, str, str], ...]

    @property
    def text(self) -> str:
        """The header as written."""
        return "".join(f"{line}\n" for line in (*self.lines, "\t".join(self.columns)))


def cleaned(header: Header, names: Names, samples: Collection[str] = ()) -> Heading:
    """Return a header whose samples bear pseudonyms, and whose lines tell nothing of anybody.

    Parameters
    ----------
    header : Header
    names : Names
    samples : collection of str, optional
        People of the file, where the header does not name them.
    """
    people = {*header.samples, *samples}
    lines: list[str] = []
    changes: list[tuple[int, str, str]] = []
    for number, line in enumerate(header.lines, start=1):
        label, kept = _line(line, people, names)
        if kept is not None:
            lines.append(kept)
        if kept != line:
            changes.append((number, label, "removed" if kept is None else "replaced"))
    columns = (*header.columns[: FIXED + 1], *(names.of(sample) for sample in header.samples))
    return Heading(tuple(lines), columns, tuple(changes))


def _line(line: str, people: Collection[str], names: Names) -> tuple[str, str | None]:
    """Return what a line is, and what stands for it; None for nothing."""
    if line.startswith("##fileformat="):
        return "HEADER_LINE", line
    if line.startswith("##contig=<"):
        told = fields(line)
        kept = [f"{key}={told[key]}" for key in CONTIG if key in told and _PLAIN.fullmatch(told[key])]
        same = all(key in CONTIG for key in told)
        return "HEADER_LINE", line if same else f"##contig=<{','.join(kept)}>"
    if line.startswith(STRUCTURED):
        return "HEADER_LINE", _described(line, people)
    if line.startswith("##PEDIGREE=<"):
        told = fields(line)
        words = (f"{key}={names.parent(value)}" for key, value in told.items())
        return "PEDIGREE", f"##PEDIGREE=<{','.join(words)}>"
    if line.startswith(("##SAMPLE=", "##META=", "##pedigreeDB")):
        return "SAMPLE", None
    if line.startswith("##reference="):
        name = line.partition("=")[2].rstrip("/").replace("\\", "/").rpartition("/")[2]
        return "HEADER_LINE", f"##reference={name}" if _PLAIN.fullmatch(name) else None
    if re.search(r"(?i)^##\w*date", line):
        return "DATE", None
    return "COMMAND_LINE" if re.search(r"(?i)command|cmdline", line[:60]) else "HEADER_LINE", None


def _described(line: str, people: Collection[str]) -> str:
    """Return the definition of a field; a description that names a place or somebody is emptied."""
    told = fields(line)
    words = set(re.findall(r"[\w.-]+", told.get("Description", "")))
    telling = any(_TELLING.search(value) for key, value in told.items() if key not in {"ID", "Number", "Type"})
    named = any(sample in words for sample in people if not sample.isdecimal())
    if not telling and not named:
        return line
    kept = [f"{key}={told[key]}" for key in ("ID", "Number", "Type") if key in told]
    idx = [f"IDX={told['IDX']}"] if "IDX" in told else []
    inside = ",".join([*kept, NOTHING, *idx])
    return f"{line.partition('<')[0]}<{inside}>"
