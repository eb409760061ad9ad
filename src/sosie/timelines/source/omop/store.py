"""Tables of the model into files: under the names, with the columns and separators that came in.

Vocabularies are copied row by row as they are, but for what a site made itself: a local concept that no double bears
tells what some patient of the source had.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from sosie.errors import UnreadableError
from sosie.timelines.source.omop import specification
from sosie.timelines.source.omop.base import Base, Parquet, Stored
from sosie.timelines.source.omop.delimited import Delimited

DATE, MOMENT, FINE = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.3f"


def write(base: Base, frames: Mapping[str, pl.DataFrame], directory: Path) -> None:
    """Write tables in the form of a source: a folder, a zip of one, a DuckDB file, or Parquet for a database.

    Parameters
    ----------
    base : Base
        The source, whose form it is and whose vocabularies are copied.
    frames : mapping of str to polars.DataFrame
        All other tables.
    directory : Path
    """
    tables = {**frames, **dict(vocabularies(base, frames))}
    directory.mkdir(parents=True, exist_ok=True)
    if base.kind == "duckdb":
        from sosie.timelines.source.omop import database

        database.save(tables, directory / Path(base.place).name, base)
    elif base.kind == "sql":
        for name, frame in tables.items():
            shaped(frame, base.tables.get(name)).write_parquet(directory / f"{name}.parquet")
    elif base.kind == "zip":
        with zipfile.ZipFile(directory / Path(base.place).name, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, frame in tables.items():
                # A date of its own would tell when it was written.
                member = zipfile.ZipInfo(_file(base, name), (1980, 1, 1, 0, 0, 0))
                archive.writestr(member, _text(frame, base, name), zipfile.ZIP_DEFLATED)
    else:
        for name, frame in tables.items():
            _write(frame, base, name, directory / _file(base, name))


def vocabularies(base: Base, frames: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the vocabularies of a source, without the local concepts that no table bears."""
    borne = _borne(frames)
    for name, stored in base.tables.items():
        if name not in specification.VOCABULARY:
            continue
        lower = tuple(column.lower() for column in stored.columns)
        frame = stored.read(lower)
        if not frame.width:
            frame = pl.DataFrame(schema=dict.fromkeys(lower, pl.String()))
        for column in (each for each in frame.columns if "concept_id" in each):
            number = frame[column].cast(pl.Int64, strict=False)
            foreign = (number >= specification.LOCAL) & ~number.is_in(borne.implode())
            frame = frame.filter(~foreign.fill_null(False))
        yield name, frame


def _borne(frames: Mapping[str, pl.DataFrame]) -> pl.Series:
    used = [
        frame[column].cast(pl.Int64, strict=False).unique()
        for frame in frames.values()
        for column in frame.columns
        if column.endswith("concept_id")
    ]
    return pl.concat([pl.Series([], dtype=pl.Int64), *(each.alias("") for each in used)]).unique()


def shaped(frame: pl.DataFrame, stored: Stored | None) -> pl.DataFrame:
    """Return a table with the columns of the source, as it spells them; those that it alone has are empty."""
    if stored is None:
        return frame
    cells = [
        (pl.col(name.lower()) if name.lower() in frame.columns else pl.lit(None, dtype=pl.String)).alias(name)
        for name in stored.columns
    ]
    return frame.select(cells) if len(frame) else frame.clear().with_columns(pl.lit(1).alias("")).select(cells).clear()


def _file(base: Base, name: str) -> str:
    """Return the name of a file: its own, or one like those beside it."""
    if name in base.tables:
        return base.tables[name].file
    like = next(iter(base.tables.values())).file
    folder, _, last = like.rpartition("/")
    stem = name.upper() if last.split(".")[0].isupper() else name
    return f"{folder}/{stem}.{last.split('.', 1)[1]}" if folder else f"{stem}.{last.split('.', 1)[1]}"


def _write(frame: pl.DataFrame, base: Base, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".parquet":
        stored = base.tables.get(name)
        kinds = pl.read_parquet_schema(Path(base.place) / stored.file) if isinstance(stored, Parquet) else {}
        _as_before(shaped(frame, stored), kinds).write_parquet(path)
        return
    text = _text(frame, base, name)
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix.lower() == ".gz" else text)


def _as_before(frame: pl.DataFrame, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return a table in the types of the file that came in, where they hold its cells."""
    held = []
    for column in frame:
        kind = kinds.get(column.name, column.dtype)
        told = column.cast(kind, strict=False) if not kind.is_temporal() or column.dtype.is_temporal() else column
        held.append(told if told.null_count() == column.null_count() else column)
    return pl.DataFrame(held)


def _text(frame: pl.DataFrame, base: Base, name: str) -> bytes:
    stored = base.tables.get(name)
    like = stored if isinstance(stored, Delimited) else next(iter(base.tables.values()))
    separator = like.separator if isinstance(like, Delimited) else ","
    cells = shaped(frame, stored)
    fine = any((cells[each.name].dt.millisecond() != 0).any() for each in cells if isinstance(each.dtype, pl.Datetime))
    moment = FINE if fine else MOMENT
    dates = [pl.col(each.name).dt.to_string(moment) for each in cells if isinstance(each.dtype, pl.Datetime)]
    buffer = io.BytesIO()
    try:
        cells.with_columns(dates).write_csv(buffer, separator=separator, date_format=DATE)
    except pl.exceptions.PolarsError:
        raise UnreadableError(_file(base, name), "cannot be written as text") from None
    return buffer.getvalue()
