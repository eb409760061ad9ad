"""JSON: one note an object, its text under one key, and what is said of it under the others.

Objects stand one a line (JSONL), or in a list of one file. Each gives a document for its text and one for its header,
the other fields that can identify. A file is written back as it was but for the values that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sosie.notes.document import Document
from sosie.notes.source.charset import decode, spelled
from sosie.notes.source.columns import Columns, choose
from sosie.notes.source.fields import day, label_of
from sosie.notes.source.jsontext import Leaf, NotJson, Path, Splice, leaves
from sosie.notes.source.layout import Layout
from sosie.notes.source.lines import LineFile
from sosie.notes.source.record import BinaryFormat, NotReadable, Origin, Problem, Record

_SAMPLE = 200
_LEAST_DIGITS = 5
"""Numbers of fewer digits identify nobody unless their name says so."""
_NO_TEXT = "no field holds text; declare it under `notes` in sosie.yaml; not copied"


class JsonLines(BinaryFormat):
    """One JSON object a line."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read a line at a time."""
        file = LineFile.sniff(origin.path, origin.declared.encoding)
        columns = choose(sample(file), origin.declared, origin.patient_column)
        if columns is None:
            raise NotReadable(_NO_TEXT)
        mark = file.charset.mark
        if mark:
            yield Record((), lambda _: mark)
        for row, raw in enumerate(file.lines(), start=1):
            try:
                yield _line(origin, file, columns, row, raw)
            except NotJson:
                yield Problem(f"{origin.name}#{row}", "the line is not JSON; not copied")


class JsonList(BinaryFormat):
    """Objects in one JSON file: in a list, or in the list under one key; or one object alone."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read the only record."""
        text, charset = decode(origin.path.read_bytes(), origin.declared.encoding)
        try:
            objects = _objects(list(leaves(text)))
        except NotJson:
            raise NotReadable("not JSON; not copied") from None
        columns = choose(_values(objects), origin.declared, origin.patient_column)
        if columns is None:
            raise NotReadable(_NO_TEXT)
        splice = Splice(text)
        notes = [
            _note(origin, columns, row, found, len(place), splice)
            for row, (place, found) in enumerate(objects.items(), start=1)
        ]

        def render(texts: Mapping[str, str]) -> bytes:
            for note in notes:
                note.put(texts)
            return charset.encode(splice.whole())

        documents = tuple(document for note in notes for document in note.documents)
        yield Record(documents, render, tuple(problem for note in notes for problem in note.problems))


@dataclass(frozen=True, slots=True)
class _Note:
    documents: tuple[Document, ...]
    put: Callable[[Mapping[str, str]], None]
    problems: tuple[Problem, ...] = ()


def sample(file: LineFile) -> dict[str, list[str]]:
    """Return the values at the top of the first lines, by key."""
    values: dict[str, list[str]] = {}
    for raw in islice(file.lines(), _SAMPLE):
        try:
            _gather(values, list(leaves(file.decoded(raw)[0])), 0)
        except NotJson:
            continue
    return values


def sample_list(origin: Origin) -> dict[str, list[str]]:
    """Return the values at the top of the first objects of a list, by key."""
    text, _ = decode(origin.path.read_bytes(), origin.declared.encoding)
    try:
        return _values(_objects(list(leaves(text))))
    except NotJson:
        raise NotReadable("not JSON; not copied") from None


def _values(objects: Mapping[Path, list[Leaf]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for place, found in islice(objects.items(), _SAMPLE):
        _gather(values, found, len(place))
    return values


def _gather(values: dict[str, list[str]], found: list[Leaf], depth: int) -> None:
    for leaf in found:
        if len(leaf.path) == depth + 1:
            values.setdefault(leaf.key, []).append(leaf.value)


def _objects(found: list[Leaf]) -> dict[Path, list[Leaf]]:
    """Return the leaves of each object of the list that a file is, or holds under one key."""
    grouped: dict[Path, list[Leaf]] = {}
    for leaf in found:
        depth = next((at + 1 for at, step in enumerate(leaf.path[:2]) if isinstance(step, int)), 0)
        grouped.setdefault(leaf.path[:depth], []).append(leaf)
    return grouped


def _line(origin: Origin, file: LineFile, columns: Columns, row: int, raw: str) -> Record:
    text, encoding = file.decoded(raw)
    if not text.strip():
        return Record((), lambda _: file.encoded(raw))
    splice = Splice(text)
    note = _note(origin, columns, row, list(leaves(text)), 0, splice)

    def render(texts: Mapping[str, str]) -> bytes:
        if all(texts[document.name] == document.text for document in note.documents):
            return file.encoded(raw)
        note.put(texts)
        return spelled(splice.whole(), encoding)

    return Record(note.documents, render, note.problems)


def _note(origin: Origin, columns: Columns, row: int, found: list[Leaf], depth: int, splice: Splice) -> _Note:
    top = {leaf.key: leaf for leaf in found if len(leaf.path) == depth + 1}
    body = top.get(columns.text)
    if body is not None and body.number:
        body = None
    values = {key: leaf.value for key, leaf in top.items()}
    here = origin.of(
        values.get(columns.patient or ""), day(values.get(columns.date or "")), values.get(columns.kind or "")
    )
    header = Layout()
    _fill_header(header, columns, [leaf for leaf in found if leaf is not body], depth, splice)
    note = here.document(body.value if body else "", (), f"{row}")
    top_of = here.document(header.text, header.known, f"{row}/header")

    def put(texts: Mapping[str, str]) -> None:
        if body is not None and texts[note.name] != body.value:
            splice.put(body)(texts[note.name])
        if len(header):
            header.fill(texts[top_of.name])

    documents = (*((note,) if body else ()), *((top_of,) if len(header) else ()))
    return _Note(documents, put, () if body else (Problem(note.name, "there is no text", lost=False),))


def _fill_header(header: Layout, columns: Columns, fields: list[Leaf], depth: int, splice: Splice) -> None:
    """Add the leaves of an object that can identify, captioned by their keys."""
    for leaf in fields:
        at_top = len(leaf.path) == depth + 1
        label = columns.label(leaf.key, leaf.value) if at_top else label_of(leaf.key, leaf.value)
        if leaf.number and label is None and len(leaf.value.lstrip("-")) < _LEAST_DIGITS:
            continue
        header.entry(leaf.key, leaf.value, splice.put(leaf), label)
