"""One row a patient out of the files of every modality: what the planted truths are looked for in.

The folder of the cohort, or of its doubles, comes in: the same formats, the same names of columns and variants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sosie.fictitious import genome_file, omop, patients, radiographs
from sosie.fictitious.letters import PROBLEMS

if TYPE_CHECKING:
    import polars as pl

KEY = "key"
_LETTER = re.compile(r"(?:double-)?0*(\d+)[-_]")
_OPAQUE = re.compile(r"\bopacité", re.IGNORECASE)
LUNG = ((0.58, 0.76), (0.16, 0.4))
"""Rows and columns, as shares of the film, where an opacity lies."""
HEART = ((0.55, 0.75), (0.62, 0.8))


def gather(folder: Path, traits: tuple[str, ...]) -> pl.DataFrame:
    """Read what each modality says of each patient.

    Parameters
    ----------
    folder : Path
    traits : tuple of str
        Identifiers of the trait variants.

    Returns
    -------
    polars.DataFrame
        One row a patient of the table; what a modality does not say is null.
    """
    import polars as pl

    found = _table(folder)
    rooms = (_timeline(folder), _notes(folder), _films(folder), _genomes(folder, traits))
    for rows in rooms:
        if rows:
            names = sorted({name for row in rows.values() for name in row})
            frame = pl.DataFrame(
                {KEY: list(rows), **{name: [row.get(name) for row in rows.values()] for name in names}},
                schema_overrides={KEY: pl.String},
                strict=False,
            )
            found = found.join(frame, on=KEY, how="left")
    return found


def _table(folder: Path) -> pl.DataFrame:
    import polars as pl

    path = folder / patients.NAME
    raw = pl.read_csv(path, separator=";", infer_schema=False)
    number = raw["id_patient"] if "id_patient" in raw.columns else pl.Series([str(i + 1) for i in range(raw.height)])
    return raw.select(
        number.alias(KEY),
        woman=(pl.col("sexe") == "F").cast(pl.Float64),
        age=pl.col("age_admission").cast(pl.Float64, strict=False),
        diagnosis=pl.col("diagnostic"),
        smoker=(pl.col("tabac") == "actuel").cast(pl.Float64).fill_null(0.0),
        treated=(pl.col("bras") == "traitement").cast(pl.Float64),
        months=pl.col("survie_mois").str.replace(",", ".").cast(pl.Float64, strict=False),
        dead=pl.col("deces").cast(pl.Float64, strict=False),
    )


def _timeline(folder: Path) -> dict[str, dict[str, Any]]:
    """First value of each test, and whether diabetes was ever noted."""
    import polars as pl

    place = folder / omop.FOLDER
    if not (place / "person.csv").is_file():
        return {}
    found: dict[str, dict[str, Any]] = {}
    people = pl.read_csv(place / "person.csv", infer_schema=False)
    for key, gender in people.select("person_id", "gender_concept_id").iter_rows():
        found[key] = {"timeline_woman": float(gender == "8532"), "diabetic": 0.0}
    names = {str(concept): name for name, (concept, *_) in omop.TESTS.items()}
    results = pl.read_csv(place / "measurement.csv", infer_schema=False).sort("measurement_date")
    for key, concept, value in results.select(
        "person_id", "measurement_concept_id", pl.col("value_as_number").cast(pl.Float64, strict=False)
    ).iter_rows():
        if concept in names and key in found and value is not None:
            found[key].setdefault(names[concept], value)
    diabetes = str(omop.DIAGNOSES["E11.9"][0])
    conditions = pl.read_csv(place / "condition_occurrence.csv", infer_schema=False)
    for key in conditions.filter(pl.col("condition_concept_id") == diabetes)["person_id"]:
        if key in found:
            found[key]["diabetic"] = 1.0
    return found


def _notes(folder: Path) -> dict[str, dict[str, Any]]:
    """What letters quote: the haemoglobin, the first problem that can be a main one, an opacity, the sex."""
    from sosie.notes import languages
    from sosie.notes.facts import FactKind, Status, extract

    language = languages.load("fr")
    mains = {code[:3]: code for code in PROBLEMS}
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*.txt")):
        named = _LETTER.match(path.name)
        if named is None:
            continue
        text = path.read_text(encoding="utf-8")
        said = found.setdefault(named[1], {})
        if "radiographie" in text:
            said.setdefault("letter_opaque", float(_OPAQUE.search(text) is not None))
        for mention in extract(text, language):
            if mention.kind is FactKind.MEASUREMENT and mention.code == "haemoglobin":
                said.setdefault("letter_haemoglobin", mention.value)
            elif mention.kind is FactKind.PROBLEM and mention.status is Status.PRESENT and mention.code in mains:
                said.setdefault("letter_problem", mains[mention.code])
            elif mention.kind is FactKind.SEX:
                said.setdefault("letter_woman", float(mention.code == "F"))
    return found


def _films(folder: Path) -> dict[str, dict[str, Any]]:
    """Mean tone where an opacity and a large heart show, and the sex in the header."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((folder / radiographs.FOLDER).rglob("*.dcm")):
        import pydicom

        instance = pydicom.dcmread(path)
        shades = np.asarray(instance.pixel_array, dtype=np.float64)
        shades /= max(float(np.quantile(shades, 0.99)), 1.0)
        said = {"lung": _mean(shades, LUNG), "heart": _mean(shades, HEART)}
        if instance.get("PatientSex") in ("F", "M"):
            said["film_woman"] = float(instance.PatientSex == "F")
        found.setdefault(str(instance.PatientID), said)
    return found


def _mean(shades: Any, where: tuple[tuple[float, float], tuple[float, float]]) -> float:
    (top, bottom), (left, right) = where
    high, wide = shades.shape
    return float(shades[int(top * high) : int(bottom * high), int(left * wide) : int(right * wide)].mean())


def _genomes(folder: Path, traits: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Copies of the trait variants."""
    path = folder / genome_file.NAME
    if not path.is_file():
        return {}
    samples: list[str] = []
    found: dict[str, dict[str, Any]] = {}
    for fields in _lines(path):
        if fields[0] == "#CHROM":
            samples = fields[9:]
        elif fields[2] in traits:
            name = f"dosage{traits.index(fields[2]) + 1}"
            for sample, call in zip(samples, fields[9:], strict=True):
                found.setdefault(sample, {})[name] = float(call[:3].count("1"))
    return found


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith("##"):
                yield line.rstrip("\n").split("\t")
