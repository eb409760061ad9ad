"""The records of a VCF or BCF file, carried over as they are under another header, and indexed as they are written.

Genotypes are not looked at. Where a text beside them names a sample (GATK writes who bears a new variant), its
pseudonym stands there.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from sosie.engine import Event, Listener
from sosie.errors import UnreadableError
from sosie.genomes.redact import binary
from sosie.genomes.redact.heading import Heading
from sosie.genomes.source import bgzf, variant_file
from sosie.genomes.source import header as headers
from sosie.genomes.source.header import Header
from sosie.genomes.source.index import Index, depth_of
from sosie.genomes.source.opened import Origin

EVERY = 10_000
"""Records between two signs of progress."""
UNSORTED = "the records are not in the order of the genome: the copy has no index"
TEXT = frozenset({"GT", "FT", "PGT", "PID", "PS", "RNC"})
"""Fields of genotypes that are text and tell nothing of anybody."""
_STRING = re.compile(r"^##(INFO|FORMAT)=<ID=([^,>]+),.*Type=String", re.MULTILINE)
_NUMBERS = re.compile(r"^##INFO=<ID=([^,>]+),.*Type=(?:Integer|Float|Flag)", re.MULTILINE)
_END = re.compile(rb"(?:^|;)END=(\d+)")


def texts(header: Header) -> tuple[bool, list[str]]:
    """Tell whether records hold text beside genotypes, and which fields of the genotypes themselves are text."""
    found = _STRING.findall("\n".join(header.lines))
    return any(kind == "INFO" for kind, _ in found), [
        name for kind, name in found if kind == "FORMAT" and name not in TEXT
    ]


def told_in(header: Header, replaced: Callable[[str], str]) -> Callable[[str], str]:
    """Return what changes the INFO of a record: the fields that are text, or that the header does not declare."""
    numbers = set(_NUMBERS.findall("\n".join(header.lines)))

    def change(text: str) -> str:
        told = (field.partition("=") for field in text.split(";"))
        return ";".join(f"{key}{sign}{value if key in numbers else replaced(value)}" for key, sign, value in told)

    return change


def copied(
    origin: Origin, header: Header, heading: Heading, path: Path, replaced: Callable[[str], str], listener: Listener
) -> list[str]:
    """Write the copy of a file and its index; return what is to be told of it.

    Raises
    ------
    UnreadableError
        When it is truncated or malformed.
    """
    named, _ = texts(header)
    csi = origin.path.with_name(f"{origin.path.name}.csi").exists()
    lengths = header.lengths
    index = Index(list(lengths), depth_of(max(lengths.values(), default=0)))
    told: list[str] = []
    try:
        with ExitStack() as stack:
            source = stack.enter_context(headers.opened(origin))
            _, is_binary = headers.raw(source, origin)
            text = heading.text.encode()
            change = replaced if named else None
            within = told_in(header, replaced)
            if is_binary:
                file = stack.enter_context(bgzf.Writer(path))
                file.write(b"BCF\x02\x02" + struct.pack("<I", len(text) + 1) + text + b"\0")
                sorted_ = _records(file, binary.records(source, origin, change, header), index, listener)
            elif headers.zipped(origin):
                file = stack.enter_context(bgzf.Writer(path))
                file.write(text)
                sorted_ = _records(file, _lines(source, origin, within, index, len(header.columns)), index, listener)
            else:
                plain = stack.enter_context(path.open("wb"))
                plain.write(text)
                for number, (line, *_) in enumerate(_lines(source, origin, within, index, len(header.columns))):
                    plain.write(line)
                    _progress(number, listener)
                return told
    except (EOFError, OSError, zlib.error, struct.error):
        path.unlink(missing_ok=True)
        raise UnreadableError(origin.name, "the file is truncated or damaged; not copied") from None
    except UnreadableError:
        path.unlink(missing_ok=True)
        raise
    if sorted_:
        variant_file.keep(index, path, binary=is_binary, csi=csi)
    else:
        told.append(UNSORTED)
    return told


Placed = tuple[bytes, int, int, int]
"""A record, the number of its contig, and the stretch that it covers, from 0."""


def _records(file: bgzf.Writer, records: Iterator[Placed], index: Index, listener: Listener) -> bool:
    """Write records, and tell whether they were in order."""
    seen: set[int] = set()
    last, sorted_ = (-1, -1), True
    for number, (record, contig, start, stop) in enumerate(records):
        begin = file.tell()
        file.write(record)
        if contig != last[0]:
            sorted_ = sorted_ and contig not in seen
            seen.add(contig)
        elif start < last[1]:
            sorted_ = False
        last = contig, start
        if sorted_:
            index.add(contig, start, stop, begin, file.tell())
        _progress(number, listener)
    return sorted_


def _lines(
    source: BinaryIO, origin: Origin, change: Callable[[str], str], index: Index, width: int
) -> Iterator[Placed]:
    for line in source:
        words = line.split(b"\t", 9)
        if len(words) < 10 or line.count(b"\t") != width - 1:
            if not line.strip():
                continue
            found = line.count(b"\t") + 1
            where = b":".join(words[:2]).decode("utf-8", "replace") if len(words) > 1 else "the first record"
            raise UnreadableError(origin.name, f"{found} columns near {where}; expected {width}")
        if not words[1].isdigit():
            raise UnreadableError(origin.name, "a position is not a whole number")
        start = int(words[1]) - 1
        end = _END.search(words[7])
        stop = max(int(end[1]) if end else 0, start + len(words[3]))
        told = words[7].decode("utf-8", "surrogateescape")
        new = change(told)
        if new != told:
            line = b"\t".join([*words[:7], new.encode("utf-8", "surrogateescape"), *words[8:]])
        if not line.endswith(b"\n"):
            line += b"\n"
        yield line, index.number(words[0].decode("utf-8", "replace")), max(start, 0), stop


def _progress(number: int, listener: Listener) -> None:
    if number % EVERY == 0:
        listener(Event("redact genomes", number))
