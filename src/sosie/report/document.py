"""A document before it has a format: sections of paragraphs, lists, definitions and tables, as frozen values.

It is built once from the evidence and written by one small writer a format; a writer decides how things look, never
what is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sosie.evidence import Status
from sosie.report.words import Language

Tone = Literal["plain", "lead", "quiet", "warning", "released", "open", "refused"]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph, and how it is meant: ``warning`` stands out, ``released`` to ``refused`` are a verdict."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list, each item with an optional name before it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Definition:
    """A term and what is known of it; what is missing says so and is marked."""

    term: str
    value: str
    missing: bool = False


@dataclass(frozen=True)
class Definitions:
    """Terms and values."""

    entries: tuple[Definition, ...]


@dataclass(frozen=True)
class Table:
    """A table with a header row.

    Parameters
    ----------
    header : tuple of str
    rows : tuple of tuple of str
        As many cells in each row as in the header.
    widths : tuple of int
        Relative widths of the columns; equal when empty.
    figures : frozenset of int
        Columns that hold figures, set to the right.
    statuses : tuple of Status
        The status that the last cell of each row states; none when empty.
    note : str
        A line below, such as how many rows were left out.
    missing : str
        The words of a cell that is to be filled in, and is marked; none when empty.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    figures: frozenset[int] = frozenset()
    statuses: tuple[Status, ...] = ()
    note: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Blanks:
    """Lines to fill in by hand, each after its label."""

    labels: tuple[str, ...]


Block = Paragraph | Bullets | Definitions | Table | Blanks


@dataclass(frozen=True)
class Section:
    """A heading, what stands under it, and the sections below it."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Document:
    """A whole document."""

    title: str
    subtitle: str
    language: Language
    created: datetime
    author: str
    footer: str
    sections: tuple[Section, ...] = field(default=())
