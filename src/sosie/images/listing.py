"""Tables that list images: a row names the file of an image and the patient whose it is.

The tables of a source (CSV, Parquet) enter; the owner of each file leaves, its class where columns tell the view or the
modality, and which tables have several rows a patient: those are lists of images, not tables of patients.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sosie.folders import files_in
from sosie.manifest import Manifest

TEXTS = frozenset({".csv", ".tsv", ".tab"})
IMAGES = frozenset({".dcm", ".dicom", ".ima", ".nii", ".gz", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})
VIEWS = frozenset({"AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO"})
RADIOGRAPHS = frozenset({"CR", "DX"})
MODALITIES = RADIOGRAPHS | frozenset({"CT", "MR", "US", "MG", "XA", "RF", "PT", "NM", "OP", "SM", "XC", "ES"})
_PATIENT = re.compile(r"patient|subject|sujet|participant|(?:^|_)(?:ipp|nip|pid|mrn)(?:$|_)", re.I)
_LARGEST = 256 << 20
_SHARE, _FEWEST = 0.5, 2
"""Part of the values of a column, and their number, that must be names of images."""
_TRIED = 50
"""Rows whose values are tried first."""
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Listing:
    """What the tables of a source say of its images.

    Parameters
    ----------
    owners : mapping of str to str
        Patient keys, by names of files relative to the source.
    kinds : mapping of str to str
        Classes (``CR AP``), by names of files.
    tables : frozenset of Path
        Those with several rows a patient.
    """

    owners: Mapping[str, str] = field(default_factory=dict, repr=False)
    kinds: Mapping[str, str] = field(default_factory=dict, repr=False)
    tables: frozenset[Path] = frozenset()


def read(place: Path, manifest: Manifest) -> Listing:
    """Read the tables of a folder that list its images."""
    if not place.is_dir():
        return Listing()
    found = [(path, name) for path, name in files_in(place) if path.is_file() and not path.is_symlink()]
    names = _Names(name for path, name in found if path.suffix.lower() in IMAGES or not path.suffix)
    owners: dict[str, str] = {}
    kinds: dict[str, str] = {}
    tables: set[Path] = set()
    for path, _ in found:
        rows = _rows(path) if names else ()
        key = _key(rows, manifest)
        column = _column(rows, names, key) if key else None
        if key is None or column is None:
            continue
        listed = [(name, row) for row in rows if row[key] and (name := names.find(row[column]))]
        owners |= {name: row[key] for name, row in listed}
        kinds |= _kinds(listed)
        if len({row[key] for row in rows}) < len(rows):
            tables.add(path)
    return Listing(owners, kinds, frozenset(tables))


class _Names:
    """Names of files, found again by their path, their last part, or what stands before its suffix."""

    def __init__(self, names: Iterable[str]) -> None:
        spelt: dict[str, set[str]] = {}
        for name in names:
            last = name.rpartition("/")[2]
            for way in {name, last, last.partition(".")[0]}:
                spelt.setdefault(way, set()).add(name)
        self._known = {way: min(some) for way, some in spelt.items() if len(some) == 1}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, value: str) -> str | None:
        written = value.strip().replace("\\", "/").removeprefix("./")
        return self._known.get(written) or self._known.get(written.rpartition("/")[2])


def _rows(path: Path) -> Rows:
    """Return the rows of a table as text, none where it cannot be read: those who read tables tell why."""
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size > _LARGEST:
            return ()
        if suffix in TEXTS:
            return _delimited(path)
        if suffix in (".parquet", ".pq"):
            import polars as pl

            frame = pl.read_parquet(path)
            texts = frame.select(pl.col(name).cast(pl.String, strict=False).fill_null("") for name in frame.columns)
            return texts.to_dicts()
    except Exception:  # readers of tables fail in as many ways as there are damaged tables
        return ()
    return ()


def _delimited(path: Path) -> Rows:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    lines = text.splitlines()
    if len(lines) < 1 + _FEWEST:
        return ()
    delimiter = Counter({each: lines[0].count(each) for each in ",;\t|"}).most_common(1)[0][0]
    read_ = csv.DictReader(lines, delimiter=delimiter)
    return [{name: value or "" for name, value in row.items() if isinstance(name, str)} for row in read_]


def _key(rows: Rows, manifest: Manifest) -> str | None:
    """Return the column of the patient key: the declared one, else the first that is called so."""
    columns = list(rows[0]) if rows else []
    if manifest.patient in columns:
        return manifest.patient
    return next((name for name in columns if _PATIENT.search(name)), None)


def _column(rows: Rows, names: _Names, key: str) -> str | None:
    """Return the column whose values are names of images."""

    def share(column: str, some: Rows) -> float:
        values = [row[column] for row in some if row.get(column)]
        hits = sum(names.find(value) is not None for value in values)
        return hits / len(values) if hits >= _FEWEST else 0.0

    likely = [name for name in rows[0] if name != key and (len(rows) > _TRIED or share(name, rows) >= _SHARE)]
    found = [(share(name, rows), name) for name in likely if any(names.find(row[name]) for row in rows[:_TRIED])]
    best = max(found, default=(0.0, ""))
    return best[1] if best[0] >= _SHARE else None


def _kinds(listed: Sequence[tuple[str, Mapping[str, str]]]) -> dict[str, str]:
    """Return the class of each image, from columns that hold nothing but modalities or views."""
    columns = list(listed[0][1]) if listed else []
    words = [
        [row[name].strip().upper() for _, row in listed]
        for known in (MODALITIES, VIEWS)
        for name in columns
        if (values := {row[name].strip().upper() for _, row in listed} - {""}) and values <= known
    ]
    if any(set(column) <= VIEWS for column in words):
        # Films of both kinds look alike: what sets them apart is the view.
        words = [["CR" if word in RADIOGRAPHS else word for word in column] for column in words]
    return {name: " ".join(filter(None, parts)) for (name, _), *parts in zip(listed, *words, strict=True)}
