"""JSON lines: one note a line, its text under one key, and what is said of it under the others.

Each line gives a document for its text and one for its header, the other fields that can identify. A line is written
back as it was but for the values that changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sosie.notes.source.charset import spelled
from sosie.notes.source.columns import Columns, choose
from sosie.notes.source.fields import day, label_of
from sosie.notes.source.jsontext import Leaf, NotJson, Splice, leaves
from sosie.notes.source.layout import Layout
from sosie.notes.source.lines import LineFile
from sosie.notes.source.record import BinaryFormat, NotReadable, Origin, Problem, Record

SAMPLE = 200
_LEAST_DIGITS = 5
"""Numbers of fewer digits identify nobody unless their name says so."""


def sample(origin: Origin) -> dict[str, list[str]]:
    """Return the values at the top of the first lines, by key."""
    file = LineFile.sniff(origin.path, origin.declared.encoding)
    values: dict[str, list[str]] = {}
    for raw in islice(file.lines(), SAMPLE):
        try:
            for leaf in leaves(file.decoded(raw)[0]):
                if len(leaf.path) == 1 and isinstance(leaf.path[0], str):
                    values.setdefault(leaf.path[0], []).append(leaf.value)
        except NotJson:
            continue
    return values


class JsonLines(BinaryFormat):
    """One JSON object a line."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read a line at a time."""
        file = LineFile.sniff(origin.path, origin.declared.encoding)
        columns = choose(sample(origin), origin.declared, origin.patient_column)
        if columns is None:
            raise NotReadable("no field holds text; declare it under `notes` in sosie.yaml")
        mark = file.charset.mark
        if mark:
            yield Record((), lambda _: mark)
        for row, raw in enumerate(file.lines(), start=1):
            if not raw.strip():
                yield _verbatim(file.encoded(raw))
                continue
            try:
                yield from _Line(origin, file, columns, row, raw).read()
            except NotJson:
                yield Problem(f"{origin.name}#{row}", "the line is not JSON; not copied")


def _verbatim(data: bytes) -> Record:
    return Record((), lambda _: data)


@dataclass(frozen=True)
class _Line:
    origin: Origin
    file: LineFile
    columns: Columns
    row: int
    raw: str

    def read(self) -> Iterator[Record | Problem]:
        text, encoding = self.file.decoded(self.raw)
        found = list(leaves(text))
        top = {str(leaf.path[0]): leaf for leaf in found if len(leaf.path) == 1}
        note = top.get(self.columns.text)
        values = {key: leaf.value for key, leaf in top.items()}
        patient = values.get(self.columns.patient or "")
        header = Layout()
        splice = Splice(text)
        fill_header(header, [leaf for leaf in found if leaf is not note], splice)
        name = f"{self.origin.name}#{self.row}"
        written, kind = day(values.get(self.columns.date or "")), values.get(self.columns.kind or "")
        origin = self.origin.of(patient, written, kind)
        documents = []
        if note is not None and not note.number:
            documents.append(origin.document(note.value, (), f"{self.row}"))
        else:
            yield Problem(name, "the line has no text", lost=False)
        if len(header):
            documents.append(origin.document(header.text, header.known, f"{self.row}/header"))

        def render(texts: Mapping[str, str]) -> bytes:
            if all(texts[document.name] == document.text for document in documents):
                return self.file.encoded(self.raw)
            if note is not None and name in texts and texts[name] != note.value:
                splice.put(note)(texts[name])
            if len(header):
                header.fill(texts[f"{name}/header"])
            return spelled(splice.whole(), encoding)

        yield Record(tuple(documents), render)


def fill_header(header: Layout, fields: list[Leaf], splice: Splice) -> None:
    """Add the leaves of a JSON text that can identify, captioned by their keys."""
    for leaf in fields:
        label = label_of(leaf.key, leaf.value)
        if leaf.number and label is None and len(leaf.value.lstrip("-")) < _LEAST_DIGITS:
            continue
        header.entry(leaf.key, leaf.value, splice.put(leaf), label)
