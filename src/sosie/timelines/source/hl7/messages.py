"""HL7 v2 messages: segments of fields, whose separators each message tells itself (MSH-1, MSH-2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sosie.errors import UnreadableError

SUFFIXES = frozenset({".hl7", ".oru", ".msg", ".txt", ".er7"})
START, END = "\x0b", "\x1c"
"""Frame a message (MLLP)."""
HEAD = 512
_MARKED = re.compile(rb"^(?:\xef\xbb\xbf)?[\x0b\s]*MSH([^\w\s])([^\w\s]{3,5})\1")
_SEGMENT = re.compile(r"^[A-Z][A-Z0-9]{2}$")


@dataclass(frozen=True)
class Marks:
    """The separators of one message: of fields, of components, of repetitions, of subcomponents, and the escape."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def plain(self, text: str) -> str:
        """Return text without its escapes."""
        if self.escape not in text:
            return text
        told = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": self.subcomponent}
        found = re.escape(self.escape)
        return re.sub(rf"{found}([FSRET]){found}", lambda match: told[match[1]], text)

    def escaped(self, text: str) -> str:
        """Return text whose separators are escaped."""
        names = {self.field: "F", self.component: "S", self.repetition: "R", self.escape: "E", self.subcomponent: "T"}
        return "".join(f"{self.escape}{names[each]}{self.escape}" if each in names else each for each in text)


@dataclass
class Segment:
    """One segment: its name, its fields (the name being field 0), and its line in the file."""

    name: str
    fields: list[str]
    row: int

    def text(self, number: int) -> str:
        """Return a field as it is written; empty where there is none. The first field of MSH is its separator."""
        at = number - 1 if self.name == "MSH" else number
        return self.fields[at] if 0 < at < len(self.fields) else ""


@dataclass
class Message:
    """One message."""

    marks: Marks
    segments: list[Segment] = field(default_factory=list)

    def first(self, name: str) -> Segment | None:
        """Return the first segment of a name."""
        return next((segment for segment in self.segments if segment.name == name), None)

    def part(self, segment: Segment | None, number: int, component: int = 1) -> str:
        """Return a component of the first repetition of a field, plain."""
        if segment is None:
            return ""
        parts = segment.text(number).split(self.marks.repetition)[0].split(self.marks.component)
        return self.marks.plain(parts[component - 1]).strip() if component <= len(parts) else ""


@dataclass(frozen=True)
class File:
    """One file of messages."""

    path: Path
    name: str

    @cached_property
    def text(self) -> str:
        """Its text: UTF-8, else what Western hospitals write."""
        try:
            raw = self.path.read_bytes()
        except OSError:
            raise UnreadableError(self.name, "not a readable file") from None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")

    @property
    def framed(self) -> bool:
        """Whether messages are framed (MLLP)."""
        return START in self.text

    @property
    def ending(self) -> str:
        """What ends a segment."""
        return "\r\n" if "\r\n" in self.text else "\n" if "\n" in self.text.replace(f"{END}\n", "") else "\r"

    def messages(self) -> Iterator[Message]:
        """Yield the messages.

        Raises
        ------
        UnreadableError
            At a line that is no segment, or that no message begins; it names the line.
        """
        message: Message | None = None
        for row, line in enumerate(re.split(r"\r\n|\r|\n", self.text), start=1):
            line = line.strip(f"{START}{END} ")
            if not line:
                continue
            if line.startswith("MSH"):
                if message is not None:
                    yield message
                message = Message(self._marks(line, row))
            if message is None:
                raise UnreadableError(self.name, "a segment before any MSH; expected a message", row=row)
            fields = line.split(message.marks.field)
            if not _SEGMENT.match(fields[0]):
                raise UnreadableError(self.name, "a line that is no segment of HL7 v2", row=row)
            message.segments.append(Segment(fields[0], fields, row))
        if message is not None:
            yield message

    def _marks(self, line: str, row: int) -> Marks:
        marks = line[3:8]
        if len(marks) < 5 or len(set(marks)) < 5 or any(each.isalnum() for each in marks):
            raise UnreadableError(self.name, "a message whose MSH does not tell its five separators", row=row)
        return Marks(*marks)


def files(place: Path | str) -> tuple[File, ...]:
    """Return the files of messages of a source, by name."""
    if isinstance(place, str) and "://" in place:
        return ()
    root = Path(place)
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    return tuple(
        File(path, path.name if path == root else path.relative_to(root).as_posix())
        for path in paths
        if path.suffix.lower() in SUFFIXES and _is_one(path)
    )


def _is_one(path: Path) -> bool:
    with path.open("rb") as file:
        return _MARKED.match(file.read(HEAD)) is not None
