"""The timelines' own line: read a window of rows, replace what identifies, write it; memory stays flat.

A source and an order come in; a copy in the same formats and lines of findings leave. Every file that is done is kept
beside the output until the run ends, so that a run that was killed goes on with the next.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sosie.checkpoint import Checkpoint
from sosie.cohort import Finding, Role
from sosie.counting import Count
from sosie.engine import Event, Listener
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.stream import Order, Tally
from sosie.timelines import source
from sosie.timelines.elders import elders
from sosie.timelines.redact import Redactor
from sosie.timelines.source.reader import Sheet

SHOWN = 200
"""Problems that are told one by one."""
HIDDEN = "An identifier of this form stands in cells of a column that is none."
Found = Counter[tuple[str, str]]
"""Cells that were replaced, by column and label."""


class Timelines:
    """Events of patients, in files of any format that has a reader."""

    name = "timelines"

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file, a folder or an address holds timelines."""
        return source.recognises(place, manifest)

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the files of events, which are no tables of one row a patient."""
        return source.claims(place, manifest)

    def order(self, order: Order) -> Order:
        """Return the order: a profile says nothing of timelines."""
        return order

    def inspect(self, place: Path, manifest: Manifest, order: Order, listener: Listener) -> Tally:
        """Count what identifies."""
        count, rows = _Count(SHOWN), 0
        for sheet in _sheets(place, manifest):
            redactor = _redactor(order, [sheet], frozenset())
            found: Found = Counter()
            for window in sheet.windows():
                found += redactor.window(sheet, window)[1]
                rows += len(window)
                listener(Event("identify timelines", rows))
            count.add(found)
        return count.tally({})

    def copy(
        self, place: Path, manifest: Manifest, out: Path, order: Order, kept: Checkpoint, listener: Listener
    ) -> Tally:
        """Write the copy and the findings."""
        sheets = _sheets(place, manifest)
        (out / "data").mkdir(exist_ok=True)
        redactor = _redactor(order, sheets, elders(sheets))
        work = _Work(place, kept)
        count, rows, paths = _Count(SHOWN), 0, dict[str, str]()
        with (out / "findings.jsonl").open("a", encoding="utf-8") as lines:
            for sheet in sheets:
                target = _renamed(sheet, redactor)
                done = work.taken(sheet, out / "data" / target)
                if done is None:
                    found: Found = Counter()
                    with sheet.writing(work.place(sheet, out / "data" / target)) as take:
                        for window in sheet.windows():
                            replaced, some = redactor.window(sheet, window)
                            take(replaced)
                            found += some
                            rows += len(window)
                            listener(Event("redact timelines", rows))
                    work.done(sheet, out / "data" / target, found)
                else:
                    found = done
                lines.writelines(_lines(target, sheet, found))
                count.add(found)
                if target != sheet.name:
                    paths[sheet.name] = target
        if not count.documents:
            raise UnreadableError(Path(place).name, "no file of events could be read")
        return count.tally(paths)


@dataclass
class _Count(Count):
    def add(self, found: Found) -> None:
        self.documents += 1
        self.touched += bool(found)
        for (_, label), cells in found.items():
            self.labels[label] += cells


@dataclass
class _Work:
    """Where finished files wait, so that a run that was killed goes on."""

    root: Path
    kept: Checkpoint
    _folder: Path | None = field(init=False)

    def __post_init__(self) -> None:
        self._folder = None if self.kept.folder is None else self.kept.folder / "timelines"
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, exist_ok=True)

    def place(self, sheet: Sheet, target: Path) -> Path:
        """Return where to write a file."""
        return target if self._folder is None else self._folder / "unfinished" / self._name(sheet)

    def done(self, sheet: Sheet, target: Path, found: Found) -> None:
        """Put a finished file in the copy, and remember it."""
        if self._folder is None:
            return
        told = json.dumps([[column, label, cells] for (column, label), cells in found.items()])
        (self._folder / f"{self._name(sheet)}.json").write_text(told, encoding="utf-8")
        finished = self._folder / self._name(sheet)
        self.place(sheet, target).replace(finished)
        self._give(finished, target)

    def taken(self, sheet: Sheet, target: Path) -> Found | None:
        """Put a file that an earlier start finished in the copy; None where none did."""
        if self._folder is None or not (self._folder / self._name(sheet)).exists():
            return None
        told = json.loads((self._folder / f"{self._name(sheet)}.json").read_text(encoding="utf-8"))
        self._give(self._folder / self._name(sheet), target)
        return Counter({(column, label): cells for column, label, cells in told})

    def _give(self, finished: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(finished, target)
        except OSError:
            shutil.copyfile(finished, target)

    def _name(self, sheet: Sheet) -> str:
        """Return a name that changes with the file."""
        root = Path(self.root)
        path = root if root.is_file() else root / sheet.name
        state = path.stat() if path.exists() else None
        told = "" if state is None else f"-{state.st_size}-{state.st_mtime_ns}"
        return sheet.name.replace("/", "%") + told


def _sheets(place: Path, manifest: Manifest) -> Sequence[Sheet]:
    reader = source.reader_of(place, manifest)
    return () if reader is None else reader.sheets(place, manifest)


def _redactor(order: Order, sheets: Sequence[Sheet], old: frozenset[str]) -> Redactor:
    known = [
        fact.replacement
        for facts in order.knowledge.facts.values()
        for fact in facts
        if fact.label == "PATIENT_KEY" and fact.replacement
    ]
    keys = [sheet.treatments[sheet.patient] for sheet in sheets if sheet.patient in sheet.treatments and sheet.patient]
    # Whoever is in the timelines alone is named as those of the tables are.
    digits = all(name.isdigit() for name in known) if known else bool(keys) and all(key.digits for key in keys)
    return Redactor(order.pseudonyms, order.knowledge.facts, frozenset(order.knowledge.taken), digits=digits, old=old)


def _renamed(sheet: Sheet, redactor: Redactor) -> str:
    """Return the name of a file in the copy: one that bears the key of its only patient gets the pseudonym."""
    if sheet.patient is None:
        return sheet.name
    first = next(sheet.windows(), None)
    if first is None or first[sheet.patient].drop_nulls().n_unique() != 1:
        return sheet.name
    key = str(first[sheet.patient].drop_nulls()[0]).strip()
    return sheet.name.replace(key, redactor.name(key))


def _lines(name: str, sheet: Sheet, found: Found) -> Iterator[str]:
    """Tell what identifies, a line a column, and a line a kind of identifier that hides in another; never a value."""
    for column, treated in sheet.treatments.items():
        finding = Finding(name, column, treated.label, treated.role, treated.score, treated.detector, treated.reason)
        yield f"{json.dumps(asdict(finding), ensure_ascii=False)}\n"
    for column, label in found:
        if column not in sheet.treatments:
            finding = Finding(name, column, label, Role.DIRECT, 0.95, f"validator:{label.lower()}", HIDDEN)
            yield f"{json.dumps(asdict(finding), ensure_ascii=False)}\n"
