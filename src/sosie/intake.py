"""From a source to a cohort whose parts know the role of everything in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from sosie import manifest as manifests
from sosie.cohort import Cohort, Finding, Modality, Part, Vectors, modalities
from sosie.engine import Event, Listener, silent
from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import Manifest
from sosie.stream import NOTHING, Attentive, Knowing, Stream, streams

LATER = (
    "doubles of {name} are not offered yet; `sosie deidentify` makes a pseudonymised copy of them, which is still "
    "personal data"
)


@dataclass(frozen=True)
class Source:
    """A cohort as it was read, with what was found in it.

    Parameters
    ----------
    name : str
        File, folder or address (without its password); for messages and evidence.
    cohort : Cohort
    modalities : mapping of str to Modality
    findings : tuple of Finding
    manifest : Manifest
    notices : tuple of str
        What was left out.
    """

    name: str
    cohort: Cohort
    modalities: Mapping[str, Modality]
    findings: tuple[Finding, ...]
    manifest: Manifest
    notices: tuple[str, ...] = ()

    def shared(self, *others: Cohort) -> Source:
        """Keep what this source and all others hold."""
        parts = dict(self.cohort.parts)
        for other in others:
            parts = {name: self.modalities[name].shared(part, other.parts[name]) for name, part in parts.items()}
        return replace(self, cohort=Cohort(self.cohort.keys, parts))


def read(source: Path | str, given: Path | None = None, listener: Listener = silent, *, jobs: int = 1) -> Source:
    """Read every modality that a source holds, and find what identifies people in it.

    Parameters
    ----------
    source : Path or str
    given : Path, optional
        The manifest.
    listener : callable, optional
    jobs : int
        Processes of what takes long to read; 0 for one a core. A program that asks for several must guard its main
        module, as `multiprocessing` wants it.

    Raises
    ------
    UnreadableError
        When the source is missing, or nothing recognises it.
    """
    return open_(source, given).whole(listener, jobs)


@dataclass(frozen=True)
class Opened:
    """A source, and who reads it.

    Parameters
    ----------
    place : Path or str
    name : str
        For messages.
    manifest : Manifest
    streams : mapping of str to Stream
        Those that recognise something in it.
    claimed : frozenset of Path
        Files that they take from the modalities that are held.
    """

    place: Path | str
    name: str
    manifest: Manifest
    streams: Mapping[str, Stream]
    claimed: frozenset[Path]

    def holds(self, without: frozenset[Path]) -> bool:
        """Tell whether a modality that no stream copies finds something."""
        return bool(self._recognising(without, streamed=False))

    def held(self, listener: Listener) -> Source | None:
        """Read what no stream copies; None when that is nothing."""
        found = self._recognising(self.claimed, streamed=False)
        return self._read(found, listener, 1) if found else None

    def whole(self, listener: Listener, jobs: int) -> Source:
        """Read everything, what streams would copy too; what has no doubles yet is left out, with a notice.

        Raises
        ------
        ManifestError
            When there is nothing else.
        """
        found = self._recognising(self.claimed, streamed=True)
        later = [LATER.format(name=name) for name in self.streams if name not in modalities()]
        if not found:
            raise ManifestError(f"{self.name}: {'; '.join(later)}")
        held = self._read(found, listener, jobs)
        return replace(held, notices=(*held.notices, *later))

    def _recognising(self, without: frozenset[Path], *, streamed: bool) -> dict[str, Modality]:
        copied = streams()
        # Behind an address there are no files to share out: who knows the model of a database has it all.
        taken = isinstance(self.place, str) and bool(self.streams)
        offered = {key: each for key, each in modalities().items() if streamed or key not in copied}
        return {
            key: each
            for key, each in offered.items()
            if (key in self.streams if key in copied else not taken and each.recognises(self.place, without))
        }

    def _read(self, found: Mapping[str, Modality], listener: Listener, jobs: int) -> Source:
        parts: dict[str, Part] = {}
        for key, modality in found.items():
            listener(Event(f"read {key}", 0))
            parts[key] = modality.read(self.place, self.manifest, self.claimed)
        return prepare(self.name, parts, found, self.manifest, listener, jobs=jobs)


def open_(source: Path | str, given: Path | None = None) -> Opened:
    """Tell who reads a source.

    Raises
    ------
    UnreadableError
        When the source is missing, or nothing recognises it.
    """
    address = isinstance(source, str) and "://" in source
    place: Path | str = source if address else Path(source)
    name = str(source).split("://", maxsplit=1)[0] + "://" if address else Path(source).name
    if isinstance(place, Path) and not place.exists():
        raise UnreadableError(name, "no such file or folder")
    manifest = manifests.find(place, given)
    found = {key: stream for key, stream in streams().items() if stream.recognises(place, manifest)}
    claimed = frozenset(path for stream in found.values() for path in stream.claims(place, manifest))
    opened = Opened(place, name, manifest, found, claimed)
    if not found and not opened.holds(claimed):
        raise UnreadableError(
            name,
            "nothing here that Sosie reads: expected tables (CSV, Parquet, Excel, ...), notes (text, DOCX, ...) or "
            "images (DICOM, NIfTI, PNG, ...)",
        )
    return opened


def prepare(
    name: str,
    parts: Mapping[str, Part],
    installed: Mapping[str, Modality],
    manifest: Manifest,
    listener: Listener = silent,
    *,
    jobs: int = 1,
) -> Source:
    """Give every part its roles, and align the parts on their patients.

    What one modality knows of its patients helps the next ones to recognise them.
    """
    findings: list[Finding] = []
    assigned: dict[str, Part] = {}
    known = NOTHING
    for key, part in parts.items():
        modality = installed[key]
        if isinstance(modality, Attentive):
            part = modality.attend(part, manifest, known, jobs, listener)
        listener(Event(f"identify {key}", 0))
        found = modality.identify(part, manifest)
        assigned[key] = modality.assign(part, found, manifest)
        findings += found
        if isinstance(modality, Knowing) and len(parts) > 1:
            known = modality.knowledge(assigned[key], None, found)
    return Source(name, Cohort.of(assigned), dict(installed), tuple(findings), manifest)


def like(source: Source, other: Path | str, listener: Listener = silent) -> Cohort:
    """Read a release or a control, in the shape of a source that was read before."""
    place: Path | str = other if isinstance(other, str) and "://" in other else Path(other)
    if isinstance(place, Path) and not place.exists():
        raise UnreadableError(place.name, "no such file or folder")
    parts: dict[str, Part] = {}
    opened = open_(place)
    for key, modality in source.modalities.items():
        listener(Event(f"read {key}", 0))
        part = loosely(partial(modality.read, place, without=opened.claimed), source.manifest)
        parts[key] = modality.conform(part, source.cohort.parts[key])
    return Cohort.of(parts)


def loosely(read_as: Callable[[Manifest], Part], manifest: Manifest) -> Part:
    """Read a release or a control by what a manifest says of any source; it need not bear the patient key."""
    # Files that the manifest names beside genomes are the original's.
    genomes = manifest.genomes.model_copy(update={"panel": None, "samples": None})
    loose = manifest.model_copy(update={"tables": {}, "query": {}, "targets": (), "genomes": genomes})
    try:
        return read_as(loose)
    except ManifestError:
        return read_as(loose.model_copy(update={"patient": None}))


def require(cohort: Cohort, name: str, k: int) -> None:
    """Refuse a cohort in which no group of k patients can hide.

    Raises
    ------
    ManifestError
    """
    if len(cohort) < 2 * k:
        raise ManifestError(f"{name}: {len(cohort)} patients; Sosie needs at least {2 * k} (twice k = {k})")


def require_content(seen: Vectors, name: str) -> None:
    """Refuse a cohort of which nothing is left to model once identifiers and free text are gone.

    Raises
    ------
    ManifestError
    """
    if not any(len(np.unique(values)) > 1 for values in seen.values.T):
        raise ManifestError(
            f"{name}: no column is left to model: each is a key, a direct identifier, free text, or the same for all "
            f"patients. If that is wrong, declare the roles of columns in {manifests.FILE_NAME}; `sosie inspect` "
            "lists those that were found"
        )
