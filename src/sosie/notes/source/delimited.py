"""CSV and TSV with a column of text: one note a row, its other columns as its header.

A file is read a record at a time; fields that nothing changed are written as they were spelled, quotes included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

from sosie.notes.source.charset import spelled
from sosie.notes.source.columns import Columns, choose
from sosie.notes.source.fields import day
from sosie.notes.source.layout import Layout
from sosie.notes.source.lines import LineFile
from sosie.notes.source.record import BinaryFormat, NotReadable, Origin, Problem, Record

SAMPLE = 200
_MOST = 1 << 26
"""Characters of one record; a quote that nothing closes would swallow the file."""
_DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[-+]?\d{1,4}(?:[.,]\d+)?|[-+]?\d+[.,]\d+")


@dataclass(frozen=True)
class Fields:
    """Cuts records into fields as they are spelled, and spells new ones."""

    delimiter: str
    _open: re.Pattern[str] = field(init=False)
    _field: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        edge = re.escape(self.delimiter)
        object.__setattr__(self, "_open", re.compile(rf'(?:^|{edge})"'))
        object.__setattr__(self, "_field", re.compile(rf'(?:"[^"]*(?:""[^"]*)*"[^{edge}\r\n]*|[^{edge}]*)({edge}|$)'))

    def records(self, lines: Iterator[str], width: int = 0) -> Iterator[str]:
        """Gather the lines of each record.

        Where nothing closes a quote, or what closes it belongs to another record (of ``width`` fields), the line of the
        quote is a record by itself.
        """
        pending: list[str] = []
        size, inside = 0, False
        while True:
            line = next(lines, None)
            if line is not None:
                pending.append(line)
                size += len(line)
                inside = self._inside(line, inside)
                if inside and size <= _MOST:
                    continue
            elif not pending:
                return
            if inside or (width and len(pending) > 1 and self._strays(pending, width)):
                lines = chain(pending[1:], lines)
                pending = pending[:1]
            yield "".join(pending)
            pending, size, inside = [], 0, False

    def _strays(self, pending: list[str], width: int) -> bool:
        """Tell whether lines make one record less well than the first of them alone."""
        return len(self.split("".join(pending))) != width and len(self.split(pending[0])) == width

    def _inside(self, line: str, inside: bool) -> bool:
        if '"' not in line:
            return inside
        at = 0
        while True:
            if not inside:
                found = self._open.search(line, at)
                if found is None:
                    return False
                at, inside = found.end(), True
            at = _closing(line, at)
            if at < 0:
                return True
            inside = False

    def split(self, record: str) -> list[str]:
        """Return the fields of a record as they are spelled; its line end belongs to none."""
        body = record.rstrip("\r\n")
        fields, at = [], 0
        while True:
            found = self._field.match(body, at)
            assert found is not None
            fields.append(body[at : found.start(1)])
            at = found.end()
            if not found[1]:
                return fields

    @staticmethod
    def value(spelling: str) -> str:
        """Return what a field says."""
        if len(spelling) > 1 and spelling[0] == spelling[-1] == '"':
            return spelling[1:-1].replace('""', '"')
        return spelling

    def spell(self, value: str, like: str) -> str:
        """Spell a value, in quotes where the old one was or where it must be."""
        special = any(character in value for character in (self.delimiter, '"', "\n", "\r"))
        return '"' + value.replace('"', '""') + '"' if special or like.startswith('"') else value


def _closing(line: str, at: int) -> int:
    """Return the place behind the quote that closes a field, or -1."""
    while True:
        at = line.find('"', at)
        if at < 0:
            return -1
        if line.startswith('""', at):
            at += 2
            continue
        return at + 1


@dataclass(frozen=True)
class Opened:
    """A delimited file whose header is known."""

    file: LineFile
    fields: Fields
    preamble: str
    header: str
    titles: tuple[str, ...]
    sample: Mapping[str, list[str]]

    @classmethod
    def of(cls, origin: Origin) -> Opened:
        """Read the header and some records."""
        file = LineFile.sniff(origin.path, origin.declared.encoding)
        first = next(file.lines(), "")
        separator = re.match(r"(?i)sep=(.)\r?\n", first)
        preamble = first if separator else ""
        head = "".join(islice(file.lines(), 1, 20) if preamble else islice(file.lines(), 20))
        fields = Fields(separator[1] if separator else _delimiter(file.decoded(head)[0]))
        header = next(fields.records(islice(file.lines(), bool(preamble), None)), "")
        titles = tuple(fields.value(field) for field in fields.split(file.decoded(header)[0]))
        if not any(title.strip() for title in titles):
            raise NotReadable("the file is empty; expected a header and one row for each note")
        opened = cls(file, fields, preamble, header, titles, {title: [] for title in titles})
        for record in islice(opened.records(), SAMPLE):
            for title, spelling in zip(titles, fields.split(file.decoded(record)[0]), strict=False):
                opened.sample[title].append(fields.value(spelling))
        return opened

    def records(self) -> Iterator[str]:
        """Return the raw records behind the header."""
        lines = islice(self.file.lines(), bool(self.preamble), None)
        yield from islice(self.fields.records(lines, len(self.titles)), 1, None)


class Delimited(BinaryFormat):
    """One note a row."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read a row at a time."""
        opened = Opened.of(origin)
        columns = choose(opened.sample, origin.declared, origin.patient_column)
        if columns is None or columns.text not in opened.titles:
            raise NotReadable("no column holds text; declare it under `notes` in sosie.yaml")
        head = opened.file.charset.mark + opened.file.encoded(opened.preamble + opened.header)
        yield Record((), lambda _: head)
        for row, raw in enumerate(opened.records(), start=1):
            yield from _Row(origin, opened, columns, row, raw).read()


@dataclass(frozen=True)
class _Row:
    origin: Origin
    opened: Opened
    columns: Columns
    row: int
    raw: str

    def read(self) -> Iterator[Record | Problem]:
        opened, name = self.opened, f"{self.origin.name}#{self.row}"
        text, encoding = opened.file.decoded(self.raw)
        data = opened.file.encoded(self.raw)
        if not text.strip("\r\n"):
            yield Record((), lambda _: data)
            return
        cells = opened.fields.split(text)
        if len(cells) != len(opened.titles):
            yield Problem(name, f"{len(cells)} fields were found, {len(opened.titles)} expected", lost=False)
        # Fields beyond the header, of a row whose text is not quoted, are looked at like the others.
        titles = [*opened.titles, *("extra" for _ in cells[len(opened.titles) :])]
        values = [opened.fields.value(cell) for cell in cells]
        at = opened.titles.index(self.columns.text)
        header = Layout()
        for place, (title, value) in enumerate(zip(titles, values, strict=False)):
            if place != at:
                label = self.columns.label(title, value)
                if label is not None or not _NUMBER.fullmatch(value.strip()):
                    header.entry(title, value, _put(cells, place, opened.fields), label)
        by_title = dict(zip(opened.titles, values, strict=False))
        origin = self.origin.of(
            by_title.get(self.columns.patient or ""),
            day(by_title.get(self.columns.date or "")),
            by_title.get(self.columns.kind or ""),
        )
        documents = [origin.document(values[at], (), f"{self.row}")] if at < len(values) else []
        if len(header):
            documents.append(origin.document(header.text, header.known, f"{self.row}/header"))

        def render(texts: Mapping[str, str]) -> bytes:
            if all(texts[document.name] == document.text for document in documents):
                return data
            if at < len(values) and texts[name] != values[at]:
                _put(cells, at, opened.fields)(texts[name])
            if len(header):
                header.fill(texts[f"{name}/header"])
            end = text[len(text.rstrip("\r\n")) :]
            return spelled(opened.fields.delimiter.join(cells) + end, encoding)

        yield Record(tuple(documents), render)


def _put(cells: list[str], place: int, fields: Fields) -> Callable[[str], None]:
    def put(value: str) -> None:
        cells[place] = fields.spell(value, cells[place])

    return put


def _delimiter(head: str) -> str:
    """Return the delimiter by which most of the first records have as many fields as the header, and several."""
    lines = head.splitlines(keepends=True)

    def merit(delimiter: str) -> tuple[float, int]:
        fields = Fields(delimiter)
        widths = [len(fields.split(record)) for record in fields.records(iter(lines)) if record.strip()]
        if not widths or widths[0] < 2:
            return 0.0, 0
        return round(widths.count(widths[0]) / len(widths), 1), widths[0]

    return max(_DELIMITERS, key=merit)
