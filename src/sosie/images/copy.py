"""The images' own line: walk, examine, mask, clean, write; one after the other, so that memory stays flat.

A source and an order come in; a copy under names that tell nothing, lines of findings and contact sheets leave. Nothing
is held but counts, and the names of the files that were written.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sosie.checkpoint import Checkpoint
from sosie.counting import Count
from sosie.engine import Engine, Event, Listener
from sosie.errors import UnreadableError
from sosie.images import listing, naming, source
from sosie.images.answer import Answer, Kept
from sosie.images.crew import Crew
from sosie.images.facts import merged
from sosie.images.owners import Owners
from sosie.images.review import Pages
from sosie.images.source import Item
from sosie.images.worker import Worker
from sosie.manifest import Manifest
from sosie.stream import Fact, Knowledge, Order, Problem, Tally

if TYPE_CHECKING:
    from sosie.images.redact import Profile

SHOWN = 1000
"""Problems that are told one by one."""
EXTRA = "images need an extra: pip install 'sosie[images]'; not copied"
TWICE = "holds the same instance as another file; written once"
LISTED = "lists images, several rows a patient: whose they are was read in it; its own rows are not copied with images"
CLASH = "bears the SOP instance UID of another file, and holds something else; written beside it under a number"


class Images:
    """DICOM, NIfTI and pictures, in files and archives."""

    name = "images"

    def __init__(self) -> None:
        self._facts: dict[str, tuple[Fact, ...]] = {}

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file or a folder holds images."""
        return source.recognises(place)

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the images, and the tables that list them with several rows a patient: no tables of patients."""
        if isinstance(place, str) and "://" in place:
            return frozenset()
        root = Path(place)
        return source.plain(root) | listing.read(root, manifest).tables

    def order(self, order: Order) -> Order:
        """Return an order whose pseudonyms follow its profile, as those of notes do."""
        from sosie.notes.copy import Notes

        if not _missing():
            _profile(order)
        return Notes().order(order)

    def inspect(self, place: Path, manifest: Manifest, order: Order, listener: Listener) -> Tally:
        """Count what identifies."""
        if _missing():
            return Tally(problems=(Problem(place.name, EXTRA),), troubled=1)
        count, total = _Count(), _total(place, manifest)
        for answer in _answers(place, manifest, order, Kept(None), count):
            count.add(answer)
            listener(Event("identify images", count.seen, total))
        return count.tally({})

    def copy(
        self, place: Path, manifest: Manifest, out: Path, order: Order, kept: Checkpoint, listener: Listener
    ) -> Tally:
        """Write the copy, the findings and the contact sheets."""
        if _missing():
            raise UnreadableError(place.name, EXTRA)
        count, total = _Count(), _total(place, manifest)
        for table in sorted(listing.read(place, manifest).tables):
            count.trouble(table.relative_to(place).as_posix(), LISTED)
        (out / "data").mkdir(exist_ok=True)
        paths: dict[str, str] = {}
        with ExitStack() as stack:
            lines = stack.enter_context((out / "findings.jsonl").open("a", encoding="utf-8"))
            work = Kept(_work(kept, stack))
            pages = Pages(order.sheets, order.words) if order.sheets is not None else None
            for answer in _answers(place, manifest, order, work, count):
                count.add(answer)
                if answer.facts:
                    self._facts[answer.key] = merged(self._facts.get(answer.key, ()), answer.facts)
                if not answer.problem:
                    path, new = _placed(answer, work, out / "data", count)
                    paths[answer.name] = path
                    if new:
                        lines.writelines(_lines(path, answer))
                        if pages is not None:
                            pages.add(path, answer.sheets)
                listener(Event("redact images", count.seen, total))
            if pages is not None:
                pages.close()
        if not count.documents:
            raise UnreadableError(place.name, count.nothing("image"))
        return count.tally(paths)

    def told(self) -> Knowledge:
        """Return what the headers that were copied say of each patient."""
        return Knowledge(self._facts)


@dataclass
class _Count(Count):
    shown: int = SHOWN
    seen: int = 0

    def add(self, answer: Answer) -> None:
        self.seen += 1
        if answer.problem:
            self.trouble(answer.name, answer.problem)
            return
        self.documents += 1
        self.touched += bool(answer.tags or answer.boxes)
        for detector, found in (("header", answer.tags), ("pixels", answer.boxes)):
            told = [each.label for each in found if each.action != "kept"]
            self.labels.update(told)
            self.detectors[detector] += len(told)
        for notice in answer.notices:
            self.trouble(answer.name, notice)


def _answers(place: Path, manifest: Manifest, order: Order, work: Kept, count: _Count) -> Iterator[Answer]:
    worker = Worker(
        order.pseudonyms,
        _profile(order),
        order.knowledge,
        Owners.of(place, manifest),
        work,
        language=order.pseudonyms.language,
        review=order.sheets is not None,
    )
    return Crew(worker, Engine(order.jobs).workers).answers(_tasks(place, manifest, count))


def _tasks(place: Path, manifest: Manifest, count: _Count) -> Iterator[tuple[Item, ...]]:
    for found in source.gathered(source.walk(place, manifest)):
        if isinstance(found, Problem):
            count.trouble(found.name, found.reason)
        else:
            yield found


def _total(place: Path, manifest: Manifest) -> int | None:
    """Return the number of images, unless counting them would take as long as reading them."""
    if source.compressed(place):
        return None
    return sum(isinstance(found, Item) for found in source.walk(place, manifest))


def _missing() -> bool:
    return find_spec("pydicom") is None or find_spec("rapidocr") is None


def _profile(order: Order) -> Profile:
    from sosie.images.redact import Profile

    return Profile.load(order.profile)


def _work(kept: Checkpoint, stack: ExitStack) -> Path:
    """Return the folder where new files wait, so that a run that was killed goes on."""
    if kept.folder is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory()))
    folder = kept.folder / "images"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _placed(answer: Answer, work: Kept, data: Path, count: _Count) -> tuple[str, bool]:
    """Put a new file in the copy; return its path there, and whether it was not there before."""
    assert work.folder is not None
    new, number, path = work.folder / answer.file, 1, answer.path
    while (target := data / path).exists():
        if filecmp.cmp(new, target, shallow=False):
            count.trouble(answer.name, TWICE)
            return path, False
        number += 1
        path = naming.numbered(answer.path, number)
    if number > 1:
        count.trouble(answer.name, CLASH)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The folder of the run keeps its own name for it, lest a run that is killed now do it again.
        os.link(new, target)
    except OSError:
        shutil.copyfile(new, target)
    return path, True


def _lines(path: str, answer: Answer) -> Iterable[str]:
    for tag in answer.tags:
        told: dict[str, object] = {"document": path, "tag": tag.tag, "label": tag.label, "action": tag.action}
        yield f"{json.dumps(told, ensure_ascii=False)}\n"
    for box in answer.boxes:
        where = {"document": path, "frame": box.frame, "box": list(box.box)}
        told = {**where, "label": box.label, "action": box.action, "score": round(box.score, 3)}
        yield f"{json.dumps(told, ensure_ascii=False)}\n"
