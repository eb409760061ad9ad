"""The Python interface: data frames or sources in, a release with its evidence out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sosie import institution, intake, pipeline
from sosie.checkpoint import Checkpoint
from sosie.cohort import Cohort, Part, modalities
from sosie.engine import Listener, silent
from sosie.errors import ManifestError, RefusedError
from sosie.evidence import Decision, Evidence
from sosie.intake import Source
from sosie.manifest import Manifest
from sosie.notes.doubles.form import table
from sosie.notes.doubles.part import NotesPart
from sosie.release import folder, ledger
from sosie.release.ledger import Fingerprint
from sosie.release.writer import whole
from sosie.settings import Settings
from sosie.tables import source as tables_source
from sosie.tables.assemble import assemble
from sosie.tables.frame import TablesPart


@dataclass(frozen=True)
class Release:
    """The doubles of a cohort and the evidence on them.

    Parameters
    ----------
    source : Source
    outcome : pipeline.Outcome
    like : data frame or mapping of data frames, optional
        What came in; tables go out as the same kind.
    """

    source: Source
    outcome: pipeline.Outcome
    like: Any = None

    @property
    def evidence(self) -> Evidence:
        """The evidence; it belongs to the data protection officer, not to the recipient."""
        return self.outcome.evidence

    @property
    def released(self) -> bool:
        """Whether the gate let the doubles through."""
        return self.evidence.verdict.decision is Decision.RELEASED

    @property
    def tables(self) -> dict[str, Any]:
        """Data frames of the doubles, by table name, of the kind that came in (polars from files).

        Raises
        ------
        RefusedError
            When the gate refused them; `refused_tables` gives them for study.
        """
        self._check()
        return self.refused_tables

    @property
    def refused_tables(self) -> dict[str, Any]:
        """Data frames of the doubles whatever the verdict, for those who study why they were refused."""
        part = self._part("tables")
        assert isinstance(part, TablesPart)
        return {table.name: self._native(table.name, table) for table in part.tables}

    @property
    def notes(self) -> Any:
        """The doubles' notes, a polars data frame with a row for each, under the names of the source's columns.

        Raises
        ------
        RefusedError
            When the gate refused them; `refused_notes` gives them for study.
        """
        self._check()
        return self.refused_notes

    @property
    def refused_notes(self) -> Any:
        """The doubles' notes whatever the verdict, for those who study why they were refused."""
        import polars as pl

        part = self._part("notes")
        assert isinstance(part, NotesPart)
        return pl.DataFrame(list(table(part.form, part.keys, part.documents)), infer_schema_length=None)

    @property
    def images(self) -> Any:
        """The doubles' pictures as they are written: tones (pictures, pixels, pixels), whose and of which class.

        Raises
        ------
        RefusedError
            When the gate refused them; `refused_images` gives them for study.
        """
        self._check()
        return self.refused_images

    @property
    def refused_images(self) -> Any:
        """The doubles' pictures whatever the verdict, for those who study why they were refused."""
        from sosie.images.album import ImagesPart
        from sosie.images.compare import finished

        part = self._part("images")
        assert isinstance(part, ImagesPart)
        return finished(part, np.random.default_rng(part.seed))

    def write(self, directory: Path | str, *, keep_refused: bool = False, language: str = "en") -> None:
        """Write ``release/`` and ``dpo/``, as the command line does."""
        with whole(Path(directory)) as beside:
            folder.write(
                beside,
                self.source,
                self.outcome.doubles,
                self.evidence,
                institution.load(),
                keep_refused,
                language,
            )

    def _check(self) -> None:
        if not self.released:
            failed = [str(one.id) for one in self.evidence.verdict.criteria if one.status != "passed"]
            raise RefusedError(f"the gate refused these doubles ({', '.join(failed)}): see release.evidence")

    def _part(self, name: str) -> Part:
        parts = self.outcome.doubles.parts
        if name not in parts:
            raise ManifestError(f"this cohort has no {name}: it holds {', '.join(parts)}")
        return parts[name]

    def _native(self, name: str, table: Any) -> Any:
        like = self.like.get(name) if isinstance(self.like, Mapping) else self.like
        return table.frame if like is None else tables_source.to_native(table, like)


def read(source: Any, *, name: str = "table", manifest: Manifest | Path | str | None = None) -> Source:
    """Read a cohort and find what identifies people in it.

    Parameters
    ----------
    source : path, SQLAlchemy address, data frame, or mapping of names to data frames
        Data frames may be of any kind that narwhals accepts.
    name : str
        Name of the table, for a single data frame.
    manifest : Manifest or path, optional
    """
    if isinstance(source, str | Path):
        given = Path(manifest) if isinstance(manifest, str | Path) else None
        if isinstance(manifest, Manifest):
            raise ManifestError("a source on disk takes its manifest as a path, or as sosie.yaml beside it")
        return intake.read(source, given)
    declared = manifest if isinstance(manifest, Manifest) else _loaded(manifest)
    part = _assembled(dict(source) if isinstance(source, Mapping) else {name: source}, declared)
    installed = {"tables": modalities()["tables"]}
    return intake.prepare(name, {"tables": part}, installed, declared)


def anonymize(
    source: Any,
    *,
    patients: int | None = None,
    control: Any = None,
    manifest: Manifest | Path | str | None = None,
    random_state: int | None = None,
    time_allowance: float | None = None,
    jobs: int = 0,
    listener: Listener = silent,
) -> Release:
    """Make doubles of a cohort and attack them.

    The institution's ledger counts the attempt, whether the doubles are written or not.

    Parameters
    ----------
    source : Source, path, data frame or mapping of data frames
    patients : int, optional
        Number of doubles; as many as patients by default.
    control : the same kinds, optional
        Patients who are not in the cohort.
    manifest : Manifest or path, optional
    random_state : int, optional
        For tests and benchmarks: who knows the seed can undo the draw.
    time_allowance : float, optional
        Minutes that the attacks may take.
    jobs : int
        Threads; 0 for one a core.
    listener : callable
        Hears of progress.

    Returns
    -------
    Release
        A refusal is no error: see ``release.released`` and ``release.evidence``.
    """
    given = source if isinstance(source, Source) else read(source, manifest=manifest)
    settings = Settings(patients=patients, seed=random_state, time_allowance=time_allowance, jobs=jobs)
    outside = None if control is None else _like(given, control)
    like = None if isinstance(source, str | Path | Source) else source
    home, kept = institution.load(), Checkpoint()
    fingerprint = Fingerprint.of(given.cohort, home.pseudonyms)
    history = ledger.history(home, fingerprint)
    outcome = pipeline.anonymize_cohort(given, settings, outside, None, listener, kept, history, home.pseudonyms)
    ledger.record(home, fingerprint, outcome.evidence, history, kept.run)
    return Release(given, outcome, like)


def audit(
    original: Any,
    release: Any,
    control: Any,
    *,
    manifest: Manifest | Path | str | None = None,
    random_state: int | None = None,
    listener: Listener = silent,
) -> Evidence:
    """Judge anyone's release of an original; ``control`` holds patients of the same population who were not in it."""
    given = original if isinstance(original, Source) else read(original, manifest=manifest)
    settings = Settings(seed=random_state)
    return pipeline.audit_cohort(given, _like(given, release), _like(given, control), settings, listener)


def _assembled(frames: Mapping[str, Any], manifest: Manifest) -> TablesPart:
    """Read data frames and align them on their patients."""
    if not frames:
        raise ManifestError("no data frame was given: expected at least one table")
    alone = Manifest(patient=manifest.patient)
    parts = [tables_source.from_frame(frame, name, alone) for name, frame in frames.items()]
    return assemble([table for part in parts for table in part.tables], manifest)


def _like(given: Source, other: Any) -> Any:
    if isinstance(other, str | Path):
        return intake.like(given, other)
    if isinstance(other, Source):
        parts = {
            name: given.modalities[name].conform(part, given.cohort.parts[name])
            for name, part in other.cohort.parts.items()
        }
    else:
        frames = dict(other) if isinstance(other, Mapping) else {"table": other}
        part = intake.loosely(partial(_assembled, frames), given.manifest)
        parts = {"tables": given.modalities["tables"].conform(part, given.cohort.parts["tables"])}
    return Cohort.of(parts)


def _loaded(path: Path | str | None) -> Manifest:
    from sosie.manifest import load

    return load(Path(path)) if path is not None else Manifest()
