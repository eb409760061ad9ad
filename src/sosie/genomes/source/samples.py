"""Whose genome a sample is: by the list that the manifest names, by its own name, or by its family's and its name."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from sosie.errors import ManifestError, UnreadableError
from sosie.genomes.source.opened import File

STRAY = "{count} samples name no patient of the tables: they were left out"
UNLISTED = "{count} samples do not stand in {name}: they keep their own names"
NOBODY = (
    "no sample of the genomes bears the key of a patient of the tables: write a CSV with the columns sample and "
    "patient, and name it in sosie.yaml (genomes: samples:)"
)


def listed(path: Path) -> dict[str, str]:
    """Read the list of samples and patients.

    Raises
    ------
    ManifestError
        When it is missing.
    UnreadableError
        When it cannot be understood, or names a sample twice.
    """
    if not path.is_file():
        raise ManifestError(f"genomes: samples: {path.name} is no file beside the manifest")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(path.name, "the file is not text in UTF-8") from None
    lines = text.splitlines()
    first = lines[0] if lines else ""
    rows = csv.reader(lines, delimiter=max(",;\t", key=first.count))
    titles = [title.strip().lower() for title in next(rows, [])]
    if "sample" not in titles or "patient" not in titles:
        raise UnreadableError(path.name, "expected the columns sample and patient", row=1)
    sample, patient = titles.index("sample"), titles.index("patient")
    found: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) <= max(sample, patient) or not row[sample].strip() or not row[patient].strip():
            raise UnreadableError(path.name, "a sample or a patient is missing", row=number)
        if row[sample].strip() in found:
            raise UnreadableError(path.name, "the sample of this row stands in the file twice", row=number)
        found[row[sample].strip()] = row[patient].strip()
    return found


def aliases(file: File) -> dict[str, tuple[str, ...]]:
    """Return the names that each sample may go by, its own first.

    PLINK writes somebody of a family as ``family_name`` in a VCF.
    """
    found = {}
    for sample in file.samples:
        halves = sample.split("_") if sample.count("_") == 1 else []
        middle = len(sample) // 2
        doubled = [sample[:middle]] if sample.count("_") > 1 and sample[:middle] == sample[middle + 1 :] else []
        more = file.aliases.get(sample, ())
        found[sample] = tuple(dict.fromkeys([sample, *more, *reversed(halves), *doubled]))
    return found


def of_patients(samples: Sequence[str], known: Mapping[str, Sequence[str]], keys: Collection[str]) -> list[str | None]:
    """Return the patient of each sample, None for one of nobody.

    Parameters
    ----------
    samples : sequence of str
    known : mapping of str to sequence of str
        Names that each may go by.
    keys : collection of str
        Of the patients.

    Raises
    ------
    UnreadableError
        When two samples are of the same patient.
    """
    found = [next((name for name in known.get(sample, (sample,)) if name in keys), None) for sample in samples]
    once(found)
    return found


def once(keys: Sequence[str | None]) -> None:
    """Refuse two samples of one patient.

    Raises
    ------
    UnreadableError
    """
    first: dict[str, int] = {}
    for at, key in enumerate(keys, start=1):
        if key is not None and first.setdefault(key, at) != at:
            raise UnreadableError(
                "genomes", f"samples number {first[key]} and {at} are of the same patient; expected one a patient"
            )
