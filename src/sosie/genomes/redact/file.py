"""One file of genotypes, looked at or copied under pseudonyms, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sosie.engine import Listener
from sosie.genomes.redact import plink, records
from sosie.genomes.redact.heading import cleaned
from sosie.genomes.redact.names import Names
from sosie.genomes.source import header as headers
from sosie.genomes.source.opened import File

Change = tuple[str, dict[str, object]]
WORDS = "the field {name} of the genotypes is text and is copied as it is: see that it names nobody"
ZIPPED = "the file was compressed without blocks (gzip); the copy is bgzip, which can be indexed"


@dataclass(frozen=True)
class Copied:
    """What was done to a file.

    Parameters
    ----------
    changes : list of (str, dict)
        Name of a file in the source, and the rest of a line of findings.
    notices : list of str
    paths : dict of str to str
        From each file that was read to the one that was written.
    """

    changes: list[Change]
    notices: list[str]
    paths: dict[str, str]


def looked(file: File, names: Names) -> list[Change]:
    """Return what a copy would replace."""
    name = file.origin.name
    found = _samples(file, name if file.kind in {"vcf", "bcf"} else plink.parts(file)[2].name)
    if file.kind in {"vcf", "bcf"}:
        heading = cleaned(headers.read(file.origin), names)
        found += [
            (name, {"line": number, "label": label, "action": action}) for number, label, action in heading.changes
        ]
    return found


def copied(file: File, names: Names, data: Path, listener: Listener) -> Copied:
    """Write the copy of a file, and of those beside it.

    Raises
    ------
    UnreadableError
        When it is truncated or malformed.
    """
    paths: dict[str, str] = {}

    def place(name: str) -> Path:
        paths[name] = names.path(name, file.samples)
        path = data / paths[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    if file.kind in {"vcf", "bcf"}:
        changes, notices = _variants(file, place, names, listener)
    else:
        changes = [*_samples(file, plink.parts(file)[2].name), *plink.copied(file, place, names)]
        notices = []
    return Copied(changes, notices, paths)


def _variants(
    file: File, place: Callable[[str], Path], names: Names, listener: Listener
) -> tuple[list[Change], list[str]]:
    origin = file.origin
    header = headers.read(origin)
    heading = cleaned(header, names)
    _, words = records.texts(header)
    replaced = names.within(header.samples)
    told = records.copied(origin, header, heading, place(origin.name), replaced, listener)
    told += [WORDS.format(name=name) for name in words]
    if file.kind == "vcf" and file.details["zip"] == "gzip":
        told.append(ZIPPED)
    return looked(file, names), told


def _samples(file: File, name: str) -> list[Change]:
    return [
        (name, {"sample": number, "label": "SAMPLE", "action": "pseudonym"})
        for number in range(1, len(file.samples) + 1)
    ]
