"""Genomes as a modality: the rooms of this folder behind the one protocol, for doubles' genotypes.

A pseudonymised copy is made as files are read (`copy`); doubles need the genotypes of the whole cohort, which are held
(on disk where they are many).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from sosie.cohort import Codec, Finding, Vectors
from sosie.errors import ManifestError
from sosie.genomes import source
from sosie.genomes.genotypes import Form, GenomesPart
from sosie.genomes.source import samples
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Knowledge

if TYPE_CHECKING:
    from sosie.engine import Listener

LATER = "genomes are pseudonymised as they are read: see `sosie deidentify`"
_UNDECLARED = Manifest()


class Genomes:
    """Genotypes, in VCF, BCF and PLINK files."""

    name = "genomes"

    def __init__(self) -> None:
        self._names: Mapping[str, Sequence[str]] = {}

    def recognises(self, place: Path | str, without: Collection[Path] = ()) -> bool:
        """Tell whether a file or a folder holds genomes."""
        return source.recognises(place, _UNDECLARED)

    def read(self, place: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> GenomesPart:
        """Read the genotypes of a source."""
        root = Path(place)
        folder = root if root.is_dir() else root.parent
        part, self._names = source.read_named(root, manifest)
        part = replace(part, form=_told(part, folder))
        return part if manifest.genomes.panel is None else replace(part, panel=_panel(part, folder, manifest))

    def attend(
        self, part: GenomesPart, manifest: Manifest, knowledge: Knowledge, jobs: int, listener: Listener
    ) -> GenomesPart:
        """Give each genome to the patient of the tables whose it is; leave out those of nobody."""
        if not knowledge.facts:
            return part
        found = samples.of_patients(part.keys, self._names, knowledge.facts)
        rows = np.array([row for row, key in enumerate(found) if key is not None], dtype=np.int64)
        if not len(rows):
            raise ManifestError(samples.NOBODY)
        keys = tuple(key for key in found if key is not None)
        lost = len(found) - len(keys)
        notices = (*part.notices, samples.STRAY.format(count=lost)) if lost else part.notices
        placed = replace(part.take(rows), keys=keys, notices=notices)
        return replace(placed, form=_told(placed))

    def identify(self, part: GenomesPart, manifest: Manifest) -> tuple[Finding, ...]:
        """Find what identifies people."""
        from sosie.genomes.identify import findings

        return findings(part, manifest)

    def assign(self, part: GenomesPart, findings: Sequence[Finding], manifest: Manifest) -> GenomesPart:
        """Return the part: genotypes have no roles."""
        return part

    def redact(self, part: GenomesPart, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> GenomesPart:
        """Refuse: copies are streamed."""
        raise ManifestError(LATER)

    def fit_codec(self, part: GenomesPart, manifest: Manifest, rng: np.random.Generator) -> Codec:
        """Learn what genomes share; how many patients each thing needs is drawn, at k or above."""
        from sosie.genomes.codec import GenomesCodec

        return cast("Codec", GenomesCodec.fit(part, manifest, rng))

    def observe(self, part: GenomesPart, manifest: Manifest) -> Callable[[GenomesPart], Vectors]:
        """Return the attacker's view of genotypes."""
        from sosie.genomes.observe import view

        look: Callable[[GenomesPart], Vectors] = view(part, manifest)
        return look

    def conform(self, part: GenomesPart, like: GenomesPart) -> GenomesPart:
        """Return the sites that both have, in the order of ``like``."""
        from sosie.genomes.alike import conformed

        return conformed(part, like)

    def shared(self, part: GenomesPart, other: GenomesPart) -> GenomesPart:
        """Return ``part`` without the sites that ``other`` lacks."""
        from sosie.genomes.alike import conformed

        return conformed(part, other)

    def describe(self, part: GenomesPart, manifest: Manifest) -> Mapping[str, object]:
        """Tell how few sites single out a patient, and the notices of the reading."""
        from sosie.genomes.identify import singled_out

        return {
            "rules": {"en": [], "fr": []},
            "uniqueness": singled_out(part, manifest),
            "notices": list(part.notices),
        }

    def compare(
        self, original: GenomesPart, doubles: GenomesPart, manifest: Manifest, rng: np.random.Generator
    ) -> Mapping[str, object]:
        """Measure what the doubles' genotypes keep."""
        from sosie.genomes.compare import compare

        told: Mapping[str, object] = compare(original, doubles, manifest, rng)
        return told

    def write(self, part: GenomesPart, directory: Path) -> None:
        """Write the genotypes in the format, under the names and with the indexes that came in."""
        source.write(part, directory)


def _told(part: GenomesPart, folder: Path | None = None) -> Form:
    """Return the form that says whether keys are whole numbers, by which doubles are named as tables name them.

    It says where what the manifest names is found, too.
    """
    keys = [key for key in part.keys if key]
    numbered = all(key.isdecimal() and str(int(key)) == key for key in keys)
    more = {} if folder is None else {"folder": str(folder)}
    return replace(part.form, details={**part.form.details, "numbered": numbered, **more})


def _panel(part: GenomesPart, folder: Path, manifest: Manifest) -> GenomesPart:
    """Return the people of the public panel at the variants of a part."""
    from sosie.genomes.panel import aligned

    place = folder / str(manifest.genomes.panel)
    if not place.exists():
        raise ManifestError(f"genomes: panel: {place.name} is no file and no folder beside the manifest")
    found: GenomesPart = aligned(source.read(place, _UNDECLARED), part.variants)
    return found
