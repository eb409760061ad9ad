"""The folder of the fictitious cohort: what a hospital would bring, keyed by the number of the patient.

A folder, a number of patients, a generator and the modalities that are wanted come in; the folder with ``sosie.yaml``
leaves.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import numpy as np

from sosie.errors import ManifestError
from sosie.fictitious import genome_file, letters, omop, patients, radiographs
from sosie.fictitious.lives import Lives, lives
from sosie.manifest import FILE_NAME, GenomesManifest, Manifest, NotesManifest, Target, dump, load

PURPOSE = "Demonstration of Sosie on a fictitious cohort"
MODALITIES = ("tables", "timelines", "notes", "images", "genomes")


def build(directory: Path, number: int, rng: np.random.Generator, modalities: Collection[str] = ("tables",)) -> Path:
    """Write the cohort and its manifest.

    Parameters
    ----------
    directory : Path
        Created if need be; an earlier cohort of ours is replaced.
    number : int
        Of patients.
    rng : numpy.random.Generator
    modalities : collection of str
        Some of `MODALITIES`, the tables at least.

    Returns
    -------
    Path
        The directory, which is a source for every command.

    Raises
    ------
    ManifestError
        When the directory holds anything but such a cohort.
    """
    _require_ours(directory)
    given = lives(number, rng)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / FILE_NAME).write_text(dump(manifest(given, modalities)), encoding="utf-8")
    streams = dict(zip(MODALITIES, rng.spawn(len(MODALITIES)), strict=True))
    patients.write(given, directory, streams["tables"], laboratory="timelines" not in modalities)
    if "timelines" in modalities:
        omop.write(given, directory, streams["timelines"])
    if "notes" in modalities:
        letters.write(given, directory, streams["notes"])
    if "images" in modalities:
        radiographs.write(given, directory, streams["images"])
    if "genomes" in modalities:
        genome_file.write(given, directory, streams["genomes"])
    return directory


def manifest(given: Lives, modalities: Collection[str]) -> Manifest:
    """Return the manifest: the patient key, the survival that the doubles must still show, what letters are called."""
    target = Target(table="patients", duration="survie_mois", event="deces", group="bras")
    traits = tuple(given.genomes.named(variant) for variant in given.genomes.traits)
    return Manifest(
        patient="id_patient",
        targets=(target,),
        notes={"*": NotesManifest(path=letters.PATTERN)} if "notes" in modalities else {},
        genomes=GenomesManifest(variants=traits, panel=genome_file.PUBLIC)
        if "genomes" in modalities
        else GenomesManifest(),
        purpose=PURPOSE,
        recipient="Anyone",
    )


def _require_ours(directory: Path) -> None:
    """Refuse to write over files that may be somebody's data, and clear an earlier cohort of ours."""
    if not directory.is_dir() or not any(directory.iterdir()):
        return
    found = directory / FILE_NAME
    if not found.is_file() or load(found).purpose != PURPOSE:
        raise ManifestError(f"{directory}: the folder holds other files; name a new or an empty folder")
    genomes = (Path(name).parts[0] for name in (genome_file.NAME, genome_file.PUBLIC))
    for each in (omop.FOLDER, letters.FOLDER, radiographs.FOLDER, *genomes):
        shutil.rmtree(directory / each, ignore_errors=True)
