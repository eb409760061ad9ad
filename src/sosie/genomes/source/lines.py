"""The text files beside binary genotypes: rows of words, with the number of the line at fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sosie.errors import UnreadableError

SEXES = {"1": "M", "2": "F", "M": "M", "F": "F", "MALE": "M", "FEMALE": "F"}


def lines_of(path: Path, name: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text file, compressed with zstd or not, with their numbers.

    Raises
    ------
    UnreadableError
    """
    try:
        if path.suffix == ".zst":
            import pyarrow as pa

            with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as packed:
                text = packed.read().decode("utf-8")
            yield from enumerate(text.splitlines(), start=1)
            return
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield number, line.rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnreadableError(name, "the file is not text in UTF-8") from None
    except OSError:
        raise UnreadableError(name, "the file cannot be opened, or is truncated") from None


def rows_of(path: Path, name: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the words of each line that has some.

    Raises
    ------
    UnreadableError
        Where there are fewer than ``width``.
    """
    for number, line in lines_of(path, name):
        words = line.split("\t") if "\t" in line else line.split()
        if not words:
            continue
        if len(words) < width:
            raise UnreadableError(name, f"{len(words)} columns; expected {width} or more", row=number)
        yield number, words


def whole(word: str, name: str, row: int) -> int:
    """Return a position as a number.

    Raises
    ------
    UnreadableError
    """
    try:
        return int(word)
    except ValueError:
        raise UnreadableError(name, "the position is not a whole number", row=row) from None


def once(samples: list[str], rows: list[int], name: str) -> None:
    """Refuse a sample that stands twice in a file.

    Raises
    ------
    UnreadableError
    """
    seen: set[str] = set()
    for sample, row in zip(samples, rows, strict=True):
        if sample in seen:
            raise UnreadableError(name, "the sample of this row stands in the file twice", row=row)
        seen.add(sample)


def named(family: str, individual: str) -> tuple[str, ...]:
    """Return the names by which a person of a family may be known elsewhere."""
    if family in {"0", "", individual}:
        return (individual, f"{individual}_{individual}")
    return (individual, f"{family}_{individual}", f"{family}:{individual}", f"{family} {individual}", family)
