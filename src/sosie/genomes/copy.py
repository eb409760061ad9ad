"""The genomes' own line: read, rename, write, one file after the other.

A source and an order come in; a copy in the same formats and lines of findings leave. Samples bear the pseudonyms that
their patients bear in the tables, headers tell nothing of anybody; genotypes stay as they are, and identify by
themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sosie.checkpoint import Checkpoint
from sosie.counting import Count
from sosie.engine import Event, Listener
from sosie.errors import SosieError, UnreadableError
from sosie.genomes import source
from sosie.genomes.redact.file import copied, looked
from sosie.genomes.redact.names import Names
from sosie.genomes.source import samples
from sosie.genomes.source.opened import File
from sosie.manifest import Manifest
from sosie.stream import Order, Problem, Tally

SHOWN = 200
"""Problems that are told one by one."""
GENOME = (
    "the genotypes are copied as they are: a genome identifies by itself, and its kin; the copy remains personal data"
)
STRAY = "{count} samples name no patient of the tables; each has a pseudonym of its own"
ONCE = "{found} ({place})"


class Genomes:
    """Genotypes, in VCF, BCF and PLINK files."""

    name = "genomes"

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file or a folder holds genomes."""
        return source.recognises(place, manifest)

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return what the manifest names beside genomes: lists, maps and scores, which are no tables of patients."""
        return source.claimed(place, manifest) if source.recognises(place, manifest) else frozenset()

    def order(self, order: Order) -> Order:
        """Return the order: no profile changes genomes."""
        return order

    def inspect(self, place: Path, manifest: Manifest, order: Order, listener: Listener) -> Tally:
        """Count what identifies."""
        if not source.ready():
            return Tally(problems=(Problem(place.name, source.EXTRA),), troubled=1)
        count = _Count()
        for file, names in _opened(place, manifest, order, count):
            count.add([change for _, change in looked(file, names)])
            listener(Event("identify genomes", count.documents))
        if count.documents:
            count.identify(place, manifest)
        return count.tally({})

    def copy(
        self, place: Path, manifest: Manifest, out: Path, order: Order, kept: Checkpoint, listener: Listener
    ) -> Tally:
        """Write the copy and the findings."""
        if not source.ready():
            raise UnreadableError(place.name, source.EXTRA)
        count = _Count()
        data = out / "data"
        data.mkdir(exist_ok=True)
        paths: dict[str, str] = {}
        with (out / "findings.jsonl").open("a", encoding="utf-8") as lines:
            for file, names in _opened(place, manifest, order, count):
                try:
                    done = copied(file, names, data, listener)
                except UnreadableError as error:
                    count.trouble(error.file, error.problem)
                    continue
                paths |= done.paths
                count.add([change for _, change in done.changes])
                for name, change in done.changes:
                    lines.write(f"{json.dumps({'document': done.paths[name], **change}, ensure_ascii=False)}\n")
                for notice in done.notices:
                    count.trouble(file.origin.name, notice)
                listener(Event("redact genomes", count.documents))
        if not count.documents:
            raise UnreadableError(place.name, count.nothing("genome"))
        count.trouble(place.name, GENOME)
        return count.tally(paths)


@dataclass
class _Count(Count):
    shown: int = SHOWN

    def add(self, changes: list[dict[str, object]]) -> None:
        self.documents += 1
        self.touched += bool(changes)
        self.labels.update(str(change["label"]) for change in changes)
        self.detectors["header"] += len(changes)

    def identify(self, place: Path, manifest: Manifest) -> None:
        """Look at the genotypes too; what they tell of people has no place in a file, and is said in a sentence."""
        from sosie.genomes.identify import findings

        try:
            part = source.read(place, manifest)
        except SosieError as error:
            self.trouble(place.name, str(error))
            return
        for notice in part.notices:
            self.trouble(place.name, notice)
        for found in findings(part, manifest):
            if found.label != "SAMPLE":
                self.labels[found.label] += 1
                self.detectors[found.detector] += 1
                self.trouble(found.document, ONCE.format(found=found.reason, place=found.place))


def _opened(place: Path, manifest: Manifest, order: Order, count: _Count) -> Iterator[tuple[File, Names]]:
    """Open the files of a source one after the other, with the pseudonyms of their samples."""
    folder = place if place.is_dir() else place.parent
    listed = samples.listed(folder / manifest.genomes.samples) if manifest.genomes.samples else {}
    strays: set[str] = set()
    for origin in source.found(place, manifest):
        try:
            file = source.open_(origin)
        except UnreadableError as error:
            count.trouble(error.file, error.problem)
            continue
        names = Names(order.pseudonyms, order.knowledge, listed, samples.aliases(file))
        if order.knowledge.facts:
            strays.update(sample for sample in file.samples if names.key(sample) not in order.knowledge.facts)
        yield file, names
    if strays:
        count.trouble(place.name, STRAY.format(count=len(strays)))
